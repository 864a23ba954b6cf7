//! Lossless INI as `gopkg.in/ini.v1` reads it with the options of sops: comments bound to the section
//! or key below them, inline comments, three kinds of quotes, continued lines, a `DEFAULT` section
//! that is always there. Refuses text that is not UTF-8 and a key given twice in one section, of
//! which ini.v1 would forget one.

mod emit;
mod parse;

use zeroize::Zeroizing;

use self::parse::{Note, Pair, Part, Place, Section};
use super::error::FormatError;
use super::part;
use super::scalar::{Scalar, Text, Value};
use super::splice::Splice;
use super::tree::{Change, Comment, Item, Leaf, Node, Shown, Site, Step, Tree};

/// A parsed INI text.
pub struct Ini {
    text: Zeroizing<String>,
    sections: Vec<Section>,
    /// Comments that stand before nothing, and text that is not read.
    loose: Vec<Note>,
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
        let mut comment = |note: &Note| {
            id += 1;
            let span = note.parts.first().map(|part| part.span.clone()).unwrap_or_default();
            let text = Text::new(note.text.as_bytes());
            Comment { text, inline: false, site: Site { span, id: id - 1 } }
        };
        let mut items = Vec::new();
        for section in &self.sections {
            let mut inner = Vec::new();
            inner.extend(section.note.iter().map(|note| Item::Comment(comment(note))));
            for pair in &section.pairs {
                let site = Site { span: pair.span.clone(), id: 0 };
                let node = Node::Leaf(Leaf { scalar: Scalar::str(&pair.value), site });
                inner.push(Item::Entry { key: pair.key.clone(), node });
                inner.extend(pair.note.iter().map(|note| Item::Comment(comment(note))));
            }
            items.push(Item::Entry { key: section.name.clone(), node: Node::Map(inner) });
        }
        let loose = self.loose.iter().map(comment).collect();
        Tree { documents: vec![items], loose }
    }

    /// The section `name`, with the comment above it.
    pub(super) fn part(&self, name: &str) -> Option<part::Part> {
        let section = self.sections.iter().find(|section| section.name == name)?;
        let span = section.span.clone();
        let text = self.text.as_bytes()[span.clone()].to_vec().into();
        let tail = span.end == self.text.len();
        Some(part::Part { cuts: vec![span], text, tail, braced: None })
    }

    /// Puts sections behind the last one, before comments that end the text.
    pub(super) fn paste(&self, part: &[u8]) -> Option<Splice> {
        let part = std::str::from_utf8(part).ok()?;
        let at = self.sections.last()?.span.end;
        let text = &self.text[..at];
        let mut before = String::new();
        if !text.ends_with('\n') && !self.is_start(at) {
            before.push_str(self.newline());
        }
        if text.trim_end().ends_with('\\') {
            // An empty line ends a value that is continued.
            before.push_str(self.newline());
        }
        Some(Splice::new(at..at, format!("{before}{part}")))
    }

    fn notes(&self) -> impl Iterator<Item = &Note> {
        self.sections.iter().flat_map(Section::notes).chain(&self.loose)
    }

    /// New spellings for leaves.
    pub(super) fn respell<'s>(
        &self,
        leaves: impl Iterator<Item = (&'s Site, &'s Scalar)>,
    ) -> Result<Vec<Splice>, FormatError> {
        leaves
            .map(|(site, scalar)| Ok(Splice::new(site.span.clone(), emit::value(scalar)?)))
            .collect()
    }

    /// New texts for comments: all goes to where a comment's first part stands, or above what it is
    /// bound to if it cannot stand behind it. Text that is not read is cut.
    pub(super) fn recomment<'s>(
        &self,
        comments: impl Iterator<Item = (&'s Site, &'s Text)>,
    ) -> Vec<Splice> {
        let notes: Vec<&Note> = self.notes().collect();
        let mut splices = Vec::new();
        for (site, text) in comments {
            let Some(note) = notes.get(site.id) else { continue };
            let text = String::from_utf8_lossy(text.as_bytes());
            let mut lines = self.lines_of(note, &text);
            let mut placed = false;
            for part in &note.parts {
                if part.place == Place::Junk || placed {
                    splices.push(self.cut(part));
                } else if part.place == Place::Behind && self.must_move(note, &lines) {
                    splices.push(self.cut(part));
                    splices.push(self.above(note, &lines));
                } else {
                    splices.push(Splice::new(part.span.clone(), std::mem::take(&mut lines)));
                }
                placed = true;
            }
        }
        splices
    }

    /// The lines of a new text for `note`, the first with the mark it has now.
    fn lines_of(&self, note: &Note, text: &str) -> String {
        let Some(part) = note.parts.first() else { return String::new() };
        let old = &self.text[part.span.clone()];
        let mark = &old[..old.len() - old.trim_start_matches([note.mark, ' ']).len()];
        let start = parse::line_start(&self.text, part.span.start);
        let indent = match part.place {
            Place::Line => &self.text[start..part.span.start],
            Place::Behind | Place::Junk => self.indent(note),
        };
        let mut lines = emit::comment(text, note.mark);
        let first = lines.next().unwrap_or_default();
        let first = match first.strip_prefix(note.mark) {
            Some(rest) if !mark.is_empty() => format!("{mark}{}", &rest[1..]),
            _ => first,
        };
        let rest = lines.map(|line| format!("{}{indent}{line}", self.newline()));
        std::iter::once(first).chain(rest).collect()
    }

    /// Can a comment of these lines not stand behind what it is bound to? A header ends at the last
    /// bracket of its line.
    fn must_move(&self, note: &Note, lines: &str) -> bool {
        let header = self.text[note.anchor..].trim_start().starts_with('[');
        lines.contains('\n') || header && lines.contains(']')
    }

    /// `lines` on their own above what `note` is bound to, indented like it.
    fn above(&self, note: &Note, lines: &str) -> Splice {
        let text = format!("{}{lines}{}", self.indent(note), self.newline());
        Splice::new(note.anchor..note.anchor, text)
    }

    /// The blanks before what `note` is bound to.
    fn indent(&self, note: &Note) -> &str {
        let line = &self.text[note.anchor..];
        &line[..line.len() - line.trim_start_matches([' ', '\t']).len()]
    }

    /// Takes a part of a comment away, with its line or the blanks before it.
    fn cut(&self, part: &Part) -> Splice {
        let before = &self.text[..part.span.start];
        let kept = before.trim_end_matches([' ', '\t']);
        let start = match part.place {
            Place::Line => match kept.strip_suffix('\n') {
                Some(kept) => kept.strip_suffix('\r').unwrap_or(kept).len(),
                None => kept.len(),
            },
            Place::Behind | Place::Junk => kept.len(),
        };
        Splice::cut(start..part.span.end)
    }

    fn newline(&self) -> &'static str {
        if self.text.contains("\r\n") { "\r\n" } else { "\n" }
    }

    /// The splices that make `change` at `path`: a section, or a key in one. A key or section that
    /// goes takes its comment along.
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
        match (key, section, change) {
            (Some(key), Some(section), Change::Set(value)) => {
                let value = emit::value(leaf(value)?)?;
                match section.pair(key) {
                    Some(pair) => Ok(self.replace(pair, value)),
                    None => Ok(vec![self.insert(section, key, &value)?]),
                }
            }
            (Some(key), None, Change::Set(value)) => {
                self.append(name, &[(key.clone(), emit::value(leaf(value)?)?)])
            }
            (Some(key), Some(section), Change::Unset) => {
                let pair = section.pair(key).ok_or_else(missing)?;
                let mut splices = vec![Splice::cut(pair.line.clone())];
                let above = pair.note.iter().flat_map(|note| &note.parts);
                let above = above.filter(|part| part.place == Place::Line);
                splices.extend(above.map(|part| Splice::cut(self.whole_line(part))));
                Ok(splices)
            }
            (None, Some(section), Change::Set(Value::Map(pairs))) => {
                let pairs = spelled(pairs)?;
                let same = pairs.iter().map(|(key, _)| key);
                if same.eq(section.pairs.iter().map(|pair| &pair.key)) {
                    let pairs = section.pairs.iter().zip(pairs);
                    return Ok(pairs
                        .flat_map(|(pair, (_, new))| self.replace(pair, new))
                        .collect());
                }
                let newline = if self.text[..section.body].ends_with('\n') || section.body == 0 {
                    ""
                } else {
                    self.newline()
                };
                let text = format!("{newline}{}", self.lines(section, &pairs)?);
                Ok(vec![Splice::new(section.body..section.end, text)])
            }
            (None, None, Change::Set(Value::Map(pairs))) => self.append(name, &spelled(pairs)?),
            (None, _, Change::Set(_)) => Err(emit::refused("a value outside a section")),
            (None, Some(section), Change::Unset) => Ok(vec![Splice::cut(section.span.clone())]),
            (_, None, Change::Unset) => Err(missing()),
        }
    }

    /// A new value for `pair`. A quoted one hides what stands behind it, so the comment moves up.
    fn replace(&self, pair: &Pair, value: String) -> Vec<Splice> {
        let mut splices = Vec::new();
        let hides = value.starts_with(['`', '"']) && !value.contains('\n');
        if let Some((note, part)) =
            pair.note.as_ref().and_then(|note| Some((note, note.behind()?))).filter(|_| hides)
        {
            splices.push(self.cut(part));
            splices.push(self.above(note, &self.text[part.span.clone()]));
        }
        splices.push(Splice::new(pair.span.clone(), value));
        splices
    }

    /// A new pair at the end of `section`.
    fn insert(&self, section: &Section, key: &str, value: &str) -> Result<Splice, FormatError> {
        let at = section.end;
        let newline = self.newline();
        let before = if self.text[..at].ends_with('\n') || at == section.body && self.is_start(at) {
            ""
        } else {
            newline
        };
        let line = self.line(section, key, value)?;
        Ok(Splice::new(at..at, format!("{before}{line}{newline}")))
    }

    fn is_start(&self, at: usize) -> bool {
        at == parse::start(&self.text)
    }

    /// A pair spelled with the delimiter and the padding of the last one of `section`.
    fn line(&self, section: &Section, key: &str, value: &str) -> Result<String, FormatError> {
        let key = emit::key(key)?;
        let last =
            section.pairs.last().or_else(|| self.sections.iter().find_map(|s| s.pairs.last()));
        let Some(last) = last else { return Ok(format!("{key} = {value}")) };
        let gap = self.text[last.gap.clone()].trim_end_matches(['\r', '\n']);
        let Some(at) = gap.find(['=', ':']).filter(|_| gap.trim().len() == 1) else {
            return Ok(format!("{key} = {value}"));
        };
        let (blanks, delimiter) = gap.split_at(at);
        // More than one blank is padding up to a column.
        let pad = if at > 1 {
            let line = parse::line_start(&self.text, last.gap.start);
            let indent = self.text[line..].len() - self.text[line..].trim_start().len();
            let column = last.gap.end - gap.len() + at - line - indent;
            " ".repeat(column.saturating_sub(key.len()).max(1))
        } else {
            blanks.to_owned()
        };
        let after = if value.is_empty() { delimiter } else { delimiter.trim_end() };
        let blank = if delimiter.len() > 1 && !value.is_empty() { " " } else { "" };
        Ok(format!("{key}{pad}{after}{blank}{value}"))
    }

    fn lines(&self, section: &Section, pairs: &[(String, String)]) -> Result<String, FormatError> {
        let newline = self.newline();
        pairs.iter().map(|(key, value)| Ok(self.line(section, key, value)? + newline)).collect()
    }

    /// A new section behind all that is read.
    fn append(&self, name: &str, pairs: &[(String, String)]) -> Result<Vec<Splice>, FormatError> {
        let newline = self.newline();
        let Some(last) = self.sections.last() else { return Ok(Vec::new()) };
        let end = last.span.end;
        let mut text = String::new();
        if !self.is_start(end) {
            if !self.text[..end].ends_with('\n') {
                text.push_str(newline);
            }
            if !self.text[..end].ends_with("\n\n") && !self.text[..end].ends_with("\n\r\n") {
                text.push_str(newline);
            }
        }
        text.push_str(&emit::header(name)?);
        text.push_str(newline);
        text.push_str(&self.lines(last, pairs)?);
        Ok(vec![Splice::new(end..end, text)])
    }

    /// The line a part of a comment has for itself, its break included.
    fn whole_line(&self, part: &Part) -> std::ops::Range<usize> {
        let start = parse::line_start(&self.text, part.span.start);
        let end = self.text[part.span.end..]
            .find('\n')
            .map_or(self.text.len(), |n| part.span.end + n + 1);
        start..end
    }
}

impl Section {
    fn pair(&self, key: &str) -> Option<&Pair> {
        self.pairs.iter().find(|pair| pair.key == key)
    }
}

/// A whole new INI text with the layout of sops; comments stand behind the keys they belong to, as in
/// a tree that was read.
///
/// # Errors
/// `NotRepresentable` for what is not sections of leaves, or cannot be spelled.
pub fn text(items: &[Item]) -> Result<Zeroizing<String>, FormatError> {
    emit::text(items).map(Zeroizing::new)
}

fn leaf(value: &Value) -> Result<&Scalar, FormatError> {
    match value {
        Value::Scalar(scalar) => Ok(scalar),
        _ => Err(emit::refused("a list or mapping within a section")),
    }
}

fn spelled(pairs: &[(String, Value)]) -> Result<Vec<(String, String)>, FormatError> {
    pairs.iter().map(|(key, value)| Ok((key.clone(), emit::value(leaf(value)?)?))).collect()
}

#[cfg(test)]
mod tests;
