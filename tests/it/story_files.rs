//! Story files through the program and through the database: check, import, export.

use casebook::domain::clock::SystemClock;
use casebook::service::{export, import, library};
use casebook::story_file::{print_story, read_library};

use crate::database::{TestDatabase, folder};
use crate::program::run;

#[tokio::test]
async fn what_is_imported_is_exported_byte_for_byte() {
    let database = TestDatabase::new().await;
    let (built_in, errors) = library::built_in();
    assert_eq!(errors, []);
    let report = import::import(&database.database, &SystemClock, &built_in, |_| {}).await.expect("import");
    assert_eq!((report.added, report.unchanged), (built_in.stories.len() + built_in.patterns.len(), 0));

    let folder = folder("casebook-export");
    let written = export::export(&database.database, &folder).await.expect("export");
    assert_eq!(written, report.added);
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("stories");
    for (slug, _, facts) in &built_in.stories {
        let original = std::fs::read_to_string(root.join(&facts.path)).expect("read");
        let exported = std::fs::read_to_string(folder.join(format!("{slug}.md"))).expect("read");
        assert_eq!(exported, original, "{slug}");
    }
    let (again, errors) = library::read_folder(&folder).expect("read");
    assert_eq!(errors, []);
    assert_eq!(again.patterns.len(), built_in.patterns.len());
}

#[tokio::test]
async fn an_import_repeated_changes_nothing_and_a_changed_file_is_a_new_revision() {
    let database = TestDatabase::new().await;
    let (mut library, _) = library::built_in();
    import::import(&database.database, &SystemClock, &library, |_| {}).await.expect("first");
    let again = import::import(&database.database, &SystemClock, &library, |_| {}).await.expect("again");
    assert_eq!((again.added, again.updated, again.kept.len()), (0, 0, 0));

    let (_, story, facts) = &mut library.stories[0];
    story.failure.contributing_factors.clear();
    facts.sha256 = "another".to_owned();
    let changed = import::import(&database.database, &SystemClock, &library, |_| {}).await.expect("changed");
    assert_eq!((changed.added, changed.updated), (0, 1));
}

#[tokio::test]
async fn a_story_that_people_edited_is_left_alone_by_the_next_import() {
    let database = TestDatabase::new().await;
    let (mut library, _) = library::built_in();
    import::import(&database.database, &SystemClock, &library, |_| {}).await.expect("first");
    let slug = library.stories[0].0.clone();
    let mut connection = database.database.connection().await.expect("connection");
    let entry = casebook::store::story::find_by_slug(&mut connection, &slug).await.expect("read").expect("there");
    let mut edited = entry.content.clone();
    edited.lessons = casebook::domain::Markdown::parse("People know better.").expect("fine");
    let revision = entry.revision;
    casebook::service::submit::revise(
        &database.database,
        &SystemClock,
        entry.id,
        revision,
        edited.clone(),
        None,
        &casebook::domain::Actor::ThisMachine,
    )
    .await
    .expect("revise");

    library.stories[0].1.failure.contributing_factors.clear();
    library.stories[0].2.sha256 = "another".to_owned();
    let report = import::import(&database.database, &SystemClock, &library, |_| {}).await.expect("import");
    assert_eq!(report.kept, [(casebook::domain::FailureKind::Story, slug.clone())]);
    let now = casebook::store::story::find_by_slug(&mut connection, &slug).await.expect("read").expect("there");
    assert_eq!(now.content, edited);
}

#[test]
fn check_reports_every_error_with_its_line_and_exits_with_1() {
    let folder = folder("casebook-check");
    std::fs::create_dir(folder.join("patterns")).expect("folder");
    let (library, _) = library::built_in();
    let right = print_story(&library.stories[0].1);
    let right = right.lines().filter(|line| !line.starts_with("patterns:")).collect::<Vec<_>>().join("\n");
    std::fs::write(folder.join("right.md"), &right).expect("write");
    std::fs::write(folder.join("wrong.md"), right.replacen("category: ", "category: x", 1) + "\n## Surprise\n")
        .expect("write");
    std::fs::write(folder.join("Bad Name.md"), &right).expect("write");
    std::fs::write(folder.join("nul.md"), "---\ntitle: \0\n---\n").expect("write");
    std::fs::write(folder.join("latin1.md"), b"---\ntitle: caf\xe9\n---\n").expect("write");
    std::fs::write(folder.join("empty.md"), "").expect("write");

    let output = run(&["check", folder.to_str().expect("UTF-8")], "");
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    assert_eq!(output.status.code(), Some(1), "{text}");
    for expected in ["wrong.md:", "Surprise", "category", "Bad Name.md", "nul.md:2", "latin1.md:2", "empty.md:1"] {
        assert!(text.contains(expected), "{expected} is not in:\n{text}");
    }
    assert!(!text.contains("right.md"), "{text}");
    let fine = run(&["check", "stories"], "");
    assert_eq!(fine.status.code(), Some(0), "{}", String::from_utf8_lossy(&fine.stdout));
    let missing = run(&["check", "no/such/folder"], "");
    assert_eq!(missing.status.code(), Some(2));
}

#[test]
fn one_bad_file_does_not_keep_the_others_out() {
    let (built_in, _) = library::built_in();
    let right = print_story(&built_in.stories[0].1).replace("patterns: [", "x-patterns: [");
    let files = vec![("a.md".to_owned(), b"nonsense".to_vec()), ("b.md".to_owned(), right.into_bytes())];
    let (library, errors) = read_library(files, &[]);
    assert!(errors.len() >= 2, "{errors:?}");
    assert_eq!(library.stories.len(), 0);
    let right = print_story(&built_in.stories[0].1);
    let without_patterns: String =
        right.lines().filter(|line| !line.starts_with("patterns:")).map(|line| format!("{line}\n")).collect();
    let files = vec![("a.md".to_owned(), b"nonsense".to_vec()), ("b.md".to_owned(), without_patterns.into_bytes())];
    assert_eq!(read_library(files, &[]).0.stories.len(), 1);
}

#[test]
fn a_teams_story_may_name_a_built_in_pattern_and_no_other_that_is_not_beside_it() {
    let folder = folder("casebook-team");
    let (built_in, _) = library::built_in();
    let (_, story, _) =
        built_in.stories.iter().find(|(_, story, _)| !story.patterns.is_empty()).expect("an instance of a pattern");
    let text = print_story(story);
    std::fs::write(folder.join("ours.md"), &text).expect("write");
    let (library, errors) = library::read_folder(&folder).expect("read");
    assert_eq!((errors, library.stories.len()), (Vec::new(), 1));
    let unknown = text.replace(&format!("patterns: [{}", story.patterns[0]), "patterns: [no-such-pattern");
    std::fs::write(folder.join("ours.md"), unknown).expect("write");
    let (_, errors) = library::read_folder(&folder).expect("read");
    assert!(errors[0].message.contains("no-such-pattern"), "{errors:?}");
}
