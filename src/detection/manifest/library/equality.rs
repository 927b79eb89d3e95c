//! `==`, `in` and sets over values of whatever make, each step paid for: they stand in for the operators of the crate,
//! which know a list written in a rule from a list of the object.

use cel::common::traits::Iterable;
use cel::common::types::{CelBool, CelDouble, CelInt, CelString, CelUInt, LIST_TYPE, MAP_TYPE};
use cel::common::value::{CowVal, Val};
use cel::{DeclarationError, Env, ExecutionError};

use super::super::budget::{self, Budget};
use super::super::object;
use super::any;

type Arguments<'b, 'v> = Vec<CowVal<'b, 'v>>;
type Answer<'b, 'v> = Result<CowVal<'b, 'v>, ExecutionError>;

/// Registers them, each with the budget as its first argument.
pub(super) fn extension(env: &mut Env) -> Result<(), DeclarationError> {
    env.add_overload("@_==_", "budgeted_equals", any(3), equals)?;
    env.add_overload("@_!=_", "budgeted_differs", any(3), differs)?;
    env.add_overload("@@in", "budgeted_in", any(3), is_in)?;
    env.add_overload("@sets.contains", "budgeted_sets_contains", any(3), sets_contains)?;
    env.add_overload("@sets.equivalent", "budgeted_sets_equivalent", any(3), sets_equivalent)?;
    env.add_overload("@sets.intersects", "budgeted_sets_intersects", any(3), sets_intersects)
}

fn answer<'b, 'v>(is: bool) -> Answer<'b, 'v> {
    Ok(CowVal::owned(CelBool::from(is)))
}

/// The budget and the two values that a budgeted call is about.
fn pair<'a, 'v>(
    args: &'a [CowVal<'_, 'v>],
) -> Result<(&'a Budget, &'a (dyn Val + 'v), &'a (dyn Val + 'v)), ExecutionError> {
    match args {
        [_, left, right] => Ok((budget::of(args)?, left.as_ref(), right.as_ref())),
        other => Err(ExecutionError::invalid_argument_count(3, other.len())),
    }
}

fn same(budget: &Budget, left: &dyn Val, right: &dyn Val) -> Result<bool, ExecutionError> {
    object::same(left, right, &mut |steps| budget.spend(steps))
}

fn equals<'b, 'v>(args: Arguments<'b, 'v>) -> Answer<'b, 'v> {
    let (budget, left, right) = pair(&args)?;
    answer(same(budget, left, right)?)
}

fn differs<'b, 'v>(args: Arguments<'b, 'v>) -> Answer<'b, 'v> {
    let (budget, left, right) = pair(&args)?;
    answer(!same(budget, left, right)?)
}

fn is_in<'b, 'v>(args: Arguments<'b, 'v>) -> Answer<'b, 'v> {
    let (budget, item, container) = pair(&args)?;
    if *container.get_type() == MAP_TYPE {
        let is_key = item.downcast_ref::<CelString>().is_some()
            || item.downcast_ref::<CelInt>().is_some()
            || item.downcast_ref::<CelUInt>().is_some()
            || item.downcast_ref::<CelDouble>().is_some()
            || item.downcast_ref::<CelBool>().is_some();
        budget.spend(Budget::weigh(item))?;
        // The object has keys of text only, so that nothing else is in it.
        return match container.as_container() {
            Some(keys) if is_key => answer(keys.contains(item).unwrap_or(false)),
            Some(_) | None => Err(no_overload("in", item, container)),
        };
    }
    answer(has(budget, list(container).map_err(|_| no_overload("in", item, container))?, item)?)
}

fn no_overload(function: &str, left: &dyn Val, right: &dyn Val) -> ExecutionError {
    let types = vec![left.get_type().name().to_owned(), right.get_type().name().to_owned()];
    ExecutionError::no_such_overload(function, types)
}

fn list<'b, 'v>(value: &'b (dyn Val + 'v)) -> Result<&'b (dyn Iterable + 'v), ExecutionError> {
    value.as_iterable().filter(|_| *value.get_type() == LIST_TYPE).ok_or_else(|| ExecutionError::UnexpectedType {
        got: value.get_type().name().to_owned(),
        want: "list".to_owned(),
    })
}

fn has(budget: &Budget, list: &dyn Iterable, sought: &dyn Val) -> Result<bool, ExecutionError> {
    let mut items = list.iter();
    while let Some(item) = items.next() {
        if same(budget, item, sought)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether a list has every element of another, or at least one of them.
fn covers(budget: &Budget, list: &dyn Iterable, others: &dyn Iterable, enough: Enough) -> Result<bool, ExecutionError> {
    let mut items = others.iter();
    while let Some(item) = items.next() {
        let found = has(budget, list, item)?;
        if found == (enough == Enough::One) {
            return Ok(found);
        }
    }
    Ok(enough == Enough::All)
}

#[derive(Clone, Copy, PartialEq)]
enum Enough {
    All,
    One,
}

fn sets_contains<'b, 'v>(args: Arguments<'b, 'v>) -> Answer<'b, 'v> {
    let (budget, left, right) = pair(&args)?;
    answer(covers(budget, list(left)?, list(right)?, Enough::All)?)
}

fn sets_equivalent<'b, 'v>(args: Arguments<'b, 'v>) -> Answer<'b, 'v> {
    let (budget, left, right) = pair(&args)?;
    let (left, right) = (list(left)?, list(right)?);
    answer(covers(budget, left, right, Enough::All)? && covers(budget, right, left, Enough::All)?)
}

fn sets_intersects<'b, 'v>(args: Arguments<'b, 'v>) -> Answer<'b, 'v> {
    let (budget, left, right) = pair(&args)?;
    answer(covers(budget, list(left)?, list(right)?, Enough::One)?)
}
