//! Lossless YAML: spans for every node and comment, scalars typed as yaml.v3 types them, edits as
//! splices. Refuses what sops refuses (top-level lists, keys that are not strings, duplicate keys)
//! only when asked for the tree of sops; parsing alone takes any YAML.

mod comments;
mod events;
mod lex;
mod resolve;
pub(crate) mod time;
pub(crate) mod tree;
mod view;

use zeroize::Zeroizing;

use super::error::{FormatError, syntax};
use super::tree::Tree;
use super::Format;

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
}
