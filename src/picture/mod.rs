//! Pictures made harmless: decoded within limits, and written anew without anything that was in the file beside the pixels.

mod outline;
#[cfg(test)]
mod tests;

use std::io::Cursor;

use image::codecs::jpeg::{JpegDecoder, JpegEncoder};
use image::codecs::png::{CompressionType, FilterType, PngDecoder, PngEncoder};
use image::codecs::webp::{WebPDecoder, WebPEncoder};
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageError, Limits, imageops};

use self::outline::Outline;
use crate::domain::PictureFormat;

/// A picture that holds its pixels and nothing else. Only this room makes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    format: PictureFormat,
    width: u32,
    height: u32,
    bytes: Vec<u8>,
}

/// Why a file is not taken. The sentences are for whoever sent it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PictureError {
    /// It is something else.
    #[error("This is {0}, not a picture in PNG, JPEG or WebP.")]
    Foreign(&'static str),
    /// It was cut off.
    #[error("The {} file ends before the picture does. It did not arrive whole.", .0.label())]
    Truncated(PictureFormat),
    /// It moves.
    #[error("The {} file is animated. A picture in a story stands still: save one frame of it.", .0.label())]
    Animated(PictureFormat),
    /// It has too many pixels.
    #[error(
        "The picture is {width} × {height} pixels. At most {} a side are taken, and {} million in all.",
        Picture::MOST_A_SIDE, Picture::MOST_PIXELS / 1_000_000
    )]
    TooLarge {
        /// In pixels.
        width: u32,
        /// In pixels.
        height: u32,
    },
    /// It is drawn over and over: a small file that takes minutes.
    #[error("The JPEG file draws the picture in {0} passes. At most {max} are taken; save it anew.", max = Picture::MOST_SCANS)]
    TooManyScans(usize),
    /// Its pixels take too many bytes, however they are packed.
    #[error("The picture takes {} MiB without what is not seen of it; at most {} are kept. Make it smaller.",
        .0.div_ceil(1 << 20), Picture::MOST_BYTES >> 20)]
    TooHeavy(usize),
    /// What is beside its pixels takes too much memory.
    #[error("The {} file takes more memory than is given to a picture. Save it anew.", .0.label())]
    TooMuchMemory(PictureFormat),
    /// It begins like a picture and is none.
    #[error("The {} file is damaged: the picture in it cannot be read.", .0.label())]
    Damaged(PictureFormat),
}

impl Picture {
    /// The largest that is read or kept, in bytes.
    pub const MOST_BYTES: usize = 8 << 20;
    /// The longest side, in pixels.
    pub const MOST_A_SIDE: u32 = 8_000;
    /// The most pixels: 192 MB where each takes eight bytes, which is the most that one is decoded to.
    pub const MOST_PIXELS: u64 = 24_000_000;
    /// The widest that is kept, in pixels; wider ones are scaled down to it.
    pub const WIDEST: u32 = 2_400;
    /// The most passes of a JPEG; cameras and programs make up to a dozen.
    const MOST_SCANS: usize = 32;
    /// What a decoder may allocate beside the pixels, in bytes.
    const MEMORY: u64 = 256 << 20;
    /// Of a JPEG, in percent.
    const QUALITY: u8 = 85;

    /// Reads a file that somebody sent, and writes its pixels anew: upright, and no wider than [`Self::WIDEST`]. What
    /// the file is, its content says; what it holds beside the pixels is gone, also what follows the picture in it.
    ///
    /// It takes memory and time (up to a second or so for the largest): for a thread that may block, a few at once.
    pub fn read(bytes: &[u8]) -> Result<Self, PictureError> {
        let (format, outline) = framed(bytes)?;
        let image = decode(format, &bytes[..outline.end])?;
        encode(format, &narrowed(image))
    }

    /// Takes a file that was exported from here as it is, so that no picture loses by travelling: one that holds nothing
    /// but pixels. Every other file is read like one that somebody sent.
    pub fn take(bytes: Vec<u8>) -> Result<Self, PictureError> {
        let (format, outline) = framed(&bytes)?;
        if outline.is_bare && outline.end == bytes.len() && bytes.len() <= Self::MOST_BYTES {
            let image = decode(format, &bytes)?;
            if image.width() <= Self::WIDEST {
                return Ok(Self { format, width: image.width(), height: image.height(), bytes });
            }
        }
        Self::read(&bytes)
    }

    /// What its bytes are.
    pub fn format(&self) -> PictureFormat {
        self.format
    }

    /// In pixels.
    pub fn width(&self) -> u32 {
        self.width
    }

    /// In pixels.
    pub fn height(&self) -> u32 {
        self.height
    }

