//! Private SSH keys (OpenSSH `PROTOCOL.key`, and unencrypted PKCS#1 for RSA): parsing and decryption.
//! Refuses keys that cannot decrypt, encrypted PEM, and key derivations meant to take forever.

use age_core::format::Stanza;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use ssh_key::Kdf;
use ssh_key::LineEnding;
use ssh_key::PrivateKey;
use ssh_key::private::KeypairData;
use zeroize::Zeroizing;

use super::compare::short_hash;
use super::curve::CurveSecret;
use super::curve::LowOrder;
use super::curve::ssh_tweak;
use super::error::IdentityError;
use super::error::RecipientError;
use super::filekey::FileKey;
use super::header::decode_array;
use super::recipient::Recipient;
use super::sshpublic::WireReader;

const BEGIN_OPENSSH: &str = "-----BEGIN OPENSSH PRIVATE KEY-----";
const BEGIN_RSA: &str = "-----BEGIN RSA PRIVATE KEY-----";
/// bcrypt rounds; about a minute. OpenSSH's default is 24.
const MAX_ROUNDS: u32 = 10_000;

/// What an SSH key file holds.
pub(crate) enum SshPrivate {
    Locked(LockedSsh),
    Open(OpenSsh),
}

impl SshPrivate {
    /// Parses a key file. `name` is for messages.
    pub(crate) fn parse(name: &str, text: &str) -> Result<Self, IdentityError> {
        if text.starts_with(BEGIN_RSA) {
            return parse_pem(name, text).map(Self::Open);
        }
        if !text.starts_with(BEGIN_OPENSSH) {
            return Err(IdentityError::OldFormat { name: name.into() });
        }
        let malformed = || IdentityError::Malformed {
            name: name.into(),
            reason: "the OpenSSH key is damaged or of a kind that is not known",
        };
        let blob = public_blob(text).ok_or_else(malformed)?;
        let public = public_half(name, blob)?;
        let key = PrivateKey::from_openssh(text).map_err(|_| malformed())?;
        if !key.is_encrypted() {
            return Ok(Self::Open(OpenSsh::new(name, public, &key)?));
        }
        match key.kdf() {
            Kdf::Bcrypt { rounds, .. } if *rounds <= MAX_ROUNDS => {}
            _ => {
                return Err(IdentityError::Malformed {
                    name: name.into(),
                    reason: "unlocking would take more than 10000 bcrypt rounds",
                });
            }
        }
        Ok(Self::Locked(LockedSsh { key, public }))
    }
}

/// A key whose private half is encrypted.
pub(crate) struct LockedSsh {
    key: PrivateKey,
    public: Recipient,
}

impl LockedSsh {
    pub(crate) fn public(&self) -> &Recipient {
        &self.public
    }

    /// Decrypts the private half.
    pub(crate) fn unlock(&self, name: &str, passphrase: &[u8]) -> Result<OpenSsh, IdentityError> {
        let key = self
            .key
            .decrypt(passphrase)
            .map_err(|_| IdentityError::WrongPassphrase { name: name.into() })?;
        OpenSsh::new(name, self.public.clone(), &key)
    }
}

/// A key ready for use.
pub(crate) struct OpenSsh {
    public: Recipient,
    secret: SshSecret,
    tag: [u8; 4],
}

enum SshSecret {
    /// Serves native stanzas by its tweak and X25519 stanzas as its derived age identity.
    Ed25519 {
        curve: CurveSecret,
        tweak: [u8; 32],
    },
    Rsa(Box<age::ssh::Identity>),
}

impl OpenSsh {
    fn new(name: &str, public: Recipient, key: &PrivateKey) -> Result<Self, IdentityError> {
        let public = public.with_comment(Some(key.comment()));
        let blob = public.ssh_blob().unwrap_or_default();
        let secret = match key.key_data() {
            KeypairData::Ed25519(pair) => {
                let seed = Zeroizing::new(pair.private.to_bytes());
                SshSecret::Ed25519 {
                    curve: CurveSecret::from_ed25519_seed(&seed),
                    tweak: ssh_tweak(blob),
                }
            }
            _ => {
                let malformed = || IdentityError::Malformed {
                    name: name.into(),
                    reason: "the RSA key is invalid",
                };
                let pem = key.to_openssh(LineEnding::LF).map_err(|_| malformed())?;
                match age::ssh::Identity::from_buffer(pem.as_bytes(), None) {
                    Ok(open @ age::ssh::Identity::Unencrypted(_)) => SshSecret::Rsa(Box::new(open)),
                    _ => return Err(malformed()),
                }
            }
        };
        let tag = short_hash(blob);
        Ok(Self { public, secret, tag })
    }

