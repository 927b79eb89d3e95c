//! The categories of CRE, of which there are many and free ones, as Casebook's closed vocabulary; and a guess where a
//! category says too little. The table stands in `docs/import.md` too.

use super::words::words;
use crate::domain::Category::{
    self, Capacity, Configuration, ControlPlane, Dependency, Deployment, Dns, Network, Observability, Scheduling,
    Security, Storage,
};

/// CRE's categories that say what kind of thing failed. Those that only say where, such as `kubernetes-problem`, are left out.
const CRE: &[(Category, &[&str])] = &[
    (
        Capacity,
        &[
            "aws-service-limits",
            "cluster-scalability-problems",
            "infinite-loop-problem",
            "ip-address-exhaustion",
            "memory-problem",
            "mongodb-resource-exhaustion",
            "network-resource-exhaustion",
            "noisy-neighbor-problem",
            "performance-degradation",
            "message-queue-performance",
            "scaling-problem",
        ],
    ),
    (Configuration, &["configuration-problem"]),
    (Deployment, &["incompatibility-problem", "migration-failure", "provisioning-problem"]),
    (
        Dependency,
        &[
            "api-problem",
            "asynchronous-task-problem",
            "cloud-provider-problem",
            "data-streaming-platforms",
            "framework-problem",
            "library-problem",
            "message-queue-problem",
            "orm-problem",
            "realtime-problem",
            "redpanda-high-availability",
            "redpanda-problems",
            "runtime-problem",
            "supabase-problem",
            "task-management-problem",
            "temporal-problem",
            "ubuntu-desktop-problem",
            "workflow-automation-problem",
        ],
    ),
    (
        Network,
        &[
            "distributed-messaging-connectivity",
            "distributed-worker-connectivity",
            "envoy-proxy-failures",
            "envoy-upstream-failures",
            "istio-ambient-troubleshooting",
            "load-balancer-problems",
            "networking-problem",
            "pod-networking-failure",
            "proxy-problems",
            "proxy-timeout-problem",
            "service-mesh-problem",
            "service-mesh-problems",
            "vpc-cni-problems",
            "web-server-problem",
            "web-server-problems",
            "workflow-orchestration-connectivity",
        ],
    ),
    (
        Storage,
        &[
            "cache-problem",
            "database-availability",
            "database-availability-problem",
            "database-corruption-problem",
            "database-problem",
            "disaster-recovery-problems",
            "hpc-database-problem",
            "in-memory-database-problem",
            "kubernetes-storage-problems",
            "mongodb-startup-failure",
            "postgres-ha",
            "spicedb-datastore-failure",
            "storage-problem",
        ],
    ),
    (
        Security,
        &[
            "access-control-problem",
            "authentication",
            "authorization-problem",
            "authorization-system-problem",
            "authorization-systems",
            "insecure-configuration",
        ],
    ),
    (ControlPlane, &["cluster-infrastructure-failure", "kubernetes-api-problems", "operator-problem"]),
    (Observability, &["logging-problem", "monitoring-problem", "noise-problem", "observability-problem"]),
];

/// Beginnings of words that tell what kind of thing failed. Of categories that are met equally often the first counts.
const TELLING: &[(Category, &[&str])] = &[
    (Dns, &["dns", "coredns", "nxdomain", "nameserver", "hostname", "resolv", "zone", "lookup"]),
    (
        Security,
        &[
            "tls",
            "ssl",
            "x509",
            "cert",
            "auth",
            "noauth",
            "unauth",
            "forbidden",
            "permission",
            "denied",
            "token",
            "credential",
            "password",
            "rbac",
            "acl",
            "jwt",
            "acme",
            "secur",
        ],
    ),
    (
        Capacity,
        &[
            "memory",
            "oom",
            "cpu",
            "exhaust",
            "quota",
            "limit",
            "exceed",
            "overcommit",
            "throttl",
            "maxclients",
            "saturat",
            "backlog",
            "full",
            "capacity",
            "pressure",
            "queue",
            "load",
            "slow",
            "latency",
        ],
    ),
    (
        Storage,
        &[
            "disk",
            "volume",
            "wal",
            "snapshot",
            "backup",
            "restore",
            "corrupt",
            "persist",
            "rdb",
            "aof",
            "filesystem",
            "inode",
            "replica",
            "replication",
            "chunk",
            "compact",
            "shard",
            "database",
            "flush",
            "storage",
            "tsdb",
            "raid",
        ],
    ),
    (Scheduling, &["schedul", "unschedul", "evict", "affinity", "taint", "preempt", "pending"]),
    (
        ControlPlane,
        &[
            "apiserver",
            "webhook",
            "etcd",
            "admission",
            "kubelet",
            "controller",
            "lease",
            "leader",
            "crd",
            "reconcil",
            "operator",
        ],
    ),
    (
        Network,
        &[
            "network",
            "connection",
            "connect",
            "timeout",
            "dial",
            "tcp",
            "unreachable",
            "proxy",
            "upstream",
            "port",
            "socket",
            "packet",
            "conntrack",
            "route",
            "refused",
            "handshake",
            "ingress",
            "http",
            "ip",
        ],
    ),
    (
        Configuration,
        &[
            "config",
            "misconf",
            "invalid",
            "annotation",
            "yaml",
            "pars",
            "missing",
            "option",
            "flag",
            "setting",
            "undefined",
            "unknown",
            "duplicate",
        ],
    ),
    (Deployment, &["upgrad", "migrat", "rollout", "version", "incompat", "helm", "deploy", "image", "pull"]),
    (
        Observability,
        &["metric", "scrape", "scraping", "alert", "monitor", "log", "telemetry", "dashboard", "notification"],
    ),
];

