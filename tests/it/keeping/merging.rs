//! Merging duplicates: both addresses go on working, and no merge closes a circle.

use casebook::domain::Role;

use super::{led_to, merge, reinstate, send, with_editor, withdraw};
use crate::database::TestDatabase;
use crate::people::{Person, person};
use crate::server::{self, Node, SOON, eventually, story};

/// A node with stories of those titles, and an editor.
async fn with_stories(titles: &[&str]) -> (Node, TestDatabase, Person, Vec<String>) {
    let (node, database) = server::empty().await;
    let editor = person(&node, &database.url, Role::Editor).await;
    let paths = titles.iter().map(|title| format!("/stories/{}", node.client.submit(&story(title)))).collect();
    (node, database, editor, paths)
}

#[tokio::test]
async fn both_addresses_go_on_working_and_old_permalinks_still_show_what_was_there() {
    let (node, database, editor, paths) = with_stories(&["Dingodrift twice told", "Dingodrift told again"]).await;
    let [merged, kept] = paths.as_slice() else { panic!("two stories") };
    let reader = person(&node, &database.url, Role::Reader).await;
    eventually(SOON, "both found", || node.client.finds("dingodrift").len() == 2);
    let choice = editor.client.get(&format!("{merged}/merge"));
    assert_eq!(choice.attributes(".alike a", "href"), [format!("{merged}/merge?into={}", &kept[9..])]);
    assert!(choice.texts(".alike-percent")[0].ends_with("% alike"));
    let both = editor.client.get(&format!("{merged}/merge?into=https://anywhere.example{kept}"));
    assert_eq!(both.texts(".beside-title"), ["Dingodrift twice told", "Dingodrift told again"]);
    let empty = merge(&editor.client, merged, kept, "");
    assert_eq!((empty.status, empty.texts("#reason-complaint").len()), (422, 1));

    let answer = merge(&editor.client, merged, kept, "Beide erzählen 同じ事故");
    assert_eq!((answer.status, answer.header("location")), (303, kept.as_str()), "{}", answer.text);
    assert_eq!(led_to(&reader.client, merged), *kept);
    assert_eq!(led_to(&reader.client, &format!("{merged}.md")), format!("{kept}.md"));
    assert_eq!(led_to(&reader.client, &format!("/api/v1{merged}")), format!("/api/v1{kept}"));
    assert_eq!(led_to(&reader.client, &format!("{merged}/feed.atom")), format!("{kept}/feed.atom"));
    let old = reader.client.get(&format!("{merged}/revisions/1"));
    assert_eq!((old.status, old.texts("h1")), (200, vec!["Dingodrift twice told".to_owned()]));
    assert_eq!(old.attributes(".notice-gone a", "href")[0], *kept);
    assert_eq!(reader.client.get(&format!("{merged}/revisions")).status, 200);
    assert_eq!(reader.client.get(kept).status, 200);
    eventually(SOON, "one is found", || node.client.finds("dingodrift") == [&kept[9..]]);
}

#[tokio::test]
async fn chains_of_merges_lead_to_their_end_and_circles_are_refused() {
    let (node, _database, editor, paths) = with_stories(&["One", "Two", "Three", "Four"]).await;
    let [one, two, three, four] = paths.as_slice() else { panic!("four stories") };
    assert_eq!(merge(&editor.client, one, two, "same").status, 303);
    assert_eq!(merge(&editor.client, two, three, "same").status, 303);
    assert_eq!(led_to(&node.client, one), *three);
    assert_eq!(led_to(&node.client, two), *three);
    // To merge into what was merged is to merge into what is left of it.
    assert_eq!(merge(&editor.client, four, one, "same").header("location"), *three);
    assert_eq!(led_to(&node.client, four), *three);

    for (into, words) in [
        (one, "leads here"),
        (three, "this very record"),
        (&"/stories/none".to_owned(), "no story"),
        (&"x y".to_owned(), "Expected"),
    ] {
        let answer = editor.client.get(&format!("{three}/merge?into={}", into.replace(' ', "%20")));
        assert_eq!(answer.status, 422, "{into}");
        assert!(answer.texts("#into-complaint")[0].contains(words), "{into}: {:?}", answer.texts("#into-complaint"));
        let page = editor.client.get(&format!("{three}/withdraw"));
        let csrf = page.attributes("input[name=csrf]", "value").remove(0);
        let forced = [("csrf", csrf.as_str()), ("into", into.as_str()), ("reason", "same")];
        assert_eq!(editor.client.post_form(&format!("{three}/merge"), &forced).status, 422, "{into}");
    }
    assert_eq!(node.client.get(three).status, 200);

    // The end of a chain may be withdrawn: all addresses say so.
    withdraw(&editor.client, three, "wrong");
    assert_eq!(led_to(&node.client, one), *three);
    assert_eq!(node.client.get(three).status, 410);
    reinstate(&editor.client, three);
}

