//! `.[index]` and `.[from:to]`.

use super::value::Json;
use super::work::Stop;

/// `.[index]`: a member by name, an item by number, from the end where that is negative; null where there is none.
pub(super) fn indexed(head: &Json, index: &Json) -> Result<Json, Stop> {
    match (head, index) {
        (Json::Null, Json::Text(_) | Json::Number(_) | Json::Null) => Ok(Json::Null),
        (Json::Map(members), Json::Text(name)) => Ok(members.get(name).cloned().unwrap_or(Json::Null)),
        (Json::List(items), Json::Number(number)) => {
            let number = number.floor();
            let number = if number < 0.0 { number + items.len() as f64 } else { number };
            let item = (number >= 0.0).then(|| items.get(number as usize)).flatten();
            Ok(item.cloned().unwrap_or(Json::Null))
        }
        _ => Err(Stop::raised(format!("cannot index: {} with {}", head.kind(), index.kind()))),
    }
}

/// `.[from:to]` of a string or a list; of null, null.
pub(super) fn sliced(head: &Json, from: &Json, to: &Json) -> Result<Json, Stop> {
    let length = match head {
        Json::Null => return Ok(Json::Null),
        Json::Text(text) => text.chars().count(),
        Json::List(items) => items.len(),
        Json::Bool(_) | Json::Number(_) | Json::Map(_) => {
            return Err(Stop::raised(format!("cannot slice: {}", head.kind())));
        }
    };
    let end = |end: &Json, absent: usize, round: fn(f64) -> f64| match end {
        Json::Null => Ok(absent),
        Json::Number(number) => {
            let number = if *number < 0.0 { *number + length as f64 } else { *number };
            Ok(round(number).clamp(0.0, length as f64) as usize)
        }
        Json::Bool(_) | Json::Text(_) | Json::List(_) | Json::Map(_) => {
            Err(Stop::raised("cannot slice by what is no number"))
        }
    };
    let (from, to) = (end(from, 0, f64::floor)?, end(to, length, f64::ceil)?);
    let count = to.saturating_sub(from);
    Ok(match head {
        Json::Text(text) => Json::text(text.chars().skip(from).take(count).collect::<String>()),
        Json::List(items) => Json::list(items.iter().skip(from).take(count).cloned().collect()),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::Map(_) => Json::Null,
    })
}
