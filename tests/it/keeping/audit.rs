//! Reading and exporting the audit log.

use std::collections::BTreeSet;

use casebook::domain::Role;
use sqlx::{Connection, Executor, PgConnection};

use super::{merge, reinstate, withdraw};
use crate::browsing::assert_inert;
use crate::people::person;
use crate::server::{self, story};

#[tokio::test]
async fn what_editors_do_is_in_the_log_and_can_be_looked_for() {
    let (node, database) = server::empty().await;
    let editor = person(&node, &database.url, Role::Editor).await;
    let admin = person(&node, &database.url, Role::Admin).await;
    let paths: Vec<String> = ["Logged one", "Logged two"]
        .iter()
        .map(|title| format!("/stories/{}", node.client.submit(&story(title))))
        .collect();
    withdraw(&editor.client, &paths[0], "理由 <script>");
    reinstate(&editor.client, &paths[0]);
    assert_eq!(merge(&editor.client, &paths[0], &paths[1], "same").status, 303);
    let page = admin.client.get("/audit");
    assert_eq!(page.status, 200);
    let deeds = page.texts(".audit-deed");
    assert_eq!(deeds[..3], ["Merged", "Reinstated", "Withdrawn"]);
    assert_eq!(page.texts(".audit-detail")[0], format!("into {}: same", &paths[1][1..]));
    assert!(page.texts(".audit-detail").contains(&"理由 <script>".to_owned()));
    assert!(page.attributes(".audit-subject a", "href").contains(&paths[0]));
    assert_inert("the audit log", &page);

    // Midnight may pass meanwhile.
    let (yesterday, tomorrow) = (day(-1), day(1));
    let found = |query: &str| admin.client.get(&format!("/audit?{query}")).texts(".audit-deed");
    assert_eq!(found("deed=withdrawn"), ["Withdrawn"]);
    assert_eq!(found("who=EDITOR").len(), 3);
    assert_eq!(found("subject=logged-two"), ["Published"]);
    assert_eq!(found(&format!("from={yesterday}&to={tomorrow}&deed=merged&who=editor&subject=one")), ["Merged"]);
    assert!(found("to=1999-01-01").is_empty());
    for (query, field) in [("from=soon", "from"), ("to=2026-02-30", "to"), ("deed=stolen", "deed")] {
        let answer = admin.client.get(&format!("/audit?{query}&who=kept"));
        assert_eq!((answer.status, answer.texts(&format!("#{field}-complaint")).len()), (422, 1), "{query}");
        assert_eq!(answer.attributes("#who", "value"), ["kept"]);
    }
    for role in [Role::Reader, Role::Author, Role::Editor] {
        let person = person(&node, &database.url, role).await;
        for path in ["/audit", "/audit.jsonl"] {
            assert_eq!(person.client.get(path).status, 403, "{role} {path}");
        }
    }
}

/// A day in so many days, as the form has it.
fn day(in_days: i64) -> String {
    (chrono::Utc::now() + chrono::TimeDelta::days(in_days)).format("%Y-%m-%d").to_string()
}

#[tokio::test]
async fn ten_thousand_lines_are_exported_each_once_and_the_export_is_in_the_log() {
    let (node, database) = server::empty().await;
    let admin = person(&node, &database.url, Role::Admin).await;
    let mut connection = PgConnection::connect(&database.url).await.expect("connect");
    connection
        .execute(
            "INSERT INTO audit (at, actor_name, action, subject, detail)
             SELECT '2026-01-01'::timestamptz + n * interval '1 minute', 'Zoë ' || n, 'logged-in', 'Zoë', E'a \"line\"\n' || n
             FROM generate_series(1, 10000) AS n",
        )
        .await
        .expect("lines");
    let export = admin.client.get("/audit.jsonl");
    assert_eq!(export.status, 200);
    assert!(export.header("content-disposition").contains("casebook-audit.jsonl"));
    let lines: Vec<serde_json::Value> =
        export.text.lines().map(|line| serde_json::from_str(line).expect("a line of JSON")).collect();
    assert_eq!(lines.len(), 10_001);
    let numbers: BTreeSet<i64> = lines.iter().map(|line| line["n"].as_i64().expect("a number")).collect();
    assert_eq!(numbers.len(), 10_001);
    assert_eq!(lines[41]["detail"], "a \"line\"\n42");
    assert_eq!(lines[10_000]["deed"], "audit-exported");

    // The pages of the log, one after the other, show every line once.
    let (mut path, mut seen) = ("/audit?who=zo%C3%AB+99".to_owned(), Vec::new());
    loop {
        let page = admin.client.get(&path);
        seen.extend(page.texts(".audit-who"));
        match page.attributes("a[rel=next]", "href").pop() {
            Some(next) => path = next,
            None => break,
        }
    }
    assert_eq!(seen.len(), 111, "99, 990 to 999, 9900 to 9999");
    assert_eq!((seen[0].as_str(), seen[110].as_str()), ("Zoë 9999", "Zoë 99"));
}
