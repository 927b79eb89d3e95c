//! Tests with input that is meant to do harm: to run a script, or to take for ever.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use proptest::prelude::*;
use scraper::Html;

use super::{excerpt, first_step, has_silent_picture, to_html, to_text};
use crate::domain::PictureAddress;

/// The address of a picture, as Markdown names it.
const PICTURE: &str = "/pictures/0193a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b";

const HANDWRITTEN: &[&str] = &[
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "<math><mtext><table><mglyph><style><!--</style><img title=\"--&gt;&lt;img src=1 onerror=alert(1)&gt;\">",
    "[a](javascript:alert(1))",
    "[a](JaVaScRiPt:alert(1))",
    "[a](java\tscript:alert(1))",
    "[a](&#106;avascript:alert(1))",
    "[a](javascript&colon;alert(1))",
    "[a](\u{1}javascript:alert(1))",
    "[a](vbscript:x) [b](data:text/html;base64,PHNjcmlwdD4=)",
    "<javascript:alert(1)>",
    "[a]: javascript:alert(1)\n\n[a]",
    "![a](javascript:alert(1))",
    "![a\" onerror=\"alert(1)](https://a.example/x.png\" onerror=\"alert(1))",
    "![x<script>alert(1)</script>](https://a.example)",
    "[a](https://a.example \"t\\\" onclick=\\\"alert(1)\")",
    "[a](https://a.example/\"onmouseover=\"alert(1))",
    "```\"><script>alert(1)</script>\nx\n```",
    "```x\" onclick=\"alert(1)\nx\n```",
    "`</code><script>alert(1)</script>`",
    "|<script>|\n|-|\n|<img onerror=alert(1) src=x>|",
    "# <svg onload=alert(1)> {#x onclick=alert(1)}",
    "<!-- --!><script>alert(1)</script> -->",
    "<![CDATA[<script>alert(1)</script>]]>",
    "</p></div></main><script>alert(1)</script>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "a\0b<scr\0ipt>alert(1)</scr\0ipt>",
    "![a](/pictures/0193a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b#1x1\" onload=\"alert(1))",
    "![a](/pictures/0193a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b \"\\\"><script>alert(1)</script>\")",
    "![\" onerror=\"alert(1)](/pictures/0193a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b '</figcaption><svg/onload=alert(1)>')",
    "![a](//evil.example/pictures/0193a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b)",
    "![a](/pictures/0193a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b/../../logout)",
    "![a](\\/pictures/0193a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b)",
    "[a](/pictures/0193a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b)",
];

/// Says how the rendered page could run a script, reading it as a browser would.
fn danger(html: &str) -> Option<String> {
    const ELEMENTS: &[&str] = &[
        "html",
        "body",
        "p",
        "br",
        "hr",
        "h3",
        "h4",
        "h5",
        "h6",
        "blockquote",
        "ul",
        "ol",
        "li",
        "pre",
        "code",
        "em",
        "strong",
        "del",
        "a",
        "table",
        "thead",
        "tbody",
        "tr",
        "th",
        "td",
        "figure",
        "figcaption",
        "img",
    ];
    const ATTRIBUTES: &[&str] = &["href", "title", "rel", "start", "class"];
    const OF_IMAGES: &[&str] = &["src", "alt", "width", "height", "loading", "decoding"];
    let page = Html::parse_fragment(html);
    for element in page.root_element().descendent_elements() {
        if !ELEMENTS.contains(&element.value().name()) {
            return Some(format!("element {}", element.value().name()));
        }
        for (name, value) in element.value().attrs() {
            // The renderer's own: a wide table scrolls, and has to be reached.
            if (element.value().name(), name, value) == ("table", "tabindex", "0") {
                continue;
            }
            // Lists and quotes begin where their text does.
            if (name, value) == ("dir", "auto") {
                continue;
            }
            let is_picture = PictureAddress::parse(value).is_some_and(|address| address.size.is_none());
            if element.value().name() == "img" && OF_IMAGES.contains(&name) && (name != "src" || is_picture) {
                continue;
            }
            if !ATTRIBUTES.contains(&name) {
                return Some(format!("attribute {name}"));
            }
            let leads_outside = ["http:", "https:", "mailto:"]
                .iter()
                .any(|scheme| value.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme)));
            if name == "href" && !leads_outside && !is_picture {
                return Some(format!("href {value}"));
            }
        }
    }
    None
}

fn assert_harmless(markdown: &str) {
    for html in [to_html(markdown), first_step(markdown)] {
        assert_eq!(danger(html.as_str()), None, "{markdown:?} became {html}");
    }
}

