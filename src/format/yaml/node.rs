//! Reading a YAML document node by node, with places: for configuration files, where anchors, aliases
//! and spans matter and comments do not.

use std::ops::Range;

use super::Yaml;
use super::tree::{Kind, Node};

/// A node as written: for an alias, what it says is read from its target, where it stands is its own.
#[derive(Clone, Copy)]
pub struct YamlNode<'y> {
    yaml: &'y Yaml,
    id: usize,
}

impl Yaml {
    /// The top of document `doc`.
    #[must_use]
    pub fn root(&self, doc: usize) -> Option<YamlNode<'_>> {
        self.stream.docs.get(doc).map(|doc| YamlNode { yaml: self, id: doc.root })
    }

    /// The text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }
}

impl<'y> YamlNode<'y> {
    fn written(self) -> &'y Node {
        &self.yaml.stream.nodes[self.id]
    }

    fn target(self) -> &'y Node {
        match self.written().kind {
            // The target of an alias is never an alias.
            Kind::Alias { target } => &self.yaml.stream.nodes[target],
            _ => self.written(),
        }
    }

    /// The value under `key`, looking into merges (`<<`) last.
    #[must_use]
    pub fn get(self, key: &str) -> Option<Self> {
        self.find(key, 0)
    }

    fn find(self, key: &str, depth: usize) -> Option<Self> {
        if depth > 16 {
            return None;
        }
        let direct =
            self.pairs().find(|(name, _)| name.text() == Some(key)).map(|(_, value)| value);
        direct.or_else(|| {
            let (_, merge) = self.pairs().find(|(name, _)| name.text() == Some("<<"))?;
            match merge.target().kind {
                Kind::Seq { .. } => merge.items().find_map(|item| item.find(key, depth + 1)),
                _ => merge.find(key, depth + 1),
            }
        })
    }

    /// The pairs of a mapping; none of anything else.
    pub fn pairs(self) -> impl Iterator<Item = (Self, Self)> {
        let pairs = match &self.target().kind {
            Kind::Map { pairs, .. } => pairs.as_slice(),
            _ => &[],
        };
        let at = move |id: usize| Self { yaml: self.yaml, id };
        pairs.iter().map(move |(key, value)| (at(*key), at(*value)))
    }

    /// The items of a sequence; none of anything else.
    pub fn items(self) -> impl Iterator<Item = Self> {
        let items = match &self.target().kind {
            Kind::Seq { items, .. } => items.as_slice(),
            _ => &[],
        };
        items.iter().map(move |id| Self { yaml: self.yaml, id: *id })
    }

    /// Is it a sequence?
    #[must_use]
    pub fn is_list(self) -> bool {
        matches!(self.target().kind, Kind::Seq { .. })
    }

    /// The text of a scalar, however it is typed.
    #[must_use]
    pub fn text(self) -> Option<&'y str> {
        match &self.target().kind {
            Kind::Scalar { value, .. } => Some(value),
            _ => None,
        }
    }

    /// Where it stands, without anchor and tag.
    #[must_use]
    pub fn span(self) -> Range<usize> {
        self.written().span.clone()
    }

    /// Where the text is that it says: for an alias, its target.
    #[must_use]
    pub fn source(self) -> Range<usize> {
        self.target().span.clone()
    }

    /// The name, if it is written as an alias.
    #[must_use]
    pub fn alias(self) -> Option<&'y str> {
        let Kind::Alias { .. } = self.written().kind else { return None };
        self.yaml.text[self.written().span.clone()].strip_prefix('*')
    }

    /// The name of the anchor it has.
    #[must_use]
    pub fn anchor(self) -> Option<&'y str> {
        self.written().props.anchor.as_ref().map(|(name, _)| name.as_str())
    }
}
