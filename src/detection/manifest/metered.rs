//! An expression rewritten so that it pays for what it does: loops for their elements, functions for their arguments.

use cel::IdedExpr;
use cel::common::ast::{CallExpr, EntryExpr, Expr, LiteralValue, operators};

use super::budget::BUDGET;
use super::signatures::namespaced;

/// Functions and operators that have a form of ours which takes the budget as its first argument, and pays as it works.
const METERED: &[&str] = &[
    operators::EQUALS,
    operators::NOT_EQUALS,
    operators::IN,
    "matches",
    "find",
    "findAll",
    "sets.contains",
    "sets.equivalent",
    "sets.intersects",
];

/// Functions that look at every part of their arguments.
const WALKING: &[&str] = &["format", "join", "isSorted", "sum", "min", "max", "indexOf", "lastIndexOf"];

/// Functions over text that have a bounded form of ours, under the name with `@` before it.
const BOUNDED: &[&str] = &["join", "replace"];

/// Operators that look at no more of their operands than a machine word, or at all of them only where they fail.
const FREE: &[&str] = &[
    operators::LOGICAL_AND,
    operators::LOGICAL_OR,
    operators::LOGICAL_NOT,
    operators::NOT_STRICTLY_FALSE,
    operators::CONDITIONAL,
];

/// How deep a rewritten expression may be. Evaluation recurses, in frames of up to 30 KiB in a debug build.
const MOST_DEPTH: usize = 48;

/// An expression that pays.
#[derive(Debug)]
pub(super) struct Metered {
    pub(super) tree: IdedExpr,
    /// How many steps it takes outside of loops.
    pub(super) steps: u64,
}

/// Rewrites an expression; nothing if it is nested too deeply to be evaluated.
pub(super) fn metered(mut tree: IdedExpr) -> Option<Metered> {
    let steps = rewrite(&mut tree);
    (depth(&tree) <= MOST_DEPTH).then_some(Metered { tree, steps })
}

/// How many parts are within each other.
fn depth(tree: &IdedExpr) -> usize {
    let of_entry = |entry: &EntryExpr| match entry {
        EntryExpr::StructField(field) => depth(&field.value),
        EntryExpr::MapEntry(entry) => depth(&entry.key).max(depth(&entry.value)),
    };
    let deepest = match &tree.expr {
        Expr::Unspecified | Expr::Literal(_) | Expr::Ident(_) => None,
        // A chain of fields of a variable is followed in a loop.
        Expr::Select(select) if matches!(select.operand.expr, Expr::Select(_)) => return depth(&select.operand),
        Expr::Select(select) => Some(depth(&select.operand)),
        Expr::List(list) => list.elements.iter().map(depth).max(),
        Expr::Map(map) => map.entries.iter().map(|entry| of_entry(&entry.expr)).max(),
        Expr::Struct(message) => message.entries.iter().map(|entry| of_entry(&entry.expr)).max(),
        Expr::Call(call) => call.args.iter().chain(call.target.as_deref()).map(depth).max(),
        Expr::Comprehension(loops) => {
            [&loops.iter_range, &loops.accu_init, &loops.loop_cond, &loops.loop_step, &loops.result]
                .map(depth)
                .into_iter()
                .max()
        }
    };
    1 + deepest.unwrap_or(0)
}

fn part(expr: Expr) -> IdedExpr {
    IdedExpr { id: 0, expr }
}

fn budget() -> IdedExpr {
    part(Expr::Ident(BUDGET.to_owned()))
}

fn call(name: String, args: Vec<IdedExpr>) -> Expr {
    Expr::Call(CallExpr { func_name: name, target: None, args })
}

/// Puts a call of ours around a part, unless that is written out and so of known size, or a sum of what is paid already.
fn wrap(inner: &mut IdedExpr, function: &str) {
    let is_sum = matches!(&inner.expr, Expr::Call(call) if call.func_name == operators::ADD);
    let is_paid = is_sum && function == "@pay";
    if !is_literal(inner) && !is_paid {
        let value = std::mem::take(inner);
        inner.expr = call(function.to_owned(), vec![budget(), value]);
    }
}

