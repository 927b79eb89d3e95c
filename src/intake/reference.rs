//! Links of a source as typed references: what each leads to is told from its host and path.

use crate::domain::ReferenceKind::{self, Article, Discussion, Fix, Report, Tool};
use crate::domain::WebAddress;
use crate::domain::input::ReferenceInput;

/// Hosts, and parts of their names, where people talk.
const TALK: &[&str] = &[
    "stackoverflow.com",
    "stackexchange.com",
    "serverfault.com",
    "superuser.com",
    "groups.google.com",
    "reddit.com",
    "news.ycombinator.com",
    "bugs.",
    "bugzilla.",
    "issues.",
    "jira.",
    "discuss.",
    "forum",
    "community.",
    "lists.",
    "googlecloudcommunity.com",
];

/// What an address leads to.
pub(super) fn kind_of(address: &WebAddress) -> ReferenceKind {
    let host = address.host().to_lowercase();
    let path = address.as_str().split_once(address.host()).map_or("", |(_, path)| path).to_lowercase();
    let path = path.split(['?', '#']).next().unwrap_or_default();
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    let has = |wanted: &[&str]| parts.iter().any(|part| wanted.contains(part));
    if has(&["postmortem", "postmortems", "incidents", "incident"]) || host.starts_with("status.") {
        return Report;
    }
    let is_forge =
        ["github.com", "gitlab.com", "opendev.org", "bitbucket.org", "codeberg.org"].contains(&host.as_str());
    if host.starts_with("review.") || (is_forge && has(&["pull", "commit", "commits", "merge_requests", "releases"])) {
        return Fix;
    }
    if (is_forge && has(&["issues", "discussions"]))
        || TALK.iter().any(|part| host.contains(part))
        || has(&["message-id"])
    {
        return Discussion;
    }
    // The page of a repository itself.
    if is_forge && parts.len() == 2 { Tool } else { Article }
}

/// A reference as raw input, of the kind that its address shows; nothing where it is no web address.
pub(super) fn input(address: &str, title: &str) -> Option<ReferenceInput> {
    let url = WebAddress::parse(address).ok()?;
    let kind = kind_of(&url);
    let title = crate::domain::Line::parse(title).map(String::from).unwrap_or_default();
    Some(ReferenceInput { kind: kind.to_string(), title, url: url.into(), ..ReferenceInput::default() })
}

#[cfg(test)]
mod tests {
    use super::kind_of;
    use crate::domain::{ReferenceKind, WebAddress};

    #[test]
    fn the_host_and_the_path_tell_what_a_link_leads_to() {
        for (address, expected) in [
            ("https://github.com/grafana/alloy/issues/2448", ReferenceKind::Discussion),
            ("https://stackoverflow.com/questions/1", ReferenceKind::Discussion),
            ("https://www.googlecloudcommunity.com/gc/x", ReferenceKind::Discussion),
            ("https://bugs.launchpad.net/neutron/+bug/1958501", ReferenceKind::Discussion),
            ("https://www.postgresql.org/message-id/flat/x", ReferenceKind::Discussion),
            ("https://opendev.org/openstack/neutron/commit/8a55", ReferenceKind::Fix),
            ("https://review.opendev.org/c/openstack/neutron/+/825428", ReferenceKind::Fix),
            ("https://github.com/prequel-dev/cre", ReferenceKind::Tool),
            ("https://github.com/goharbor/harbor/blob/main/docs/README.md", ReferenceKind::Article),
            ("https://redis.io/docs/manual/memory/", ReferenceKind::Article),
            ("https://status.example.com/incidents/abc", ReferenceKind::Report),
        ] {
            assert_eq!(kind_of(&WebAddress::parse(address).expect("an address")), expected, "{address}");
        }
    }
}
