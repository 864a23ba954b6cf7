//! What kind of value something is.

use super::super::Result;
use super::super::session::Evaluator;
use super::super::value::{Slot, Value};
use super::Builtin;
use crate::nix::syntax::source::Pos;

pub(super) const TABLE: &[Builtin] = &[
    Builtin { name: "isAttrs", arity: 1, run: |nix, it, _| is(nix, it, "set") },
    Builtin { name: "isBool", arity: 1, run: |nix, it, _| is(nix, it, "bool") },
    Builtin { name: "isFloat", arity: 1, run: |nix, it, _| is(nix, it, "float") },
    Builtin { name: "isFunction", arity: 1, run: |nix, it, _| is(nix, it, "lambda") },
    Builtin { name: "isInt", arity: 1, run: |nix, it, _| is(nix, it, "int") },
    Builtin { name: "isList", arity: 1, run: |nix, it, _| is(nix, it, "list") },
    Builtin { name: "isNull", arity: 1, run: |nix, it, _| is(nix, it, "null") },
    Builtin { name: "isPath", arity: 1, run: |nix, it, _| is(nix, it, "path") },
    Builtin { name: "isString", arity: 1, run: |nix, it, _| is(nix, it, "string") },
    Builtin { name: "typeOf", arity: 1, run: type_of },
];

fn is(nix: &Evaluator, arguments: &[Slot], wanted: &str) -> Result<Value> {
    Ok(Value::Bool(nix.force(&arguments[0])?.type_name() == wanted))
}

fn type_of(nix: &Evaluator, arguments: &[Slot], _: Pos) -> Result<Value> {
    Ok(Value::text(nix.force(&arguments[0])?.type_name()))
}
