//! Edits of a YAML stream as splices: set, insert, remove, unfold aliases. Finds the bytes to change
//! and nothing else; checking that the result means what was meant is the caller's.

use std::ops::Range;

use super::emit::{self, Layout, Place};
use super::events::Style;
use super::lex::{Kind as TokenKind, line_end};
use super::tree::{Kind, Stream};
use super::view;
use crate::format::error::FormatError;
use crate::format::scalar::{Scalar, Value};
use crate::format::splice::Splice;
use crate::format::tree::{Change, Shown, Step, wrapped};

/// A stream with what edits need to know of it.
pub(super) struct Editor<'t> {
    text: &'t str,
    stream: &'t Stream,
    parents: Vec<Option<usize>>,
    in_flow: Vec<bool>,
    is_key: Vec<bool>,
    layout: Layout,
}

impl<'t> Editor<'t> {
    pub(super) fn new(text: &'t str, stream: &'t Stream) -> Self {
        let mut parents = vec![None; stream.nodes.len()];
        let mut in_flow = vec![false; stream.nodes.len()];
        let mut is_key = vec![false; stream.nodes.len()];
        // Parents come before their children.
        for n in 0..stream.nodes.len() {
            let (flow, children): (bool, Vec<usize>) = match &stream.nodes[n].kind {
                Kind::Map { flow, pairs } => {
                    (*flow, pairs.iter().flat_map(|(k, v)| [*k, *v]).collect())
                }
                Kind::Seq { flow, items } => (*flow, items.clone()),
                Kind::Alias { .. } | Kind::Scalar { .. } => continue,
            };
            if let Kind::Map { pairs, .. } = &stream.nodes[n].kind {
                pairs.iter().for_each(|(key, _)| is_key[*key] = true);
            }
            for child in children {
                parents[child] = Some(n);
                in_flow[child] = flow || in_flow[n];
            }
        }
        let newline = if text.contains("\r\n") { "\r\n" } else { "\n" };
        let mut editor =
            Self { text, stream, parents, in_flow, is_key, layout: Layout { step: 4, newline } };
        if let Some(step) = editor.step() {
            editor.layout.step = step;
        }
        editor
    }

    /// Columns per level, from the first block mapping inside another.
    fn step(&self) -> Option<usize> {
        (0..self.stream.nodes.len()).find_map(|n| {
            let parent = self.parents[n]?;
            let nested =
                |n: usize| matches!(&self.stream.nodes[n].kind, Kind::Map { flow: false, .. });
            let own_line = self.text
                [self.line_start(self.stream.nodes[n].start)..self.stream.nodes[n].start]
                .bytes()
                .all(|b| b == b' ');
            if !nested(n) || !nested(parent) || !own_line {
                return None;
            }
            self.column(n).checked_sub(self.column(parent)).filter(|step| (1..=9).contains(step))
        })
    }

    /// Makes `change` at `path` of document `doc`.
    ///
    /// # Errors
    /// `NoSuchPath`; `KeyNotString` where keys on the way are not strings.
    pub(super) fn change(
        &self,
        doc: usize,
        path: &[Step],
        change: &Change,
    ) -> Result<Vec<Splice>, FormatError> {
        let missing = || FormatError::NoSuchPath { path: Shown(path).to_string() };
        let mut at = self.stream.docs.get(doc).ok_or_else(missing)?.root;
        for (depth, step) in path.iter().enumerate() {
            let last = depth + 1 == path.len();
            if let Kind::Alias { target } = self.stream.nodes[at].kind {
                // Unfolding comes first, so that other aliases keep their meaning.
                let value = self.value(target)?;
                let rest = &path[depth..];
                let value =
                    crate::format::tree::changed(&value, rest, change).ok_or_else(missing)?;
                return Ok(self.replace(at, &value));
            }
            let child = self.child(at, step)?;
            match (child, change) {
                (Some((_, value)), Change::Set(new)) if last => {
                    return Ok(self.replace(value, new));
                }
                (Some((key, value)), Change::Unset) if last => {
                    return Ok(self.remove(at, key, value));
                }
                (Some((_, value)), _) => at = value,
                (None, Change::Set(new)) => {
                    let new = wrapped(&path[depth + 1..], new).ok_or_else(missing)?;
                    return self.insert(doc, at, step, &new).ok_or_else(missing);
                }
                (None, Change::Unset) => return Err(missing()),
            }
        }
        Err(missing())
    }

