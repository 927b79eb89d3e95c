//! Turns at the index: how much work of a kind goes on at once, and how long anybody waits for a turn. More threads than
//! cores would only make each search slower; a lane of its own for each kind keeps long work from holding up short.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;

use super::error::PageError;

/// The lanes of one node, shared by its workers.
pub struct Lanes {
    /// Searches and lists: milliseconds.
    pub(super) searches: Lane,
    /// Matching what somebody typed, or a screen of logs.
    pub(super) matches: Lane,
    /// Matching up to a MiB: seconds.
    pub(super) long_matches: Lane,
    /// Decoding a picture and writing it anew: seconds, and hundreds of MiB for the largest.
    pub(super) pictures: Lane,
}

impl Default for Lanes {
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(2, usize::from);
        Self {
            searches: Lane::new(cores, Duration::from_secs(5)),
            matches: Lane::new(cores, Duration::from_secs(10)),
            long_matches: Lane::new(cores.div_ceil(2), Duration::from_secs(30)),
            pictures: Lane::new(1, Duration::from_secs(10)),
        }
    }
}

impl Lanes {
    /// From this many bytes of evidence matching it takes long.
    pub(super) const LONG: usize = 64 << 10;
}

/// A queue for work of one kind: who came first is first.
pub(super) struct Lane {
    turns: Arc<Semaphore>,
    patience: Duration,
}

impl Lane {
    fn new(at_once: usize, patience: Duration) -> Self {
        Self { turns: Arc::new(Semaphore::new(at_once)), patience }
    }

    /// Does the work on a thread that may block, when it is its turn.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, PageError> {
        let turn = match tokio::time::timeout(self.patience, Arc::clone(&self.turns).acquire_owned()).await {
            Ok(Ok(turn)) => turn,
            Ok(Err(_)) | Err(_) => return Err(PageError::Busy),
        };
        let done = actix_web::web::block(move || {
            // Held by the work: whoever asked may be gone before it is done.
            let _turn = turn;
            work()
        });
        done.await.map_err(|cause| PageError::Internal(Box::new(cause)))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    use super::Lane;
    use crate::web::error::PageError;

    #[actix_web::test]
    async fn no_more_goes_on_at_once_than_there_are_turns() {
        let lane = Lane::new(2, Duration::from_secs(60));
        let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let work = || {
            let (now, most) = (Arc::clone(&now), Arc::clone(&most));
            lane.run(move || {
                most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                std::thread::sleep(Duration::from_millis(2));
                now.fetch_sub(1, Ordering::SeqCst);
            })
        };
        let done = futures_util::future::join_all((0..40).map(|_| work())).await;
        assert!(done.iter().all(Result::is_ok));
        assert!(most.load(Ordering::SeqCst) <= 2, "{most:?} at once");
    }

    #[actix_web::test]
    async fn who_waits_too_long_is_told_and_a_caller_that_left_keeps_its_turn_until_the_work_is_done() {
        let lane = Lane::new(1, Duration::from_millis(20));
        let (finish, wait) = std::sync::mpsc::channel::<()>();
        // The caller gives up at once; the work goes on.
        let left = tokio::time::timeout(Duration::from_millis(5), lane.run(move || wait.recv())).await;
        assert!(left.is_err());
        assert!(matches!(lane.run(|| ()).await, Err(PageError::Busy)));
        finish.send(()).expect("the work waits");
        while lane.run(|| ()).await.is_err() {}
    }
}
