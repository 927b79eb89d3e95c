//! The aids to writing through HTTP: with the form's own buttons, as without scripts, and for the script alone.

mod rule;
mod timeline;
mod tracker;

use crate::server::{Answer, Client};
use crate::submitting::{Fields, fields, send, set};

/// A new form with the required fields filled in.
fn form(client: &Client, title: &str) -> Fields {
    let mut form = fields(&client.get("/stories/new"));
    for (name, value) in crate::server::story(title).as_object().expect("object") {
        set(&mut form, name, value.as_str().expect("text"));
    }
    form
}

/// Presses a button of the form, and gives the page and the form that is on it.
fn press(client: &Client, form: &Fields, action: &str) -> (Answer, Fields) {
    let mut form = form.clone();
    set(&mut form, "action", action);
    let page = send(client, "/stories/new", &form);
    assert_eq!(page.status, 200, "{action}: {}", page.text);
    let again = fields(&page);
    (page, again)
}

/// Sends the form to one of the aids as the script does.
fn ask(client: &Client, path: &str, form: &Fields, action: &str) -> Answer {
    let mut form = form.clone();
    set(&mut form, "action", action);
    let body = serde_html_form::to_string(&form).expect("a form");
    let headers = [("content-type", "application/x-www-form-urlencoded"), ("x-fragment", "aid")];
    client.post(path, &headers, body)
}

/// The values of a name, in the order of the form.
fn values<'a>(form: &'a Fields, name: &str) -> Vec<&'a str> {
    form.iter().filter(|(found, _)| found == name).map(|(_, value)| value.as_str()).collect()
}
