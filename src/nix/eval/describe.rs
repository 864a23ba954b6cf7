//! Type checks and the errors of those that fail, with suggestions for misspelt names.

use std::rc::Rc;

use super::Result;
use super::error::{ErrorKind, EvalError};
use super::nixpkgs;
use super::session::Evaluator;
use super::value::{Attrs, List, Slot, Value};
use crate::nix::syntax::source::Pos;
use crate::nix::syntax::string::NixString;
use crate::nix::syntax::symbol::{Symbol, known};

impl Evaluator {
    #[cold]
    pub(super) fn wrong(&self, value: &Value, wanted: &str, at: Pos) -> EvalError {
        let message = format!("value is {} while {wanted} was expected", value.describe());
        self.error(ErrorKind::Type, message, at)
    }

    pub(super) fn bool(&self, value: &Value, at: Pos) -> Result<bool> {
        match value {
            Value::Bool(value) => Ok(*value),
            other => Err(self.wrong(other, "a Boolean", at)),
        }
    }

    pub(super) fn int(&self, value: &Value, at: Pos) -> Result<i64> {
        match value {
            Value::Int(value) => Ok(*value),
            other => Err(self.wrong(other, "an integer", at)),
        }
    }

    pub(super) fn list(&self, value: &Value, at: Pos) -> Result<List> {
        match value {
            Value::List(list) => Ok(list.clone()),
            other => Err(self.wrong(other, "a list", at)),
        }
    }

    pub(super) fn set(&self, value: &Value, at: Pos) -> Result<Rc<Attrs>> {
        match value {
            Value::Attrs(attrs) => Ok(Rc::clone(attrs)),
            other => Err(self.wrong(other, "a set", at)),
        }
    }

    pub(super) fn string(&self, value: &Value, at: Pos) -> Result<Rc<NixString>> {
        match value {
            Value::String(string) => Ok(Rc::clone(string)),
            other => Err(self.wrong(other, "a string", at)),
        }
    }

    /// A slot's value, which must be something that can be called.
    pub(super) fn function(&self, slot: &Slot, at: Pos) -> Result<Value> {
        let value = self.force(slot)?;
        match &value {
            Value::Builtin(_) | Value::Lambda(_) => Ok(value),
            Value::Attrs(attrs) if attrs.get(known::FUNCTOR).is_some() => Ok(value),
            other => Err(self.wrong(other, "a function", at)),
        }
    }

    /// A string used as the name of an attribute.
    pub(super) fn attr_name(&self, value: &Value, at: Pos) -> Result<Symbol> {
        let name = self.string(value, at)?;
        if !name.sources().is_empty() {
            let message =
                format!("the string `{}` is not allowed to refer to a store path", name.text());
            return Err(self.error(ErrorKind::Value, message, at));
        }
        Ok(self.symbols.intern_string(&name))
    }

    #[cold]
    pub(super) fn missing_attribute(&self, attrs: &Attrs, name: Symbol, at: Pos) -> EvalError {
        let text = self.symbols.text(name);
        if nixpkgs::holds(self.place(attrs.at).as_ref()) {
            let message = format!("`{text}` of nixpkgs is not modelled");
            return self.error(ErrorKind::OutOfReach, message, at);
        }
        let mut message = format!("attribute `{text}` is missing");
        let names = attrs.entries().iter().map(|entry| entry.name);
        if let Some(best) = self.similar(&text, names) {
            message.push_str(&format!(", did you mean `{best}`?"));
        }
        let error = self.error(ErrorKind::MissingAttribute, message, at);
        error.related("the set is defined here", self.place(attrs.at))
    }

    /// The name most like `wanted`, if any is alike enough to be meant.
    pub(super) fn similar(
        &self,
        wanted: &str,
        names: impl Iterator<Item = Symbol>,
    ) -> Option<String> {
        let most = 1 + wanted.len() / 4;
        let near = names.take(10_000).filter_map(|name| {
            let name = self.symbols.text(name);
            let far = distance(wanted.as_bytes(), name.as_bytes(), most)?;
            Some((far, name))
        });
        near.min().map(|(_, name)| name)
    }
}

/// Insertions, deletions, replacements and swaps of neighbours that lead from `a` to `b`, if at most `most`.
fn distance(a: &[u8], b: &[u8], most: usize) -> Option<usize> {
    if a.len().abs_diff(b.len()) > most || a.len() > 64 {
        return None;
    }
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for i in 1..=a.len() {
        let mut row = vec![i; b.len() + 1];
        for j in 1..=b.len() {
            let change = usize::from(a[i - 1] != b[j - 1]);
            row[j] = (last[j - 1] + change).min(last[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                row[j] = row[j].min(before[j - 2] + 1);
            }
        }
        before = std::mem::replace(&mut last, row);
    }
    last.last().copied().filter(|far| *far <= most)
}
