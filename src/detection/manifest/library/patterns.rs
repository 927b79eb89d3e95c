//! `matches`, `find` and `findAll`, over regular expressions that are compiled once.

use cel::common::types::{CelBool, CelInt, CelList, CelString};
use cel::common::value::{CowVal, Val};
use cel::{DeclarationError, Env, ExecutionError};

use super::super::budget::{self, Budget};
use super::any;

type Arguments<'b, 'v> = Vec<CowVal<'b, 'v>>;
type Answer<'b, 'v> = Result<CowVal<'b, 'v>, ExecutionError>;

/// Registers them, each with the budget as its first argument, then the text, then the pattern.
pub(super) fn extension(env: &mut Env) -> Result<(), DeclarationError> {
    env.add_overload("@matches", "budgeted_matches", any(3), matches)?;
    env.add_overload("@find", "budgeted_find", any(3), find)?;
    env.add_overload("@findAll", "budgeted_find_all", any(3), find_all)?;
    env.add_overload("@findAll", "budgeted_find_some", any(4), find_all)
}

/// The budget, the text and the pattern of a call, the search through the text paid for.
fn searched<'a>(args: &'a [CowVal<'_, '_>]) -> Result<(&'a Budget, &'a str, regex::Regex), ExecutionError> {
    let budget = budget::of(args)?;
    let [text, pattern] = [args.get(1), args.get(2)].map(|arg| arg.and_then(|arg| arg.downcast_ref::<CelString>()));
    let (Some(text), Some(pattern)) = (text, pattern) else {
        let types = args.iter().skip(1).map(|arg| arg.get_type().name().to_owned()).collect();
        return Err(ExecutionError::no_such_overload("matches", types));
    };
    budget.spend(Budget::weigh(text))?;
    Ok((budget, text.inner(), budget.pattern(pattern.inner())?))
}

fn text<'v>(text: &str) -> CelString<'v> {
    CelString::from(text.to_owned())
}

fn matches<'b, 'v>(args: Arguments<'b, 'v>) -> Answer<'b, 'v> {
    let (_, text, pattern) = searched(&args)?;
    Ok(CowVal::owned(CelBool::from(pattern.is_match(text))))
}

/// The first match, or nothing: `""`.
fn find<'b, 'v>(args: Arguments<'b, 'v>) -> Answer<'b, 'v> {
    let (_, haystack, pattern) = searched(&args)?;
    Ok(CowVal::owned(text(pattern.find(haystack).map_or("", |found| found.as_str()))))
}

/// All matches, or the first so many; a number below zero means all.
fn find_all<'b, 'v>(args: Arguments<'b, 'v>) -> Answer<'b, 'v> {
    let (budget, haystack, pattern) = searched(&args)?;
    let limit = args.get(3).and_then(|limit| limit.downcast_ref::<CelInt>()).map_or(-1, |limit| *limit.inner());
    let mut found: Vec<Box<dyn Val + 'v>> = Vec::new();
    for next in pattern.find_iter(haystack).take(usize::try_from(limit).unwrap_or(usize::MAX)) {
        // A search may look at all that is left before it finds the next match.
        budget.spend(1 + (haystack.len() - next.start()) as u64 / 16)?;
        found.push(Box::new(text(next.as_str())));
    }
    Ok(CowVal::owned(CelList::from(found)))
}
