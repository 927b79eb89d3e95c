//! The rules of others come in: CRE and Prometheus, into the library and into folders, right ones and wrong ones.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use casebook::domain::Slug;
use casebook::service::library;
use casebook::store::pattern;

use crate::database::{TestDatabase, folder};
use crate::program::{casebook, run};

/// A CRE rule that fires on a line with the word.
fn rule(id: &str, title: &str, word: &str) -> String {
    format!(
        "rules:\n- cre:\n    id: {id}\n    title: {title}\n    category: storage-problem\n    description: It fails.\n    \
         applications: [{{name: redis, version: 7.x}}]\n  metadata: {{id: m{id}}}\n  rule:\n    set:\n      \
         event: {{source: cre.log.redis}}\n      match: [{{value: {word}}}]\n"
    )
}

fn log(word: &str) -> String {
    format!("2025-01-01T00:00:00Z starting\n2025-01-01T00:00:01Z {word} happened\n")
}

fn write(path: &Path, content: impl AsRef<[u8]>) {
    std::fs::create_dir_all(path.parent().expect("a parent")).expect("folder");
    std::fs::write(path, content).expect("write");
}

/// Runs an import and gives its exit status and what it printed.
fn import(arguments: &[&str]) -> (i32, String) {
    let output = run(&[&["import"], arguments].concat(), "");
    let text = String::from_utf8([output.stderr, output.stdout].concat()).expect("UTF-8");
    (output.status.code().expect("a status"), text)
}

fn utf8(path: &Path) -> &str {
    path.to_str().expect("UTF-8")
}

/// Two rules of the same title, each in a folder of its own with its logs.
fn two_rules() -> PathBuf {
    let from = folder("casebook-cre");
    write(&from.join("a/x.yaml"), rule("CRE-2024-0001", "Reload fails", "oops"));
    write(&from.join("a/test.log"), log("oops"));
    write(&from.join("a/test-fp.log"), log("all is well"));
    write(&from.join("deep/er/b/y.yml"), rule("CRE-2024-0002", "Reload fails", "alas"));
    write(&from.join("deep/er/b/test.log"), log("alas"));
    write(&from.join("LICENSE"), "Apache License\nVersion 2.0");
    from
}

#[test]
fn a_folder_of_cre_rules_becomes_a_folder_of_patterns() {
    let (from, to) = (two_rules(), folder("casebook-to"));
    let arguments = ["--from", "cre", utf8(&from), "--to", utf8(&to), "--source", "https://example.com/rules"];
    let (status, text) = import(&arguments);
    assert_eq!((status, text.lines().last()), (0, Some("2 added, 0 updated, 0 unchanged, 0 skipped")), "{text}");
    let (written, errors) = library::read_folder(&to).expect("read");
    assert_eq!(errors, []);
    let slugs: Vec<_> = written.patterns.iter().map(|(slug, ..)| slug.as_str()).collect();
    assert_eq!(slugs, ["reload-fails-cre-2024-0002", "reload-fails"]);
    let (_, pattern, _) = &written.patterns[1];
    let rule = &pattern.failure.rules[0];
    assert_eq!((rule.fires_on.len(), rule.silent_on.len()), (1, 1));
    assert_eq!(pattern.aliases[0].as_str(), "CRE-2024-0001");
    let provenance = pattern.failure.provenance.as_ref().expect("provenance");
    assert_eq!(provenance.source.as_ref().map(|source| source.as_str()), Some("https://example.com/rules"));
    assert_eq!(provenance.license.as_str(), "Apache-2.0");
}

#[test]
fn a_folder_written_again_has_what_changed_and_keeps_what_people_edited() {
    let (from, to) = (two_rules(), folder("casebook-to"));
    let arguments = ["--from", "cre", utf8(&from), "--to", utf8(&to)];
    import(&arguments);
    let again = import(&arguments).1;
    assert_eq!(again.lines().last(), Some("0 added, 0 updated, 2 unchanged, 0 skipped"), "{again}");

    // A title that changes upstream changes no address.
    write(&from.join("a/x.yaml"), rule("CRE-2024-0001", "Reload of everything fails", "oops"));
    let edited = to.join("patterns/reload-fails-cre-2024-0002.md");
    let text = std::fs::read_to_string(&edited).expect("read").replace("It fails.", "It fails, as we know.");
    std::fs::write(&edited, &text).expect("write");
    write(&from.join("deep/er/b/y.yml"), rule("CRE-2024-0002", "Reload fails badly", "alas"));
    let changed = import(&arguments).1;
    assert_eq!(changed.lines().last(), Some("0 added, 1 updated, 0 unchanged, 0 skipped, 1 left alone"), "{changed}");
    assert!(
        std::fs::read_to_string(to.join("patterns/reload-fails.md")).expect("read").contains("Reload of everything")
    );
    assert_eq!(std::fs::read_to_string(&edited).expect("read"), text);
}

