//! Progress of long work: a bar on a terminal, a log line now and then elsewhere.

use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Shows how far one piece of work is.
pub(super) struct Progress {
    bar: ProgressBar,
    what: &'static str,
    logged_at: Instant,
}

impl Progress {
    const LOG_EVERY: Duration = Duration::from_secs(5);

    /// Starts showing; `what` is a gerund: "importing stories".
    pub fn new(what: &'static str) -> Self {
        let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr());
        // The template is a constant: were it wrong, the plain bar would show.
        if let Ok(style) = ProgressStyle::with_template("  {msg:20} {bar:32} {human_pos}/{human_len}  {eta}") {
            bar.set_style(style.progress_chars("━╸─"));
        }
        bar.set_message(what);
        Self { bar, what, logged_at: Instant::now() }
    }

    /// So much is done.
    pub fn set(&mut self, done: u64, total: u64) {
        self.bar.set_length(total);
        self.bar.set_position(done);
        if self.bar.is_hidden() && self.logged_at.elapsed() > Self::LOG_EVERY {
            self.logged_at = Instant::now();
            tracing::info!(done, total, "{}", self.what);
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
