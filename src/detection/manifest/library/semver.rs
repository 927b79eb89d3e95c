//! Semantic versions, as semver.org orders them: `semver('1.2.3').isLessThan(semver('2.0.0-rc.1'))`.

use std::cmp::Ordering;

use cel::common::types::{CelBool, CelInt, CelString};
use cel::{DeclarationError, Env, ExecutionError};

use super::own_value;

/// A version. What is built from (`+…`) says nothing about the order and is not kept.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Version {
    numbers: [u64; 3],
    before: Before,
}

/// What comes before a release: `rc.1`. A release is later than all of them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Before {
    Some(Vec<Identifier>),
    Release,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Identifier {
    Number(u64),
    Word(String),
}

own_value!(Version, "kubernetes.Semver");

impl Version {
    fn parse(text: &str) -> Option<Self> {
        let (text, build) = text.split_once('+').map_or((text, None), |(text, build)| (text, Some(build)));
        let (core, before) = text.split_once('-').map_or((text, None), |(core, before)| (core, Some(before)));
        let numbers: Vec<u64> = core.split('.').map(number).collect::<Option<_>>()?;
        let words = |text: &str| text.split('.').all(|word| !word.is_empty() && word.bytes().all(is_word));
        if !build.is_none_or(words) || !before.is_none_or(words) {
            return None;
        }
        let before = match before {
            Some(before) => Before::Some(before.split('.').map(identifier).collect::<Option<_>>()?),
            None => Before::Release,
        };
        Some(Self { numbers: numbers.try_into().ok()?, before })
    }

    /// Without a `v` before it, with zeros for what is left out and none before a number.
    fn parse_loosely(text: &str) -> Option<Self> {
        let text = text.strip_prefix('v').unwrap_or(text);
        let mut parts: Vec<String> = text.splitn(3, '.').map(without_zeros).collect();
        if parts.len() < 3 && parts.last().is_some_and(|last| last.contains(['+', '-'])) {
            return None;
        }
        parts.resize(3, "0".to_owned());
        Self::parse(&parts.join("."))
    }
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'-'
}

/// A number without a sign or zeros before it.
fn number(text: &str) -> Option<u64> {
    let plain = text.bytes().all(|b| b.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    text.parse().ok().filter(|_| plain)
}

fn identifier(word: &str) -> Option<Identifier> {
    if word.bytes().all(|b| b.is_ascii_digit()) {
        number(word).map(Identifier::Number)
    } else {
        Some(Identifier::Word(word.into()))
    }
}

fn without_zeros(part: &str) -> String {
    let rest = part.trim_start_matches('0');
    match rest.chars().next() {
        Some(first) if first.is_ascii_digit() || rest.len() == part.len() => rest.to_owned(),
        Some(_) | None if rest.len() == part.len() => part.to_owned(),
        Some(_) | None => format!("0{rest}"),
    }
}

/// Registers the functions over versions.
pub(super) fn extension(env: &mut Env) -> Result<(), DeclarationError> {
    cel::add_overload!(env, fn semver: (CelString) -> Result<Version>)?;
    cel::add_overload!(env, fn semver_loosely: (CelString, CelBool) -> Result<Version>, name = "semver")?;
    cel::add_overload!(env, fn is_semver: (CelString) -> CelBool)?;
    cel::add_overload!(env, fn is_semver_loosely: (CelString, CelBool) -> CelBool, name = "isSemver")?;
    cel::add_member_overload!(env, fn major: (Version) -> CelInt)?;
    cel::add_member_overload!(env, fn minor: (Version) -> CelInt)?;
    cel::add_member_overload!(env, fn patch: (Version) -> CelInt)?;
    cel::add_member_overload!(env, fn is_greater_than: (Version, Version) -> CelBool)?;
    cel::add_member_overload!(env, fn is_less_than: (Version, Version) -> CelBool)?;
    cel::add_member_overload!(env, fn compare_to: (Version, Version) -> CelInt)?;
    Ok(())
}

fn read(text: &CelString<'_>, loosely: bool) -> Option<Version> {
    if loosely { Version::parse_loosely(text.inner()) } else { Version::parse(text.inner()) }
}

fn semver(text: &CelString<'_>) -> Result<Version, ExecutionError> {
    semver_loosely(text, &CelBool::from(false))
}

fn semver_loosely(text: &CelString<'_>, loosely: &CelBool) -> Result<Version, ExecutionError> {
    read(text, *loosely.inner()).ok_or_else(|| {
        let message = format!("found {:?}; expected a version such as 1.2.3 or 1.0.0-rc.1", text.inner());
        ExecutionError::function_error("semver", message)
    })
}

fn is_semver(text: &CelString<'_>) -> CelBool {
    read(text, false).is_some().into()
}

fn is_semver_loosely(text: &CelString<'_>, loosely: &CelBool) -> CelBool {
    read(text, *loosely.inner()).is_some().into()
}

fn part(this: &Version, index: usize) -> CelInt {
    i64::try_from(this.numbers[index]).unwrap_or(i64::MAX).into()
}

fn major(this: &Version) -> CelInt {
    part(this, 0)
}

fn minor(this: &Version) -> CelInt {
    part(this, 1)
}

fn patch(this: &Version) -> CelInt {
    part(this, 2)
}

fn is_greater_than(this: &Version, other: &Version) -> CelBool {
    (this.cmp(other) == Ordering::Greater).into()
}

fn is_less_than(this: &Version, other: &Version) -> CelBool {
    (this.cmp(other) == Ordering::Less).into()
}

fn compare_to(this: &Version, other: &Version) -> CelInt {
    super::ordering(this.cmp(other))
}
