//! dotenv as sops' store reads it: one `KEY=value` a line, split at the first `=`, nothing trimmed,
//! no quotes; `\n` in a value stands for a line break; a line that begins with `#` is a comment. A
//! carriage return is part of the value. Refuses lists, mappings, and what would read back as
//! something else.

use std::ops::Range;

use zeroize::Zeroizing;

use super::error::{FormatError, syntax};
use super::part::Part;
use super::scalar::{Scalar, Text, Value};
use super::splice::Splice;
use super::tree::{Change, Comment, Item, Leaf, Node, Shown, Site, Step, Tree};
use super::{Format, flat};

/// A parsed dotenv text.
pub struct Dotenv {
    bytes: Zeroizing<Vec<u8>>,
    lines: Vec<Line>,
}

enum Line {
    Comment { text: Range<usize> },
    Pair { key: String, line: Range<usize>, value: Range<usize> },
}

impl Dotenv {
    /// Parses `bytes`, which need not be UTF-8 but in keys.
    ///
    /// # Errors
    /// `Syntax` for a line without `=`, `KeyNotString` for a key that is not UTF-8.
    pub fn parse(bytes: &[u8]) -> Result<Self, FormatError> {
        let mut lines = Vec::new();
        let mut start = 0;
        while start < bytes.len() {
            let end = memchr::memchr(b'\n', &bytes[start..]).map_or(bytes.len(), |n| start + n);
            let line = start..end;
            start = end + 1;
            if line.is_empty() {
                continue;
            }
            if bytes[line.start] == b'#' {
                lines.push(Line::Comment { text: line.start + 1..line.end });
                continue;
            }
            let Some(at) = memchr::memchr(b'=', &bytes[line.clone()]) else {
                return Err(syntax(Format::Dotenv, bytes, line.start, "a line without `=`"));
            };
            let value = line.start + at + 1..line.end;
            let key = std::str::from_utf8(&bytes[line.start..value.start - 1])
                .map_err(|_| FormatError::KeyNotString { offset: line.start })?;
            lines.push(Line::Pair { key: key.to_owned(), line, value });
        }
        Ok(Self { bytes: Zeroizing::new(bytes.to_vec()), lines })
    }

    /// What sops reads from it; always one document.
    #[must_use]
    pub fn tree(&self) -> Tree {
        let items = self.lines.iter().enumerate().map(|(id, line)| match line {
            Line::Comment { text } => Item::Comment(Comment {
                text: Text::new(&self.bytes[text.clone()]),
                inline: false,
                site: Site { span: text.clone(), id },
            }),
            Line::Pair { key, value, .. } => Item::Entry {
                key: key.clone(),
                node: Node::Leaf(Leaf {
                    scalar: Scalar::Str(Text::new(replace(
                        &self.bytes[value.clone()],
                        b"\\n",
                        b"\n",
                    ))),
                    site: Site { span: value.clone(), id },
                }),
            },
        });
        Tree { documents: vec![items.collect()], loose: Vec::new() }
    }

    /// The lines whose key begins with `prefix`.
    pub(super) fn part(&self, prefix: &str) -> Option<Part> {
        let (mut cuts, mut text) = (Vec::new(), Vec::new());
        for line in &self.lines {
            if let Line::Pair { key, line, .. } = line
                && key.starts_with(prefix)
            {
                text.extend_from_slice(&self.bytes[line.clone()]);
                text.push(b'\n');
                cuts.push(line.start..(line.end + 1).min(self.bytes.len()));
            }
        }
        let tail = cuts.last()?.end == self.bytes.len();
        if tail && !self.bytes.ends_with(b"\n") {
            text.pop();
        }
        Some(Part { cuts, text: text.into(), tail, braced: None })
    }