    /// Unfolds every alias of the stream into a copy of what it stands for.
    pub(super) fn unfold(&self) -> Result<Vec<Splice>, FormatError> {
        let mut splices = Vec::new();
        for (n, node) in self.stream.nodes.iter().enumerate() {
            if let Kind::Alias { target } = node.kind {
                splices.extend(self.replace(n, &self.value(target)?));
            }
        }
        Ok(splices)
    }

    /// A new spelling for scalar node `n`. A core tag goes, an anchor stays.
    pub(super) fn respell(&self, n: usize, scalar: &Scalar) -> Vec<Splice> {
        let span = whole(self.stream, n);
        let mut text = self.anchor(n);
        if let Some(header) = self.commented_header(n) {
            // The comment behind `|` stays behind the new text.
            text.push_str(&self.leaf(scalar, Place::Line, span.end));
            let body = line_end(self.text.as_bytes(), header);
            return vec![Splice::new(span.start..header, text), Splice::cut(body..span.end)];
        }
        text.push_str(&self.leaf(scalar, self.place(n), span.end));
        vec![self.spaced(n, Splice::new(span, text))]
    }

    /// The end of a block scalar's `|` and what belongs to it, if a comment follows.
    fn commented_header(&self, n: usize) -> Option<usize> {
        let node = &self.stream.nodes[n];
        let Kind::Scalar { style: Style::Folded | Style::Literal, .. } = node.kind else {
            return None;
        };
        let line = &self.text[node.span.start..line_end(self.text.as_bytes(), node.span.start)];
        let hash = line.find('#')?;
        Some(node.span.start + line[..hash].trim_end().len())
    }

    /// The anchor token to repeat in front of a respelled node.
    fn anchor(&self, n: usize) -> String {
        match &self.stream.nodes[n].props.anchor {
            Some((name, span)) if span.start >= whole(self.stream, n).start => format!("&{name} "),
            _ => String::new(),
        }
    }

    /// A value that was missing stands right behind its indicator and needs a space.
    fn spaced(&self, n: usize, mut splice: Splice) -> Splice {
        let at = splice.span.start;
        if self.stream.nodes[n].span.is_empty()
            && !splice.text.is_empty()
            && self.text[..at].ends_with([':', '-', '?'])
        {
            splice.text.insert(0, b' ');
        }
        splice
    }

    fn leaf(&self, scalar: &Scalar, place: Place, end: usize) -> String {
        let mut text = emit::scalar(scalar, place, self.layout);
        if text.starts_with('|') && end == self.text.len() {
            text.push_str(self.layout.newline);
        }
        text
    }

    fn place(&self, n: usize) -> Place {
        if self.in_flow[n] {
            return Place::Flow;
        }
        let Some(parent) = self.parents[n] else { return Place::Line };
        if self.is_key[n] || self.comment_behind(self.stream.nodes[n].span.end) {
            return Place::Line;
        }
        Place::Block { column: self.column(parent) }
    }

    fn comment_behind(&self, end: usize) -> bool {
        let rest =
            self.text[end..line_end(self.text.as_bytes(), end)].trim_start_matches([' ', '\t']);
        rest.starts_with('#')
    }

    /// Replaces the whole of node `n`; its anchor stays.
    fn replace(&self, n: usize, value: &Value) -> Vec<Splice> {
        let node = &self.stream.nodes[n];
        if let Value::Scalar(scalar) = value
            && !self.is_block_collection(n)
        {
            return self.respell(n, scalar);
        }
        if self.in_flow[n] || self.parents[n].is_none() && !self.is_block_collection(n) {
            let text = format!("{}{}", self.anchor_of(n), emit::flow(value, self.layout));
            return vec![self.spaced(n, Splice::new(node.start..node.span.end, text))];
        }
        let Some(parent) = self.parents[n] else {
            return vec![Splice::new(node.span.clone(), emit::block(value, 0, self.layout))];
        };
        let column = self.column(parent);
        let start = self.indicator_end(n);
        let anchor = self.anchor_of(n);
        let anchor = anchor.trim_end();
        let text = match &self.stream.nodes[parent].kind {
            Kind::Seq { .. } if anchor.is_empty() => {
                format!(" {}", emit::item(value, column, self.layout))
            }
            _ => {
                let space = if anchor.is_empty() { "" } else { " " };
                format!("{space}{anchor}{}", emit::after_colon(value, column, self.layout))
            }
        };
        let mut splice = Splice::new(start..node.span.end, text);
        if splice.span.end == self.text.len() && splice.text.contains(&b'|') {
            splice.text.extend_from_slice(self.layout.newline.as_bytes());
        }
        vec![splice]
    }