/// Hostile text also where Markdown lets it into an attribute or another element.
fn assert_harmless_everywhere(payload: &str) {
    assert_harmless(payload);
    assert_harmless(&format!("[a]({payload})\n\n[b](<{payload}> '{payload}')\n\n![{payload}](https://a.example)"));
    assert_harmless(&format!(
        "![{payload}]({PICTURE}#1x1 \"{payload}\")\n\n![a]({PICTURE}{payload})\n\n![b](<{payload}{PICTURE}>)"
    ));
    assert_harmless(&format!("```{payload}\n{payload}\n```\n\n- {payload}\n\n> # {payload}\n\n|{payload}|\n|-|\n|x|"));
}

#[test]
fn the_check_itself_sees_what_is_dangerous() {
    for html in [
        "<script>1</script>",
        "<p onclick=x>",
        "<a href='javascript:x'>",
        "<a href=/x>",
        "<img src=x>",
        "<img onload=x>",
    ] {
        assert!(danger(html).is_some(), "{html} was taken for harmless");
    }
    assert!(danger(&format!("<img src='https://a.example{PICTURE}'>")).is_some());
    assert_eq!(danger("<p><a href='https://a.example' rel='nofollow'>a</a></p>"), None);
    assert_eq!(danger(&format!("<figure><img src='{PICTURE}' alt='a'></figure>")), None);
}

#[test]
fn no_handwritten_payload_gives_a_script() {
    HANDWRITTEN.iter().for_each(|payload| assert_harmless_everywhere(payload));
}

#[test]
fn no_payload_of_the_published_lists_gives_a_script() {
    let folder = std::env::var_os("CASEBOOK_SHARED_DATA")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/data"), PathBuf::from)
        .join("security");
    let Ok(list) = std::fs::read_to_string(folder.join("xss-payload-list.txt")) else {
        println!("skipped: there is no xss-payload-list.txt in {}", folder.display());
        return;
    };
    list.lines().for_each(assert_harmless_everywhere);
    let naughty = std::fs::read_to_string(folder.join("blns.json")).expect("it lies beside the other list");
    let naughty: Vec<String> = serde_json::from_str(&naughty).expect("a list of strings");
    assert!(naughty.len() > 100 && list.lines().count() > 1_000);
    naughty.iter().for_each(|payload| assert_harmless_everywhere(payload));
}

#[test]
fn hostile_repetition_takes_linear_time() {
    let filled = |unit: &str| unit.repeat(64 * 1024 / unit.len());
    let wide_table = format!("{}\n{}\n{}", "|a".repeat(6_000), "|-".repeat(6_000), "|\n".repeat(20_000));
    let stairs: String = (0..360).map(|depth| format!("{}- a\n", " ".repeat(depth))).collect();
    let mut inputs = vec![wide_table, stairs];
    inputs.extend(
        [
            ">",
            "> ",
            "[",
            "![",
            "](",
            "*",
            "_",
            "*a_",
            "**a ",
            "a**b",
            "~~a",
            "`",
            "` `` ",
            "<",
            "<a ",
            "<!--",
            "<?",
            "<![CDATA[",
            "- ",
            "1. ",
            "> - ",
            ">\n",
            "-\n",
            "#",
            "# \n",
            "|",
            "|\n",
            "|a\n|-\n",
            "&",
            "&#",
            "\\",
            "(",
            "[a](",
            "[a]: b\n",
            "[a](https://a)",
            "![a](https://a)",
            "![a](/pictures/0193a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b)",
            "![a](/pictures/0193a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b)\n\n",
            "![a](/pictures/0193a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b ",
            "[a][",
            "```\n",
            "~~~\n> ",
            "<a@b.c>",
            "- [x] a\n",
            "\t",
            "\0",
            "*a **a ",
            "> > > > > > > > > > > > > > > >\n\n",
            "- - - - - - - - - - - - - - - - a\n",
        ]
        .iter()
        .map(|unit| filled(unit)),
    );
    for input in inputs {
        let start = Instant::now();
        to_html(&input);
        to_text(&input);
        first_step(&input);
        excerpt(&input, 200);
        has_silent_picture(&input);
        let taken = start.elapsed();
        let shown: String = input.chars().take(20).collect();
        // Quadratic time would be minutes; the bound leaves room for an unoptimised build on a busy machine.
        assert!(taken < Duration::from_secs(5), "{taken:?} for {shown:?}…");
    }
}

proptest! {
    #[test]
    fn any_text_is_rendered_without_panic_or_danger(markdown in "(?s).{0,200}") {
        prop_assert_eq!(danger(to_html(&markdown).as_str()), None);
        prop_assert_eq!(danger(first_step(&markdown).as_str()), None);
        to_text(&markdown);
    }

    #[test]
    fn markdown_like_text_is_rendered_without_panic_or_danger(
        markdown in "([*_~`>#|<!\\[\\]()\\-+:&\"=/\\\\ \n]|1\\.|https:|/pictures/0193a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b|javascript:|on|src|<script>|\\|-\\||[a-c]){0,80}"
    ) {
        prop_assert_eq!(danger(to_html(&markdown).as_str()), None);
        prop_assert_eq!(danger(first_step(&markdown).as_str()), None);
        to_text(&markdown);
    }
}
