//! URLs: `url('https://example.com:80/path?k=v').getHost()`. An absolute URL or an absolute path, read as Go reads them.

use std::collections::HashMap;

use cel::common::types::{CelBool, CelList, CelMap, CelMapKey, CelString};
use cel::common::value::Val;
use cel::{DeclarationError, Env, ExecutionError};

use super::own_value;

/// The parts of a URL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Url {
    scheme: String,
    /// With its port, an IPv6 address in brackets.
    host: String,
    path: String,
    query: String,
}

own_value!(Url, "kubernetes.URL");

impl Url {
    fn parse(text: &str) -> Option<Self> {
        if text.bytes().any(|b| b < b' ' || b == 0x7f) {
            return None;
        }
        // Go reads the whole first, the fragment as a part of it, and the parts without it then.
        let text = text.split_once('#').map_or(text, |(text, _)| text);
        let (scheme, rest) = match text.split_once(':') {
            Some((scheme, rest)) if is_scheme(scheme) => (scheme.to_ascii_lowercase(), rest),
            _ if text.starts_with('/') => (String::new(), text),
            _ => return None,
        };
        let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        if !rest.starts_with('/') {
            // `mailto:someone`: a scheme, and nothing that has parts.
            return (!scheme.is_empty() && !rest.is_empty()).then(|| Self {
                scheme,
                host: String::new(),
                path: String::new(),
                query: query.to_owned(),
            });
        }
        let after = if scheme.is_empty() { None } else { rest.strip_prefix("//") };
        let (authority, path) = match after {
            Some(after) => after.split_at(after.find('/').unwrap_or(after.len())),
            None => ("", rest),
        };
        let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
        if !is_host(host) || unescaped(path).is_none() {
            return None;
        }
        Some(Self { scheme, host: host.to_owned(), path: path.to_owned(), query: query.to_owned() })
    }

    /// The host without brackets, and the port.
    fn host_and_port(&self) -> (&str, &str) {
        let after_brackets = self.host.rfind(']').map_or(0, |end| end + 1);
        let (host, port) = match self.host[after_brackets..].rfind(':') {
            Some(colon) => (&self.host[..after_brackets + colon], &self.host[after_brackets + colon + 1..]),
            None => (self.host.as_str(), ""),
        };
        (host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host), port)
    }
}

fn is_scheme(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'))
}

/// A name or an address, and perhaps a port of digits.
fn is_host(host: &str) -> bool {
    let (name, port) = match (host.starts_with('['), host.rfind(']'), host.split_once(':')) {
        (true, Some(end), _) => (&host[..=end], host[end + 1..].strip_prefix(':')),
        (true, None, _) => return false,
        (false, _, Some((name, port))) => (name, Some(port)),
        (false, _, None) => (host, None),
    };
    let rest = host.len() - name.len() - port.map_or(0, |port| port.len() + 1);
    rest == 0
        && !name.contains([' ', '<', '>', '"', '\\', '^', '`', '{', '|', '}'])
        && port.is_none_or(|port| port.bytes().all(|b| b.is_ascii_digit()))
}

/// Text without `%41`; nothing if a `%` is not followed by two digits.
fn unescaped(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digit = |byte: Option<u8>| byte.and_then(|byte| char::from(byte).to_digit(16));
            bytes.push((digit(rest.next())? * 16 + digit(rest.next())?) as u8);
        } else {
            bytes.push(byte);
        }
    }
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

/// Registers the functions over URLs.
pub(super) fn extension(env: &mut Env) -> Result<(), DeclarationError> {
    cel::add_overload!(env, fn url: (CelString) -> Result<Url>)?;
    cel::add_overload!(env, fn is_url: (CelString) -> CelBool, name = "isURL")?;
    cel::add_member_overload!(env, fn get_scheme: (Url) -> CelString)?;
    cel::add_member_overload!(env, fn get_host: (Url) -> CelString)?;
    cel::add_member_overload!(env, fn get_hostname: (Url) -> CelString)?;
    cel::add_member_overload!(env, fn get_port: (Url) -> CelString)?;
    cel::add_member_overload!(env, fn get_escaped_path: (Url) -> CelString)?;
    cel::add_member_overload!(env, fn get_query: (Url) -> CelMap)?;
    Ok(())
}

fn url(text: &CelString<'_>) -> Result<Url, ExecutionError> {
    Url::parse(text.inner()).ok_or_else(|| {
        let message = format!("found {:?}; expected an absolute URL or an absolute path", text.inner());
        ExecutionError::function_error("url", message)
    })
}

fn is_url(text: &CelString<'_>) -> CelBool {
    Url::parse(text.inner()).is_some().into()
}

fn get_scheme(this: &Url) -> CelString<'static> {
    this.scheme.clone().into()
}

fn get_host(this: &Url) -> CelString<'static> {
    this.host.clone().into()
}

fn get_hostname(this: &Url) -> CelString<'static> {
    this.host_and_port().0.to_owned().into()
}

fn get_port(this: &Url) -> CelString<'static> {
    this.host_and_port().1.to_owned().into()
}

/// The path, with what a path may not contain escaped.
fn get_escaped_path(this: &Url) -> CelString<'static> {
    let mut path = String::with_capacity(this.path.len());
    for byte in this.path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~!$&'()*+,;=:@/%[]".contains(&byte) {
            path.push(char::from(byte));
        } else {
            path.push_str(&format!("%{byte:02X}"));
        }
    }
    path.into()
}

fn get_query(this: &Url) -> CelMap<'static> {
    let mut values: HashMap<String, Vec<Box<dyn Val>>> = HashMap::new();
    for pair in this.query.split('&').filter(|pair| !pair.is_empty() && !pair.contains(';')) {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        if let (Some(key), Some(value)) = (unescaped(&key.replace('+', " ")), unescaped(&value.replace('+', " "))) {
            values.entry(key).or_default().push(Box::new(CelString::from(value)));
        }
    }
    let entries =
        values.into_iter().map(|(key, values)| (CelMapKey::from(key), Box::new(CelList::from(values)) as Box<dyn Val>));
    CelMap::from(entries.collect::<HashMap<_, _>>())
}
