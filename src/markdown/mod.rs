//! Markdown to safe HTML, to plain text, and to the short pieces that lists and matches show. Raw HTML in it is text.

#[cfg(test)]
mod hostile;
mod code;
mod html;
mod joined;
mod picture;
mod text;

use std::fmt;

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

use self::joined::Joined;

pub use code::code_blocks;
pub use picture::{has_silent_picture, picture_markdown};
pub use text::{excerpt, to_text};

/// HTML that is safe to put on a page as it is. Only this room makes it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SafeHtml(String);

impl SafeHtml {
    /// The HTML as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether there is nothing to show.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Display for SafeHtml {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Renders a field of Markdown: CommonMark with tables, strikethrough and task lists.
///
/// Raw HTML is shown as text. Headings start at level three, since pages own one and two, and have no ids. Links
/// lead to http, https and mailto addresses or are plain text. A picture of this server is shown; every other image
/// becomes a link, so that reading a page tells no other site about it.
pub fn to_html(markdown: &str) -> SafeHtml {
    html::render(parser(markdown))
}

/// Renders the first thing to do: the first list item that has content, or else the first paragraph, or else the
/// first code block. A code block that directly follows belongs to it where it ends in a colon.
pub fn first_step(markdown: &str) -> SafeHtml {
    let events: Vec<Event<'_>> = parser(markdown).collect();
    let step = first_block(&events, |tag| matches!(tag, Tag::Item))
        .or_else(|| first_block(&events, |tag| matches!(tag, Tag::Paragraph)))
        .or_else(|| first_block(&events, |tag| matches!(tag, Tag::CodeBlock(_))));
    html::render(step.unwrap_or(events).into_iter())
}

fn parser(markdown: &str) -> impl Iterator<Item = Event<'_>> {
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS;
    Joined::new(Parser::new_ext(markdown, options))
}

