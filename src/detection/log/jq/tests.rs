//! Which lines programs choose.

use super::Program;

const LINE: &str =
    r#"{"level":"error","msg":"connection refused","code":503,"tags":["a","b"],"err":{"kind":"Timeout"},"ok":false}"#;

#[track_caller]
fn chooses(program: &str) -> bool {
    Program::compile(program).unwrap_or_else(|error| panic!("{program}: {error}")).chooses(LINE)
}

#[test]
fn a_line_is_chosen_by_any_answer_but_false_and_null() {
    for program in [
        ".",
        ".msg",
        ".code",
        ".tags",
        "true",
        "0",
        "\"\"",
        "[]",
        ".level == \"error\"",
        ".absent, .msg",
        "(.ok | not)",
        "select(.code >= 500)",
        ".code == 503.0",
        "..",
        ".[]",
        ".tags[]",
    ] {
        assert!(chooses(program), "{program}");
    }
    for program in
        [".absent", ".ok", "empty", "null", ".level == \"info\"", "select(.code > 503)", ".tags[5]", ".a.b.c"]
    {
        assert!(!chooses(program), "{program}");
    }
}

#[test]
fn an_error_is_no_choice_even_after_an_answer() {
    for program in
        [".msg.deeper", ".msg, .msg.deeper", "error(\"no\")", "true, (1 | keys)", ".code / 0", "$unbound", ".code[]"]
    {
        assert!(!chooses(program), "{program}");
    }
    for program in [".msg.deeper?, true", "try error(\"no\") catch .", ".msg.deeper? // true", "first(true, error)"] {
        assert!(chooses(program), "{program}");
    }
}

#[test]
fn what_is_not_json_from_end_to_end_is_not_chosen() {
    let program = Program::compile("true").expect("a program");
    assert!(program.chooses(LINE));
    assert!(program.chooses(" 1 "));
    for line in ["plain text", "", "{\"a\":1} trailing", "{'a':1}", "{", "nul"] {
        assert!(!program.chooses(line), "{line}");
    }
    assert!(!program.chooses(&format!("\"{}\"", "x".repeat(70_000))));
}

#[test]
fn functions_answer_as_in_jq() {
    for program in [
        ".msg | contains(\"refused\")",
        ".msg | test(\"REFUSED$\"; \"i\")",
        ".msg | test(\"^connection\\\\s\")",
        ".msg | startswith(\"conn\") and endswith(\"refused\")",
        ".msg | length == 18",
        ".msg | split(\" \") == [\"connection\", \"refused\"]",
        ".msg | ascii_upcase == \"CONNECTION REFUSED\"",
        ".tags | any(. == \"b\")",
        ".tags | all(length == 1)",
        "any(.tags[]; . == \"a\")",
        ".tags | join(\"-\") == \"a-b\"",
        ".tags | map(. + \"x\") == [\"ax\", \"bx\"]",
        ".tags | contains([\"a\"])",
        ".tags | first == \"a\" and (.[-1] == \"b\")",
        ".tags[1:] == [\"b\"]",
        ".msg[:4] == \"conn\"",
        "has(\"err\") and (has(\"nope\") | not)",
        ".err | keys == [\"kind\"]",
        ".err | to_entries == [{key: \"kind\", value: \"Timeout\"}]",
        ".level | IN(\"warn\", \"error\")",
        ". | tojson | fromjson | .code | tostring == \"503\"",
        "\"\\(.level): \\(.code)\" == \"error: 503\"",
        "if .code >= 500 then .err.kind == \"Timeout\" elif true then false else false end",
        ".code as $c | $c + 1 == 504 and $c % 10 == 3 and -$c == -503",
        "[.tags[], .level] | add == \"aberror\"",
        "{a: 1} + {b: .code} == {a: 1, b: 503}",
        "{level} == {level: \"error\"}",
        ".code as $c | {$c} == {c: 503}",
        "([.[] | strings] | length) == 2",
        "null < false and false < true and true < 0 and 0 < \"\" and \"\" < [] and [] < {}",
        "([1, 2] - [2]) == [1]",
        "\"12.5\" | tonumber > 12",
        ".[\"level\"] == .level and .\"level\" == \"error\"",
        "[.[]?] | type == \"array\"",
        ".msg | capture(\"(?P<what>\\\\w+) refused\") | .what == \"connection\"",
        ".msg | [scan(\"n\")] | length == 3",
        ".msg | [match(\"(o)n\"; \"g\").offset] == [1, 8]",
        ".msg | match(\"re(f)\").captures[0].string == \"f\"",
        ".msg | gsub(\"n+\"; \"-\") | . == \"co-ectio- refused\"",
        ".msg | sub(\"(?P<x>c)\"; .x + \"!\") | startswith(\"c!o\")",
        ".msg | [splits(\" \")] | length == 2",
        ".msg | index(\"refused\") == 11",
        "[3, 1, 2, 1] | sort == [1, 1, 2, 3] and unique == [1, 2, 3] and min == 1 and max == 3",
        "[[1, [2]], 3] | flatten == [1, 2, 3]",
        "[limit(2; .tags[], 1, 2)] == [\"a\", \"b\"] and first(range(3)) == 0",
        "reduce .tags[] as $t (\"\"; . + $t) == \"ab\"",
        ".err | with_entries({key, value: 1}) == {kind: 1}",
        ".tags | map_values(. + \"1\") | last == \"b1\"",
        "getpath([\"err\", \"kind\"]) == \"Timeout\"",
        "[{a: 2}, {a: 1}] | sort_by(.a) | .[0].a == 1",
        "@text \"\\(.code)\" == \"503\" and (503.7 | floor) == .code",
    ] {
        assert!(chooses(program), "{program}");
    }
}

