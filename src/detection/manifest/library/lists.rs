//! `isSorted`, `sum`, `min`, `max`, `indexOf` and `lastIndexOf` of lists.

use std::cmp::Ordering;

use cel::common::types::{CelBool, CelDouble, CelDuration, CelInt, CelUInt, DYN_TYPE, LIST_TYPE};
use cel::common::value::{CowVal, Val};
use cel::{DeclarationError, Env, ExecutionError};

use super::super::object;

type Arguments<'b, 'v> = Vec<CowVal<'b, 'v>>;
type Answer<'b, 'v> = Result<CowVal<'b, 'v>, ExecutionError>;

/// Registers them.
pub(super) fn extension(env: &mut Env) -> Result<(), DeclarationError> {
    env.add_member_overload("isSorted", "list_is_sorted", LIST_TYPE, vec![], is_sorted)?;
    env.add_member_overload("sum", "list_sum", LIST_TYPE, vec![], sum)?;
    env.add_member_overload("min", "list_min", LIST_TYPE, vec![], min)?;
    env.add_member_overload("max", "list_max", LIST_TYPE, vec![], max)?;
    env.add_member_overload("indexOf", "list_index_of", LIST_TYPE, vec![DYN_TYPE], index_of)?;
    env.add_member_overload("lastIndexOf", "list_last_index_of", LIST_TYPE, vec![DYN_TYPE], last_index_of)
}

/// The elements of the list that a call is about.
fn items<'a, 'v>(args: &'a [CowVal<'_, 'v>]) -> Vec<&'a (dyn Val + 'v)> {
    let mut items = Vec::new();
    if let Some(mut each) = args.first().and_then(|list| list.as_iterable()).map(|list| list.iter()) {
        while let Some(item) = each.next() {
            items.push(item);
        }
    }
    items
}

fn compare(left: &dyn Val, right: &dyn Val) -> Result<Ordering, ExecutionError> {
    let types = || vec![left.get_type().name().to_owned(), right.get_type().name().to_owned()];
    let comparer = left.as_comparer().ok_or_else(|| ExecutionError::no_such_overload("compare", types()))?;
    comparer.compare(right)
}

fn is_sorted<'b, 'v>(args: Arguments<'b, 'v>) -> Answer<'b, 'v> {
    for pair in items(&args).windows(2) {
        if compare(pair[0], pair[1])? == Ordering::Greater {
            return Ok(CowVal::owned(CelBool::from(false)));
        }
    }
    Ok(CowVal::owned(CelBool::from(true)))
}

/// The sum of numbers or durations; of nothing it is 0.
fn sum<'b, 'v>(args: Arguments<'b, 'v>) -> Answer<'b, 'v> {
    let mut total: Option<Box<dyn Val + 'v>> = None;
    for item in items(&args) {
        let counts = item.downcast_ref::<CelInt>().is_some()
            || item.downcast_ref::<CelUInt>().is_some()
            || item.downcast_ref::<CelDouble>().is_some()
            || item.downcast_ref::<CelDuration>().is_some();
        let sum = match &total {
            _ if !counts => None,
            None => Some(item.clone_as_boxed()),
            Some(total) => match total.as_adder() {
                Some(adder) => Some(adder.add(item)?.into_owned()),
                None => None,
            },
        };
        total =
            Some(sum.ok_or_else(|| ExecutionError::no_such_overload("sum", vec![item.get_type().name().to_owned()]))?);
    }
    Ok(CowVal::Owned(total.unwrap_or_else(|| Box::new(CelInt::from(0)))))
}

fn extreme<'b, 'v>(args: &[CowVal<'_, 'v>], name: &str, wanted: Ordering) -> Answer<'b, 'v> {
    let mut best: Option<&(dyn Val + 'v)> = None;
    for item in items(args) {
        let better = match best {
            None => true,
            Some(best) => compare(item, best)? == wanted,
        };
        if better {
            best = Some(item);
        }
    }
    match best {
        Some(best) => Ok(CowVal::Owned(best.clone_as_boxed())),
        None => Err(ExecutionError::function_error(name, "the list is empty")),
    }
}

fn min<'b, 'v>(args: Arguments<'b, 'v>) -> Answer<'b, 'v> {
    extreme(&args, "min", Ordering::Less)
}

fn max<'b, 'v>(args: Arguments<'b, 'v>) -> Answer<'b, 'v> {
    extreme(&args, "max", Ordering::Greater)
}

fn position<'b, 'v>(args: &[CowVal<'_, 'v>], choose: fn(Vec<usize>) -> Option<usize>) -> Answer<'b, 'v> {
    let mut at = Vec::new();
    if let Some(sought) = args.get(1) {
        for (index, item) in items(args).into_iter().enumerate() {
            if object::same(item, sought.as_ref(), &mut |_| Ok(()))? {
                at.push(index);
            }
        }
    }
    Ok(CowVal::owned(CelInt::from(choose(at).map_or(-1, |index| index as i64))))
}

fn index_of<'b, 'v>(args: Arguments<'b, 'v>) -> Answer<'b, 'v> {
    position(&args, |at| at.first().copied())
}

fn last_index_of<'b, 'v>(args: Arguments<'b, 'v>) -> Answer<'b, 'v> {
    position(&args, |at| at.last().copied())
}
