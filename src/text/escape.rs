//! Makes hostile names harmless to look at: terminal escapes, control, bidirectional and invisible
//! characters and bytes that are no UTF-8 come out as visible escapes. Not a quoting for shells,
//! and not reversible.

use std::borrow::Cow;
use std::ffi::OsStr;
use std::fmt::Write as _;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// `text` as it may be printed on one line of a terminal.
pub fn text(text: &str) -> Cow<'_, str> {
    match text.chars().any(is_hostile) {
        false => Cow::Borrowed(text),
        true => Cow::Owned(text.chars().fold(String::new(), push)),
    }
}

/// A path as it may be printed on one line of a terminal; bytes that are no UTF-8 as `\xff`.
pub fn path(path: &Path) -> Cow<'_, str> {
    bytes(path.as_os_str())
}

/// A name of the system (argument, host, variable) as it may be printed; bytes that are no UTF-8 as
/// `\xff`.
pub fn bytes(name: &OsStr) -> Cow<'_, str> {
    if let Some(name) = name.to_str() {
        return text(name);
    }
    let mut out = String::new();
    for chunk in name.as_bytes().utf8_chunks() {
        out = chunk.valid().chars().fold(out, push);
        for byte in chunk.invalid() {
            let _ = write!(out, "\\x{byte:02x}");
        }
    }
    Cow::Owned(out)
}

/// Text of several lines, for a terminal: as [`text`], but line feeds and tabs stay.
pub fn lines(text: &str) -> Cow<'_, str> {
    let hostile = |ch: char| is_hostile(ch) && ch != '\n' && ch != '\t';
    match text.chars().any(hostile) {
        false => Cow::Borrowed(text),
        true => Cow::Owned(text.chars().fold(String::new(), |mut out, ch| match hostile(ch) {
            true => push(out, ch),
            false => {
                out.push(ch);
                out
            }
        })),
    }
}

/// Whether a character can move the cursor, reorder what is read, or hide: C0, C1, DEL, line
/// separators, bidirectional controls (UAX #9), zero-width and tag characters.
pub fn is_hostile(ch: char) -> bool {
    matches!(ch,
        '\0'..='\x1f'
        | '\x7f'..='\u{9f}'
        | '\u{ad}'
        | '\u{61c}'
        | '\u{115f}' | '\u{1160}'
        | '\u{180e}'
        | '\u{200b}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{3164}'
        | '\u{fe00}'..='\u{fe0f}'
        | '\u{feff}'
        | '\u{ffa0}'
        | '\u{fff9}'..='\u{fffb}'
        | '\u{e0000}'..='\u{e0fff}')
}

fn push(mut out: String, ch: char) -> String {
    match ch {
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        ch if is_hostile(ch) => {
            let _ = write!(out, "\\u{{{:x}}}", u32::from(ch));
        }
        ch => out.push(ch),
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_characters_become_visible() {
        assert_eq!(text("plain ä→漢"), "plain ä→漢");
        assert!(matches!(text("plain"), Cow::Borrowed(_)));
        assert_eq!(text("a\x1b[31mb\n\t"), "a\\u{1b}[31mb\\n\\t");
        assert_eq!(text("x\u{202e}txt.\u{9b}1m"), "x\\u{202e}txt.\\u{9b}1m");
        assert_eq!(lines("a\n\tb\x07"), "a\n\tb\\u{7}");
    }

    #[test]
    fn broken_utf8_becomes_hex() {
        assert_eq!(path(Path::new(OsStr::from_bytes(b"a\xff\x1bz"))), "a\\xff\\u{1b}z");
    }
}
