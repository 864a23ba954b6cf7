//! Opening a sops file: every value decrypted in place, the MAC verified, and what is needed to seal
//! it again with the ciphertext of all that did not change. Plaintext is wiped when dropped.

use std::collections::{HashMap, VecDeque};

use zeroize::{Zeroize, Zeroizing};

use super::error::SopsError;
use super::file::SopsFile;
use super::keys::Unlocked;
use super::walk::{Stop, Visit, is_comment_item, walk};
use crate::crypto::sops::{Cipher, Mac, Plain, ValueError, aad};
use crate::format::{Document, Format, Scalar, Site, Splice, Text, Value, alike};

/// An opened file.
pub struct Opened {
    /// The plaintext: the document without metadata, or the bytes of a binary file.
    pub plain: Zeroizing<Vec<u8>>,
    /// The plaintext as values, one for each document; a binary file is a string under `data`.
    pub values: Vec<Value>,
    /// The data key and what of it was opened.
    pub unlocked: Unlocked,
    /// The MAC over the values.
    pub(super) mac: String,
    pub(super) reuse: Reuse,
}

/// Ciphertext to keep, by what it is bound to and says.
#[derive(Clone, Default)]
pub(super) struct Reuse(HashMap<Bound, VecDeque<Kept>>);

/// Wiped when the table goes.
#[derive(Clone, Eq, Hash, PartialEq)]
struct Bound {
    aad: Vec<u8>,
    comment: bool,
    bytes: Vec<u8>,
}

/// An old spelling.
#[derive(Clone)]
pub(super) struct Kept {
    /// The type of its plaintext.
    pub(super) kind: &'static str,
    /// The ciphertext (or a comment that never was encrypted).
    pub(super) text: Vec<u8>,
    /// How the file spells it, quotes included.
    pub(super) raw: Vec<u8>,
    /// A comment that is stored as a list item.
    pub(super) item: bool,
}

impl Drop for Bound {
    fn drop(&mut self) {
        self.bytes.zeroize();
    }
}

impl Reuse {
    fn keep(&mut self, aad: Vec<u8>, comment: bool, bytes: Zeroizing<Vec<u8>>, kept: Kept) {
        self.0.entry(Bound { aad, comment, bytes: bytes.to_vec() }).or_default().push_back(kept);
    }

    /// The same ciphertexts, but spelled and placed as new ones are.
    pub(super) fn respelled(&self) -> Self {
        let mut copy = self.clone();
        for kept in copy.0.values_mut().flatten() {
            kept.raw.clear();
            kept.item = false;
        }
        copy
    }

    /// The next old spelling of this plaintext at this place, if its type fits.
    pub(super) fn take(
        &mut self,
        aad: &[u8],
        comment: bool,
        bytes: &[u8],
        kind: &str,
        text_only: bool,
    ) -> Option<Kept> {
        let bound = Bound { aad: aad.to_vec(), comment, bytes: bytes.to_vec() };
        let list = self.0.get_mut(&bound)?;
        let number = |kind: &str| matches!(kind, "float" | "int");
        // A float without fraction reads back as an integer; formats of mere text know no types.
        let at = list.iter().position(|kept| kept.kind == kind).or_else(|| {
            list.iter().position(|kept| text_only || number(kept.kind) && number(kind))
        })?;
        list.remove(at)
    }
}