/// A category as it was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Read {
    /// The source's own category says it.
    Stated(Category),
    /// It was told from words.
    Guessed(Category),
}

/// The category that CRE's name for it stands for; else the one that its title, and then its tags, point to.
pub(super) fn of_cre(name: &str, title: &str, tags: &[&str]) -> Read {
    let name = name.trim().to_lowercase();
    let stated = CRE.iter().find(|(_, names)| names.contains(&name.as_str()));
    match stated {
        Some((category, _)) => Read::Stated(*category),
        None => Read::Guessed(guess(&[title, &tags.join(" "), &name.replace("-problem", "")])),
    }
}

/// The category that the first telling text points to. Rules are written about what others made, so the rest is
/// [`Category::Dependency`].
pub(super) fn guess(texts: &[&str]) -> Category {
    texts.iter().find_map(|text| told_by(text)).unwrap_or(Dependency)
}

fn told_by(text: &str) -> Option<Category> {
    let words: Vec<String> = words(text).map(str::to_lowercase).collect();
    let hits = |stems: &[&str]| words.iter().filter(|word| stems.iter().any(|stem| is_meant(word, stem))).count();
    let (mut best, mut most) = (None, 0);
    for (category, stems) in TELLING {
        let count = hits(stems);
        if count > most {
            (best, most) = (Some(*category), count);
        }
    }
    best
}

/// Short beginnings are words of their own: `ip` is not meant by `iptables`, nor `log` by `logic`.
fn is_meant(word: &str, stem: &str) -> bool {
    const SHORT: usize = 4;
    if stem.len() < SHORT { word == stem || word.strip_suffix('s') == Some(stem) } else { word.starts_with(stem) }
}

#[cfg(test)]
mod tests {
    use super::{CRE, Read, guess, of_cre};
    use crate::domain::Category;

    #[test]
    fn a_category_that_says_what_failed_is_taken_over() {
        assert_eq!(of_cre("storage-problem", "DNS is down", &[]), Read::Stated(Category::Storage));
        assert_eq!(of_cre("SpiceDB-datastore-failure", "", &[]), Read::Stated(Category::Storage));
    }

    #[test]
    fn one_that_says_only_where_is_told_from_the_title_then_the_tags() {
        let guessed = |title, tags: &[&str]| of_cre("kubernetes-problem", title, tags);
        assert_eq!(guessed("Ingester failed to flush chunks", &["dns"]), Read::Guessed(Category::Storage));
        assert_eq!(guessed("It broke", &["public", "tls"]), Read::Guessed(Category::Security));
        assert_eq!(guessed("It broke", &[]), Read::Guessed(Category::Dependency));
        assert_eq!(guess(&["Kube CPU overcommit"]), Category::Capacity);
    }

    #[test]
    fn the_table_in_the_documentation_is_this_one() {
        let document = include_str!("../../docs/import.md");
        for (category, names) in CRE {
            let row = format!("| {category} | {} |", sorted(names).join(", "));
            assert!(document.contains(&row), "docs/import.md has no line:\n{row}");
        }
    }

    fn sorted(names: &[&'static str]) -> Vec<&'static str> {
        let mut names = names.to_vec();
        names.sort_unstable();
        names
    }

    #[test]
    fn no_category_is_mapped_twice() {
        let mut names: Vec<&str> = CRE.iter().flat_map(|(_, names)| names.iter().copied()).collect();
        names.sort_unstable();
        let all = names.len();
        names.dedup();
        assert_eq!(names.len(), all);
    }
}
