//! Sealing: a plaintext document encrypted value by value, in place, with metadata put behind it; for
//! a file that was opened, all that did not change keeps its ciphertext. What was sealed is opened
//! again and compared before it is handed out.

use std::time::{SystemTime, UNIX_EPOCH};

use super::error::SopsError;
use super::file::{KEY, SopsFile, is_metadata, on_disk};
use super::flatten::flatten;
use super::keys::{Unlocked, Wanted, WrapFn, key_pairs, wrap_all};
use super::open::{Opened, Reuse, to_plain};
use super::select::{Selection, Selector};
use super::update::{escaped, flat_path};
use super::walk::{Stop, Visit, walk};
use crate::crypto::sops::{Cipher, DataKey, Mac, Plain, aad};
use crate::format::{
    Change, Document, Format, Item, Leaf, Scalar, Site, Splice, Step, Text, Value, alike,
};

/// How a new file is encrypted.
#[derive(Clone, Debug, Default)]
pub struct Setup {
    pub mac_only_encrypted: bool,
    /// `None` leaves what sops leaves by default: keys that end in `_unencrypted`.
    pub selection: Option<Selection>,
    pub wanted: Wanted,
}

/// Encrypts a plain document into a new sops file.
///
/// # Errors
/// `AlreadyEncrypted`, `Pattern`, `EmptyGroup`, `Shamir`, `Wrap`, `Format`.
pub fn encrypt(
    format: Format,
    plain: &[u8],
    setup: &Setup,
    now: SystemTime,
    wrap: WrapFn<'_>,
) -> Result<Vec<u8>, SopsError> {
    if let Some(selection) = &setup.selection {
        selection.check()?;
    }
    let (key, keys) = {
        let key = DataKey::generate();
        let groups = wrap_all(&key, &setup.wanted, wrap)?;
        (key, groups)
    };
    let binary = format == Format::Binary;
    let selection = setup.selection.clone().unwrap_or_default();
    let mac_only = setup.mac_only_encrypted && !binary;
    let sealed = Sealing::run(format, plain, &selection, mac_only, &key, &mut Reuse::default())?;
    let time = rfc3339(now);
    let mut pairs = key_pairs(&keys);
    let text = |text: &str| Value::str(text);
    pairs.push(("lastmodified".to_owned(), text(&time)));
    pairs.push(("mac".to_owned(), text(&sealed_mac(&key, &sealed.mac, &time))));
    if mac_only {
        pairs.push(("mac_only_encrypted".to_owned(), Value::Scalar(Scalar::Bool(true))));
    }
    if keys.len() > 1 {
        let threshold = setup.wanted.needed() as i64;
        pairs.push(("shamir_threshold".to_owned(), Value::Scalar(Scalar::Int(threshold))));
    }
    if !binary {
        let (key, pattern) = selection.key();
        pairs.push((key.to_owned(), text(pattern)));
    }
    pairs.push(("version".to_owned(), text(super::VERSION)));
    pairs.sort_by(|(a, _), (b, _)| a.cmp(b));
    let part = new_part(on_disk(format), Value::Map(pairs))?;
    let bytes = sealed.with_parts(|_| (part.clone(), true))?;
    check(format, &bytes, &key, &sealed.values)?;
    Ok(bytes)
}

/// The metadata as a document of their own.
fn new_part(format: Format, metadata: Value) -> Result<Vec<u8>, SopsError> {
    let text = match format {
        Format::Dotenv | Format::Ini => {
            let flat = flatten(&metadata);
            let mut doc = Document::parse(format, Vec::new())?;
            if format == Format::Ini {
                let pairs = flat.iter().map(|(key, value)| (key.clone(), escaped(format, value)));
                let change = Change::Set(Value::Map(pairs.collect()));
                doc = doc.change(0, &[Step::from(KEY)], &change)?;
            } else {
                for (key, value) in &flat {
                    doc = doc.change(0, &flat_path(format, key), &Change::Set(value.clone()))?;
                }
            }
            doc.bytes().to_vec()
        }
        _ => {
            let text = Document::compose(format, &[Value::Map(vec![(KEY.to_owned(), metadata)])])?;
            text.bytes().to_vec()
        }
    };
    Ok(text)
}

