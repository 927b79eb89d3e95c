//! The expectations of `matrix.txt`, read strictly: what cannot be understood fails.

use std::collections::{BTreeMap, BTreeSet};

use casebook::domain::{Local, Policy, Reading, Submission};

const TEXT: &str = include_str!("matrix.txt");

/// Whoever may come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Who {
    Anonymous,
    Reader,
    Author,
    Editor,
    Admin,
    ReadToken,
    WriteToken,
    ThisMachine,
}

impl Who {
    pub const ALL: [(Self, &str); 8] = [
        (Self::Anonymous, "anonymous"),
        (Self::Reader, "reader"),
        (Self::Author, "author"),
        (Self::Editor, "editor"),
        (Self::Admin, "admin"),
        (Self::ReadToken, "read-token"),
        (Self::WriteToken, "write-token"),
        (Self::ThisMachine, "this-machine"),
    ];

    fn parse(word: &str) -> Self {
        let found = Self::ALL.iter().find(|(_, name)| *name == word);
        found.unwrap_or_else(|| panic!("matrix.txt: nobody is called {word:?}")).0
    }
}

/// The policies that are tried. This machine is trusted under all of them: what comes from another one is told apart by
/// the header that a proxy adds.
pub const POLICIES: [(&str, Policy); 4] = [
    ("public", policy(Reading::Public, Submission::Members)),
    ("members", policy(Reading::Members, Submission::Members)),
    ("open", policy(Reading::Public, Submission::Open)),
    ("read-only", policy(Reading::Public, Submission::Off)),
];

const fn policy(reading: Reading, submission: Submission) -> Policy {
    Policy { reading, submission, local: Local::Trusted }
}

/// One line: a route, and who is let in under each policy.
#[derive(Debug, Clone)]
pub struct Expected {
    pub method: String,
    pub path: String,
    /// Why a form is taken without a token, where it is.
    pub without_token: Option<String>,
    /// Whether an API token does in place of the form's.
    pub takes_programs_without_token: bool,
    pub ends_the_session: bool,
    /// What its form has to say besides the token, URL-encoded.
    pub sends: String,
    let_in: BTreeMap<String, BTreeSet<Who>>,
}

impl Expected {
    pub fn name(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    /// Whether it is refused to that visitor without the token of a form.
    pub fn needs_token(&self, who: Who) -> bool {
        let is_program = matches!(who, Who::ReadToken | Who::WriteToken);
        let is_api = self.path.starts_with("/api/");
        self.without_token.is_none() && !is_api && !(is_program && self.takes_programs_without_token)
    }

    pub fn lets_in(&self, who: Who, policy: &str) -> bool {
        self.let_in[policy].contains(&who)
    }
}

/// Every line of the file.
pub fn expected() -> Vec<Expected> {
    let mut group = BTreeMap::new();
    let mut lines = Vec::new();
    for line in TEXT.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
        if line.starts_with('[') {
            group = BTreeMap::new();
        } else if let Some((name, who)) = POLICIES.iter().find_map(|(name, _)| {
            let rest = line.strip_prefix(name)?.strip_prefix(':')?;
            Some(((*name).to_owned(), rest))
        }) {
            group.insert(name, who.split_whitespace().map(Who::parse).collect());
        } else {
            assert_eq!(group.len(), POLICIES.len(), "matrix.txt: a group before {line:?} leaves a policy out");
            lines.push(route(line, &group));
        }
    }
    lines
}

fn route(line: &str, group: &BTreeMap<String, BTreeSet<Who>>) -> Expected {
    let (route, remark) = line.split_once(" (").unwrap_or((line, ""));
    let (method, path) = route.split_once(' ').unwrap_or_else(|| panic!("matrix.txt: {line:?} is no METHOD /path"));
    let remark = remark.trim_end_matches(')');
    let without_token = remark.strip_prefix("no token: ").map(str::to_owned);
    let sends = remark.strip_prefix("sends: ");
    let ends_the_session = remark == "ends the session";
    let takes_programs_without_token = remark == "no token from programs";
    let is_known = ends_the_session || takes_programs_without_token;
    assert!(
        remark.is_empty() || without_token.is_some() || sends.is_some() || is_known,
        "matrix.txt: the remark ({remark}) of {route} is none that is known"
    );
    Expected {
        method: method.to_owned(),
        path: path.trim().to_owned(),
        without_token,
        takes_programs_without_token,
        ends_the_session,
        sends: sends.unwrap_or_default().to_owned(),
        let_in: group.clone(),
    }
}
