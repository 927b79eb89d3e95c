//! The words that the corpus is written in: technical ones, identifiers, and tens of thousands made of syllables, drawn
//! as words of one trade are (Zipf's law, flattened at its head).

use std::collections::{HashMap, HashSet};

use casebook_benches::dice::Dice;

/// How many words there are.
const WORDS: usize = 30_000;
/// What flattens the head: the most frequent word is in most documents, but not in all.
const FLATTENED: f64 = 10.0;
/// Words from this rank on are in few documents.
pub const RARE: usize = 1_000;

/// What stands between the words that tell something.
const BETWEEN: &str =
    "the of to and a in for was that on with by from after when which it at while no all were had then";

const TECHNICAL: &str = "pod node timeout request latency error service cluster database connection memory traffic \
    replica deployment certificate queue cache disk retry backend gateway proxy container volume leader election quota \
    throttle rollout rollback probe endpoint ingress scheduler kernel socket packet resolver zone region shard partition \
    broker consumer producer offset checkpoint snapshot backup restore migration schema index lock deadlock transaction \
    pool exhausted refused reset unreachable degraded stale corrupted leaked evicted throttled pending unhealthy expired \
    renewed failover quorum heartbeat lease webhook controller operator manifest configuration flag secret token \
    permission subnet route firewall bandwidth load balancer upstream downstream autoscaler limit budget alert metric \
    dashboard trace span log cron job worker batch pipeline stream topic image registry layer mount namespace cgroup \
    swap garbage collector heap thread panic segfault restart crash loop drain cordon taint affinity headroom spike \
    saturation backpressure backlog starvation duplicate mismatch rotation handshake cipher dns record nameserver cname \
    bucket object storage replication lag primary secondary vacuum query planner statistics";

const IDENTIFIERS: &str = "CrashLoopBackOff OOMKilled ImagePullBackOff FailedScheduling NodeNotReady ErrImagePull \
    io.grpc.StatusRuntimeException DEADLINE_EXCEEDED RESOURCE_EXHAUSTED ECONNREFUSED ECONNRESET ETIMEDOUT ENOSPC EMFILE \
    AWS_VPC_K8S_CNI_EXTERNALSNAT IP_SPACE_EXHAUSTED kube-dns kube-proxy coredns etcdserver x509 NXDOMAIN SERVFAIL \
    java.lang.OutOfMemoryError java.net.SocketTimeoutException HTTP502 HTTP503 HTTP504 SIGKILL SIGTERM FailedMount \
    ThrottlingException ProvisionedThroughputExceeded max_connections work_mem net.netfilter.nf_conntrack_max \
    terminationGracePeriodSeconds readinessProbe livenessProbe maxUnavailable PodDisruptionBudget HorizontalPodAutoscaler";

const SYLLABLES: &str = "ba be bo da de do fa fe fi ga go ka ke ko la le lo lu ma me mi mo na ne no pa pe po ra re ri ro \
    sa se si so ta te ti to va ve vi vo za ze zo bran cor dran fel gor hal jor kel lan mor nor pel quin ras sten tor \
    vek wal yor zan";

/// The words in the order of their frequency.
pub struct Vocabulary {
    words: Vec<String>,
    ranks: HashMap<String, usize>,
    identifiers: Vec<usize>,
    between: Vec<&'static str>,
}

impl Vocabulary {
    pub fn new() -> Self {
        let mut dice = Dice(7);
        let syllables: Vec<&str> = SYLLABLES.split_whitespace().collect();
        let mut technical = TECHNICAL.split_whitespace();
        let mut identifiers = IDENTIFIERS.split_whitespace();
        let (mut words, mut seen, mut places) = (Vec::with_capacity(WORDS), HashSet::new(), Vec::new());
        while words.len() < WORDS {
            let rank = words.len();
            // Two in three of the frequent words are of the trade, and identifiers come up now and then.
            let word = if rank % 3 != 2
                && let Some(word) = technical.next()
            {
                word.to_owned()
            } else if rank % 40 == 38
                && let Some(word) = identifiers.next()
            {
                places.push(rank);
                word.to_owned()
            } else {
                (0..2 + dice.below(3)).map(|_| *dice.one(&syllables)).collect()
            };
            if seen.insert(word.to_lowercase()) {
                words.push(word);
            }
        }
        let ranks = words.iter().enumerate().map(|(rank, word)| (word.to_lowercase(), rank)).collect();
        Self { words, ranks, identifiers: places, between: BETWEEN.split_whitespace().collect() }
    }

    /// A word as often as its rank asks for it. The inverse of the distribution whose density is `1 / (rank + 10)`.
    pub fn word(&self, dice: &mut Dice) -> &str {
        let spread = (WORDS as f64 + FLATTENED) / FLATTENED;
        let rank = FLATTENED * spread.powf(dice.share()) - FLATTENED;
        &self.words[(rank as usize).min(WORDS - 1)]
    }

    /// A word that few documents have.
    pub fn rare(&self, dice: &mut Dice) -> &str {
        &self.words[RARE + dice.below((WORDS - RARE) as u64) as usize]
    }

    /// The name of an error, a setting or a component.
    pub fn identifier(&self, dice: &mut Dice) -> &str {
        &self.words[*dice.one(&self.identifiers)]
    }

    /// The rank of a word, from 0; none for what stands between the words.
    pub fn rank(&self, word: &str) -> Option<usize> {
        self.ranks.get(&word.to_lowercase()).copied()
    }

    /// Appends so many words, among them what stands between them.
    pub fn write(&self, text: &mut String, dice: &mut Dice, words: u64) {
        for _ in 0..words {
            let word = if dice.below(3) == 0 { *dice.one(&self.between) } else { self.word(dice) };
            if !text.is_empty() && !text.ends_with('\n') {
                text.push(' ');
            }
            text.push_str(word);
        }
    }
}
