//! Lossless documents in the formats secrets and rules are written in: YAML, JSON, INI, dotenv and
//! plain bytes. Parsing gives spans, edits are splices, what is not edited stays byte for byte.
//! Knows no cryptography and reads no files.

use std::fmt;

mod error;
pub mod scalar;
mod splice;
mod tree;
pub mod yaml;

pub use error::FormatError;
pub use scalar::{Scalar, Text, Value};
pub use splice::{Splice, apply};
pub use tree::{Change, Comment, Item, Leaf, Node, Site, Step, Tree, map_value};

/// Deepest nesting that is read.
pub const MAX_DEPTH: usize = 255;

/// Most nodes that aliases may unfold into.
pub const MAX_NODES: usize = 1_000_000;

/// The formats sops has stores for.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Format {
    Binary,
    Dotenv,
    Ini,
    Json,
    Yaml,
}

impl Format {
    /// The format sops takes a file of this name for: by its extension, else binary
    /// (`cmd/sops/formats/formats.go`).
    #[must_use]
    pub fn of_name(name: &str) -> Self {
        if name.ends_with(".yaml") || name.ends_with(".yml") {
            Self::Yaml
        } else if name.ends_with(".json") {
            Self::Json
        } else if name.ends_with(".env") {
            Self::Dotenv
        } else if name.ends_with(".ini") {
            Self::Ini
        } else {
            Self::Binary
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Binary => "binary",
            Self::Dotenv => "dotenv",
            Self::Ini => "INI",
            Self::Json => "JSON",
            Self::Yaml => "YAML",
        })
    }
}
