//! Secrets that are known by how they begin: tokens of services, access keys, JWTs, private keys as PEM.

use std::sync::LazyLock;

use regex::Regex;

use super::found::{Found, SecretKind, has_digit_and_letter, pattern};

pub(super) fn find(text: &str, found: &mut Vec<Found>) {
    for met in TOKENS.find_iter(text) {
        let joins = |c: char| c.is_alphanumeric() || c == '_';
        let is_whole = !text[..met.start()].ends_with(joins);
        // `sk-learn-pipeline-of-something` has no digit.
        if is_whole && has_digit_and_letter(met.as_str()) {
            found.push(Found { span: met.range(), kind: SecretKind::Token });
        }
    }
    for groups in ACCESS_KEYS.captures_iter(text) {
        let parts = [groups.get(1), groups.get(2)];
        found.extend(parts.into_iter().flatten().map(|part| Found { span: part.range(), kind: SecretKind::Key }));
    }
    for met in ENCODED_PEM.find_iter(text) {
        found.push(Found { span: met.range(), kind: SecretKind::PrivateKey });
    }
    find_pem(text, found);
}

/// By the prefixes that their makers document so that they can be found.
static TOKENS: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"(?-u)gh[pousr]_[A-Za-z0-9]{20,255}",
        r"|github_pat_[A-Za-z0-9_]{20,255}",
        r"|gl(?:pat|dt|rt|cbt|ptt|ft|imt|agent|soat)-[A-Za-z0-9_.-]{18,255}",
        r"|xox[abeoprs]-[A-Za-z0-9-]{10,255}|xapp-[A-Za-z0-9-]{10,255}",
        r"|hooks\.slack\.com/services/[A-Za-z0-9/]{20,100}",
        r"|[rsp]k_(?:live|test)_[A-Za-z0-9]{10,255}|whsec_[A-Za-z0-9+/=]{16,255}",
        r"|npm_[A-Za-z0-9]{30,64}|pypi-[A-Za-z0-9_-]{40,255}",
        r"|sk-[A-Za-z0-9_-]{20,255}",
        r"|SG\.[A-Za-z0-9_-]{16,64}\.[A-Za-z0-9_-]{16,64}",
        r"|hv[sbr]\.[A-Za-z0-9_-]{20,255}",
        r"|d(?:op|oo|or)_v1_[0-9a-f]{40,64}|dckr_pat_[A-Za-z0-9_-]{20,64}|dapi[0-9a-f]{32}",
        r"|shp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}|hf_[A-Za-z0-9]{30,64}|tskey-[A-Za-z0-9-]{16,128}",
        r"|NRAK-[A-Z0-9]{20,64}|ATATT3[A-Za-z0-9_=-]{20,255}|AGE-SECRET-KEY-1[A-Z0-9]{50,64}",
        r"|ya29\.[A-Za-z0-9_-]{20,255}|GOCSPX-[A-Za-z0-9_-]{20,64}",
        r"|eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{4,}(?:\.[A-Za-z0-9_-]*){0,3}",
    ))
});

/// AWS and Google; an AWS key is often followed by its secret half.
static ACCESS_KEYS: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"(?-u)\b((?:AKIA|ASIA)[A-Z0-9]{16})\b(?:[\x22',;:\s]{1,5}([A-Za-z0-9/+]{40})(?:(?u:[^A-Za-z0-9/+])|$))?",
        r"|\b(AIza[A-Za-z0-9_-]{35})",
    ))
});

/// Base64 of `-----BEGIN ` and of what follows in private keys: PRIVATE, RSA, EC P(RIVATE), OPENSSH, ENCRYPTED.
static ENCODED_PEM: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?-u)LS0tLS1CRUdJTi(?:BQUklW|BSU0Eg|BFQyBQ|BPUEVO|BFTkNS)[A-Za-z0-9+/=]{16,}"));

static PEM: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?-u)-----(BEGIN|END) (?:[A-Z0-9]{1,16} ){0,3}PRIVATE KEY(?: BLOCK)?-----"));

/// From its first line to its last; where the last is missing, as far as lines look like a key.
fn find_pem(text: &str, found: &mut Vec<Found>) {
    let mut open: Option<std::ops::Range<usize>> = None;
    let private_key = |span| Found { span, kind: SecretKind::PrivateKey };
    for met in PEM.captures_iter(text) {
        let (Some(whole), Some(edge)) = (met.get(0), met.get(1)) else { continue };
        let is_begin = edge.as_str() == "BEGIN";
        if let Some(begin) = open.take() {
            let end = if is_begin { begin.end + cut_key(&text[begin.end..whole.start()]) } else { whole.end() };
            found.push(private_key(begin.start..end));
        }
        open = is_begin.then(|| whole.range());
    }
    if let Some(begin) = open {
        found.push(private_key(begin.start..begin.end + cut_key(&text[begin.end..])));
    }
}

/// How many bytes at the beginning still belong to a key that was cut: base64, and the headers of old PEM.
fn cut_key(text: &str) -> usize {
    let mut end = 0;
    for line in text.split_inclusive('\n') {
        let content = line.trim().trim_matches(['"', '\'', ',']);
        let is_base64 = content.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+/=\\".contains(&byte));
        let is_header = content.starts_with("Proc-Type:") || content.starts_with("DEK-Info:");
        if !is_base64 && !is_header {
            break;
        }
        end += line.len();
    }
    text[..end].trim_end().len()
}
