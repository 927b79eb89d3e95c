//! How text is cut into words.

use proptest::prelude::*;

use tantivy::tokenizer::{TokenStream, Tokenizer};

use crate::search::tokenizer::{Lettered, Terms, cut};
use crate::search::words::{Role, words};

fn terms(text: &str) -> Vec<String> {
    words(text).into_iter().flat_map(|word| word.terms).map(|term| term.text).collect()
}

#[test]
fn prose_is_lowered_and_stemmed() {
    assert_eq!(
        terms("The Nodes' exhausted subnets can't scale."),
        ["the", "node", "exhaust", "subnet", "cant", "scale"]
    );
    assert_eq!(terms("the team's IPs, PodIPs"), ["the", "team", "ip", "podip", "pod", "ip"]);
}

#[test]
fn identifiers_are_kept_whole_and_in_parts() {
    assert_eq!(terms("CrashLoopBackOff"), ["crashloopbackoff", "crash", "loop", "back", "off"]);
    assert_eq!(terms("OOMKilled")[1..], ["oom", "kill"]);
    assert_eq!(
        terms("AWS_VPC_K8S_CNI_EXTERNALSNAT"),
        ["aws_vpc_k8s_cni_externalsnat", "aw", "vpc", "k8s", "cni", "externalsnat"]
    );
    assert_eq!(
        terms("io.grpc.StatusRuntimeException"),
        ["io.grpc.statusruntimeexception", "io", "grpc", "statusruntimeexcept", "status", "runtim", "except"]
    );
    assert_eq!(terms("kube-dns."), ["kube-dns", "kube", "dns"]);
    assert_eq!(terms("0/256 nodes, a /16 range"), ["0/256", "0", "256", "node", "a", "/16", "16", "rang"]);
}

#[test]
fn parts_stand_at_the_positions_that_the_same_words_would_have_apart() {
    let word = words("CrashLoopBackOff").remove(0);
    assert_eq!(word.width, 4);
    let steps: Vec<usize> =
        word.terms.iter().filter(|term| term.role == Role::Step).map(|term| term.position).collect();
    assert_eq!(steps, [0, 1, 2, 3]);
}

#[test]
fn chinese_is_cut_by_the_dictionary_and_other_scripts_by_their_own_ways() {
    let chinese = terms("集群的内存不足，Pod无法调度");
    for word in ["集群", "内存", "不足", "pod", "无法", "调度"] {
        assert!(chinese.iter().any(|term| term == word), "{word} is not in {chinese:?}");
    }
    assert_eq!(terms("サーバー"), ["サー", "ーバ", "バー"]);
    assert_eq!(terms("서버 다운"), ["서버", "다운"]);
    assert_eq!(terms("Сервер УПАЛ"), ["сервер", "упал"]);
    assert_eq!(terms("ＯＯＭ"), ["oom"]);
    assert_eq!(terms("cafe\u{301} 👩‍💻 ok"), ["cafe", "ok"]);
}

#[test]
fn blobs_are_dropped() {
    assert_eq!(terms(&format!("{} short", "a".repeat(101))), ["short"]);
    assert_eq!(terms(&"字".repeat(5000)).iter().filter(|term| term.len() > 100).count(), 0);
}

proptest! {
    #[test]
    fn any_text_is_cut_in_order_and_within_its_bounds(text in any::<String>()) {
        let mut last = 0;
        for word in words(&text) {
            prop_assert!(word.range.start + 1 >= last && word.range.end <= text.len());
            last = word.range.start;
            let mut position = 0;
            for term in word.terms {
                prop_assert!(text.get(term.range.clone()).is_some());
                prop_assert!(term.position >= position && term.position < word.width);
                position = term.position;
            }
        }
    }

    #[test]
    fn any_mixture_of_scripts_and_joiners_is_cut(text in "[a-zA-Z0-9_./:@'’\\-集群内存サ서é\u{301}\u{200d}👩 ]{0,60}") {
        for word in words(&text) {
            for term in word.terms {
                prop_assert!(text.get(term.range).is_some() && !term.text.is_empty() && term.text.len() <= 100);
            }
        }
    }
}

/// What the index is told of a text: each term, its position and how many positions it takes.
fn indexed(text: &str) -> Vec<(String, usize, usize)> {
    let (cut, mut tokens) = (cut(text), Vec::new());
    Terms::new(Lettered::No).token_stream(&cut).process(&mut |token| {
        tokens.push((token.text.clone(), token.position, token.position_length));
    });
    tokens
}

/// The same, without the form in which a text that is cut is handed on.
fn expected(text: &str) -> Vec<(String, usize, usize)> {
    let mut position = 0;
    let mut tokens = Vec::new();
    for word in words(text) {
        for term in word.terms {
            let takes = if term.role == Role::Compound { word.width } else { 1 };
            tokens.push((term.text, position + term.position, takes));
        }
        position += word.width;
    }
    tokens
}

#[test]
fn a_text_that_is_cut_once_reaches_the_index_as_the_words_that_it_holds() {
    let text = "CrashLoopBackOff of kube-dns, 0/256 nodes;\n内存不足 重启 ネットワーク 재시작 can't\u{1}\u{a}naïve";
    assert_eq!(indexed(text), expected(text));
    assert_eq!(indexed("kube-dns down")[..2], [("kube-dns".to_owned(), 0, 2), ("kube".to_owned(), 0, 1)]);
    assert_eq!(indexed(""), []);
}

proptest! {
    #[test]
    fn any_text_that_is_cut_once_reaches_the_index_as_its_words(text in "\\PC{0,60}|[a-zA-Z0-9_/:.'\n -]{0,60}") {
        prop_assert_eq!(indexed(&text), expected(&text));
    }
}