impl SopsFile {
    /// Decrypts all values with an unlocked data key and verifies the MAC, unless told to ignore it.
    ///
    /// # Errors
    /// `Value`, `MacMissing`, `MacMismatch`, `Format`.
    pub fn open(&self, unlocked: &Unlocked, ignore_mac: bool) -> Result<Opened, SopsError> {
        if let Some(unfolded) = self.document.unfolded()? {
            return Self::of_document(self.format(), unfolded)?.open(unlocked, ignore_mac);
        }
        let cipher = Cipher::new(&unlocked.key);
        let mut opening = Opening {
            file: self,
            cipher: &cipher,
            mac: Mac::new(self.metadata().mac_only_encrypted),
            leaves: Vec::new(),
            comments: Vec::new(),
            splices: Vec::new(),
            reuse: Reuse::default(),
        };
        let selector = self.metadata().selection.ready();
        for items in &self.tree.documents {
            walk(items, &selector, &mut |stop| opening.stop(&stop))?;
        }
        for comment in &self.tree.loose {
            let place = [vec![comment.text.as_bytes().to_vec()]];
            if selector.encrypts(&[], &place, true) {
                opening.comment(&comment.text, &comment.site, &[]);
            }
        }
        let Opening { mac, leaves, comments, mut splices, reuse, .. } = opening;
        let mac = mac.finish();
        if !ignore_mac {
            self.verify(&cipher, &mac)?;
        }
        let decrypted: HashMap<usize, &Scalar> =
            leaves.iter().map(|(site, scalar)| (site.span.start, scalar)).collect();
        let values =
            self.tree.documents.iter().map(|items| decrypted_map(items, &decrypted)).collect();
        if self.format() == Format::Binary {
            return binary(values, mac, reuse, unlocked);
        }
        splices.extend(self.document.respell(leaves.iter().map(|(site, scalar)| (site, scalar)))?);
        splices.extend(self.document.recomment(comments.iter().map(|(site, text)| (site, text))));
        let cuts = self.parts.iter().flatten().flat_map(|part| part.cuts.iter().cloned());
        splices.extend(cuts.map(Splice::cut));
        let plain = self.plain(splices, &values)?;
        Ok(Opened { plain, values, unlocked: unlocked.clone(), mac, reuse })
    }

    /// The spliced plaintext if it says what was decrypted, else a new text that does.
    fn plain(
        &self,
        splices: Vec<Splice>,
        values: &[Value],
    ) -> Result<Zeroizing<Vec<u8>>, SopsError> {
        let fits = |doc: &Document| {
            doc.tree().is_ok_and(|tree| {
                let now = tree.to_values();
                // A document that was metadata only may be none at all without them.
                now.len() == values.len()
                    && now.iter().zip(values).all(|(a, b)| alike(a, b, self.format()))
                    || now.is_empty() && values.iter().all(|value| *value == Value::Map(Vec::new()))
            })
        };
        let spliced = self.document.splice(splices).ok().filter(|doc| fits(doc));
        let doc = match spliced {
            Some(doc) => doc,
            None => Document::compose(self.format(), values)?,
        };
        if fits(&doc) { Ok(Zeroizing::new(doc.bytes().to_vec())) } else { Err(SopsError::Readback) }
    }

    fn verify(&self, cipher: &Cipher, computed: &str) -> Result<(), SopsError> {
        let metadata = self.metadata();
        if metadata.mac.is_empty() {
            return Err(SopsError::MacMissing);
        }
        let stored = cipher
            .decrypt(metadata.mac.as_bytes(), metadata.mac_aad()?.as_bytes())
            .map_err(|_| SopsError::MacMismatch)?;
        match stored {
            Plain::Str(text) if text.as_bytes() == computed.as_bytes() => Ok(()),
            _ => Err(SopsError::MacMismatch),
        }
    }
}

struct Opening<'f> {
    file: &'f SopsFile,
    cipher: &'f Cipher,
    mac: Mac,
    leaves: Vec<(Site, Scalar)>,
    comments: Vec<(Site, Text)>,
    splices: Vec<Splice>,
    reuse: Reuse,
}

