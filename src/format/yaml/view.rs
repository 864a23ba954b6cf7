//! A YAML stream as the tree sops makes of it (`stores/yaml/store.go`): comments become items before,
//! inside and behind the values they were attached to, aliases are unfolded up to a bound.

use std::collections::HashSet;

use super::comments::{self, Attached, Block, Comments};
use super::lex::{Kind as Token, line_end};
use super::resolve::{Resolved, resolve};
use super::tree::{Kind, Stream};
use crate::format::error::FormatError;
use crate::format::scalar::{Scalar, Text, Value};
use crate::format::tree::{Comment, Item, Leaf, Node, Site, Tree};
use crate::format::{Format, MAX_DEPTH, MAX_NODES};

/// Reads `stream` (parsed from `text`) as sops does.
///
/// # Errors
/// `AliasBomb`, `DuplicateKey`, `KeyNotString`, `NotRepresentable` for a number beyond 64 bits with
/// sign, `TooDeep`, and `TopLevel` for a document that is a list or a scalar.
pub(super) fn tree(text: &str, stream: &Stream) -> Result<Tree, FormatError> {
    let comments = comments::attach(text, stream);
    let mut view = View { text, stream, comments, nodes: 0, depth: 0 };
    let mut documents = Vec::with_capacity(stream.docs.len());
    for (n, doc) in stream.docs.iter().enumerate() {
        let mut items = Vec::new();
        let attached = std::mem::take(&mut view.comments.docs[n]);
        view.comment(&attached.head, false, &mut items);
        view.root(doc.root, &mut items)?;
        view.comment(&attached.foot, false, &mut items);
        documents.push(items);
    }
    let loose = view.loose(&documents);
    Ok(Tree { documents, loose })
}

struct View<'t> {
    text: &'t str,
    stream: &'t Stream,
    comments: Comments,
    nodes: usize,
    depth: usize,
}

impl View<'_> {
    /// Comments of the text that went to no item.
    fn loose(&self, documents: &[Vec<Item>]) -> Vec<Comment> {
        let mut seen = HashSet::new();
        documents.iter().for_each(|items| gather(items, &mut seen));
        let blocks = self.stream.tokens.iter().filter_map(|token| match token.kind {
            Token::Comment => Some(token.span.clone()),
            // The header of a block scalar may carry one.
            Token::Scalar { block: true, .. } => {
                let end = line_end(self.text.as_bytes(), token.span.start);
                let at = self.text[token.span.start..end].find('#')?;
                Some(token.span.start + at..end)
            }
            _ => None,
        });
        blocks
            .map(|span| span.start + 1..span.end)
            .filter(|span| !seen.contains(&span.start))
            .map(|span| Comment {
                text: Text::new(&self.text.as_bytes()[span.clone()]),
                inline: false,
                site: Site { span, id: usize::MAX },
            })
            .collect()
    }

    fn attached(&self, n: usize) -> Attached {
        self.comments.nodes.get(n).cloned().unwrap_or_default()
    }

    fn comment(&self, block: &Block, inline: bool, items: &mut Vec<Item>) {
        items.extend(block.iter().flatten().map(|line| {
            let span = line.start + 1..line.end;
            Item::Comment(Comment {
                text: Text::new(&self.text.as_bytes()[span.clone()]),
                inline,
                site: Site { span, id: usize::MAX },
            })
        }));
    }

    fn root(&mut self, n: usize, items: &mut Vec<Item>) -> Result<(), FormatError> {
        let node = &self.stream.nodes[n];
        let attached = self.attached(n);
        self.comment(&attached.head, false, items);
        self.comment(&attached.line, false, items);
        match &node.kind {
            Kind::Alias { target } => self.root(*target, items)?,
            Kind::Map { .. } => self.pairs(n, items)?,
            Kind::Scalar { value, style } => {
                let tag = node.props.tag.as_ref().map(|(tag, _)| tag.as_str());
                if resolve(value, *style, tag) != Resolved::Scalar(Scalar::Null) {
                    return Err(FormatError::TopLevel { format: Format::Yaml });
                }
                // Nothing but comments: those of the place behind are the document's.
                return Ok(());
            }
            Kind::Seq { .. } => return Err(FormatError::TopLevel { format: Format::Yaml }),
        }
        self.comment(&attached.foot, false, items);
        Ok(())
    }

    fn pairs(&mut self, n: usize, items: &mut Vec<Item>) -> Result<(), FormatError> {
        let Kind::Map { pairs, .. } = &self.stream.nodes[n].kind else { return Ok(()) };
        self.enter(n)?;
        let mut seen = HashSet::new();
        for (key, value) in pairs {
            let name = self.key(*key)?;
            if !seen.insert(name.clone()) {
                let offset = self.stream.nodes[*key].span.start;
                return Err(FormatError::DuplicateKey { key: name, offset });
            }
            let of_key = self.attached(*key);
            self.comment(&of_key.head, false, items);
            self.comment(&of_key.line, false, items);
            let simple =
                matches!(self.stream.nodes[*value].kind, Kind::Alias { .. } | Kind::Scalar { .. });
            let of_value = self.attached(*value);
            if simple {
                self.comment(&of_value.head, false, items);
                self.comment(&of_value.line, true, items);
            }
            let node = self.node(*value, simple)?;
            items.push(Item::Entry { key: name, node });
            if simple {
                self.comment(&of_value.foot, false, items);
            }
            self.comment(&of_key.foot, false, items);
        }
        self.depth -= 1;
        Ok(())
    }

    fn node(&mut self, n: usize, handled: bool) -> Result<Node, FormatError> {
        self.nodes += 1;
        if self.nodes > MAX_NODES {
            return Err(FormatError::AliasBomb { limit: MAX_NODES });
        }
        let node = &self.stream.nodes[n];
        let attached = self.attached(n);
        let mut items = Vec::new();
        match &node.kind {
            Kind::Alias { target } => {
                self.enter(n)?;
                let node = self.node(*target, false);
                self.depth -= 1;
                return node;
            }
            Kind::Scalar { .. } => {
                let scalar = self.scalar(n)?;
                let site = Site { span: node.span.clone(), id: n };
                return Ok(Node::Leaf(Leaf { scalar, site }));
            }
            Kind::Map { .. } | Kind::Seq { .. } if !handled => {
                self.comment(&attached.head, false, &mut items);
                self.comment(&attached.line, false, &mut items);
            }
            Kind::Map { .. } | Kind::Seq { .. } => {}
        }
        match &node.kind {
            Kind::Seq { items: children, .. } => {
                self.enter(n)?;
                for child in children {
                    let of_child = self.attached(*child);
                    self.comment(&of_child.head, false, &mut items);
                    self.comment(&of_child.line, true, &mut items);
                    let node = self.node(*child, true)?;
                    items.push(Item::Entry { key: String::new(), node });
                    self.comment(&of_child.foot, false, &mut items);
                }
                self.depth -= 1;
            }
            _ => self.pairs(n, &mut items)?,
        }
        if !handled {
            self.comment(&attached.foot, false, &mut items);
        }
        Ok(if matches!(node.kind, Kind::Seq { .. }) { Node::List(items) } else { Node::Map(items) })
    }

    fn enter(&mut self, n: usize) -> Result<(), FormatError> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            let offset = self.stream.nodes[n].span.start;
            return Err(FormatError::TooDeep { limit: MAX_DEPTH, offset });
        }
        Ok(())
    }

    fn scalar(&self, n: usize) -> Result<Scalar, FormatError> {
        scalar(self.stream, n)
    }

    fn key(&self, n: usize) -> Result<String, FormatError> {
        key(self.stream, n)
    }
}

