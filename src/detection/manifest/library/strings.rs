//! Functions over text that can make much of little, or take long: bounded here, where the crate's are not.

use cel::common::types::{CelInt, CelString, DYN_TYPE, LIST_TYPE};
use cel::common::value::{CowVal, Val};
use cel::{DeclarationError, Env, ExecutionError};

/// The longest text that a function may make, in bytes.
const LONGEST: usize = 1 << 20;

type Arguments<'b, 'v> = Vec<CowVal<'b, 'v>>;
type Answer<'b, 'v> = Result<CowVal<'b, 'v>, ExecutionError>;

/// Registers them under names of our own, which calls are rewritten to.
pub(super) fn extension(env: &mut Env) -> Result<(), DeclarationError> {
    env.add_member_overload("@join", "bounded_join", LIST_TYPE, vec![], join)?;
    env.add_member_overload("@join", "bounded_join_by", LIST_TYPE, vec![DYN_TYPE], join)?;
    cel::add_member_overload!(env, fn replace: (CelString, CelString, CelString) -> Result<CelString>, name = "@replace")?;
    cel::add_member_overload!(env, fn replace_some: (CelString, CelString, CelString, CelInt) -> Result<CelString>,
        name = "@replace")?;
    cel::add_member_overload!(env, fn index_of: (CelString, CelString) -> CelInt, name = "@indexOf")?;
    cel::add_member_overload!(env, fn index_after: (CelString, CelString, CelInt) -> Result<CelInt>, name = "@indexOf")?;
    cel::add_member_overload!(env, fn last_index_of: (CelString, CelString) -> CelInt, name = "@lastIndexOf")?;
    cel::add_member_overload!(env, fn last_index_before: (CelString, CelString, CelInt) -> Result<CelInt>,
        name = "@lastIndexOf")?;
    Ok(())
}

fn bounded(function: &str, length: usize) -> Result<(), ExecutionError> {
    if length > LONGEST {
        let message = format!("its result has {length} bytes; expected at most {LONGEST}");
        return Err(ExecutionError::function_error(function, message));
    }
    Ok(())
}

fn join<'b, 'v>(args: Arguments<'b, 'v>) -> Answer<'b, 'v> {
    let no_text = |value: &dyn Val| ExecutionError::no_such_overload("join", vec![value.get_type().name().to_owned()]);
    let separator = match args.get(1) {
        Some(given) => given.downcast_ref::<CelString>().ok_or_else(|| no_text(given.as_ref()))?.inner(),
        None => "",
    };
    let mut joined = String::new();
    if let Some(mut items) = args.first().and_then(|list| list.as_iterable()).map(|list| list.iter()) {
        let mut first = true;
        while let Some(item) = items.next() {
            let text = item.downcast_ref::<CelString>().ok_or_else(|| no_text(item))?;
            if !std::mem::take(&mut first) {
                joined.push_str(separator);
            }
            joined.push_str(text.inner());
            bounded("join", joined.len())?;
        }
    }
    Ok(CowVal::owned(CelString::from(joined)))
}

fn replace(
    this: &CelString<'_>,
    old: &CelString<'_>,
    new: &CelString<'_>,
) -> Result<CelString<'static>, ExecutionError> {
    replace_some(this, old, new, &CelInt::from(-1))
}

fn replace_some(
    this: &CelString<'_>,
    old: &CelString<'_>,
    new: &CelString<'_>,
    most: &CelInt,
) -> Result<CelString<'static>, ExecutionError> {
    let most = usize::try_from(*most.inner()).unwrap_or(usize::MAX);
    let times = this.inner().matches(old.inner()).take(most).count();
    bounded("replace", this.inner().len().saturating_add(times.saturating_mul(new.inner().len())))?;
    Ok(this.inner().replacen(old.inner(), new.inner(), most).into())
}

/// Where a character stands, in bytes, counted in characters.
fn byte_of(text: &str, character: i64) -> Option<usize> {
    let character = usize::try_from(character).ok()?;
    text.char_indices().map(|(at, _)| at).chain([text.len()]).nth(character)
}

fn character_of(text: &str, byte: Option<usize>) -> CelInt {
    byte.map_or(-1, |byte| text[..byte].chars().count() as i64).into()
}

fn index_of(this: &CelString<'_>, sought: &CelString<'_>) -> CelInt {
    character_of(this.inner(), this.inner().find(sought.inner()))
}

fn out_of_range(function: &str, index: &CelInt) -> ExecutionError {
    ExecutionError::function_error(function, format!("index out of range: {}", index.inner()))
}

fn index_after(this: &CelString<'_>, sought: &CelString<'_>, from: &CelInt) -> Result<CelInt, ExecutionError> {
    let from = byte_of(this.inner(), *from.inner()).ok_or_else(|| out_of_range("indexOf", from))?;
    let found = this.inner()[from..].find(sought.inner()).map(|at| from + at);
    Ok(character_of(this.inner(), found))
}

fn last_index_of(this: &CelString<'_>, sought: &CelString<'_>) -> CelInt {
    character_of(this.inner(), this.inner().rfind(sought.inner()))
}

/// The last place at or before `from` where the sought text begins.
fn last_index_before(this: &CelString<'_>, sought: &CelString<'_>, from: &CelInt) -> Result<CelInt, ExecutionError> {
    let from = byte_of(this.inner(), *from.inner()).ok_or_else(|| out_of_range("lastIndexOf", from))?;
    let end = from.saturating_add(sought.inner().len()).min(this.inner().len());
    let end = (end..=this.inner().len()).find(|&end| this.inner().is_char_boundary(end)).unwrap_or(end);
    let found = this.inner()[..end].rfind(sought.inner()).filter(|&at| at <= from);
    Ok(character_of(this.inner(), found))
}
