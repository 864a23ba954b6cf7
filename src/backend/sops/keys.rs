//! The data key and who has it: unwrapping through age entries and Shamir groups, and bringing the
//! recipients of a file to those wanted. A recipient that stays keeps its wrapped key; keys of other
//! kinds are carried through.

use zeroize::Zeroizing;

use super::error::SopsError;
use super::file::SopsFile;
use super::metadata::AgeEntry;
use super::seal::set;
use crate::crypto::sops::{DataKey, combine, split};
use crate::format::{Scalar, Value};

/// Encrypts bytes to one recipient: an armored age file, or why not.
pub type WrapFn<'w> = &'w dyn Fn(&str, &[u8]) -> Result<String, String>;

/// Decrypts an entry, or says why not.
pub type UnwrapFn<'u> = &'u mut dyn FnMut(&AgeEntry) -> Result<Zeroizing<Vec<u8>>, String>;

/// An unlocked data key.
#[derive(Clone)]
pub struct Unlocked {
    pub key: DataKey,
    /// With several groups, the part of each that was opened.
    parts: Vec<Option<Zeroizing<Vec<u8>>>>,
}

impl Unlocked {
    pub(super) fn of_key(key: &DataKey) -> Self {
        Self { key: key.clone(), parts: Vec::new() }
    }
}

/// Who shall be able to open a file: recipients for each key group.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Wanted {
    pub groups: Vec<Vec<String>>,
    /// How many groups are needed; all of them if not given.
    pub threshold: Option<usize>,
}

impl Wanted {
    /// One group.
    #[must_use]
    pub fn one(recipients: Vec<String>) -> Self {
        Self { groups: vec![recipients], threshold: None }
    }

    pub(super) fn needed(&self) -> usize {
        self.threshold.unwrap_or(self.groups.len())
    }
}

/// What a change of recipients does.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Drift {
    pub added: Vec<String>,
    pub removed: Vec<String>,
    /// Do groups or their threshold change?
    pub regrouped: bool,
}

impl Drift {
    /// Is there nothing to do?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.added.is_empty() && self.removed.is_empty() && !self.regrouped
    }
}

/// Do two spellings name the same recipient? Comments of SSH keys and the case of bech32 say nothing.
#[must_use]
pub fn same_recipient(a: &str, b: &str) -> bool {
    let plain = |text: &str| -> String {
        let mut words = text.split_whitespace();
        match (words.next(), words.next()) {
            (Some(kind), Some(blob)) if kind.starts_with("ssh-") => format!("{kind} {blob}"),
            _ => text.trim().to_ascii_lowercase(),
        }
    };
    plain(a) == plain(b)
}

impl SopsFile {
    /// Recovers the data key. Entries are tried in file order, group after group, until enough groups
    /// are open.
    ///
    /// # Errors
    /// `NoKey` with what each attempt said; `Shamir`, `BadMetadata` for a key of wrong length.
    pub fn unlock(&self, unwrap: UnwrapFn<'_>) -> Result<Unlocked, SopsError> {
        let metadata = self.metadata();
        let needed = metadata.needed();
        let mut failures = Vec::new();
        let mut parts: Vec<Option<Zeroizing<Vec<u8>>>> = vec![None; metadata.groups.len()];
        for (group, part) in metadata.groups.iter().zip(&mut parts) {
            for entry in &group.age {
                match unwrap(entry) {
                    Ok(bytes) => {
                        *part = Some(bytes);
                        break;
                    }
                    Err(reason) => failures.push(format!("{}: {reason}", entry.recipient)),
                }
            }
        }
        let opened: Vec<Zeroizing<Vec<u8>>> = parts.iter().flatten().cloned().collect();
        if opened.len() < needed {
            let foreign = metadata.foreign().map(|key| format!("{} {}", key.kind, key.name));
            let (opened, foreign) = (opened.len(), foreign.collect());
            return Err(SopsError::NoKey { opened, needed, failures, foreign });
        }
        let bytes = if metadata.groups.len() > 1 { combine(&opened)? } else { opened[0].clone() };
        let key = DataKey::from_slice(&bytes)
            .map_err(|error| SopsError::BadMetadata { what: error.to_string() })?;
        Ok(Unlocked { key, parts })
    }