impl Opening<'_> {
    fn stop(&mut self, stop: &Stop<'_, '_>) -> Result<(), SopsError> {
        match stop.visit {
            Visit::Comment(comment) if stop.encrypted => {
                self.comment(&comment.text, &comment.site, stop.path);
            }
            Visit::Comment(_) => {}
            Visit::Leaf(leaf) if leaf.scalar == Scalar::Null => {}
            Visit::Leaf(leaf) if stop.encrypted => {
                let bound = aad(stop.path.iter().map(String::as_str));
                let wrong = |source| SopsError::Value { path: stop.path.join("."), source };
                let Scalar::Str(text) = &leaf.scalar else {
                    return Err(wrong(ValueError::NotEncrypted));
                };
                let plain = self.cipher.decrypt(text.as_bytes(), &bound).map_err(wrong)?;
                let raw =
                    self.file.document.bytes()[self.file.document.spelling(&leaf.site)].to_vec();
                let mut kept =
                    Kept { kind: plain.kind(), text: text.as_bytes().to_vec(), raw, item: false };
                let Some(scalar) = to_scalar(&plain) else {
                    // A comment kept as a list item: data it is not, and no part of the MAC.
                    kept.item = true;
                    let start = self.file.document.dash(&leaf.site).unwrap_or(leaf.site.span.start);
                    let mark: &[u8] = if stop.empties { b"[] #" } else { b"#" };
                    let line = [mark, &plain.to_bytes()[..]].concat();
                    self.splices.push(Splice::new(start..leaf.site.span.end, line));
                    self.reuse.keep(bound, true, plain.to_bytes(), kept);
                    return Ok(());
                };
                self.mac.add(&plain);
                if !text.is_empty() {
                    self.reuse.keep(bound, false, plain.to_bytes(), kept);
                    self.leaves.push((leaf.site.clone(), scalar));
                }
            }
            Visit::Leaf(leaf) => {
                if !self.file.metadata().mac_only_encrypted
                    && let Some(plain) = to_plain(&leaf.scalar)
                {
                    self.mac.add(&plain);
                }
            }
        }
        Ok(())
    }

    /// A comment that does not decrypt was never encrypted, and stays.
    fn comment(&mut self, text: &Text, site: &Site, path: &[String]) {
        let bound = aad(path.iter().map(String::as_str));
        let raw = text.as_bytes().to_vec();
        let plain = self.cipher.decrypt(text.as_bytes(), &bound).ok();
        let bytes = plain.as_ref().map_or_else(|| Zeroizing::new(raw.clone()), Plain::to_bytes);
        if plain.is_some() && !raw.is_empty() {
            self.comments.push((site.clone(), Text::new(&bytes[..])));
        }
        let kept = Kept { kind: "comment", text: raw.clone(), raw, item: false };
        self.reuse.keep(bound, true, bytes, kept);
    }
}

fn binary(
    values: Vec<Value>,
    mac: String,
    reuse: Reuse,
    unlocked: &Unlocked,
) -> Result<Opened, SopsError> {
    let data = values.first().and_then(|value| value.get("data"));
    let Some(Value::Scalar(Scalar::Str(text))) = data else {
        return Err(SopsError::BadMetadata { what: "a binary file without `data`".to_owned() });
    };
    let plain = Zeroizing::new(text.as_bytes().to_vec());
    Ok(Opened { plain, values, unlocked: unlocked.clone(), mac, reuse })
}

fn decrypted_map(items: &[crate::format::Item], decrypted: &HashMap<usize, &Scalar>) -> Value {
    use crate::format::{Item, Node};
    fn node_value(node: &Node, decrypted: &HashMap<usize, &Scalar>) -> Value {
        match node {
            Node::Leaf(leaf) => {
                let scalar = decrypted.get(&leaf.site.span.start).copied();
                Value::Scalar(scalar.unwrap_or(&leaf.scalar).clone())
            }
            Node::List(items) => Value::List(
                items
                    .iter()
                    .filter_map(|item| match item {
                        Item::Entry { node: Node::Leaf(leaf), .. }
                            if is_comment_item(&leaf.scalar)
                                && !decrypted.contains_key(&leaf.site.span.start) =>
                        {
                            None
                        }
                        Item::Entry { node, .. } => Some(node_value(node, decrypted)),
                        Item::Comment(_) => None,
                    })
                    .collect(),
            ),
            Node::Map(items) => decrypted_map(items, decrypted),
        }
    }
    let pairs = items.iter().filter_map(|item| match item {
        Item::Entry { key, node } => Some((key.clone(), node_value(node, decrypted))),
        Item::Comment(_) => None,
    });
    Value::Map(pairs.collect())
}

/// A plaintext as a leaf; `None` for a comment.
pub(super) fn to_scalar(plain: &Plain) -> Option<Scalar> {
    Some(match plain {
        Plain::Bool(bool) => Scalar::Bool(*bool),
        Plain::Bytes(bytes) | Plain::Str(bytes) => Scalar::Str(Text::new(bytes.as_bytes())),
        Plain::Comment(_) => return None,
        Plain::Float(float) => Scalar::Float(*float),
        Plain::Int(int) => Scalar::Int(*int),
        Plain::Time(time) => Scalar::Time(time.clone()),
    })
}

/// A leaf as a plaintext; `None` for null, which is never encrypted.
pub(super) fn to_plain(scalar: &Scalar) -> Option<Plain> {
    Some(match scalar {
        Scalar::Bool(bool) => Plain::Bool(*bool),
        Scalar::Float(float) => Plain::Float(*float),
        Scalar::Int(int) => Plain::Int(*int),
        Scalar::Null => return None,
        Scalar::Str(text) => Plain::str(text.as_bytes()),
        Scalar::Time(time) => Plain::Time(time.clone()),
    })
}
