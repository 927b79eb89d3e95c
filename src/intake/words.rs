//! Words for people out of names for programs: `KubePodCrashLooping`, `host_out_of_memory`.

/// Names that have capitals of their own, and would be taken apart at them.
const WHOLE: &[&str] = &[
    "CoreDNS",
    "MongoDB",
    "MySQL",
    "PostgreSQL",
    "RabbitMQ",
    "HAProxy",
    "GitLab",
    "GitHub",
    "OpenStack",
    "OpenTelemetry",
    "OpenSearch",
    "OpenEBS",
    "ClickHouse",
    "PgBouncer",
    "PGBouncer",
    "CouchDB",
    "ArgoCD",
    "FluxCD",
    "SpiceDB",
    "CloudWatch",
    "ZooKeeper",
    "ElasticSearch",
    "SqlServer",
    "VMware",
    "NodePort",
    "CronJob",
    "DaemonSet",
    "StatefulSet",
    "ReplicaSet",
];

/// The words of a name: cut at what is neither letter nor digit, and where capitals begin.
pub(super) fn words(name: &str) -> impl Iterator<Item = &str> {
    name.split(|c: char| !c.is_alphanumeric()).flat_map(camel_words)
}

/// A name as a phrase: `Kube pod crash looping`. Words all in capitals, and names with capitals of their own, keep them.
pub(super) fn phrase(name: &str) -> String {
    let mut phrase = String::new();
    for word in words(name) {
        let keeps = WHOLE.contains(&word) || word.chars().skip(1).any(char::is_uppercase);
        if phrase.is_empty() {
            phrase.push_str(word);
        } else {
            phrase.push(' ');
            phrase.push_str(&if keeps { word.to_owned() } else { word.to_lowercase() });
        }
    }
    phrase
}

/// `KubeAPIErrors` is `Kube`, `API`, `Errors`.
fn camel_words(name: &str) -> impl Iterator<Item = &str> {
    let mut rest = name;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let (word, after) = rest.split_at(first_word(rest));
        rest = after;
        Some(word)
    })
}

/// A number behind so many letters is a word of its own.
const LONG: usize = 4;

/// The bytes of the first word.
fn first_word(name: &str) -> usize {
    let is_whole =
        |whole: &&&str| name.strip_prefix(**whole).is_some_and(|after| !after.starts_with(|c: char| c.is_lowercase()));
    if let Some(whole) = WHOLE.iter().find(is_whole) {
        return whole.len();
    }
    let mut characters = name.char_indices().peekable();
    let mut before = None;
    while let Some((at, character)) = characters.next() {
        let next = characters.peek().map(|(_, next)| *next);
        if let Some(before) = before {
            let is_start = character.is_uppercase() && !char::is_uppercase(before);
            // `High5xx`, `Than15Minutes`; but `Ec2`, `K8s`, `IPv4`.
            let is_number = at >= LONG && character.is_ascii_digit() && before.is_lowercase();
            // The last capital of a row begins the next word, but for a plural: `APIErrors`, `PVCs`.
            let ends_row = character.is_uppercase()
                && next.is_some_and(char::is_lowercase)
                && !matches!(&name[at + character.len_utf8()..], "s")
                && char::is_uppercase(before);
            if is_start || is_number || ends_row {
                return at;
            }
        }
        before = Some(character);
    }
    name.len()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{phrase, words};

    #[test]
    fn names_of_alerts_become_phrases() {
        for (name, expected) in [
            ("KubePodCrashLooping", "Kube pod crash looping"),
            ("KubeAPIErrorBudgetBurn", "Kube API error budget burn"),
            ("KubeCPUOvercommit", "Kube CPU overcommit"),
            ("host_out_of_memory", "host out of memory"),
            ("MongodbReplicationLag", "Mongodb replication lag"),
            ("CoreDNSPanicCount", "CoreDNS panic count"),
            ("etcdMembersDown", "etcd members down"),
            ("AwsEc2High5xxRate", "Aws ec2 high 5xx rate"),
            ("HostOOMKillDetected", "Host OOM kill detected"),
            ("Disk is full", "Disk is full"),
            ("NodeRAIDDegraded", "Node RAID degraded"),
        ] {
            assert_eq!(phrase(name), expected);
        }
    }

    proptest! {
        #[test]
        fn no_letter_is_lost(name in "\\PC{0,40}") {
            let letters: String = name.chars().filter(|c| c.is_alphanumeric()).collect();
            prop_assert_eq!(words(&name).collect::<String>(), letters);
        }
    }
}
