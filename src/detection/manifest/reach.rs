//! What an expression speaks about: the kinds of objects it can be true of, and the field of an object that made it so.

#![expect(clippy::wildcard_enum_match_arm, reason = "of the many forms of an expression only a few bear on it")]

use std::collections::BTreeSet;

use cel::common::ast::{CallExpr, ComprehensionExpr, Expr, LiteralValue, operators};
use cel::common::types::CelBool;
use cel::{Context, IdedExpr, Value};
use serde_json::Value as Json;

use super::check::literal_text;
use super::object;

/// The kinds that objects must have for an expression to be true; nothing where that cannot be told.
pub(super) fn kinds(tree: &IdedExpr) -> Option<BTreeSet<String>> {
    let Expr::Call(call) = &tree.expr else { return None };
    let [left, right] = call.args.as_slice() else { return None };
    match call.func_name.as_str() {
        operators::LOGICAL_AND => match (kinds(left), kinds(right)) {
            (Some(left), Some(right)) => Some(left.intersection(&right).cloned().collect()),
            (left, right) => left.or(right),
        },
        operators::LOGICAL_OR => Some(kinds(left)?.union(&kinds(right)?).cloned().collect()),
        operators::EQUALS if is_kind(left) => Some([literal_text(right)?.to_owned()].into()),
        operators::EQUALS if is_kind(right) => Some([literal_text(left)?.to_owned()].into()),
        operators::IN if is_kind(left) => match &right.expr {
            Expr::List(list) => list.elements.iter().map(|item| literal_text(item).map(str::to_owned)).collect(),
            _ => None,
        },
        _ => None,
    }
}

/// `object.kind`.
fn is_kind(part: &IdedExpr) -> bool {
    let Expr::Select(select) = &part.expr else { return false };
    !select.test && select.field == "kind" && matches!(&select.operand.expr, Expr::Ident(name) if name == "object")
}

/// One step from an object into it.
type Pointer = Vec<String>;

/// Finds the field that tells most about why an expression is true of an object: of the fields it names, the deepest
/// that is there; of a list that `exists` looks through, the element that meets the condition.
pub(super) struct Search<'t, 'v> {
    object: &'v Json,
    context: Context<'t, 'v>,
    /// Names that `exists` has bound, and where what they stand for is.
    bound: Vec<(String, Pointer)>,
    found: Vec<Pointer>,
}

impl<'t, 'v> Search<'t, 'v> {
    /// A search through one object. The context is the one in which the expression was true.
    pub(super) fn new(object: &'v Json, context: Context<'t, 'v>) -> Self {
        Self { object, context, bound: Vec::new(), found: Vec::new() }
    }

    /// The field, as a JSON pointer; empty for the object as a whole.
    pub(super) fn field(mut self, tree: &IdedExpr) -> String {
        self.collect(tree);
        let object = self.object;
        let mut best: (usize, usize, &[String]) = (0, 0, &[]);
        for pointer in &self.found {
            let there = (0..=pointer.len()).rev().find(|&depth| get(object, &pointer[..depth]).is_some()).unwrap_or(0);
            let names = matches!(pointer.first().map(String::as_str), Some("kind" | "apiVersion" | "metadata") | None);
            // A field that is there tells more than the place where one is missing, and both more than a name.
            let class = match (names, there == pointer.len()) {
                (false, true) => 3,
                (false, false) => 2,
                (true, _) => 1,
            };
            if (class, there) > (best.0, best.1) {
                best = (class, there, &pointer[..there]);
            }
        }
        best.2.iter().map(|step| format!("/{}", step.replace('~', "~0").replace('/', "~1"))).collect()
    }

    fn collect(&mut self, part: &IdedExpr) {
        if let Some(pointer) = self.pointer(part) {
            self.found.push(pointer);
            return;
        }
        match &part.expr {
            Expr::Unspecified | Expr::Literal(_) | Expr::Ident(_) | Expr::Struct(_) | Expr::Map(_) => {}
            Expr::Select(select) => self.collect(&select.operand),
            Expr::List(list) => list.elements.iter().for_each(|element| self.collect(element)),
            Expr::Comprehension(loops) => self.collect_loop(loops),
            Expr::Call(call) => {
                call.target.iter().for_each(|target| self.collect(target));
                call.args.iter().for_each(|argument| self.collect(argument));
            }
        }
    }

    fn collect_loop(&mut self, loops: &ComprehensionExpr) {
        self.collect(&loops.iter_range);
        let (Some(range), Some(condition)) = (self.pointer(&loops.iter_range), exists_condition(loops)) else { return };
        let Some(Json::Array(items)) = get(self.object, &range) else { return };
        for (index, item) in items.iter().enumerate() {
            self.context.add_variable_as_val(&loops.iter_var, object::value(item));
            let met = Value::resolve_val(condition, &self.context)
                .is_ok_and(|met| met.downcast_ref::<CelBool>().is_some_and(|met| *met.inner()));
            if met {
                let pointer = range.iter().cloned().chain([index.to_string()]).collect();
                self.bound.push((loops.iter_var.clone(), pointer));
                self.collect(condition);
                self.bound.pop();
                return;
            }
        }
    }

    /// Where a chain of fields leads: `object.spec.containers[0].image`.
    fn pointer(&self, part: &IdedExpr) -> Option<Pointer> {
        match &part.expr {
            Expr::Ident(name) if name == "object" => Some(Pointer::new()),
            Expr::Ident(name) => self.bound.iter().rev().find(|(bound, _)| bound == name).map(|(_, to)| to.clone()),
            Expr::Select(select) => Some(further(self.pointer(&select.operand)?, select.field.clone())),
            Expr::Call(CallExpr { func_name, args, .. }) => match (func_name.as_str(), args.as_slice()) {
                ("@pay" | "@walk", [_, value]) | ("@range", [_, _, value]) => self.pointer(value),
                (operators::INDEX | operators::OPT_INDEX | operators::OPT_SELECT, [of, index]) => {
                    let Expr::Literal(index) = &index.expr else { return None };
                    let step = match index {
                        LiteralValue::String(text) => text.inner().to_owned(),
                        LiteralValue::Int(number) => number.inner().to_string(),
                        _ => return None,
                    };
                    Some(further(self.pointer(of)?, step))
                }
                _ => None,
            },
            _ => None,
        }
    }
}

fn further(mut pointer: Pointer, step: String) -> Pointer {
    pointer.push(step);
    pointer
}

/// The condition of an `exists`; nothing for another loop.
fn exists_condition(loops: &ComprehensionExpr) -> Option<&IdedExpr> {
    match &loops.loop_step.expr {
        Expr::Call(call) if call.func_name == operators::LOGICAL_OR => call.args.get(1),
        _ => None,
    }
}

fn get<'v>(object: &'v Json, pointer: &[String]) -> Option<&'v Json> {
    let mut at = object;
    for step in pointer {
        at = match at {
            Json::Object(fields) => fields.get(step)?,
            Json::Array(items) => items.get(step.parse::<usize>().ok()?)?,
            _ => return None,
        };
    }
    (!at.is_null()).then_some(at)
}