    fn anchor_of(&self, n: usize) -> String {
        let anchor = &self.stream.nodes[n].props.anchor;
        anchor.as_ref().map(|(name, _)| format!("&{name} ")).unwrap_or_default()
    }

    fn is_block_collection(&self, n: usize) -> bool {
        matches!(
            self.stream.nodes[n].kind,
            Kind::Map { flow: false, .. } | Kind::Seq { flow: false, .. }
        )
    }

    fn insert(&self, doc: usize, at: usize, step: &Step, value: &Value) -> Option<Vec<Splice>> {
        let node = &self.stream.nodes[at];
        match (&node.kind, step) {
            (Kind::Map { flow, pairs }, Step::Key(key)) => {
                let last = pairs.last().map(|(_, value)| *value);
                Some(vec![if *flow || self.in_flow[at] {
                    if last.is_none() && self.parents[at].is_none() {
                        Splice::new(node.span.clone(), emit::pair(key, value, 0, self.layout))
                    } else {
                        self.insert_flow(at, last, &emit::flow_pair(key, value, self.layout))
                    }
                } else {
                    let column = self.column(at);
                    self.insert_line(last?, column, &emit::pair(key, value, column, self.layout))
                }])
            }
            (Kind::Seq { flow, items }, Step::Index(index)) if *index == items.len() => {
                let last = items.last().copied();
                Some(vec![if *flow || self.in_flow[at] {
                    self.insert_flow(at, last, &emit::flow(value, self.layout))
                } else {
                    let column = self.column(at);
                    let text = format!("- {}", emit::item(value, column, self.layout));
                    self.insert_line(last?, column, &text)
                }])
            }
            (Kind::Scalar { .. }, Step::Key(key)) if self.parents[at].is_none() => {
                let empty = matches!(view::scalar(self.stream, at), Ok(Scalar::Null));
                let end = self.stream.docs[doc].span.end;
                let before = if self.text[..end].is_empty() || self.text[..end].ends_with('\n') {
                    ""
                } else {
                    self.layout.newline
                };
                let pair = emit::pair(key, value, 0, self.layout);
                (empty && node.span.is_empty()).then(|| {
                    vec![Splice::new(end..end, format!("{before}{pair}{}", self.layout.newline))]
                })
            }
            _ => None,
        }
    }

    /// A new line at `column` behind node `last`.
    fn insert_line(&self, last: usize, column: usize, text: &str) -> Splice {
        let at = line_end(self.text.as_bytes(), self.stream.nodes[last].span.end);
        let newline = self.layout.newline;
        let mut line = format!("{newline}{}{text}", " ".repeat(column));
        if at == self.text.len() {
            line.push_str(newline);
        }
        Splice::new(at..at, line)
    }

    fn insert_flow(&self, at: usize, last: Option<usize>, text: &str) -> Splice {
        match last {
            Some(last) => {
                let at = self.stream.nodes[last].span.end;
                Splice::new(at..at, format!(", {text}"))
            }
            None => {
                let at = self.stream.nodes[at].span.start + 1;
                Splice::new(at..at, text)
            }
        }
    }

