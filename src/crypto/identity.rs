//! Private keys, loaded from bytes: SSH keys, age identity files with any number of keys, and identity
//! files under a passphrase. Loading asks nothing and opens nothing. It refuses public keys, and never
//! quotes a line of a file that may hold a secret.

use std::sync::Arc;

use age_core::primitives::bech32_decode;
use zeroize::Zeroizing;

use super::curve::CurveSecret;
use super::error::IdentityError;
use super::header::Header;
use super::hybrid::HybridSecret;
use super::recipient::Recipient;
use super::recipient::is_plugin_name;
use super::sshprivate::LockedSsh;
use super::sshprivate::OpenSsh;
use super::sshprivate::SshPrivate;

/// Identity files larger than this are refused, as by age.
const MAX_LEN: usize = 16 << 20;
/// Locked identity files larger than this are refused. Up to here the payload is one chunk: more would be
/// decrypted on several threads, where a thread could come to wait for the unlocking that it is part of.
const MAX_LOCKED_LEN: usize = 64 << 10;

/// One private key, possibly locked.
pub struct Identity {
    material: Material,
    name: Arc<str>,
}

pub(crate) enum Material {
    Hybrid(Box<HybridSecret>),
    /// An age file; what it holds is known once it is open.
    LockedFile(Vec<u8>),
    LockedSsh(Box<LockedSsh>),
    Plugin(age::plugin::Identity),
    Ssh(Box<OpenSsh>),
    X25519(CurveSecret),
}

impl Identity {
    /// Every key in the bytes of one file, at least one. `name` is how messages and questions call it.
    ///
    /// # Errors
    ///
    /// Nothing of the file is used if any part of it is wrong.
    pub fn parse(name: &str, bytes: &[u8]) -> Result<Vec<Self>, IdentityError> {
        let start = bytes.trim_ascii_start();
        if start.starts_with(b"age-encryption.org/")
            || start.starts_with(b"-----BEGIN AGE ENCRYPTED")
        {
            return Self::parse_locked(name, bytes).map(|identity| vec![identity]);
        }
        Self::parse_plain(name, bytes)
    }

    /// [`Identity::parse`] for bytes that may not be locked (again).
    pub(crate) fn parse_plain(name: &str, bytes: &[u8]) -> Result<Vec<Self>, IdentityError> {
        let malformed = |reason| IdentityError::Malformed { name: name.into(), reason };
        if bytes.len() > MAX_LEN {
            return Err(malformed("it is larger than 16 MiB"));
        }
        let text = std::str::from_utf8(bytes).map_err(|_| malformed("it is not text"))?;
        let text = text.trim_start_matches('\u{feff}').trim_start();
        if text.starts_with("-----BEGIN ") {
            let material = match SshPrivate::parse(name, text)? {
                SshPrivate::Locked(key) => Material::LockedSsh(Box::new(key)),
                SshPrivate::Open(key) => Material::Ssh(Box::new(key)),
            };
            return Ok(vec![Self::new(name, material)]);
        }
        let mut identities = Vec::new();
        for (number, line) in text.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let material = parse_line(line).map_err(|reason| match reason {
                IS_PUBLIC => IdentityError::Public { name: name.into() },
                reason => IdentityError::Line { name: name.into(), line: number + 1, reason },
            })?;
            identities.push(Self::new(name, material));
        }
        if identities.is_empty() {
            return Err(IdentityError::NoKey { name: name.into() });
        }
        Ok(identities)
    }

    /// What messages call the file that the key came from.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What kind of key it is, in a word or two.
    pub fn kind(&self) -> &'static str {
        match &self.material {
            Material::Hybrid(_) => "age-pq",
            Material::LockedFile(_) => "age identity file",
            Material::LockedSsh(key) => key.public().kind().name(),
            Material::Plugin(_) => "age-plugin",
            Material::Ssh(key) => key.public().kind().name(),
            Material::X25519(_) => "age",
        }
    }

    /// The name of the plugin that serves this key.
    pub fn plugin(&self) -> Option<&str> {
        match &self.material {
            Material::Plugin(plugin) => Some(plugin.plugin()),
            _ => None,
        }
    }

    /// Whether a passphrase stands before its use.
    pub fn is_locked(&self) -> bool {
        matches!(self.material, Material::LockedFile(_) | Material::LockedSsh(_))
    }

    /// The public halves that are known without a passphrase; an ssh-ed25519 key has its derived
    /// `age1…` as well.
    pub fn recipients(&self) -> Vec<Recipient> {
        let ssh = |public: &Recipient| {
            let mut recipients = vec![public.clone()];
            recipients.extend(public.derived_age());
            recipients
        };
        match &self.material {
            Material::Hybrid(secret) => vec![Recipient::hybrid(secret.public())],
            Material::LockedFile(_) | Material::Plugin(_) => Vec::new(),
            Material::LockedSsh(key) => ssh(key.public()),
            Material::Ssh(key) => ssh(key.public()),
            Material::X25519(secret) => vec![Recipient::x25519(*secret.public())],
        }
    }

    pub(crate) fn material(&self) -> &Material {
        &self.material
    }

    pub(crate) fn new(name: &str, material: Material) -> Self {
        Self { material, name: name.into() }
    }

    fn parse_locked(name: &str, bytes: &[u8]) -> Result<Self, IdentityError> {
        if bytes.len() > MAX_LOCKED_LEN {
            return Err(IdentityError::Malformed {
                name: name.into(),
                reason: "it is larger than 64 KiB",
            });
        }
        let header = Header::read(bytes)
            .map_err(|source| IdentityError::Header { name: name.into(), source })?;
        if !header.is_passphrase() {
            return Err(IdentityError::EncryptedToKeys { name: name.into() });
        }
        Ok(Self::new(name, Material::LockedFile(bytes.to_vec())))
    }
}

/// Reads the 32 secret bytes of an `AGE-SECRET-KEY-…` word.
fn parse_line(line: &str) -> Result<Material, &'static str> {
    if line.starts_with("age1") || line.starts_with("ssh-") || line.starts_with("ecdsa-") {
        return Err(IS_PUBLIC);
    }
    // A comment may follow the key.
    let word = line.split_ascii_whitespace().next().unwrap_or_default();
    let (hrp, data) = bech32_decode(
        word,
        |_| "its bech32 checksum or alphabet is wrong",
        |_| Ok(()),
        |hrp, bytes| Ok((hrp.to_lowercase(), Zeroizing::new(bytes.collect::<Vec<u8>>()))),
    )?;
    let seed = || -> Result<Zeroizing<[u8; 32]>, &'static str> {
        let seed = data.as_slice().try_into();
        Ok(Zeroizing::new(seed.map_err(|_| "the key has the wrong size")?))
    };
    match hrp.as_str() {
        "age-secret-key-" => Ok(Material::X25519(CurveSecret::new(seed()?))),
        // The plugin form of a post-quantum key, for age versions that do not know it, is the same key.
        "age-secret-key-pq-" | "age-plugin-pq-" => {
            Ok(Material::Hybrid(Box::new(HybridSecret::from_seed(seed()?))))
        }
        other => {
            let name = other
                .strip_prefix("age-plugin-")
                .and_then(|rest| rest.strip_suffix('-'))
                .filter(|name| is_plugin_name(name));
            if name.is_none() {
                return Err("it is no kind of key that is known");
            }
            let identity = word.to_ascii_uppercase().parse();
            Ok(Material::Plugin(identity.map_err(|_| "the plugin identity is malformed")?))
        }
    }
}

const IS_PUBLIC: &str = "it is a public key";
