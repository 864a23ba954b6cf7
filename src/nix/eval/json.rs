//! Values as JSON: a set with `__toString` is that string, one with `outPath` is what that is, a path is its
//! text. A function has no JSON.

use super::Result;
use super::coerce::{Coerce, Joined};
use super::error::ErrorKind;
use super::session::Evaluator;
use super::value::{Slot, Value};
use crate::nix::memory::Charge;
use crate::nix::pure::{floats, json};
use crate::nix::syntax::source::Pos;
use crate::nix::syntax::string::NixString;
use crate::nix::syntax::symbol::{Symbol, known};

impl Evaluator {
    /// The text that `builtins.toJSON` makes of a value.
    pub(super) fn json_text(&self, value: &Value, at: Pos) -> Result<Joined> {
        let mut out = Joined::default();
        self.write_json(value, &mut out, at)?;
        Ok(out)
    }

    /// The same as a tree.
    pub(super) fn json_tree(
        &self,
        value: &Value,
        at: Pos,
        charge: &mut Charge,
    ) -> Result<serde_json::Value> {
        self.step(at)?;
        charge.add(2 * size_of::<serde_json::Value>());
        Ok(match self.json_head(value, at)? {
            Value::Attrs(attrs) => {
                let mut map = serde_json::Map::new();
                for entry in self.by_name(&attrs) {
                    let item = self
                        .force(&entry.slot)
                        .and_then(|it| self.json_tree(&it, entry.at, charge));
                    let item = self.json_frame(item, entry.name, entry.at)?;
                    map.insert(self.symbols.text(entry.name), item);
                }
                serde_json::Value::Object(map)
            }
            Value::List(list) => {
                let item = |slot: Slot| self.json_tree(&self.force(&slot)?, list.at(), charge);
                serde_json::Value::Array(list.iter().map(item).collect::<Result<_>>()?)
            }
            Value::Bool(value) => value.into(),
            Value::Float(value) => value.into(),
            Value::Int(value) => value.into(),
            Value::Path(text) | Value::String(text) => {
                charge.add(text.bytes().len());
                self.utf8(&text, at)?.into()
            }
            Value::Null | Value::Builtin(_) | Value::Lambda(_) => serde_json::Value::Null,
        })
    }

    fn write_json(&self, value: &Value, out: &mut Joined, at: Pos) -> Result<()> {
        self.step(at)?;
        self.afford(2 * out.bytes.len(), at)?;
        match self.json_head(value, at)? {
            Value::Attrs(attrs) => {
                out.bytes.push(b'{');
                for (index, entry) in self.by_name(&attrs).into_iter().enumerate() {
                    if index > 0 {
                        out.bytes.push(b',');
                    }
                    self.write_json_string(&self.symbols.name(entry.name), out, at)?;
                    out.bytes.push(b':');
                    let item =
                        self.force(&entry.slot).and_then(|it| self.write_json(&it, out, entry.at));
                    self.json_frame(item, entry.name, entry.at)?;
                }
                out.bytes.push(b'}');
            }
            Value::List(list) => {
                out.bytes.push(b'[');
                for (index, slot) in list.iter().enumerate() {
                    if index > 0 {
                        out.bytes.push(b',');
                    }
                    self.write_json(&self.force(&slot)?, out, list.at().or(at))?;
                }
                out.bytes.push(b']');
            }
            Value::Bool(value) => out.bytes.extend(if value { &b"true"[..] } else { b"false" }),
            Value::Float(value) => out.bytes.extend(floats::to_json(value).into_bytes()),
            Value::Int(value) => out.bytes.extend(value.to_string().into_bytes()),
            Value::Path(text) | Value::String(text) => {
                out.sources.join(text.sources());
                self.write_json_string(&text, out, at)?;
            }
            Value::Null | Value::Builtin(_) | Value::Lambda(_) => out.bytes.extend(b"null"),
        }
        Ok(())
    }

    /// The value that stands for `value` in JSON.
    fn json_head(&self, value: &Value, at: Pos) -> Result<Value> {
        match value {
            Value::Attrs(attrs) => {
                if attrs.get(known::TO_STRING).is_some() {
                    return Ok(Value::String(self.coerce(value, Coerce::Interpolate, at)?));
                }
                match attrs.slot(known::OUT_PATH) {
                    Some(slot) => {
                        self.step(at)?;
                        self.json_head(&self.force(slot)?, at)
                    }
                    None => Ok(value.clone()),
                }
            }
            Value::Path(_) => Ok(Value::String(self.coerce(value, Coerce::Interpolate, at)?)),
            Value::Builtin(_) => {
                Err(self.error(ErrorKind::Type, "cannot convert a function to JSON", at))
            }
            Value::Lambda(closure) => {
                let at = closure.lambda.at.or(at);
                Err(self.error(ErrorKind::Type, "cannot convert a function to JSON", at))
            }
            other => Ok(other.clone()),
        }
    }

    fn json_frame<T>(&self, result: Result<T>, name: Symbol, at: Pos) -> Result<T> {
        result.map_err(|error| {
            let name = self.symbols.text(name);
            error.frame(|| format!("while evaluating the attribute `{name}`"), self.place(at))
        })
    }

    fn write_json_string(&self, text: &NixString, out: &mut Joined, at: Pos) -> Result<()> {
        let mut quoted = String::new();
        json::write_string(&mut quoted, self.utf8(text, at)?);
        self.afford(quoted.len(), at)?;
        out.bytes.extend(quoted.into_bytes());
        Ok(())
    }

    /// The text of a string that must be UTF-8.
    pub(super) fn utf8<'a>(&self, text: &'a NixString, at: Pos) -> Result<&'a str> {
        std::str::from_utf8(text.bytes()).map_err(|_| {
            let message = format!("string `{}` is not valid UTF-8", text.text());
            self.error(ErrorKind::Value, message, at)
        })
    }
}