    /// What stands between the file's recipients and those wanted. Needs no key.
    #[must_use]
    pub fn drift(&self, wanted: &Wanted) -> Drift {
        let metadata = self.metadata();
        let mut drift = Drift {
            regrouped: metadata.groups.len() != wanted.groups.len()
                || metadata.groups.len() > 1 && metadata.needed() != wanted.needed(),
            ..Drift::default()
        };
        let none = Vec::new();
        for n in 0..metadata.groups.len().max(wanted.groups.len()) {
            let have: Vec<&str> = metadata
                .groups
                .get(n)
                .map(|group| group.age.iter().map(|entry| entry.recipient.as_str()).collect())
                .unwrap_or_default();
            let want = wanted.groups.get(n).unwrap_or(&none);
            drift.added.extend(
                want.iter().filter(|w| !have.iter().any(|h| same_recipient(h, w))).cloned(),
            );
            drift.removed.extend(
                have.iter()
                    .filter(|h| !want.iter().any(|w| same_recipient(h, w)))
                    .map(|h| (*h).to_owned()),
            );
        }
        drift
    }

    /// Brings the recipients to those wanted: only entries that are missing are wrapped, only those
    /// no longer wanted go, and nothing else changes. `None` if there is nothing to do.
    ///
    /// # Errors
    /// `EmptyGroup`, `Wrap`, `Shamir`; `ForeignKeys` where groups change that hold other keys.
    pub fn rewrap(
        &self,
        wanted: &Wanted,
        unlocked: &Unlocked,
        wrap: WrapFn<'_>,
    ) -> Result<Option<Vec<u8>>, SopsError> {
        let drift = self.drift(wanted);
        if drift.is_empty() {
            return Ok(None);
        }
        let metadata = self.metadata();
        let mut raw = self.raw.clone();
        let single = metadata.groups.len() == 1;
        let part = |n: usize| match unlocked.parts.get(n) {
            Some(Some(part)) => Some(part.clone()),
            _ if single => Some(Zeroizing::new(unlocked.key.as_bytes().to_vec())),
            _ => None,
        };
        let parts: Option<Vec<_>> = (0..metadata.groups.len()).map(part).collect();
        match parts.filter(|_| !drift.regrouped) {
            Some(parts) => {
                for (n, part) in parts.iter().enumerate() {
                    self.put_group(&mut raw, n, &wanted.groups[n], part, wrap)?;
                }
            }
            None => {
                // New groups, or groups not all open: everybody gets a part of a new split.
                self.refuse_foreign()?;
                let groups = wrap_all(&unlocked.key, wanted, wrap)?;
                self.put_keys(&mut raw, &groups, wanted);
            }
        }
        Ok(Some(self.with_metadata(&raw)?))
    }

    pub(super) fn refuse_foreign(&self) -> Result<(), SopsError> {
        let keys: Vec<String> =
            self.metadata().foreign().map(|key| format!("{} {}", key.kind, key.name)).collect();
        if keys.is_empty() {
            return Ok(());
        }
        Err(SopsError::ForeignKeys { tool: "sops", keys: keys.join(", ") })
    }

    /// Puts the wanted recipients into group `n`, keeping those that stay as they are.
    fn put_group(
        &self,
        raw: &mut Value,
        n: usize,
        wanted: &[String],
        part: &[u8],
        wrap: WrapFn<'_>,
    ) -> Result<(), SopsError> {
        let metadata = self.metadata();
        let group = &metadata.groups[n];
        if wanted.is_empty() && group.foreign.is_empty() {
            return Err(SopsError::EmptyGroup);
        }
        let place = if metadata.grouped {
            let groups = match raw {
                Value::Map(pairs) => pairs.iter_mut().find(|(key, _)| key == "key_groups"),
                _ => None,
            };
            match groups {
                Some((_, Value::List(groups))) => groups.get_mut(n),
                _ => None,
            }
        } else {
            Some(raw)
        };
        let Some(place) = place else { return Err(SopsError::EmptyGroup) };
        let old = match place.get("age") {
            Some(Value::List(entries)) => entries.clone(),
            _ => Vec::new(),
        };
        let named = |entry: &Value| {
            entry.get("recipient").and_then(Value::as_str).unwrap_or_default().to_owned()
        };
        let mut entries: Vec<Value> = old
            .iter()
            .filter(|entry| wanted.iter().any(|w| same_recipient(w, &named(entry))))
            .cloned()
            .collect();
        let recipient_first = matches!(old.first(), Some(Value::Map(pairs))
            if pairs.first().is_some_and(|(key, _)| key == "recipient"));
        for recipient in wanted {
            if !entries.iter().any(|entry| same_recipient(recipient, &named(entry))) {
                let mut entry = wrapped(recipient, part, wrap)?;
                if let (true, Value::Map(pairs)) = (recipient_first, &mut entry) {
                    pairs.reverse();
                }
                entries.push(entry);
            }
        }
        set(place, "age", Value::List(entries));
        Ok(())
    }

