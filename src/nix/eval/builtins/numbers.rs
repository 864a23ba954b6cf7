//! Arithmetic, bits and comparison as functions.

use super::super::Result;
use super::super::error::ErrorKind;
use super::super::session::Evaluator;
use super::super::value::{Slot, Value};
use super::Builtin;
use crate::nix::syntax::source::Pos;

pub(super) const TABLE: &[Builtin] = &[
    Builtin { name: "add", arity: 2, run: |nix, it, at| two(nix, it, at, Evaluator::add) },
    Builtin { name: "bitAnd", arity: 2, run: |nix, it, at| bits(nix, it, at, |a, b| a & b) },
    Builtin { name: "bitOr", arity: 2, run: |nix, it, at| bits(nix, it, at, |a, b| a | b) },
    Builtin { name: "bitXor", arity: 2, run: |nix, it, at| bits(nix, it, at, |a, b| a ^ b) },
    Builtin { name: "ceil", arity: 1, run: |nix, it, at| round(nix, it, at, f64::ceil) },
    Builtin { name: "div", arity: 2, run: |nix, it, at| two(nix, it, at, Evaluator::divide) },
    Builtin { name: "floor", arity: 1, run: |nix, it, at| round(nix, it, at, f64::floor) },
    Builtin { name: "lessThan", arity: 2, run: less_than },
    Builtin { name: "mul", arity: 2, run: |nix, it, at| two(nix, it, at, Evaluator::multiply) },
    Builtin { name: "sub", arity: 2, run: |nix, it, at| two(nix, it, at, Evaluator::subtract) },
];

type Operation = fn(&Evaluator, &Value, &Value, Pos) -> Result<Value>;

fn two(nix: &Evaluator, arguments: &[Slot], at: Pos, operation: Operation) -> Result<Value> {
    operation(nix, &nix.force(&arguments[0])?, &nix.force(&arguments[1])?, at)
}

fn bits(
    nix: &Evaluator,
    arguments: &[Slot],
    at: Pos,
    operation: fn(i64, i64) -> i64,
) -> Result<Value> {
    let a = nix.int(&nix.force(&arguments[0])?, at)?;
    let b = nix.int(&nix.force(&arguments[1])?, at)?;
    Ok(Value::Int(operation(a, b)))
}

fn round(nix: &Evaluator, arguments: &[Slot], at: Pos, towards: fn(f64) -> f64) -> Result<Value> {
    #[expect(clippy::cast_precision_loss, reason = "Nix rounds integers as floats, too")]
    let number = match nix.force(&arguments[0])? {
        Value::Int(number) => number as f64,
        Value::Float(number) => number,
        other => return Err(nix.wrong(&other, "a float", at)),
    };
    let rounded = towards(number);
    #[expect(clippy::cast_precision_loss, reason = "only the magnitude matters")]
    if rounded.is_nan() || rounded < i64::MIN as f64 || rounded >= i64::MAX as f64 {
        let message = format!("float {number} does not fit into an integer");
        return Err(nix.error(ErrorKind::Value, message, at));
    }
    #[expect(clippy::cast_possible_truncation, reason = "checked above")]
    Ok(Value::Int(rounded as i64))
}

fn less_than(nix: &Evaluator, arguments: &[Slot], at: Pos) -> Result<Value> {
    let (a, b) = (nix.force(&arguments[0])?, nix.force(&arguments[1])?);
    Ok(Value::Bool(nix.less(&a, &b, at)?))
}
