//! A YAML text as nodes with spans: documents, mappings, sequences, scalars and aliases, each with
//! its properties. Knows nothing of types or sops.

use std::collections::HashMap;
use std::ops::Range;

use super::events::{self, Event, Props, Style};
use super::lex::{self, Kind as TokenKind, Token};
use crate::format::error::{FormatError, syntax};
use crate::format::{Format, MAX_DEPTH};

/// What a node is.
#[derive(Clone, Debug)]
pub(crate) enum Kind {
    Alias { target: usize },
    Map { flow: bool, pairs: Vec<(usize, usize)> },
    Scalar { style: Style, value: String },
    Seq { flow: bool, items: Vec<usize> },
}

/// One node; `span` excludes the properties. A value that is not written has an empty span behind
/// its `:` or `-`.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub(crate) kind: Kind,
    pub(crate) span: Range<usize>,
    pub(super) props: Props,
    /// Position of the properties, or of the node if it has none.
    pub(crate) start: usize,
}

/// One document of the stream.
#[derive(Clone, Debug)]
pub(crate) struct Doc {
    pub(crate) root: usize,
    /// From where its content may begin to the marker that ends it or begins the next one.
    pub(crate) span: Range<usize>,
}

/// A parsed stream.
#[derive(Clone, Debug)]
pub(crate) struct Stream {
    pub(crate) docs: Vec<Doc>,
    pub(crate) nodes: Vec<Node>,
    /// All tokens of the text, comments among them, in order.
    pub(super) tokens: Vec<Token>,
}

/// Parses `text`; a byte order mark is skipped.
pub(crate) fn parse(text: &str) -> Result<Stream, FormatError> {
    let bom = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let mut builder = Builder { text, bom, nodes: Vec::new(), docs: Vec::new(), atoms: Vec::new() };
    builder.run(events::read(&text[bom..])?)?;
    builder.finish()
}

struct Builder<'t> {
    text: &'t str,
    bom: usize,
    nodes: Vec<Node>,
    docs: Vec<Doc>,
    atoms: Vec<Token>,
}

struct Open {
    node: usize,
    /// A mapping key waiting for its value.
    key: Option<usize>,
}