    /// The file.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

/// What a file is, and how it is framed; an error for what is not worth decoding.
fn framed(bytes: &[u8]) -> Result<(PictureFormat, Outline), PictureError> {
    let format = format_of(bytes).ok_or_else(|| PictureError::Foreign(outline::other_kind(bytes)))?;
    let outline = Outline::of(format, bytes).ok_or(PictureError::Truncated(format))?;
    if outline.is_animated {
        return Err(PictureError::Animated(format));
    }
    if outline.scans > Picture::MOST_SCANS {
        return Err(PictureError::TooManyScans(outline.scans));
    }
    Ok((format, outline))
}

fn format_of(bytes: &[u8]) -> Option<PictureFormat> {
    if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
        Some(PictureFormat::Png)
    } else if bytes.starts_with(b"\xff\xd8\xff") {
        Some(PictureFormat::Jpeg)
    } else if bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP") {
        Some(PictureFormat::Webp)
    } else {
        None
    }
}

/// The pixels, upright, with eight bits a channel.
fn decode(format: PictureFormat, bytes: &[u8]) -> Result<DynamicImage, PictureError> {
    let file = Cursor::new(bytes);
    let refused = |error: ImageError| refusal(format, &error);
    match format {
        PictureFormat::Png => pixels(format, PngDecoder::with_limits(file, limits()).map_err(refused)?),
        PictureFormat::Jpeg => pixels(format, JpegDecoder::new(file).map_err(refused)?),
        PictureFormat::Webp => pixels(format, WebPDecoder::new(file).map_err(refused)?),
    }
}

fn pixels(format: PictureFormat, mut decoder: impl ImageDecoder) -> Result<DynamicImage, PictureError> {
    let (width, height) = decoder.dimensions();
    let is_too_large =
        width.max(height) > Picture::MOST_A_SIDE || u64::from(width) * u64::from(height) > Picture::MOST_PIXELS;
    if is_too_large {
        return Err(PictureError::TooLarge { width, height });
    }
    let refused = |error: ImageError| refusal(format, &error);
    decoder.set_limits(limits()).map_err(refused)?;
    // Broken remarks about a picture do not make it a broken picture.
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let mut image = eight_bits(DynamicImage::from_decoder(decoder).map_err(refused)?);
    image.apply_orientation(orientation);
    Ok(image)
}

fn limits() -> Limits {
    let mut limits = Limits::no_limits();
    limits.max_alloc = Some(Picture::MEMORY);
    limits
}

fn refusal(format: PictureFormat, error: &ImageError) -> PictureError {
    if matches!(error, ImageError::Limits(_)) {
        PictureError::TooMuchMemory(format)
    } else {
        PictureError::Damaged(format)
    }
}

fn eight_bits(image: DynamicImage) -> DynamicImage {
    let color = image.color();
    match (color.has_color(), color.has_alpha()) {
        (false, false) => image.into_luma8().into(),
        (false, true) => image.into_luma_alpha8().into(),
        (true, false) => image.into_rgb8().into(),
        (true, true) => image.into_rgba8().into(),
    }
}

fn narrowed(image: DynamicImage) -> DynamicImage {
    if image.width() <= Picture::WIDEST {
        return image;
    }
    let height = u64::from(image.height()) * u64::from(Picture::WIDEST) / u64::from(image.width());
    let height = u32::try_from(height).unwrap_or(Picture::MOST_A_SIDE).max(1);
    image.resize_exact(Picture::WIDEST, height, imageops::FilterType::CatmullRom)
}

fn encode(format: PictureFormat, image: &DynamicImage) -> Result<Picture, PictureError> {
    let (format, bytes) = match format {
        PictureFormat::Png => (format, png(image)),
        PictureFormat::Jpeg => {
            let mut bytes = Vec::new();
            let encoder = JpegEncoder::new_with_quality(&mut bytes, Picture::QUALITY);
            (format, image.write_with_encoder(encoder).map(|()| bytes))
        }
        PictureFormat::Webp => {
            let mut bytes = Vec::new();
            let written = image.write_with_encoder(WebPEncoder::new_lossless(&mut bytes)).map(|()| bytes);
            match (written, png(image)) {
                (Ok(webp), Ok(png)) if png.len() < webp.len() => (PictureFormat::Png, Ok(png)),
                (webp, _) => (format, webp),
            }
        }
    };
    let bytes = bytes.map_err(|error| refusal(format, &error))?;
    if bytes.len() > Picture::MOST_BYTES {
        return Err(PictureError::TooHeavy(bytes.len()));
    }
    Ok(Picture { format, width: image.width(), height: image.height(), bytes })
}

fn png(image: &DynamicImage) -> Result<Vec<u8>, ImageError> {
    let mut bytes = Vec::new();
    let encoder = PngEncoder::new_with_quality(&mut bytes, CompressionType::Default, FilterType::Adaptive);
    image.write_with_encoder(encoder)?;
    Ok(bytes)
}
