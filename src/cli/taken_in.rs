//! What is said of the rules of others after they were read: what was skipped and why, and what is not as in the source.

use super::say;
use crate::service::take_in::{Gathered, Remark};

/// Says everything that did not go without saying, a sentence a line.
pub(super) fn say_report(gathered: &Gathered, guessed: usize) {
    say_all("skipped", &gathered.refused);
    say_all("example left out", &gathered.examples_left_out);
    say_all("changed", &gathered.remarks);
    for path in &gathered.passed_over {
        say(&format!("passed over: {}: no rules in it", path.display()));
    }
    let counts = [
        (gathered.examples_left_out.len(), "examples left out"),
        (gathered.remarks.len(), "changes to fit"),
        (gathered.recording, "recording rules passed over"),
        (guessed, "categories guessed from words"),
    ];
    let counts = counts.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}"));
    let counts: Vec<String> = std::iter::once(format!("{} files read", gathered.files)).chain(counts).collect();
    say(&counts.join(", "));
}

fn say_all(what: &str, remarks: &[Remark]) {
    for remark in remarks {
        say(&format!("{what}: {remark}"));
    }
}
