//! From Markdown events to HTML: what is unsafe, unwelcome or too deep is changed while it is an event, and the
//! sanitiser has the last word on the HTML.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use ammonia::{Builder, UrlRelative};
use pulldown_cmark::{CodeBlockKind, CowStr, Event, HeadingLevel, LinkType, Tag, TagEnd};

use super::picture::Shown;
use super::{SafeHtml, text};
use crate::domain::PictureAddress;

/// How deep quotes, lists and emphasis may go. Deeper ones lose their tags and keep their text: without a bound,
/// 20 kB of `>` cost the sanitiser a second.
const MAX_NESTING: usize = 16;

/// After so many table cells, empty ones are left out: the parser fills rows up to the width of the heading,
/// which makes megabytes out of one wide heading and many rows of one byte.
const MAX_CELLS: usize = 4_096;

pub(super) fn render<'a>(events: impl Iterator<Item = Event<'a>>) -> SafeHtml {
    let mut tamed = Tamed::default();
    events.for_each(|event| tamed.push(event));
    let mut html = String::new();
    pulldown_cmark::html::push_html(&mut html, tamed.events.into_iter());
    SafeHtml(SANITIZER.clean(&html).to_string())
}

static SANITIZER: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let mut builder = Builder::empty();
    builder
        .tags(HashSet::from([
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
        ]))
        .clean_content_tags(HashSet::from(["script", "style"]))
        .tag_attributes(HashMap::from([
            ("a", HashSet::from(["href", "title"])),
            ("ol", HashSet::from(["start"])),
            ("code", HashSet::from(["class"])),
            ("figure", HashSet::from(["class"])),
            ("img", HashSet::from(["src", "alt", "width", "height", "loading", "decoding"])),
        ]))
        // A wide table scrolls in its place: the keyboard has to get there, too.
        .set_tag_attribute_value("table", "tabindex", "0")
        // A list, a quote or a table of Arabic begins at the right.
        .set_tag_attribute_value("ol", "dir", "auto")
        .set_tag_attribute_value("ul", "dir", "auto")
        .set_tag_attribute_value("blockquote", "dir", "auto")
        .url_schemes(HashSet::from(["http", "https", "mailto"]))
        // Nothing of ours but its pictures.
        .url_relative(UrlRelative::Custom(Box::new(picture_only)))
        .link_rel(Some("nofollow noopener"))
        .attribute_filter(|element, attribute, value| match (element, attribute) {
            ("figure", "class") => (value == "tall").then_some(Cow::Borrowed(value)),
            (_, "class") => value.strip_prefix("language-").is_some_and(is_language).then_some(Cow::Borrowed(value)),
            // No page of ours loads anything from another site.
            ("img", "src") => picture_only(value),
            _ => Some(Cow::Borrowed(value)),
        });
    builder
});

fn picture_only(address: &str) -> Option<Cow<'_, str>> {
    PictureAddress::parse(address).map(|_| Cow::Borrowed(address))
}

/// What became of a tag that was opened, so that its end meets the same fate.
enum Opened {
    Kept,
    /// Kept, and one level of the nesting that is bounded.
    Nested,
    /// Its tags are gone and its content stays.
    Unwrapped,
    /// As `Unwrapped`, and its end has to keep two texts apart.
    Separated,
    Image(Image),
}

/// How the image that is open is shown.
enum Image {
    Link(String),
    Text,
    Picture {
        address: PictureAddress,
        caption: String,
        /// Where the events begin that say what it shows.
        start: usize,
    },
}

#[derive(Default)]
struct Tamed<'a> {
    events: Vec<Event<'a>>,
    opened: Vec<Opened>,
    nesting: usize,
    links: usize,
    images: usize,
    cells: usize,
    /// Where the paragraph that is open began, and the pictures in it.
    paragraph: usize,
    pictures: Vec<Shown>,
}

