//! The private keys of one run and how a header picks among them: by tag first, then keys that are open,
//! and a locked key only when the header says that it is needed and nothing else opens the file. Each key
//! is unlocked at most once, whatever the number of threads and files. A broken key never stands in the
//! way of a good one: its error is told only when nothing opens.

use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::OnceLock;
use std::sync::PoisonError;

use age_core::format::Stanza;

use super::compare::Verdict;
use super::compare::is_grease;
use super::compare::short_hash;
use super::envelope;
use super::error::HeaderError;
use super::error::IdentityError;
use super::error::NoMatch;
use super::error::OpenError;
use super::filekey::FileKey;
use super::header::Header;
use super::header::decode_array;
use super::hybrid::HybridError;
use super::identity::Identity;
use super::identity::Material;
use super::plugin;
use super::recipient::Recipient;
use super::secret::Secret;
use super::sshprivate::is_tagged_for;
use super::unlock::Question;
use super::unlock::Unlock;

/// How often a passphrase may be mistyped.
const ATTEMPTS: u32 = 3;

/// An ordered set of identities, shared by all threads of a run.
pub struct Keyring {
    broken: Vec<IdentityError>,
    entries: Vec<Entry>,
    /// Held while someone is asked, so that questions come one at a time.
    asking: Mutex<()>,
    unlock: Arc<dyn Unlock>,
}

struct Entry {
    identity: Identity,
    /// What was behind the lock of a locked identity, or why that will not be known in this run.
    opened: OnceLock<Result<Vec<Identity>, String>>,
}

impl Keyring {
    /// An empty keyring that asks `unlock` when it must.
    pub fn new(unlock: Arc<dyn Unlock>) -> Self {
        Self { broken: Vec::new(), entries: Vec::new(), asking: Mutex::new(()), unlock }
    }

    /// Adds one identity after the others.
    pub fn add(&mut self, identity: Identity) {
        self.entries.push(Entry { identity, opened: OnceLock::new() });
    }

    /// Adds the keys in the bytes of one file. What is wrong with them is kept for [`NoMatch`].
    pub fn add_bytes(&mut self, name: &str, bytes: &[u8]) {
        match Identity::parse(name, bytes) {
            Ok(identities) => identities.into_iter().for_each(|identity| self.add(identity)),
            Err(error) => self.broken.push(error),
        }
    }

    /// Keeps the reason why an identity could not be had at all.
    pub fn add_broken(&mut self, error: IdentityError) {
        self.broken.push(error);
    }

    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    pub fn identities(&self) -> impl Iterator<Item = &Identity> {
        self.entries.iter().map(|entry| &entry.identity)
    }

    /// What could not be loaded.
    pub fn broken(&self) -> &[IdentityError] {
        &self.broken
    }

    /// The public halves that are known without asking, in order, each once.
    pub fn recipients(&self) -> Vec<Recipient> {
        let mut recipients: Vec<Recipient> = Vec::new();
        for recipient in self.identities().flat_map(Identity::recipients) {
            if !recipients.contains(&recipient) {
                recipients.push(recipient);
            }
        }
        recipients
    }

    /// The public halves of the keys that open a file without a question: those that were never locked, and
    /// those that were unlocked in this run.
    pub fn open_recipients(&self) -> Vec<Recipient> {
        let mut recipients = Vec::new();
        for entry in &self.entries {
            entry.with_open(|identity| recipients.extend(identity.recipients()));
        }
        recipients
    }

    /// Unlocks everything that a passphrase stands before. Returns what did not open.
    pub fn unlock_all(&self) -> Vec<String> {
        let locked = self.entries.iter().filter(|entry| entry.identity.is_locked());
        locked.filter_map(|entry| self.unlock(entry).as_ref().err().cloned()).collect()
    }

    /// The passphrase of a file that has one instead of recipients; `attempt` counts from 0.
    pub(crate) fn file_passphrase(&self, name: &str, attempt: u32) -> Option<Secret> {
        let _asking = hold(&self.asking);
        self.unlock.passphrase(Question::File { name }, attempt)
    }

    /// Whether this keyring opens a file with `header`, as far as that can be said without asking anyone.
    pub fn could_open(&self, header: &Header) -> Verdict {
        let stanzas: Vec<&Stanza> = meaningful(header);
        if self.identities().any(|identity| is_tagged(identity, &stanzas)) {
            return Verdict::Proven;
        }
        if header.is_passphrase() || self.identities().any(|identity| may_open(identity, &stanzas))
        {
            return Verdict::Unprovable;
        }
        Verdict::Disproven
    }

