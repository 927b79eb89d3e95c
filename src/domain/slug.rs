//! The part of an address that names a story or a pattern.

use serde::{Deserialize, Serialize};

use super::Invalid;
use super::invalid::parsed_text;

/// Lower-case ASCII words joined by single hyphens, 1 to 80 bytes: `pod-ip-range-exhausted`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Slug(String);

impl Slug {
    /// The longest slug, in bytes. File systems and address bars both stay comfortable with it.
    pub const MAX: usize = 80;

    /// Words that are pages of their own under `/stories` and `/patterns` and so cannot name a record.
    pub const RESERVED: [&'static str; 3] = ["new", "edit", "revisions"];

    /// Parses a slug exactly as written; nothing is corrected.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let words_are_right = text
            .split('-')
            .all(|word| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()));
        if words_are_right && text.len() <= Self::MAX && !Self::RESERVED.contains(&text) {
            Ok(Self(text.to_owned()))
        } else {
            Err(Invalid::new(
                text,
                format!(
                    "a slug: lower-case letters, digits and single hyphens, at most {} characters, none of {}",
                    Self::MAX,
                    Self::RESERVED.join(", ")
                ),
            ))
        }
    }

    /// Makes the slug that a title suggests. A title without a single ASCII letter or digit
    /// (Chinese, say) gives `fallback`, which is already unique.
    pub fn from_title(title: &str, fallback: &str) -> Self {
        let mut slug = String::new();
        for character in title.chars() {
            if character.is_ascii_alphanumeric() {
                slug.push(character.to_ascii_lowercase());
            } else if !slug.is_empty() && !slug.ends_with('-') && !matches!(character, '\'' | '’') {
                slug.push('-');
            }
        }
        if slug.len() > Self::MAX {
            let cut = slug[..=Self::MAX].rfind('-').filter(|&at| at > Self::MAX / 2).unwrap_or(Self::MAX);
            slug.truncate(cut);
        }
        let slug = slug.trim_matches('-');
        if slug.is_empty() || Self::RESERVED.contains(&slug) {
            Self(fallback.to_ascii_lowercase().chars().take(Self::MAX).collect())
        } else {
            Self(slug.to_owned())
        }
    }

    /// The same slug with a number behind it, for a second record of the same title.
    #[must_use]
    pub fn numbered(&self, number: u32) -> Self {
        let suffix = format!("-{number}");
        let kept = self.0.len().min(Self::MAX - suffix.len());
        Self(format!("{}{suffix}", self.0[..kept].trim_end_matches('-')))
    }
}

parsed_text!(Slug);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Slug;

    #[test]
    fn a_title_becomes_words_joined_by_hyphens() {
        let slug = |title| Slug::from_title(title, "story-1").to_string();
        assert_eq!(slug("GKE: 0/256 nodes — are *available*!"), "gke-0-256-nodes-are-available");
        assert_eq!(slug("The team's webhook"), "the-teams-webhook");
        assert_eq!(slug("耗尽资源"), "story-1");
        assert_eq!(slug("New"), "story-1");
    }

    #[test]
    fn bad_slugs_are_refused() {
        for bad in ["", "-a", "a-", "a--b", "A", "a b", "é", "new", &"a".repeat(81), "a/b", "a\0"] {
            assert!(Slug::parse(bad).is_err(), "{bad:?} was accepted");
        }
    }

    proptest! {
        #[test]
        fn a_slug_made_from_any_title_parses(title in ".{0,200}", number in 2u32..100_000) {
            let slug = Slug::from_title(&title, "story-1");
            prop_assert_eq!(Slug::parse(slug.as_str()), Ok(slug.clone()));
            prop_assert!(Slug::parse(slug.numbered(number).as_str()).is_ok());
        }
    }
}
