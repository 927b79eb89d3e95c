//! The database goes away while a picture is sent: it is said clearly, and nothing that was written is lost.

use std::process::Command;

use casebook::domain::FailureId;

use super::{added, form, png, post, token};
use crate::database::folder;
use crate::faults::postmaster;
use crate::program::Serving;

#[test]
fn a_picture_that_cannot_be_kept_is_refused_in_words_and_can_be_sent_again() {
    let data = folder("casebook-pictures").join("data");
    let serving = Serving::start(&data, &[]);
    let client = &serving.client;
    let failure = FailureId::new();
    let token = token(client, failure);
    let body = form(&[("csrf", &token), ("alt", "A graph")], "x.png", &png(1));
    let pid = postmaster(&data);
    let signal = |name: &str| {
        let command = format!("kill -{name} {pid} $(pgrep -P {pid})");
        assert!(Command::new("sh").args(["-c", &command]).status().expect("sh").success());
    };
    // Stopped, not killed, so that it cannot be restarted meanwhile.
    signal("STOP");
    let answer = post(client, failure, "application/json", &body);
    let page = post(client, failure, "text/html", &body);
    signal("CONT");
    assert_eq!(answer.status, 503, "{}", answer.text);
    assert!(answer.json()["error"].as_str().expect("words").contains("Try again in a moment"), "{}", answer.text);
    assert_eq!(page.status, 503);
    assert_eq!(page.attributes("#alt", "value"), ["A graph"]);
    assert!(page.texts("#picture-complaint")[0].contains("database cannot be reached"));
    added(client, failure, &png(1));
    assert!(serving.terminate().success());
}
