//! Everybody who comes to the matrix, and what they send.

use casebook::domain::{Role, Scope};

use super::filling::Things;
use super::matrix::{Expected, Who};
use crate::people::{Person, another_browser, person, token};
use crate::server::{Answer, Client, Node};

/// What a page of ours would have put into cookie and form.
const TOKEN: &str = "5af35af35af35af35af35af35af35af35af35af35af35af35af35af35af35af3";

/// Somebody, with what they have.
pub struct Visitor {
    pub who: Who,
    pub name: &'static str,
    pub things: Things,
    client: Client,
    /// For requests that end the session.
    spare: Vec<Client>,
    /// What tells where they come from and who they are, besides cookies.
    headers: Vec<(&'static str, String)>,
}

/// How a request that may change something is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manner {
    /// As a page of ours sends it.
    Ours,
    /// As a page of ours, without the token that it has.
    WithoutToken,
    /// From a page of another site, by an old browser.
    ForeignOrigin,
    /// From a page of another site, by one that says so.
    CrossSite,
}

/// Everybody, on a node. `spare` is how many sessions each may lose.
pub async fn everybody(node: &Node, database_url: &str, spare: usize) -> Vec<Visitor> {
    let spare_account = person(node, database_url, Role::Reader).await.account.0;
    let editor = person(node, database_url, Role::Editor).await;
    let mut visitors = Vec::new();
    for (who, name) in Who::ALL {
        let elsewhere = vec![("x-forwarded-for", "203.0.113.7".to_owned())];
        let (person, headers) = match who {
            Who::ThisMachine => (None, Vec::new()),
            Who::Anonymous => (None, elsewhere),
            Who::Reader => (Some(person(node, database_url, Role::Reader).await), elsewhere),
            Who::Author => (Some(person(node, database_url, Role::Author).await), elsewhere),
            Who::Editor => (Some(person(node, database_url, Role::Editor).await), elsewhere),
            Who::Admin => (Some(person(node, database_url, Role::Admin).await), elsewhere),
            Who::ReadToken => (None, with_token(elsewhere, token(database_url, editor.account, Scope::Read).await)),
            Who::WriteToken => (None, with_token(elsewhere, token(database_url, editor.account, Scope::Write).await)),
        };
        let has_a_token = matches!(who, Who::ReadToken | Who::WriteToken);
        let account = if has_a_token { Some(&editor) } else { person.as_ref() }.map(|person| person.account.0);
        let things = Things::new(database_url, account, spare_account).await;
        visitors.push(visitor(node, database_url, (who, name), person, headers, things, spare).await);
    }
    visitors
}

fn with_token(mut headers: Vec<(&'static str, String)>, token: String) -> Vec<(&'static str, String)> {
    headers.push(("authorization", token));
    headers
}

async fn visitor(
    node: &Node,
    database_url: &str,
    (who, name): (Who, &'static str),
    person: Option<Person>,
    headers: Vec<(&'static str, String)>,
    things: Things,
    spare: usize,
) -> Visitor {
    let mut browsers = Vec::new();
    if let Some(person) = &person {
        for _ in 0..spare {
            browsers.push(another_browser(node, database_url, person.account).await);
        }
    }
    let client = person.map_or_else(|| node.client.stranger(), |person| person.client);
    Visitor { who, name, things, client, spare: browsers, headers }
}

impl Visitor {
    pub fn get(&self, path: &str) -> Answer {
        let headers: Vec<_> = self.headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        self.client.request("GET", path, &headers, None).unwrap_or_else(|error| panic!("GET {path}: {error}"))
    }

    /// Sends as little as can be sent: the handler is reached, and finds nothing to do.
    pub fn send(&self, line: &Expected, path: &str, manner: Manner) -> Answer {
        Self::send_with(&self.client, &self.headers, line, path, manner)
    }

    /// The same from a browser that is not needed again.
    pub fn send_and_leave(&mut self, line: &Expected, path: &str, manner: Manner) -> Answer {
        let client = self.spare.pop().unwrap_or_else(|| self.client.stranger());
        Self::send_with(&client, &self.headers, line, path, manner)
    }

    fn send_with(
        client: &Client,
        headers: &[(&'static str, String)],
        line: &Expected,
        path: &str,
        manner: Manner,
    ) -> Answer {
        client.keep_cookie("casebook-csrf", TOKEN);
        let mut headers: Vec<_> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let ours = client.base.clone();
        let (origin, site) = match manner {
            Manner::Ours | Manner::WithoutToken => (ours.as_str(), Some("same-origin")),
            Manner::ForeignOrigin => ("https://evil.example", None),
            Manner::CrossSite => (ours.as_str(), Some("cross-site")),
        };
        headers.push(("origin", origin));
        headers.extend(site.map(|site| ("sec-fetch-site", site)));
        let token = if manner == Manner::WithoutToken { "" } else { TOKEN };
        let (content_type, body) = body(line, token);
        headers.push(("content-type", content_type));
        client
            .request(&line.method, path, &headers, Some(body.as_bytes()))
            .unwrap_or_else(|error| panic!("{} {path}: {error}", line.method))
    }
}

/// What is sent, in the way that the route takes it.
fn body(line: &Expected, token: &str) -> (&'static str, String) {
    if line.path.starts_with("/api/") {
        return ("application/json", "{}".to_owned());
    }
    if line.path == "/pictures" {
        let field = format!("--x\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\n{token}\r\n--x--\r\n");
        return ("multipart/form-data; boundary=x", field);
    }
    ("application/x-www-form-urlencoded", format!("csrf={token}&{}", line.sends))
}
