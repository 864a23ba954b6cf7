//! SSH public keys in their wire encoding (RFC 4253 6.6, RFC 8709). Reads no private key and verifies
//! no certificate; its part is to tell usable keys from those that cannot decrypt, with the reason.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use curve25519_dalek::edwards::CompressedEdwardsY;

use super::error::RecipientError;
use super::excerpt::excerpt;

const MAX_RSA_BITS: usize = 4096;
const MIN_RSA_BITS: usize = 2048;

/// A key that can decrypt.
pub(crate) enum SshPublic {
    /// The key's point in Montgomery form.
    Ed25519 {
        curve: [u8; 32],
    },
    Rsa,
}

impl SshPublic {
    /// Checks a wire encoding; `text` is what messages quote.
    pub(crate) fn parse(blob: &[u8], text: &str) -> Result<Self, RecipientError> {
        let malformed = |reason| RecipientError::Malformed { text: excerpt(text), reason };
        let mut reader = WireReader::new(blob);
        let kind = reader.string().ok_or_else(|| malformed("the SSH key is cut off"))?;
        match kind {
            b"ssh-ed25519" => {
                let point = reader.string().and_then(|bytes| bytes.try_into().ok());
                let curve = point.filter(|_| reader.0.is_empty()).and_then(montgomery);
                let curve = curve.ok_or_else(|| malformed("the Ed25519 key is invalid"))?;
                Ok(Self::Ed25519 { curve })
            }
            b"ssh-rsa" => {
                let bits = reader.rsa_bits().filter(|_| reader.0.is_empty());
                let bits = bits.ok_or_else(|| malformed("the RSA key is invalid"))?;
                let text = excerpt(text);
                if bits < MIN_RSA_BITS {
                    Err(RecipientError::RsaTooShort { text, bits })
                } else if bits > MAX_RSA_BITS {
                    Err(RecipientError::RsaTooLong { text, bits })
                } else {
                    Ok(Self::Rsa)
                }
            }
            other => Err(refusal(&String::from_utf8_lossy(other), text)),
        }
    }
}

/// `type base64` of a wire encoding.
pub(crate) fn encode(blob: &[u8]) -> String {
    let kind = WireReader::new(blob).string().unwrap_or_default();
    let kind = String::from_utf8_lossy(kind);
    format!("{kind} {}", BASE64_STANDARD.encode(blob))
}

/// Decodes the base64 word after the type word `kind`, which must be repeated inside.
pub(crate) fn decode(kind: &str, base64: &str, text: &str) -> Result<Vec<u8>, RecipientError> {
    let malformed = |reason| RecipientError::Malformed { text: excerpt(text), reason };
    let blob = BASE64_STANDARD
        .decode(base64)
        .map_err(|_| malformed("the base64 of the SSH key is damaged or cut off"))?;
    if WireReader::new(&blob).string() != Some(kind.as_bytes()) {
        return Err(malformed("the key inside is of another type than the word before it"));
    }
    Ok(blob)
}

/// Whether `word` names an SSH key type, usable or not.
pub(crate) fn is_key_type(word: &str) -> bool {
    matches!(word, "ssh-ed25519" | "ssh-rsa") || is_refused_type(word)
}

/// Why a key of type `kind` is of no use.
pub(crate) fn refusal(kind: &str, text: &str) -> RecipientError {
    let (reason, instead) = if kind.contains("-cert-v0") {
        ("a certificate vouches for a key but is none", "the public key that it certifies")
    } else if kind.starts_with("sk-") || kind.starts_with("webauthn-sk-") {
        (
            "a security key can sign over SSH but not decrypt",
            "a recipient of age-plugin-yubikey or age-plugin-fido2-hmac",
        )
    } else if kind.starts_with("ecdsa-") {
        ("age does not encrypt to ecdsa keys", "the ssh-ed25519 key of the same host or person")
    } else if kind == "ssh-dss" {
        ("dsa keys are broken", "an ssh-ed25519 key")
    } else {
        ("age does not encrypt to keys of this type", "an ssh-ed25519 key")
    };
    RecipientError::Refused { text: excerpt(text), reason, instead }
}

fn is_refused_type(word: &str) -> bool {
    let known = ["ecdsa-sha2-", "sk-", "webauthn-sk-", "ssh-"];
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || b"-@.".contains(&byte);
    known.iter().any(|prefix| word.starts_with(prefix)) && word.bytes().all(legal)
}

/// The Montgomery form of an Ed25519 point, unless it is of low order.
fn montgomery(compressed: [u8; 32]) -> Option<[u8; 32]> {
    let point = CompressedEdwardsY(compressed).decompress()?;
    (!point.is_small_order()).then(|| point.to_montgomery().to_bytes())
}

/// SSH `string`s, one after the other (RFC 4251 5).
pub(crate) struct WireReader<'a>(&'a [u8]);

impl<'a> WireReader<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// The next `N` bytes.
    pub(crate) fn bytes<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (bytes, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*bytes)
    }

    pub(crate) fn string(&mut self) -> Option<&'a [u8]> {
        let len = usize::try_from(u32::from_be_bytes(self.bytes()?)).ok()?;
        let (string, rest) = self.0.split_at_checked(len)?;
        self.0 = rest;
        Some(string)
    }

    /// The length of the modulus, after the exponent.
    fn rsa_bits(&mut self) -> Option<usize> {
        let exponent = self.string()?;
        let modulus = self.string()?;
        let is_positive = |number: &[u8]| number.first().is_some_and(|byte| *byte < 0x80);
        if !is_positive(exponent) || !is_positive(modulus) {
            return None;
        }
        let zeros = modulus.iter().take_while(|byte| **byte == 0).count();
        let first = modulus.get(zeros)?;
        Some((modulus.len() - zeros) * 8 - first.leading_zeros() as usize)
    }
}