impl SopsFile {
    /// Encrypts an edited plaintext of this file, keeping the ciphertext of all that is as it was.
    /// The time of change and the MAC change only if a value did.
    ///
    /// # Errors
    /// `AlreadyEncrypted`, `CommentMatches`, `Readback`, `Format`.
    pub fn seal(
        &self,
        opened: &Opened,
        plain: &[u8],
        now: SystemTime,
    ) -> Result<Vec<u8>, SopsError> {
        let key = &opened.unlocked.key;
        // An old spelling may not fit where it was moved to, or the user may have split a value up.
        let attempts =
            [|reuse: &Reuse| reuse.clone(), Reuse::respelled, |_: &Reuse| Reuse::default()];
        let mut result = Err(SopsError::Readback);
        for attempt in attempts {
            result = self.sealed(plain, key, &mut attempt(&opened.reuse), &opened.mac, now);
            if !matches!(result, Err(SopsError::Readback | SopsError::Format(_))) {
                break;
            }
        }
        result
    }

    fn sealed(
        &self,
        plain: &[u8],
        key: &DataKey,
        reuse: &mut Reuse,
        old_mac: &str,
        now: SystemTime,
    ) -> Result<Vec<u8>, SopsError> {
        let metadata = self.metadata();
        let sealed = Sealing::run(
            self.format(),
            plain,
            &metadata.selection,
            metadata.mac_only_encrypted,
            key,
            reuse,
        )?;
        let raw = if sealed.mac == old_mac {
            self.raw.clone()
        } else {
            self.stamped(&sealed.mac, key, now)
        };
        let bytes = self.joined(&sealed, &raw)?;
        check(self.format(), &bytes, key, &sealed.values)?;
        Ok(bytes)
    }

    /// The metadata with a new MAC and time of change.
    fn stamped(&self, mac: &str, key: &DataKey, now: SystemTime) -> Value {
        let time = rfc3339(now);
        let mut raw = self.raw.clone();
        set(&mut raw, "mac", Value::str(&sealed_mac(key, mac, &time)));
        set(&mut raw, "lastmodified", Value::str(&time));
        raw
    }

    fn joined(&self, sealed: &Sealing, raw: &Value) -> Result<Vec<u8>, SopsError> {
        let text = self.part_text(raw)?;
        let tail = |n: usize| match self.parts.get(n) {
            Some(Some(part)) => part.tail,
            _ => true,
        };
        sealed.with_parts(|n| (text.clone(), tail(n)))
    }

    /// Replaces the data key: every value is encrypted anew, every recipient gets the new key.
    ///
    /// # Errors
    /// `ForeignKeys` if the file has keys that cannot be wrapped here, `EmptyGroup`, `Wrap`, and as
    /// [`Self::seal`].
    pub fn rotate(
        &self,
        opened: &Opened,
        wanted: &Wanted,
        now: SystemTime,
        wrap: WrapFn<'_>,
    ) -> Result<Vec<u8>, SopsError> {
        self.refuse_foreign()?;
        let key = DataKey::generate();
        let metadata = self.metadata();
        let keys = wrap_all(&key, wanted, wrap)?;
        let only = metadata.mac_only_encrypted;
        let sealed = Sealing::run(
            self.format(),
            &opened.plain,
            &metadata.selection,
            only,
            &key,
            &mut Reuse::default(),
        )?;
        let mut raw = self.stamped(&sealed.mac, &key, now);
        self.put_keys(&mut raw, &keys, wanted);
        let bytes = self.joined(&sealed, &raw)?;
        check(self.format(), &bytes, &key, &sealed.values)?;
        Ok(bytes)
    }
}

/// Sets `key` of a map.
pub(super) fn set(map: &mut Value, key: &str, value: Value) {
    if let Value::Map(pairs) = map {
        match pairs.iter_mut().find(|(k, _)| k == key) {
            Some((_, old)) => *old = value,
            None => pairs.push((key.to_owned(), value)),
        }
    }
}

fn sealed_mac(key: &DataKey, mac: &str, time: &str) -> String {
    Cipher::new(key).encrypt(&Plain::str(mac.as_bytes()), time.as_bytes())
}

