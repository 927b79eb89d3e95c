//! What a pattern means in Go, case by case.

use super::translate;

fn matches(pattern: &str, text: &str) -> bool {
    let rewritten = translate(pattern).unwrap_or_else(|error| panic!("{pattern}: {error}"));
    regex::Regex::new(&rewritten).unwrap_or_else(|error| panic!("{pattern} → {rewritten}: {error}")).is_match(text)
}

#[track_caller]
fn check(pattern: &str, yes: &[&str], no: &[&str]) {
    for text in yes {
        assert!(matches(pattern, text), "{pattern} matches {text:?}");
    }
    for text in no {
        assert!(!matches(pattern, text), "{pattern} does not match {text:?}");
    }
}

#[test]
fn classes_by_letter_are_ascii() {
    check(r"^\d$", &["7"], &["٣", "a"]);
    check(r"^\w$", &["a", "_", "7"], &["é", "-"]);
    check(r"^\s$", &[" ", "\t", "\x0C"], &["\x0B", "\u{a0}"]);
    check(r"^\D$", &["é", "٣"], &["7"]);
    check(r"^\W$", &["é", "-"], &["a"]);
    check(r"^\S$", &["\x0B", "x"], &[" "]);
    check(r"^[^\w.]$", &["é", "-"], &["a", "."]);
    check(r"^[\d-z]+$", &["1-z"], &["a"]);
}

#[test]
fn word_boundaries_are_ascii() {
    check(r"\bcaf\b", &["café", "caf"], &["cafe"]);
    check(r"é\B", &["é", "é-"], &["éa"]);
}

#[test]
fn braces_that_repeat_nothing_are_literal() {
    check("a{,2}", &["a{,2}"], &["aa"]);
    check("{}", &["{}"], &[""]);
    check("a{2}$", &["aa"], &["a{2}"]);
    check("^a{1,2}$", &["a", "aa"], &["aaa"]);
    check("a{01}", &["a{01}"], &["a"]);
    check(r#"\{"level":"error"}"#, &[r#"{"level":"error"}"#], &[]);
    check(r#"{"level":"error"}"#, &[r#"{"level":"error"}"#], &[]);
}

#[test]
fn quoted_stretches_are_literal() {
    check(r"\Q[a.b]*\E+", &["[a.b]*", "[a.b]***"], &["a.b"]);
    check(r"\Qa.b", &["a.b"], &["axb"]);
}

#[test]
fn punctuation_behind_a_backslash_is_itself() {
    check(r"\<tag\>", &["<tag>"], &["tag"]);
    check(r"a\_b\-c\/d\:e", &["a_b-c/d:e"], &[]);
    check(r"\&\~\#\ ", &["&~# "], &[]);
}

#[test]
fn escapes_by_number_are_characters() {
    check(r"\x41\x{e9}\012\0", &["Aé\n\0"], &[]);
    check(r"\t\a\v", &["\t\x07\x0B"], &[]);
}

#[test]
fn brackets_hold_what_they_hold_in_go() {
    check("^[]a]+$", &["]a"], &["[a"]);
    check("^[[a]+$", &["[a"], &["]"]);
    check("^[a&&b]+$", &["a&b"], &["c"]);
    check("^[~~b&&c||]+$", &["b~", "&c|"], &["a"]);
    check("^[[:alpha:][:digit:]_]+$", &["a1_"], &["é"]);
    check("^[[:^alpha:]]+$", &["1é"], &["a"]);
    check(r"^[\]\[\-]+$", &["[]-"], &["a"]);
    check(r"^[\x41-\x43]+$", &["ABC"], &["D"]);
    check("^[a-c-e]+$", &["a-e", "b"], &["d"]);
    check(r"['’]t", &["can't", "can’t"], &[]);
}

#[test]
fn groups_flags_and_names_are_read() {
    check("(?P<code>4[0-9]+) (?<name>x)", &["404 x"], &[]);
    check("(?P<1st>a)", &["a"], &[]);
    check("(?i)oom(?-i)Killed", &["OOMKilled"], &["OOMKILLED"]);
    check("(?i:oom)K", &["OOMK"], &["oomk"]);
    check("(?s)a.b", &["a\nb"], &[]);
    check("a.b", &["axb"], &["a\nb"]);
    check("(?m)^b$", &["a\nb"], &[]);
    check("^b$", &["b"], &["a\nb", "b\n"]);
    check("(?ii)a", &["A"], &[]);
    check("()a|", &["a", ""], &[]);
}

#[test]
fn classes_by_unicode_name_are_read() {
    check(r"^\pN\p{Greek}\P{Greek}\p{^Greek}[\pL]$", &["٣αaaé"], &["aαaaé"]);
}

#[test]
fn case_is_folded_as_in_go() {
    check(r"(?i)^\w$", &["k", "\u{212a}", "\u{17f}"], &["é"]);
    check(r"(?i)^K$", &["\u{212a}"], &[]);
}

#[test]
fn what_go_refuses_is_refused() {
    for pattern in [
        "(?=a)",
        "(?!a)",
        "(?<=a)",
        "(?<!a)",
        r"(a)\1",
        "a**",
        "a{2}{3}",
        "a+*",
        "a{1001}",
        "a{3,2}",
        r"\C",
        r"\Z",
        r"\y",
        "(?x)a",
        "(?P<n>a)(?P<n>b)",
        "(?P=n)",
        "[a",
        "[[:foo:]]",
        "[z-a]",
        r"\p",
        r"\p{",
        r"\x",
        r"\xZZ",
        "a\\",
        "(?",
        "(?i",
        r"[\b]",
        "(?-)a",
        "(?#a)",
    ] {
        assert!(translate(pattern).is_err(), "{pattern}");
    }
}

#[test]
fn what_neither_accepts_is_left_to_the_compiler() {
    for pattern in ["(", ")", "*", "a|*"] {
        let rewritten = translate(pattern).expect("rewritten");
        assert!(regex::Regex::new(&rewritten).is_err(), "{pattern}");
    }
}

proptest::proptest! {
    #[test]
    fn no_pattern_panics(pattern in r"(?:[a-z0-9()\[\]{}*+?|^$.\\:,&~\-=!<> ]|\\[a-zA-Z0-9]|\[:|\(\?|é){0,24}") {
        if let Ok(rewritten) = translate(&pattern) {
            let _ = regex_syntax::parse(&rewritten);
        }
    }

    #[test]
    fn a_text_that_is_escaped_matches_itself(text in r"\PC{0,24}") {
        proptest::prop_assert!(matches(&regex_syntax::escape(&text), &text));
    }
}
