//! Who a file is really encrypted to, judged by its header alone: each declared recipient is proven,
//! disproven, or cannot be proven. Where a stanza carries a tag of its key, the tag decides (32 bits);
//! X25519 and post-quantum stanzas are anonymous, so only their number can contradict. It never opens
//! anything and takes a guess for nothing.

use age_core::format::Stanza;
use base64::Engine;
use base64::prelude::BASE64_STANDARD_NO_PAD;
use hmac::Hmac;
use hmac::Mac;
use p256::elliptic_curve::sec1::FromEncodedPoint;
use p256::elliptic_curve::sec1::ToEncodedPoint;
use sha2::Digest;
use sha2::Sha256;

use super::header::Header;
use super::header::decode_array;
use super::recipient::Key;
use super::recipient::PluginKey;
use super::recipient::Recipient;
use super::recipient::RecipientKind;

const HYBRID_TAG_SALT: &[u8] = b"age-encryption.org/mlkem768p256tag";
const P256_TAG_SALT: &[u8] = b"age-encryption.org/p256tag";

/// What a header says of one declared recipient.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Verdict {
    /// No stanza can be for this key.
    Disproven,
    /// A stanza carries the tag of this key.
    Proven,
    /// There are stanzas of the key's kind, and they do not tell whom they are for.
    Unprovable,
}

/// A stanza that no declared recipient accounts for: someone else can read the file.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Extra {
    /// The stanza type, such as `ssh-ed25519`; visible ASCII.
    pub kind: String,
    /// The tag, in the base64 of the header, where the kind has one.
    pub tag: Option<String>,
}

/// How many stanzas of an anonymous kind were expected and found.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Count {
    pub kind: RecipientKind,
    /// Different declared recipients of the kind.
    pub declared: usize,
    /// Declared recipients of the kind, repeated ones counted each time, as other tools encrypt to them.
    pub declared_with_repeats: usize,
    pub found: usize,
}

impl Count {
    /// Whether the number alone shows that the file is not encrypted to what is declared.
    pub fn is_wrong(self) -> bool {
        self.found < self.declared || self.found > self.declared_with_repeats
    }
}

/// A header held against a list of recipients.
#[derive(Clone, Debug)]
pub struct Comparison {
    /// One for each kind that has anonymous stanzas, if any are declared or found.
    pub counts: Vec<Count>,
    /// Tagged and unknown stanzas that are for nobody on the list. Anonymous ones are in `counts`.
    pub extras: Vec<Extra>,
    /// The file opens with a passphrase, whatever is declared.
    pub passphrase: bool,
    /// In the order of the list.
    pub verdicts: Vec<Verdict>,
}

impl Comparison {
    /// Whether the header contradicts the list: someone is missing, or someone else can read.
    pub fn is_drift(&self) -> bool {
        self.passphrase
            || !self.extras.is_empty()
            || self.counts.iter().any(|count| count.is_wrong())
            || self.verdicts.contains(&Verdict::Disproven)
    }

    /// Whether the header proves that the file is encrypted to the whole list and nobody else.
    pub fn is_proven(&self) -> bool {
        !self.is_drift() && self.verdicts.iter().all(|verdict| *verdict == Verdict::Proven)
    }
}

impl Header {
    /// Holds this header against the declared `recipients`.
    pub fn compare<'a>(&self, recipients: impl IntoIterator<Item = &'a Recipient>) -> Comparison {
        let recipients: Vec<&Recipient> = recipients.into_iter().collect();
        let mut stanzas: Vec<StanzaView<'_>> = self
            .stanzas()
            .iter()
            .filter(|stanza| !is_grease(stanza))
            .map(StanzaView::new)
            .collect();
        let marks: Vec<Mark<'_>> =
            recipients.iter().map(|recipient| Mark::new(recipient)).collect();
        let mut verdicts: Vec<Verdict> = marks.iter().map(|mark| mark.find(&mut stanzas)).collect();
        let mut counts = Vec::new();
        for kind in [RecipientKind::X25519, RecipientKind::Hybrid] {
            count_kind(kind, &recipients, &stanzas, &mut verdicts, &mut counts);
        }
        let asks_plugin = marks.iter().any(|mark| matches!(mark, Mark::Unknown));
        let extras = stanzas
            .iter()
            .filter(|view| !view.claimed && !view.is_anonymous() && view.stanza.tag != "scrypt")
            // A stanza of unknown type may be what a declared plugin makes.
            .filter(|view| view.is_tagged() || !asks_plugin)
            .map(StanzaView::extra)
            .collect();
        Comparison { counts, extras, passphrase: self.is_passphrase(), verdicts }
    }
}

