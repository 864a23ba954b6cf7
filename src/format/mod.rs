//! Lossless documents in the formats secrets and rules are written in: YAML, JSON, INI, dotenv and
//! plain bytes. Parsing gives spans, edits are splices, what is not edited stays byte for byte.
//! Knows no cryptography and reads no files.

use std::fmt;
use std::ops::Range;

use zeroize::Zeroizing;

pub mod dotenv;
mod error;
mod flat;
pub mod ini;
pub mod json;
mod part;
pub mod regex2;
pub mod scalar;
mod splice;
mod tree;
pub mod yaml;

pub use error::FormatError;
pub use part::Part;
pub use scalar::{Scalar, Text, Value};
pub use splice::{Splice, apply};
pub use tree::{Change, Comment, Item, Leaf, Node, Site, Step, Tree, map_value};

/// Deepest nesting that is read.
pub const MAX_DEPTH: usize = 255;

/// Largest text that is parsed; binary content has no bound.
pub const MAX_BYTES: usize = 64 << 20;

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

enum Inner {
    Binary,
    Dotenv(dotenv::Dotenv),
    Ini(ini::Ini),
    Json(json::Json),
    Yaml(yaml::Yaml),
}

/// A document of any format: its bytes, and edits that give a new one.
pub struct Document {
    format: Format,
    bytes: Zeroizing<Vec<u8>>,
    inner: Inner,
}

impl Document {
    /// Parses `bytes` as `format`.
    ///
    /// # Errors
    /// `Syntax`, `TooDeep`, `TooLarge`, `DuplicateKey` (INI) or `KeyNotString` (dotenv).
    pub fn parse(format: Format, bytes: Vec<u8>) -> Result<Self, FormatError> {
        let bytes = Zeroizing::new(bytes);
        if format != Format::Binary && bytes.len() > MAX_BYTES {
            return Err(FormatError::TooLarge { size: bytes.len(), limit: MAX_BYTES });
        }
        let inner = match format {
            Format::Binary => Inner::Binary,
            Format::Dotenv => Inner::Dotenv(dotenv::Dotenv::parse(&bytes)?),
            Format::Ini => Inner::Ini(ini::Ini::parse(&bytes)?),
            Format::Json => Inner::Json(json::Json::parse(&bytes)?),
            Format::Yaml => Inner::Yaml(yaml::Yaml::parse(&bytes)?),
        };
        Ok(Self { format, bytes, inner })
    }

    /// A new document that holds `documents` (one, but in YAML), without comments, laid out as sops
    /// would.
    ///
    /// # Errors
    /// `NotRepresentable`.
    pub fn compose(format: Format, documents: &[Value]) -> Result<Self, FormatError> {
        let empty = Value::Map(Vec::new());
        let first = documents.first().unwrap_or(&empty);
        let bytes = match format {
            Format::Json => json::text(first)?.as_bytes().to_vec(),
            Format::Yaml => yaml::compose(documents).into_bytes(),
            Format::Binary | Format::Dotenv | Format::Ini => {
                let Value::Map(pairs) = first else {
                    return Err(FormatError::TopLevel { format });
                };
                let items = tree::items(pairs);
                match format {
                    Format::Dotenv => dotenv::text(&items)?.to_vec(),
                    Format::Ini => ini::text(&items)?.as_bytes().to_vec(),
                    _ => flat::leaf(first.get("data").unwrap_or(&Value::str("")), format)?,
                }
            }
        };
        Self::parse(format, bytes)
    }

    /// The format it was parsed as.
    #[must_use]
    pub fn format(&self) -> Format {
        self.format
    }