    pub(crate) fn public(&self) -> &Recipient {
        &self.public
    }

    /// The derived age identity, for X25519 stanzas.
    pub(crate) fn curve(&self) -> Option<&CurveSecret> {
        match &self.secret {
            SshSecret::Ed25519 { curve, .. } => Some(curve),
            SshSecret::Rsa(_) => None,
        }
    }

    /// Opens an `ssh-ed25519` or `ssh-rsa` stanza if its tag is this key's.
    pub(crate) fn unwrap(&self, stanza: &Stanza) -> Result<Option<FileKey>, LowOrder> {
        let is_mine = is_tagged_for(stanza, &self.public, self.tag);
        match &self.secret {
            _ if !is_mine => Ok(None),
            SshSecret::Ed25519 { curve, tweak } => {
                let share = stanza.args.get(1).and_then(|text| decode_array(text));
                match share {
                    Some(share) => curve.unwrap_ssh(tweak, &share, &stanza.body),
                    None => Ok(None),
                }
            }
            SshSecret::Rsa(identity) => {
                let key = age::Identity::unwrap_stanza(identity.as_ref(), stanza);
                Ok(key.and_then(Result::ok).map(|key| FileKey::from_age(&key)))
            }
        }
    }
}

/// Whether an SSH stanza carries the tag of `public`, which is `tag`.
pub(crate) fn is_tagged_for(stanza: &Stanza, public: &Recipient, tag: [u8; 4]) -> bool {
    public.kind().stanza() == Some(stanza.tag.as_str())
        && stanza.args.first().and_then(|text| decode_array(text)) == Some(tag)
}

/// The wire encoding of the public half, which stands before the private one and is never encrypted.
fn public_blob(text: &str) -> Option<Vec<u8>> {
    let body = text.strip_prefix(BEGIN_OPENSSH)?.split("-----END").next()?;
    let base64: String = body.split_ascii_whitespace().collect();
    let bytes = Zeroizing::new(BASE64_STANDARD.decode(base64).ok()?);
    let mut reader = WireReader::new(bytes.strip_prefix(b"openssh-key-v1\0")?);
    let [_cipher, _kdf, _options] = [reader.string()?, reader.string()?, reader.string()?];
    let [0, 0, 0, 1] = reader.bytes()? else {
        return None;
    };
    reader.string().map(<[u8]>::to_vec)
}

fn public_half(name: &str, blob: Vec<u8>) -> Result<Recipient, IdentityError> {
    Recipient::from_ssh_blob(blob, name).map_err(|source| match source {
        RecipientError::Refused { reason, instead, .. } => {
            IdentityError::Refused { name: name.into(), reason, instead }
        }
        source => IdentityError::PublicHalf { name: name.into(), source },
    })
}

/// An RSA key in the PEM form of old OpenSSH versions.
fn parse_pem(name: &str, text: &str) -> Result<OpenSsh, IdentityError> {
    let identity = match age::ssh::Identity::from_buffer(text.as_bytes(), None) {
        Ok(identity @ age::ssh::Identity::Unencrypted(_)) => identity,
        Ok(_) => return Err(IdentityError::OldFormat { name: name.into() }),
        Err(_) => {
            return Err(IdentityError::Malformed {
                name: name.into(),
                reason: "the RSA key is damaged",
            });
        }
    };
    let blob = match age::ssh::Recipient::try_from(identity.clone()) {
        Ok(age::ssh::Recipient::SshRsa(blob, _)) => blob,
        _ => {
            return Err(IdentityError::Malformed {
                name: name.into(),
                reason: "the RSA key is too long",
            });
        }
    };
    let tag = short_hash(&blob);
    let public = public_half(name, blob)?;
    Ok(OpenSsh { public, secret: SshSecret::Rsa(Box::new(identity)), tag })
}
