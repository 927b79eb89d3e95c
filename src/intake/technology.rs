//! Which software and services a text is about, as Casebook's tags: `Google Kubernetes Engine (GKE)` is `gke`.

use std::sync::LazyLock;

use super::words::words;
use crate::domain::Technology;

/// Names and the tag of each, those of the most words first.
static KNOWN: LazyLock<Vec<(Vec<String>, Technology)>> = LazyLock::new(|| {
    let lines =
        include_str!("technologies.txt").lines().filter(|line| !line.trim().is_empty() && !line.starts_with('#'));
    let mut known = Vec::new();
    for line in lines {
        let names: Vec<&str> = line.split('=').map(str::trim).collect();
        if let Some(tag) = names.first().and_then(|tag| Technology::parse(tag).ok()) {
            known.extend(names.iter().map(|name| (lowered(name), tag.clone())));
        }
    }
    known.sort_by_key(|(name, _)| std::cmp::Reverse(name.len()));
    known
});

/// The known technologies that a text names, in its order, without repeats.
pub(super) fn named_in(text: &str) -> Vec<Technology> {
    let words = lowered(text);
    let mut found: Vec<Technology> = Vec::new();
    let mut at = 0;
    while at < words.len() {
        let known = KNOWN.iter().find(|(name, _)| words[at..].starts_with(name));
        at += known.map_or(1, |(name, _)| name.len());
        if let Some((_, tag)) = known.filter(|(_, tag)| !found.contains(tag)) {
            found.push(tag.clone());
        }
    }
    found
}

/// The technologies that the name of an application stands for: the known ones in it, else the name itself where it can
/// be a tag.
pub(super) fn of_application(name: &str) -> Vec<Technology> {
    let known = named_in(name);
    if known.is_empty() { Technology::parse(name).ok().into_iter().collect() } else { known }
}

fn lowered(text: &str) -> Vec<String> {
    words(text).map(str::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::{KNOWN, named_in, of_application};

    fn tags(found: &[crate::domain::Technology]) -> Vec<&str> {
        found.iter().map(crate::domain::Technology::as_str).collect()
    }

    #[test]
    fn names_become_tags() {
        for (name, expected) in [
            ("Google Kubernetes Engine (GKE)", &["gke"][..]),
            (
                "redis-on-kubernetes-commonly-spotahome-redis-operator-or-redis-pods-managed-by-s",
                &["redis", "kubernetes"],
            ),
            (
                "crunchy-postgres-operator-crunchydata-postgres-operator-pgo-v5-postgres-operator",
                &["crunchy-postgres-operator", "postgresql"],
            ),
            ("strimzi-kafka-operator-strimzi-strimzi-kafka-operator-15-cres", &["strimzi"]),
            ("Grafana alloy", &["grafana-alloy"]),
            ("nginx-ingress-controller", &["ingress-nginx"]),
            ("storage-api", &["storage-api"]),
            ("Oliver006RedisExporter", &["redis"]),
            ("(none)", &[]),
        ] {
            assert_eq!(tags(&of_application(name)), expected, "{name}");
        }
        assert_eq!(tags(&named_in("a proxy (NGINX) before PostgreSQL, and nginx again")), ["nginx", "postgresql"]);
    }

    #[test]
    fn every_line_of_the_list_can_be_used() {
        let lines = include_str!("technologies.txt").lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
        assert_eq!(KNOWN.len(), lines.map(|line| line.split('=').count()).sum::<usize>());
        assert!(KNOWN.iter().all(|(name, _)| !name.is_empty()));
    }
}
