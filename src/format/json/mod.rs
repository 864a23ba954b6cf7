//! Lossless JSON: order, number text and white space kept, edits as splices. Refuses duplicate keys,
//! and at the top level everything but an object when asked for the tree of sops.

mod emit;
mod parse;

use std::collections::HashSet;
use std::ops::Range;

use zeroize::Zeroizing;

use self::parse::Kind;
use super::Format;
use super::error::FormatError;
use super::part::Part;
use super::scalar::{Scalar, Value};
use super::splice::Splice;
use super::tree::{Change, Item, Leaf, Node, Shown, Site, Step, Tree, wrapped};

/// A parsed JSON text.
pub struct Json {
    text: Zeroizing<String>,
    nodes: Vec<parse::Node>,
}

impl Json {
    /// Parses `bytes`.
    ///
    /// # Errors
    /// `Syntax`, also for bytes that are not UTF-8; `TooDeep`.
    pub fn parse(bytes: &[u8]) -> Result<Self, FormatError> {
        let text = parse::utf8(bytes)?;
        Ok(Self { nodes: parse::parse(text)?, text: Zeroizing::new(text.to_owned()) })
    }

    /// What sops reads from it: numbers within 64 bits are integers.
    ///
    /// # Errors
    /// `DuplicateKey`, `NotRepresentable` for a number no float can hold, `TopLevel`.
    pub fn tree(&self) -> Result<Tree, FormatError> {
        match self.node(0)? {
            Node::Map(items) => Ok(Tree { documents: vec![items], loose: Vec::new() }),
            _ => Err(FormatError::TopLevel { format: Format::Json }),
        }
    }

    fn node(&self, n: usize) -> Result<Node, FormatError> {
        let node = &self.nodes[n];
        let leaf =
            |scalar| Node::Leaf(Leaf { scalar, site: Site { span: node.span.clone(), id: n } });
        Ok(match &node.kind {
            Kind::Array(items) => {
                let items = items
                    .iter()
                    .map(|item| Ok(Item::Entry { key: String::new(), node: self.node(*item)? }));
                Node::List(items.collect::<Result<_, FormatError>>()?)
            }
            Kind::Object(members) => {
                let mut seen = HashSet::new();
                let mut items = Vec::with_capacity(members.len());
                for member in members {
                    if !seen.insert(member.key.as_str()) {
                        let (key, offset) = (member.key.clone(), member.span.start);
                        return Err(FormatError::DuplicateKey { key, offset });
                    }
                    items.push(Item::Entry {
                        key: member.key.clone(),
                        node: self.node(member.value)?,
                    });
                }
                Node::Map(items)
            }
            Kind::Bool(bool) => leaf(Scalar::Bool(*bool)),
            Kind::Null => leaf(Scalar::Null),
            Kind::Number => leaf(self.number(node.span.clone())?),
            Kind::Str(text) => leaf(Scalar::str(text)),
        })
    }

    fn number(&self, span: Range<usize>) -> Result<Scalar, FormatError> {
        let text = &self.text[span];
        if let Ok(int) = text.parse::<i64>() {
            return Ok(Scalar::Int(int));
        }
        let float = text.parse::<f64>().ok().filter(|float| float.is_finite());
        let what = "a number that no 64-bit float holds";
        float.map(Scalar::Float).ok_or(FormatError::NotRepresentable { format: Format::Json, what })
    }

