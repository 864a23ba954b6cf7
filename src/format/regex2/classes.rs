//! What Go's character classes hold, as items of the regex crate's bracketed classes. Refuses names
//! that Go does not know, such as binary Unicode properties.

use std::fmt::Write;

use regex::Regex;

/// Appends a range of code points; surrogates, which no text has, are left out.
pub(super) fn range(set: &mut String, low: u32, high: u32) {
    let low = if (0xd800..0xe000).contains(&low) { 0xe000 } else { low };
    let high = if (0xd800..0xe000).contains(&high) { 0xd7ff } else { high };
    if low <= high {
        write!(set, "\\x{{{low:x}}}-\\x{{{high:x}}}").expect("writing to a string does not fail");
    }
}

/// A general category or script by the names Go knows, as an item of a bracketed class.
pub(super) fn unicode_table(name: &str, negated: bool) -> Option<String> {
    let spelled =
        name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b' ' | b'_' | b'-'));
    let mut name: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
    name.make_ascii_lowercase();
    if !spelled || name.is_empty() || name.starts_with("is") {
        return None;
    }
    let (table, negated) = match name.as_str() {
        "any" => ("\\x{0}-\\x{10ffff}".to_owned(), negated),
        "ascii" => ("\\x{0}-\\x{7f}".to_owned(), negated),
        "assigned" => ("\\p{gc=Cn}".to_owned(), !negated),
        "cs" | "surrogate" => (NEVER.to_owned(), negated),
        _ => {
            let known = ["gc", "sc"].map(|property| format!("\\p{{{property}={name}}}"));
            (known.into_iter().find(|table| Regex::new(table).is_ok())?, negated)
        }
    };
    Some(if negated { format!("[^{table}]") } else { table })
}

/// The class of nothing.
pub(super) const NEVER: &str = "[^\\x{0}-\\x{10ffff}]";

/// `perl_groups.go`: ASCII only, and white space without the vertical tab.
pub(super) const PERL: [(u8, &str); 3] =
    [(b'd', "0-9"), (b's', "\\t\\n\\f\\r "), (b'w', "0-9A-Za-z_")];

/// The POSIX classes of `perl_groups.go`.
pub(super) const POSIX: [(&str, &str); 14] = [
    ("alnum", "0-9A-Za-z"),
    ("alpha", "A-Za-z"),
    ("ascii", "\\x00-\\x7f"),
    ("blank", "\\t "),
    ("cntrl", "\\x00-\\x1f\\x7f"),
    ("digit", "0-9"),
    ("graph", "!-~"),
    ("lower", "a-z"),
    ("print", " -~"),
    ("punct", "!-/:-@\\[-`{-~"),
    ("space", "\\t-\\r "),
    ("upper", "A-Z"),
    ("word", "0-9A-Za-z_"),
    ("xdigit", "0-9A-Fa-f"),
];
