//! A bound on the work of one program over one line: every step, item and copied byte is counted.

use super::value::Json;

/// Why a program stopped before its end.
#[derive(Debug)]
pub(super) enum Stop {
    /// It raised an error, which `try` can catch.
    Raised(Json),
    /// It took too much work; nothing catches that.
    Exhausted,
}

impl Stop {
    /// An error in words.
    pub(super) fn raised(message: impl AsRef<str>) -> Self {
        Self::Raised(Json::text(message))
    }
}

/// The work that is left.
#[derive(Debug)]
pub(super) struct Work(usize);

impl Work {
    /// Enough for anything that looks at a line of this length a few times.
    pub(super) fn for_line(bytes: usize) -> Self {
        Self(2_000 + 8 * bytes)
    }

    /// Takes some away.
    pub(super) fn spend(&mut self, steps: usize) -> Result<(), Stop> {
        self.0 = self.0.checked_sub(steps).ok_or(Stop::Exhausted)?;
        Ok(())
    }
}
