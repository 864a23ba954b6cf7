//! What steers an evaluation: errors on purpose, forcing, messages.

use super::super::Result;
use super::super::coerce::Coerce;
use super::super::error::ErrorKind;
use super::super::nixpkgs;
use super::super::session::{Evaluator, Trace};
use super::super::value::{Slot, Value};
use super::{Builtin, set};
use crate::nix::syntax::source::Pos;
use crate::nix::syntax::symbol::known;

pub(super) const TABLE: &[Builtin] = &[
    Builtin { name: "abort", arity: 1, run: abort },
    Builtin { name: "addErrorContext", arity: 2, run: add_error_context },
    Builtin { name: "break", arity: 1, run: |nix, it, _| nix.force(&it[0]) },
    Builtin { name: "deepSeq", arity: 2, run: deep_seq },
    Builtin { name: "seq", arity: 2, run: seq },
    Builtin { name: "throw", arity: 1, run: throw },
    Builtin { name: "trace", arity: 2, run: trace },
    Builtin { name: "traceVerbose", arity: 2, run: |nix, it, _| nix.force(&it[1]) },
    Builtin { name: "tryEval", arity: 1, run: try_eval },
    Builtin { name: "warn", arity: 2, run: warn },
];

fn message(nix: &Evaluator, slot: &Slot, at: Pos) -> Result<String> {
    let value = nix.force(slot)?;
    Ok(nix.coerce(&value, Coerce::Plain, at)?.text().into_owned())
}

fn abort(nix: &Evaluator, arguments: &[Slot], at: Pos) -> Result<Value> {
    let message = message(nix, &arguments[0], at)?;
    let message = format!("evaluation aborted with the following error message: `{message}`");
    Err(nix.error(ErrorKind::Abort, message, at))
}

fn throw(nix: &Evaluator, arguments: &[Slot], at: Pos) -> Result<Value> {
    let message = message(nix, &arguments[0], at)?;
    let unmodelled = message.starts_with("not modelled") && nixpkgs::holds(nix.place(at).as_ref());
    let kind = if unmodelled { ErrorKind::OutOfReach } else { ErrorKind::Throw };
    Err(nix.error(kind, message, at))
}

fn add_error_context(nix: &Evaluator, arguments: &[Slot], at: Pos) -> Result<Value> {
    nix.force(&arguments[1]).map_err(|error| match message(nix, &arguments[0], at) {
        Ok(message) => error.frame(|| message, nix.place(at)),
        Err(own) => own,
    })
}

fn seq(nix: &Evaluator, arguments: &[Slot], _: Pos) -> Result<Value> {
    nix.force(&arguments[0])?;
    nix.force(&arguments[1])
}

fn deep_seq(nix: &Evaluator, arguments: &[Slot], _: Pos) -> Result<Value> {
    let value = nix.force(&arguments[0])?;
    nix.deep_force(&value)?;
    nix.force(&arguments[1])
}

fn try_eval(nix: &Evaluator, arguments: &[Slot], _: Pos) -> Result<Value> {
    let (success, value) = match nix.force(&arguments[0]) {
        Ok(value) => (true, value),
        Err(error) if error.is_catchable() => (false, Value::Bool(false)),
        Err(error) => return Err(error),
    };
    Ok(set([(known::SUCCESS, Value::Bool(success).into()), (known::VALUE, value.into())]))
}

fn trace(nix: &Evaluator, arguments: &[Slot], at: Pos) -> Result<Value> {
    let message = match nix.force(&arguments[0])? {
        Value::String(text) => text.text().into_owned(),
        other => nix.printed(&other),
    };
    note(nix, false, message, at)?;
    nix.force(&arguments[1])
}

fn warn(nix: &Evaluator, arguments: &[Slot], at: Pos) -> Result<Value> {
    let value = nix.force(&arguments[0])?;
    let message = nix.string(&value, at)?.text().into_owned();
    note(nix, true, message, at)?;
    nix.force(&arguments[1])
}

/// Keeps a message for the user; a flood of them ends somewhere.
fn note(nix: &Evaluator, warning: bool, message: String, at: Pos) -> Result<()> {
    nix.step(at)?;
    let mut traces = nix.traces.borrow_mut();
    if traces.len() < 10_000 {
        traces.push(Trace { warning, message, place: nix.place(at) });
    }
    Ok(())
}
