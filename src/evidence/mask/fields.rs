//! Secrets that are known by the name of their field: `password=…`, `"clientSecret": "…"`, `--token …`, and the pairs
//! of name and value in which Kubernetes writes environments.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::found::{Found, SecretKind, pattern};
use super::network::last_chars;
use super::value::{self, Form, Value};

/// The words that the names of secret fields end in.
macro_rules! secret_names {
    () => {
        concat!(
            r"pass(?:word|wd|phrase|code)?|pwd|token|secret(?:[_.-]?access)?[_.-]?key(?:[_.-]?base)?|secret",
            r"|(?:api|access|private|signing|encryption|account|shared|auth|master|license|hmac|ssh|session|service)",
            r"[_.-]?key(?:[_.-]?id)?|client-key-data|signature|session[_.-]?id|jsessionid|phpsessid|connect\.sid",
        )
    };
}

static FIELDS: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(r#"(?i-u)(?:"#, secret_names!(), r#")(?:\\?["'])?(?:[ \t]{0,8}(?::=|=>|=|:)|["']?,?[ \t])[ \t]*"#))
});

/// `- name: DB_PASSWORD` with `value: …` on the next line, or both in one line of JSON.
static PAIRS: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r#"(?i-u)\bname(?:\\?["'])?[ \t]*:[ \t]*(?:\\?["'])?[a-z0-9_.-]{0,64}?("#,
        secret_names!(),
        r#")(?:\\?["'])?,?\s{0,80}(?:\\?["'])?value(?:\\?["'])?[ \t]*:[ \t]*"#,
    ))
});

pub(super) fn find(text: &str, found: &mut Vec<Found>) {
    let mut from = 0;
    while let Some(met) = FIELDS.find_at(text, from) {
        let word = met.as_str().find(|c: char| !is_of_key(c)).unwrap_or(met.len());
        let key = key_before(text, met.start()..met.start() + word);
        let Some(sign) = sign(text, &key, met.as_str()) else {
            from = key.end;
            continue;
        };
        let field = Field { key: &text[key.clone()], place: place(text, key.start), sign };
        let value = field.value(text, met.end());
        // Long values are not looked through a second time, so that time stays linear.
        from = if value.span.len() > 256 { value.span.end.max(met.end()) } else { met.end() };
        if field.is_secret(text, &value) {
            from = value.span.end;
            found.push(Found { span: value.span, kind: field.kind() });
        }
    }
    for groups in PAIRS.captures_iter(text) {
        let (Some(whole), Some(word)) = (groups.get(0), groups.get(1)) else { continue };
        let field = Field { key: word.as_str(), place: Place::Alone, sign: Sign::Equals };
        let value = field.value(text, whole.end());
        if field.is_secret(text, &value) {
            found.push(Found { span: value.span, kind: field.kind() });
        }
    }
}

/// How a field and its value are put together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sign {
    /// `=`, `:=`, `=>`.
    Equals,
    /// `:`.
    Colon,
    /// A blank, after a flag: `--password hunter2`.
    Flag,
}

/// Where the name of a field stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// First on its line, as in YAML, at this depth.
    LineStart(usize),
    /// In quotes, as in JSON, or set apart by its own syntax.
    Alone,
    /// Somewhere in a line.
    Within,
}

struct Field<'t> {
    key: &'t str,
    place: Place,
    sign: Sign,
}