    /// Finds the key that `header` was made for. Does not check the header's authentication code.
    pub(crate) fn file_key(&self, header: &Header) -> Result<FileKey, OpenError> {
        let stanzas = meaningful(header);
        let mut failures = Vec::new();
        for try_stanza in [try_tagged, try_anonymous] {
            for entry in &self.entries {
                if let Some(key) = entry.try_open(&stanzas, try_stanza)? {
                    return Ok(key);
                }
            }
        }
        if let Some(key) = self.try_locked(is_tagged, &stanzas, &mut failures)? {
            return Ok(key);
        }
        // A plugin may want a touch, so it comes first only where its stanza can be.
        let mut plugins = Vec::new();
        if stanzas.iter().any(|stanza| !is_native(stanza)) {
            plugins = self.plugins();
            if let Some(key) = self.talk(&plugins, &stanzas, &mut failures) {
                return Ok(key);
            }
        }
        if let Some(key) = self.try_locked(may_open, &stanzas, &mut failures)? {
            return Ok(key);
        }
        let known = plugins.len();
        let plugins = self.plugins();
        if plugins.len() > known
            && let Some(key) = self.talk(&plugins, &stanzas, &mut failures)
        {
            return Ok(key);
        }
        failures.extend(self.broken.iter().map(ToString::to_string));
        Err(OpenError::NoMatch(NoMatch {
            failures,
            identities: self.entries.len() + self.broken.len(),
        }))
    }

    /// Unlocks and tries, one after the other, the locked identities that are `wanted` for the stanzas.
    fn try_locked(
        &self,
        wanted: fn(&Identity, &[&Stanza]) -> bool,
        stanzas: &[&Stanza],
        failures: &mut Vec<String>,
    ) -> Result<Option<FileKey>, HeaderError> {
        for entry in &self.entries {
            if !entry.identity.is_locked() || !wanted(&entry.identity, stanzas) {
                continue;
            }
            let identities = match self.unlock(entry) {
                Ok(identities) => identities,
                Err(reason) => {
                    if !failures.contains(reason) {
                        failures.push(reason.clone());
                    }
                    continue;
                }
            };
            for identity in identities {
                let found = match try_all(identity, stanzas, try_tagged)? {
                    None => try_all(identity, stanzas, try_anonymous)?,
                    found => found,
                };
                if found.is_some() {
                    return Ok(found);
                }
            }
        }
        Ok(None)
    }

    /// Asks for the passphrase of a locked identity, unless that has been done.
    fn unlock<'a>(&self, entry: &'a Entry) -> &'a Result<Vec<Identity>, String> {
        entry.opened.get_or_init(|| {
            let _asking = hold(&self.asking);
            self.ask(&entry.identity).map_err(|error| error.to_string())
        })
    }

    fn ask(&self, identity: &Identity) -> Result<Vec<Identity>, IdentityError> {
        let name = identity.name();
        let mut error = IdentityError::Locked { name: name.into() };
        let fingerprint = identity.recipients().first().and_then(Recipient::fingerprint);
        let question = match fingerprint.as_deref() {
            Some(fingerprint) => Question::SshKey { name, fingerprint },
            None => Question::IdentityFile { name },
        };
        for attempt in 0..ATTEMPTS {
            let Some(passphrase) = self.unlock.passphrase(question, attempt) else {
                break;
            };
            let opened = match identity.material() {
                Material::LockedSsh(key) => key
                    .unlock(name, passphrase.as_bytes())
                    .map(|key| vec![Identity::new(name, Material::Ssh(Box::new(key)))]),
                Material::LockedFile(bytes) => open_file(name, bytes, &passphrase),
                _ => break,
            };
            match opened {
                Err(wrong @ IdentityError::WrongPassphrase { .. }) => error = wrong,
                result => return result,
            }
        }
        Err(error)
    }

    /// All plugin identities known by now.
    fn plugins(&self) -> Vec<age::plugin::Identity> {
        let mut plugins = Vec::new();
        for entry in &self.entries {
            entry.with_open(|identity| {
                if let Material::Plugin(plugin) = identity.material() {
                    plugins.push(plugin.clone());
                }
            });
        }
        plugins
    }

    /// One conversation with each plugin, and with only one at a time.
    fn talk(
        &self,
        plugins: &[age::plugin::Identity],
        stanzas: &[&Stanza],
        failures: &mut Vec<String>,
    ) -> Option<FileKey> {
        let _asking = hold(&self.asking);
        plugin::unwrap(plugins, stanzas, &self.unlock, failures)
    }
}

impl Entry {
    /// Calls `visit` with the identity, or with what it holds if it was locked and is open.
    fn with_open(&self, mut visit: impl FnMut(&Identity)) {
        if !self.identity.is_locked() {
            visit(&self.identity);
            return;
        }
        // Never waits: whoever is being asked right now must not keep files from keys that open them.
        if let Some(Ok(identities)) = self.opened.get() {
            identities.iter().for_each(visit);
        }
    }

    /// Tries what is open on every stanza.
    fn try_open(
        &self,
        stanzas: &[&Stanza],
        try_stanza: impl Fn(&Identity, &Stanza) -> Result<Option<FileKey>, HeaderError>,
    ) -> Result<Option<FileKey>, HeaderError> {
        let mut found = Ok(None);
        self.with_open(|identity| {
            if matches!(found, Ok(None)) {
                found = try_all(identity, stanzas, &try_stanza);
            }
        });
        found
    }
}