fn is_literal(part: &IdedExpr) -> bool {
    matches!(part.expr, Expr::Literal(_))
}

/// Rewrites a part in place and counts its parts; the bodies of loops, which pay for themselves, are not among them.
fn rewrite(tree: &mut IdedExpr) -> u64 {
    1 + match &mut tree.expr {
        Expr::Unspecified | Expr::Literal(_) | Expr::Ident(_) => 0,
        Expr::Select(select) => rewrite(&mut select.operand),
        Expr::List(list) => list.elements.iter_mut().map(kept).sum(),
        Expr::Map(map) => map.entries.iter_mut().map(|entry| kept_entry(&mut entry.expr)).sum(),
        Expr::Struct(message) => message.entries.iter_mut().map(|entry| kept_entry(&mut entry.expr)).sum(),
        Expr::Comprehension(loops) => {
            let each = rewrite(&mut loops.loop_cond) + rewrite(&mut loops.loop_step);
            let range = std::mem::take(&mut loops.iter_range);
            let each = part(Expr::Literal(LiteralValue::Int((each as i64).into())));
            loops.iter_range = part(call("@range".to_owned(), vec![budget(), each, range]));
            let Expr::Call(CallExpr { args, .. }) = &mut loops.iter_range.expr else { return 1 };
            let range = args.last_mut().map_or(0, rewrite);
            range + kept(&mut loops.accu_init) + rewrite(&mut loops.result)
        }
        Expr::Call(call) => rewrite_call(call),
    }
}

/// A value that is copied into another.
fn kept(value: &mut IdedExpr) -> u64 {
    let steps = rewrite(value);
    wrap(value, "@pay");
    steps
}

fn kept_entry(entry: &mut EntryExpr) -> u64 {
    match entry {
        EntryExpr::StructField(field) => kept(&mut field.value),
        EntryExpr::MapEntry(entry) => kept(&mut entry.key) + kept(&mut entry.value),
    }
}

fn rewrite_call(call: &mut CallExpr) -> u64 {
    let namespaced = call.target.as_deref().and_then(|target| namespaced(target, &call.func_name));
    let qualified = namespaced.is_some();
    let name = namespaced.unwrap_or_else(|| call.func_name.clone());
    let mut steps = call.args.iter_mut().map(rewrite).sum();
    if let (Some(target), false) = (call.target.as_deref_mut(), qualified) {
        steps += rewrite(target);
    }
    let name = name.as_str();
    // A comparison with a word that is written out looks at no more than that word.
    let compares = matches!(name, operators::EQUALS | operators::NOT_EQUALS);
    if FREE.contains(&name) || (compares && call.args.iter().any(is_literal)) {
        return steps;
    }
    if METERED.contains(&name) {
        let mut args = vec![budget()];
        args.extend(call.target.take().filter(|_| !qualified).map(|target| *target));
        args.append(&mut call.args);
        *call = CallExpr { func_name: format!("@{name}"), target: None, args };
        return steps;
    }
    // `@result + [x]` is how `map` and `filter` grow their list: it is grown in place, and what goes in has paid.
    if name == operators::ADD && call.args.first().is_some_and(is_accumulator) {
        return steps;
    }
    let payment = if WALKING.contains(&name) { "@walk" } else { "@pay" };
    if let (Some(target), false) = (call.target.as_deref_mut(), qualified) {
        wrap(target, payment);
    }
    call.args.iter_mut().for_each(|argument| wrap(argument, payment));
    if BOUNDED.contains(&name) {
        call.func_name.insert(0, '@');
    }
    steps
}

fn is_accumulator(part: &IdedExpr) -> bool {
    matches!(&part.expr, Expr::Ident(name) if name == "@result")
}