    /// Removes child `value` (with its `key`, in mappings) of `parent`.
    fn remove(&self, parent: usize, key: Option<usize>, value: usize) -> Vec<Splice> {
        let siblings: Vec<(usize, usize)> = match &self.stream.nodes[parent].kind {
            Kind::Map { pairs, .. } => pairs.clone(),
            Kind::Seq { items, .. } => items.iter().map(|item| (*item, *item)).collect(),
            Kind::Alias { .. } | Kind::Scalar { .. } => Vec::new(),
        };
        let first = key.unwrap_or(value);
        let n = siblings.iter().position(|(f, _)| *f == first).unwrap_or(0);
        let start = |n: usize| self.stream.nodes[siblings[n].0].start;
        let end = self.stream.nodes[value].span.end;
        if !self.is_block_collection(parent) {
            return vec![Splice::cut(if n + 1 < siblings.len() {
                start(n)..start(n + 1)
            } else if n > 0 {
                self.stream.nodes[siblings[n - 1].1].span.end..end
            } else {
                start(n)..end
            })];
        }
        if siblings.len() == 1 {
            let empty = if key.is_some() { "{}" } else { "[]" };
            if self.parents[parent].is_none() {
                return vec![Splice::new(start(0)..end, empty)];
            }
            let from = self.indicator_end(parent);
            return vec![Splice::new(from..end, format!(" {}{empty}", self.anchor_of(parent)))];
        }
        let begin = self.begin(parent, siblings[n].0);
        let line = self.line_start(begin);
        let own_line = self.text[line..begin].bytes().all(|b| matches!(b, b' ' | b'\t'));
        let bytes = self.text.as_bytes();
        if own_line {
            let stop = line_end(bytes, end);
            let stop = stop + bytes[stop..].iter().take_while(|b| matches!(b, b'\r')).count();
            return vec![if stop < bytes.len() {
                Splice::cut(line..stop + 1)
            } else {
                // The last line of a text that ends without a break: take the break before it.
                let line = line - usize::from(self.text[..line].ends_with('\n'));
                Splice::cut(line - usize::from(self.text[..line].ends_with('\r'))..stop)
            }];
        }
        // It shares its line with an outer `-`.
        if let Some((next, _)) = siblings.get(n + 1) {
            let next = self.begin(parent, *next);
            if !self.text[end..next].contains('#') {
                return vec![Splice::cut(begin..next)];
            }
        }
        vec![Splice::cut(begin..end)]
    }

    /// Where a child's line begins: its `-` in a sequence, its `?` or key in a mapping.
    fn begin(&self, parent: usize, child: usize) -> usize {
        let start = self.stream.nodes[child].start;
        let wanted = match self.stream.nodes[parent].kind {
            Kind::Seq { .. } => TokenKind::BlockEntry,
            _ => TokenKind::Key,
        };
        let tokens = &self.stream.tokens;
        let at = tokens.partition_point(|token| token.span.start < start);
        tokens[..at]
            .iter()
            .rev()
            .find(|token| token.kind != TokenKind::Comment)
            .filter(|token| token.kind == wanted)
            .map_or(start, |token| token.span.start)
    }

    /// The end of the `:`, `-` or `?` in front of node `n`.
    fn indicator_end(&self, n: usize) -> usize {
        let start = self.stream.nodes[n].start;
        let tokens = &self.stream.tokens;
        let at = tokens.partition_point(|token| token.span.start < start);
        tokens[..at]
            .iter()
            .rev()
            .find(|token| token.kind != TokenKind::Comment)
            .map_or(start, |token| token.span.end)
    }

    fn child(&self, at: usize, step: &Step) -> Result<Option<(Option<usize>, usize)>, FormatError> {
        match (&self.stream.nodes[at].kind, step) {
            (Kind::Map { pairs, .. }, Step::Key(wanted)) => {
                for (key, value) in pairs {
                    if view::key(self.stream, *key)? == *wanted {
                        return Ok(Some((Some(*key), *value)));
                    }
                }
                Ok(None)
            }
            (Kind::Seq { items, .. }, Step::Index(index)) => {
                Ok(items.get(*index).map(|item| (None, *item)))
            }
            _ => Ok(None),
        }
    }

    fn value(&self, n: usize) -> Result<Value, FormatError> {
        view::value(self.text, self.stream, n)
    }

    /// The column a block collection stands at.
    fn column(&self, n: usize) -> usize {
        let node = &self.stream.nodes[n];
        let at = match &node.kind {
            Kind::Map { pairs, .. } if !pairs.is_empty() => self.begin(n, pairs[0].0),
            Kind::Seq { items, .. } if !items.is_empty() => self.begin(n, items[0]),
            _ => node.span.start,
        };
        let line = self.line_start(at);
        at - line - if self.text[line..].starts_with('\u{feff}') { 3 } else { 0 }
    }

    fn line_start(&self, at: usize) -> usize {
        memchr::memrchr(b'\n', &self.text.as_bytes()[..at]).map_or(0, |n| n + 1)
    }
}

/// The bytes of scalar node `n` that a new spelling replaces: a core tag goes with it.
pub(super) fn whole(stream: &Stream, n: usize) -> Range<usize> {
    let node = &stream.nodes[n];
    let core = node.props.tag.as_ref().filter(|(tag, _)| tag.starts_with("tag:yaml.org,2002:"));
    let start = match (core, &node.props.anchor) {
        (Some((_, tag)), Some((_, anchor))) => tag.start.min(anchor.start),
        (Some((_, tag)), None) => tag.start,
        (None, _) => node.span.start,
    };
    start..node.span.end
}
