//! What people wrote to one another while they mended it, as messages: logs copied or exported from Slack, Teams,
//! Discord, IRC and the like, or any lines that begin with a time. Nothing is lost: a line that belongs to no message is
//! kept as one that could not be read.

mod head;
mod names;
mod rows;
mod when;
#[cfg(test)]
mod tests;

pub use self::rows::{Assumed, Row, zone};

use self::head::Speaker;
use self::when::{Day, Written};

/// A chat log, read.
#[derive(Debug, Clone, Default)]
pub struct Chat {
    messages: Vec<Message>,
    /// Lines that belong to no message, in order.
    pub unread: Vec<Unread>,
    /// Everybody who is known by name: those who speak, come and go.
    names: Vec<String>,
}

/// A line that belongs to no message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unread {
    /// Its number, from 1.
    pub line: u32,
    /// The line.
    pub text: String,
}

#[derive(Debug, Clone)]
struct Message {
    /// The line that it begins on, from 1.
    line: u32,
    /// That line.
    head: String,
    at: Written,
    /// The day that a line between messages has named since the message before.
    day: Option<Day>,
    speaker: Option<Speaker>,
    text: String,
}

/// Reads a chat log. Takes time linear in its length, whatever it holds.
pub fn read(text: &str) -> Chat {
    let mut chat = Chat::default();
    let mut open: Option<Message> = None;
    let mut day = None;
    for (number, line) in (1..).zip(text.split('\n').map(|line| line.trim_end_matches('\r'))) {
        if let Some(named) = when::day_alone(line) {
            chat.close(open.take());
            day = Some(named);
        } else if let Some(head) = head::read(line) {
            let last = open.take();
            let speaker = match (head.speaker, &last) {
                // A time alone goes on with whoever spoke last.
                (None, Some(last)) if head.text.is_empty() => last.speaker.clone(),
                (speaker, _) => speaker,
            };
            chat.close(last);
            chat.names.extend(head.also_named);
            let text = head.text.to_owned();
            open = Some(Message { line: number, head: line.to_owned(), at: head.at, day: day.take(), speaker, text });
        } else if let Some(message) = &mut open {
            message.text.push('\n');
            message.text.push_str(line);
        } else if !line.trim().is_empty() {
            chat.unread.push(Unread { line: number, text: line.to_owned() });
        }
    }
    chat.close(open);
    chat
}

impl Chat {
    /// How many messages were read.
    pub fn len(&self) -> usize {
        self.messages.len()
    }

    /// Whether no message was read.
    pub fn is_empty(&self) -> bool {
        self.messages.is_empty()
    }

    /// The people who were read as speaking, each once, in the order of their names.
    pub fn people(&self) -> std::collections::BTreeSet<&str> {
        let speakers = self.messages.iter().filter_map(|message| message.speaker.as_ref());
        speakers
            .filter_map(|speaker| match speaker {
                Speaker::Person(name) => Some(name.as_str()),
                Speaker::Program(_) => None,
            })
            .collect()
    }

    /// Takes a message in; one that says nothing is a line that could not be read.
    fn close(&mut self, message: Option<Message>) {
        let Some(mut message) = message else { return };
        if let Some(Speaker::Person(name)) = &message.speaker {
            self.names.push(name.clone());
        }
        let text = message.text.trim();
        if text.is_empty() {
            self.unread.push(Unread { line: message.line, text: message.head });
        } else {
            message.text = text.to_owned();
            self.messages.push(message);
        }
    }
}
