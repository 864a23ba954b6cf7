//! Which secrets have to be encrypted anew, and the changes that do it. All are opened and sealed in
//! memory; one that cannot be opened stops the whole.

use std::collections::BTreeMap;
use std::sync::Arc;

use rayon::prelude::*;

use super::Change;
use super::Expect;
use super::Plan;
use super::seal;
use super::seal::WriteError;
use crate::crypto;
use crate::crypto::Header;
use crate::crypto::Keyring;
use crate::crypto::OpenError;
use crate::crypto::Recipient;
use crate::crypto::Sealer;
use crate::crypto::Unlock;
use crate::fleet::Fleet;
use crate::fleet::Record;
use crate::fleet::Secret;
use crate::fleet::Standing;
use crate::fleet::record;
use crate::repo::RepoPath;
use crate::repo::store::Store;
use crate::repo::store::StoreError;

/// What is due among some secrets.
#[derive(Debug, Default)]
pub struct Due<'a> {
    /// Cannot be rekeyed before a rule or a file is repaired; the reason.
    pub broken: Vec<(&'a Secret, String)>,
    /// Differ from their rules; how.
    pub drifted: Vec<(&'a Secret, String)>,
    /// Named by a rule, and there is no file.
    pub missing: Vec<&'a Secret>,
    /// Content without encryption where a rule expects a secret.
    pub plain: Vec<&'a Secret>,
    /// As the rules say, proven or remembered.
    pub fine: Vec<&'a Secret>,
    /// Nothing contradicts the rules, and the header cannot prove them.
    pub unprovable: Vec<&'a Secret>,
    /// Encrypted, and no rule names them.
    pub without_rule: Vec<&'a Secret>,
}

impl<'a> Due<'a> {
    /// Sorts the secrets by how they stand.
    pub fn of(fleet: &Fleet, secrets: impl IntoIterator<Item = &'a Secret>) -> Self {
        let mut due = Self::default();
        for secret in secrets {
            match secret.standing(&fleet.names) {
                Standing::Broken(reason) => due.broken.push((secret, reason)),
                Standing::Drifted(drift) => due.drifted.push((secret, drift.describe())),
                Standing::Fine => due.fine.push(secret),
                Standing::Missing => due.missing.push(secret),
                Standing::NoRule => due.without_rule.push(secret),
                Standing::Plain => due.plain.push(secret),
                Standing::Unprovable => due.unprovable.push(secret),
            }
        }
        due
    }
}

/// Why nothing is rekeyed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RekeyError {
    /// Every secret that could not be opened, and why.
    #[error("{} of {total} secrets cannot be opened, so none is rekeyed", failed.len())]
    Closed { failed: Vec<(RepoPath, OpenError)>, total: usize },
    /// Rules for two names of one file, a link and its target, name different readers.
    #[error("`{first}` and `{second}` are one file, and their rules differ")]
    OneFile { first: RepoPath, second: RepoPath },
    #[error(transparent)]
    Read(#[from] StoreError),
    #[error(transparent)]
    Write(#[from] WriteError),
}

/// Leaves one name of each file: a link and its target are sealed once.
///
/// # Errors
///
/// When the rules for two names do not want the same.
pub fn one_name_each(fleet: &Fleet, secrets: &mut Vec<&Secret>) -> Result<(), RekeyError> {
    let mut seen: BTreeMap<RepoPath, &Secret> = BTreeMap::new();
    let mut differ = None;
    secrets.retain(|secret| {
        // What cannot be followed is told when it is read.
        let real = fleet.root.real(&secret.path).unwrap_or_else(|_| secret.path.clone());
        let first = seen.entry(real).or_insert(secret);
        if first.path != secret.path && key_of(first) != key_of(secret) {
            differ = Some((first.path.clone(), secret.path.clone()));
        }
        first.path == secret.path
    });
    differ.map_or(Ok(()), |(first, second)| Err(RekeyError::OneFile { first, second }))
}

/// Seals every one of `secrets` for the recipients of its rule, on all threads of the current pool.
/// `step` is called as each one is done.
///
/// # Errors
///
/// When any of them cannot be read, opened or sealed. Nothing is planned then.
pub fn plan(
    fleet: &Fleet,
    secrets: &[&Secret],
    keyring: &Keyring,
    unlock: &Arc<dyn Unlock>,
    step: &(dyn Fn() + Sync),
) -> Result<Plan, RekeyError> {
    let sealers = sealers(secrets, unlock)?;
    let store = Store::with_limit(&fleet.root, seal::MAX_FILE);
    let done: Vec<Result<Change, RekeyError>> = secrets
        .par_iter()
        .map(|secret| {
            let change = rekey(&store, secret, &sealers[&key_of(secret)], keyring);
            step();
            change
        })
        .collect();

    let mut plan = Plan::new();
    let mut failed = Vec::new();
    for change in done {
        match change {
            Ok(change) => plan.push(change),
            Err(RekeyError::Closed { failed: mut one, .. }) => failed.append(&mut one),
            Err(other) => return Err(other),
        }
    }
    if failed.is_empty() {
        Ok(plan)
    } else {
        Err(RekeyError::Closed { failed, total: secrets.len() })
    }
}

/// The change of `hostward.lock` that goes with new files, if the fleet keeps one or `create` asks for it.
pub fn record_change(fleet: &Fleet, plan: &Plan, create: bool) -> Option<Change> {
    let path = RepoPath::new(record::FILE).ok()?;
    let old = std::fs::read(fleet.root.absolute(&path)).ok();
    if old.is_none() && !create {
        return None;
    }
    let mut record = old
        .as_deref()
        .map(String::from_utf8_lossy)
        .map(|text| Record::parse(&text))
        .unwrap_or_default();
    for change in &plan.changes {
        let Change::Write { path, new, .. } = change else { continue };
        let Some(secret) = fleet.secrets.get(path) else { continue };
        if let Ok(header) = Header::read(new.as_slice()) {
            record.set(path, &header.id(), secret.wanted());
        }
    }
    let new = record.render().into_bytes();
    let same = old.as_deref() == Some(new.as_slice());
    (!same).then(|| Change::write(path, new, Expect::read(old), "remembers recipients"))
}

/// Checks what was written to disk as only a reader can: it opens, and to the content that was meant.
pub fn verifies(secret: &Secret, written: &[u8], keyring: &Keyring) -> Result<(), String> {
    let header = Header::read(written).map_err(|error| error.to_string())?;
    let wanted = secret.wanted();
    if header.compare(wanted.iter().copied()).is_drift() {
        return Err("its header does not fit its rule".to_owned());
    }
    // Looking twice is no reason to ask for a passphrase.
    let ours = keyring.open_recipients();
    let can_open = wanted.iter().any(|recipient| ours.contains(recipient));
    if !can_open {
        // Nobody here is among the readers: the header is all that can be checked.
        return Ok(());
    }
    match crypto::open(written, keyring, &secret.path.to_string()) {
        Ok(_) => Ok(()),
        Err(error) => Err(format!("it cannot be opened again: {error}")),
    }
}

/// One sealer for all secrets with the same recipients and armor.
type SealerKey<'a> = (Vec<&'a str>, Option<bool>, bool);

fn key_of(secret: &Secret) -> SealerKey<'_> {
    let mut keys: Vec<&str> = secret.wanted().into_iter().map(Recipient::canonical).collect();
    keys.sort_unstable();
    let armor = secret.rule.as_ref().and_then(|rule| rule.rule().armor);
    let armored = matches!(&secret.on_disk, crate::fleet::OnDisk::Sealed(sealed) if sealed.armored);
    (keys, armor, armored)
}

fn sealers<'a>(
    secrets: &[&'a Secret],
    unlock: &Arc<dyn Unlock>,
) -> Result<BTreeMap<SealerKey<'a>, Sealer>, WriteError> {
    let mut sealers = BTreeMap::new();
    for secret in secrets {
        if let std::collections::btree_map::Entry::Vacant(entry) = sealers.entry(key_of(secret)) {
            entry.insert(seal::sealer(secret, unlock)?);
        }
    }
    Ok(sealers)
}

fn rekey(
    store: &Store,
    secret: &Secret,
    sealer: &Sealer,
    keyring: &Keyring,
) -> Result<Change, RekeyError> {
    let name = secret.path.to_string();
    let old = store.read(&secret.path)?;
    let plain = crypto::open(old.bytes(), keyring, &name).map_err(|error| RekeyError::Closed {
        failed: vec![(secret.path.clone(), error)],
        total: 1,
    })?;
    let new =
        sealer.seal(plain.as_bytes()).map_err(|source| WriteError::Seal { path: name, source })?;
    let expect = Expect::read(Some(Arc::clone(old.bytes())));
    Ok(Change::write(secret.path.clone(), new, expect, "rekeyed"))
}