/// Opens what was sealed and compares.
fn check(format: Format, bytes: &[u8], key: &DataKey, meant: &[Value]) -> Result<(), SopsError> {
    let file = SopsFile::parse(format, bytes.to_vec())?;
    let opened = file.open(&Unlocked::of_key(key), false).map_err(|error| match error {
        SopsError::Value { .. } | SopsError::MacMismatch => SopsError::Readback,
        error => error,
    })?;
    let empty = |value: &Value| *value == Value::Map(Vec::new());
    let same = opened.values.len() == meant.len()
        && opened.values.iter().zip(meant).all(|(a, b)| alike(a, b, format));
    if same || meant.is_empty() && opened.values.iter().all(empty) {
        Ok(())
    } else {
        Err(SopsError::Readback)
    }
}

/// A document with its values encrypted, before metadata are added.
struct Sealing {
    document: Document,
    mac: String,
    /// The plaintext, to compare with.
    values: Vec<Value>,
}

impl Sealing {
    fn run(
        format: Format,
        plain: &[u8],
        selection: &Selection,
        mac_only: bool,
        key: &DataKey,
        reuse: &mut Reuse,
    ) -> Result<Self, SopsError> {
        let cipher = Cipher::new(key);
        let mut sealer = Sealer {
            cipher: &cipher,
            selector: &selection.ready(),
            reuse,
            text_only: matches!(format, Format::Dotenv | Format::Ini),
            leaves: Vec::new(),
            comments: Vec::new(),
            splices: Vec::new(),
            bytes: Vec::new(),
            mac: Mac::new(mac_only),
            mac_only,
        };
        if format == Format::Binary {
            return sealer.binary(plain);
        }
        let document = Document::parse(format, plain.to_vec())?;
        let document = document.unfolded()?.unwrap_or(document);
        let tree = document.tree()?;
        for item in tree.documents.iter().flatten() {
            if let Item::Entry { key, .. } = item
                && is_metadata(format, item)
            {
                return Err(SopsError::AlreadyEncrypted { key: key.clone() });
            }
        }
        let selector = sealer.selector;
        sealer.bytes = document.bytes().to_vec();
        for items in &tree.documents {
            walk(items, selector, &mut |stop| sealer.stop(&document, &stop))?;
        }
        for comment in &tree.loose {
            let place = [vec![comment.text.as_bytes().to_vec()]];
            if selector.encrypts(&[], &place, true) {
                sealer.comment(&comment.text, &comment.site, &[], false)?;
            }
        }
        let Sealer { leaves, comments, mut splices, mac, .. } = sealer;
        splices.extend(document.respell(leaves.iter().map(|(site, scalar)| (site, scalar)))?);
        splices.extend(document.recomment(comments.iter().map(|(site, text)| (site, text))));
        let values = tree.to_values();
        Ok(Self { document: document.splice(splices)?, mac: mac.finish(), values })
    }

    /// The document with metadata in each of its documents.
    fn with_parts(&self, part: impl Fn(usize) -> (Vec<u8>, bool)) -> Result<Vec<u8>, SopsError> {
        let count = self.document.documents().max(1);
        let crlf = self.document.bytes().windows(2).any(|pair| pair == b"\r\n");
        let splices = (0..count).map(|n| {
            let (mut text, tail) = part(n);
            if crlf && !text.contains(&b'\r') && self.document.format() == Format::Yaml {
                text = String::from_utf8_lossy(&text).replace('\n', "\r\n").into_bytes();
            }
            self.document.paste(n, &text, tail).ok_or(SopsError::Readback)
        });
        let splices: Vec<Splice> = splices.collect::<Result<_, _>>()?;
        Ok(self.document.splice(splices)?.bytes().to_vec())
    }
}

struct Sealer<'s> {
    cipher: &'s Cipher,
    selector: &'s Selector,
    reuse: &'s mut Reuse,
    text_only: bool,
    leaves: Vec<(Site, Scalar)>,
    comments: Vec<(Site, Text)>,
    splices: Vec<Splice>,
    bytes: Vec<u8>,
    mac: Mac,
    mac_only: bool,
}

