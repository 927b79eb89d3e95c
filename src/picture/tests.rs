//! Files that are meant to do harm, and what is left of those that are not.

use std::io::Cursor;

use image::{DynamicImage, ImageFormat, Rgb, RgbImage, Rgba, RgbaImage};

use super::{Picture, PictureError};
use crate::domain::PictureFormat;

/// A small picture whose corners differ, so that it can be seen which way up it is.
fn corners(width: u32, height: u32) -> DynamicImage {
    let pixel = |x, y| Rgb([if x < width / 2 { 250 } else { 5 }, if y < height / 2 { 250 } else { 5 }, 90]);
    RgbImage::from_fn(width, height, pixel).into()
}

fn written(image: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    image.write_to(&mut bytes, format).expect("written");
    bytes.into_inner()
}

fn small() -> [Vec<u8>; 3] {
    [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::WebP].map(|format| written(&corners(24, 16), format))
}

/// Puts a chunk behind the header of a PNG. Its checksum is wrong for critical chunks only: others are passed over.
fn with_chunk(png: &[u8], name: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let (head, rest) = png.split_at(33);
    let mut chunk = name.to_vec();
    chunk.extend_from_slice(data);
    let length = u32::try_from(data.len()).expect("short").to_be_bytes();
    [head, &length, &chunk, &checksum(&chunk).to_be_bytes(), rest].concat()
}

/// CRC-32 as PNG has it.
fn checksum(bytes: &[u8]) -> u32 {
    let step = |crc: u32, byte: &u8| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 })
    };
    !bytes.iter().fold(u32::MAX, step)
}

/// EXIF that says that the picture stands on its side (6), and where it was taken.
fn exif() -> Vec<u8> {
    let mut exif = b"MM\0*\0\0\0\x08\0\x02".to_vec();
    exif.extend_from_slice(b"\x01\x12\0\x03\0\0\0\x01\0\x06\0\0");
    exif.extend_from_slice(b"\x88\x25\0\x04\0\0\0\x01\0\0\0\x26");
    exif.extend_from_slice(b"\0\0\0\0GPS 52.5200 13.4050");
    exif
}

fn jpeg_with_exif(jpeg: &[u8]) -> Vec<u8> {
    let data = [b"Exif\0\0".as_slice(), &exif()].concat();
    let length = u16::try_from(data.len() + 2).expect("short").to_be_bytes();
    [&jpeg[..2], b"\xff\xe1", &length, &data, &jpeg[2..]].concat()
}

