//! Secrets of a paste are matched and never come back: not in pages, headers, JSON, the terminal or the log.

use serde_json::json;

use crate::database::folder;
use crate::program::{Serving, run};
use crate::server::{self, Answer};

const SECRETS: [&str; 3] = ["ghp_16C7e42F292c6912E7710c838347Ae178B4a", "mallory.turnip@corp.invalid", "10.91.37.214"];

fn evidence() -> String {
    let [token, email, address] = SECRETS;
    format!(
        "0/256 nodes are available: subnet exhausted\n\
         Authorization: Bearer {token}\n\
         deployment by {email} stuck for an hour, {address} refused, 256 nodes"
    )
}

#[track_caller]
fn assert_kept_quiet(place: &str, text: &str) {
    for secret in SECRETS {
        // Also as an address would write it.
        for spelling in [secret.to_owned(), secret.replace('@', "%40")] {
            assert!(!text.contains(&spelling), "{place} holds {spelling}: {text}");
        }
    }
    for part in ["mallory", "turnip", "16C7e42F"] {
        assert!(!text.contains(part), "{place} holds {part}: {text}");
    }
}

#[track_caller]
fn assert_quiet_answer(place: &str, answer: &Answer) {
    assert_kept_quiet(place, &answer.text);
    for (name, value) in &answer.headers {
        assert_kept_quiet(&format!("{place}, {name}"), &String::from_utf8_lossy(value.as_bytes()));
    }
}

#[tokio::test]
async fn no_way_in_gives_a_secret_back() {
    let (node, _database) = server::with_library().await;
    let evidence = evidence();
    let page = node.client.post_form("/", &[("evidence", &evidence)]);
    assert_eq!(page.status, 200, "evidence with a secret gets no address");
    assert_quiet_answer("the page", &page);
    assert!(page.text.contains("/stories/loveholidays-gke-pod-ip-exhaustion"), "it is matched all the same");
    let said = page.texts(".read").join(" ");
    assert!(said.contains("1 token") && said.contains("masked") && said.contains("nothing of the paste"), "{said}");

    let query = serde_html_form::to_string([("q", &evidence)]).expect("query");
    assert_quiet_answer("the page at an address", &node.client.get(&format!("/?{query}")));
    let refused = node.client.post_form("/", &[("evidence", &format!("{evidence}\0"))]);
    assert_eq!(refused.status, 400);
    assert_quiet_answer("the page of evidence that cannot be read", &refused);

    let symptom = &page.attributes("input[name=symptom]", "value")[0];
    let form = node.client.post_form("/stories/new", &[("action", "start"), ("symptom", symptom)]);
    assert_eq!(form.status, 200, "{}", form.text);
    assert_quiet_answer("the new story", &form);

    assert_quiet_answer("JSON", &node.client.post_json("/api/v1/match", &json!({ "evidence": evidence, "limit": 3 })));
    let text = node.client.post("/api/v1/match", &[("content-type", "text/plain")], &evidence);
    assert_quiet_answer("JSON of text", &text);

    for more in [&["--json"][..], &[]] {
        let output = run(&[&["match", "--stories", "stories"], more].concat(), &evidence);
        assert_eq!(output.status.code(), Some(0));
        assert_kept_quiet("the terminal", &String::from_utf8_lossy(&output.stdout));
        assert_kept_quiet("the terminal's errors", &String::from_utf8_lossy(&output.stderr));
    }
}

#[test]
fn the_log_of_the_server_says_nothing_of_a_paste() {
    let data = folder("casebook-secrets");
    let serving = Serving::start(&data, &[]);
    let evidence = evidence();
    serving.client.post_form("/", &[("evidence", &evidence)]);
    serving.client.post_form("/", &[("evidence", &format!("{evidence}\0"))]);
    let query = serde_html_form::to_string([("q", &evidence)]).expect("query");
    serving.client.get(&format!("/?{query}"));
    serving.client.post("/api/v1/match", &[("content-type", "text/plain")], &evidence);
    assert!(serving.terminate().success());
    let log = std::fs::read_to_string(data.with_extension("log")).expect("log");
    assert!(log.contains("/api/v1/match"), "requests are logged: {log}");
    assert_kept_quiet("the log", &log);
}
