//! Secrets that are known by where they stand: headers of HTTP, cookies, the credentials in an address.

use std::sync::LazyLock;

use regex::Regex;

use super::found::{Found, SecretKind, pattern};
use super::value;

pub(super) fn find(text: &str, found: &mut Vec<Found>) {
    find_authorization(text, found);
    find_cookies(text, found);
    find_url_credentials(text, found);
}

static AUTHORIZATION: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r#"(?i-u)\bauthorization(?:\\?["'])?[ \t]{0,8}[:=][ \t\["'\\]{0,16}"#,
        r#"(?:(?:bearer|basic|token|digest|negotiate|apikey|splunk|ntlm)(?:[ \t]+|%20))?"#,
        r#"|(?:\bbearer|-u|--user)[ \t]+["']?"#,
    ))
});

const SCHEMES: [&str; 8] = ["bearer", "basic", "token", "digest", "negotiate", "apikey", "splunk", "ntlm"];

fn find_authorization(text: &str, found: &mut Vec<Found>) {
    let mut from = 0;
    while let Some(whole) = AUTHORIZATION.find_at(text, from) {
        let value = value::read(text, whole.end());
        from = if value.span.len() > 256 { value.span.end.max(whole.end()) } else { whole.end() };
        let written = &text[value.span.clone()];
        let met = whole.as_str().to_ascii_lowercase();
        let is_header = met.starts_with("authorization");
        let scheme =
            SCHEMES.iter().find(|scheme| met.trim_end_matches([' ', '\t']).trim_end_matches("%20").ends_with(*scheme));
        let long_and_random = written.len() >= 12 && value::looks_random(written);
        let (kind, span, is_secret) = if met.starts_with("bearer") {
            (SecretKind::Token, value.span, long_and_random)
        } else if is_header {
            let kind = if scheme == Some(&"basic") { SecretKind::Password } else { SecretKind::Token };
            let is_secret = (scheme.is_some() && written.len() >= 6) || long_and_random;
            (kind, value.span, is_secret)
        } else {
            // `curl -u user:password`.
            let Some((user, password)) = written.split_once(':') else { continue };
            let start = value.span.start + user.len() + 1;
            (
                SecretKind::Password,
                start..value.span.end,
                !user.is_empty() && !password.bytes().all(|b| b.is_ascii_digit()),
            )
        };
        if is_secret && value::is_written_out(&text[span.clone()]) {
            from = span.end;
            found.push(Found { span, kind });
        }
    }
}

static COOKIES: LazyLock<Regex> =
    LazyLock::new(|| pattern(r#"(?i-u)\b(?:set-)?cookie(?:\\?["'])?[ \t]{0,8}[:=][ \t\["'\\]{0,16}"#));

/// What a cookie says about itself is no secret.
const COOKIE_ATTRIBUTES: [&str; 7] = ["path", "expires", "domain", "max-age", "samesite", "version", "priority"];

fn find_cookies(text: &str, found: &mut Vec<Found>) {
    let mut from = 0;
    while let Some(met) = COOKIES.find_at(text, from) {
        let line = text[met.end()..].split(['\n', '"']).next().unwrap_or_default();
        from = met.end() + line.len();
        let mut start = met.end();
        for pair in line.split(';') {
            let end = start + pair.len();
            if let Some((name, written)) = pair.split_once('=') {
                let is_attribute = COOKIE_ATTRIBUTES.contains(&name.trim().to_ascii_lowercase().as_str());
                let written = written.split_whitespace().next().unwrap_or_default().trim_matches(['\'', '\\']);
                let at = pair.find('=').map_or(end, |at| start + at + 1);
                let at = at + text[at..end].find(written).unwrap_or(0);
                if !is_attribute && name.trim().len() <= 64 && value::is_written_out(written) {
                    found.push(Found { span: at..at + written.len(), kind: SecretKind::Session });
                }
            }
            start = end + 1;
        }
    }
}

static URL_CREDENTIALS: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r#"://[^\s:/?\#@"'<>\[\]]{0,128}:([^\s/?\#"'<>]{1,256})@"#,
        r#"|://([^\s:/?\#@"'<>\[\]]{16,128})@"#,
        r#"|(?-u:\b)[A-Za-z0-9_.-]{1,64}:([^\s:@/"'<>]{1,256})@(?:tcp|unix)\("#,
    ))
});

fn find_url_credentials(text: &str, found: &mut Vec<Found>) {
    for groups in URL_CREDENTIALS.captures_iter(text) {
        let (password, token) = (groups.get(1).or(groups.get(3)), groups.get(2));
        let kind = if token.is_some() { SecretKind::Token } else { SecretKind::Password };
        let Some(secret) = password.or(token) else { continue };
        if value::is_written_out(secret.as_str()) {
            found.push(Found { span: secret.range(), kind });
        }
    }
}