    /// New spellings for leaves.
    ///
    /// # Errors
    /// `NotRepresentable`.
    pub(super) fn respell<'s>(
        &self,
        leaves: impl Iterator<Item = (&'s Site, &'s Scalar)>,
    ) -> Result<Vec<Splice>, FormatError> {
        leaves.map(|(site, scalar)| Ok(Splice::new(site.span.clone(), spell(scalar)?))).collect()
    }

    /// New texts for comments.
    pub(super) fn recomment<'s>(
        &self,
        comments: impl Iterator<Item = (&'s Site, &'s Text)>,
    ) -> Vec<Splice> {
        comments.map(|(site, text)| Splice::new(site.span.clone(), lines(text))).collect()
    }

    /// The splices that make `change` at `path`, which is one key.
    ///
    /// # Errors
    /// `NoSuchPath`, `NotRepresentable`.
    pub fn change(&self, path: &[Step], change: &Change) -> Result<Vec<Splice>, FormatError> {
        let missing = || FormatError::NoSuchPath { path: Shown(path).to_string() };
        let [Step::Key(wanted)] = path else { return Err(missing()) };
        let found = self.lines.iter().find_map(|line| match line {
            Line::Pair { key, line, value } if key == wanted => Some((line, value)),
            _ => None,
        });
        let end = self.bytes.len();
        Ok(vec![match (found, change) {
            (Some((_, value)), Change::Set(new)) => Splice::new(value.clone(), spell(leaf(new)?)?),
            (Some((line, _)), Change::Unset) => Splice::cut(line.start..(line.end + 1).min(end)),
            (None, Change::Set(new)) => {
                let mut text = Vec::new();
                if end > 0 && self.bytes[end - 1] != b'\n' {
                    text.push(b'\n');
                }
                pair(&mut text, wanted, leaf(new)?)?;
                Splice::new(end..end, text)
            }
            (None, Change::Unset) => return Err(missing()),
        }])
    }
}

/// A whole new dotenv text.
///
/// # Errors
/// `NotRepresentable` for what is not a leaf, or cannot be spelled.
pub fn text(items: &[Item]) -> Result<Zeroizing<Vec<u8>>, FormatError> {
    let mut out = Zeroizing::new(Vec::new());
    for item in items {
        match item {
            Item::Comment(comment) => {
                out.push(b'#');
                out.extend_from_slice(&lines(&comment.text));
                out.push(b'\n');
            }
            Item::Entry { key, node: Node::Leaf(leaf) } => pair(&mut out, key, &leaf.scalar)?,
            Item::Entry { .. } => return Err(refused("a list or mapping")),
        }
    }
    Ok(out)
}

fn pair(out: &mut Vec<u8>, key: &str, scalar: &Scalar) -> Result<(), FormatError> {
    if key.contains(['=', '\n']) || key.starts_with('#') {
        return Err(refused("such a key"));
    }
    out.extend_from_slice(key.as_bytes());
    out.push(b'=');
    out.extend_from_slice(&spell(scalar)?);
    out.push(b'\n');
    Ok(())
}

fn leaf(value: &Value) -> Result<&Scalar, FormatError> {
    match value {
        Value::Scalar(scalar) => Ok(scalar),
        _ => Err(refused("a list or mapping")),
    }
}

fn spell(scalar: &Scalar) -> Result<Vec<u8>, FormatError> {
    let text = flat::text(scalar, Format::Dotenv)?;
    if memchr::memmem::find(&text, b"\\n").is_some() {
        return Err(refused("a text with `\\n` in it, which stands for a line break"));
    }
    Ok(replace(&text, b"\n", b"\\n"))
}

/// The text of a comment, each line but the first with its mark.
fn lines(text: &Text) -> Vec<u8> {
    replace(text.as_bytes(), b"\n", b"\n#")
}

fn refused(what: &'static str) -> FormatError {
    FormatError::NotRepresentable { format: Format::Dotenv, what }
}

