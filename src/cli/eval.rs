//! `casebook eval`: matching measured by judged queries.

use std::collections::HashSet;
use std::path::PathBuf;
use std::process::ExitCode;

use chrono::{DateTime, Utc};
use serde_json::json;

use super::node::{Node, NodeOptions};
use super::progress::Progress;
use super::{Failed, complain, say};
use crate::domain::clock::{Clock, SystemClock};
use crate::search::SearchIndex;
use crate::service::evaluate::{
    self, Corpus, Document, Input, Interval, Measures, Outcome, Query, Rules, Separation, ask, cre_rules, measure,
    separation,
};
use crate::service::library;

/// Arguments of `casebook eval`.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
A query is a line of JSON: {\"id\", \"query\", \"expected\": [ids], \"kind\"}; nothing expected means that nothing is known. \
A document is one, too: {\"id\", \"title\", \"text\"}. Files are told apart by their first line. \
Without documents the stories of --stories are asked, or those that are built in.")]
pub(super) struct Options {
    /// Judged queries, and documents to ask them of
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    /// More documents
    #[arg(long, value_name = "FILE", num_args = 1..)]
    documents: Vec<PathBuf>,
    /// Ask a folder of story files; what is expected are their names
    #[arg(long, value_name = "DIR", conflicts_with = "documents")]
    stories: Option<PathBuf>,
    /// Ask the index of the data folder, while no server runs on it
    #[arg(long, conflicts_with_all = ["documents", "stories"])]
    index: bool,
    #[command(flatten)]
    node: NodeOptions,
    /// Give documents the rules of a folder of Common Reliability Enumerations, by their ids
    #[arg(long, value_name = "DIR")]
    rules: Option<PathBuf>,
    /// Put each query between twenty and twenty lines of an ordinary log
    #[arg(long, value_name = "FILE", num_args = 1..)]
    amid: Vec<PathBuf>,
    /// Also ask every query of the documents without its answer, and tell how well known and unknown are told apart
    #[arg(long)]
    unknown: bool,
    /// Fail (exit status 1) when success@1 over all queries is below this share
    #[arg(long, value_name = "SHARE")]
    floor: Option<f64>,
    /// List the queries whose first result is not what was expected
    #[arg(long)]
    failures: bool,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// Queries of one file and one kind.
struct Set {
    name: String,
    queries: Vec<Query>,
}

/// Exit status 0 when every query was asked and the floor, if there is one, is kept.
pub(super) fn run(options: &Options) -> Result<ExitCode, Failed> {
    let now = SystemClock.now();
    let (mut sets, documents) = read(options)?;
    amid(&mut sets, &options.amid)?;
    let rules = match &options.rules {
        Some(folder) => cre_rules(folder, now).map_err(Failed::because("cannot read the rules"))?,
        None => Rules::new(),
    };
    // Held to the end: the index of a data folder is in use while its lock is.
    let node = if options.index { Some(Node::visiting(&options.node)?) } else { None };
    let corpus = corpus(options, node.as_ref(), &documents, &rules, now)?;
    complain(&format!("{} failures to find", corpus.len()));
    let mut progress = Progress::new("asking");
    let total = sets.iter().map(|set| set.queries.len() as u64).sum();
    let mut asked = 0;
    let mut answered: Vec<(String, Vec<Outcome>)> = Vec::new();
    for set in &sets {
        let mut outcomes = Vec::with_capacity(set.queries.len());
        for query in &set.queries {
            let one = ask(&corpus, std::slice::from_ref(query), now).map_err(Failed::because("cannot match"))?;
            outcomes.extend(one);
            asked += 1;
            progress.set(asked, total);
        }
        answered.push((set.name.clone(), outcomes));
    }
    drop(progress);
    let told = if options.unknown { Some(told_apart(&sets, &answered, &documents, &rules, now)?) } else { None };
    if options.json {
        print_json(&answered, told.as_ref());
    } else {
        print(options, &answered, told.as_ref());
    }
    let overall = measure(answered.iter().flat_map(|(_, outcomes)| outcomes));
    let kept = match (options.floor, overall) {
        (Some(floor), Some(overall)) => overall.success_at_1.mean >= floor,
        (Some(_) | None, _) => true,
    };
    if !kept {
        complain("success@1 over all queries is below the floor");
    }
    Ok(if kept { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

fn read(options: &Options) -> Result<(Vec<Set>, Vec<Document>), Failed> {
    let (mut sets, mut documents): (Vec<Set>, Vec<Document>) = (Vec::new(), Vec::new());
    for path in options.files.iter().chain(&options.documents) {
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        match evaluate::read(path).map_err(Failed::because("cannot use a file"))? {
            Input::Documents(more) => documents.extend(more),
            Input::Queries(queries) => {
                let kinds: HashSet<String> = queries.iter().map(|query| query.kind.clone()).collect();
                for query in queries {
                    let name = if kinds.len() == 1 { stem.to_string() } else { format!("{stem}: {}", query.kind) };
                    match sets.iter_mut().find(|set| set.name == name) {
                        Some(set) => set.queries.push(query),
                        None => sets.push(Set { name, queries: vec![query] }),
                    }
                }
            }
        }
    }
    if sets.is_empty() {
        return Err(Failed::new(
            "found no queries, expected lines such as {\"query\": \"disk full\", \"expected\": [\"id\"]}",
        ));
    }
    Ok((sets, documents))
}

/// Each query gets its stretch of one of the logs, in turn: the same for the same files.
fn amid(sets: &mut [Set], logs: &[PathBuf]) -> Result<(), Failed> {
    const BEFORE: usize = 20;
    let mut ordinary: Vec<Vec<String>> = Vec::new();
    for path in logs {
        let bytes = std::fs::read(path).map_err(Failed::because(format!("cannot read {}", path.display())))?;
        let lines: Vec<String> = String::from_utf8_lossy(&bytes).lines().map(str::to_owned).collect();
        if lines.len() < 2 * BEFORE {
            return Err(Failed::new(format!("{} has fewer than {} lines", path.display(), 2 * BEFORE)));
        }
        ordinary.push(lines);
    }
    if ordinary.is_empty() {
        return Ok(());
    }
    for (number, query) in sets.iter_mut().flat_map(|set| &mut set.queries).enumerate() {
        let lines = &ordinary[number % ordinary.len()];
        let start = number * 137 % (lines.len() - 2 * BEFORE + 1);
        let (before, after) = (&lines[start..start + BEFORE], &lines[start + BEFORE..start + 2 * BEFORE]);
        query.query = format!("{}\n{}\n{}", before.join("\n"), query.query, after.join("\n"));
    }
    Ok(())
}

fn corpus(
    options: &Options,
    node: Option<&Node>,
    documents: &[Document],
    rules: &Rules,
    now: DateTime<Utc>,
) -> Result<Corpus, Failed> {
    if !documents.is_empty() {
        return Corpus::of_documents(documents, rules, &HashSet::new(), now)
            .map_err(Failed::because("cannot index the documents"));
    }
    if let Some(node) = node {
        let folder = node
            .folder
            .as_ref()
            .ok_or_else(|| Failed::new("with DATABASE_URL alone there is no data folder; name one with --data"))?;
        let (index, _) =
            SearchIndex::open(&folder.path().join("index")).map_err(Failed::because("cannot open the index"))?;
        return Corpus::of_index(index).map_err(Failed::because("cannot read the index"));
    }
    let (library, errors) = match &options.stories {
        Some(folder) => library::read_folder(folder).map_err(Failed::because("cannot read the story files"))?,
        None => library::built_in(),
    };
    if !errors.is_empty() {
        complain(&format!("{} errors in the story files; what is right is used", errors.len()));
    }
    Corpus::of_library(library, now).map_err(Failed::because("cannot index the stories"))
}

/// Asks each query again of an index in which its answers, and those of a tenth of all others, are missing.
fn told_apart(
    sets: &[Set],
    answered: &[(String, Vec<Outcome>)],
    documents: &[Document],
    rules: &Rules,
    now: DateTime<Utc>,
) -> Result<Separation, Failed> {
    const PARTS: usize = 10;
    let queries: Vec<&Query> = sets.iter().flat_map(|set| &set.queries).collect();
    let (known, mut unknown): (Vec<Outcome>, Vec<Outcome>) =
        answered.iter().flat_map(|(_, outcomes)| outcomes.clone()).partition(|outcome| !outcome.expected.is_empty());
    for part in 0..PARTS {
        let asked: Vec<Query> = queries
            .iter()
            .enumerate()
            .filter(|(number, query)| number % PARTS == part && !query.expected.is_empty())
            .map(|(_, query)| (*query).clone())
            .collect();
        if documents.is_empty() || asked.is_empty() {
            continue;
        }
        let left_out = asked.iter().flat_map(|query| query.expected.iter().map(String::as_str)).collect();
        let corpus = Corpus::of_documents(documents, rules, &left_out, now)
            .map_err(Failed::because("cannot index the documents"))?;
        unknown.extend(ask(&corpus, &asked, now).map_err(Failed::because("cannot match"))?);
    }
    separation(&known, &unknown)
        .ok_or_else(|| Failed::new("--unknown needs documents, or queries that expect nothing beside others that do"))
}

fn print(options: &Options, answered: &[(String, Vec<Outcome>)], told: Option<&Separation>) {
    say(&format!(
        "{:28} {:>4}  {:17} {:17} {:17} {:17}",
        "queries", "n", "success@1", "success@5", "MRR@10", "nDCG@10"
    ));
    let row = |name: &str, measures: &Measures| {
        let cell = |one: Interval| format!("{:.2} ({:.2}–{:.2})", one.mean, one.low, one.high);
        say(&format!(
            "{name:28} {:>4}  {:17} {:17} {:17} {:17}",
            measures.queries,
            cell(measures.success_at_1),
            cell(measures.success_at_5),
            cell(measures.mrr_at_10),
            cell(measures.ndcg_at_10)
        ));
    };
    let measured: Vec<(&String, Measures)> =
        answered.iter().filter_map(|(name, outcomes)| Some((name, measure(outcomes)?))).collect();
    for (name, measures) in &measured {
        row(name, measures);
    }
    if let (true, Some(all)) = (measured.len() > 1, measure(answered.iter().flat_map(|(_, outcomes)| outcomes))) {
        row("all", &all);
        let mean =
            |of: fn(&Measures) -> f64| measured.iter().map(|(_, one)| of(one)).sum::<f64>() / measured.len() as f64;
        say(&format!(
            "{:28} {:>4}  {:17.2} {:17.2} {:17.2} {:17.2}",
            "mean of the sets",
            "",
            mean(|one| one.success_at_1.mean),
            mean(|one| one.success_at_5.mean),
            mean(|one| one.mrr_at_10.mean),
            mean(|one| one.ndcg_at_10.mean)
        ));
    }
    if let Some(told) = told {
        print_separation(told);
    }
    if options.failures {
        for (name, outcomes) in answered {
            outcomes
                .iter()
                .filter(|outcome| outcome.place() != Some(0))
                .for_each(|outcome| print_failure(name, outcome));
        }
    }
}

fn print_separation(told: &Separation) {
    let share = |share: Option<f64>| share.map_or_else(|| "none said so".to_owned(), |share| format!("{share:.2}"));
    say("");
    say(&format!("known {} and unknown {}: AUROC {:.2}", told.known, told.unknown, told.auroc));
    say(&format!(
        "answered known:             precision {}, recall {:.2}",
        share(told.precision_known),
        told.recall_known
    ));
    say(&format!(
        "answered known or possible: precision {}, recall {:.2}",
        share(told.precision_possible),
        told.recall_possible
    ));
}

fn print_failure(set: &str, outcome: &Outcome) {
    let place = outcome.place().map_or_else(|| "not among ten".to_owned(), |place| format!("at {}", place + 1));
    let found: Vec<String> = outcome.found.iter().take(3).map(|names| names.join("+")).collect();
    let expected = if outcome.expected.is_empty() { "nothing".to_owned() } else { outcome.expected.join(" or ") };
    if !(outcome.expected.is_empty() && outcome.confidence.is_none()) {
        say(&format!("{set} {}: expected {expected}, {place}; found {}", outcome.id, found.join(", ")));
    }
}

fn print_json(answered: &[(String, Vec<Outcome>)], told: Option<&Separation>) {
    let interval = |one: Interval| json!({ "mean": one.mean, "low": one.low, "high": one.high });
    let sets: Vec<serde_json::Value> = answered
        .iter()
        .map(|(name, outcomes)| {
            let measures = measure(outcomes).map(|one| {
                json!({
                    "queries": one.queries,
                    "success_at_1": interval(one.success_at_1),
                    "success_at_5": interval(one.success_at_5),
                    "mrr_at_10": interval(one.mrr_at_10),
                    "ndcg_at_10": interval(one.ndcg_at_10),
                })
            });
            let results: Vec<serde_json::Value> = outcomes
                .iter()
                .map(|one| {
                    json!({
                        "id": one.id, "kind": one.kind, "expected": one.expected, "found": one.found,
                        "place": one.place().map(|place| place + 1), "certainty": one.certainty,
                        "confidence": one.confidence, "grounds": one.grounds,
                    })
                })
                .collect();
            json!({ "set": name, "measures": measures, "results": results })
        })
        .collect();
    let separation = told.map(|told| {
        json!({
            "known": told.known, "unknown": told.unknown, "auroc": told.auroc,
            "precision_known": told.precision_known, "recall_known": told.recall_known,
            "precision_possible": told.precision_possible, "recall_possible": told.recall_possible,
        })
    });
    say(&json!({ "sets": sets, "separation": separation }).to_string());
}