impl Field<'_> {
    fn value(&self, text: &str, start: usize) -> Value {
        let value = value::read(text, start);
        match self.place {
            Place::LineStart(depth) if value.form == Form::Bare => {
                value::read_block(text, start, depth).unwrap_or(value)
            }
            Place::LineStart(_) | Place::Alone | Place::Within => value,
        }
    }

    fn kind(&self) -> SecretKind {
        let word = self.word();
        if word.starts_with("pass") || word == "pwd" || self.ends_in("password") {
            SecretKind::Password
        } else if self.ends_in("token") || word == "signature" {
            SecretKind::Token
        } else if self.ends_in("key") || self.ends_in("keyid") || self.ends_in("keydata") || self.ends_in("keybase") {
            SecretKind::Key
        } else if self.ends_in("sid") || self.ends_in("sessid") || self.ends_in("sessionid") {
            SecretKind::Session
        } else {
            SecretKind::Secret
        }
    }

    /// The key in lower case without what separates its words.
    fn plain(&self) -> String {
        self.key.chars().filter(|c| c.is_ascii_alphanumeric()).map(|c| c.to_ascii_lowercase()).collect()
    }

    fn ends_in(&self, ending: &str) -> bool {
        self.plain().ends_with(ending)
    }

    /// The last word of the key.
    fn word(&self) -> String {
        self.key.rsplit(['_', '.', '-']).next().unwrap_or_default().to_ascii_lowercase()
    }

    fn is_secret(&self, text: &str, value: &Value) -> bool {
        let written = &text[value.span.clone()];
        if written.is_empty()
            || !value::is_written_out(written)
            || (self.kind() != SecretKind::Password && is_small(written))
        {
            return false;
        }
        let plain = self.plain();
        if plain == "pwd" || plain == "oldpwd" {
            return self.key.bytes().all(|byte| byte.is_ascii_lowercase()) || !written.contains('/');
        }
        // `PASS: TestServer`, `bypass: on`.
        if plain.ends_with("pass") && !(self.word() == "pass" && (self.sign == Sign::Equals || plain != "pass")) {
            return false;
        }
        if plain.ends_with("signature") || self.kind() == SecretKind::Session {
            return written.len() >= 16 && value::looks_random(written);
        }
        if plain.ends_with("secret") && names_an_object(&plain) && value::looks_like_a_name(written) {
            return false;
        }
        match (self.place, self.sign, value.form) {
            (Place::Alone, ..) | (_, Sign::Equals, _) | (.., Form::Quoted | Form::Block) => true,
            (_, Sign::Flag, Form::Bare) => !written.starts_with('-'),
            (Place::LineStart(_), Sign::Colon, Form::Bare) => {
                is_rest_of_line(text, value.span.end) || value::looks_random(written)
            }
            (Place::Within, Sign::Colon, Form::Bare) => value::looks_random(written),
        }
    }
}

/// Counts and flags are no tokens: `token=5`.
fn is_small(written: &str) -> bool {
    written.len() < 6 && written.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether a field that ends in `secret` holds the name of a Secret in Kubernetes, not the secret itself: `secret`,
/// `imagePullSecret`, `existingSecret`, `tls-secret`, against `client_secret`.
fn names_an_object(plain: &str) -> bool {
    !["client", "app", "shared", "api", "jwt", "webhook", "consumer", "oauth", "cookie", "session", "hmac", "signing"]
        .iter()
        .any(|owner| plain.strip_suffix("secret").is_some_and(|before| before.ends_with(owner)))
}

fn is_rest_of_line(text: &str, end: usize) -> bool {
    let rest = text[end..].trim_start_matches([' ', '\t', ',', '\r']);
    rest.is_empty() || rest.starts_with('\n') || rest.starts_with('#')
}

/// The whole name that ends in the word at `word`.
fn key_before(text: &str, word: Range<usize>) -> Range<usize> {
    let before = last_chars(&text[..word.start], 64);
    let name = before.rfind(|c: char| !is_of_key(c));
    let length =
        name.map_or(before.len(), |at| before.len() - at - before[at..].chars().next().map_or(0, char::len_utf8));
    word.start - length..word.end
}

fn is_of_key(c: char) -> bool {
    c.is_ascii_alphanumeric() || "_.-".contains(c)
}

fn sign(text: &str, key: &Range<usize>, met: &str) -> Option<Sign> {
    let met = met.trim_end_matches([' ', '\t']);
    if met.ends_with(':') {
        Some(Sign::Colon)
    } else if met.ends_with('=') || met.ends_with("=>") {
        Some(Sign::Equals)
    } else {
        text[key.clone()].starts_with("--").then_some(Sign::Flag)
    }
}

fn place(text: &str, key: usize) -> Place {
    let before = last_chars(&text[..key], 200);
    let line = &before[before.rfind('\n').map_or(0, |at| at + 1)..];
    let is_whole_line = line.len() < before.len() || before.len() == key;
    if is_whole_line && line.chars().all(|c| c == ' ' || c == '-' || c == '\t') {
        Place::LineStart(line.len())
    } else if line.ends_with(['"', '\'']) {
        Place::Alone
    } else {
        Place::Within
    }
}
