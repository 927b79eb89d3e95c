//! The rooms that read what strangers paste, alone: `cargo fuzz run evidence`, see CONTRIBUTING.md.

#[path = "../../src/detection/mod.rs"]
pub mod detection;
#[path = "../../src/domain/mod.rs"]
pub mod domain;
#[path = "../../src/evidence/mod.rs"]
pub mod evidence;

use std::time::{Duration, Instant};

/// The longest that reading so many bytes may take: a second for a MiB, and a quarter for whatever is small, since the
/// sanitizer and a busy machine slow everything down.
fn allowed(bytes: usize) -> Duration {
    Duration::from_millis(250) + Duration::from_secs(1) * u32::try_from(bytes >> 10).unwrap_or(u32::MAX) / 1024
}

/// Does the work and fails when it takes longer than its input allows.
pub fn in_time<T>(bytes: usize, work: impl FnOnce() -> T) -> T {
    let start = Instant::now();
    let done = work();
    let taken = start.elapsed();
    assert!(taken <= allowed(bytes), "{bytes} bytes took {taken:?}");
    done
}