    /// Replaces all keys.
    pub(super) fn put_keys(&self, raw: &mut Value, groups: &[Value], wanted: &Wanted) {
        let was = self.metadata().grouped;
        if let Value::Map(pairs) = raw {
            let stale = match (was, groups.len() > 1) {
                (true, false) => Some("key_groups"),
                (false, true) => Some("age"),
                _ => None,
            };
            pairs.retain(|(key, _)| Some(key.as_str()) != stale);
            if groups.len() < 2 {
                pairs.retain(|(key, _)| key != "shamir_threshold");
            }
        }
        for (key, value) in key_pairs(groups) {
            set(raw, &key, self.in_old_order(value));
        }
        if groups.len() > 1 {
            let threshold = Value::Scalar(Scalar::Int(wanted.needed() as i64));
            let threshold = match raw.get("shamir_threshold") {
                Some(Value::Scalar(Scalar::Str(_))) => Value::str(&wanted.needed().to_string()),
                _ => threshold,
            };
            set(raw, "shamir_threshold", threshold);
        }
    }

    /// Entries with the recipient first, if those of the file have it so.
    fn in_old_order(&self, mut keys: Value) -> Value {
        let first = match self.raw.get("age") {
            Some(Value::List(entries)) => entries.first(),
            _ => None,
        };
        let recipient_first = matches!(first, Some(Value::Map(pairs))
            if pairs.first().is_some_and(|(key, _)| key == "recipient"));
        if let (true, Value::List(entries)) = (recipient_first, &mut keys) {
            for entry in entries {
                if let Value::Map(pairs) = entry
                    && pairs.iter().any(|(key, _)| key == "enc")
                {
                    pairs.reverse();
                }
            }
        }
        keys
    }
}

/// The wrapped keys of each wanted group: a map with an `age` list.
pub(super) fn wrap_all(
    key: &DataKey,
    wanted: &Wanted,
    wrap: WrapFn<'_>,
) -> Result<Vec<Value>, SopsError> {
    if wanted.groups.is_empty() || wanted.groups.iter().any(Vec::is_empty) {
        return Err(SopsError::EmptyGroup);
    }
    let parts = if wanted.groups.len() > 1 {
        split(key.as_bytes(), wanted.groups.len(), wanted.needed())?
    } else {
        vec![Zeroizing::new(key.as_bytes().to_vec())]
    };
    let groups = wanted.groups.iter().zip(&parts).map(|(group, part)| {
        let entries = group.iter().map(|recipient| wrapped(recipient, part, wrap));
        let entries = Value::List(entries.collect::<Result<_, SopsError>>()?);
        Ok(Value::Map(vec![("age".to_owned(), entries)]))
    });
    groups.collect()
}

/// The metadata pairs that hold `groups`: one group lies open, several under `key_groups`.
pub(super) fn key_pairs(groups: &[Value]) -> Vec<(String, Value)> {
    match groups {
        [Value::Map(pairs)] => pairs.clone(),
        _ => vec![("key_groups".to_owned(), Value::List(groups.to_vec()))],
    }
}

fn wrapped(recipient: &str, part: &[u8], wrap: WrapFn<'_>) -> Result<Value, SopsError> {
    let mut enc = wrap(recipient, part)
        .map_err(|reason| SopsError::Wrap { recipient: recipient.to_owned(), reason })?;
    if !enc.ends_with('\n') {
        enc.push('\n');
    }
    Ok(Value::Map(vec![
        ("enc".to_owned(), Value::str(&enc)),
        ("recipient".to_owned(), Value::str(recipient)),
    ]))
}
