//! How a file is framed: where its picture ends and what the parts of it are, without decoding any. Decoders are lenient
//! about both, and show half a picture rather than none.

use crate::domain::PictureFormat;

/// What the frame of a whole file says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Outline {
    /// How many bytes the picture takes; what follows them is no part of it.
    pub(super) end: usize,
    /// Whether it moves.
    pub(super) is_animated: bool,
    /// In how many passes a JPEG is drawn.
    pub(super) scans: usize,
    /// Whether it has no parts but those that are written here: pixels, and what it takes to read them.
    pub(super) is_bare: bool,
}

impl Outline {
    /// Reads the frame; none when the file ends before the picture does.
    pub(super) fn of(format: PictureFormat, bytes: &[u8]) -> Option<Self> {
        match format {
            PictureFormat::Png => png(bytes),
            PictureFormat::Jpeg => jpeg(bytes),
            PictureFormat::Webp => webp(bytes),
        }
    }

    const EMPTY: Self = Self { end: 0, is_animated: false, scans: 0, is_bare: true };
}

/// Chunks of length, name, data and checksum, until IEND.
fn png(bytes: &[u8]) -> Option<Outline> {
    let mut outline = Outline::EMPTY;
    let mut at = 8;
    loop {
        let length = u32::from_be_bytes(array(bytes, at)?);
        let name: [u8; 4] = array(bytes, at + 4)?;
        let next = at.checked_add(12)?.checked_add(usize::try_from(length).ok()?)?;
        if next > bytes.len() {
            return None;
        }
        match &name {
            b"IHDR" | b"IDAT" => {}
            b"IEND" => return Some(Outline { end: next, ..outline }),
            b"acTL" | b"fcTL" | b"fdAT" => outline.is_animated = true,
            _ => outline.is_bare = false,
        }
        at = next;
    }
}

/// Segments that begin with a marker, until EOI; a scan is followed by its data, which has no length.
fn jpeg(bytes: &[u8]) -> Option<Outline> {
    const SCAN: u8 = 0xda;
    const END: u8 = 0xd9;
    let mut outline = Outline::EMPTY;
    let mut at = 2;
    loop {
        at += bytes.get(at..)?.iter().position(|byte| *byte == 0xff)?;
        at += bytes[at..].iter().position(|byte| *byte != 0xff)?;
        let marker = bytes[at];
        at += 1;
        match marker {
            END => return Some(Outline { end: at, ..outline }),
            // Stuffing and what has no length.
            0x00 | 0x01 | 0xd0..=0xd8 => continue,
            _ => {}
        }
        let length = usize::from(u16::from_be_bytes(array(bytes, at)?));
        match marker {
            // Tables, the plain frame, a scan, and the header without a thumbnail.
            0xdb | 0xc4 | 0xc0 | SCAN => {}
            0xe0 if length == 16 => {}
            _ => outline.is_bare = false,
        }
        at += length.max(2);
        if marker == SCAN {
            outline.scans += 1;
            at = after_scan(bytes, at)?;
        }
    }
}

/// Where the marker after the data of a scan stands: the first 0xff that is neither stuffed nor a restart.
fn after_scan(bytes: &[u8], start: usize) -> Option<usize> {
    let pairs = bytes.get(start..)?.windows(2);
    let marker = |pair: &[u8]| pair[0] == 0xff && !matches!(pair[1], 0x00 | 0xd0..=0xd7);
    pairs.into_iter().position(marker).map(|offset| start + offset)
}

/// RIFF: a size, and in it chunks of name, length and data, padded to an even length.
fn webp(bytes: &[u8]) -> Option<Outline> {
    const ANIMATED: u8 = 0b10;
    let end = usize::try_from(u32::from_le_bytes(array(bytes, 4)?)).ok()?.checked_add(8)?;
    if end > bytes.len() {
        return None;
    }
    let mut outline = Outline { end, ..Outline::EMPTY };
    let mut at = 12;
    while at + 8 <= end {
        let name: [u8; 4] = array(bytes, at)?;
        let length = usize::try_from(u32::from_le_bytes(array(bytes, at + 4)?)).ok()?;
        let next = (at + 8).checked_add(length)?;
        if next > end {
            return None;
        }
        let next = next + length % 2;
        match &name {
            b"VP8L" => outline.is_bare &= next == end,
            b"ANIM" | b"ANMF" => outline.is_animated = true,
            b"VP8X" => {
                outline.is_bare = false;
                outline.is_animated |= bytes.get(at + 8).is_some_and(|flags| flags & ANIMATED != 0);
            }
            _ => outline.is_bare = false,
        }
        at = next;
    }
    Some(outline)
}

fn array<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..at.checked_add(N)?)?.try_into().ok()
}

/// What a file is that is no picture we read, for the error.
pub(super) fn other_kind(bytes: &[u8]) -> &'static str {
    const BEGINNINGS: &[(&[u8], &str)] = &[
        (b"GIF8", "a GIF"),
        (b"BM", "a bitmap"),
        (b"II*\0", "a TIFF"),
        (b"MM\0*", "a TIFF"),
        (b"%PDF", "a PDF document"),
        (b"PK\x03\x04", "a ZIP archive"),
        (b"\x1f\x8b", "a gzip archive"),
    ];
    if bytes.is_empty() {
        return "an empty file";
    }
    if let Some((_, kind)) = BEGINNINGS.iter().find(|(beginning, _)| bytes.starts_with(beginning)) {
        return kind;
    }
    if bytes.get(4..8) == Some(b"ftyp") {
        return if bytes.get(8..11) == Some(b"avi") { "an AVIF" } else { "an HEIC photograph or a film" };
    }
    let start = String::from_utf8_lossy(&bytes[..bytes.len().min(1024)]).to_lowercase();
    if start.contains("<svg") {
        "an SVG drawing"
    } else if start.contains("<html") || start.contains("<!doctype html") {
        "an HTML page"
    } else {
        "a file of another kind"
    }
}
