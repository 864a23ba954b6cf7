//! Spells keys, values, comments and whole files of INI as sops does through ini.v1, and where ini.v1
//! would not read its own spelling back, in one that it does. Refuses what no spelling can hold.

use super::parse;
use crate::format::error::FormatError;
use crate::format::scalar::Scalar;
use crate::format::tree::{Item, Node};
use crate::format::{Format, flat};

/// The spelling of a leaf, quotes included.
///
/// # Errors
/// `NotRepresentable`.
pub(super) fn value(scalar: &Scalar) -> Result<String, FormatError> {
    let bytes = flat::text(scalar, Format::Ini)?;
    let text = String::from_utf8(bytes).map_err(|_| refused("text that is not UTF-8"))?;
    let sops = if text.contains(['\n', '`']) {
        "\"\"\""
    } else if text.contains(['#', ';']) {
        "`"
    } else if text.trim() != text {
        "\""
    } else {
        ""
    };
    let reads_back = |spelling: &str| {
        let whole = format!("k = {spelling}\n");
        parse::parse(whole.as_bytes()).is_ok_and(|(_, sections, loose)| match &sections[..] {
            [section] => match &section.pairs[..] {
                [pair] => pair.value == text && pair.note.is_none() && loose.is_empty(),
                _ => false,
            },
            _ => false,
        })
    };
    [sops, "`", "\"\"\"", "\"", "'"]
        .into_iter()
        .map(|quote| format!("{quote}{text}{quote}"))
        .find(|spelling| reads_back(spelling))
        .ok_or_else(|| refused("a text with such line breaks and quotes"))
}

/// The spelling of a key.
///
/// # Errors
/// `NotRepresentable`.
pub(super) fn key(text: &str) -> Result<String, FormatError> {
    let sops = if text.contains(['"', '=', ':']) {
        "`"
    } else if text.contains('`') {
        "\"\"\""
    } else {
        ""
    };
    let reads_back = |spelling: &str| {
        let whole = format!("{spelling} = v\n");
        parse::parse(whole.as_bytes()).is_ok_and(|(_, sections, loose)| match &sections[..] {
            [section] => match &section.pairs[..] {
                [pair] => pair.key == text && pair.value == "v" && loose.is_empty(),
                _ => false,
            },
            _ => false,
        })
    };
    [sops, "`", "\"\"\"", "\""]
        .into_iter()
        .map(|quote| format!("{quote}{text}{quote}"))
        .find(|spelling| reads_back(spelling))
        .ok_or_else(|| refused("such a key"))
}

/// The header of a section.
///
/// # Errors
/// `NotRepresentable`.
pub(super) fn header(name: &str) -> Result<String, FormatError> {
    if name.is_empty() || name.contains('\n') {
        return Err(refused("a section of such a name"));
    }
    Ok(format!("[{name}]"))
}

/// The lines of a comment, each with a mark; the first has lost its own when it was read.
pub(super) fn comment(text: &str, mark: char) -> impl Iterator<Item = String> {
    let mark = if text.starts_with(mark) && mark == ';' { '#' } else { mark };
    text.split('\n').enumerate().map(move |(n, line)| {
        let line = line.trim_end_matches('\r');
        if n > 0 && line.starts_with(['#', ';']) {
            line.to_owned()
        } else {
            format!("{mark} {line}")
        }
    })
}

/// A whole file with the layout of ini.v1: keys padded to one column, an empty line between sections.
///
/// # Errors
/// `NotRepresentable` for anything but sections of leaves.
pub(super) fn text(items: &[Item]) -> Result<String, FormatError> {
    let mut out = String::new();
    let sections = items.iter().filter_map(|item| match item {
        Item::Comment(_) => None,
        Item::Entry { key, node } => Some((key, node)),
    });
    let count = sections.clone().count();
    for (n, (name, node)) in sections.enumerate() {
        let Node::Map(inner) = node else { return Err(refused("a value outside a section")) };
        let mut rest = inner.as_slice();
        if let Some((Item::Comment(first), others)) = rest.split_first() {
            write_comment(&mut out, &String::from_utf8_lossy(first.text.as_bytes()));
            rest = others;
        }
        let implicit = n == 0 && name.eq_ignore_ascii_case("DEFAULT");
        if !implicit {
            out.push_str(&header(name)?);
            out.push('\n');
        } else if rest.is_empty() {
            continue;
        }
        pairs(&mut out, rest)?;
        if n + 1 < count {
            out.push('\n');
        }
    }
    Ok(out)
}

/// The pairs of a section, each below its comment, which the tree has behind it.
fn pairs(out: &mut String, items: &[Item]) -> Result<(), FormatError> {
    let mut lines: Vec<(String, String, Option<String>)> = Vec::new();
    for item in items {
        match item {
            Item::Comment(comment) => {
                if let Some((.., note)) = lines.last_mut() {
                    *note = Some(String::from_utf8_lossy(comment.text.as_bytes()).into_owned());
                }
            }
            Item::Entry { key: name, node: Node::Leaf(leaf) } => {
                lines.push((key(name)?, value(&leaf.scalar)?, None));
            }
            Item::Entry { .. } => return Err(refused("a list or mapping within a section")),
        }
    }
    let width = lines.iter().map(|(key, ..)| key.len()).max().unwrap_or(0);
    for (key, value, note) in &lines {
        if let Some(note) = note {
            write_comment(out, note);
        }
        let pad = " ".repeat(width - key.len());
        out.push_str(&format!("{key}{pad} = {value}\n"));
    }
    Ok(())
}

fn write_comment(out: &mut String, text: &str) {
    for line in comment(text, ';') {
        let (mark, rest) = line.split_at(1);
        out.push_str(&format!("{mark} {}\n", rest.trim()));
    }
}

pub(super) fn refused(what: &'static str) -> FormatError {
    FormatError::NotRepresentable { format: Format::Ini, what }
}
