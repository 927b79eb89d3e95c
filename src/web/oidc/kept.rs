//! What a browser keeps while somebody is at the provider: a cookie for one attempt, of ten minutes.

use actix_web::http::header::{HeaderMap, HeaderValue};
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;

use crate::identity::oidc::{Answer, Attempt};
use crate::web::error::PageError;
use crate::web::page::cookie;
use crate::web::state::Settings;

/// The attempt, and where to be afterwards. It is in no other place: no server has to remember who set out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Kept {
    #[serde(flatten)]
    pub(super) attempt: Attempt,
    /// A path of ours. The cookie could have been changed: it is to be checked again.
    #[serde(rename = "return")]
    pub(super) back: String,
}

impl Kept {
    /// How long somebody may take at the provider, in seconds.
    const LASTS: u32 = 600;
    /// Longer paths are not worth coming back to, in bytes: browsers take cookies of 4 KiB.
    const LONGEST: usize = 1_000;

    pub(super) fn new(attempt: Attempt, back: &str) -> Self {
        let back = if back.len() <= Self::LONGEST { back } else { "/" };
        Self { attempt, back: back.to_owned() }
    }

    /// What the browser sent, if it is whole.
    pub(super) fn of(headers: &HeaderMap, settings: &Settings) -> Option<Self> {
        serde_html_form::from_str(cookie(headers, name(settings))?).ok()
    }

    /// Whether the answer is one to this attempt.
    pub(super) fn is_answered_by(&self, answer: &Answer) -> bool {
        let (ours, theirs) = (self.attempt.state.as_bytes(), answer.state.as_deref().unwrap_or_default().as_bytes());
        !ours.is_empty() && bool::from(ours.ct_eq(theirs))
    }

    /// The header that gives it to the browser. Lax: it has to come back with somebody whom another site sends.
    pub(super) fn set_cookie(&self, settings: &Settings) -> Result<HeaderValue, PageError> {
        let value = serde_html_form::to_string(self).map_err(|error| PageError::Internal(Box::new(error)))?;
        let cookie = format!("{}={value}; Path=/; Max-Age={}; {}", name(settings), Self::LASTS, attributes(settings));
        HeaderValue::from_str(&cookie).map_err(|error| PageError::Internal(Box::new(error)))
    }

    /// The header that takes it away.
    pub(super) fn forget(settings: &Settings) -> HeaderValue {
        if settings.is_https() {
            HeaderValue::from_static("__Host-casebook-oidc=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax; Secure")
        } else {
            HeaderValue::from_static("casebook-oidc=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax")
        }
    }
}

/// The `__Host-` prefix keeps neighbouring names from setting it, but browsers take it over HTTPS only.
fn name(settings: &Settings) -> &'static str {
    if settings.is_https() { "__Host-casebook-oidc" } else { "casebook-oidc" }
}

fn attributes(settings: &Settings) -> &'static str {
    if settings.is_https() { "HttpOnly; SameSite=Lax; Secure" } else { "HttpOnly; SameSite=Lax" }
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::{COOKIE, HeaderMap, HeaderValue};

    use super::Kept;
    use crate::domain::Policy;
    use crate::identity::oidc::{Answer, Attempt};
    use crate::web::state::Settings;

    fn settings(public_url: &str) -> Settings {
        Settings { public_url: Some(public_url.to_owned()), ..Settings::new(Policy::TRYING, ".".into()) }
    }

    fn kept(back: &str) -> Kept {
        let attempt = Attempt { state: "a-_1".to_owned(), nonce: "b".to_owned(), verifier: "c~d.e".to_owned() };
        Kept::new(attempt, back)
    }

    fn sent(cookie: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(COOKIE, HeaderValue::from_str(cookie).expect("a header"));
        headers
    }

    #[test]
    fn what_the_browser_keeps_comes_back_as_it_was() {
        for url in ["https://casebook.example.com", "http://127.0.0.1:8080"] {
            let settings = settings(url);
            for back in ["/", "/stories?q=a%20b&c=\"d\";e,f#g=h%", "/%00+x=y"] {
                let header = kept(back).set_cookie(&settings).expect("a header");
                let header = header.to_str().expect("ASCII");
                assert_eq!(header.contains("; Secure"), url.starts_with("https"), "{header}");
                assert!(header.contains("; HttpOnly; SameSite=Lax") && header.contains("Max-Age=600"), "{header}");
                let pair = header.split(';').next().expect("a pair");
                let other = format!("theme=dark; {pair}; more=1");
                assert_eq!(Kept::of(&sent(&other), &settings), Some(kept(back)), "{header}");
            }
        }
    }

    #[test]
    fn a_cookie_that_is_not_whole_is_none() {
        let settings = settings("http://127.0.0.1:8080");
        for wrong in ["", "casebook-oidc=", "casebook-oidc=state=a", "casebook-oidc=state=a&state=b&nonce=c&verifier=d"]
        {
            assert_eq!(Kept::of(&sent(wrong), &settings), None, "{wrong:?}");
        }
        let secure = super::name(&self::settings("https://casebook.example.com"));
        let elsewhere = format!("{secure}=state=a&nonce=b&verifier=c&return=/");
        assert_eq!(Kept::of(&sent(&elsewhere), &settings), None);
    }

    #[test]
    fn only_the_answer_with_its_own_state_is_an_answer_to_an_attempt() {
        let answer = |state: Option<&str>| Answer { state: state.map(str::to_owned), ..Answer::default() };
        assert!(kept("/").is_answered_by(&answer(Some("a-_1"))));
        for wrong in [None, Some(""), Some("a-_"), Some("a-_11"), Some("b")] {
            assert!(!kept("/").is_answered_by(&answer(wrong)), "{wrong:?}");
        }
        let mut stateless = kept("/");
        stateless.attempt.state.clear();
        assert!(!stateless.is_answered_by(&answer(None)) && !stateless.is_answered_by(&answer(Some(""))));
    }

    #[test]
    fn a_way_back_that_no_cookie_can_hold_is_left_out() {
        assert_eq!(kept(&format!("/{}", "a".repeat(1_000))).back, "/");
        assert_eq!(kept(&format!("/{}", "a".repeat(999))).back.len(), 1_000);
    }
}
