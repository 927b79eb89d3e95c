//! Pictures of this server as HTML: a figure where one stands by itself, an image in a line of text.

use std::fmt::Write;

use pulldown_cmark::{Event, Tag, TagEnd};

use crate::domain::PictureAddress;

/// A picture that Markdown names, with its words.
#[derive(Debug, Clone)]
pub(super) struct Shown {
    pub(super) address: PictureAddress,
    /// What it shows, for those who do not see it.
    pub(super) alt: String,
    /// What stands below it; may be empty.
    pub(super) caption: String,
}

impl Shown {
    /// For a line of text.
    pub(super) fn image(&self) -> String {
        let mut html = format!("<img src=\"{}\" alt=\"{}\"", self.page(), escaped(&self.alt));
        if let Some((width, height)) = self.address.size {
            // Writing to a string cannot fail.
            write!(html, " width=\"{width}\" height=\"{height}\"").unwrap_or_default();
        }
        html + " loading=\"lazy\" decoding=\"async\">"
    }

    /// For a place of its own. The picture leads to itself, since screens are wider than columns of text; one without
    /// words would be a link that nobody can name.
    pub(super) fn figure(&self) -> String {
        let (image, page) = (self.image(), self.page());
        let image = if self.alt.is_empty() { image } else { format!("<a href=\"{page}\">{image}</a>") };
        let caption = escaped(&self.caption);
        let caption = if caption.is_empty() { caption } else { format!("<figcaption>{caption}</figcaption>") };
        // The screen of a telephone as wide as a column would be as high as two windows.
        let is_tall = self.address.size.is_some_and(|(width, height)| height > width);
        let class = if is_tall { " class=\"tall\"" } else { "" };
        format!("<figure{class}>{image}{caption}</figure>\n")
    }

    fn page(&self) -> PictureAddress {
        PictureAddress { size: None, ..self.address }
    }
}

/// The Markdown that shows a picture, with words that may hold anything.
pub fn picture_markdown(address: PictureAddress, alt: &str, caption: &str) -> String {
    let line = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    // What would end the words, or become something else in them; also in a cell of a table.
    let marked = |text: &str| {
        line(text).chars().fold(String::new(), |mut marked, character| {
            if "\\[]\"*_`<&~|".contains(character) {
                marked.push('\\');
            }
            marked.push(character);
            marked
        })
    };
    let caption = if caption.trim().is_empty() { String::new() } else { format!(" \"{}\"", marked(caption)) };
    format!("![{}]({address}{caption})", marked(alt))
}

