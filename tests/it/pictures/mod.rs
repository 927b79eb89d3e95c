//! Pictures in stories: sent, shown to whoever may see them, taken out and in again.

mod away;
mod sending;
mod showing;
mod travelling;

use std::io::Cursor;

use casebook::domain::FailureId;
use image::{DynamicImage, ImageFormat, Rgb, RgbImage};
use serde_json::{Value, json};

use crate::server::{Answer, Client, story};

/// A picture that differs from others of another seed.
fn picture(format: ImageFormat, width: u32, height: u32, seed: u8) -> Vec<u8> {
    let pixel = |x: u32, y: u32| Rgb([seed, (x % 251) as u8, (y % 241) as u8]);
    let image: DynamicImage = RgbImage::from_fn(width, height, pixel).into();
    let mut bytes = Cursor::new(Vec::new());
    image.write_to(&mut bytes, format).expect("written");
    bytes.into_inner()
}

fn png(seed: u8) -> Vec<u8> {
    picture(ImageFormat::Png, 40, 30, seed)
}

/// The token that a page of the server gave this browser.
fn token(client: &Client, failure: FailureId) -> String {
    let page = client.get(&format!("/pictures/new?failure={failure}"));
    assert_eq!(page.status, 200, "{}", page.text);
    page.attributes("input[name=csrf]", "value").first().expect("a token").clone()
}

const BOUNDARY: &str = "----picture-test-7d9b2f";

/// A form with a file, as browsers encode it.
fn form(fields: &[(&str, &str)], name: &str, file: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    for (field, value) in fields {
        let part = format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{field}\"\r\n\r\n{value}\r\n");
        body.extend_from_slice(part.as_bytes());
    }
    let head = format!(
        "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"picture\"; filename=\"{name}\"\r\nContent-Type: image/png\r\n\r\n"
    );
    body.extend_from_slice(head.as_bytes());
    body.extend_from_slice(file);
    body.extend_from_slice(format!("\r\n--{BOUNDARY}--\r\n").as_bytes());
    body
}

/// Sends a form with a file; `accept` says who asks.
fn post(client: &Client, failure: FailureId, accept: &str, body: &[u8]) -> Answer {
    let content_type = format!("multipart/form-data; boundary={BOUNDARY}");
    let headers = [
        ("content-type", content_type.as_str()),
        ("accept", accept),
        ("origin", client.base.as_str()),
        ("sec-fetch-site", "same-origin"),
    ];
    client.post(&format!("/pictures?failure={failure}"), &headers, body)
}

/// Sends a picture as the script does.
fn send(client: &Client, failure: FailureId, file: &[u8]) -> Answer {
    let token = token(client, failure);
    post(client, failure, "application/json", &form(&[("csrf", &token)], "Bild – 図 \u{1f4c8}.png", file))
}

/// Adds a picture and gives its address.
fn added(client: &Client, failure: FailureId, file: &[u8]) -> String {
    let answer = send(client, failure, file);
    assert_eq!(answer.status, 200, "{}", answer.text);
    answer.json()["url"].as_str().expect("an address").to_owned()
}

/// A story that shows a picture.
fn showing(failure: FailureId, title: &str, markdown: &str) -> Value {
    let mut story = story(title);
    story["id"] = json!(failure);
    story["symptom"] = json!(format!("Requests failed.\n\n{markdown}\n\nThen they did not."));
    story
}

/// The bytes at an address.
fn bytes(client: &Client, path: &str) -> Vec<u8> {
    let agent = ureq::Agent::new_with_defaults();
    let cookies: Vec<String> = client.cookies().iter().map(|(name, value)| format!("{name}={value}")).collect();
    let mut response =
        agent.get(format!("{}{path}", client.base)).header("cookie", cookies.join("; ")).call().expect("an answer");
    response.body_mut().read_to_vec().expect("bytes")
}
