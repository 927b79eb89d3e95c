//! The code blocks of a text: what was pasted word for word.

use pulldown_cmark::{Event, Tag, TagEnd};

/// The text of all code blocks, one after the other; nothing where there is none.
pub fn code_blocks(markdown: &str) -> Option<String> {
    let mut found = String::new();
    let mut is_inside = false;
    for event in super::parser(markdown) {
        if let Event::Start(Tag::CodeBlock(_)) = event {
            is_inside = true;
        } else if let Event::End(TagEnd::CodeBlock) = event {
            is_inside = false;
            if !found.ends_with('\n') {
                found.push('\n');
            }
        } else if let Event::Text(text) = event
            && is_inside
        {
            found.push_str(&text);
        }
    }
    (!found.trim().is_empty()).then_some(found)
}

#[cfg(test)]
mod tests {
    use super::code_blocks;

    #[test]
    fn what_was_pasted_is_found_among_the_prose() {
        let text = "It said:\n\n```\nout of memory\n  at line 2\n```\n\nand `then`\n\n    disk full\n";
        assert_eq!(code_blocks(text).as_deref(), Some("out of memory\n  at line 2\ndisk full\n"));
        assert_eq!(code_blocks("Nothing *pasted* here."), None);
    }
}