/// Whether a stanza is noise that age implementations add to keep parsers honest.
pub(crate) fn is_grease(stanza: &Stanza) -> bool {
    stanza.tag.ends_with("-grease")
}

/// The first four bytes of the SHA-256 of a key: the tag of SSH and most plugin stanzas.
pub(crate) fn short_hash(key: &[u8]) -> [u8; 4] {
    let [a, b, c, d, ..] = <[u8; 32]>::from(Sha256::digest(key));
    [a, b, c, d]
}

/// A stanza and what was found out about it.
struct StanzaView<'a> {
    claimed: bool,
    stanza: &'a Stanza,
    tag: Option<[u8; 4]>,
}

impl<'a> StanzaView<'a> {
    fn new(stanza: &'a Stanza) -> Self {
        let has_tag = matches!(
            stanza.tag.as_str(),
            "mlkem768p256tag" | "p256tag" | "piv-p256" | "ssh-ed25519" | "ssh-rsa" | "tpm-ecc"
        );
        let tag = stanza.args.first().filter(|_| has_tag);
        Self { claimed: false, stanza, tag: tag.and_then(|text| decode_array(text)) }
    }

    fn extra(&self) -> Extra {
        Extra {
            kind: self.stanza.tag.clone(),
            tag: self.tag.map(|tag| BASE64_STANDARD_NO_PAD.encode(tag)),
        }
    }

    fn is_anonymous(&self) -> bool {
        matches!(self.stanza.tag.as_str(), "X25519" | "mlkem768x25519")
    }

    fn is_tagged(&self) -> bool {
        self.tag.is_some() || self.stanza.tag == "fido2-hmac"
    }
}

/// How stanzas for a recipient can be recognised.
enum Mark<'a> {
    /// Not at all: only the number of stanzas of this type says something.
    Anonymous,
    /// The fifth and sixth word of a `fido2-hmac` stanza.
    Fido { credential: String, salt: String },
    /// The tag is a hash of this suffix together with the share in the stanza.
    Salted { hash: [u8; 4], salt: &'static [u8], kind: &'a str },
    /// The stanza type and the tag that is its first argument.
    Tag { kind: &'a str, tag: [u8; 4] },
    /// Only the plugin knows.
    Unknown,
}

impl<'a> Mark<'a> {
    fn new(recipient: &'a Recipient) -> Self {
        match recipient.key() {
            Key::Hybrid(_) | Key::X25519(_) => Self::Anonymous,
            Key::HybridTag { point, .. } => Self::Salted {
                hash: short_hash(point),
                salt: HYBRID_TAG_SALT,
                kind: "mlkem768p256tag",
            },
            Key::P256Tag { compressed, .. } => {
                Self::Salted { hash: short_hash(compressed), salt: P256_TAG_SALT, kind: "p256tag" }
            }
            Key::Plugin(plugin) => Self::of_plugin(plugin).unwrap_or(Self::Unknown),
            Key::SshEd25519 { blob, .. } => {
                Self::Tag { kind: "ssh-ed25519", tag: short_hash(blob) }
            }
            Key::SshRsa { blob, .. } => Self::Tag { kind: "ssh-rsa", tag: short_hash(blob) },
        }
    }

