//! Writes the few pieces of Nix that generated files are made of: strings,
//! attribute names, lists. It quotes everything that comes from a machine.

use crate::text::escape;

/// A string literal. Nix has no escape for what could harm a terminal or
/// mislead a reader; such characters become U+FFFD.
pub(crate) fn string(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            '$' if rest.peek() == Some(&'{') => quoted.push_str("\\$"),
            c if escape::is_hostile(c) => quoted.push('\u{fffd}'),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

/// An attribute name, quoted unless it is a plain word.
pub(crate) fn attribute(name: &str) -> String {
    const KEYWORDS: [&str; 10] =
        ["assert", "else", "if", "in", "inherit", "let", "or", "rec", "then", "with"];
    let mut bytes = name.bytes();
    let plain = bytes.next().is_some_and(|byte| byte.is_ascii_alphabetic() || byte == b'_')
        && bytes.all(|byte| byte.is_ascii_alphanumeric() || b"_-'".contains(&byte))
        && !KEYWORDS.contains(&name);
    if plain { name.to_owned() } else { string(name) }
}

/// A list of expressions, one a line, as nixos-generate-config lays it out
/// after `name =`.
pub(crate) fn lines(indent: &str, items: &[String]) -> String {
    if items.is_empty() {
        return " [ ]".to_owned();
    }
    let items = items.join(&format!("\n{indent}  "));
    format!("\n{indent}[ {items}\n{indent}]")
}

/// An expression made of these pieces.
pub(crate) enum Nix {
    Bool(bool),
    Number(i64),
    Text(String),
    List(Vec<Self>),
    Set(Vec<(&'static str, Self)>),
}

impl Nix {
    pub(crate) fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// The expression, its further lines indented by `indent` blanks. The names
    /// of a set may be paths.
    pub(crate) fn write(&self, indent: usize) -> String {
        let blanks = " ".repeat(indent);
        match self {
            Self::Bool(value) => value.to_string(),
            Self::Number(value) => value.to_string(),
            Self::Text(text) => string(text),
            Self::List(items) if items.is_empty() => "[ ]".to_owned(),
            Self::List(items) => {
                let items: Vec<String> = items.iter().map(|item| item.write(indent)).collect();
                format!("[ {} ]", items.join(" "))
            }
            Self::Set(entries) if entries.is_empty() => "{ }".to_owned(),
            Self::Set(entries) => {
                let lines = entries.iter().map(|(name, value)| {
                    format!("{blanks}  {name} = {};\n", value.write(indent + 2))
                });
                format!("{{\n{}{blanks}}}", lines.collect::<String>())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_are_quoted() {
        assert_eq!(string("/a\"b${c}"), r#""/a\"b\${c}""#);
        assert_eq!(string("$$ $ {\\\n\t"), r#""$$ $ {\\\n\t""#);
        assert_eq!(string("$${x}"), r#""$\${x}""#);
        assert_eq!(string("\u{1b}[2J\u{202e}"), "\"\u{fffd}[2J\u{fffd}\"");
    }

    #[test]
    fn names_are_quoted_when_needed() {
        assert_eq!(attribute("enp3s0"), "enp3s0");
        assert_eq!(attribute("br0.1"), "\"br0.1\"");
        assert_eq!(attribute("0a"), "\"0a\"");
        assert_eq!(attribute("in"), "\"in\"");
        assert_eq!(attribute(""), "\"\"");
    }
}
