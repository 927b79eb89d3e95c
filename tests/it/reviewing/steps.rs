//! Every step: who may take it, where it leads, and what is kept of it.

use casebook::domain::Role;

use super::{World, act, audit, done, form, hand_in, page, press, steps, write};
use crate::server::{SOON, eventually};

#[tokio::test]
async fn a_draft_goes_from_the_queue_to_a_story_that_is_found() {
    let world = World::new().await;
    let (author, editor) = (&world.author.client, &world.editor.client);
    let draft = world.handed_in("Pods lost their zyxomma").await;
    let queue = editor.get("/review");
    assert_eq!(queue.texts(".queue-title"), ["Pods lost their zyxomma"]);
    assert!(queue.texts(".queue .facts-line")[0].contains("a new story"), "{:?}", queue.texts(".queue"));

    let shown = page(editor, draft);
    done(&press(editor, &shown, draft, "comment", "root_cause", "Which limit?\nAnd <b>why</b>?"));
    done(&act(author, draft, "comment", "The one of the pool."));
    let shown = page(editor, draft);
    assert_eq!(shown.texts(".said-words"), ["Which limit? And <b>why</b>?", "The one of the pool."]);
    assert_eq!(shown.attributes(".said-about a", "href"), ["#field-root_cause"]);
    assert_eq!(shown.texts(".say-about span").iter().filter(|text| text.contains("1 comment")).count(), 1);

    assert_eq!(done(&act(editor, draft, "ask", "Say which limit.")), format!("/review/{draft}#said-4"));
    assert_eq!(editor.get("/review").texts(".queue-title"), Vec::<String>::new());
    let mine = page(author, draft);
    assert_eq!(mine.attributes(".record-actions a.button:not(.button-quiet)", "href"), [format!("/drafts/{draft}")]);

    hand_in(&world.database, world.author.account, Role::Author, draft).await;
    assert!(world.node.client.finds("zyxomma").is_empty(), "nothing of it can be found before");
    assert_eq!(done(&act(editor, draft, "publish", "")), "/stories/pods-lost-their-zyxomma?saved=1");
    eventually(SOON, "the story is found", || world.node.client.finds("zyxomma").len() == 1);
    assert_eq!(
        steps(&world.database, draft).await,
        ["submitted", "commented", "commented", "changes_asked", "submitted", "published"]
    );
    let log = audit(&world.database).await;
    let deeds: Vec<&str> = log.iter().map(|(deed, _)| deed.as_str()).collect();
    assert_eq!(deeds, ["submitted", "changes-asked", "submitted", "published"]);
    assert_eq!(log[1].1, "Pods lost their zyxomma: Say which limit.");
    assert!(log[3].1.starts_with(&format!("revision 1; review/{draft}, written by Author ")), "{}", log[3].1);
    let over = page(author, draft);
    assert_eq!(over.attributes(".record-actions a", "href"), ["/stories/pods-lost-their-zyxomma"]);
    assert!(over.texts(".say").is_empty(), "nothing can be said any more");
}

#[tokio::test]
async fn only_its_author_and_reviewers_know_that_a_draft_is_there() {
    let world = World::new().await;
    let draft = world.handed_in("A draft").await;
    let path = format!("/review/{draft}");
    for role in [Role::Author, Role::Reader] {
        let other = world.person(role).await;
        let status = other.client.get(&path).status;
        assert_eq!(status, if role == Role::Author { 404 } else { 403 }, "{role}");
        assert_eq!(other.client.get("/review").status, 403);
        let answer = other.client.post_form(&path, &[("action", "comment"), ("words", "x")]);
        assert_eq!(answer.status, status, "{role}");
    }
    assert!(world.node.client.get(&path).header("location").starts_with("/login?return="));
    assert_eq!(world.editor.client.get("/review/nonsense").status, 404);
    // What was never handed in is nobody else's business.
    let unfinished = write(&world.database, Some(world.author.account), &form("Unfinished", &[]), None).await;
    assert_eq!(world.editor.client.get(&format!("/review/{unfinished}")).status, 404);
    assert_eq!(world.author.client.get(&format!("/review/{unfinished}")).status, 200);
}

