//! What can be known to be wrong with an expression before it runs: names, numbers and types of arguments, literals.

use std::collections::HashMap;

use cel::common::ast::{CallExpr, ComprehensionExpr, EntryExpr, Expr, IdedEntryExpr, LiteralValue, operators};
use cel::{Context, IdedExpr, Value};
use regex::Regex;

use super::super::RuleError;
use super::budget::compile_pattern;
use super::signatures::{ABSENT, Signature, TYPE_NAMES, Type, namespaced, signatures};
use super::text::Parsed;
use super::{explain, library};

/// Variables that a policy has in the API server, where there is a request.
const ABSENT_VARIABLES: &[&str] = &["request", "params", "namespaceObject", "authorizer", "variables"];

/// Functions whose argument, where it is written out, is read when the rule is saved.
const READ_AT_ONCE: &[&str] =
    &["quantity", "ip", "cidr", "url", "semver", "duration", "timestamp", "int", "uint", "double", "bool"];

/// Checks an expression, and gives the regular expressions that are written in it.
pub(super) fn check(parsed: &Parsed) -> Result<HashMap<String, Regex>, RuleError> {
    let mut check = Check { parsed, scope: Vec::new(), patterns: HashMap::new() };
    let result = check.type_of(&parsed.tree)?;
    if !result.may_be(Type::Bool) {
        let message =
            format!("found an expression that gives {}; expected one that gives true or false", a(result.name()));
        return Err(parsed.error(parsed.tree.id, message));
    }
    Ok(check.patterns)
}

struct Check<'p> {
    parsed: &'p Parsed,
    /// Names that macros bind, innermost last.
    scope: Vec<(String, Type)>,
    patterns: HashMap<String, Regex>,
}

/// Whether an element is in its list in any case, or only if it has a value: `[?x]`.
#[derive(Clone, Copy)]
enum Given {
    Always,
    Perhaps,
}

/// `an int`.
fn a(noun: &str) -> String {
    let article = if noun.starts_with(['a', 'e', 'i', 'o']) { "an" } else { "a" };
    format!("{article} {noun}")
}

