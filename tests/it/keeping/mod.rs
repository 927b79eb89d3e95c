//! What becomes of records after they were published, through the pages that people see.

mod withdrawing;
mod merging;
mod restoring;
mod reading;
mod audit;
mod feeds;

use casebook::domain::Role;

use crate::database::TestDatabase;
use crate::people::{Person, person};
use crate::server::{self, Answer, Client, Node};

/// A node with the seed, and an editor.
async fn with_editor() -> (Node, TestDatabase, Person) {
    let (node, database) = server::with_library().await;
    let editor = person(&node, &database.url, Role::Editor).await;
    (node, database, editor)
}

/// What the form at the end of a page would send: its hidden fields, and what is typed.
fn filled(page: &Answer, typed: &[(&str, &str)]) -> Vec<(String, String)> {
    let names = page.attributes("main form[method=post] input[type=hidden]", "name");
    let values = page.attributes("main form[method=post] input[type=hidden]", "value");
    let typed = typed.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    names.into_iter().zip(values).chain(typed).collect()
}

/// Opens the page of a form, fills it in and sends it to where it goes.
#[track_caller]
fn send(client: &Client, path: &str, typed: &[(&str, &str)]) -> Answer {
    let page = client.get(path);
    let target = page.attributes("main form[method=post]", "action");
    let [target] = target.as_slice() else { panic!("no form at {path} ({}): {}", page.status, page.text) };
    let fields = filled(&page, typed);
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    client.post_form(target, &fields)
}

#[track_caller]
fn withdraw(client: &Client, path: &str, reason: &str) {
    let answer = send(client, &format!("{path}/withdraw"), &[("reason", reason)]);
    assert_eq!((answer.status, answer.header("location")), (303, path), "{}", answer.text);
}

#[track_caller]
fn merge(client: &Client, path: &str, into: &str, reason: &str) -> Answer {
    let slug = into.rsplit('/').next().unwrap_or_default();
    send(client, &format!("{path}/merge?into={slug}"), &[("reason", reason)])
}

#[track_caller]
fn reinstate(client: &Client, path: &str) {
    let answer = send(client, path, &[]);
    assert_eq!((answer.status, answer.header("location")), (303, path), "{}", answer.text);
}

/// Where an address leads.
#[track_caller]
fn led_to(client: &Client, path: &str) -> String {
    let answer = client.get(path);
    assert_eq!(answer.status, 301, "{path}: {}", answer.text);
    answer.header("location").to_owned()
}