    /// The plugins whose stanzas are documented.
    fn of_plugin(plugin: &PluginKey) -> Option<Self> {
        match plugin.name.as_str() {
            "fido2-hmac" => {
                // Version, X25519 or post-quantum key, PIN flag, salt, credential.
                let (version, rest) = plugin.data.split_first_chunk()?;
                let key_len = match version {
                    [0, 2] => 32,
                    [0, 3] => 1216,
                    _ => return None,
                };
                let (salt, credential) = rest.get(key_len + 1..)?.split_at_checked(32)?;
                Some(Self::Fido {
                    credential: BASE64_STANDARD_NO_PAD.encode(credential),
                    salt: BASE64_STANDARD_NO_PAD.encode(salt),
                })
            }
            "se" | "yubikey" if plugin.data.len() == 33 => {
                Some(Self::Tag { kind: "piv-p256", tag: short_hash(&plugin.data) })
            }
            "tpm" => {
                let point = p256::EncodedPoint::from_bytes(&plugin.data).ok()?;
                let key = p256::PublicKey::from_encoded_point(&point).into_option()?;
                Some(Self::Tag {
                    kind: "tpm-ecc",
                    tag: short_hash(key.to_encoded_point(false).as_bytes()),
                })
            }
            _ => None,
        }
    }

    /// Claims every stanza for this key. Declared twice, or encrypted to twice, is still one reader.
    fn find(&self, stanzas: &mut [StanzaView<'_>]) -> Verdict {
        if matches!(self, Self::Anonymous | Self::Unknown) {
            return Verdict::Unprovable;
        }
        let mut verdict = Verdict::Disproven;
        for view in stanzas {
            if self.matches(view) {
                view.claimed = true;
                verdict = Verdict::Proven;
            }
        }
        verdict
    }

    fn matches(&self, view: &StanzaView<'_>) -> bool {
        let StanzaView { stanza, tag: found, .. } = view;
        match self {
            Self::Anonymous | Self::Unknown => false,
            Self::Fido { credential, salt } => {
                stanza.tag == "fido2-hmac"
                    && stanza.args.get(3) == Some(salt)
                    && stanza.args.get(4) == Some(credential)
            }
            Self::Salted { hash, salt, kind } => {
                let share = stanza.args.get(1).filter(|_| stanza.tag == *kind);
                let share = share.and_then(|text| BASE64_STANDARD_NO_PAD.decode(text).ok());
                share.is_some_and(|share| *found == Some(salted_tag(salt, &share, *hash)))
            }
            Self::Tag { kind, tag } => stanza.tag == *kind && *found == Some(*tag),
        }
    }
}

/// HKDF-Extract, cut to four bytes (C2SP `age`, tagged recipients).
fn salted_tag(salt: &[u8], share: &[u8], hash: [u8; 4]) -> [u8; 4] {
    let mut mac =
        <Hmac<Sha256> as Mac>::new_from_slice(salt).expect("HMAC takes keys of any length");
    mac.update(share);
    mac.update(&hash);
    let [a, b, c, d, ..] = <[u8; 32]>::from(mac.finalize().into_bytes());
    [a, b, c, d]
}

/// Counts the stanzas of an anonymous kind; none at all disproves every recipient of the kind.
fn count_kind(
    kind: RecipientKind,
    recipients: &[&Recipient],
    stanzas: &[StanzaView<'_>],
    verdicts: &mut [Verdict],
    counts: &mut Vec<Count>,
) {
    let of_kind = |recipient: &&&Recipient| recipient.kind() == kind;
    let mut declared: Vec<&&Recipient> = recipients.iter().filter(of_kind).collect();
    let declared_with_repeats = declared.len();
    declared.sort_unstable();
    declared.dedup();
    let found =
        stanzas.iter().filter(|view| Some(view.stanza.tag.as_str()) == kind.stanza()).count();
    if found == 0 {
        for (recipient, verdict) in recipients.iter().zip(verdicts) {
            if recipient.kind() == kind {
                *verdict = Verdict::Disproven;
            }
        }
    }
    if found + declared_with_repeats > 0 {
        counts.push(Count { kind, declared: declared.len(), declared_with_repeats, found });
    }
}
