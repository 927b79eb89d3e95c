//! The matrix as a whole: every route, every visitor, every policy, asked of a real node.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};

use casebook::domain::clock::SystemClock;
use casebook::domain::{Permission, Role};
use casebook::service::import;
use casebook::web::routes;

use super::matrix::{Expected, POLICIES, expected};
use super::visitors::{Manner, Visitor, everybody};
use crate::database::TestDatabase;
use crate::people::person;
use crate::server::{Answer, Node, NodeOptions, seed};

#[test]
fn every_route_has_its_line_and_every_line_its_route() {
    let routes: BTreeSet<String> =
        routes::table().into_iter().map(|line| format!("{} {}", line.method, line.path)).collect();
    let lines = expected();
    let named: BTreeSet<String> = lines.iter().map(Expected::name).collect();
    assert_eq!(named.len(), lines.len(), "a route has two lines in tests/it/access/matrix.txt");
    let missing: Vec<_> = routes.difference(&named).cloned().collect();
    assert!(
        missing.is_empty(),
        "nobody has said who may do this. Add to tests/it/access/matrix.txt, under the group that says who may:\n{}",
        missing.join("\n")
    );
    let gone: Vec<_> = named.difference(&routes).cloned().collect();
    assert!(gone.is_empty(), "tests/it/access/matrix.txt has lines of routes that are gone:\n{}", gone.join("\n"));
}

/// What was asked, for the counts.
#[derive(Default)]
struct Tally {
    cells: AtomicUsize,
    let_in: AtomicUsize,
    refused: AtomicUsize,
    forged: AtomicUsize,
}

#[tokio::test]
async fn every_visitor_gets_where_the_matrix_says_and_nowhere_else() {
    let lines = expected();
    let tally = Tally::default();
    let mut wrong = Vec::new();
    for (policy_name, policy) in POLICIES {
        let database = TestDatabase::new().await;
        import::import(&database.database, &SystemClock, &seed(), |_| {}).await.expect("import");
        let node = Node::start(&database.url, NodeOptions { policy, ..NodeOptions::default() }).await;
        let ending = lines.iter().filter(|line| line.ends_the_session).count();
        let mut visitors = everybody(&node, &database.url, ending).await;
        let (lines, tally) = (&lines, &tally);
        std::thread::scope(|scope| {
            let all: Vec<_> = visitors
                .iter_mut()
                .map(|visitor| scope.spawn(move || visit(visitor, lines, policy_name, tally)))
                .collect();
            wrong.extend(all.into_iter().flat_map(|one| one.join().expect("asked to the end")));
        });
    }
    assert!(wrong.is_empty(), "{} cells are not as the matrix says:\n{}", wrong.len(), wrong.join("\n"));
    println!(
        "authorization: {} routes x {} visitors x {} policies: {} cells, {} let in, {} refused; {} forged requests refused",
        lines.len(),
        super::matrix::Who::ALL.len(),
        POLICIES.len(),
        tally.cells.load(Ordering::Relaxed),
        tally.let_in.load(Ordering::Relaxed),
        tally.refused.load(Ordering::Relaxed),
        tally.forged.load(Ordering::Relaxed),
    );
}

/// One visitor goes everywhere; says what was not as expected.
fn visit(visitor: &mut Visitor, lines: &[Expected], policy: &str, tally: &Tally) -> Vec<String> {
    let mut wrong = Vec::new();
    for line in lines {
        let path = visitor.things.fill(&line.path);
        let may = line.lets_in(visitor.who, policy);
        let name = visitor.name;
        let mut is_missing = false;
        let mut complain = |what: &str, answer: &Answer| {
            let (status, to) = (answer.status, answer.header("location"));
            let said = answer.texts("main .lead").concat();
            wrong.push(format!("{policy}, {name}: {} {path} {what}: {status} {to} {said:.200}", line.method));
        };
        if line.method != "GET" {
            for manner in [Manner::ForeignOrigin, Manner::CrossSite] {
                let answer = visitor.send(line, &path, manner);
                tally.forged.fetch_add(1, Ordering::Relaxed);
                if answer.status != 403 {
                    complain("was taken from another site", &answer);
                }
            }
            if may && line.needs_token(visitor.who) {
                let answer = visitor.send(line, &path, Manner::WithoutToken);
                tally.forged.fetch_add(1, Ordering::Relaxed);
                match answer.status {
                    403 => {}
                    // What is not there needs no token to be missed: it has to be missing with one as well.
                    404 => is_missing = true,
                    _ => complain("was taken without a token", &answer),
                }
            }
        }
        let answer = match line.method.as_str() {
            "GET" => visitor.get(&path),
            _ if line.ends_the_session => visitor.send_and_leave(line, &path, Manner::Ours),
            _ => visitor.send(line, &path, Manner::Ours),
        };
        tally.cells.fetch_add(1, Ordering::Relaxed);
        let counted = if may { &tally.let_in } else { &tally.refused };
        counted.fetch_add(1, Ordering::Relaxed);
        let was_let_in = is_let_in(&answer, line);
        if was_let_in && !may {
            complain("was answered; expected a refusal", &answer);
        } else if !was_let_in && may {
            complain("was refused; expected an answer", &answer);
        } else if is_missing && answer.status != 404 {
            complain("was not there without a token, and is with one", &answer);
        } else if answer.status >= 500 {
            complain("failed", &answer);
        }
    }
    wrong
}

fn is_let_in(answer: &Answer, line: &Expected) -> bool {
    let is_sent_to_the_door =
        answer.status == 303 && answer.header("location").starts_with("/login") && !line.ends_the_session;
    !matches!(answer.status, 401 | 403) && !is_sent_to_the_door
}

#[tokio::test]
async fn what_is_ones_own_is_on_no_disk() {
    let database = TestDatabase::new().await;
    let node = Node::start(&database.url, NodeOptions::default()).await;
    let admin = person(&node, &database.url, Role::Admin).await.client;
    let own = |line: &&routes::Line| {
        line.method == "GET" && matches!(line.permission, Permission::KeepAccount | Permission::Administer)
    };
    for line in routes::table().iter().filter(own) {
        let path = line.path.split('{').next().unwrap_or_default();
        let answer = admin.get(path);
        assert!(answer.status != 200 || answer.header("cache-control") == "no-store", "{path}");
    }
    assert_eq!(admin.get("/about").header("cache-control"), "private, no-cache");
}
