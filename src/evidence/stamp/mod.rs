//! Timestamps of log lines: where one stands, how it is written, and which moment it means.
//! `place` knows the shapes of lines, `written` those of dates, `calendar` what is left out, `fields` a line of JSON.

mod place;
mod written;
mod calendar;
mod cursor;
pub(super) mod fields;

#[cfg(test)]
mod tests;

pub(super) use self::calendar::Calendar;

/// The stamp of one line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stamp {
    /// Nanoseconds since 1970.
    pub nanoseconds: i64,
    /// What kind of log it says the line is from.
    pub form: Form,
}

/// How a log sets its stamps apart from its messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// What the container runtimes of Kubernetes write: stamp, stream, tag, and the message from this byte on.
    Cri(usize),
    /// RFC 3339 before a space, as `kubectl logs --timestamps` writes it; the message begins at this byte.
    Rfc3339(usize),
    /// What Docker writes: JSON with the message under `log`.
    Docker,
    /// All others: the stamp is part of the message.
    Within,
}

/// The stamp of a line, if it has one. The calendar learns from it.
pub(super) fn read(line: &str, calendar: &mut Calendar) -> Option<Stamp> {
    let (written, _, form) = place::find(line)?;
    let nanoseconds = calendar.settle(written)?;
    Some(Stamp { nanoseconds, form })
}

/// The byte at which the message of a line begins, behind its stamp: 0 where it has none.
pub(super) fn message(line: &str) -> usize {
    match place::find(line) {
        Some((_, _, Form::Cri(message) | Form::Rfc3339(message))) => message,
        Some((_, end, Form::Docker | Form::Within)) => end,
        None => 0,
    }
}