    /// The text.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// What sops reads from it. Binary is one string under `data`.
    ///
    /// # Errors
    /// What a format cannot bring into the tree; see its own `tree`.
    pub fn tree(&self) -> Result<Tree, FormatError> {
        match &self.inner {
            Inner::Binary => {
                let site = Site { span: 0..self.bytes.len(), id: 0 };
                let leaf = Leaf { scalar: Scalar::Str(Text::new(&self.bytes[..])), site };
                let item = Item::Entry { key: "data".to_owned(), node: Node::Leaf(leaf) };
                Ok(Tree { documents: vec![vec![item]], loose: Vec::new() })
            }
            Inner::Dotenv(doc) => Ok(doc.tree()),
            Inner::Ini(doc) => Ok(doc.tree()),
            Inner::Json(doc) => doc.tree(),
            Inner::Yaml(doc) => doc.tree(),
        }
    }

    /// Makes `change` at `path` of YAML document `doc` (0 elsewhere), parses the result and compares
    /// it with what was meant.
    ///
    /// # Errors
    /// `NoSuchPath`, `NotRepresentable`, `EditMismatch`, and what [`Self::tree`] gives.
    pub fn change(&self, doc: usize, path: &[Step], change: &Change) -> Result<Self, FormatError> {
        let shown = || tree::Shown(path).to_string();
        let mut meant = self.tree()?.to_values();
        let old = meant.get(doc).ok_or_else(|| FormatError::NoSuchPath { path: shown() })?;
        let new = tree::changed(old, path, change)
            .ok_or_else(|| FormatError::NoSuchPath { path: shown() })?;
        meant[doc] = new;
        let splices = match &self.inner {
            Inner::Binary => match change {
                Change::Set(value) => {
                    vec![Splice::new(0..self.bytes.len(), flat::leaf(value, Format::Binary)?)]
                }
                Change::Unset => return Err(FormatError::NoSuchPath { path: shown() }),
            },
            Inner::Dotenv(doc) => doc.change(path, change)?,
            Inner::Ini(doc) => doc.change(path, change)?,
            Inner::Json(doc) => doc.change(path, change)?,
            Inner::Yaml(yaml) => yaml.change(doc, path, change)?,
        };
        let edited = self.spliced(splices, &shown)?;
        let same = |a: &Value, b: &Value| alike(a, b, self.format);
        let now = edited.tree()?.to_values();
        if now.len() == meant.len() && now.iter().zip(&meant).all(|(a, b)| same(a, b)) {
            Ok(edited)
        } else {
            Err(FormatError::EditMismatch { path: shown() })
        }
    }

    /// Applies raw splices and parses the result. What it means is not checked.
    ///
    /// # Errors
    /// `EditMismatch` for splices that overlap, and what [`Self::parse`] gives.
    pub fn splice(&self, splices: Vec<Splice>) -> Result<Self, FormatError> {
        self.spliced(splices, &|| "the whole document".to_owned())
    }

    fn spliced(
        &self,
        mut splices: Vec<Splice>,
        path: &dyn Fn() -> String,
    ) -> Result<Self, FormatError> {
        let bytes = apply(&self.bytes, &mut splices);
        let bytes = bytes.ok_or_else(|| FormatError::EditMismatch { path: path() })?;
        Self::parse(self.format, bytes)
    }

    /// The document with every alias unfolded; `None` if it has none.
    ///
    /// # Errors
    /// `AliasBomb`, and what [`Self::tree`] gives.
    pub fn unfolded(&self) -> Result<Option<Self>, FormatError> {
        match &self.inner {
            Inner::Yaml(yaml) if yaml.has_aliases() => {
                let meant = self.tree()?.to_values();
                let unfolded = self.splice(yaml.unfold()?)?;
                if unfolded.tree()?.to_values() == meant {
                    Ok(Some(unfolded))
                } else {
                    Err(FormatError::EditMismatch { path: "the aliases".to_owned() })
                }
            }
            _ => Ok(None),
        }
    }

