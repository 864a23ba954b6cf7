//! Lossless YAML: spans for every node and comment, scalars typed as yaml.v3 types them, edits as
//! splices. Refuses what sops refuses (top-level lists, keys that are not strings, duplicate keys)
//! only when asked for the tree of sops; parsing alone takes any YAML.

mod comments;
mod edit;
mod emit;
mod events;
mod lex;
mod node;
mod part;
mod resolve;
mod time;
pub(crate) mod tree;
mod view;

pub use node::YamlNode;

use std::ops::Range;

use zeroize::Zeroizing;

use self::edit::Editor;
use super::Format;
use super::error::{FormatError, syntax};
use super::scalar::{Scalar, Value};
use super::splice::Splice;
use super::tree::{Change, Site, Step, Tree};

/// A timestamp in one of the spellings yaml.v3 takes, as Go prints it back.
pub(crate) fn parse_time(text: &str) -> Option<String> {
    time::parse(text)
}

/// New text for whole documents, in the layout of sops.
pub(super) fn compose(documents: &[Value]) -> String {
    let layout = emit::Layout { step: 4, newline: "\n" };
    let documents = documents.iter().map(|value| format!("{}\n", emit::block(value, 0, layout)));
    documents.collect::<Vec<_>>().join("---\n")
}

/// A parsed YAML stream and its text.
pub struct Yaml {
    text: Zeroizing<String>,
    stream: tree::Stream,
}

impl Yaml {
    /// Parses `bytes`.
    ///
    /// # Errors
    /// `Syntax`, also for bytes that are not UTF-8; `TooDeep`.
    pub fn parse(bytes: &[u8]) -> Result<Self, FormatError> {
        let text = std::str::from_utf8(bytes)
            .map_err(|error| syntax(Format::Yaml, bytes, error.valid_up_to(), "not UTF-8"))?;
        Ok(Self { stream: tree::parse(text)?, text: Zeroizing::new(text.to_owned()) })
    }

    /// What sops reads from it.
    ///
    /// # Errors
    /// `AliasBomb`, `DuplicateKey`, `KeyNotString`, `NotRepresentable`, `TooDeep`, `TopLevel`.
    pub fn tree(&self) -> Result<Tree, FormatError> {
        view::tree(&self.text, &self.stream)
    }

    /// Does any alias occur?
    #[must_use]
    pub fn has_aliases(&self) -> bool {
        self.stream.nodes.iter().any(|node| matches!(node.kind, tree::Kind::Alias { .. }))
    }

    /// The splices that put copies in the place of all aliases.
    ///
    /// # Errors
    /// As [`Self::tree`].
    pub fn unfold(&self) -> Result<Vec<Splice>, FormatError> {
        Editor::new(&self.text, &self.stream).unfold()
    }

    /// The splices that make `change` at `path` of document `doc`.
    ///
    /// # Errors
    /// `NoSuchPath`, and as [`Self::tree`].
    pub fn change(
        &self,
        doc: usize,
        path: &[Step],
        change: &Change,
    ) -> Result<Vec<Splice>, FormatError> {
        Editor::new(&self.text, &self.stream).change(doc, path, change)
    }

    /// New spellings for leaves.
    pub(super) fn respell<'s>(
        &self,
        leaves: impl Iterator<Item = (&'s Site, &'s Scalar)>,
    ) -> Vec<Splice> {
        let editor = Editor::new(&self.text, &self.stream);
        leaves.flat_map(|(site, scalar)| editor.respell(site.id, scalar)).collect()
    }

    /// The bytes that stand for a leaf, tag and anchor included where they would be replaced.
    pub(super) fn spelling(&self, site: &Site) -> Range<usize> {
        edit::whole(&self.stream, site.id)
    }
}
