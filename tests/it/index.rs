//! The index is equal to the database: on every node, after restarts, damage, restores and rebuilds.

use std::time::Duration;

use sqlx::{Connection, Executor, PgConnection};

use crate::database::{TestDatabase, folder};
use crate::server::{self, Node, NodeOptions, SOON, eventually, story};

#[tokio::test]
async fn a_story_is_searchable_on_every_node_soon_after_its_publication() {
    let database = TestDatabase::new().await;
    let one = Node::start(&database.url, NodeOptions::default()).await;
    let two = Node::start(&database.url, NodeOptions::default()).await;
    for round in 0..5 {
        let slug = one.client.submit(&story(&format!("Zanzibarquake number {round}")));
        for node in [&one, &two] {
            let what = format!("{slug} on {}", node.url);
            eventually(SOON, &what, || node.client.finds("zanzibarquake").contains(&slug));
        }
    }
}

#[tokio::test]
async fn a_changed_title_is_found_and_the_old_one_is_not() {
    let (node, _database) = server::empty().await;
    let slug = node.client.submit(&story("Quokkastorm in the cluster"));
    eventually(SOON, "found", || node.client.finds("quokkastorm").contains(&slug));
    let edit = node.client.get(&format!("/stories/{slug}/edit"));
    let mut fields = crate::submitting::fields(&edit);
    crate::submitting::set(&mut fields, "title", "Wombatflood in the cluster");
    crate::submitting::set(&mut fields, "action", "save");
    let saved = crate::submitting::send(&node.client, &format!("/stories/{slug}/edit"), &fields);
    assert_eq!(saved.status, 303, "{}", saved.text);
    eventually(SOON, "the new title", || !node.client.finds("wombatflood").is_empty());
    assert_eq!(node.client.finds("quokkastorm"), Vec::<String>::new());
    let moved = node.client.get(&format!("/stories/{slug}"));
    assert_eq!((moved.status, moved.header("location")), (301, "/stories/wombatflood-in-the-cluster"));
}

#[tokio::test]
async fn a_node_that_was_away_catches_up() {
    let database = TestDatabase::new().await;
    let data = folder("casebook-node");
    let options = NodeOptions { data: Some(data), ..NodeOptions::default() };
    let other = Node::start(&database.url, NodeOptions::default()).await;
    let away = Node::start(&database.url, options.clone()).await;
    drop(away);
    let slugs: Vec<String> = (0..20).map(|n| other.client.submit(&story(&format!("Numbatnight {n}")))).collect();
    let back = Node::start(&database.url, options).await;
    let found = back.client.finds("numbatnight");
    assert!(slugs.iter().all(|slug| found.contains(slug)), "{found:?}");
}

#[tokio::test]
async fn an_index_of_another_history_is_rebuilt() {
    let one = TestDatabase::new().await;
    let two = TestDatabase::new().await;
    let data = folder("casebook-node");
    let options = NodeOptions { data: Some(data), ..NodeOptions::default() };
    let node = Node::start(&one.url, options.clone()).await;
    node.client.submit(&story("Only in the first database: bilbybreak"));
    eventually(SOON, "found", || !node.client.finds("bilbybreak").is_empty());
    drop(node);
    let elsewhere = Node::start(&two.url, NodeOptions::default()).await;
    elsewhere.client.submit(&story("Only in the second database: dingodrop"));
    drop(elsewhere);
    // The same number of changes in both, so only the token tells them apart.
    let node = Node::start(&two.url, options).await;
    eventually(Duration::from_secs(10), "rebuilt", || !node.client.finds("dingodrop").is_empty());
    assert_eq!(node.client.finds("bilbybreak"), Vec::<String>::new());
}