    /// The splices that spell these leaves anew.
    ///
    /// # Errors
    /// `NotRepresentable`.
    pub fn respell<'s>(
        &self,
        leaves: impl Iterator<Item = (&'s Site, &'s Scalar)>,
    ) -> Result<Vec<Splice>, FormatError> {
        match &self.inner {
            Inner::Binary => leaves
                .map(|(site, leaf)| {
                    Ok(Splice::new(site.span.clone(), flat::text(leaf, Format::Binary)?))
                })
                .collect(),
            Inner::Dotenv(doc) => doc.respell(leaves),
            Inner::Ini(doc) => doc.respell(leaves),
            Inner::Json(doc) => doc.respell(leaves),
            Inner::Yaml(doc) => Ok(doc.respell(leaves)),
        }
    }

    /// The splices that give these comments new texts.
    pub fn recomment<'s>(
        &self,
        comments: impl Iterator<Item = (&'s Site, &'s Text)>,
    ) -> Vec<Splice> {
        match &self.inner {
            Inner::Dotenv(doc) => doc.recomment(comments),
            Inner::Ini(doc) => doc.recomment(comments),
            _ => comments
                .map(|(site, text)| Splice::new(site.span.clone(), text.as_bytes()))
                .collect(),
        }
    }

    /// Takes top-level `key` out of document `doc`; in dotenv, where nothing nests, all keys that
    /// begin with `key` and `_`.
    #[must_use]
    pub fn part(&self, doc: usize, key: &str) -> Option<Part> {
        match &self.inner {
            Inner::Binary => None,
            Inner::Dotenv(doc) => doc.part(&format!("{key}_")),
            Inner::Ini(doc) => doc.part(key),
            Inner::Json(doc) => doc.part(key),
            Inner::Yaml(yaml) => yaml.part(doc, key),
        }
    }

    /// The splice that puts a part (back) into document `doc`, at its very end if `tail`.
    #[must_use]
    pub fn paste(&self, doc: usize, part: &[u8], tail: bool) -> Option<Splice> {
        match &self.inner {
            Inner::Binary => None,
            Inner::Dotenv(_) => {
                let at = self.bytes.len();
                let mut text = Vec::with_capacity(part.len() + 1);
                if at > 0 && !self.bytes.ends_with(b"\n") {
                    text.push(b'\n');
                }
                text.extend_from_slice(part);
                Some(Splice::new(at..at, text))
            }
            Inner::Ini(doc) => doc.paste(part),
            Inner::Json(doc) => doc.paste(part),
            Inner::Yaml(yaml) => yaml.paste(doc, part, tail),
        }
    }

    /// How many documents it has.
    #[must_use]
    pub fn documents(&self) -> usize {
        match &self.inner {
            Inner::Yaml(yaml) => yaml.documents(),
            _ => 1,
        }
    }

    /// Where the `-` of a list item stands, in block style YAML.
    #[must_use]
    pub fn dash(&self, site: &Site) -> Option<usize> {
        match &self.inner {
            Inner::Yaml(yaml) => yaml.dash(site),
            _ => None,
        }
    }

    /// The bytes that stand for a leaf, all that a new spelling would replace.
    #[must_use]
    pub fn spelling(&self, site: &Site) -> Range<usize> {
        match &self.inner {
            Inner::Yaml(doc) => doc.spelling(site),
            _ => site.span.clone(),
        }
    }
}

/// Equality as far as a format can tell: INI and dotenv know only text, JSON no timestamps.
pub(crate) fn alike(a: &Value, b: &Value, format: Format) -> bool {
    match (a, b) {
        (Value::List(a), Value::List(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| alike(a, b, format))
        }
        (Value::Map(a), Value::Map(b)) => {
            a.len() == b.len()
                && a.iter().zip(b).all(|((k, a), (l, b))| k == l && alike(a, b, format))
        }
        (Value::Scalar(a), Value::Scalar(b)) => {
            let text = |scalar: &Scalar| flat::text(scalar, format).ok();
            a == b
                || match format {
                    Format::Yaml => false,
                    _ => text(a).is_some() && text(a) == text(b),
                }
                || matches!((a, b), (Scalar::Float(x), Scalar::Int(y)) | (Scalar::Int(y), Scalar::Float(x)) if *x == *y as f64)
        }
        _ => false,
    }
}