impl Sealer<'_> {
    fn stop(&mut self, document: &Document, stop: &Stop<'_, '_>) -> Result<(), SopsError> {
        match stop.visit {
            Visit::Comment(comment) if stop.encrypted => {
                self.comment(&comment.text, &comment.site, stop.path, stop.in_list)
            }
            Visit::Comment(_) => Ok(()),
            Visit::Leaf(leaf) => {
                self.leaf(document, leaf, stop);
                Ok(())
            }
        }
    }

    fn leaf(&mut self, document: &Document, leaf: &Leaf, stop: &Stop<'_, '_>) {
        let Some(plain) = to_plain(&leaf.scalar) else { return };
        if stop.encrypted || !self.mac_only {
            self.mac.add(&plain);
        }
        if !stop.encrypted || plain.is_empty() {
            return;
        }
        let bound = aad(stop.path.iter().map(String::as_str));
        let kept = self.reuse.take(&bound, false, &plain.to_bytes(), plain.kind(), self.text_only);
        let text = match kept {
            Some(kept) if is_quoted(&kept.raw) => {
                self.splices.push(Splice::new(document.spelling(&leaf.site), kept.raw));
                return;
            }
            Some(kept) => kept.text,
            None => self.cipher.encrypt(&plain, &bound).into_bytes(),
        };
        self.leaves.push((leaf.site.clone(), Scalar::Str(Text::new(text))));
    }

    fn comment(
        &mut self,
        text: &Text,
        site: &Site,
        path: &[String],
        in_list: bool,
    ) -> Result<(), SopsError> {
        if text.is_empty() {
            return Ok(());
        }
        let bound = aad(path.iter().map(String::as_str));
        if let Some(kept) = self.reuse.take(&bound, true, text.as_bytes(), "comment", false) {
            let hash = site.span.start.wrapping_sub(1);
            if kept.item && in_list && self.bytes.get(hash) == Some(&b'#') {
                let empty: &[u8] = b"[] ";
                let start =
                    hash - if self.bytes[..hash].ends_with(empty) { empty.len() } else { 0 };
                let item = [b"- ", &kept.raw[..]].concat();
                self.splices.push(Splice::new(start..site.span.end, item));
                return Ok(());
            }
            self.comments.push((site.clone(), Text::new(kept.text)));
            return Ok(());
        }
        let sealed = self.cipher.encrypt(&Plain::comment(text.as_bytes()), &bound);
        if self.selector.spares(sealed.as_bytes()) {
            return Err(SopsError::CommentMatches { path: path.join(".") });
        }
        self.comments.push((site.clone(), Text::new(sealed)));
        Ok(())
    }

    /// A binary file is one string in a JSON object.
    fn binary(mut self, plain: &[u8]) -> Result<Sealing, SopsError> {
        let value = Plain::str(plain);
        self.mac.add(&value);
        let bound = aad(["data"]);
        let kept = self.reuse.take(&bound, false, plain, "str", true);
        let text = match kept {
            Some(kept) => String::from_utf8_lossy(&kept.text).into_owned(),
            None => self.cipher.encrypt(&value, &bound),
        };
        let pairs = |text: Value| Value::Map(vec![("data".to_owned(), text)]);
        let document = Document::compose(Format::Json, &[pairs(Value::str(&text))])?;
        let values = vec![pairs(Value::Scalar(Scalar::Str(Text::new(plain))))];
        Ok(Sealing { document, mac: self.mac.finish(), values })
    }
}

/// Is this a spelling in quotes on one line, which fits wherever a value may stand?
fn is_quoted(raw: &[u8]) -> bool {
    matches!(raw.first(), Some(b'"' | b'\'' | b'`')) && !raw.contains(&b'\n')
}

/// `2006-01-02T15:04:05Z`.
fn rfc3339(time: SystemTime) -> String {
    let seconds = time.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let (days, rest) = (seconds / 86_400, seconds % 86_400);
    // Days to a civil date, in years that begin in March (the leap day comes last).
    let z = days + 719_468;
    let era = z / 146_097;
    let day_of_era = z % 146_097;
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    format!(
        "{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}Z",
        rest / 3600,
        rest / 60 % 60,
        rest % 60
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn times_are_rfc_3339() {
        for (seconds, want) in [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_399, "2000-02-28T23:59:59Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (1_795_219_200, "2026-11-21T00:00:00Z"),
        ] {
            assert_eq!(rfc3339(UNIX_EPOCH + Duration::from_secs(seconds)), want);
        }
    }
}
