//! The language that a reader would rather read: titles, summaries and symptoms are shown in it where they have been
//! translated. Everything else stays as it was written, in English.

use actix_web::HttpMessage;
use actix_web::http::header::{ACCEPT_LANGUAGE, AcceptLanguage, Header};

use crate::domain::Translation;
use crate::domain::matching::Card;

/// The primary tag of the language that a browser asks for first (`zh` of `zh-CN`); none where that is English.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub(super) struct Spoken(Option<Box<str>>);

impl Spoken {
    pub(super) fn of(request: &impl HttpMessage) -> Self {
        if !request.headers().contains_key(ACCEPT_LANGUAGE) {
            return Self::default();
        }
        let first = AcceptLanguage::parse(request).ok().and_then(|asked| asked.preference().into_item());
        let primary = first.map(|tag| tag.primary_language().to_ascii_lowercase());
        // Longer ones are names of nothing that is written here, and pages are kept for each.
        Self(primary.filter(|tag| tag != "en" && tag.len() <= 3).map(String::into_boxed_str))
    }

    /// The translation to show, where there is one.
    pub(super) fn choose<'t>(&self, translations: &'t [Translation]) -> Option<&'t Translation> {
        translations.iter().find(|translation| self.is(translation.language.as_str()))
    }

    /// Has cards show their titles and summaries in this language, as far as they have them.
    pub(super) fn tell<'c>(&self, cards: impl IntoIterator<Item = &'c mut Card>) {
        if self.0.is_none() {
            return;
        }
        for card in cards {
            if let Some(place) = card.translations.iter().position(|one| self.is(one.language.as_str())) {
                card.show_translation(place);
            }
        }
    }

    fn is(&self, language: &str) -> bool {
        self.0.as_deref().is_some_and(|primary| language.split('-').next() == Some(primary))
    }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::Spoken;

    #[test]
    fn the_language_that_is_asked_for_first_counts_whatever_the_order() {
        let of = |wish: &str| {
            let request = TestRequest::default().insert_header(("accept-language", wish)).to_http_request();
            Spoken::of(&request).0.as_deref().map(str::to_owned)
        };
        for wish in ["zh", "zh-CN,zh;q=0.9,en;q=0.8", "en;q=0.5, ZH-Hant", "zh-TW"] {
            assert_eq!(of(wish).as_deref(), Some("zh"), "{wish}");
        }
        for wish in ["", "*", "en-GB, zh;q=0.9", "zh;q=0.2, en", "q", ";;;", "english"] {
            assert_eq!(of(wish), None, "{wish}");
        }
        assert_eq!(Spoken::of(&TestRequest::default().to_http_request()), Spoken::default());
    }
}
