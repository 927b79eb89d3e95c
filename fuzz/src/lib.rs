//! The rooms that read what strangers paste, alone: `cargo fuzz run evidence`, see CONTRIBUTING.md.

#[path = "../../src/detection/mod.rs"]
pub mod detection;
#[path = "../../src/domain/mod.rs"]
pub mod domain;
#[path = "../../src/evidence/mod.rs"]
pub mod evidence;

use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

/// The longest that reading so many bytes may take: a second for a MiB, and one for whatever is small: a rule may
/// compile to a MiB, and the sanitizer slows everything down.
fn allowed(bytes: usize) -> Duration {
    Duration::from_secs(1) + Duration::from_secs(1) * u32::try_from(bytes >> 10).unwrap_or(u32::MAX) / 1024
}

/// Does the work and fails when it takes longer than its input allows: in the time of the processor, since a busy machine
/// stretches the other; and twice in a row, since the first to need an expression pays for its compilation.
pub fn in_time(bytes: usize, work: impl Fn()) {
    let timed = || {
        let start = spent();
        work();
        spent().saturating_sub(start)
    };
    let taken = timed();
    if taken > allowed(bytes) {
        let again = timed();
        assert!(again <= allowed(bytes), "{bytes} bytes took {taken:?}, and again {again:?}");
    }
}

fn spent() -> Duration {
    Duration::try_from(clock_gettime(ClockId::ThreadCPUTime)).unwrap_or_default()
}