impl Builder<'_> {
    fn run(&mut self, events: Vec<Event>) -> Result<(), FormatError> {
        let mut stack: Vec<Open> = Vec::new();
        let mut anchors: HashMap<String, usize> = HashMap::new();
        let mut start = 0;
        for event in events {
            match event {
                Event::DocumentStart { at, explicit } => {
                    start = if explicit { self.bom + at + 3 } else { self.bom };
                    if let Some(last) = self.docs.last_mut() {
                        last.span.end = self.bom + at;
                    }
                }
                Event::DocumentEnd => anchors.clear(),
                Event::End { at } => {
                    let Some(open) = stack.pop() else { continue };
                    self.close(open.node, self.bom + at);
                }
                Event::Alias { span } => {
                    let span = self.shift(span);
                    let name = &self.text[span.start + 1..span.end];
                    let target = *anchors.get(name).ok_or_else(|| {
                        syntax(Format::Yaml, self.text.as_bytes(), span.start, "unknown anchor")
                    })?;
                    self.atoms.push(Token { kind: TokenKind::Alias, span: span.clone() });
                    let node = self.push(Kind::Alias { target }, span, Props::default());
                    self.place(&mut stack, node, start);
                }
                Event::Scalar { span, style, value, props } => {
                    let span = self.shift(span);
                    let props = self.props(props);
                    let node = self.push(Kind::Scalar { style, value }, span.clone(), props);
                    let block = matches!(style, Style::Folded | Style::Literal);
                    if !span.is_empty() || style != Style::Plain {
                        let kind = TokenKind::Scalar { block, node };
                        self.atoms.push(Token { kind, span });
                    }
                    self.define(&mut anchors, node);
                    self.place(&mut stack, node, start);
                }
                Event::Map { flow, at, props } => {
                    let (at, props) = (self.bom + at, self.props(props));
                    let node = self.push(Kind::Map { flow, pairs: Vec::new() }, at..at, props);
                    self.define(&mut anchors, node);
                    self.place(&mut stack, node, start);
                    stack.push(Open { node, key: None });
                }
                Event::Seq { flow, at, props } => {
                    let (at, props) = (self.bom + at, self.props(props));
                    let node = self.push(Kind::Seq { flow, items: Vec::new() }, at..at, props);
                    self.define(&mut anchors, node);
                    self.place(&mut stack, node, start);
                    stack.push(Open { node, key: None });
                }
            }
            if stack.len() > MAX_DEPTH {
                return Err(FormatError::TooDeep { limit: MAX_DEPTH, offset: start });
            }
        }
        if let Some(last) = self.docs.last_mut() {
            last.span.end = self.text.len();
        }
        Ok(())
    }

    fn shift(&self, span: Range<usize>) -> Range<usize> {
        span.start + self.bom..span.end + self.bom
    }

    fn props(&mut self, props: Props) -> Props {
        let shift =
            |at: Option<(String, Range<usize>)>| at.map(|(name, span)| (name, self.shift(span)));
        let props = Props { anchor: shift(props.anchor), tag: shift(props.tag) };
        if let Some((_, span)) = &props.anchor {
            self.atoms.push(Token { kind: TokenKind::Anchor, span: span.clone() });
        }
        if let Some((_, span)) = &props.tag {
            self.atoms.push(Token { kind: TokenKind::Tag, span: span.clone() });
        }
        props
    }

    fn push(&mut self, kind: Kind, span: Range<usize>, props: Props) -> usize {
        let start = [&props.anchor, &props.tag]
            .into_iter()
            .flatten()
            .map(|(_, span)| span.start)
            .fold(span.start, usize::min);
        self.nodes.push(Node { kind, span, props, start });
        self.nodes.len() - 1
    }

    fn define(&self, anchors: &mut HashMap<String, usize>, node: usize) {
        if let Some((name, _)) = &self.nodes[node].props.anchor {
            anchors.insert(name.clone(), node);
        }
    }

    /// Hangs `node` into what is open, or makes it the root of a document.
    fn place(&mut self, stack: &mut [Open], node: usize, start: usize) {
        let Some(open) = stack.last_mut() else {
            self.docs.push(Doc { root: node, span: start..start });
            return;
        };
        match &mut self.nodes[open.node].kind {
            Kind::Map { pairs, .. } => match open.key.take() {
                None => open.key = Some(node),
                Some(key) => pairs.push((key, node)),
            },
            Kind::Seq { items, .. } => items.push(node),
            Kind::Alias { .. } | Kind::Scalar { .. } => {}
        }
    }

    /// A flow collection ends where the parser says, a block one with its last child.
    fn close(&mut self, node: usize, at: usize) {
        let flow = matches!(
            self.nodes[node].kind,
            Kind::Map { flow: true, .. } | Kind::Seq { flow: true, .. }
        );
        let begin = self.nodes[node].span.start;
        if flow && self.text.as_bytes().get(begin).is_some_and(|b| matches!(b, b'[' | b'{')) {
            self.nodes[node].span.end = at;
        }
    }

    /// Cuts the tokens, and mends the spans that only tokens can tell: block scalars begin at their
    /// header, missing values stand behind their indicator, block collections end with their content.
    fn finish(mut self) -> Result<Stream, FormatError> {
        self.atoms.sort_by_key(|atom| atom.span.start);
        let tokens = lex::cut(self.text, &self.atoms)?;
        for token in &tokens {
            if let TokenKind::Scalar { block: true, node } = token.kind {
                let old = &mut self.nodes[node];
                if old.start == old.span.start {
                    old.start = token.span.start;
                }
                old.span = token.span.clone();
                // A last line without break: yaml.v3 ends the value there too.
                if let Kind::Scalar { value, .. } = &mut old.kind
                    && token.span.end == self.text.len()
                    && value.ends_with('\n')
                {
                    value.pop();
                }
            }
        }
        for n in 0..self.nodes.len() {
            let node = &self.nodes[n];
            if node.span.is_empty() && matches!(node.kind, Kind::Scalar { style: Style::Plain, .. })
            {
                let at = self.missing_at(n, &tokens);
                if self.nodes[n].start == self.nodes[n].span.start {
                    self.nodes[n].start = at;
                }
                self.nodes[n].span = at..at;
            }
        }
        // Children come after their parents, so going backwards sees each child's end first.
        for n in (0..self.nodes.len()).rev() {
            let last = match &self.nodes[n].kind {
                Kind::Map { pairs, .. } => pairs.last().map(|(_, value)| *value),
                Kind::Seq { items, .. } => items.last().copied(),
                Kind::Alias { .. } | Kind::Scalar { .. } => None,
            };
            let begin = match &self.nodes[n].kind {
                Kind::Map { pairs, .. } => pairs.first().map(|(key, _)| self.nodes[*key].start),
                _ => None,
            };
            if self.nodes[n].span.is_empty() {
                if let Some(last) = last {
                    self.nodes[n].span.end =
                        self.nodes[last].span.end.max(self.nodes[n].span.start);
                }
                if let Some(begin) = begin {
                    let node = &mut self.nodes[n];
                    if begin < node.span.start && node.start == node.span.start {
                        node.start = begin;
                        node.span.start = begin;
                    }
                }
            }
        }
        for doc in &mut self.docs {
            let inside = |token: &&Token| doc.span.contains(&token.span.start);
            let mut ends = tokens.iter().filter(|token| token.kind == TokenKind::DocumentEnd);
            if let Some(token) = ends.find(inside) {
                doc.span.end = token.span.start;
            }
        }
        Ok(Stream { docs: self.docs, nodes: self.nodes, tokens })
    }

    /// Where the text of a missing scalar would be written.
    fn missing_at(&self, n: usize, tokens: &[Token]) -> usize {
        let node = &self.nodes[n];
        let props = [&node.props.anchor, &node.props.tag];
        if let Some(end) = props.into_iter().flatten().map(|(_, span)| span.end).max() {
            return end;
        }
        let at = node.span.start;
        let next = tokens.partition_point(|token| token.span.start < at);
        // The parser puts a missing value before its `:`; a missing item already stands behind `-`.
        match tokens.get(next) {
            Some(token) if token.kind == TokenKind::Value => token.span.end,
            _ => at,
        }
    }
}