fn replace(text: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut at = 0;
    for found in memchr::memmem::find_iter(text, from) {
        out.extend_from_slice(&text[at..found]);
        out.extend_from_slice(to);
        at = found + from.len();
    }
    out.extend_from_slice(&text[at..]);
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::format::Document;

    fn parse(text: &str) -> Document {
        Document::parse(Format::Dotenv, text.into()).unwrap()
    }

    fn pairs(doc: &Document) -> Vec<(String, String)> {
        let Value::Map(pairs) = &doc.tree().unwrap().to_values()[0] else { unreachable!() };
        pairs.iter().map(|(k, v)| (k.clone(), v.as_str().unwrap().to_owned())).collect()
    }

    fn set(text: &str, key: &str, value: &str) -> Result<String, FormatError> {
        let changed = parse(text).change(0, &[key.into()], &Change::Set(Value::str(value)))?;
        Ok(String::from_utf8(changed.bytes().to_vec()).unwrap())
    }

    #[test]
    fn lines_are_read_as_sops_does() {
        let text = "A=1\n\n# c\nfoo = bar \n #x=\"q\"\n=e\nM=a\\nb=c\r\nL=";
        let expected = [
            ("A", "1"),
            ("foo ", " bar "),
            (" #x", "\"q\""),
            ("", "e"),
            ("M", "a\nb=c\r"),
            ("L", ""),
        ];
        let expected = expected.map(|(k, v)| (k.to_owned(), v.to_owned()));
        assert_eq!(pairs(&parse(text)), expected);
        let Item::Comment(comment) = &parse(text).tree().unwrap().documents[0][1] else {
            unreachable!()
        };
        assert_eq!(comment.text.as_bytes(), b" c");
        for text in ["A=1\nB\n", "A=1\r\n\r\n"] {
            let error = Document::parse(Format::Dotenv, text.into()).err().unwrap();
            assert!(matches!(error, FormatError::Syntax { line: 2, .. }), "{text:?}");
        }
        let error = Document::parse(Format::Dotenv, b"\xff=1".to_vec()).err().unwrap();
        assert!(matches!(error, FormatError::KeyNotString { offset: 0 }));
    }

    #[test]
    fn values_need_not_be_utf8() {
        let doc = Document::parse(Format::Dotenv, b"A=\xff\n".to_vec()).unwrap();
        let Item::Entry { node: Node::Leaf(leaf), .. } = &doc.tree().unwrap().documents[0][0]
        else {
            unreachable!()
        };
        assert_eq!(leaf.scalar, Scalar::Str(Text::new(*b"\xff")));
    }

    #[test]
    fn an_edit_touches_one_line() {
        let text = "# c\nA=1\n\nB=2";
        assert_eq!(set(text, "A", "x\ny").unwrap(), "# c\nA=x\\ny\n\nB=2");
        assert_eq!(set(text, "C", "3").unwrap(), "# c\nA=1\n\nB=2\nC=3\n");
        let unset = parse(text).change(0, &["A".into()], &Change::Unset).unwrap();
        assert_eq!(unset.bytes(), b"# c\n\nB=2");
        let missing = parse(text).change(0, &["Z".into()], &Change::Unset).err().unwrap();
        assert!(matches!(missing, FormatError::NoSuchPath { .. }));
        for (key, value) in [("A", "a\\nb"), ("a=b", ""), ("#a", ""), ("a\nb", "")] {
            let refused = set(text, key, value);
            assert!(matches!(refused, Err(FormatError::NotRepresentable { .. })), "{key}");
        }
    }

    #[test]
    fn a_comment_of_several_lines_stays_one() {
        let doc = parse("# c\nA=1\n");
        let tree = doc.tree().unwrap();
        let Item::Comment(comment) = &tree.documents[0][0] else { unreachable!() };
        let text = Text::from(" a\nB=2");
        let splices = doc.recomment([(&comment.site, &text)].into_iter());
        assert_eq!(doc.splice(splices).unwrap().bytes(), b"# a\n#B=2\nA=1\n");
    }

    proptest! {
        #[test]
        fn a_whole_text_is_what_was_read(text in "([ #]?[A-C ]{0,2}=[a-z\\\\=\"é\r]{0,4}\n|#[ a]{0,3}\n){0,6}") {
            let doc = parse(&text);
            let again = super::text(&doc.tree().unwrap().documents[0]).unwrap();
            prop_assert_eq!(&again[..], doc.bytes());
        }

        #[test]
        fn an_edit_keeps_all_other_bytes(
            text in "([A-C]=[a-z\\\\=]{0,4}\n{1,2}|#a\n){0,6}",
            key in "[A-D]",
            value in "[a-z\n\\\\]{0,5}",
        ) {
            let Ok(new) = set(&text, &key, &value) else {
                prop_assert!(value.contains("\\n"));
                return Ok(());
            };
            let line = format!("{key}={}\n", value.replace('\n', "\\n"));
            let at = new.find(&line).unwrap();
            prop_assert!(text.starts_with(&new[..at]));
            prop_assert!(text.ends_with(&new[at + line.len()..]));
        }

        #[test]
        fn no_bytes_panic(bytes in prop::collection::vec(prop::sample::select(&b"A=#\n\\n\r\xff "[..]), 0..20)) {
            if let Ok(doc) = Document::parse(Format::Dotenv, bytes) {
                doc.tree().unwrap();
                let _ = doc.change(0, &["A".into()], &Change::Set(Value::str("\n")));
                let _ = doc.change(0, &["A".into()], &Change::Unset);
            }
        }
    }
}