#[tokio::test]
async fn a_merged_record_can_be_published_again() {
    let (node, database, editor, paths) = with_stories(&["Bilbybreak one", "Bilbybreak two"]).await;
    let [one, two] = paths.as_slice() else { panic!("two stories") };
    assert_eq!(merge(&editor.client, one, two, "same").status, 303);
    let history = editor.client.get(&format!("{one}/revisions"));
    assert_eq!(history.status, 200);
    let answer = send(&editor.client, &format!("{one}/revisions"), &[]);
    assert_eq!((answer.status, answer.header("location")), (303, one.as_str()), "{}", answer.text);
    assert_eq!(node.client.get(one).status, 200);
    eventually(SOON, "both are found", || node.client.finds("bilbybreak").len() == 2);
    let reader = person(&node, &database.url, Role::Reader).await;
    assert!(reader.client.get(&format!("{one}/revisions")).attributes("form[action$=reinstate]", "action").is_empty());
}

#[tokio::test]
async fn merges_at_the_same_moment_leave_one_record_of_each_ring() {
    let titles = ["Ring one", "Ring two", "Ring three", "Ring four", "Ring five", "Ring six"];
    let (node, database, editor, paths) = with_stories(&titles).await;
    let forms: Vec<_> = (0..paths.len())
        .map(|n| {
            let (merged, into) = (&paths[n], &paths[(n + 1) % paths.len()]);
            let page = editor.client.get(&format!("{merged}/merge?into={}", &into[9..]));
            (format!("{merged}/merge"), super::filled(&page, &[("reason", "same")]))
        })
        .collect();
    let threads: Vec<_> = forms
        .into_iter()
        .map(|(target, fields)| {
            let client = editor.client.clone();
            std::thread::spawn(move || {
                let fields: Vec<(&str, &str)> = fields.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
                client.post_form(&target, &fields).status
            })
        })
        .collect();
    let answers: Vec<u16> = threads.into_iter().map(|thread| thread.join().expect("joined")).collect();
    assert!(answers.iter().all(|status| [303, 409, 422].contains(status)), "{answers:?}");
    let left: Vec<&String> = paths.iter().filter(|path| node.client.get(path).status == 200).collect();
    assert_eq!(left.len(), 1, "{answers:?}");
    for path in paths.iter().filter(|path| *path != left[0]) {
        assert_eq!(led_to(&node.client, path), *left[0]);
    }
    let mut connection = database.database.connection().await.expect("connection");
    let published = casebook::store::record::count_published(&mut connection).await.expect("counted");
    assert_eq!(published, 1);
}

#[tokio::test]
async fn stories_of_a_merged_pattern_count_for_the_kept_one_and_no_revision_is_written() {
    let (node, _database, editor) = with_editor().await;
    let seed = server::seed();
    let (slug, with_pattern, _) = &seed.stories[0];
    let merged = with_pattern.patterns[0].clone();
    let kept = seed.patterns.iter().map(|(slug, ..)| slug).find(|slug| !with_pattern.patterns.contains(slug));
    let kept = kept.expect("another pattern").clone();
    let stories = || {
        let whole = node.client.get(&format!("/api/v1/patterns/{kept}")).json();
        whole["stories"].as_array().expect("stories").iter().map(|one| one["slug"].to_string()).collect::<Vec<_>>()
    };
    let before = stories();
    let form = editor.client.get(&format!("/patterns/{merged}/merge?into={kept}"));
    assert!(form.texts(".effects strong").concat().contains("the first."), "{:?}", form.texts(".effects"));
    let (from, to) = (format!("/patterns/{merged}"), format!("/patterns/{kept}"));
    assert_eq!(merge(&editor.client, &from, &to, "the same failure").status, 303);
    assert_eq!(led_to(&node.client, &from), to);
    assert!(stories().len() > before.len());
    let of_story = node.client.get(&format!("/api/v1/stories/{slug}")).json();
    assert_eq!(of_story["revision"], 1, "nothing was rewritten");
    let named = of_story["patterns"].to_string();
    assert!(named.contains(kept.as_str()) && !named.contains(merged.as_str()), "{named}");
    let count = || {
        let listed = node.client.get("/api/v1/patterns?limit=100").json();
        let all = listed["results"].as_array().expect("results").clone();
        all.iter().find(|one| one["slug"] == kept.as_str()).map(|one| one["instances"].as_u64()).expect("listed")
    };
    let many = stories().len() as u64;
    eventually(SOON, "counted", || count() == Some(many));
    let path = format!("/stories/{slug}");
    eventually(SOON, "linked", || node.client.get(&path).attributes(&format!("a[href='{to}']"), "href").len() == 1);
    eventually(SOON, "listed", || node.client.get(&to).text.contains(&path));

    let answer = send(&editor.client, &format!("{from}/revisions"), &[]);
    assert_eq!(answer.status, 303, "{}", answer.text);
    eventually(SOON, "counted as before", || count() == Some(before.len() as u64));
    assert!(stories() == before);
}