fn holds(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

#[test]
fn each_format_is_read_and_stays_what_it_is_or_gets_smaller() {
    for (bytes, format) in small().iter().zip([PictureFormat::Png, PictureFormat::Jpeg, PictureFormat::Webp]) {
        let picture = Picture::read(bytes).expect("a picture");
        let smaller = format == PictureFormat::Webp && picture.format() == PictureFormat::Png;
        assert!(picture.format() == format || smaller, "{format}");
        assert_eq!((picture.width(), picture.height()), (24, 16));
        assert_eq!(Picture::take(picture.bytes().to_vec()).as_ref(), Ok(&picture), "{format} is taken as it is");
    }
}

#[test]
fn every_kind_of_pixel_is_kept_in_eight_bits() {
    let clear: DynamicImage = RgbaImage::from_pixel(9, 7, Rgba([1, 2, 3, 128])).into();
    for image in [
        clear.clone(),
        clear.to_luma8().into(),
        clear.to_luma_alpha8().into(),
        clear.to_luma16().into(),
        clear.to_rgb16().into(),
        clear.to_rgba16().into(),
    ] {
        let picture = Picture::read(&written(&image, ImageFormat::Png)).expect("a picture");
        let back = image::load_from_memory(picture.bytes()).expect("decoded");
        assert_eq!(back.color().has_alpha(), image.color().has_alpha());
        assert_eq!(back.to_rgba8(), image.to_rgba8());
    }
}

#[test]
fn a_file_that_is_cut_anywhere_is_refused() {
    for bytes in small() {
        for end in 0..bytes.len() {
            assert!(Picture::read(&bytes[..end]).is_err(), "{end} of {} bytes", bytes.len());
        }
    }
}

#[test]
fn no_byte_that_is_changed_makes_it_panic() {
    for bytes in small() {
        for at in 0..bytes.len() {
            for mask in [0x01, 0x80, 0xff] {
                let mut changed = bytes.clone();
                changed[at] ^= mask;
                Picture::read(&changed).map(drop).unwrap_or_default();
            }
        }
    }
}

#[test]
fn nothing_but_the_pixels_survives() {
    let [png, jpeg, webp] = small();
    let archive = b"PK\x03\x04 secret.txt";
    let noted = with_chunk(&with_chunk(&png, b"tEXt", b"Comment\0secret words"), b"eXIf", &exif());
    for (bytes, secret) in [
        (noted, b"secret".as_slice()),
        ([png.as_slice(), archive].concat(), b"secret"),
        (jpeg_with_exif(&jpeg), b"GPS"),
        ([jpeg.as_slice(), archive].concat(), b"secret"),
        ([webp.as_slice(), archive].concat(), b"secret"),
    ] {
        assert!(holds(&bytes, secret));
        for picture in [Picture::read(&bytes), Picture::take(bytes.clone())] {
            assert!(!holds(picture.expect("a picture").bytes(), secret));
        }
    }
}

#[test]
fn a_photograph_taken_sideways_stands_upright() {
    let [png, jpeg, _] = small();
    for bytes in [jpeg_with_exif(&jpeg), with_chunk(&png, b"eXIf", &exif())] {
        let picture = Picture::read(&bytes).expect("a picture");
        assert_eq!((picture.width(), picture.height()), (16, 24));
        let image = image::load_from_memory(picture.bytes()).expect("decoded").to_rgb8();
        // What was at the bottom left is at the top left now.
        let Rgb([red, green, _]) = *image.get_pixel(1, 1);
        assert!(red > 200 && green < 60, "{red} {green}");
    }
}

#[test]
fn a_wide_picture_is_scaled_down() {
    let picture = Picture::read(&written(&corners(4_000, 30), ImageFormat::Png)).expect("a picture");
    assert_eq!((picture.width(), picture.height()), (2_400, 18));
    let line = Picture::read(&written(&corners(8_000, 1), ImageFormat::Png)).expect("a picture");
    assert_eq!((line.width(), line.height()), (2_400, 1));
}

#[test]
fn what_would_unpack_to_gigabytes_is_refused_by_what_it_says_of_itself() {
    let [png, ..] = small();
    let (width, height) = (60_000_u32, 60_000_u32);
    let mut header = [b"IHDR".as_slice(), &width.to_be_bytes(), &height.to_be_bytes(), &png[24..29]].concat();
    header.extend_from_slice(&checksum(&header).to_be_bytes());
    let bomb = [&png[..12], &header, &png[33..]].concat();
    assert_eq!(Picture::read(&bomb), Err(PictureError::TooLarge { width, height }));
    let wide = written(&DynamicImage::new_luma8(8_001, 1), ImageFormat::Png);
    assert_eq!(Picture::read(&wide), Err(PictureError::TooLarge { width: 8_001, height: 1 }));
    let many = written(&DynamicImage::new_luma8(5_000, 5_000), ImageFormat::Png);
    assert_eq!(Picture::read(&many), Err(PictureError::TooLarge { width: 5_000, height: 5_000 }));
}

#[test]
fn a_small_jpeg_that_draws_itself_over_and_over_is_refused() {
    let [_, jpeg, _] = small();
    let start = jpeg.windows(2).position(|pair| pair == b"\xff\xda").expect("a scan");
    let (head, scan) = jpeg[..jpeg.len() - 2].split_at(start);
    let bytes = [head, &scan.repeat(1_000), b"\xff\xd9"].concat();
    assert_eq!(Picture::read(&bytes), Err(PictureError::TooManyScans(1_000)));
}

#[test]
fn what_moves_is_refused() {
    let [png, _, webp] = small();
    let moving = with_chunk(&png, b"acTL", b"\0\0\0\x02\0\0\0\0");
    assert_eq!(Picture::read(&moving), Err(PictureError::Animated(PictureFormat::Png)));
    let chunk = b"ANIM\x06\0\0\0\0\0\0\0\0\0";
    let size = u32::try_from(webp.len() - 8 + chunk.len()).expect("small").to_le_bytes();
    let moving = [b"RIFF".as_slice(), &size, &webp[8..], chunk].concat();
    assert_eq!(Picture::read(&moving), Err(PictureError::Animated(PictureFormat::Webp)));
}

#[test]
fn what_is_no_picture_is_called_by_its_name() {
    for (bytes, kind) in [
        (b"".as_slice(), "an empty file"),
        (b"GIF89a\x01\0\x01\0", "a GIF"),
        (b"<?xml version=\"1.0\"?><SVG onload=\"alert(1)\"/>", "an SVG drawing"),
        (b"<!DOCTYPE html><script>alert(1)</script>", "an HTML page"),
        (b"%PDF-1.7\n\x89PNG\r\n\x1a\n", "a PDF document"),
        (b"\0\0\0\x18ftypheic", "an HEIC photograph or a film"),
        (b"plain words", "a file of another kind"),
    ] {
        assert_eq!(Picture::read(bytes), Err(PictureError::Foreign(kind)));
    }
    let [png, ..] = small();
    let disguised = [&png[..8], b"%PDF-1.7 and more than a chunk of it, which has no end"].concat();
    assert_eq!(Picture::read(&disguised), Err(PictureError::Truncated(PictureFormat::Png)));
}

#[test]
fn every_refusal_is_a_sentence() {
    for (error, words) in [
        (PictureError::Foreign("a GIF"), "This is a GIF, not a picture in PNG, JPEG or WebP."),
        (
            PictureError::TooLarge { width: 9_000, height: 10 },
            "The picture is 9000 × 10 pixels. At most 8000 a side are taken, and 24 million in all.",
        ),
        (
            PictureError::TooHeavy(9 << 20),
            "The picture takes 9 MiB without what is not seen of it; at most 8 are kept. Make it smaller.",
        ),
        (
            PictureError::TooManyScans(99),
            "The JPEG file draws the picture in 99 passes. At most 32 are taken; save it anew.",
        ),
    ] {
        assert_eq!(error.to_string(), words);
    }
}