/// The stanzas that are for someone.
fn meaningful(header: &Header) -> Vec<&Stanza> {
    let stanzas = header.stanzas().iter();
    stanzas.filter(|stanza| !is_grease(stanza)).collect()
}

/// The first stanza that opens.
fn try_all(
    identity: &Identity,
    stanzas: &[&Stanza],
    try_stanza: impl Fn(&Identity, &Stanza) -> Result<Option<FileKey>, HeaderError>,
) -> Result<Option<FileKey>, HeaderError> {
    for stanza in stanzas {
        let found = try_stanza(identity, stanza)?;
        if found.is_some() {
            return Ok(found);
        }
    }
    Ok(None)
}

fn try_tagged(identity: &Identity, stanza: &Stanza) -> Result<Option<FileKey>, HeaderError> {
    match identity.material() {
        Material::Ssh(key) => key.unwrap(stanza).map_err(|_| low_order(stanza)),
        _ => Ok(None),
    }
}

fn try_anonymous(identity: &Identity, stanza: &Stanza) -> Result<Option<FileKey>, HeaderError> {
    let argument = stanza.args.first().map(String::as_str).unwrap_or_default();
    let curve = match identity.material() {
        Material::Hybrid(secret) if stanza.tag == "mlkem768x25519" => {
            let share = decode_array::<{ super::hybrid::SHARE_LEN }>(argument);
            let share = share.ok_or_else(|| low_order(stanza))?;
            return match secret.unwrap(&share, &stanza.body) {
                Ok(key) => Ok(Some(key)),
                Err(HybridError::BadShare) => Err(low_order(stanza)),
                Err(HybridError::OtherKey) => Ok(None),
            };
        }
        Material::Ssh(key) => key.curve(),
        Material::X25519(secret) => Some(secret),
        _ => None,
    };
    let Some(curve) = curve.filter(|_| stanza.tag == "X25519") else {
        return Ok(None);
    };
    let share = decode_array(argument).ok_or_else(|| low_order(stanza))?;
    curve.unwrap_native(&share, &stanza.body).map_err(|_| low_order(stanza))
}

fn low_order(stanza: &Stanza) -> HeaderError {
    HeaderError::Stanza { kind: stanza.tag.clone(), reason: "its share is no usable point" }
}

/// Whether a stanza has the tag of an SSH key.
fn is_tagged(identity: &Identity, stanzas: &[&Stanza]) -> bool {
    let public = match identity.material() {
        Material::LockedSsh(key) => key.public(),
        Material::Ssh(key) => key.public(),
        _ => return false,
    };
    let tag = short_hash(public.ssh_blob().unwrap_or_default());
    stanzas.iter().any(|stanza| is_tagged_for(stanza, public, tag))
}

/// Whether an identity could open a stanza that does not say whom it is for.
fn may_open(identity: &Identity, stanzas: &[&Stanza]) -> bool {
    let has = |kind: &str| stanzas.iter().any(|stanza| stanza.tag == kind);
    match identity.material() {
        Material::Hybrid(_) => has("mlkem768x25519"),
        // What an age identity file holds is not known, but SSH keys are not kept in one.
        Material::LockedFile(_) | Material::Plugin(_) => {
            stanzas.iter().any(|stanza| !stanza.tag.starts_with("ssh-"))
        }
        Material::LockedSsh(key) => key.public().derived_age().is_some() && has("X25519"),
        Material::Ssh(key) => key.curve().is_some() && has("X25519"),
        Material::X25519(_) => has("X25519"),
    }
}

/// Whether age itself knows the type, so that it is no plugin's.
fn is_native(stanza: &Stanza) -> bool {
    matches!(stanza.tag.as_str(), "X25519" | "mlkem768x25519" | "ssh-ed25519" | "ssh-rsa")
}

fn open_file(
    name: &str,
    bytes: &[u8],
    passphrase: &Secret,
) -> Result<Vec<Identity>, IdentityError> {
    let plain = envelope::open_with_passphrase(bytes, passphrase).map_err(|error| match error {
        OpenError::WrongPassphrase => IdentityError::WrongPassphrase { name: name.into() },
        OpenError::Header(source) => IdentityError::Header { name: name.into(), source },
        _ => IdentityError::Malformed {
            name: name.into(),
            reason: "the encrypted identity file is damaged",
        },
    })?;
    let identities = Identity::parse_plain(name, plain.as_bytes())?;
    if identities.iter().any(Identity::is_locked) {
        return Err(IdentityError::Malformed {
            name: name.into(),
            reason: "it holds a key under a second passphrase",
        });
    }
    Ok(identities)
}

/// The lock guards no data that a panic could leave half-made.
fn hold(mutex: &Mutex<()>) -> MutexGuard<'_, ()> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