#[test]
fn what_could_run_without_end_or_reaches_out_is_refused_by_name() {
    for (program, name) in [
        ("def f: f; f", "def"),
        ("repeat(.)", "repeat/1"),
        ("while(true; .)", "while/2"),
        ("until(false; .)", "until/2"),
        ("recurse(.; true)", "recurse/2"),
        ("foreach .[] as $x (0; . + 1)", "foreach"),
        ("input", "input/0"),
        ("env.HOME", "env/0"),
        ("now", "now/0"),
        ("halt", "halt/0"),
        (".a = 1", "an assignment"),
        ("label $x | break $x", "label"),
        ("@base64 \"x\"", "@base64"),
        (".a | test(.b)", "`test`"),
        ("no_such", "no_such/0"),
    ] {
        let error = Program::compile(program).expect_err(program);
        assert!(error.contains(name), "{program}: {error}");
    }
}

#[test]
fn what_is_no_program_is_refused() {
    for program in ["", ".a |", "(.a", ".a ==", "\"open", "{", "if . then", ".a b", "%"] {
        assert!(Program::compile(program).is_err(), "{program}");
    }
    let error = Program::compile(".a | ] .b").expect_err("refused");
    assert!(error.contains("cannot be read"), "{error}");
}

#[test]
fn a_program_that_multiplies_runs_out_of_work() {
    let pairs = vec!["(., .)"; 60].join(" | ");
    assert!(!Program::compile(&format!("{pairs} | true")).expect("a program").chooses(LINE));
    let doubled = vec!["[., .]"; 60].join(" | ");
    for end in ["tojson", ". == .", "..", "contains(.)"] {
        assert!(!Program::compile(&format!("{doubled} | {end}")).expect("a program").chooses(LINE), "{end}");
    }
    assert!(!Program::compile("[range(1000000000000)] | true").expect("a program").chooses(LINE));
    assert!(!Program::compile("first(range(1000000000000))").expect("a program").chooses(LINE));
    let longer = vec![". + ."; 60].join(" | ");
    assert!(!Program::compile(&format!(".msg | {longer}")).expect("a program").chooses(LINE));
    let caught = vec!["((., .)?)"; 60].join(" | ");
    assert!(!Program::compile(&format!("({caught})? // true")).expect("a program").chooses(LINE));
    let objects = "{a: (.[]), b: (.[]), c: (.[]), d: (.[]), e: (.[]), f: (.[])} | true";
    assert!(!Program::compile(objects).expect("a program").chooses(LINE));
}

#[test]
fn a_program_that_nests_is_refused_before_the_stack_ends() {
    let in_small_stack = |program: String| {
        std::thread::Builder::new()
            .stack_size(1024 * 1024)
            .spawn(move || {
                let _ = Program::compile(&program).map(|program| program.chooses(LINE));
            })
            .expect("a thread")
            .join()
            .expect("no overflow");
    };
    for (open, close) in
        [("(", ")"), ("[", "]"), ("{a:", "}"), ("-", ""), ("if ", ""), ("try ", ""), (". as $x|", "."), (".|", ".")]
    {
        for repeats in [10, 50, 1000] {
            let many = repeats.min(1000 / (open.len() + close.len()));
            in_small_stack(format!("{}.{}", open.repeat(many), close.repeat(many)));
        }
    }
    in_small_stack(format!("\"{}", "\\(\"".repeat(300)));
}

proptest::proptest! {
    #[test]
    fn no_program_panics(
        program in r#"(?:\.[a-c]?|\[|\]|\(|\)|\{|\}|[|,:;]| |==|\+|-|/|//|"|\\|and |not|select\(|test\(|any|\.\.|\$x|as |if |then |end|1){0,20}"#,
    ) {
        if let Ok(program) = Program::compile(&program) {
            program.chooses(LINE);
        }
    }
}