/// Whether a text shows a picture of this server without saying what is on it.
pub fn has_silent_picture(markdown: &str) -> bool {
    let mut is_silent = false;
    for event in super::parser(markdown) {
        match event {
            Event::Start(Tag::Image { dest_url, .. }) => is_silent = PictureAddress::parse(&dest_url).is_some(),
            Event::Text(words) | Event::Code(words) if !words.trim().is_empty() => is_silent = false,
            Event::End(TagEnd::Image) if is_silent => return true,
            Event::Start(_)
            | Event::End(_)
            | Event::Text(_)
            | Event::Code(_)
            | Event::Html(_)
            | Event::InlineHtml(_)
            | Event::InlineMath(_)
            | Event::DisplayMath(_)
            | Event::FootnoteReference(_)
            | Event::SoftBreak
            | Event::HardBreak
            | Event::Rule
            | Event::TaskListMarker(_) => {}
        }
    }
    false
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use scraper::{Html, Selector};

    use super::{PictureAddress, has_silent_picture, picture_markdown};
    use crate::markdown::{excerpt, first_step, to_html, to_text};

    const AT: &str = "/pictures/0193a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b";

    fn html(markdown: &str) -> String {
        to_html(markdown).to_string()
    }

    #[test]
    fn a_picture_by_itself_is_a_figure_that_leads_to_itself() {
        assert_eq!(
            html(&format!("a\n\n![CPU at *100 %*]({AT}#1200x800 \"Monday\")\n\nb")),
            format!(
                "<p>a</p>\n<figure><a href=\"{AT}\" rel=\"nofollow noopener\"><img src=\"{AT}\" alt=\"CPU at 100 %\" width=\"1200\" \
                 height=\"800\" loading=\"lazy\" decoding=\"async\"></a><figcaption>Monday</figcaption></figure>\n<p>b</p>\n"
            )
        );
        assert_eq!(
            html(&format!("![]({AT})")),
            format!("<figure><img src=\"{AT}\" alt=\"\" loading=\"lazy\" decoding=\"async\"></figure>\n")
        );
        assert_eq!(html(&format!("![a]({AT})\n![b]({AT})")).matches("<figure>").count(), 2);
        assert!(html(&format!("![a]({AT}#600x1300)")).starts_with("<figure class=\"tall\">"));
    }

    #[test]
    fn a_picture_in_a_line_stays_in_it() {
        let image = |alt: &str| format!("<img src=\"{AT}\" alt=\"{alt}\" loading=\"lazy\" decoding=\"async\">");
        assert_eq!(html(&format!("see ![x]({AT}) here")), format!("<p>see {} here</p>\n", image("x")));
        assert_eq!(html(&format!("- ![x]({AT})")), format!("<ul dir=\"auto\">\n<li>{}</li>\n</ul>\n", image("x")));
        assert!(html(&format!("[![x]({AT})](https://a.example)")).contains(&format!("noopener\">{}</a>", image("x"))));
        assert_eq!(html(&format!("![x ![y]({AT})]({AT})")).matches("<img").count(), 1);
    }

    #[test]
    fn pictures_of_other_sites_are_links_and_other_addresses_of_ours_are_words() {
        assert!(!html(&format!("![x](https://a.example{AT})")).contains("<img"));
        for other in ["/pictures/new", "/logout", "pictures/x.png", "//a.example/x.png", &format!("{AT}?x=1")] {
            assert_eq!(html(&format!("![x]({other})")), "<p>x</p>\n", "{other}");
        }
        assert_eq!(html(&format!("[x]({AT})")), "<p>x</p>\n", "only pictures lead there");
    }

    #[test]
    fn plain_text_says_what_a_picture_shows() {
        let markdown = format!("It broke.\n\n![CPU at 100 %]({AT} \"Monday\")\n\nThen it ended.");
        assert_eq!(to_text(&markdown), "It broke.\nCPU at 100 %\nThen it ended.");
        assert_eq!(excerpt(&markdown, 100), "It broke. CPU at 100 % Then it ended.");
        assert!(first_step(&format!("1. Look:\n\n   ![x]({AT})\n2. Wait.")).as_str().contains("<figure>"));
    }

    #[test]
    fn a_picture_without_words_is_noticed() {
        for silent in [format!("![]({AT})"), format!("a\n\n![ ]({AT} \"x\")"), format!("![x]({AT}) ![]({AT})")] {
            assert!(has_silent_picture(&silent), "{silent}");
        }
        for right in [format!("![x]({AT})"), "![](https://a.example/x.png)".to_owned(), format!("`![]({AT})`")] {
            assert!(!has_silent_picture(&right), "{right}");
        }
    }

    proptest! {
        #[test]
        fn words_come_through_markdown_as_they_were_written(alt in "\\PC{0,40}|[]!*_`<>&;~|\"#a: \\[\\\\]{0,20}", caption in "\\PC{1,40}|[]!*_`<>&;~|\"()a\\[\\\\]{1,20}") {
            let line = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
            let address = PictureAddress::parse(AT).expect("an address");
            let page = Html::parse_fragment(&html(&picture_markdown(address, &alt, &caption)));
            let image = Selector::parse("figure img").expect("selector");
            let image = page.select(&image).next().expect("an image");
            prop_assert_eq!(line(image.attr("alt").expect("alt")), line(&alt));
            let below = Selector::parse("figcaption").expect("selector");
            let below: String = page.select(&below).flat_map(|element| element.text()).collect();
            prop_assert_eq!(line(&below), line(&caption));
        }
    }
}