impl Check<'_> {
    fn error<T>(&self, part: &IdedExpr, message: impl std::fmt::Display) -> Result<T, RuleError> {
        Err(self.parsed.error(part.id, message))
    }

    fn type_of(&mut self, part: &IdedExpr) -> Result<Type, RuleError> {
        match &part.expr {
            Expr::Unspecified => self.error(part, "found a part that cannot be read"),
            Expr::Literal(literal) => Ok(literal_type(literal)),
            Expr::Ident(name) => self.variable(part, name),
            Expr::Call(call) => self.call(part, call),
            Expr::Comprehension(comprehension) => self.comprehension(part, comprehension),
            Expr::List(list) => {
                let may_lack =
                    |index| if list.optional_indices.contains(&index) { Given::Perhaps } else { Given::Always };
                let elements = list.elements.iter().enumerate().map(|(index, element)| (element, may_lack(index)));
                self.all_alike(part, elements, "a list of")?;
                Ok(Type::List)
            }
            Expr::Map(map) => self.map(part, &map.entries),
            Expr::Select(select) => {
                let of = self.type_of(&select.operand)?;
                match (of, select.test) {
                    (Type::Dyn | Type::Map | Type::Optional, true) => Ok(Type::Bool),
                    (Type::Dyn | Type::Map, false) => Ok(Type::Dyn),
                    (Type::Optional, false) => Ok(Type::Optional),
                    (other, _) => {
                        let message =
                            format!("found the field .{} of {}, which has no fields", select.field, a(other.name()));
                        self.error(part, message)
                    }
                }
            }
            Expr::Struct(message) => {
                let found = format!("found {}{{…}}; expected a map such as {{\"key\": \"value\"}}", message.type_name);
                self.error(part, found)
            }
        }
    }

    fn variable(&self, part: &IdedExpr, name: &str) -> Result<Type, RuleError> {
        if let Some((_, bound)) = self.scope.iter().rev().find(|(bound, _)| bound == name) {
            return Ok(*bound);
        }
        if name == "object" || name == "oldObject" {
            return Ok(Type::Dyn);
        }
        if TYPE_NAMES.contains(&name) {
            return Ok(Type::Meta);
        }
        if ABSENT_VARIABLES.contains(&name) {
            let message =
                format!("found the variable {name}, which only a cluster has; expected object, the manifest itself");
            return self.error(part, message);
        }
        self.error(part, format!("found the variable {name}; expected object, or a name that a macro binds"))
    }

    fn map(&mut self, part: &IdedExpr, entries: &[IdedEntryExpr]) -> Result<Type, RuleError> {
        let (mut keys, mut values) = (Vec::new(), Vec::new());
        for entry in entries {
            match &entry.expr {
                EntryExpr::MapEntry(entry) => {
                    keys.push((&entry.key, Given::Always));
                    values.push((&entry.value, if entry.optional { Given::Perhaps } else { Given::Always }));
                }
                EntryExpr::StructField(_) => return self.error(part, "found a field in a map"),
            }
        }
        self.all_alike(part, keys.into_iter(), "a map with keys of")?;
        self.all_alike(part, values.into_iter(), "a map with values of")?;
        Ok(Type::Map)
    }

    /// Elements of one list must be of one type, as in Kubernetes.
    fn all_alike<'e>(
        &mut self,
        part: &IdedExpr,
        elements: impl Iterator<Item = (&'e IdedExpr, Given)>,
        what: &str,
    ) -> Result<(), RuleError> {
        let mut first = Type::Dyn;
        for (element, given) in elements {
            let next = match (self.type_of(element)?, given) {
                // `[?x]`: what the optional value holds, not the optional value.
                (Type::Optional, Given::Perhaps) => Type::Dyn,
                (next, _) => next,
            };
            if !next.may_be(first) {
                let message = format!("found {what} {} and {}; expected one type", first.name(), next.name());
                return self.error(part, message);
            }
            if first == Type::Dyn {
                first = next;
            }
        }
        Ok(())
    }

    fn call(&mut self, part: &IdedExpr, call: &CallExpr) -> Result<Type, RuleError> {
        let namespaced = call.target.as_deref().and_then(|target| namespaced(target, &call.func_name));
        if let (Some(name), Some(Expr::Ident(namespace))) =
            (&namespaced, call.target.as_deref().map(|target| &target.expr))
            && self.scope.iter().any(|(bound, _)| bound == namespace)
        {
            return self.error(
                part,
                format!("found {name}(), where a macro binds {namespace}; expected it to bind another name"),
            );
        }
        let (name, receiver) = match (&namespaced, &call.target) {
            (Some(name), _) => (name.as_str(), None),
            (None, target) => (call.func_name.as_str(), target.as_deref()),
        };
        if call.func_name == operators::CONDITIONAL {
            return self.conditional(part, &call.args);
        }
        let equality = name == operators::EQUALS || name == operators::NOT_EQUALS;
        let known = signatures(name);
        if known.is_empty() && !equality {
            return self.unknown_function(part, name);
        }
        let receiver = receiver.map(|receiver| self.type_of(receiver)).transpose()?;
        let arguments = call.args.iter().map(|argument| self.type_of(argument)).collect::<Result<Vec<_>, _>>()?;
        if equality {
            return match arguments.as_slice() {
                [left, right] if !left.may_be(*right) && *left != Type::Null && *right != Type::Null => {
                    let sign = operator_sign(name);
                    let message = format!(
                        "found {} {sign} {}, which are never equal; expected one type",
                        left.name(),
                        right.name()
                    );
                    self.error(part, message)
                }
                _ => Ok(Type::Bool),
            };
        }
        let fitting: Vec<&Signature> = known.iter().filter(|known| known.takes(receiver, &arguments)).collect();
        let Some(first) = fitting.first() else {
            // `@result || condition` is what a macro makes of a condition.
            if let ([accumulator, condition], [_, gives]) = (call.args.as_slice(), arguments.as_slice())
                && matches!(&accumulator.expr, Expr::Ident(name) if name == "@result")
            {
                let message = format!("found a condition that gives {}; expected true or false", a(gives.name()));
                return self.error(condition, message);
            }
            return self.error(part, misused(name, receiver, &arguments, known));
        };
        self.read_literals(part, name, call)?;
        let same = fitting.iter().all(|fitting| fitting.result == first.result);
        Ok(if same { first.result } else { Type::Dyn })
    }

    fn unknown_function<T>(&self, part: &IdedExpr, name: &str) -> Result<T, RuleError> {
        let message = if ABSENT.contains(&name) {
            format!("found a function {name}() in a form that Kubernetes has and rules here have not")
        } else if matches!(name, "has" | "map" | "filter" | "optMap" | "optFlatMap") {
            format!("found {name}() with a number of arguments that it does not take")
        } else {
            format!("found a function {name}(), which CEL in Kubernetes does not have")
        };
        self.error(part, format!("{message}; docs/manifest-rules.md lists what there is"))
    }

    fn conditional(&mut self, part: &IdedExpr, parts: &[IdedExpr]) -> Result<Type, RuleError> {
        let [condition, yes, no] = parts else { return self.error(part, "found a ? without its :") };
        let condition = self.type_of(condition)?;
        if !condition.may_be(Type::Bool) {
            return self.error(part, format!("found {} before ?; expected true or false", a(condition.name())));
        }
        let (yes, no) = (self.type_of(yes)?, self.type_of(no)?);
        if !yes.may_be(no) {
            return self.error(part, format!("found {} : {} after ?; expected one type", yes.name(), no.name()));
        }
        Ok(if yes == no { yes } else { Type::Dyn })
    }

    fn comprehension(&mut self, part: &IdedExpr, loops: &ComprehensionExpr) -> Result<Type, RuleError> {
        let range = self.type_of(&loops.iter_range)?;
        if !range.may_be(Type::List) && !range.may_be(Type::Map) {
            return self.error(part, format!("found a macro over {}; expected a list or a map", a(range.name())));
        }
        if loops.iter_var2.is_some() {
            return self.error(part, "found a macro that binds two names; expected one name");
        }
        let before = self.scope.len();
        let start = self.type_of(&loops.accu_init)?;
        self.scope.push((loops.accu_var.clone(), start));
        self.scope.push((loops.iter_var.clone(), Type::Dyn));
        self.type_of(&loops.loop_cond)?;
        let step = self.type_of(&loops.loop_step)?;
        if !step.may_be(start) {
            return self
                .error(part, format!("found a condition that gives {}; expected true or false", a(step.name())));
        }
        self.scope.pop();
        let result = self.type_of(&loops.result);
        self.scope.truncate(before);
        result
    }

    /// Reads what is written out and can be wrong: patterns, quantities, addresses…
    fn read_literals(&mut self, part: &IdedExpr, name: &str, call: &CallExpr) -> Result<(), RuleError> {
        if matches!(name, "matches" | "find" | "findAll") {
            let pattern = if call.target.is_some() { call.args.first() } else { call.args.get(1) };
            let Some((place, text)) = pattern.and_then(|pattern| Some((pattern, literal_text(pattern)?))) else {
                return Ok(());
            };
            return match compile_pattern(text) {
                Ok(pattern) => {
                    self.patterns.insert(text.to_owned(), pattern);
                    Ok(())
                }
                Err(message) => self.error(place, message),
            };
        }
        let written_out = call.args.iter().all(|argument| matches!(argument.expr, Expr::Literal(_)));
        if READ_AT_ONCE.contains(&name) && call.target.is_none() && written_out {
            let context = Context::with_env(library::environment());
            if let Err(error) = Value::resolve_val(part, &context) {
                return self.error(part, explain(&error));
            }
        }
        Ok(())
    }
}

