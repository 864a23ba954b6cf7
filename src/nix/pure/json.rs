//! JSON as `builtins.fromJSON` reads it (RFC 8259 to the letter, numbers as Nix keeps them, the
//! last of equal keys wins) and strings as `builtins.toJSON` writes them. Refused besides bad
//! syntax: nesting beyond [`MAX_DEPTH`] and the NUL character, which no Nix string can hold.

use std::collections::HashMap;
use std::fmt::Write as _;

use super::tree::MAX_DEPTH;
use super::tree::Tree;

/// Why a text is not JSON that Nix would read; `line` and `column` (in bytes) count from 1.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("invalid JSON at line {line}, column {column}: {reason}")]
pub struct JsonError {
    pub line: usize,
    pub column: usize,
    pub reason: &'static str,
}

/// Reads one document.
///
/// # Errors
/// [`JsonError`] with the place where reading stopped.
pub fn parse(text: &str) -> Result<Tree, JsonError> {
    let mut parser = Parser { text, at: if text.starts_with('\u{feff}') { 3 } else { 0 } };
    parser.space();
    let tree = parser.value(0)?;
    parser.space();
    match parser.peek() {
        None => Ok(tree),
        Some(_) => Err(parser.error("text follows the value")),
    }
}

/// Appends `value` as a JSON string, quotes included. Only what JSON demands is escaped.
pub fn write_string(out: &mut String, value: &str) {
    out.push('"');
    for character in value.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            control if u32::from(control) < 0x20 => {
                // Writing to a `String` cannot fail.
                let _ = write!(out, "\\u{:04x}", u32::from(control));
            }
            other => out.push(other),
        }
    }
    out.push('"');
}

struct Parser<'t> {
    text: &'t str,
    at: usize,
}

