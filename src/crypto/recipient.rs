//! Public keys that a file can be encrypted to: one type for every spelling. Text becomes a checked key
//! once; equality, order and hash go by the key, never by the comment. It refuses kinds that cannot
//! decrypt (ecdsa, security keys, certificates, …) and says what to use instead.

use std::cmp::Ordering;
use std::fmt;
use std::hash::Hash;
use std::hash::Hasher;
use std::sync::Arc;
use std::sync::OnceLock;

use age_core::primitives::bech32_decode;
use age_core::primitives::bech32_encode;
use base64::Engine;
use base64::prelude::BASE64_STANDARD_NO_PAD;
use bech32::Hrp;
use sha2::Digest;
use sha2::Sha256;

use super::curve::CurvePublic;
use super::error::RecipientError;
use super::excerpt::excerpt;
use super::hybrid::HybridPublic;
use super::sshpublic;
use super::sshpublic::SshPublic;

/// What a recipient is, by the stanza it leads to.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum RecipientKind {
    /// `age1pq1…`, post-quantum
    Hybrid,
    /// `age1tagpq1…`, post-quantum and held by hardware
    HybridTag,
    /// `age1tag1…`, held by hardware
    P256Tag,
    /// `age1<plugin>1…`
    Plugin,
    SshEd25519,
    SshRsa,
    /// `age1…`
    X25519,
}

impl RecipientKind {
    /// The name for tables and reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Hybrid => "age-pq",
            Self::HybridTag => "age-tagpq",
            Self::P256Tag => "age-tag",
            Self::Plugin => "age-plugin",
            Self::SshEd25519 => "ssh-ed25519",
            Self::SshRsa => "ssh-rsa",
            Self::X25519 => "age",
        }
    }

    /// The type of the stanza, if it is known.
    pub fn stanza(self) -> Option<&'static str> {
        match self {
            Self::Hybrid => Some("mlkem768x25519"),
            Self::HybridTag => Some("mlkem768p256tag"),
            Self::P256Tag => Some("p256tag"),
            Self::Plugin => None,
            Self::SshEd25519 => Some("ssh-ed25519"),
            Self::SshRsa => Some("ssh-rsa"),
            Self::X25519 => Some("X25519"),
        }
    }
}

impl fmt::Display for RecipientKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A public key, cheap to clone, with the comment it was written with.
#[derive(Clone)]
pub struct Recipient {
    canonical: Arc<str>,
    comment: Option<Arc<str>>,
    key: Arc<Key>,
}

/// The parsed key.
pub(crate) enum Key {
    Hybrid(Box<HybridPublic>),
    HybridTag {
        /// The uncompressed P-256 point at the end of the key, which its stanza tag is made from.
        point: [u8; 65],
        recipient: Box<age::tagpq::Recipient>,
    },
    P256Tag {
        compressed: [u8; 33],
        recipient: Box<age::tag::Recipient>,
    },
    Plugin(PluginKey),
    SshEd25519 {
        blob: Vec<u8>,
        curve: [u8; 32],
        wrapping: OnceLock<CurvePublic>,
    },
    SshRsa {
        blob: Vec<u8>,
        recipient: Box<age::ssh::Recipient>,
    },
    X25519(CurvePublic),
}

/// A recipient that only its plugin understands.
pub(crate) struct PluginKey {
    pub(crate) data: Vec<u8>,
    pub(crate) name: String,
}

impl Recipient {
    pub fn kind(&self) -> RecipientKind {
        match *self.key {
            Key::Hybrid(_) => RecipientKind::Hybrid,
            Key::HybridTag { .. } => RecipientKind::HybridTag,
            Key::P256Tag { .. } => RecipientKind::P256Tag,
            Key::Plugin(_) => RecipientKind::Plugin,
            Key::SshEd25519 { .. } => RecipientKind::SshEd25519,
            Key::SshRsa { .. } => RecipientKind::SshRsa,
            Key::X25519(_) => RecipientKind::X25519,
        }
    }

