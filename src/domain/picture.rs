//! A picture in a story: its id, its format, and the address by which Markdown names it.

use std::collections::HashSet;

use uuid::Uuid;

use super::account::id;
use super::vocabulary::vocabulary;

id! {
    /// The id of a picture.
    PictureId
}

vocabulary! {
    /// What the bytes of a picture are; the name is the media type.
    PictureFormat: "a format of pictures" {
        Png = "image/png", "PNG", "Screens and drawings";
        Jpeg = "image/jpeg", "JPEG", "Photographs";
        Webp = "image/webp", "WebP", "Either";
    }
}

impl PictureFormat {
    /// How the name of such a file ends, without the dot.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Png => "png",
            Self::Jpeg => "jpg",
            Self::Webp => "webp",
        }
    }
}

/// The address by which Markdown names a picture: `/pictures/<id>`, as a rule followed by its size in pixels
/// (`#1200x800`), so that a page can leave room for it before it is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PictureAddress {
    /// Which.
    pub id: PictureId,
    /// Width and height in pixels, if the address says.
    pub size: Option<(u32, u32)>,
}

impl PictureAddress {
    /// What comes before the id.
    const FOLDER: &'static str = "/pictures/";
    /// The characters of an id: hexadecimal digits and hyphens.
    const ID: usize = 36;
    /// The most pixels a side that an address may promise.
    const WIDEST: u32 = 10_000;

    /// Reads an address; none for every other one, on this server or elsewhere.
    pub fn parse(text: &str) -> Option<Self> {
        let rest = text.strip_prefix(Self::FOLDER)?;
        let (id, size) = rest.split_once('#').map_or((rest, None), |(id, size)| (id, Some(size)));
        let size = size.map_or(Some(None), |size| Self::size(size).map(Some))?;
        Some(Self { id: Self::id(id)?, size })
    }

    /// Every picture that a text names, each once, in the order of the text. Code is not told from prose: whoever looks
    /// for pictures rather finds one too many.
    pub fn named_in(text: &str) -> Vec<PictureId> {
        let mut seen = HashSet::new();
        let after = text.match_indices(Self::FOLDER).map(|(at, folder)| at + folder.len());
        let named = after.filter_map(|start| text.get(start..start + Self::ID).and_then(Self::id));
        named.filter(|id| seen.insert(*id)).collect()
    }

    /// Reads an id as this prints it: other spellings of the same one would be other addresses.
    fn id(text: &str) -> Option<PictureId> {
        let plain = text.len() == Self::ID && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f' | b'-'));
        if plain { Uuid::try_parse(text).ok().map(PictureId) } else { None }
    }

    fn size(text: &str) -> Option<(u32, u32)> {
        let side = |digits: &str| {
            let plain = digits.len() <= 5 && digits.bytes().all(|byte| byte.is_ascii_digit());
            digits.parse().ok().filter(|side| plain && (1..=Self::WIDEST).contains(side))
        };
        let (width, height) = text.split_once('x')?;
        Some((side(width)?, side(height)?))
    }
}

impl std::fmt::Display for PictureAddress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}{}", Self::FOLDER, self.id)?;
        self.size.map_or(Ok(()), |(width, height)| write!(f, "#{width}x{height}"))
    }
}

#[cfg(test)]
mod tests {
    use super::{PictureAddress, PictureId};

    const ID: &str = "0193a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b";

    #[test]
    fn an_address_is_read_as_it_was_printed() {
        for text in [format!("/pictures/{ID}"), format!("/pictures/{ID}#1200x800")] {
            assert_eq!(PictureAddress::parse(&text).expect("an address").to_string(), text);
        }
    }

    #[test]
    fn every_other_address_is_none_of_a_picture() {
        for wrong in [
            format!("https://a.example/pictures/{ID}"),
            format!("//a.example/pictures/{ID}"),
            format!("/pictures/{}", ID.to_uppercase()),
            format!("/pictures/{ID}/"),
            format!("/pictures/{ID}?a=b"),
            format!("/pictures/{ID}#"),
            format!("/pictures/{ID}#0x1"),
            format!("/pictures/{ID}#+1x1"),
            format!("/pictures/{ID}#99999x1"),
            format!("/pictures/{ID}#1x1\" onload=\"x"),
            format!("/pictures/../{ID}"),
            "/pictures/new".to_owned(),
            String::new(),
        ] {
            assert_eq!(PictureAddress::parse(&wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_text_names_each_picture_once() {
        let other = PictureId::new();
        let text = format!("![](/pictures/{ID}#1x1) é/pictures/{other} ![](/pictures/{ID}) /pictures/new /pictures/é");
        let named: Vec<String> = PictureAddress::named_in(&text).iter().map(ToString::to_string).collect();
        assert_eq!(named, [ID.to_owned(), other.to_string()]);
    }
}
