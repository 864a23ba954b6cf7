//! Values as text: what interpolation, `+`, `toString` and paths in builtins accept. The three differ.

use std::path::PathBuf;
use std::rc::Rc;

use super::Result;
use super::env::EnvRef;
use super::error::ErrorKind;
use super::session::{Evaluator, to_path};
use super::value::Value;
use crate::nix::pure::paths;
use crate::nix::syntax::expr::ExprRef;
use crate::nix::syntax::source::Pos;
use crate::nix::syntax::string::{NixString, Sources};
use crate::nix::syntax::symbol::known;

/// How far a value may be bent to be text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Coerce {
    /// Interpolation: strings, paths (which go to the store), and sets that say what they are.
    Interpolate,
    /// The same, but a path stays where it is.
    Plain,
    /// `toString`: also numbers, Booleans, null and lists.
    All,
}

impl Evaluator {
    pub(super) fn coerce(&self, value: &Value, how: Coerce, at: Pos) -> Result<Rc<NixString>> {
        match value {
            Value::String(string) => return Ok(Rc::clone(string)),
            Value::Path(path) => {
                let sources = match how {
                    Coerce::Interpolate => Sources::one(Rc::clone(path)),
                    Coerce::Plain | Coerce::All => Sources::default(),
                };
                return Ok(Rc::new(NixString::new(path.bytes(), sources, at.or(path.at()))));
            }
            Value::Attrs(attrs) => {
                self.step(at)?;
                if let Some(slot) = attrs.slot(known::TO_STRING) {
                    let function = self.force(slot)?;
                    let text = self.apply(function, &[value.clone().into()], at)?;
                    return self.coerce(&text, how, at);
                }
                if let Some(slot) = attrs.slot(known::OUT_PATH) {
                    return self.coerce(&self.force(slot)?, how, at);
                }
            }
            _ if how == Coerce::All => return self.coerce_more(value, at),
            _ => {}
        }
        let message = format!("cannot coerce {} to a string", value.describe());
        Err(self.error(ErrorKind::Type, message, at))
    }

    fn coerce_more(&self, value: &Value, at: Pos) -> Result<Rc<NixString>> {
        let text = match value {
            Value::Bool(true) => "1".to_owned(),
            Value::Bool(false) | Value::Null => String::new(),
            Value::Int(number) => number.to_string(),
            Value::Float(number) => format!("{number:.6}"),
            Value::List(list) => {
                let mut out = Joined::default();
                let last = list.len().saturating_sub(1);
                for (index, slot) in list.iter().enumerate() {
                    self.step(at)?;
                    let item = self.force(&slot)?;
                    out.push(self, &*self.coerce(&item, Coerce::All, at)?, at)?;
                    let empty = matches!(&item, Value::List(inner) if inner.is_empty());
                    if index < last && !empty {
                        out.bytes.push(b' ');
                    }
                }
                return Ok(out.finish(at));
            }
            _ => {
                let message = format!("cannot coerce {} to a string", value.describe());
                return Err(self.error(ErrorKind::Type, message, at));
            }
        };
        Ok(Rc::new(NixString::new(text.into_bytes(), Sources::default(), at)))
    }

    /// An absolute path from a path, a string or a set; canonical.
    pub(super) fn path_bytes(&self, value: &Value, at: Pos) -> Result<Vec<u8>> {
        let text = self.coerce(value, Coerce::Plain, at)?;
        if text.bytes().first() != Some(&b'/') {
            let message = format!("string `{}` does not represent an absolute path", text.text());
            return Err(self.error(ErrorKind::Value, message, at));
        }
        if text.bytes().contains(&0) {
            return Err(self.error(ErrorKind::Value, "a path cannot hold a NUL byte", at));
        }
        Ok(paths::canonical(text.bytes()))
    }

    pub(super) fn path_of(&self, value: &Value, at: Pos) -> Result<PathBuf> {
        Ok(to_path(&self.path_bytes(value, at)?))
    }

    /// Interpolation and `+`: the first part decides what comes out, unless it must be a `string`.
    pub(super) fn eval_concat(
        &self,
        env: &EnvRef,
        parts: &[ExprRef],
        string: bool,
        at: Pos,
    ) -> Result<Value> {
        let Some((first, rest)) = parts.split_first() else { return Ok(Value::text("")) };
        let head = self.eval(env, first)?;
        if !string && matches!(head, Value::Int(_) | Value::Float(_)) {
            let mut sum = head;
            for part in rest {
                let value = self.eval(env, part)?;
                if !matches!(value, Value::Int(_) | Value::Float(_)) {
                    let message = format!("cannot add {} to {}", value.describe(), sum.describe());
                    return Err(self.error(ErrorKind::Type, message, part.at));
                }
                sum = self.add(&sum, &value, at)?;
            }
            return Ok(sum);
        }
        let is_path = !string && matches!(head, Value::Path(_));
        let how = if string || matches!(head, Value::String(_)) {
            Coerce::Interpolate
        } else {
            Coerce::Plain
        };
        let mut out = Joined::default();
        out.push(self, &*self.coerce(&head, how, first.at)?, at)?;
        for part in rest {
            let value = self.eval(env, part)?;
            out.push(self, &*self.coerce(&value, how, part.at)?, at)?;
        }
        if !is_path {
            return Ok(Value::String(out.finish(at)));
        }
        if !out.sources.is_empty() {
            let message = "a string that refers to a store path cannot be appended to a path";
            return Err(self.error(ErrorKind::Value, message, at));
        }
        let bytes = paths::canonical(&out.bytes);
        Ok(Value::Path(Rc::new(NixString::new(bytes, Sources::default(), at))))
    }
}

/// A string being put together.
#[derive(Default)]
pub(super) struct Joined {
    pub(super) bytes: Vec<u8>,
    pub(super) sources: Sources,
}

impl Joined {
    pub(super) fn push(&mut self, nix: &Evaluator, part: &NixString, at: Pos) -> Result<()> {
        nix.afford(2 * (self.bytes.len() + part.bytes().len()), at)?;
        self.bytes.extend_from_slice(part.bytes());
        self.sources.join(part.sources());
        Ok(())
    }

    pub(super) fn finish(self, at: Pos) -> Rc<NixString> {
        Rc::new(NixString::new(self.bytes, self.sources, at))
    }
}