    /// The one spelling of this key: lower case bech32, or SSH type and padded base64. No comment.
    pub fn canonical(&self) -> &str {
        &self.canonical
    }

    /// The comment, trimmed and never empty.
    pub fn comment(&self) -> Option<&str> {
        self.comment.as_deref()
    }

    /// The same key under another comment.
    #[must_use]
    pub fn with_comment(mut self, comment: Option<&str>) -> Self {
        let comment = comment.map(str::trim).filter(|text| !text.is_empty());
        self.comment = comment.map(Arc::from);
        self
    }

    /// `SHA256:…` of an SSH key, as `ssh-keygen -l` prints it.
    pub fn fingerprint(&self) -> Option<String> {
        let digest = Sha256::digest(self.ssh_blob()?);
        Some(format!("SHA256:{}", BASE64_STANDARD_NO_PAD.encode(digest)))
    }

    /// The `age1…` recipient of an Ed25519 key's Montgomery form, as `ssh-to-age` derives it. sops files
    /// name hosts by it.
    pub fn derived_age(&self) -> Option<Self> {
        match &*self.key {
            Key::SshEd25519 { curve, .. } => {
                Some(Self::x25519(*curve).with_comment(self.comment()))
            }
            _ => None,
        }
    }

    /// A few characters that tell keys apart in a table.
    pub fn short(&self) -> String {
        if let Some(fingerprint) = self.fingerprint() {
            return format!("{}…", &fingerprint[.."SHA256:".len() + 8]);
        }
        let separator = self.canonical.rfind('1').unwrap_or(0);
        let head = (separator + 5).min(self.canonical.len());
        let tail = self.canonical.len().saturating_sub(4).max(head);
        format!("{}…{}", &self.canonical[..head], &self.canonical[tail..])
    }

    /// The comment, or else [`Recipient::short`].
    pub fn label(&self) -> String {
        self.comment().map_or_else(|| self.short(), str::to_owned)
    }

    /// The name of the plugin that serves this key.
    pub fn plugin(&self) -> Option<&str> {
        match &*self.key {
            Key::Plugin(plugin) => Some(&plugin.name),
            _ => None,
        }
    }

    /// Whether stanzas for this key resist quantum computers. `None`: only the plugin knows.
    pub fn is_post_quantum(&self) -> Option<bool> {
        match self.kind() {
            RecipientKind::Hybrid | RecipientKind::HybridTag => Some(true),
            RecipientKind::Plugin => None,
            _ => Some(false),
        }
    }

    /// Whether a file can be encrypted to both: age refuses to weaken a post-quantum recipient by another
    /// kind in the same file. A plugin gets the benefit of the doubt until it is asked.
    pub fn can_share_with(&self, other: &Self) -> bool {
        match (self.is_post_quantum(), other.is_post_quantum()) {
            (Some(a), Some(b)) => a == b,
            _ => true,
        }
    }

    pub(crate) fn key(&self) -> &Key {
        &self.key
    }

    /// What wraps file keys for this key on Curve25519, made at first use.
    pub(crate) fn curve_wrapping(&self) -> Option<&CurvePublic> {
        match &*self.key {
            Key::SshEd25519 { blob, curve, wrapping } => {
                Some(wrapping.get_or_init(|| CurvePublic::ssh(*curve, blob)))
            }
            Key::X25519(wrapping) => Some(wrapping),
            _ => None,
        }
    }

    /// The SSH wire encoding of the key.
    pub(crate) fn ssh_blob(&self) -> Option<&[u8]> {
        match &*self.key {
            Key::SshEd25519 { blob, .. } | Key::SshRsa { blob, .. } => Some(blob),
            _ => None,
        }
    }

    pub(crate) fn x25519(curve: [u8; 32]) -> Self {
        let hrp = Hrp::parse_unchecked("age");
        Self::new(bech32_encode(hrp, &curve), Key::X25519(CurvePublic::native(curve)))
    }