fn literal_type(literal: &LiteralValue) -> Type {
    match literal {
        LiteralValue::Boolean(_) => Type::Bool,
        LiteralValue::Bytes(_) => Type::Bytes,
        LiteralValue::Double(_) => Type::Double,
        LiteralValue::Int(_) => Type::Int,
        LiteralValue::Null => Type::Null,
        LiteralValue::String(_) => Type::String,
        LiteralValue::UInt(_) => Type::Uint,
    }
}

/// The text of a string that is written out.
pub(super) fn literal_text(part: &IdedExpr) -> Option<&str> {
    let Expr::Literal(LiteralValue::String(text)) = &part.expr else { return None };
    Some(text.inner())
}

/// An operator as people write it.
fn operator_sign(name: &str) -> &str {
    if name == operators::IN { "in" } else { name.trim_matches('_') }
}

/// What to say of a call with arguments that its function does not take.
fn misused(name: &str, receiver: Option<Type>, arguments: &[Type], known: &[Signature]) -> String {
    let names: Vec<&str> = arguments.iter().map(|argument| argument.name()).collect();
    match names.as_slice() {
        [left, right] if name == operators::IN || (name.starts_with('_') && name.ends_with('_')) => {
            return format!("found {left} {} {right}, which CEL does not have", operator_sign(name));
        }
        [of] if name.ends_with('_') => return format!("found {}{of}, which CEL does not have", operator_sign(name)),
        [of, index] if name.starts_with("_[") => return format!("found {of}[{index}], which CEL does not have"),
        _ => {}
    }
    let receiver = receiver.map(|receiver| format!("{}.", receiver.name())).unwrap_or_default();
    let expected: Vec<&str> = known.iter().map(Signature::written).collect();
    format!("found {receiver}{name}({}); expected {}", names.join(", "), expected.join(" or "))
}
