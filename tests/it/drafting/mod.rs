//! Drafts on the server: kept while they are written, handed in, brought together; and nobody's words are ever lost.

mod drafts;
mod handing_in;
mod merging;
mod previews;

use casebook::domain::{Local, Policy, Reading, Submission};

use crate::database::TestDatabase;
use crate::server::{Answer, Client, Node, NodeOptions};
use crate::submitting::{Fields, send, values};

/// Where people have accounts, and this machine is as any other.
pub const MEMBERS: Policy = Policy { reading: Reading::Public, submission: Submission::Members, local: Local::Like };

async fn node(policy: Policy) -> (Node, TestDatabase) {
    let database = TestDatabase::new().await;
    let node = Node::start(&database.url, NodeOptions { policy, ..NodeOptions::default() }).await;
    (node, database)
}

/// The address of the draft that a form belongs to.
fn draft_path(fields: &Fields) -> String {
    format!("/drafts/{}", values(fields, "draft")[0])
}

/// Saves it as the script does.
fn autosave(client: &Client, fields: &Fields) -> Answer {
    send(client, &format!("{}/save", draft_path(fields)), fields)
}