impl<'a> Tamed<'a> {
    fn push(&mut self, event: Event<'a>) {
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(tag) => self.end(tag),
            Event::Html(text) | Event::InlineHtml(text) => self.events.push(Event::Text(text)),
            Event::Code(text) if self.images > 0 => self.events.push(Event::Text(text)),
            Event::TaskListMarker(true) => self.events.push(Event::Text("☑ ".into())),
            Event::TaskListMarker(false) => self.events.push(Event::Text("☐ ".into())),
            Event::Text(_)
            | Event::Code(_)
            | Event::InlineMath(_)
            | Event::DisplayMath(_)
            | Event::FootnoteReference(_)
            | Event::SoftBreak
            | Event::HardBreak
            | Event::Rule => self.events.push(event),
        }
    }

    fn start(&mut self, tag: Tag<'a>) {
        let opened = match tag {
            Tag::Image { dest_url, title, .. } => self.start_image(&dest_url, &title),
            _ if self.images > 0 => Opened::Unwrapped,
            Tag::Link { link_type, ref dest_url, .. } => {
                if self.links == 0 && (link_type == LinkType::Email || leads_outside(dest_url)) {
                    self.links += 1;
                    self.keep(tag)
                } else {
                    Opened::Unwrapped
                }
            }
            Tag::BlockQuote(_) | Tag::List(_) | Tag::Emphasis | Tag::Strong | Tag::Strikethrough => self.nest(tag),
            Tag::Item => {
                if matches!(self.opened.last(), Some(Opened::Separated)) {
                    Opened::Separated
                } else {
                    self.keep(tag)
                }
            }
            Tag::HtmlBlock | Tag::Paragraph => {
                self.paragraph = self.events.len();
                self.pictures.clear();
                self.keep(Tag::Paragraph)
            }
            Tag::Heading { level, .. } => {
                self.keep(Tag::Heading { level: lowered(level), id: None, classes: Vec::new(), attrs: Vec::new() })
            }
            Tag::CodeBlock(kind) => self.keep(Tag::CodeBlock(plain_language(&kind))),
            // Alignment would be an inline style, which the page's content security policy refuses.
            Tag::Table(_) => self.keep(Tag::Table(Vec::new())),
            Tag::TableCell => {
                self.cells += 1;
                self.keep(tag)
            }
            Tag::TableHead | Tag::TableRow => self.keep(tag),
            // Extensions that are not switched on.
            Tag::FootnoteDefinition(_)
            | Tag::DefinitionList
            | Tag::DefinitionListTitle
            | Tag::DefinitionListDefinition
            | Tag::Superscript
            | Tag::Subscript
            | Tag::MetadataBlock(_) => Opened::Unwrapped,
        };
        self.opened.push(opened);
    }

    fn keep(&mut self, tag: Tag<'a>) -> Opened {
        self.events.push(Event::Start(tag));
        Opened::Kept
    }

    fn nest(&mut self, tag: Tag<'a>) -> Opened {
        if self.nesting < MAX_NESTING {
            self.nesting += 1;
            self.events.push(Event::Start(tag));
            return Opened::Nested;
        }
        if matches!(tag, Tag::List(_)) {
            self.events.push(Event::SoftBreak);
            return Opened::Separated;
        }
        Opened::Unwrapped
    }

    fn start_image(&mut self, address: &str, title: &str) -> Opened {
        self.images += 1;
        if let Some(address) = PictureAddress::parse(address).filter(|_| self.images == 1) {
            let (caption, start) = (title.to_owned(), self.events.len());
            return Opened::Image(Image::Picture { address, caption, start });
        }
        if self.images > 1 || self.links > 0 || !leads_outside(address) {
            return Opened::Image(Image::Text);
        }
        self.events.push(Event::Start(Tag::Link {
            link_type: LinkType::Inline,
            dest_url: address.to_owned().into(),
            title: CowStr::Borrowed(""),
            id: CowStr::Borrowed(""),
        }));
        Opened::Image(Image::Link(address.to_owned()))
    }

    fn end(&mut self, tag: TagEnd) {
        match self.opened.pop() {
            None | Some(Opened::Unwrapped) => {}
            Some(Opened::Separated) => self.events.push(Event::SoftBreak),
            Some(Opened::Image(image)) => self.end_image(image),
            Some(Opened::Nested) => {
                self.nesting -= 1;
                self.events.push(Event::End(tag));
            }
            Some(Opened::Kept) => self.end_kept(tag),
        }
    }

    fn end_kept(&mut self, tag: TagEnd) {
        let is_empty_cell = matches!(self.events.last(), Some(Event::Start(Tag::TableCell)));
        if self.cells > MAX_CELLS && is_empty_cell {
            self.events.pop();
            return;
        }
        if tag == TagEnd::Paragraph && self.is_of_pictures() {
            self.events.truncate(self.paragraph);
            self.events.extend(self.pictures.drain(..).map(|picture| Event::Html(picture.figure().into())));
            return;
        }
        self.events.push(Event::End(if let TagEnd::Heading(level) = tag {
            TagEnd::Heading(lowered(level))
        } else if tag == TagEnd::HtmlBlock {
            TagEnd::Paragraph
        } else {
            if tag == TagEnd::Link {
                self.links -= 1;
            }
            tag
        }));
    }

    fn end_image(&mut self, image: Image) {
        self.images -= 1;
        match image {
            Image::Text => {}
            Image::Link(address) => {
                if matches!(self.events.last(), Some(Event::Start(Tag::Link { .. }))) {
                    self.events.push(Event::Text(address.into()));
                }
                self.events.push(Event::End(TagEnd::Link));
            }
            Image::Picture { address, caption, start } => {
                let alt = text::of_events(self.events.drain(start..));
                let picture = Shown { address, alt: alt.split_whitespace().collect::<Vec<_>>().join(" "), caption };
                self.events.push(Event::InlineHtml(picture.image().into()));
                self.pictures.push(picture);
            }
        }
    }

    /// Whether the open paragraph is nothing but pictures. HTML in these events is ours: what was written is text by now.
    fn is_of_pictures(&self) -> bool {
        let written = &self.events[self.paragraph + 1..];
        let ours = |event: &Event<'_>| matches!(event, Event::InlineHtml(_) | Event::SoftBreak | Event::HardBreak);
        !self.pictures.is_empty() && written.iter().all(ours)
    }
}

fn leads_outside(address: &str) -> bool {
    address.split_once(':').is_some_and(|(scheme, _)| {
        ["http", "https", "mailto"].iter().any(|allowed| scheme.eq_ignore_ascii_case(allowed))
    })
}

fn lowered(level: HeadingLevel) -> HeadingLevel {
    match level {
        HeadingLevel::H1 | HeadingLevel::H2 => HeadingLevel::H3,
        HeadingLevel::H3 | HeadingLevel::H4 | HeadingLevel::H5 | HeadingLevel::H6 => level,
    }
}

fn plain_language(kind: &CodeBlockKind<'_>) -> CodeBlockKind<'static> {
    if let CodeBlockKind::Fenced(info) = kind {
        let language = info.split_whitespace().next().unwrap_or_default().to_ascii_lowercase();
        if is_language(&language) {
            return CodeBlockKind::Fenced(language.into());
        }
    }
    CodeBlockKind::Indented
}

fn is_language(text: &str) -> bool {
    let right = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'+' | b'-');
    (1..=40).contains(&text.len()) && text.bytes().all(right)
}
