//! What can go wrong with a sops file. Names places by their key path, never by their content.

use thiserror::Error;

use crate::crypto::sops::{ShamirError, ValueError};
use crate::format::FormatError;

/// Why a sops file could not be read, opened or written.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum SopsError {
    /// It is a sops file already, or keeps something under the key sops needs.
    #[error("the document has a top-level `{key}` already")]
    AlreadyEncrypted { key: String },
    /// The metadata contradict themselves or cannot be understood.
    #[error("the metadata of sops are wrong: {what}")]
    BadMetadata { what: String },
    /// An encrypted comment would switch off the encryption of what it stands before.
    #[error("an encrypted comment at `{path}` would match `unencrypted_comment_regex`")]
    CommentMatches { path: String },
    /// A key group nobody can open.
    #[error("a key group without keys")]
    EmptyGroup,
    /// What was encrypted does not read back as what was meant; nothing was written.
    #[error("the encrypted document does not read back as what was meant")]
    Readback,
    /// Keys of other kinds cannot be wrapped here.
    #[error("the file has keys that only {tool} can wrap: {keys}")]
    ForeignKeys { tool: &'static str, keys: String },
    /// The document itself.
    #[error(transparent)]
    Format(#[from] FormatError),
    /// The MAC does not fit the values: they were changed, moved or removed.
    #[error("the MAC does not match the values of the file")]
    MacMismatch,
    /// There is no MAC to verify.
    #[error("the file has no MAC")]
    MacMissing,
    /// No identity opens enough key groups.
    #[error("{opened} of {needed} key groups opened{}", reasons(failures, foreign))]
    NoKey { opened: usize, needed: usize, failures: Vec<String>, foreign: Vec<String> },
    /// No `sops` metadata.
    #[error("not a sops file: no `sops` metadata")]
    NotEncrypted,
    /// A pattern that does not compile.
    #[error("the pattern `{pattern}` is not a regular expression: {reason}")]
    Pattern { pattern: String, reason: String },
    /// Data key parts that do not fit together.
    #[error(transparent)]
    Shamir(#[from] ShamirError),
    /// One value.
    #[error("the value at `{path}`: {source}")]
    Value { path: String, source: ValueError },
    /// A recipient the data key could not be wrapped for.
    #[error("the data key cannot be encrypted to `{recipient}`: {reason}")]
    Wrap { recipient: String, reason: String },
}

fn reasons(failures: &[String], foreign: &[String]) -> String {
    let mut text = String::new();
    for failure in failures {
        text.push_str("; ");
        text.push_str(failure);
    }
    if !foreign.is_empty() {
        text.push_str("; keys that only sops can open: ");
        text.push_str(&foreign.join(", "));
    }
    text
}
