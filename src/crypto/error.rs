//! Everything that can go wrong in this folder, one enum for each kind of work. Texts name what the caller
//! named; foreign text is escaped and shortened, and nothing that may be secret is quoted.

use std::fmt;
use std::io;

/// Age headers larger than this are refused: room for about 2500 post-quantum recipients.
pub const MAX_HEADER_LEN: usize = 4 << 20;

/// Why something is not the header of an age file.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HeaderError {
    #[error("the armor is malformed: {reason}")]
    Armor { reason: String },
    #[error("line {line} of the age header is malformed: {reason}")]
    Malformed { line: usize, reason: &'static str },
    #[error("a passphrase stanza must be the only one of its file")]
    MixedPassphrase,
    #[error("not an age file")]
    NotAge,
    #[error("cannot read the age header")]
    Read(#[source] io::Error),
    #[error("the `{kind}` stanza of the age header is malformed: {reason}")]
    Stanza { kind: String, reason: &'static str },
    #[error("the age header is larger than {MAX_HEADER_LEN} bytes")]
    TooLarge,
    #[error("the age header is cut off")]
    Truncated,
    #[error("age format version `{version}` is not known")]
    Version { version: String },
}

/// Why bytes are not an identity, or one cannot be used. Names are the caller's.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum IdentityError {
    #[error("`{name}` is an age file that keys open, not a passphrase")]
    EncryptedToKeys { name: String },
    #[error("`{name}` is a damaged age file")]
    Header {
        name: String,
        #[source]
        source: HeaderError,
    },
    #[error("line {line} of `{name}` is not an age identity: {reason}")]
    Line { name: String, line: usize, reason: &'static str },
    #[error("no passphrase was given for `{name}`")]
    Locked { name: String },
    #[error("`{name}` cannot be used: {reason}")]
    Malformed { name: String, reason: &'static str },
    #[error("`{name}` holds no key")]
    NoKey { name: String },
    #[error(
        "`{name}` is a private key in an old format; `ssh-keygen -p -f` on it writes the current one"
    )]
    OldFormat { name: String },
    #[error("`{name}` is a public key; the private one is needed")]
    Public { name: String },
    #[error("`{name}` cannot be used")]
    PublicHalf {
        name: String,
        #[source]
        source: RecipientError,
    },
    #[error("`{name}` cannot be used: {reason}; use {instead}")]
    Refused { name: String, reason: &'static str, instead: &'static str },
    #[error("the passphrase for `{name}` is wrong")]
    WrongPassphrase { name: String },
}

/// No key opened a file.
#[derive(Debug)]
pub struct NoMatch {
    /// What went wrong with keys that might have opened it, in the order of the keyring.
    pub failures: Vec<String>,
    /// How many keys there are, broken ones included.
    pub identities: usize,
}

impl fmt::Display for NoMatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.identities {
            0 => f.write_str("there is no identity to open it with")?,
            1 => f.write_str("the only identity does not open it")?,
            count => write!(f, "none of the {count} identities opens it")?,
        }
        for failure in &self.failures {
            write!(f, "; {failure}")?;
        }
        Ok(())
    }
}

impl std::error::Error for NoMatch {}

/// Why a file did not open.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    #[error("the header was changed after encryption: its authentication code is wrong")]
    BadMac,
    #[error(transparent)]
    Header(#[from] HeaderError),
    #[error(transparent)]
    NoMatch(#[from] NoMatch),
    #[error("no passphrase was given")]
    NoPassphrase,
    #[error("the content is damaged or cut off at chunk {chunk} of 64 KiB")]
    Payload { chunk: u64 },
    #[error("cannot read the encrypted content")]
    Read(#[source] io::Error),
    #[error("cannot write the decrypted content")]
    Write(#[source] io::Error),
    #[error("the passphrase is wrong")]
    WrongPassphrase,
}

/// Why a text is not a recipient.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RecipientError {
    #[error("there is no key in the text")]
    Empty,
    #[error("`{text}` is not a recipient: {reason}")]
    Malformed { text: String, reason: &'static str },
    /// The text is not shown: it may be a secret.
    #[error("this is a private key, not a recipient")]
    PrivateKey,
    #[error("`{text}` cannot be a recipient: {reason}; use {instead}")]
    Refused { text: String, reason: &'static str, instead: &'static str },
    #[error("`{text}` has {bits} bits, more than the 4096 supported here; use an ssh-ed25519 key")]
    RsaTooLong { text: String, bits: usize },
    #[error("`{text}` has {bits} bits, fewer than the 2048 that are safe; use an ssh-ed25519 key")]
    RsaTooShort { text: String, bits: usize },
    #[error("the text holds {count} keys where one is expected")]
    Several { count: usize },
}

/// Why nothing was sealed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SealError {
    #[error(
        "`{post_quantum}` is post-quantum and cannot share a file with `{other}`: the weaker one decides"
    )]
    Mixed { post_quantum: String, other: String },
    #[error("`age-plugin-{name}` is not on the search path")]
    NoPlugin { name: String },
    #[error("there is no recipient")]
    NoRecipient,
    #[error("`age-plugin-{name}` failed: {reason}")]
    Plugin { name: String, reason: String },
    #[error("cannot read the content to encrypt")]
    Read(#[source] io::Error),
    #[error("`{recipient}` is no usable key")]
    Unusable { recipient: String },
    #[error("cannot write the encrypted content")]
    Write(#[source] io::Error),
}