#[tokio::test]
async fn rules_imported_again_change_nothing_and_changed_ones_are_new_revisions_at_their_address() {
    let database = TestDatabase::new().await;
    let from = two_rules();
    let arguments = ["--from", "cre", utf8(&from), "--database-url", &database.url];
    assert!(import(&arguments).1.ends_with("2 added, 0 updated, 0 unchanged, 0 skipped\n"));
    assert!(import(&arguments).1.ends_with("0 added, 0 updated, 2 unchanged, 0 skipped\n"));
    write(&from.join("deep/er/b/y.yml"), rule("CRE-2024-0002", "Another title", "alas"));
    assert!(import(&arguments).1.ends_with("0 added, 1 updated, 1 unchanged, 0 skipped\n"));

    let mut connection = database.database.connection().await.expect("connection");
    let slug = Slug::parse("reload-fails-cre-2024-0002").expect("a slug");
    let entry = pattern::find_by_slug(&mut connection, &slug).await.expect("read").expect("there");
    assert_eq!((entry.content.failure.title.as_str(), entry.revision.0), ("Another title", 2));
}

#[tokio::test]
async fn an_import_that_was_killed_is_finished_by_the_next_one() {
    const RULES: usize = 450;
    let database = TestDatabase::new().await;
    let from = folder("casebook-cre");
    for number in 0..RULES {
        let name = format!("r{number}");
        write(
            &from.join(&name).join("r.yaml"),
            rule(&format!("CRE-2024-{number:04}"), &format!("Rule {number}"), "oops"),
        );
        write(&from.join(&name).join("test.log"), log("oops"));
    }
    let arguments = ["import", "--from", "cre", utf8(&from), "--database-url", &database.url];
    let mut child = casebook().args(arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("start");
    let mut connection = database.database.connection().await.expect("connection");
    while child.try_wait().expect("wait").is_none() {
        if !pattern::names(&mut connection).await.expect("names").is_empty() {
            child.kill().expect("kill -9");
        }
        tokio::time::sleep(std::time::Duration::from_millis(2)).await;
    }
    let before = pattern::names(&mut connection).await.expect("names").len();
    assert!(before > 0);
    let (_, text) = import(&arguments[1..]);
    let expected = format!("{} added, 0 updated, {before} unchanged, 0 skipped", RULES - before);
    assert_eq!(text.lines().last(), Some(expected.as_str()), "{text}");
}

#[test]
fn what_is_wrong_is_skipped_with_its_reason_and_the_rest_comes_in() {
    let (from, to) = (two_rules(), folder("casebook-to"));
    let good = rule("CRE-2024-0009", "T", "oops");
    write(&from.join("broken/x.yaml"), "rules: [\n");
    write(&from.join("nul/x.yaml"), good.replace("It fails", "It\0fails"));
    write(&from.join("latin/x.yaml"), [good.as_bytes(), b"# caf\xe9\n"].concat());
    write(&from.join("large/x.yaml"), good.clone() + &"# x\n".repeat(1_100_000));
    write(&from.join("silent/x.yaml"), rule("CRE-2024-0003", "Silent", "oops"));
    write(&from.join("silent/test.log"), log("nothing"));
    write(&from.join("loud/x.yaml"), rule("CRE-2024-0004", "Loud", "oops"));
    write(&from.join("loud/test-fp.log"), log("oops"));
    write(&from.join("twice/x.yaml"), rule("CRE-2024-0001", "Twice", "oops"));
    write(
        &from.join("grammar/x.yaml"),
        rule("CRE-2024-0005", "Grammar", "[oops").replace("{value: [oops}", "{regex: '(oops'}"),
    );
    write(&from.join("tags/tags.yaml"), "tags: []\n");
    std::os::unix::fs::symlink(&from, from.join("circle")).expect("a link");
    let (status, text) = import(&["--from", "cre", utf8(&from), "--to", utf8(&to)]);
    assert_eq!((status, text.lines().last()), (0, Some("2 added, 0 updated, 0 unchanged, 8 skipped")), "{text}");
    for expected in [
        "broken/x.yaml:1: found something that is not YAML",
        "nul/x.yaml:1: the file has NUL characters",
        "latin/x.yaml:1: line 13 has bytes that are not UTF-8",
        "large/x.yaml:1: the file is larger than 4 MiB",
        "CRE-2024-0003: test.log: it meets nothing",
        "CRE-2024-0004: test-fp.log: it fires on line 2",
        "CRE-2024-0001: this id is taken already",
        "grammar/x.yaml:10: CRE-2024-0005: ",
        "tags/tags.yaml: no rules in it",
    ] {
        assert!(text.contains(expected), "{expected} is not in:\n{text}");
    }
}

#[test]
fn logs_that_cannot_be_kept_as_they_are_are_mended_or_left_out() {
    let (from, to) = (folder("casebook-cre"), folder("casebook-to"));
    write(&from.join("long/x.yaml"), rule("CRE-2024-0001", "Long", "oops"));
    write(&from.join("long/test.log"), log("oops") + &log("all is well").repeat(10_000));
    write(&from.join("huge/x.yaml"), rule("CRE-2024-0002", "Huge", "oops"));
    write(&from.join("huge/test.log"), "");
    let huge = std::fs::OpenOptions::new().write(true).open(from.join("huge/test.log")).expect("open");
    huge.set_len(3 << 30).expect("three sparse GiB");
    write(&from.join("bytes/x.yaml"), rule("CRE-2024-0003", "Bytes", "oops"));
    write(&from.join("bytes/test.log"), [b"caf\xe9 \0 \r\n", log("oops").as_bytes()].concat());
    write(&from.join("empty/x.yaml"), rule("CRE-2024-0004", "Empty", "oops"));
    write(&from.join("empty/test.log"), "\n\n");
    let (status, text) = import(&["--from", "cre", utf8(&from), "--to", utf8(&to)]);
    assert_eq!(status, 0, "{text}");
    assert!(text.contains("CRE-2024-0001: ") && text.contains("test.log: cut to "), "{text}");
    assert!(text.contains("CRE-2024-0004: test.log: it is empty"), "{text}");
    assert!(text.contains("2 examples left out") && text.contains("4 added"), "{text}");
    let bytes = std::fs::read_to_string(to.join("patterns/bytes.md")).expect("read");
    assert!(bytes.contains("caf\u{fffd} \u{fffd}") || bytes.contains("caf\\uFFFD"), "{bytes}");
    let long = std::fs::read_to_string(to.join("patterns/long.md")).expect("read");
    assert!(long.contains("oops happened") && long.len() < 300 * 1024);
}

#[test]
fn a_flat_folder_and_a_file_of_several_rules_find_the_logs_that_are_theirs() {
    let (from, to) = (folder("casebook-cre"), folder("casebook-to"));
    write(&from.join("one.yaml"), rule("CRE-2024-0001", "One", "oops"));
    write(&from.join("one.log"), log("oops"));
    let second = rule("CRE-2024-0003", "Three", "woe").replace("rules:\n", "");
    write(&from.join("more.yaml"), rule("CRE-2024-0002", "Two", "alas") + &second);
    write(&from.join("test.log"), log("alas"));
    write(&from.join("cre-2024-0003.log"), log("woe"));
    let (_, text) = import(&["--from", "cre", utf8(&from), "--to", utf8(&to)]);
    assert!(text.contains("3 added") && !text.contains("left out"), "{text}");
    for (slug, word) in [("one", "oops"), ("two", "alas"), ("three", "woe")] {
        let pattern = std::fs::read_to_string(to.join(format!("patterns/{slug}.md"))).expect("read");
        assert!(pattern.contains(&format!("{word} happened")), "{pattern}");
    }
    let single = folder("casebook-to");
    let (_, text) = import(&["--from", "cre", utf8(&from.join("one.yaml")), "--to", utf8(&single)]);
    assert!(text.contains("1 added"), "{text}");
}

#[test]
fn nothing_to_import_is_told_apart_from_what_cannot_be_read() {
    let (empty, to) = (folder("casebook-cre"), folder("casebook-to"));
    let (status, text) = import(&["--from", "cre", utf8(&empty), "--to", utf8(&to)]);
    assert_eq!(status, 1);
    assert!(text.contains("0 files read"), "{text}");
    let (status, text) = import(&["--from", "cre", "no/such/folder", "--to", utf8(&to)]);
    assert_eq!(status, 2, "{text}");
    assert!(text.contains("cannot read no/such/folder"), "{text}");
    let (status, _) = import(&["--from", "prometheus-rules", "--to", utf8(&to)]);
    assert_eq!(status, 2);
    let (status, text) = import(&["--source", "https://example.com", utf8(&empty)]);
    assert_eq!(status, 2, "{text}");
}

#[test]
fn alerting_rules_become_a_pattern_for_each_alert() {
    let (from, to) = (folder("casebook-rules"), folder("casebook-to"));
    let group = |severity: &str, limit: u32| {
        format!(
            "groups:\n- name: redis\n  rules:\n  - record: a:b\n    expr: sum(up)\n  - alert: RedisDown\n    \
             expr: redis_up < {limit}\n    for: 1m\n    labels: {{severity: {severity}}}\n    annotations:\n      \
             summary: 'Redis down (instance {{{{ $labels.instance }}}})'\n"
        )
    };
    write(&from.join("one.yml"), group("warning", 2));
    write(
        &from.join("two.yaml"),
        group("critical", 1) + "  - alert: Broken\n    expr: sum(\n  - alert: A b\n    expr: up == 0\n",
    );
    write(&from.join("service.yaml"), "kind: Service\n");
    let one = from.join("one.yml");
    let arguments = [
        "--from",
        "prometheus-rules",
        utf8(&one),
        utf8(&from),
        "--to",
        utf8(&to),
        "--license",
        "MIT",
        "--source",
        "https://example.com/rules",
    ];
    let (status, text) = import(&arguments);
    assert_eq!((status, text.lines().last()), (0, Some("2 added, 0 updated, 0 unchanged, 1 skipped")), "{text}");
    assert!(text.contains("two.yaml:12: Broken: ") && text.contains("2 recording rules passed over"), "{text}");
    assert!(import(&arguments).1.contains("0 added, 0 updated, 2 unchanged"));
    let (written, errors) = library::read_folder(&to).expect("read");
    assert_eq!(errors, []);
    let (_, redis, _) = written.patterns.iter().find(|(slug, ..)| slug.as_str() == "redis-down").expect("redis-down");
    assert_eq!((redis.failure.title.as_str(), redis.failure.rules.len()), ("Redis down", 2));
    assert_eq!(redis.failure.provenance.as_ref().expect("provenance").license.as_str(), "MIT");
}

/// The folder of shared test data. Without it a test is skipped, and says so past the capture of its output.
fn shared(name: &str) -> Option<PathBuf> {
    use std::io::Write as _;
    let named = std::env::var_os("CASEBOOK_SHARED_DATA").map(PathBuf::from);
    let ancestors = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().map(|folder| folder.join("shared/data"));
    let found = named.into_iter().chain(ancestors).map(|data| data.join(name)).find(|folder| folder.is_dir());
    if found.is_none() {
        let skipped = format!("skipped: there is no shared/data/{name}\n");
        std::io::stderr().write_all(skipped.as_bytes()).expect("standard error");
    }
    found
}

#[test]
fn every_rule_of_the_dev_data_comes_in_and_fires_on_its_log() {
    let Some(from) = shared("cre-dev") else { return };
    let to = folder("casebook-to");
    let (status, text) = import(&["--from", "cre", utf8(&from), "--to", utf8(&to)]);
    assert_eq!((status, text.lines().last()), (0, Some("278 added, 0 updated, 0 unchanged, 0 skipped")), "{text}");
    assert!(!text.contains("left out"), "{text}");
    let (written, errors) = library::read_folder(&to).expect("read");
    assert_eq!(errors, []);
    assert!(written.patterns.iter().all(|(_, pattern, _)| pattern.failure.rules[0].fires_on.len() == 1));
    let from_cre = |source: &str| source.starts_with("https://github.com/prequel-dev/cre/blob/main/rules/cre-20");
    let sources =
        written.patterns.iter().filter_map(|(_, pattern, _)| pattern.failure.provenance.as_ref()?.source.as_ref());
    assert_eq!(sources.filter(|source| from_cre(source.as_str())).count(), 278);
}