/// Puts the places of all comments in `items` into `seen`.
fn gather(items: &[Item], seen: &mut HashSet<usize>) {
    for item in items {
        match item {
            Item::Comment(comment) => drop(seen.insert(comment.site.span.start)),
            Item::Entry { node: Node::List(items) | Node::Map(items), .. } => gather(items, seen),
            Item::Entry { .. } => {}
        }
    }
}

/// The value of node `n`, aliases unfolded, comments dropped.
pub(super) fn value(text: &str, stream: &Stream, n: usize) -> Result<Value, FormatError> {
    let comments = Comments { nodes: Vec::new(), docs: Vec::new() };
    let mut view = View { text, stream, comments, nodes: 0, depth: 0 };
    Ok(view.node(n, true)?.to_value())
}

/// The typed value of scalar node `n`.
pub(super) fn scalar(stream: &Stream, n: usize) -> Result<Scalar, FormatError> {
    let node = &stream.nodes[n];
    let Kind::Scalar { style, value } = &node.kind else { return Ok(Scalar::Null) };
    let tag = node.props.tag.as_ref().map(|(tag, _)| tag.as_str());
    match resolve(value, *style, tag) {
        Resolved::Merge => Ok(Scalar::str("<<")),
        Resolved::Scalar(scalar) => Ok(scalar),
        Resolved::Unsigned => Err(FormatError::NotRepresentable {
            format: Format::Yaml,
            what: "an integer of more than 63 bits",
        }),
    }
}

/// The text of key node `n`.
pub(super) fn key(stream: &Stream, n: usize) -> Result<String, FormatError> {
    let offset = stream.nodes[n].span.start;
    let target = match &stream.nodes[n].kind {
        Kind::Alias { target } => *target,
        _ => n,
    };
    match &stream.nodes[target].kind {
        Kind::Scalar { .. } => match scalar(stream, target)? {
            Scalar::Str(text) => {
                text.as_str().map(str::to_owned).ok_or(FormatError::KeyNotString { offset })
            }
            _ => Err(FormatError::KeyNotString { offset }),
        },
        _ => Err(FormatError::KeyNotString { offset }),
    }
}
