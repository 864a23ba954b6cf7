//! dotenv as sops' store reads it: one `KEY=value` a line, split at the first `=`, nothing trimmed,
//! no quotes; `\n` in a value stands for a line break; a line that begins with `#` is a comment.
//! Lists and mappings are refused.

use std::ops::Range;

use zeroize::Zeroizing;

use super::error::{FormatError, syntax};
use super::scalar::{Scalar, Text};
use super::part::Part;
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
    pub(super) fn respell<'s>(
        &self,
        leaves: impl Iterator<Item = (&'s Site, &'s Scalar)>,
    ) -> Result<Vec<Splice>, FormatError> {
        leaves.map(|(site, scalar)| Ok(Splice::new(site.span.clone(), spell(scalar)?))).collect()
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
            (Some((_, value)), Change::Set(new)) => {
                Splice::new(value.clone(), escape(&flat::leaf(new, Format::Dotenv)?))
            }
            (Some((line, _)), Change::Unset) => Splice::cut(line.start..(line.end + 1).min(end)),
            (None, Change::Set(new)) => {
                if wanted.is_empty() || wanted.contains(['=', '\n']) || wanted.starts_with('#') {
                    let what = "such a key";
                    return Err(FormatError::NotRepresentable { format: Format::Dotenv, what });
                }
                let mut text = Vec::new();
                if end > 0 && self.bytes[end - 1] != b'\n' {
                    text.push(b'\n');
                }
                text.extend_from_slice(wanted.as_bytes());
                text.push(b'=');
                text.extend_from_slice(&escape(&flat::leaf(new, Format::Dotenv)?));
                text.push(b'\n');
                Splice::new(end..end, text)
            }
            (None, Change::Unset) => return Err(missing()),
        }])
    }
}

fn spell(scalar: &Scalar) -> Result<Vec<u8>, FormatError> {
    Ok(escape(&flat::text(scalar, Format::Dotenv)?))
}

fn escape(text: &[u8]) -> Vec<u8> {
    replace(text, b"\n", b"\\n")
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
