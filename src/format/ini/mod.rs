//! Lossless INI as `gopkg.in/ini.v1` reads it with the options of sops: comments bound to the section
//! or key below them, inline comments, three kinds of quotes, continued lines, a `DEFAULT` section
//! that is always there. Refuses text that is not UTF-8 and a key given twice in one section, of
//! which ini.v1 would forget one.

mod parse;

use zeroize::Zeroizing;

use self::parse::Section;
use super::error::FormatError;
use super::scalar::{Scalar, Text, Value};
use super::splice::Splice;
use super::tree::{Change, Comment, Item, Leaf, Node, Shown, Site, Step, Tree};
use super::{Format, flat};

/// A parsed INI text.
pub struct Ini {
    text: Zeroizing<String>,
    sections: Vec<Section>,
    /// Comments that stand before nothing.
    loose: Vec<parse::Note>,
}

impl Ini {
    /// Parses `bytes`.
    ///
    /// # Errors
    /// `Syntax`, `DuplicateKey`.
    pub fn parse(bytes: &[u8]) -> Result<Self, FormatError> {
        let (text, sections, loose) = parse::parse(bytes)?;
        Ok(Self { text: Zeroizing::new(text.to_owned()), sections, loose })
    }

    /// What sops reads from it; always one document, with a map for each section.
    #[must_use]
    pub fn tree(&self) -> Tree {
        let mut id = 0;
        let mut comment = |note: &parse::Note| {
            id += 1;
            let first = note.parts.first().cloned().unwrap_or_default();
            Item::Comment(Comment {
                text: Text::new(note.text.as_bytes()),
                inline: false,
                site: Site { span: first, id: id - 1 },
            })
        };
        let mut items = Vec::new();
        for section in &self.sections {
            let mut inner = Vec::new();
            inner.extend(section.note.iter().map(&mut comment));
            for pair in &section.pairs {
                inner.push(Item::Entry {
                    key: pair.key.clone(),
                    node: Node::Leaf(Leaf {
                        scalar: Scalar::str(&pair.value),
                        site: Site { span: pair.span.clone(), id: 0 },
                    }),
                });
                inner.extend(pair.note.iter().map(&mut comment));
            }
            items.push(Item::Entry { key: section.name.clone(), node: Node::Map(inner) });
        }
        let loose = self.loose.iter().map(comment).filter_map(|item| match item {
            Item::Comment(comment) => Some(comment),
            Item::Entry { .. } => None,
        });
        Tree { loose: loose.collect(), documents: vec![items] }
    }

    fn notes(&self) -> impl Iterator<Item = &parse::Note> {
        self.sections.iter().flat_map(Section::notes).chain(&self.loose)
    }

