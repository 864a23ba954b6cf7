//! TOML as `builtins.fromTOML` reads it: version 1.0, dates and times refused as Nix does without
//! its timestamp feature. The parser under this speaks 1.1, so what 1.1 added is refused here. Where
//! Nix is laxer than the standard (a `[table]` that reopens dotted keys, integers too large) we are not.

use toml_edit::{Array, Document, InlineTable, Item, RawString, Table, TableLike, Value};

use super::tree::Tree;

/// Why a text is not TOML that Nix would read.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum TomlError {
    /// Dates and times have no counterpart in Nix.
    #[error("dates and times are not supported")]
    Date,
    /// The character NUL, which no Nix string can hold.
    #[error("a string holds the character NUL")]
    Nul,
    /// Something that TOML 1.0 does not know.
    #[error("{0} is not TOML 1.0")]
    Newer(&'static str),
    /// Not TOML at all; the text shows the place.
    #[error("{0}")]
    Syntax(String),
}

/// Reads one document, as an object.
///
/// # Errors
/// [`TomlError`].
pub fn parse(text: &str) -> Result<Tree, TomlError> {
    let document = Document::parse(text)
        .map_err(|error| TomlError::Syntax(error.to_string().trim_end().to_owned()))?;
    Reader { text }.table(document.as_table())
}

struct Reader<'t> {
    text: &'t str,
}

impl Reader<'_> {
    fn table(&self, table: &Table) -> Result<Tree, TomlError> {
        self.entries(table)
    }

    fn entries(&self, table: &dyn TableLike) -> Result<Tree, TomlError> {
        table
            .iter()
            .map(|(key, item)| {
                if let Some(raw) = table.key(key).and_then(|key| key.as_repr()) {
                    self.escapes(raw.as_raw())?;
                }
                Ok((self.string(key)?, self.item(item)?))
            })
            .collect::<Result<_, _>>()
            .map(Tree::Object)
    }

    fn item(&self, item: &Item) -> Result<Tree, TomlError> {
        match item {
            Item::None => Ok(Tree::Null),
            Item::Value(value) => self.value(value),
            Item::Table(table) => self.table(table),
            Item::ArrayOfTables(tables) => tables
                .iter()
                .map(|table| self.table(table))
                .collect::<Result<_, _>>()
                .map(Tree::List),
        }
    }

    fn value(&self, value: &Value) -> Result<Tree, TomlError> {
        Ok(match value {
            Value::Array(array) => self.array(array)?,
            Value::Boolean(bool) => Tree::Bool(*bool.value()),
            Value::Datetime(_) => return Err(TomlError::Date),
            Value::Float(float) => Tree::Float(*float.value()),
            Value::InlineTable(table) => self.inline_table(table)?,
            Value::Integer(int) => Tree::Int(*int.value()),
            Value::String(string) => {
                if let Some(raw) = string.as_repr() {
                    self.escapes(raw.as_raw())?;
                }
                Tree::String(self.string(string.value())?)
            }
        })
    }

    fn array(&self, array: &Array) -> Result<Tree, TomlError> {
        array.iter().map(|value| self.value(value)).collect::<Result<_, _>>().map(Tree::List)
    }

    fn inline_table(&self, table: &InlineTable) -> Result<Tree, TomlError> {
        if table.trailing_comma() {
            return Err(TomlError::Newer("a trailing comma in an inline table"));
        }
        let mut spaces = vec![Some(table.trailing())];
        for (key, value) in table.iter() {
            let decors = table.key(key).map(|key| key.leaf_decor());
            for decor in decors.into_iter().chain([value.decor()]) {
                spaces.extend([decor.prefix(), decor.suffix()]);
            }
        }
        if spaces.into_iter().flatten().any(|space| self.raw(space).contains('\n')) {
            return Err(TomlError::Newer("a line break in an inline table"));
        }
        self.entries(table)
    }

    fn string(&self, text: &str) -> Result<String, TomlError> {
        if text.contains('\0') { Err(TomlError::Nul) } else { Ok(text.to_owned()) }
    }

    /// Refuses the two escapes that 1.1 added.
    fn escapes(&self, raw: &RawString) -> Result<(), TomlError> {
        let raw = self.raw(raw);
        let mut bytes = if raw.starts_with('"') { raw.bytes() } else { "".bytes() };
        while let Some(byte) = bytes.next() {
            if byte == b'\\' && matches!(bytes.next(), Some(b'e' | b'x')) {
                return Err(TomlError::Newer("the escape `\\e` or `\\x`"));
            }
        }
        Ok(())
    }

    fn raw<'a>(&'a self, raw: &'a RawString) -> &'a str {
        let spanned = raw.span().and_then(|span| self.text.get(span));
        raw.as_str().or(spanned).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nix::pure::json;

    #[test]
    fn documents_are_read() {
        for (toml, expected) in [
            ("", "{}"),
            ("a = 1.5\nb = 'x'\nc = true", r#"{"a":1.5,"b":"x","c":true}"#),
            ("a = \"\"\"\nx\\\n  y\"\"\"", r#"{"a":"xy"}"#),
            ("a = [1, 'x', [2.0]]", r#"{"a":[1,"x",[2.0]]}"#),
            ("a = {b = 1, c.d = 2}", r#"{"a":{"b":1,"c":{"d":2}}}"#),
            ("[a]\nb = 1\n[[c]]\nd = 1\n[[c]]\nd = 2", r#"{"a":{"b":1},"c":[{"d":1},{"d":2}]}"#),
            ("a = 0xFF\nb = 0o17\nc = 1_000", r#"{"a":255,"b":15,"c":1000}"#),
            ("\"a b\" = 1\n1 = 2\n'' = 3", r#"{"a b":1,"1":2,"":3}"#),
            ("a = [\n1,\n# c\n2,\n]", r#"{"a":[1,2]}"#),
            ("a = {x = [\n1\n]}", r#"{"a":{"x":[1]}}"#),
        ] {
            assert_eq!(parse(toml).expect(toml), json::parse(expected).expect(expected), "{toml}");
        }
        let infinite = parse("a = inf").unwrap();
        assert_eq!(infinite, Tree::Object(vec![("a".to_owned(), Tree::Float(f64::INFINITY))]));
    }

    #[test]
    fn nonsense_is_refused() {
        for toml in [
            "a = 1\na = 2",
            "a = 01",
            "a = .5",
            "[a]\n[a]",
            "a = {b=1,}",
            "a = {\n b = 1 }",
            "a = \"\\x41\"",
            "a = \"\\e\"",
            "\"\\e\" = 1",
            "1 b = 2",
            "a = 5.\n",
            "x = [1,,2]",
            "d = { a = 1 }\nd.b = 2",
            "a = \"x\\\ny\"",
            "a = \"\\u0000\"",
            "a = 1979-05-27T07:32:00Z",
            "a = 1979-05-27",
            "a = 07:32:00",
        ] {
            assert!(parse(toml).is_err(), "{toml}");
        }
        assert!(parse(&format!("a = {}", "[".repeat(100_000))).is_err());
        assert!(parse(&format!("{} = 1", vec!["a"; 100_000].join("."))).is_err());
    }
}
