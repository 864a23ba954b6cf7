//! Writes new JSON: objects and arrays over several lines, scalars as Go's encoder spells them but
//! without its escapes for HTML.

use crate::format::scalar::{Scalar, Value};

/// Layout of the text written into; an empty `newline` keeps everything on one line.
pub(super) struct Layout {
    pub(super) newline: &'static str,
    pub(super) indent: String,
}

impl Layout {
    /// The break before something at `depth`.
    pub(super) fn line(&self, depth: usize) -> String {
        if self.newline.is_empty() {
            return String::new();
        }
        format!("{}{}", self.newline, self.indent.repeat(depth))
    }
}

pub(super) fn value(value: &Value, depth: usize, layout: &Layout) -> String {
    let joined = |parts: Vec<String>, open, close| {
        if parts.is_empty() {
            return format!("{open}{close}");
        }
        let (outer, inner) = (layout.line(depth), layout.line(depth + 1));
        let comma = if layout.newline.is_empty() { ", ".to_owned() } else { format!(",{inner}") };
        format!("{open}{inner}{}{outer}{close}", parts.join(&comma))
    };
    match value {
        Value::List(items) => joined(
            items.iter().map(|item| self::value(item, depth + 1, layout)).collect(),
            '[',
            ']',
        ),
        Value::Map(pairs) => {
            let pairs = pairs.iter().map(|(key, value)| {
                format!("{}: {}", string(key), self::value(value, depth + 1, layout))
            });
            joined(pairs.collect(), '{', '}')
        }
        Value::Scalar(leaf) => scalar(leaf),
    }
}

pub(super) fn scalar(scalar: &Scalar) -> String {
    match scalar {
        Scalar::Bool(bool) => bool.to_string(),
        // JSON has no spelling for infinities; Go refuses them, a string loses nothing.
        Scalar::Float(float) if !float.is_finite() => string(&float.to_string()),
        Scalar::Float(float) => float_text(*float),
        Scalar::Int(int) => int.to_string(),
        Scalar::Null => "null".to_owned(),
        Scalar::Str(text) => string(&String::from_utf8_lossy(text.as_bytes())),
        Scalar::Time(time) => string(time),
    }
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

pub(super) fn string(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
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
            '\u{2028}' | '\u{2029}' | '\0'..='\x1f' => {
                out.push_str(&format!("\\u{:04x}", u32::from(c)));
            }
            _ => out.push(c),
        }
    }
    out.push('"');
    out
}
