//! Pictures leave with an export and come back with an import, byte for byte; a check says which are missing.

use std::collections::BTreeMap;
use std::path::Path;

use casebook::domain::FailureId;
use casebook::domain::clock::SystemClock;
use casebook::service::{export, import, library, picture as pictures};
use image::ImageFormat;

use super::{added, bytes, picture, png, showing};
use crate::database::{TestDatabase, folder};
use crate::program::run;
use crate::server::{Node, NodeOptions, empty};

fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    for entry in std::fs::read_dir(folder).expect("folder") {
        let path = entry.expect("entry").path();
        let name = path.file_name().expect("a name").to_str().expect("UTF-8").to_owned();
        if path.is_dir() {
            found.extend(files(&path).into_iter().map(|(inner, bytes)| (format!("{name}/{inner}"), bytes)));
        } else {
            found.insert(name, std::fs::read(&path).expect("read"));
        }
    }
    found
}

#[tokio::test]
async fn everything_published_comes_back_byte_for_byte_with_its_pictures() {
    let (node, database) = empty().await;
    let mut urls = Vec::new();
    for (seed, format) in [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::WebP].into_iter().enumerate() {
        let failure = FailureId::new();
        let url = added(&node.client, failure, &picture(format, 60, 50, seed as u8));
        added(&node.client, failure, &png(99));
        node.client.submit(&showing(failure, &format!("Story number {seed}"), &format!("![x]({url}#60x50)")));
        urls.push(url);
    }
    // Nobody has published this one.
    added(&node.client, FailureId::new(), &png(5));
    let first = folder("casebook-export");
    assert_eq!(export::export(&database.database, &first).await.expect("export"), 6);
    let exported = files(&first);
    let names: Vec<&String> = exported.keys().filter(|name| name.starts_with("pictures/")).collect();
    assert_eq!(names.len(), 3, "{names:?}");

    let elsewhere = TestDatabase::new().await;
    let (read, errors) = library::read_folder(&first).expect("read");
    assert_eq!(errors, []);
    import::import(&elsewhere.database, &SystemClock, &read, |_| {}).await.expect("import");
    for (added, unchanged) in [(3, 0), (0, 3)] {
        let taken = pictures::import(&elsewhere.database, &SystemClock, &read, &first).await.expect("pictures");
        assert_eq!((taken.added, taken.unchanged, taken.refused.len()), (added, unchanged, 0));
    }
    let second = folder("casebook-export");
    export::export(&elsewhere.database, &second).await.expect("export");
    assert_eq!(files(&second), exported);

    let there = Node::start(&elsewhere.url, NodeOptions::default()).await;
    for url in urls {
        assert_eq!(bytes(&there.client, &url), bytes(&node.client, &url));
    }
}

#[tokio::test]
async fn a_picture_that_others_wrote_is_written_anew_and_one_that_nobody_names_stays_out() {
    let (node, database) = empty().await;
    let failure = FailureId::new();
    let url = added(&node.client, failure, &png(1));
    node.client.submit(&showing(failure, "One story", &format!("![x]({url})")));
    let stories = folder("casebook-export");
    export::export(&database.database, &stories).await.expect("export");
    let name = format!("pictures/{}.png", url.rsplit_once('/').expect("a slash").1);
    let with_remarks = [std::fs::read(stories.join(&name)).expect("read").as_slice(), b"secret"].concat();
    std::fs::write(stories.join(&name), with_remarks).expect("write");
    std::fs::write(stories.join(format!("pictures/{}.png", FailureId::new())), png(2)).expect("write");
    std::fs::write(stories.join("pictures/notes.txt"), "not a picture").expect("write");

    let elsewhere = TestDatabase::new().await;
    let (read, _) = library::read_folder(&stories).expect("read");
    import::import(&elsewhere.database, &SystemClock, &read, |_| {}).await.expect("import");
    let taken = pictures::import(&elsewhere.database, &SystemClock, &read, &stories).await.expect("pictures");
    assert_eq!((taken.added, taken.refused.len()), (1, 1));
    assert!(taken.refused[0].1.contains("names it"), "{:?}", taken.refused);
    let there = Node::start(&elsewhere.url, NodeOptions::default()).await;
    let kept = bytes(&there.client, &url);
    assert!(image::load_from_memory(&kept).is_ok() && !kept.ends_with(b"secret"));
}

#[test]
fn a_check_says_which_pictures_are_missing_and_which_cannot_be_read() {
    let stories = folder("casebook-check");
    let (there, missing) = (FailureId::new(), FailureId::new());
    let text = format!(
        "---\ntitle: T\ncategory: dns\norganization: O\n---\n\n## Summary\n\ns\n\n## Symptom\n\n![a](/pictures/{there})\n\n\
         ![b](/pictures/{missing}#1x1)\n\n## Root cause\n\nr\n\n## Remediation\n\nr\n"
    );
    std::fs::write(stories.join("t.md"), text).expect("write");
    std::fs::create_dir(stories.join("pictures")).expect("folder");
    let file = stories.join(format!("pictures/{there}.png"));
    std::fs::write(&file, png(1)).expect("write");
    let check = || {
        let output = run(&["check", stories.to_str().expect("UTF-8")], "");
        (output.status.code(), String::from_utf8_lossy(&output.stdout).into_owned())
    };
    let (status, said) = check();
    assert_eq!(status, Some(1), "{said}");
    assert!(
        said.contains(&format!("t.md:15: error: found the picture {missing}; expected its file in pictures/")),
        "{said}"
    );
    assert!(!said.contains(&there.to_string()), "{said}");

    std::fs::write(stories.join(format!("pictures/{missing}.webp")), b"RIFF").expect("write");
    let (status, said) = check();
    assert_eq!(status, Some(1), "{said}");
    assert!(said.contains(&format!("{missing}.webp:1: error: This is a file of another kind")), "{said}");
    std::fs::write(stories.join(format!("pictures/{missing}.webp")), picture(ImageFormat::WebP, 9, 9, 1))
        .expect("write");
    assert_eq!(check().0, Some(0));
}

#[test]
fn the_program_takes_pictures_out_and_in() {
    let data = folder("casebook-pictures").join("data");
    let exported = folder("casebook-export");
    let url = {
        let serving = crate::program::Serving::start(&data, &[]);
        let failure = FailureId::new();
        let url = added(&serving.client, failure, &png(1));
        serving.client.submit(&showing(failure, "From the program", &format!("![x]({url})")));
        let arguments = ["export", exported.to_str().expect("UTF-8"), "--data", data.to_str().expect("UTF-8")];
        let output = run(&arguments, "");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        url
    };
    let other = folder("casebook-pictures").join("data");
    let serving = crate::program::Serving::start(&other, &[]);
    let arguments = ["import", exported.to_str().expect("UTF-8"), "--data", other.to_str().expect("UTF-8")];
    let output = run(&arguments, "");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    assert!(said.contains("pictures: 1 added, 0 unchanged"), "{said}");
    assert_eq!(serving.client.get(&url).status, 200);
}
