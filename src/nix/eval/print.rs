//! Values as `nix-instantiate --eval` prints them: what is not evaluated is `<CODE>`, a set or list met
//! before is `«repeated»`. Prints as Nix 2.8 and, in its ambiguous mode, Nix 2.24 do.

use std::collections::HashSet;
use std::rc::Rc;

use super::Result;
use super::session::Evaluator;
use super::value::{Slot, Value};
use crate::nix::memory;
use crate::nix::pure::floats;
use crate::nix::syntax::source::Pos;

const KEYWORDS: &[&str] = &["assert", "else", "if", "in", "inherit", "let", "rec", "then", "with"];

impl Evaluator {
    /// Evaluates everything inside of a value. A set or list met before is not entered again.
    pub(super) fn deep_force(&self, value: &Value) -> Result<()> {
        self.deep_force_in(value, &mut HashSet::new())
    }

    fn deep_force_in(&self, value: &Value, seen: &mut HashSet<usize>) -> Result<()> {
        self.step(Pos::NONE)?;
        if !identity(value).is_none_or(|id| seen.insert(id)) {
            return Ok(());
        }
        match value {
            Value::Attrs(attrs) => {
                for entry in self.by_name(attrs) {
                    let inner = self.force(&entry.slot);
                    inner.and_then(|value| self.deep_force_in(&value, seen)).map_err(|error| {
                        let name = self.symbols.text(entry.name);
                        let what = || format!("while evaluating the attribute `{name}`");
                        error.frame(what, self.place(entry.at))
                    })?;
                }
            }
            Value::List(list) => {
                for slot in list.iter() {
                    self.deep_force_in(&self.force(&slot)?, seen)?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// The text of a value as far as it is evaluated.
    pub(super) fn printed(&self, value: &Value) -> String {
        let mut out = Vec::new();
        self.print_value(value, None, &mut HashSet::new(), &mut out);
        String::from_utf8_lossy(&out).into_owned()
    }

    /// `cell` tells apart the places that hold a value, where that is known.
    fn print_value(
        &self,
        value: &Value,
        cell: Option<usize>,
        seen: &mut HashSet<usize>,
        out: &mut Vec<u8>,
    ) {
        if memory::stack_is_low() {
            out.extend_from_slice("«too deep»".as_bytes());
            return;
        }
        match value {
            Value::Attrs(attrs) => {
                if !identity(value).is_none_or(|id| seen.insert(id)) {
                    out.extend_from_slice("«repeated»".as_bytes());
                    return;
                }
                out.extend_from_slice(b"{ ");
                for entry in self.by_name(attrs) {
                    print_name(self.symbols.name(entry.name).bytes(), out);
                    out.extend_from_slice(b" = ");
                    self.print_slot(&entry.slot, seen, out);
                    out.extend_from_slice(b"; ");
                }
                out.push(b'}');
            }
            Value::Bool(value) => out.extend_from_slice(if *value { b"true" } else { b"false" }),
            Value::Builtin(partial) if partial.arguments.is_empty() => {
                out.extend_from_slice(b"<PRIMOP>");
            }
            Value::Builtin(_) => out.extend_from_slice(b"<PRIMOP-APP>"),
            Value::Float(value) => out.extend_from_slice(floats::print(*value).as_bytes()),
            Value::Int(value) => out.extend_from_slice(value.to_string().as_bytes()),
            Value::Lambda(_) => out.extend_from_slice(b"<LAMBDA>"),
            Value::List(list) => {
                // Nix keeps the items of a short list in the value, so that its copies are different lists.
                let id = if list.len() > 2 { identity(value) } else { cell };
                if !list.is_empty() && !id.is_none_or(|id| seen.insert(id)) {
                    out.extend_from_slice("«repeated»".as_bytes());
                    return;
                }
                out.extend_from_slice(b"[ ");
                for slot in list.iter() {
                    self.print_slot(&slot, seen, out);
                    out.push(b' ');
                }
                out.push(b']');
            }
            Value::Null => out.extend_from_slice(b"null"),
            Value::Path(path) => out.extend_from_slice(path.bytes()),
            Value::String(string) => print_string(string.bytes(), out),
        }
    }

    fn print_slot(&self, slot: &Slot, seen: &mut HashSet<usize>, out: &mut Vec<u8>) {
        match slot.peek() {
            Some(value) => {
                let cell = slot.cell().or_else(|| identity(&value));
                self.print_value(&value, cell, seen, out);
            }
            None => out.extend_from_slice(b"<CODE>"),
        }
    }
}

/// What tells one set or list from another; empty ones are all alike.
fn identity(value: &Value) -> Option<usize> {
    match value {
        Value::Attrs(attrs) if !attrs.is_empty() => Some(Rc::as_ptr(attrs).addr()),
        Value::List(list) if !list.is_empty() => Some(list.identity()),
        _ => None,
    }
}

fn print_name(name: &[u8], out: &mut Vec<u8>) {
    let plain = name.first().is_some_and(|it| it.is_ascii_alphabetic() || *it == b'_')
        && name.iter().all(|it| it.is_ascii_alphanumeric() || b"_'-".contains(it))
        && !KEYWORDS.iter().any(|keyword| keyword.as_bytes() == name);
    if plain {
        out.extend_from_slice(name);
    } else {
        print_string(name, out);
    }
}

fn print_string(bytes: &[u8], out: &mut Vec<u8>) {
    out.push(b'"');
    for (index, byte) in bytes.iter().enumerate() {
        match byte {
            b'"' | b'\\' => out.extend_from_slice(&[b'\\', *byte]),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            b'$' if bytes.get(index + 1) == Some(&b'{') => out.extend_from_slice(b"\\$"),
            byte => out.push(*byte),
        }
    }
    out.push(b'"');
}