    /// New spellings for leaves.
    ///
    /// # Errors
    /// `NotRepresentable`.
    pub(super) fn respell<'s>(
        &self,
        leaves: impl Iterator<Item = (&'s Site, &'s Scalar)>,
    ) -> Result<Vec<Splice>, FormatError> {
        let layout = self.layout();
        leaves
            .map(|(site, scalar)| Ok(Splice::new(site.span.clone(), layout.scalar(scalar)?)))
            .collect()
    }

    /// The splices that make `change` at `path`.
    ///
    /// # Errors
    /// `NoSuchPath`, `NotRepresentable`.
    pub fn change(&self, path: &[Step], change: &Change) -> Result<Vec<Splice>, FormatError> {
        let missing = || FormatError::NoSuchPath { path: Shown(path).to_string() };
        let mut at = 0;
        for (depth, step) in path.iter().enumerate() {
            let last = depth + 1 == path.len();
            match (self.child(at, step), change) {
                (Some((_, value)), Change::Set(new)) if last => {
                    let text = self.layout().value(new, self.depth_of(value))?;
                    return Ok(vec![Splice::new(self.nodes[value].span.clone(), text)]);
                }
                (Some((n, _)), Change::Unset) if last => return Ok(vec![self.remove(at, n)]),
                (Some((_, value)), _) => at = value,
                (None, Change::Set(new)) => {
                    let new = wrapped(&path[depth + 1..], new).ok_or_else(missing)?;
                    return Ok(vec![self.insert(at, step, &new)?.ok_or_else(missing)?]);
                }
                (None, Change::Unset) => return Err(missing()),
            }
        }
        Err(missing())
    }

    /// The child's position among its siblings, and its node.
    fn child(&self, at: usize, step: &Step) -> Option<(usize, usize)> {
        match (&self.nodes[at].kind, step) {
            (Kind::Object(members), Step::Key(key)) => {
                let n = members.iter().position(|member| member.key == *key)?;
                Some((n, members[n].value))
            }
            (Kind::Array(items), Step::Index(n)) => Some((*n, *items.get(*n)?)),
            _ => None,
        }
    }

    /// The spans of the children of `at`, keys included.
    fn children(&self, at: usize) -> Vec<Range<usize>> {
        match &self.nodes[at].kind {
            Kind::Array(items) => items.iter().map(|n| self.nodes[*n].span.clone()).collect(),
            Kind::Object(members) => members.iter().map(|member| member.span.clone()).collect(),
            _ => Vec::new(),
        }
    }

    /// Adds a member, or an item behind the last; `None` where there is no such place.
    fn insert(&self, at: usize, step: &Step, value: &Value) -> Result<Option<Splice>, FormatError> {
        let layout = self.layout();
        let depth = self.depth_of(at) + 1;
        let text = match (&self.nodes[at].kind, step) {
            (Kind::Object(_), Step::Key(key)) => layout.member(key, value, depth)?,
            (Kind::Array(items), Step::Index(n)) if *n == items.len() => {
                layout.value(value, depth)?
            }
            _ => return Ok(None),
        };
        Ok(Some(self.insert_text(at, &text)))
    }

    fn insert_text(&self, at: usize, text: &str) -> Splice {
        let layout = self.layout();
        let children = self.children(at);
        match &children[..] {
            [] => {
                let span = &self.nodes[at].span;
                let (open, close) =
                    (&self.text[span.start..=span.start], &self.text[span.end - 1..span.end]);
                let depth = self.depth_of(at);
                let (outer, inner) = (layout.line(depth), layout.line(depth + 1));
                Splice::new(span.clone(), format!("{open}{inner}{text}{outer}{close}"))
            }
            [others @ .., last] => {
                // The new child is spaced like the last one.
                let before = &self.text[..last.start];
                let gap = &before[before.trim_end_matches([' ', '\t', '\r', '\n']).len()..];
                let only = gap.is_empty() && others.is_empty();
                let gap = if only { layout.blank() } else { gap };
                Splice::new(last.end..last.end, format!(",{gap}{text}"))
            }
        }
    }

    fn remove(&self, parent: usize, n: usize) -> Splice {
        let children = self.children(parent);
        Splice::cut(if n + 1 < children.len() {
            children[n].start..children[n + 1].start
        } else if n > 0 {
            children[n - 1].end..children[n].end
        } else {
            let span = &self.nodes[parent].span;
            span.start + 1..span.end - 1
        })
    }

    /// The member `key` of the top, in braces.
    pub(super) fn part(&self, key: &str) -> Option<Part> {
        let Kind::Object(members) = &self.nodes[0].kind else { return None };
        let n = members.iter().position(|member| member.key == key)?;
        let body = format!("{{{}}}", &self.text[members[n].span.clone()]).into_bytes();
        let cut = match (n.checked_sub(1), members.get(n + 1)) {
            (Some(before), _) => members[before].span.end..members[n].span.end,
            (None, Some(after)) => members[n].span.start..after.span.start,
            (None, None) => self.nodes[0].span.start + 1..self.nodes[0].span.end - 1,
        };
        let tail = n + 1 == members.len();
        let braced = Some(members[n].span.clone());
        Some(Part { cuts: vec![cut], text: body.into(), tail, braced })
    }

    /// Puts a member, given in braces, behind all others.
    pub(super) fn paste(&self, part: &[u8]) -> Option<Splice> {
        let part = std::str::from_utf8(part).ok()?;
        let member = part.trim().strip_prefix('{')?.strip_suffix('}')?.trim();
        Some(self.insert_text(0, member))
    }

    fn depth_of(&self, n: usize) -> usize {
        self.nodes[n].depth
    }

    /// Indentation as the first child on a line of its own shows it; sops' own (a tab) where there is
    /// none but in an empty text, else all on one line. Blanks as behind the first colon.
    fn layout(&self) -> emit::Layout {
        let newline = if self.text.contains("\r\n") { "\r\n" } else { "\n" };
        let tight = self.nodes.iter().find_map(|node| match &node.kind {
            Kind::Object(members) => {
                members.first().map(|member| self.nodes[member.value].span.start)
            }
            _ => None,
        });
        let tight = tight.is_some_and(|value| self.text[..value].ends_with(':'));
        let layout = |newline, indent| emit::Layout { newline, indent, tight, html: false };
        for n in 0..self.nodes.len() {
            let Some(first) = self.children(n).first().map(|span| span.start) else { continue };
            let before = &self.text[..first];
            let indent = &before[before.trim_end_matches([' ', '\t']).len()..];
            let depth = self.depth_of(n) + 1;
            if before[..before.len() - indent.len()].ends_with('\n') {
                return layout(newline, indent.chars().take(indent.len() / depth).collect());
            }
        }
        if self.children(0).is_empty() {
            return layout(newline, "\t".to_owned());
        }
        layout("", String::new())
    }
}

/// A whole new JSON text with the layout of sops: tabs, a line break at the end, and the escapes for
/// HTML that Go makes.
///
/// # Errors
/// `NotRepresentable` for infinite numbers and text that is not UTF-8.
pub fn text(value: &Value) -> Result<Zeroizing<String>, FormatError> {
    let layout = emit::Layout { newline: "\n", indent: "\t".to_owned(), tight: false, html: true };
    Ok(Zeroizing::new(layout.value(value, 0)? + "\n"))
}

/// The value of a JSON text, for values typed on a command line.
///
/// # Errors
/// As [`Json::parse`] and [`Json::tree`], but any value may stand at the top.
pub fn value(text: &str) -> Result<Value, FormatError> {
    Ok(Json::parse(text.as_bytes())?.node(0)?.to_value())
}

#[cfg(test)]
mod tests;
