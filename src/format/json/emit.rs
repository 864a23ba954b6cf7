//! Writes new JSON: objects and arrays over several lines, scalars as Go's encoder spells them; its
//! escapes for HTML only in whole new files, where sops has them too. Refuses what JSON cannot hold.

use crate::format::Format;
use crate::format::error::FormatError;
use crate::format::scalar::{Scalar, Value};

/// Layout of the text written into; an empty `newline` keeps everything on one line.
pub(super) struct Layout {
    pub(super) newline: &'static str,
    pub(super) indent: String,
    /// Is there no blank behind `:` (and `,` on one line)?
    pub(super) tight: bool,
    /// Are `<`, `>` and `&` escaped?
    pub(super) html: bool,
}

impl Layout {
    /// The break before something at `depth`.
    pub(super) fn line(&self, depth: usize) -> String {
        if self.newline.is_empty() {
            return String::new();
        }
        format!("{}{}", self.newline, self.indent.repeat(depth))
    }

    /// What stands between two items on one line.
    pub(super) fn blank(&self) -> &'static str {
        if self.tight { "" } else { " " }
    }

    /// A member of an object at `depth`.
    pub(super) fn member(
        &self,
        key: &str,
        value: &Value,
        depth: usize,
    ) -> Result<String, FormatError> {
        Ok(format!("{}:{}{}", self.string(key), self.blank(), self.value(value, depth)?))
    }

    /// A value at `depth`.
    pub(super) fn value(&self, value: &Value, depth: usize) -> Result<String, FormatError> {
        match value {
            Value::List(items) => {
                let items = items.iter().map(|item| self.value(item, depth + 1));
                Ok(self.joined(items.collect::<Result<_, _>>()?, depth, ['[', ']']))
            }
            Value::Map(pairs) => {
                let pairs = pairs.iter().map(|(key, value)| self.member(key, value, depth + 1));
                Ok(self.joined(pairs.collect::<Result<_, _>>()?, depth, ['{', '}']))
            }
            Value::Scalar(leaf) => self.scalar(leaf),
        }
    }

    fn joined(&self, parts: Vec<String>, depth: usize, [open, close]: [char; 2]) -> String {
        if parts.is_empty() {
            return format!("{open}{close}");
        }
        let (outer, inner) = (self.line(depth), self.line(depth + 1));
        let gap = if inner.is_empty() { self.blank() } else { &inner };
        format!("{open}{inner}{}{outer}{close}", parts.join(&format!(",{gap}")))
    }

    /// A leaf.
    pub(super) fn scalar(&self, scalar: &Scalar) -> Result<String, FormatError> {
        let refused = |what| FormatError::NotRepresentable { format: Format::Json, what };
        Ok(match scalar {
            Scalar::Bool(bool) => bool.to_string(),
            Scalar::Float(float) if !float.is_finite() => {
                return Err(refused("an infinite number or none at all"));
            }
            Scalar::Float(float) => float_text(*float),
            Scalar::Int(int) => int.to_string(),
            Scalar::Null => "null".to_owned(),
            Scalar::Str(text) => {
                self.string(text.as_str().ok_or_else(|| refused("text that is not UTF-8"))?)
            }
            Scalar::Time(time) => self.string(time),
        })
    }

    fn string(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len() + text.len() / 8 + 2);
        out.push('"');
        for c in text.chars() {
            match c {
                '"' | '\\' => {
                    out.push('\\');
                    out.push(c);
                }
                '\n' => out.push_str("\\n"),
                '\r' => out.push_str("\\r"),
                '\t' => out.push_str("\\t"),
                '\x08' => out.push_str("\\b"),
                '\x0c' => out.push_str("\\f"),
                '\u{2028}' | '\u{2029}' | '\0'..='\x1f' => push_unit(&mut out, c),
                '<' | '>' | '&' if self.html => push_unit(&mut out, c),
                _ => out.push(c),
            }
        }
        out.push('"');
        out
    }
}

fn push_unit(out: &mut String, c: char) {
    out.push_str(&format!("\\u{:04x}", u32::from(c)));
}

/// Exponents from 1e21 up and below 1e-6, as `encoding/json` prints.
fn float_text(float: f64) -> String {
    let magnitude = float.abs();
    if magnitude != 0.0 && !(1e-6..1e21).contains(&magnitude) {
        let text = format!("{float:e}");
        return if magnitude >= 1e21 { text.replace('e', "e+") } else { text };
    }
    float.to_string()
}