/// The events of the first block of that kind in which something is said. An item is given without its own tags.
fn first_block<'a>(events: &[Event<'a>], wanted: impl Fn(&Tag<'a>) -> bool) -> Option<Vec<Event<'a>>> {
    let mut from = 0;
    while let Some(found) = events[from..].iter().position(|event| matches!(event, Event::Start(tag) if wanted(tag))) {
        let start = from + found;
        let end = matching_end(events, start);
        let inner = &events[start + 1..end];
        if inner.iter().any(says_something) {
            let is_item = matches!(events[start], Event::Start(Tag::Item));
            let mut step = if is_item { inner.to_vec() } else { events[start..=end].to_vec() };
            if text::of_events(inner.iter().cloned()).ends_with(':') {
                step.extend_from_slice(code_block_after(events, end));
            }
            return Some(step);
        }
        from = end + 1;
    }
    None
}

fn says_something(event: &Event<'_>) -> bool {
    matches!(event, Event::Text(text) | Event::Code(text) | Event::Html(text) | Event::InlineHtml(text) if !text.trim().is_empty())
        || matches!(event, Event::Start(Tag::Image { .. }))
}

/// The index of the event that ends the block which starts at `start`; the parser always ends what it starts.
fn matching_end(events: &[Event<'_>], start: usize) -> usize {
    let mut depth = 0_usize;
    for (offset, event) in events[start..].iter().enumerate() {
        if matches!(event, Event::Start(_)) {
            depth += 1;
        } else if matches!(event, Event::End(_)) {
            depth -= 1;
            if depth == 0 {
                return start + offset;
            }
        }
    }
    events.len() - 1
}

fn code_block_after<'a, 'e>(events: &'e [Event<'a>], end: usize) -> &'e [Event<'a>] {
    let closing = |event: &&Event<'_>| matches!(event, Event::End(TagEnd::List(_) | TagEnd::Item));
    let next = end + 1 + events[end + 1..].iter().take_while(closing).count();
    match events.get(next) {
        Some(Event::Start(Tag::CodeBlock(_))) => &events[next..=matching_end(events, next)],
        Some(_) | None => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::{first_step, to_html};

    fn html(markdown: &str) -> String {
        to_html(markdown).to_string()
    }

    #[test]
    fn headings_start_at_level_three_and_have_no_ids() {
        assert_eq!(html("# A\n\n## B {#x}\n\n##### C"), "<h3>A</h3>\n<h3>B {#x}</h3>\n<h5>C</h5>\n");
    }

    #[test]
    fn raw_html_is_shown_as_text() {
        assert_eq!(html("a <b>bold</b>"), "<p>a &lt;b&gt;bold&lt;/b&gt;</p>\n");
        assert_eq!(html("<div>\nx\n</div>"), "<p>&lt;div&gt;\nx\n&lt;/div&gt;</p>\n");
    }

    #[test]
    fn only_web_and_mail_addresses_become_links() {
        assert_eq!(
            html("[a](https://a.example \"t\")"),
            "<p><a href=\"https://a.example\" title=\"t\" rel=\"nofollow noopener\">a</a></p>\n"
        );
        assert!(html("<a@b.example>").contains("href=\"mailto:a@b.example\""));
        for refused in ["[a](javascript:x)", "[a](/admin)", "[a](//b.example)", "[a](data:text/html,x)", "[a](#top)"] {
            assert_eq!(html(refused), "<p>a</p>\n", "{refused}");
        }
    }

    #[test]
    fn an_image_becomes_a_link_with_its_alternative_text() {
        let link =
            |text: &str| format!("<p><a href=\"https://a.example/x.png\" rel=\"nofollow noopener\">{text}</a></p>\n");
        assert_eq!(html("![the *graph*](https://a.example/x.png)"), link("the graph"));
        assert_eq!(html("![](https://a.example/x.png)"), link("https://a.example/x.png"));
        assert_eq!(html("![local](x.png)"), "<p>local</p>\n");
        assert_eq!(html("[![alt](https://b.example/y.png)](https://a.example/x.png)"), link("alt"));
    }

    #[test]
    fn code_keeps_a_plain_language_and_nothing_else() {
        assert_eq!(html("```yaml\na: 1\n```"), "<pre><code class=\"language-yaml\">a: 1\n</code></pre>\n");
        assert_eq!(html("```C++ x\n1\n```"), "<pre><code class=\"language-c++\">1\n</code></pre>\n");
        assert_eq!(html("```a\"b\n1\n```"), "<pre><code>1\n</code></pre>\n");
    }

    #[test]
    fn tables_strikethrough_and_task_lists_are_rendered() {
        let table = html("|a|b|\n|:-|-:|\n|1|2|");
        assert!(table.contains("<th>a</th>") && table.contains("<td>2</td>") && !table.contains("style"), "{table}");
        assert_eq!(html("~~x~~"), "<p><del>x</del></p>\n");
        assert_eq!(html("- [x] a\n- [ ] b"), "<ul dir=\"auto\">\n<li>☑ a</li>\n<li>☐ b</li>\n</ul>\n");
    }

    #[test]
    fn what_is_nested_too_deeply_is_flattened_and_kept() {
        let deep = html(&format!("{}text", "> ".repeat(400)));
        assert_eq!(deep.matches("<blockquote").count(), 16);
        assert!(deep.contains("<p>text</p>"), "{deep}");
        let list: String = (0..40).map(|depth| format!("{}- row{depth}.\n", "  ".repeat(depth))).collect();
        let list = html(&list);
        assert_eq!(list.matches("<ul").count(), 16);
        assert!(list.contains("row15.\nrow16.\nrow17."), "{list}");
    }

    #[test]
    fn the_first_step_is_the_first_item_of_a_list() {
        let step = |markdown| first_step(markdown).to_string();
        assert_eq!(step("Do this:\n\n1. Drain `node-1`.\n2. Wait."), "Drain <code>node-1</code>.");
        assert_eq!(step("1.\n2. Wait."), "Wait.");
        assert_eq!(step("1. Run:\n   ```sh\n   ls\n   ```\n2. x"), step("1. Run:\n\n```sh\nls\n```\n\n2. x"));
    }

    #[test]
    fn the_first_step_is_else_the_first_paragraph() {
        let step = |markdown| first_step(markdown).to_string();
        assert_eq!(step("# Now\n\nScale *up*.\n\nThen wait."), "<p>Scale <em>up</em>.</p>\n");
        assert_eq!(
            step("Run:\n\n```sh\nls\n```\n\nThen wait."),
            "<p>Run:</p>\n<pre><code class=\"language-sh\">ls\n</code></pre>\n"
        );
        assert_eq!(step("Run.\n\n```sh\nls\n```"), "<p>Run.</p>\n");
        assert_eq!(step("```\nls\n```"), "<pre><code>ls\n</code></pre>\n");
        assert!(first_step(" ").is_empty());
    }
}