    pub(crate) fn hybrid(public: HybridPublic) -> Self {
        let hrp = Hrp::parse_unchecked("age1pq");
        let canonical = bech32_encode(hrp, &public.to_bytes());
        Self::new(canonical, Key::Hybrid(Box::new(public)))
    }

    /// From an SSH wire encoding whose own type field says what it is.
    pub(crate) fn from_ssh_blob(blob: Vec<u8>, text: &str) -> Result<Self, RecipientError> {
        let public = SshPublic::parse(&blob, text)?;
        let canonical = sshpublic::encode(&blob);
        let key = match public {
            SshPublic::Ed25519 { curve } => {
                Key::SshEd25519 { blob, curve, wrapping: OnceLock::new() }
            }
            SshPublic::Rsa => {
                let recipient = canonical.parse().map_err(|_| RecipientError::Malformed {
                    text: excerpt(text),
                    reason: "the RSA key is invalid",
                })?;
                let recipient = Box::new(recipient);
                Key::SshRsa { blob, recipient }
            }
        };
        Ok(Self::new(canonical, key))
    }

    /// Parses an `age1…` word.
    pub(crate) fn from_bech32(word: &str) -> Result<Self, RecipientError> {
        let malformed = |reason| RecipientError::Malformed { text: excerpt(word), reason };
        let (hrp, data) = bech32_decode(
            word,
            |_| {
                malformed(
                    "the bech32 checksum or alphabet is wrong: a character may be lost or changed",
                )
            },
            |_| Ok(()),
            |hrp, bytes| Ok((hrp.to_lowercase(), bytes.collect::<Vec<u8>>())),
        )?;
        let canonical = word.to_ascii_lowercase();
        let key = match hrp.as_str() {
            "age" => {
                let curve = data.try_into().map_err(|_| malformed("the key has the wrong size"))?;
                return Ok(Self::x25519(curve));
            }
            "age1pq" => {
                let public = HybridPublic::from_bytes(&data);
                let public = public.ok_or_else(|| malformed("the post-quantum key is invalid"))?;
                Key::Hybrid(Box::new(public))
            }
            "age1tag" => Key::P256Tag {
                recipient: Box::new(canonical.parse().map_err(malformed)?),
                compressed: data.try_into().map_err(|_| malformed("the key has the wrong size"))?,
            },
            "age1tagpq" => Key::HybridTag {
                recipient: Box::new(canonical.parse().map_err(malformed)?),
                point: *data.last_chunk().ok_or_else(|| malformed("the key has the wrong size"))?,
            },
            _ => {
                let name = hrp.strip_prefix("age1").unwrap_or_default();
                if !is_plugin_name(name) {
                    return Err(malformed(
                        "the name before the last `1` is not that of a recipient",
                    ));
                }
                let name = name.to_owned();
                Key::Plugin(PluginKey { data, name })
            }
        };
        Ok(Self::new(canonical, key))
    }

    fn new(canonical: String, key: Key) -> Self {
        Self { canonical: canonical.into(), comment: None, key: Arc::new(key) }
    }
}

impl Eq for Recipient {}

impl Hash for Recipient {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.canonical.hash(state);
    }
}

impl Ord for Recipient {
    fn cmp(&self, other: &Self) -> Ordering {
        self.canonical.cmp(&other.canonical)
    }
}

impl PartialEq for Recipient {
    fn eq(&self, other: &Self) -> bool {
        self.canonical == other.canonical
    }
}

impl PartialOrd for Recipient {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Debug for Recipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Recipient({self})")
    }
}

impl fmt::Display for Recipient {
    /// The canonical key, and the comment after an SSH key.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.canonical)?;
        match self.comment() {
            Some(comment) if self.ssh_blob().is_some() => write!(f, " {comment}"),
            _ => Ok(()),
        }
    }
}

/// Whether `name` can be part of a plugin's file name, `age-plugin-<name>`.
pub(crate) fn is_plugin_name(name: &str) -> bool {
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || b"+-._".contains(&byte);
    !name.is_empty() && name.bytes().all(legal)
}
