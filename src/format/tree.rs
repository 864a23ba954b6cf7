//! The one view of a document that sops needs: items in document order, comments among them, each
//! leaf with the place it was read from. Holds no syntax; the formats build it.

use std::fmt;
use std::ops::Range;

use super::scalar::{Scalar, Text, Value};

/// Where a leaf or comment stands in its document.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Site {
    /// The bytes a new spelling replaces.
    pub span: Range<usize>,
    /// The format's own number for the place.
    pub(super) id: usize,
}

/// A comment without its `#` or `;`.
#[derive(Clone, Debug, PartialEq)]
pub struct Comment {
    pub text: Text,
    /// Does it stand behind a value, on its line?
    pub inline: bool,
    pub site: Site,
}

/// A leaf and its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Leaf {
    pub scalar: Scalar,
    pub site: Site,
}

/// A value in the tree.
#[derive(Clone, Debug, PartialEq)]
pub enum Node {
    Leaf(Leaf),
    List(Vec<Item>),
    Map(Vec<Item>),
}

/// One thing inside a map or list, in document order.
#[derive(Clone, Debug, PartialEq)]
pub enum Item {
    Comment(Comment),
    /// `key` is empty in lists.
    Entry {
        key: String,
        node: Node,
    },
}

/// A whole file: one map per document (only YAML has more than one).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tree {
    pub documents: Vec<Vec<Item>>,
    /// Comments that sops does not see: it would drop them, we must not leave them readable.
    pub loose: Vec<Comment>,
}

impl Node {
    /// The value without comments and places.
    #[must_use]
    pub fn to_value(&self) -> Value {
        match self {
            Self::Leaf(leaf) => Value::Scalar(leaf.scalar.clone()),
            Self::List(items) => Value::List(
                items
                    .iter()
                    .filter_map(|item| match item {
                        Item::Comment(_) => None,
                        Item::Entry { node, .. } => Some(node.to_value()),
                    })
                    .collect(),
            ),
            Self::Map(items) => map_value(items),
        }
    }
}

impl Tree {
    /// The documents as values, without comments and places.
    #[must_use]
    pub fn to_values(&self) -> Vec<Value> {
        self.documents.iter().map(|items| map_value(items)).collect()
    }
}

/// The map that `items` make, without comments and places.
#[must_use]
pub fn map_value(items: &[Item]) -> Value {
    Value::Map(
        items
            .iter()
            .filter_map(|item| match item {
                Item::Comment(_) => None,
                Item::Entry { key, node } => Some((key.clone(), node.to_value())),
            })
            .collect(),
    )
}

/// The items that hold `pairs`, at no place.
pub(super) fn items(pairs: &[(String, Value)]) -> Vec<Item> {
    pairs.iter().map(|(key, value)| Item::Entry { key: key.clone(), node: node(value) }).collect()
}

fn node(value: &Value) -> Node {
    match value {
        Value::List(values) => {
            let item = |value| Item::Entry { key: String::new(), node: node(value) };
            Node::List(values.iter().map(item).collect())
        }
        Value::Map(pairs) => Node::Map(items(pairs)),
        Value::Scalar(scalar) => {
            Node::Leaf(Leaf { scalar: scalar.clone(), site: Site { span: 0..0, id: 0 } })
        }
    }
}

/// One step into a document.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub enum Step {
    Index(usize),
    Key(String),
}

impl From<&str> for Step {
    fn from(key: &str) -> Self {
        Self::Key(key.to_owned())
    }
}

impl From<usize> for Step {
    fn from(index: usize) -> Self {
        Self::Index(index)
    }
}

/// Prints a path as `a.b[2]`.
pub(super) struct Shown<'a>(pub &'a [Step]);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, step) in self.0.iter().enumerate() {
            match step {
                Step::Index(index) => write!(f, "[{index}]")?,
                Step::Key(key) if n == 0 => f.write_str(key)?,
                Step::Key(key) => write!(f, ".{key}")?,
            }
        }
        Ok(())
    }
}

/// What an edit does at a path.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// Puts the value there: over an old one, as a new last key, or as the next list item.
    Set(Value),
    /// Takes it away.
    Unset,
}

/// `value` with `change` made at `path`; `None` where the path leads nowhere.
#[must_use]
pub(super) fn changed(value: &Value, path: &[Step], change: &Change) -> Option<Value> {
    let Some((step, rest)) = path.split_first() else {
        return match change {
            Change::Set(new) => Some(new.clone()),
            Change::Unset => None,
        };
    };
    match (step, value) {
        (Step::Key(key), Value::Map(pairs)) => {
            let mut pairs = pairs.clone();
            let at = pairs.iter().position(|(k, _)| k == key);
            match (at, rest.is_empty(), change) {
                (Some(at), true, Change::Unset) => drop(pairs.remove(at)),
                (Some(at), ..) => pairs[at].1 = changed(&pairs[at].1, rest, change)?,
                (None, true, Change::Set(new)) => pairs.push((key.clone(), new.clone())),
                (None, false, Change::Set(new)) => pairs.push((key.clone(), wrapped(rest, new)?)),
                (None, _, Change::Unset) => return None,
            }
            Some(Value::Map(pairs))
        }
        (Step::Index(index), Value::List(items)) => {
            let mut items = items.clone();
            match (*index < items.len(), rest.is_empty(), change) {
                (true, true, Change::Unset) => drop(items.remove(*index)),
                (true, ..) => items[*index] = changed(&items[*index], rest, change)?,
                (false, _, Change::Set(new)) if *index == items.len() => {
                    items.push(wrapped(rest, new)?)
                }
                _ => return None,
            }
            Some(Value::List(items))
        }
        _ => None,
    }
}

/// `value` inside new maps and one-item lists for each step of `path`.
#[must_use]
pub(super) fn wrapped(path: &[Step], value: &Value) -> Option<Value> {
    path.iter().rev().try_fold(value.clone(), |inner, step| match step {
        Step::Index(0) => Some(Value::List(vec![inner])),
        Step::Index(_) => None,
        Step::Key(key) => Some(Value::Map(vec![(key.clone(), inner)])),
    })
}
