//! Everything that can go wrong while a document is read or edited. Carries byte offsets, never text
//! of the document: what is quoted in an error could be a secret.

use thiserror::Error;

use super::Format;

/// Why a document could not be read or edited.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum FormatError {
    /// Aliases that would unfold into more than the bound.
    #[error("aliases unfold into more than {limit} nodes")]
    AliasBomb { limit: usize },
    /// The key occurs twice in one mapping.
    #[error("key `{key}` occurs twice (byte {offset})")]
    DuplicateKey { key: String, offset: usize },
    /// After the edit the document did not mean what was intended; nothing was changed.
    #[error("the edit of `{path}` would not give the document that was meant")]
    EditMismatch { path: String },
    /// sops knows string keys only.
    #[error("a key that is not a string (byte {offset})")]
    KeyNotString { offset: usize },
    /// The path leads nowhere.
    #[error("nothing at `{path}`")]
    NoSuchPath { path: String },
    /// The document cannot hold such a value.
    #[error("{format} cannot hold {what}")]
    NotRepresentable { format: Format, what: &'static str },
    /// The text does not parse.
    #[error("{format} does not parse at line {line}: {message}")]
    Syntax { format: Format, offset: usize, line: usize, message: String },
    /// Nested deeper than the bound.
    #[error("nested deeper than {limit} levels (byte {offset})")]
    TooDeep { limit: usize, offset: usize },
    /// Larger than what is read into memory.
    #[error("{size} bytes are more than the {limit} read at most")]
    TooLarge { size: usize, limit: usize },
    /// The top level is not what sops encrypts.
    #[error("the top level of {format} is not a mapping")]
    TopLevel { format: Format },
}

/// A syntax error at `offset` of `text`.
pub(super) fn syntax(
    format: Format,
    text: &[u8],
    offset: usize,
    message: impl Into<String>,
) -> FormatError {
    let offset = offset.min(text.len());
    let line = 1 + memchr::memchr_iter(b'\n', &text[..offset]).count();
    FormatError::Syntax { format, offset, line, message: message.into() }
}