#[tokio::test]
async fn a_flipped_byte_is_noticed_and_the_index_rebuilt() {
    let database = TestDatabase::new().await;
    let data = folder("casebook-node");
    let options = NodeOptions { data: Some(data), ..NodeOptions::default() };
    let node = Node::start(&database.url, options.clone()).await;
    node.client.submit(&story("Echidnaecho in storage"));
    eventually(SOON, "found", || !node.client.finds("echidnaecho").is_empty());
    let index = node.index_folder.clone();
    drop(node);
    let current = std::fs::read_to_string(index.join("CURRENT")).expect("CURRENT");
    let generation = index.join(current.trim());
    let store = std::fs::read_dir(&generation)
        .expect("folder")
        .map(|entry| entry.expect("entry").path())
        .find(|path| path.extension().is_some_and(|extension| extension == "store"))
        .expect("a segment");
    let mut bytes = std::fs::read(&store).expect("read");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0x10;
    std::fs::write(&store, bytes).expect("write");

    let node = Node::start(&database.url, options).await;
    // The index is served while it is verified, so a search may meet the damage before it is noticed.
    let generation = || std::fs::read_to_string(index.join("CURRENT")).expect("CURRENT");
    eventually(Duration::from_secs(10), "a new generation was built", || generation() != current);
    assert!(!node.client.finds("echidnaecho").is_empty());
}

#[tokio::test]
async fn changes_that_were_pruned_before_they_were_read_lead_to_a_rebuild() {
    let database = TestDatabase::new().await;
    let data = folder("casebook-node");
    let options = NodeOptions { data: Some(data), ..NodeOptions::default() };
    drop(Node::start(&database.url, options.clone()).await);
    let other = Node::start(&database.url, NodeOptions::default()).await;
    other.client.submit(&story("Long ago: pademelon"));
    other.client.submit(&story("Recently: potoroo"));
    drop(other);
    let mut connection = PgConnection::connect(&database.url).await.expect("connect");
    connection.execute("UPDATE change SET at = now() - interval '8 days'").await.expect("age");
    let pruned = casebook::store::change::prune(&mut connection).await.expect("prune");
    assert_eq!(pruned, 2, "change 0 and change 1; the newest always stays");
    let node = Node::start(&database.url, options).await;
    eventually(Duration::from_secs(10), "rebuilt", || node.client.finds("pademelon OR potoroo").len() == 2);
}

#[tokio::test]
async fn searches_are_answered_throughout_a_rebuild_and_new_stories_found() {
    let (node, database) = server::with_library().await;
    let mut connection = PgConnection::connect(&database.url).await.expect("connect");
    let before = std::fs::read_to_string(node.index_folder.join("CURRENT")).expect("CURRENT");
    casebook::store::change::ask_for_reindex(&mut connection).await.expect("ask");
    let slug = node.client.submit(&story("Written while it was rebuilt: kowari"));
    let mut rebuilt = false;
    for _ in 0..500 {
        assert!(!node.client.finds("webhook").is_empty(), "a search came back empty");
        rebuilt = std::fs::read_to_string(node.index_folder.join("CURRENT")).expect("CURRENT") != before;
        if rebuilt {
            break;
        }
    }
    assert!(rebuilt, "asked for a rebuild, and none happened");
    eventually(SOON, "the story", || node.client.finds("kowari").contains(&slug));
}

#[tokio::test]
async fn a_pattern_that_is_renamed_changes_what_its_stories_are_found_by() {
    let (node, database) = server::with_library().await;
    assert!(!node.client.finds("thylacinefold").contains(&"loveholidays-gke-pod-ip-exhaustion".to_owned()));
    let mut library = crate::server::seed();
    for (slug, pattern, facts) in &mut library.patterns {
        if slug.as_str() == "pod-ip-range-exhausted" {
            pattern.aliases.push(casebook::domain::Title::parse("Thylacinefold").expect("title"));
            facts.sha256 = "changed".to_owned();
        }
    }
    let clock = casebook::domain::clock::SystemClock;
    casebook::service::import::import(&database.database, &clock, &library, |_| {}).await.expect("import");
    eventually(Duration::from_secs(2), "found by the new name of its pattern", || {
        node.client.finds("thylacinefold").contains(&"loveholidays-gke-pod-ip-exhaustion".to_owned())
    });
}