impl Parser<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn eat(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn error(&self, reason: &'static str) -> JsonError {
        let before = self.text.as_bytes().get(..self.at).unwrap_or_default();
        let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
        let column = before.iter().rev().take_while(|byte| **byte != b'\n').count() + 1;
        JsonError { line, column, reason }
    }

    fn value(&mut self, depth: usize) -> Result<Tree, JsonError> {
        if depth > MAX_DEPTH {
            return Err(self.error("lists and objects nest too deep"));
        }
        match self.peek() {
            Some(b'"') => self.string().map(Tree::String),
            Some(b'[') => self.list(depth),
            Some(b'{') => self.object(depth),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(b't') => self.word("true", Tree::Bool(true)),
            Some(b'f') => self.word("false", Tree::Bool(false)),
            Some(b'n') => self.word("null", Tree::Null),
            Some(_) => Err(self.error("this is not the beginning of a value")),
            None => Err(self.error("a value is missing")),
        }
    }

    fn word(&mut self, word: &str, tree: Tree) -> Result<Tree, JsonError> {
        if !self.text[self.at..].starts_with(word) {
            return Err(self.error("this is not the beginning of a value"));
        }
        self.at += word.len();
        Ok(tree)
    }

    fn list(&mut self, depth: usize) -> Result<Tree, JsonError> {
        self.at += 1;
        let mut items = Vec::new();
        self.space();
        if self.eat(b']') {
            return Ok(Tree::List(items));
        }
        loop {
            self.space();
            items.push(self.value(depth + 1)?);
            self.space();
            if self.eat(b']') {
                return Ok(Tree::List(items));
            }
            if !self.eat(b',') {
                return Err(self.error("`,` or `]` is missing"));
            }
        }
    }

    fn object(&mut self, depth: usize) -> Result<Tree, JsonError> {
        self.at += 1;
        let mut entries: Vec<(String, Tree)> = Vec::new();
        let mut places: HashMap<String, usize> = HashMap::new();
        self.space();
        if self.eat(b'}') {
            return Ok(Tree::Object(entries));
        }
        loop {
            self.space();
            if self.peek() != Some(b'"') {
                return Err(self.error("a key must be a string"));
            }
            let key = self.string()?;
            self.space();
            if !self.eat(b':') {
                return Err(self.error("`:` is missing"));
            }
            self.space();
            let value = self.value(depth + 1)?;
            match places.get(&key).and_then(|place| entries.get_mut(*place)) {
                Some(entry) => entry.1 = value,
                None => {
                    places.insert(key.clone(), entries.len());
                    entries.push((key, value));
                }
            }
            self.space();
            if self.eat(b'}') {
                return Ok(Tree::Object(entries));
            }
            if !self.eat(b',') {
                return Err(self.error("`,` or `}` is missing"));
            }
        }
    }

    /// Integers that fit are integers; those beyond 64 bits are floats; those between the signed
    /// and the unsigned range are refused, as are floats beyond the double range.
    fn number(&mut self) -> Result<Tree, JsonError> {
        let start = self.at;
        let negative = self.eat(b'-');
        if !self.eat(b'0') && self.digits() == 0 {
            return Err(self.error("a digit is missing"));
        }
        let mut float = false;
        if self.eat(b'.') {
            float = true;
            if self.digits() == 0 {
                return Err(self.error("a digit is missing after `.`"));
            }
        }
        if self.eat(b'e') || self.eat(b'E') {
            float = true;
            let _sign = self.eat(b'+') || self.eat(b'-');
            if self.digits() == 0 {
                return Err(self.error("a digit is missing in the exponent"));
            }
        }
        let text = &self.text[start..self.at];
        if !float {
            if let Ok(int) = text.parse() {
                return Ok(Tree::Int(int));
            }
            if !negative && text.parse::<u64>().is_ok() {
                return Err(self.error("the integer does not fit in 64 bits with a sign"));
            }
        }
        match text.parse::<f64>() {
            Ok(value) if value.is_finite() => Ok(Tree::Float(value)),
            _ => Err(self.error("the number is too large")),
        }
    }

    fn digits(&mut self) -> usize {
        let start = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        self.at - start
    }

    fn string(&mut self) -> Result<String, JsonError> {
        self.at += 1;
        let mut value = String::new();
        loop {
            let rest = &self.text[self.at..];
            let plain = rest
                .find(|c: char| matches!(c, '"' | '\\') || u32::from(c) < 0x20)
                .ok_or_else(|| self.error("a string is not closed"))?;
            value.push_str(&rest[..plain]);
            self.at += plain;
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(value);
                }
                Some(b'\\') => value.push(self.escape()?),
                _ => return Err(self.error("a control character must be escaped")),
            }
        }
    }

    fn escape(&mut self) -> Result<char, JsonError> {
        self.at += 1;
        let escaped = self.peek();
        self.at += 1;
        Ok(match escaped {
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'/') => '/',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => return self.unicode(),
            _ => {
                self.at -= 1;
                return Err(self.error("this character cannot be escaped"));
            }
        })
    }

    fn unicode(&mut self) -> Result<char, JsonError> {
        let first = self.hex4()?;
        let code = match first {
            0 => return Err(self.error("a string cannot hold the character NUL")),
            0xd800..0xdc00 => {
                if !(self.eat(b'\\') && self.eat(b'u')) {
                    return Err(self.error("the second half of a surrogate pair is missing"));
                }
                let second = self.hex4()?;
                if !(0xdc00..0xe000).contains(&second) {
                    return Err(self.error("the second half of a surrogate pair is missing"));
                }
                0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00)
            }
            other => other,
        };
        char::from_u32(code)
            .ok_or_else(|| self.error("the first half of a surrogate pair is missing"))
    }

    fn hex4(&mut self) -> Result<u32, JsonError> {
        let digits = self.text.as_bytes().get(self.at..self.at + 4);
        let code = digits.and_then(|digits| {
            digits.iter().try_fold(0, |code, digit| {
                char::from(*digit).to_digit(16).map(|digit| code * 16 + digit)
            })
        });
        let code = code.ok_or_else(|| self.error("`\\u` needs four hexadecimal digits"))?;
        self.at += 4;
        Ok(code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_read() {
        for (text, expected) in [
            ("0.1", Tree::Float(0.1)),
            ("1E5", Tree::Float(1e5)),
            ("1e-400", Tree::Float(0.0)),
            ("-0", Tree::Int(0)),
            ("9223372036854775807", Tree::Int(i64::MAX)),
            ("-9223372036854775808", Tree::Int(i64::MIN)),
            ("-9223372036854775809", Tree::Float(-9223372036854775809.0)),
            ("18446744073709551616", Tree::Float(18446744073709551616.0)),
            (" [ ] ", Tree::List(vec![])),
            ("{}", Tree::Object(vec![])),
            ("\u{feff}null", Tree::Null),
            (r#""\u00e9\ud83d\ude00\/""#, Tree::String("é😀/".to_owned())),
            (
                "{\"a\":1,\"b\":true,\"a\":2}",
                Tree::Object(vec![
                    ("a".to_owned(), Tree::Int(2)),
                    ("b".to_owned(), Tree::Bool(true)),
                ]),
            ),
        ] {
            assert_eq!(parse(text), Ok(expected), "{text}");
        }
    }

    #[test]
    fn nonsense_is_refused() {
        for text in [
            "",
            " ",
            "01",
            "1.",
            ".5",
            "-",
            "+1",
            "nul",
            "NaN",
            "[1,]",
            "{\"a\":1,}",
            "'a'",
            "1 2",
            "truee",
            "// c\n1",
            "1e5x",
            "\"a\nb\"",
            r#""\x""#,
            r#""\ud83d""#,
            r#""\udc00""#,
            r#""\u00""#,
            r#""\u00éa""#,
            "1.5e400",
            "9223372036854775808",
            "18446744073709551615",
            r#""\u0000""#,
            "\"",
            "[",
            "{\"a\"",
            "[1 2]",
            "\"\\",
            "{1:2}",
            "\"\t\"",
            "\u{a0}1",
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
        assert_eq!(
            parse("[1,\n 2,]"),
            Err(JsonError { line: 2, column: 4, reason: "this is not the beginning of a value" })
        );
        assert!(parse(&"[".repeat(100_000)).is_err());
        assert!(parse(&format!("{}1{}", "[".repeat(MAX_DEPTH), "]".repeat(MAX_DEPTH))).is_ok());
    }

    #[test]
    fn strings_are_written() {
        let mut out = String::new();
        write_string(&mut out, "a\"\\\n\t\r/é\u{1}\u{8}\u{c}\u{7f}😀");
        assert_eq!(out, "\"a\\\"\\\\\\n\\t\\r/é\\u0001\\b\\f\u{7f}😀\"");
    }
}
