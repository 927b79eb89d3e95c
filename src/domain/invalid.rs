//! The one way a single value can be wrong: what was found, and what was expected instead.

/// A value that could not be parsed. Its text is meant for the person who typed it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("found {found}; expected {expected}")]
pub struct Invalid {
    /// The value as it was given, quoted and shortened for display.
    pub found: String,
    /// What would have been right, as a noun phrase.
    pub expected: String,
}

impl Invalid {
    /// Quotes `found` (at most 60 characters of it) beside what was expected.
    pub fn new(found: &str, expected: impl Into<String>) -> Self {
        Self { found: quoted(found), expected: expected.into() }
    }

    /// For a value that is there in a form that quoting would not explain ("nothing", "70 000 bytes").
    pub fn described(found: impl Into<String>, expected: impl Into<String>) -> Self {
        Self { found: found.into(), expected: expected.into() }
    }
}

fn quoted(found: &str) -> String {
    const SHOWN: usize = 60;
    if found.trim().is_empty() {
        return "nothing".to_owned();
    }
    let shown: String = found.chars().take(SHOWN).flat_map(char::escape_debug).collect();
    if found.chars().nth(SHOWN).is_some() { format!("\"{shown}…\"") } else { format!("\"{shown}\"") }
}

/// What every type has that is text of a certain shape around a `String`, and has a `parse` of its own.
macro_rules! parsed_text {
    ($($type:ident),+) => {$(
        impl $type {
            /// The text itself.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl TryFrom<String> for $type {
            type Error = $crate::domain::Invalid;

            fn try_from(text: String) -> Result<Self, $crate::domain::Invalid> {
                Self::parse(&text)
            }
        }

        impl From<$type> for String {
            fn from(text: $type) -> Self {
                text.0
            }
        }
    )+};
}

pub(crate) use parsed_text;

#[cfg(test)]
mod tests {
    use super::Invalid;

    #[test]
    fn a_long_value_is_shortened_and_control_characters_are_made_visible() {
        let invalid = Invalid::new(&format!("a\0{}", "b".repeat(100)), "a word");
        assert!(invalid.found.starts_with("\"a\\0b"));
        assert!(invalid.found.ends_with("…\""));
        assert_eq!(Invalid::new("  ", "a word").to_string(), "found nothing; expected a word");
    }
}
