//! How long this thread has run on a processor: what tests of growth measure, since other tests run at the same time.

use std::time::{Duration, Instant};

/// The processor's time where the system tells it, the clock's elsewhere. Only differences mean something.
pub(crate) fn processor_time() -> Duration {
    static BEGUN: std::sync::LazyLock<Instant> = std::sync::LazyLock::new(Instant::now);
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanoseconds = told.and_then(|told| told.split_whitespace().next()?.parse().ok());
    nanoseconds.map_or_else(|| BEGUN.elapsed(), Duration::from_nanos)
}
