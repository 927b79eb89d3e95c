//! Where a fact comes from, or where to read on.

use serde::{Deserialize, Serialize};

use super::invalid::parsed_text;
use super::vocabulary::vocabulary;
use super::{Invalid, Language, Line};

vocabulary! {
    /// What a reference leads to.
    ReferenceKind: "a kind of reference" {
        Report = "report", "Report", "The team's own account of the incident";
        Article = "article", "Article", "Somebody else's account or explanation";
        Fix = "fix", "Fix", "The change or release that mends it";
        Discussion = "discussion", "Discussion", "An issue, a thread or a status page";
        Tool = "tool", "Tool", "Software that finds, prevents or repairs it";
    }
}

/// An absolute `http` or `https` address of at most 2,000 bytes.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct WebAddress(String);

impl WebAddress {
    /// Parses by shape: scheme, a host, and no white space, control character, quote or angle bracket.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let address = text.trim();
        let rest = ["https://", "http://"].iter().find_map(|scheme| {
            address
                .get(..scheme.len())
                .filter(|start| start.eq_ignore_ascii_case(scheme))
                .map(|_| &address[scheme.len()..])
        });
        let host = rest.map(|rest| rest.split(['/', '?', '#']).next().unwrap_or_default());
        let host_is_right =
            host.is_some_and(|host| host.starts_with(|c: char| c.is_alphanumeric() || c == '[') && !host.contains('@'));
        let characters_are_right = !address
            .chars()
            .any(|c| c.is_whitespace() || c.is_control() || matches!(c, '"' | '\'' | '<' | '>' | '\\' | '`'));
        if host_is_right && characters_are_right && address.len() <= 2_000 {
            Ok(Self(address.to_owned()))
        } else {
            Err(Invalid::new(address, "a web address that starts with https:// or http://"))
        }
    }

    /// The host, for people: `deploy.live`.
    pub fn host(&self) -> &str {
        let rest = self.0.split_once("://").map_or("", |(_, rest)| rest);
        let host = rest.split(['/', '?', '#', ':']).next().unwrap_or_default();
        host.strip_prefix("www.").unwrap_or(host)
    }
}

parsed_text!(WebAddress);

/// A typed link.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reference {
    /// What it leads to.
    pub kind: ReferenceKind,
    /// What it is called there; the host is shown where it is not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<Line>,
    /// Where it is.
    pub url: WebAddress,
    /// A copy of it that stays when it goes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub archived: Option<WebAddress>,
    /// The language that it is written in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<Language>,
}

#[cfg(test)]
mod tests {
    use super::WebAddress;

    #[test]
    fn only_absolute_web_addresses_are_accepted() {
        for good in
            ["https://k8s.af/", "http://localhost:9090/graph?g0=1#x", "HTTPS://a.example", "https://例え.jp/路径"]
        {
            assert!(WebAddress::parse(good).is_ok(), "{good} was refused");
        }
        for bad in [
            "",
            "javascript:alert(1)",
            "//a.example",
            "https://",
            "https:///x",
            "https://u@h/",
            "https://a b",
            "ftp://a",
            "https://a/\"x",
            "data:text/html,x",
        ] {
            assert!(WebAddress::parse(bad).is_err(), "{bad} was accepted");
        }
        assert_eq!(WebAddress::parse("https://www.deploy.live/blog").expect("fine").host(), "deploy.live");
    }
}
