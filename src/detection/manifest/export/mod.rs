//! A manifest rule as a ValidatingAdmissionPolicy, with the binding that puts it to work.

mod resources;
mod yaml;

use sha2::{Digest, Sha256};

use self::resources::{Resource, resource};
use self::yaml::{block, quoted, quoted_list};
use super::ManifestRule;

/// Where a rule comes from.
#[derive(Debug, Clone, Copy)]
pub struct Source<'a> {
    /// The slug of its story or pattern.
    pub slug: &'a str,
    /// The title of its story or pattern.
    pub title: &'a str,
    /// What the rule recognises.
    pub rule: &'a str,
    /// The address of the story or pattern.
    pub url: &'a str,
}

/// The longest name of a policy, in bytes: room is left for what a team puts before or behind it.
const LONGEST_NAME: usize = 200;

/// The rule as two YAML documents, a ValidatingAdmissionPolicy and its binding, for Kubernetes 1.30 and later. Each begins
/// with `---`, so that the policies of several rules can be written one after another.
///
/// The binding warns and audits. It does not deny: a rule says that a failure is possible, and a team that wants to refuse
/// what is possible says so itself. An object that the expression errs on is let pass (`failurePolicy: Ignore`), as it is
/// not matched here.
pub fn policy(rule: &ManifestRule, source: &Source<'_>) -> String {
    let name = quoted(&policy_name(source));
    let (rules, condition) = constraints(rule.kinds());
    let message = format!("{}: {}. See {}", source.title, source.rule, source.url);
    let about = format!(
        "metadata:\n  name: {name}\n  annotations:\n    casebook/rule: {}\n    casebook/story: {}\n    casebook/url: {}\n",
        quoted(source.rule),
        quoted(source.title),
        quoted(source.url),
    );
    let subject = "object.kind + ' ' + object.metadata.?name.orValue('without a name') + ' — '";
    format!(
        "---\n\
         apiVersion: admissionregistration.k8s.io/v1\n\
         kind: ValidatingAdmissionPolicy\n\
         {about}\
         spec:\n  failurePolicy: Ignore\n  matchConstraints:\n    resourceRules:\n{rules}{condition}  validations:\n    \
         - expression: {expression}\n      message: {message}\n      messageExpression: {message_expression}\n\
         ---\n\
         apiVersion: admissionregistration.k8s.io/v1\n\
         kind: ValidatingAdmissionPolicyBinding\n\
         {about}\
         spec:\n  policyName: {name}\n  \
         # Add Deny, or put it in place of Warn, to refuse what the rule is true of.\n  \
         validationActions: [\"Warn\", \"Audit\"]\n",
        // A comment at the end of the rule would swallow the bracket.
        expression = block(&format!("!(\n{}\n)", rule.expression()), 8),
        message = quoted(&message),
        message_expression = quoted(&format!("{subject} + {}", cel_string(&message))),
    )
}

/// A DNS name that says what the policy is about: the words of the slug and of the rule.
fn policy_name(source: &Source<'_>) -> String {
    let mut name = source.slug.to_owned();
    let mut is_whole = true;
    for character in source.rule.chars() {
        if character.is_ascii_alphanumeric() {
            name.push(character.to_ascii_lowercase());
        } else {
            is_whole &= character.is_ascii();
            if !name.ends_with('-') {
                name.push('-');
            }
        }
    }
    if name == source.slug {
        is_whole = false;
    } else if !name.is_char_boundary(source.slug.len()) || !name[source.slug.len()..].starts_with('-') {
        name.insert(source.slug.len(), '-');
    }
    if name.len() > LONGEST_NAME {
        name.truncate(LONGEST_NAME);
        is_whole = false;
    }
    let name = name.trim_end_matches('-');
    if is_whole {
        return name.to_owned();
    }
    // What was left out may be all that tells two rules of a story apart.
    let digest = Sha256::digest(source.rule.as_bytes());
    format!("{name}-{:02x}{:02x}{:02x}{:02x}", digest[0], digest[1], digest[2], digest[3])
}

/// The resources that the policy looks at, and the condition that leaves out other kinds where resources cannot.
fn constraints(kinds: Option<&[String]>) -> (String, String) {
    let known: Option<Vec<&Resource>> =
        kinds.map(|kinds| kinds.iter().map(|kind| resource(kind)).collect()).unwrap_or(None);
    let Some(known) = known.filter(|known| !known.is_empty()) else {
        let condition = kinds.filter(|kinds| !kinds.is_empty()).map(|kinds| {
            let kinds: Vec<String> = kinds.iter().map(|kind| cel_string(kind)).collect();
            let expression = quoted(&format!("object.kind in [{}]", kinds.join(", ")));
            format!("  matchConditions:\n    - name: kind\n      expression: {expression}\n")
        });
        return (resource_rule("*", "*", &["*"]), condition.unwrap_or_default());
    };
    let mut groups: Vec<(&str, &str, Vec<&str>)> = Vec::new();
    for resource in known {
        match groups.iter_mut().find(|(group, version, _)| (*group, *version) == (resource.group, resource.version)) {
            Some((_, _, names)) => names.push(resource.name),
            None => groups.push((resource.group, resource.version, vec![resource.name])),
        }
    }
    (groups.iter().map(|(group, version, names)| resource_rule(group, version, names)).collect(), String::new())
}

fn resource_rule(group: &str, version: &str, names: &[&str]) -> String {
    format!(
        "      - apiGroups: {}\n        apiVersions: {}\n        operations: [\"CREATE\", \"UPDATE\"]\n        resources: {}\n",
        quoted_list(&[group]),
        quoted_list(&[version]),
        quoted_list(names),
    )
}

/// A string as CEL writes it.
fn cel_string(text: &str) -> String {
    let mut written = String::from("'");
    for character in text.chars() {
        match character {
            '\\' => written.push_str("\\\\"),
            '\'' => written.push_str("\\'"),
            _ if character.is_control() => written.push_str(&format!("\\u{:04x}", u32::from(character))),
            _ => written.push(character),
        }
    }
    written.push('\'');
    written
}
