//! The JSON under `/api/v1`: its shapes, which others rely on, and what it says when something is wrong.

mod shapes;
mod writing;
mod errors;

use serde_json::{Value, json};

use crate::server::{Answer, Client};

/// Checks that an answer is a problem document as RFC 9457 has it, and gives it.
#[track_caller]
pub fn problem(what: &str, answer: &Answer, status: u16) -> Value {
    assert_eq!(answer.status, status, "{what}: {}", answer.text);
    assert_eq!(answer.header("content-type"), "application/problem+json", "{what}");
    let problem = answer.json();
    assert_eq!(problem["status"], status, "{what}");
    for member in ["type", "title", "detail", "instance"] {
        assert!(problem[member].as_str().is_some_and(|text| !text.is_empty()), "{what}: {member} of {problem}");
    }
    problem
}

/// The paths of the fields that a problem document complains about.
#[track_caller]
pub fn complaints(answer: &Answer) -> Vec<String> {
    let problem = problem("complaints", answer, 422);
    let errors = problem["errors"].as_array().expect("errors");
    assert!(
        errors.iter().all(|error| error["message"].as_str().is_some_and(|text| text.contains("expected"))),
        "{errors:?}"
    );
    errors.iter().map(|error| error["field"].as_str().expect("field").to_owned()).collect()
}

/// Puts a fixed text in the place of values that differ from run to run, wherever they are; each must be there.
fn steady(mut value: Value, varying: &[&str]) -> Value {
    fn replace(value: &mut Value, name: &str, found: &mut usize) {
        match value {
            Value::Object(fields) => {
                for (field, value) in fields {
                    if field == name {
                        *value = json!(format!("[{name}]"));
                        *found += 1;
                    } else {
                        replace(value, name, found);
                    }
                }
            }
            Value::Array(values) => values.iter_mut().for_each(|value| replace(value, name, found)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
    for name in varying {
        let mut found = 0;
        replace(&mut value, name, &mut found);
        assert!(found > 0, "{name} is nowhere in {value}");
    }
    value
}

fn match_text(client: &Client, query: &str, evidence: &str) -> Answer {
    client.post(&format!("/api/v1/match{query}"), &[("content-type", "text/plain")], evidence)
}
