//! The public CRE rules as a library: what their own logs are matched to, by proof and by words.

use std::collections::HashMap;
use std::path::PathBuf;

use casebook::domain::matching::{Confidence, Evidence, Matches};
use casebook::service::diagnose::Diagnoser;
use casebook::service::{library, offline};

use crate::database::folder;
use crate::program::run;

/// The rules with the logs they must fire on, where the machine has them.
fn corpus() -> Option<PathBuf> {
    let above = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    above.ancestors().map(|folder| folder.join("shared/data/cre-dev")).find(|folder| folder.is_dir())
}

/// The place of a failure among the matches, from 0; a result counts for all that are folded into it.
fn place_of(slug: &str, matches: &Matches) -> Option<usize> {
    matches
        .matches
        .iter()
        .position(|found| std::iter::once(&found.card).chain(&found.also).any(|card| card.slug.as_str() == slug))
}

/// Of the few logs whose own failure is not first, each is of one line on which a rule with the same words, of a like
/// failure of other software, fires as well.
#[test]
fn the_log_of_every_public_rule_finds_its_own_failure_by_proof_and_nearly_always_first() {
    let Some(corpus) = corpus() else {
        eprintln!("skipped: no shared/data/cre-dev above the project");
        return;
    };
    let taken_in = folder("casebook-cre");
    let to = taken_in.to_str().expect("UTF-8");
    let imported = run(&["import", "--from", "cre", corpus.to_str().expect("UTF-8"), "--to", to], "");
    assert!(imported.status.success(), "{}", String::from_utf8_lossy(&imported.stderr));
    let (library, errors) = library::read_folder(&taken_in).expect("story files");
    assert!(errors.is_empty(), "{}", errors[0]);
    let slugs: HashMap<String, String> = library
        .patterns
        .iter()
        .filter_map(|(slug, pattern, _)| {
            let id = pattern.failure.provenance.as_ref()?.id.as_ref()?;
            Some((id.to_string().to_lowercase(), slug.to_string()))
        })
        .collect();
    let now = chrono::DateTime::from_timestamp(1_700_000_000, 0).expect("a time");
    let diagnoser = offline::index(library, now).and_then(Diagnoser::new).expect("a diagnoser");

    let (mut first, mut first_by_words, mut missed) = (0, 0, Vec::new());
    for (id, slug) in &slugs {
        let log = std::fs::read(corpus.join(id).join("test.log")).expect("its log");
        let log = String::from_utf8_lossy(&log);
        let evidence = Evidence::parse(&log[..log.floor_char_boundary(Evidence::MAX)]).expect("evidence");
        let proven = diagnoser.diagnose(&evidence, now, 50).expect("matched").matches;
        let by_words = diagnoser.index().diagnose(&evidence, &[], 50).expect("matched");
        let place = place_of(slug, &proven);
        if place.is_none_or(|place| proven.matches[place].confidence != Confidence::Fired) {
            missed.push(slug);
        }
        first += usize::from(place == Some(0));
        first_by_words += usize::from(place_of(slug, &by_words) == Some(0));
    }
    eprintln!("of {} logs {first} find their own failure first, {first_by_words} by words alone", slugs.len());
    assert!(missed.is_empty(), "not proven by its own log: {missed:?}");
    assert!(first * 100 >= slugs.len() * 93, "{first} of {} are first", slugs.len());
}
