//! A sops file as it is on disk: data and metadata told apart, nothing decrypted. Refuses files
//! without metadata.

use super::error::SopsError;
use super::flatten::unflatten;
use super::metadata::Metadata;
use super::update;
use crate::format::{Document, Format, Item, Node, Part, Scalar, Splice, Tree, Value, map_value};

/// The key (in dotenv: the prefix) of metadata.
pub(super) const KEY: &str = "sops";

/// A parsed sops file.
pub struct SopsFile {
    /// Binary files are JSON on disk.
    pub(super) document: Document,
    format: Format,
    metadata: Metadata,
    /// The metadata of each document of the stream; the first one counts.
    pub(super) parts: Vec<Option<Part>>,
    /// What the first part holds, unflattened.
    pub(super) raw: Value,
    /// The data alone.
    pub(super) tree: Tree,
}

impl SopsFile {
    /// Reads `bytes` as a sops file of `format`.
    ///
    /// # Errors
    /// `Format`, `NotEncrypted`, `BadMetadata`.
    pub fn parse(format: Format, bytes: Vec<u8>) -> Result<Self, SopsError> {
        Self::of_document(format, Document::parse(on_disk(format), bytes)?)
    }

    pub(super) fn of_document(format: Format, document: Document) -> Result<Self, SopsError> {
        let parts: Vec<Option<Part>> =
            (0..document.documents()).map(|n| document.part(n, KEY)).collect();
        let Some(Some(first)) = parts.first() else { return Err(SopsError::NotEncrypted) };
        let raw = raw(&Document::parse(on_disk(format), first.text.to_vec())?)?;
        let metadata = Metadata::read(&raw)?;
        let mut tree = document.tree()?;
        for items in &mut tree.documents {
            items.retain(|item| !is_metadata(document.format(), item));
        }
        Ok(Self { document, format, metadata, parts, raw, tree })
    }

    /// The format of its plaintext.
    #[must_use]
    pub fn format(&self) -> Format {
        self.format
    }

    /// Its metadata.
    #[must_use]
    pub fn metadata(&self) -> &Metadata {
        &self.metadata
    }

    /// The file as it was read.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        self.document.bytes()
    }

    /// The data as they stand in the file, encrypted values as text.
    #[must_use]
    pub fn values(&self) -> Vec<Value> {
        self.tree.to_values()
    }

    /// The text of the metadata after a change to `raw`, in the layout they have.
    pub(super) fn part_text(&self, raw: &Value) -> Result<Vec<u8>, SopsError> {
        let text = self.parts.iter().flatten().next().map(|part| part.text.to_vec());
        let doc = Document::parse(self.document.format(), text.unwrap_or_default())?;
        Ok(update::update(doc, &self.raw, raw)?.bytes().to_vec())
    }

    /// The file with other metadata and the same data.
    pub(super) fn with_metadata(&self, raw: &Value) -> Result<Vec<u8>, SopsError> {
        let text = self.part_text(raw)?;
        let splices: Vec<Splice> =
            self.parts.iter().flatten().flat_map(|part| part.replaced(&text)).collect();
        Ok(self.document.splice(splices)?.bytes().to_vec())
    }
}

/// The format a file of `format` is stored in.
pub(super) fn on_disk(format: Format) -> Format {
    if format == Format::Binary { Format::Json } else { format }
}

/// Is this top-level item metadata, or would sops take it for that?
pub(super) fn is_metadata(format: Format, item: &Item) -> bool {
    let Item::Entry { key, .. } = item else { return false };
    match format {
        Format::Dotenv => key.starts_with("sops_"),
        _ => key == KEY,
    }
}

/// The metadata in a document that holds them alone.
fn raw(doc: &Document) -> Result<Value, SopsError> {
    let tree = doc.tree()?;
    let Some(items) = tree.documents.first() else { return Err(SopsError::NotEncrypted) };
    let value = map_value(items);
    match doc.format() {
        Format::Dotenv => {
            let Value::Map(pairs) = value else { return Err(SopsError::NotEncrypted) };
            let pairs: Vec<_> = pairs
                .into_iter()
                .filter_map(|(key, value)| Some((key.strip_prefix("sops_")?.to_owned(), value)))
                .collect();
            unflatten(&pairs)
        }
        Format::Ini => {
            let section = items.iter().find_map(|item| match item {
                Item::Entry { key, node: Node::Map(items) } if key == KEY => Some(map_value(items)),
                _ => None,
            });
            let Some(Value::Map(pairs)) = section else { return Err(SopsError::NotEncrypted) };
            let pairs: Vec<_> =
                pairs.into_iter().map(|(key, value)| (key, unescaped(value))).collect();
            unflatten(&pairs)
        }
        _ => value.get(KEY).cloned().ok_or(SopsError::NotEncrypted),
    }
}

fn unescaped(value: Value) -> Value {
    match value.as_str() {
        Some(text) if text.contains("\\n") => {
            Value::Scalar(Scalar::str(&text.replace("\\n", "\n")))
        }
        _ => value,
    }
}
