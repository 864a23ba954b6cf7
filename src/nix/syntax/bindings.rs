//! The bindings of a set or `let`, merged: `a.b = 1; a.c = 2;` is one `a` with two attributes. Done on the
//! syntax tree, before scopes are known, because a merged set is one scope. The rules, odd ones included
//! (`rec` of the first set wins), are those of `addAttr` in C++ Nix (`libexpr/parser-state.hh`).

use std::collections::BTreeMap;
use std::ops::Range;

use rnix::SyntaxKind as K;

use super::SyntaxError;
use super::green::Node;
use super::lower::{Lower, wide};
use super::source::Pos;
use super::symbol::Symbol;

/// A set literal whose paths are merged but whose values are still syntax.
#[derive(Default)]
pub(super) struct Tree<'t> {
    pub(super) recursive: bool,
    pub(super) from: Vec<Node<'t>>,
    pub(super) named: BTreeMap<Symbol, Entry<'t>>,
    pub(super) dynamic: Vec<(Node<'t>, Entry<'t>)>,
}

pub(super) struct Entry<'t> {
    pub(super) at: Pos,
    pub(super) span: Range<u32>,
    pub(super) value: Value<'t>,
}

pub(super) enum Value<'t> {
    /// `inherit (from) x`: the number of the source.
    From(u32),
    /// `inherit x`.
    Inherit,
    Node(Node<'t>),
    Set(Tree<'t>),
}

/// A step of an attribute path.
#[derive(Clone, Copy)]
pub(super) enum Step<'t> {
    Static(Symbol),
    Dynamic(Node<'t>),
}

impl<'t> Tree<'t> {
    /// Collects the bindings that are children of `node` (a set, `let` or old `let`).
    pub(super) fn collect(lower: &Lower<'_>, node: Node<'t>) -> Result<Self, SyntaxError> {
        lower.room(node)?;
        let mut tree = Self { recursive: node.has_token(K::TOKEN_REC), ..Self::default() };
        for child in node.nodes() {
            match child.kind() {
                K::NODE_ATTRPATH_VALUE => tree.add_binding(lower, child)?,
                K::NODE_INHERIT => tree.add_inherit(lower, child)?,
                _ => {}
            }
        }
        Ok(tree)
    }

    fn add_binding(&mut self, lower: &Lower<'_>, node: Node<'t>) -> Result<(), SyntaxError> {
        let path = lower.child(node, 0)?;
        let value = lower.child(node, 1)?;
        let steps = lower.steps(path)?;
        let bare = lower.bare(value)?;
        let value = if bare.kind() == K::NODE_ATTR_SET {
            Value::Set(Self::collect(lower, bare)?)
        } else {
            Value::Node(value)
        };
        self.add(lower, &steps, Entry { at: lower.pos(path), span: path.span(), value })
    }

    fn add(
        &mut self,
        lower: &Lower<'_>,
        steps: &[Step<'t>],
        entry: Entry<'t>,
    ) -> Result<(), SyntaxError> {
        let Some((last, first)) = steps.split_last() else {
            return Err(SyntaxError::new("empty attribute path", wide(entry.span)));
        };
        let mut tree = self;
        for (index, step) in first.iter().enumerate() {
            let nested = || Entry {
                at: entry.at,
                span: entry.span.clone(),
                value: Value::Set(Tree::default()),
            };
            let inner = match *step {
                Step::Static(name) => tree.named.entry(name).or_insert_with(nested),
                Step::Dynamic(node) => {
                    tree.dynamic.push((node, nested()));
                    &mut tree.dynamic.last_mut().expect("pushed on the line before").1
                }
            };
            let Value::Set(inner_tree) = &mut inner.value else {
                return Err(lower.doubled(&steps[..=index], &entry.span, &inner.span));
            };
            tree = inner_tree;
        }
        match *last {
            Step::Dynamic(node) => tree.dynamic.push((node, entry)),
            Step::Static(name) => match tree.named.get_mut(&name) {
                None => {
                    tree.named.insert(name, entry);
                }
                Some(Entry { value: Value::Set(old), span, .. }) => match entry.value {
                    Value::Set(new) => old.merge(lower, new)?,
                    _ => return Err(lower.doubled(steps, &entry.span, span)),
                },
                Some(old) => return Err(lower.doubled(steps, &entry.span, &old.span)),
            },
        }
        Ok(())
    }

    /// Adds the attributes of a second literal for the same name; they must be other ones.
    fn merge(&mut self, lower: &Lower<'_>, other: Self) -> Result<(), SyntaxError> {
        let shift = u32::try_from(self.from.len()).expect("fewer sources than bytes of text");
        self.from.extend(other.from);
        self.dynamic.extend(other.dynamic);
        for (name, mut entry) in other.named {
            if let Value::From(source) = &mut entry.value {
                *source += shift;
            }
            if let Some(old) = self.named.get(&name) {
                return Err(lower.doubled(&[Step::Static(name)], &entry.span, &old.span));
            }
            self.named.insert(name, entry);
        }
        Ok(())
    }

    fn add_inherit(&mut self, lower: &Lower<'_>, node: Node<'t>) -> Result<(), SyntaxError> {
        let mut source = None;
        for child in node.nodes() {
            if child.kind() == K::NODE_INHERIT_FROM {
                lower.closed(child, K::TOKEN_R_PAREN)?;
                source = Some(u32::try_from(self.from.len()).expect("fewer sources than bytes"));
                self.from.push(lower.child(child, 0)?);
                continue;
            }
            let Step::Static(name) = lower.step(child)? else {
                let message = "dynamic attributes are not allowed in `inherit`";
                return Err(SyntaxError::new(message, wide(child.span())));
            };
            let value = source.map_or(Value::Inherit, Value::From);
            let entry = Entry { at: lower.pos(child), span: child.span(), value };
            if let Some(old) = self.named.get(&name) {
                return Err(lower.doubled(&[Step::Static(name)], &entry.span, &old.span));
            }
            self.named.insert(name, entry);
        }
        Ok(())
    }
}
