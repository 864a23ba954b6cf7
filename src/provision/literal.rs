//! Writes the few pieces of Nix that generated files are made of: strings,
//! attribute names, lists. It quotes everything that comes from a machine.

/// A string literal. Only printable text, tabs and line breaks can be meant;
/// any other control character is written as it is.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_are_quoted() {
        assert_eq!(string("/a\"b${c}"), r#""/a\"b\${c}""#);
        assert_eq!(string("$$ $ {\\\n\t"), r#""$$ $ {\\\n\t""#);
        assert_eq!(string("$${x}"), r#""$\${x}""#);
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
