//! Writing a story in a browser without scripts: the form, what it says when something is wrong, and that nothing is ever lost.

mod form;
mod conflicts;
mod refusals;
mod rules;
mod similar;

use scraper::Selector;

use crate::server::{Answer, Client, story};

/// The name and value of everything that a browser would send with a form.
pub type Fields = Vec<(String, String)>;

/// What the story form of a page would send, without a button.
pub fn fields(page: &Answer) -> Fields {
    let html = page.html();
    let selector = |text| Selector::parse(text).expect("selector");
    let form = html.select(&selector("form#story-form")).next();
    let form = form.unwrap_or_else(|| panic!("no story form ({}): {}", page.status, page.text));
    let options = selector("option");
    let mut fields = Vec::new();
    for control in form.select(&selector("input, textarea, select")) {
        let attribute = |name| control.value().attr(name).map(str::to_owned);
        let Some(name) = attribute("name") else { continue };
        let value = match (control.value().name(), attribute("type").as_deref()) {
            ("textarea", _) => Some(control.text().collect()),
            ("select", _) => {
                let all: Vec<_> = control.select(&options).collect();
                let chosen = all.iter().find(|option| option.value().attr("selected").is_some()).or(all.first());
                chosen.map(|option| option.value().attr("value").expect("every option has a value").to_owned())
            }
            (_, Some("checkbox" | "radio")) => attribute("checked").and(attribute("value")),
            _ => attribute("value").or(Some(String::new())),
        };
        fields.extend(value.map(|value| (name, value)));
    }
    fields
}

/// Types into the first control of a name, or adds it: a ticked box, a pressed button.
pub fn set(fields: &mut Fields, name: &str, value: &str) {
    match fields.iter_mut().find(|(found, _)| found == name) {
        Some((_, old)) => value.clone_into(old),
        None => fields.push((name.to_owned(), value.to_owned())),
    }
}

/// Types into the control of a row, counted from 0.
pub fn set_row(fields: &mut Fields, name: &str, row: usize, value: &str) {
    let control = fields.iter_mut().filter(|(found, _)| found == name).nth(row);
    let (_, old) = control.unwrap_or_else(|| panic!("{name} has no row {row}"));
    value.clone_into(old);
}

/// The values of a name, in the order of the form.
pub fn values<'a>(fields: &'a Fields, name: &str) -> Vec<&'a str> {
    fields.iter().filter(|(found, _)| found == name).map(|(_, value)| value.as_str()).collect()
}

/// Sends a form as a browser does.
pub fn send(client: &Client, path: &str, fields: &Fields) -> Answer {
    // Browsers send line breaks in this form, whatever was typed.
    let sent: Fields =
        fields.iter().map(|(name, value)| (name.clone(), value.replace("\r\n", "\n").replace('\n', "\r\n"))).collect();
    let sent: Vec<(&str, &str)> = sent.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    client.post_form(path, &sent)
}

/// Presses a button of the form and reads the form that comes back.
pub fn press(client: &Client, path: &str, mut fields: Fields, action: &str) -> (Answer, Fields) {
    set(&mut fields, "action", action);
    let page = send(client, path, &fields);
    assert_eq!(page.status, 200, "{action}: {}", page.text);
    let fields = self::fields(&page);
    (page, fields)
}

/// A new form with the required fields filled in.
pub fn filled(client: &Client, title: &str) -> Fields {
    let mut fields = fields(&client.get("/stories/new"));
    let story = story(title);
    for (name, value) in story.as_object().expect("object") {
        set(&mut fields, name, value.as_str().expect("text"));
    }
    fields
}

pub fn save(client: &Client, path: &str, fields: &Fields) -> Answer {
    let mut fields = fields.clone();
    set(&mut fields, "action", "save");
    send(client, path, &fields)
}

/// The path that a saved story's form leads to.
#[track_caller]
pub fn saved(answer: &Answer) -> String {
    assert_eq!(answer.status, 303, "{}", answer.text);
    answer.header("location").split('?').next().unwrap_or_default().to_owned()
}

/// The story at a path as the API has it.
pub fn stored(client: &Client, path: &str) -> serde_json::Value {
    client.get(&format!("/api/v1{path}")).json()
}

const MULTILINE: &str = "First line\n\n```\n0/256 nodes are available\n```\n\nLast line & <b>more</b>";