#[tokio::test]
async fn steps_that_cannot_be_taken_are_refused_and_nothing_typed_is_lost() {
    let world = World::new().await;
    let (author, editor) = (&world.author.client, &world.editor.client);
    let draft = world.handed_in("A draft").await;
    for action in ["ask", "decline", "publish"] {
        assert_eq!(act(author, draft, action, "I say so").status, 403, "an author does not {action}");
    }
    assert_eq!(act(editor, draft, "take_back", "").status, 403);
    assert_eq!(act(editor, draft, "burn", "x").status, 400);
    for action in ["comment", "ask", "decline"] {
        let refused = act(editor, draft, action, "  ");
        assert_eq!(refused.status, 422, "{action} takes words");
        assert!(refused.texts("title")[0].starts_with("Error: "), "{:?}", refused.texts("title"));
        assert_eq!(refused.attributes(".review-notice a", "href"), ["#words"]);
        assert_eq!(refused.attributes("#words", "aria-invalid"), ["true"]);
    }
    let long = "x".repeat(4001);
    let refused = act(editor, draft, "ask", &long);
    assert_eq!((refused.status, refused.texts("#words").concat().len()), (422, 4001));
    let shown = page(editor, draft);
    assert_eq!(press(editor, &shown, draft, "comment", "password", "x").status, 422);
    let forged =
        editor.post_form(&format!("/review/{draft}"), &[("action", "decline"), ("words", "kept"), ("version", "1")]);
    assert_eq!((forged.status, forged.texts("#words")), (403, vec!["kept".to_owned()]));
    assert_eq!(steps(&world.database, draft).await, ["submitted"]);
}

#[tokio::test]
async fn a_draft_is_taken_back_by_its_author_and_declined_for_good() {
    let world = World::new().await;
    let (author, editor) = (&world.author.client, &world.editor.client);
    let draft = world.handed_in("A draft").await;
    let seen = page(editor, draft);
    done(&act(author, draft, "take_back", ""));
    let late = press(editor, &seen, draft, "publish", "", "");
    assert_eq!(late.status, 409, "{}", late.text);
    assert!(
        late.texts(".review-notice").concat().contains("cannot be published"),
        "{:?}",
        late.texts(".review-notice")
    );

    hand_in(&world.database, world.author.account, Role::Author, draft).await;
    done(&act(editor, draft, "decline", "It is about a cat."));
    let over = page(author, draft);
    assert_eq!(over.texts(".said-declined .said-words"), ["It is about a cat."]);
    assert_eq!(over.texts(".review-standing"), ["Declined"]);
    assert_eq!(editor.get("/api/v1/stories/a-draft").status, 404);
    assert_eq!(steps(&world.database, draft).await, ["submitted", "taken_back", "submitted", "declined"]);
}

#[tokio::test]
async fn an_editor_may_publish_their_own_and_the_log_says_so() {
    let world = World::new().await;
    let draft = write(&world.database, Some(world.editor.account), &form("My own", &[]), None).await;
    hand_in(&world.database, world.editor.account, Role::Editor, draft).await;
    done(&act(&world.editor.client, draft, "publish", ""));
    let (_, detail) = audit(&world.database).await.pop().expect("a line");
    assert_eq!(detail, format!("revision 1; review/{draft}, written by the one who published it"));
}

#[tokio::test]
async fn a_draft_that_is_not_right_is_not_published_and_says_why() {
    let world = World::new().await;
    let editor = &world.editor.client;
    let rule = [
        ("rules_kind", "log"),
        ("rules_name", "A rule"),
        ("rules_text", "set:\n  match:\n    - value: limit reached\n"),
        ("fires_on_rule", "0"),
        ("fires_on_text", "all is well"),
    ];
    for (more, words) in [
        (&[("remediation", "")][..], "Remediation is missing."),
        (&[("patterns", "no-such-pattern")][..], "no-such-pattern"),
        (&rule[..], "Detection rule 1"),
    ] {
        let draft = write(&world.database, Some(world.author.account), &form("Not right", more), None).await;
        hand_in(&world.database, world.author.account, Role::Author, draft).await;
        let refused = act(editor, draft, "publish", "");
        assert_eq!(refused.status, 422, "{words}: {}", refused.text);
        assert!(refused.texts(".review-notice li").concat().contains(words), "{:?}", refused.texts(".review-notice"));
        assert_eq!(steps(&world.database, draft).await, ["submitted"]);
    }
    assert_eq!(editor.get("/api/v1/stories/not-right").status, 404);
}