    /// New spellings for leaves.
    pub(super) fn respell<'s>(
        &self,
        leaves: impl Iterator<Item = (&'s Site, &'s Scalar)>,
    ) -> Result<Vec<Splice>, FormatError> {
        leaves
            .map(|(site, scalar)| {
                let text = quoted(&utf8(flat::text(scalar, Format::Ini)?)?)?;
                Ok(Splice::new(site.span.clone(), text))
            })
            .collect()
    }

    /// New texts for comments: all goes to where a comment's first part stands.
    pub(super) fn recomment<'s>(
        &self,
        comments: impl Iterator<Item = (&'s Site, &'s Text)>,
    ) -> Vec<Splice> {
        let notes: Vec<&parse::Note> = self.notes().collect();
        let newline = self.newline();
        let mut splices = Vec::new();
        for (site, text) in comments {
            let Some(note) = notes.get(site.id) else { continue };
            let text = String::from_utf8_lossy(text.as_bytes());
            for (n, part) in note.parts.iter().enumerate() {
                if n > 0 {
                    splices.push(Splice::cut(part.clone()));
                    continue;
                }
                let mut lines = text.split('\n').map(|line| {
                    let line = line.trim_end_matches('\r');
                    let marked = line.starts_with(['#', ';']);
                    if marked { line.to_owned() } else { format!("{} {line}", note.mark) }
                });
                let text = if note.inline {
                    lines.next().unwrap_or_default()
                } else {
                    lines.collect::<Vec<_>>().join(newline)
                };
                splices.push(Splice::new(part.clone(), text));
            }
        }
        splices
    }

    fn newline(&self) -> &'static str {
        if self.text.contains("\r\n") { "\r\n" } else { "\n" }
    }

    /// The splices that make `change` at `path`: a section, or a key in one.
    ///
    /// # Errors
    /// `NoSuchPath`, `NotRepresentable`.
    pub fn change(&self, path: &[Step], change: &Change) -> Result<Vec<Splice>, FormatError> {
        let missing = || FormatError::NoSuchPath { path: Shown(path).to_string() };
        let (name, key) = match path {
            [Step::Key(name)] => (name, None),
            [Step::Key(name), Step::Key(key)] => (name, Some(key)),
            _ => return Err(missing()),
        };
        let section = self.sections.iter().find(|section| section.name == *name);
        match (key, change) {
            (Some(key), Change::Set(value)) => {
                let text = quoted(&utf8(flat::leaf(value, Format::Ini)?)?)?;
                let Some(section) = section else {
                    return self.append(name, &[(key.clone(), text)]);
                };
                if let Some(pair) = section.pairs.iter().find(|pair| pair.key == *key) {
                    return Ok(vec![Splice::new(pair.span.clone(), text)]);
                }
                let at = section.end;
                let newline = self.newline();
                let before = if at == 0 || self.text[..at].ends_with('\n') { "" } else { newline };
                let line = format!("{before}{} = {text}{newline}", key_text(key)?);
                Ok(vec![Splice::new(at..at, line)])
            }
            (Some(key), Change::Unset) => {
                let pair =
                    section.and_then(|section| section.pairs.iter().find(|pair| pair.key == *key));
                Ok(vec![Splice::cut(pair.ok_or_else(missing)?.line.clone())])
            }
            (None, Change::Set(Value::Map(pairs))) => {
                let pairs = pairs.iter().map(|(key, value)| {
                    Ok((key.clone(), quoted(&utf8(flat::leaf(value, Format::Ini)?)?)?))
                });
                let mut splices: Vec<Splice> =
                    section.map(|section| Splice::cut(section.span.clone())).into_iter().collect();
                splices
                    .extend(self.append(name, &pairs.collect::<Result<Vec<_>, FormatError>>()?)?);
                Ok(splices)
            }
            (None, Change::Set(_)) => {
                let what = "a value outside a section";
                Err(FormatError::NotRepresentable { format: Format::Ini, what })
            }
            (None, Change::Unset) => {
                Ok(vec![Splice::cut(section.ok_or_else(missing)?.span.clone())])
            }
        }
    }

    /// A new section at the end.
    fn append(&self, name: &str, pairs: &[(String, String)]) -> Result<Vec<Splice>, FormatError> {
        if name.is_empty() || name.contains(['\n', '\r', ']', '#', ';']) {
            let what = "a section of such a name";
            return Err(FormatError::NotRepresentable { format: Format::Ini, what });
        }
        let newline = self.newline();
        let end = self.text.len();
        let mut text = String::new();
        if end > 0 {
            if !self.text.ends_with('\n') {
                text.push_str(newline);
            }
            text.push_str(newline);
        }
        text.push_str(&format!("[{name}]{newline}"));
        for (key, value) in pairs {
            text.push_str(&format!("{} = {value}{newline}", key_text(key)?));
        }
        Ok(vec![Splice::new(end..end, text)])
    }
}

fn utf8(bytes: Vec<u8>) -> Result<String, FormatError> {
    let what = "text that is not UTF-8";
    String::from_utf8(bytes)
        .map_err(|_| FormatError::NotRepresentable { format: Format::Ini, what })
}

fn key_text(key: &str) -> Result<String, FormatError> {
    let hard = key.is_empty() || key.contains(['\n', '\r']) || key.trim() != key || key == "-";
    if hard || key.contains('`') && key.contains('"') {
        return Err(FormatError::NotRepresentable { format: Format::Ini, what: "such a key" });
    }
    let quote = key.contains(['"', '=', ':']) || key.starts_with(['[', '#', ';']);
    Ok(if quote {
        format!("`{key}`")
    } else if key.contains('`') {
        format!("\"\"\"{key}\"\"\"")
    } else {
        key.to_owned()
    })
}

/// A value in the quotes it needs to be read back.
fn quoted(text: &str) -> Result<String, FormatError> {
    let surrounded = |quote: char| {
        text.len() >= 2 && text.starts_with(quote) && text[1..].find(quote) == Some(text.len() - 2)
    };
    if text.contains(['\n', '`']) {
        if text.contains("\"\"\"") || text.contains('\r') {
            let what = "a text with line breaks and all kinds of quotes";
            return Err(FormatError::NotRepresentable { format: Format::Ini, what });
        }
        return Ok(format!("\"\"\"{text}\"\"\""));
    }
    let risky = text.contains(['#', ';', '\r'])
        || text.trim() != text
        || text.ends_with('\\')
        || text.starts_with("\"\"\"")
        || surrounded('\'')
        || surrounded('"');
    Ok(if risky { format!("`{text}`") } else { text.to_owned() })
}
