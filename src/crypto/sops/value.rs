//! One encrypted value: `ENC[AES256_GCM,data:…,iv:…,tag:…,type:…]` (`aes/cipher.go`). Refuses whatever
//! Go would refuse; encrypting always takes a new random IV, so none is ever used twice.

use std::fmt::Write;

use aes_gcm::AesGcm;
use aes_gcm::aead::Aead;
use aes_gcm::aead::KeyInit;
use aes_gcm::aead::OsRng;
use aes_gcm::aead::Payload;
use aes_gcm::aead::consts::U32;
use aes_gcm::aead::rand_core::RngCore;
use aes_gcm::aes::Aes256;
use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::DecodePaddingMode;
use base64::engine::GeneralPurpose;
use base64::engine::GeneralPurposeConfig;
use thiserror::Error;
use zeroize::Zeroizing;

use super::gcm;
use super::key::DataKey;
use super::plain::Plain;
use super::plain::PlainError;

const PREFIX: &[u8] = b"ENC[AES256_GCM,data:";

/// Bytes in an IV that sops or we make.
const IV_LEN: usize = 32;

/// Go's `base64.StdEncoding`: padding is needed, stray last bits are not looked at.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::RequireCanonical),
);

/// Why a value could not be decrypted.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[non_exhaustive]
pub enum ValueError {
    #[error("the `{part}` of the encrypted value is not base64")]
    Base64 { part: &'static str },
    #[error("the value is not encrypted as sops does it")]
    NotEncrypted,
    #[error("the value does not open: another data key, another place, or changed bytes")]
    Opening,
    #[error(transparent)]
    Plain(#[from] PlainError),
}

/// Encrypts and decrypts the values of one file.
pub struct Cipher {
    aes: Box<AesGcm<Aes256, U32>>,
    key: DataKey,
}

impl Cipher {
    /// Ready for the values of the file with this data key.
    #[must_use]
    pub fn new(key: &DataKey) -> Self {
        Self { aes: Box::new(AesGcm::new(key.as_bytes().into())), key: key.clone() }
    }

    /// Decrypts the text of a value. The empty text is the empty string, as sops never encrypts it.
    ///
    /// # Errors
    /// See [`ValueError`]; `Opening` covers everything authentication catches.
    pub fn decrypt(&self, text: &[u8], aad: &[u8]) -> Result<Plain, ValueError> {
        if text.is_empty() {
            return Ok(Plain::str(b""));
        }
        let parts = Parts::of(text).ok_or(ValueError::NotEncrypted)?;
        let mut sealed = decode("data", parts.data)?;
        let iv = decode("iv", parts.iv)?;
        sealed.extend_from_slice(&decode("tag", parts.tag)?);
        let plain = match <&[u8; IV_LEN]>::try_from(iv.as_slice()) {
            Ok(iv) => {
                let payload = Payload { msg: &sealed, aad };
                self.aes.decrypt(iv.into(), payload).ok().map(Zeroizing::new)
            }
            Err(_) => gcm::open(&self.key, &iv, &sealed, aad),
        };
        Ok(Plain::decode(parts.kind, plain.ok_or(ValueError::Opening)?)?)
    }

    /// Encrypts a value to the text that stands for it; nothing but the empty text for an empty one.
    #[must_use]
    pub fn encrypt(&self, plain: &Plain, aad: &[u8]) -> String {
        if plain.is_empty() {
            return String::new();
        }
        let mut iv = [0; IV_LEN];
        OsRng.fill_bytes(&mut iv);
        self.encrypt_with(plain, aad, &iv)
    }

    fn encrypt_with(&self, plain: &Plain, aad: &[u8], iv: &[u8; IV_LEN]) -> String {
        let bytes = plain.to_bytes();
        let payload = Payload { msg: &bytes, aad };
        let sealed = self
            .aes
            .encrypt(iv.into(), payload)
            .expect("AES-GCM takes up to 64 GiB, more than a document can be");
        let (data, tag) = sealed.split_at(sealed.len() - gcm::TAG_LEN);
        let mut text = String::with_capacity(sealed.len() * 4 / 3 + 140);
        text.push_str("ENC[AES256_GCM,data:");
        BASE64.encode_string(data, &mut text);
        text.push_str(",iv:");
        BASE64.encode_string(iv, &mut text);
        text.push_str(",tag:");
        BASE64.encode_string(tag, &mut text);
        write!(text, ",type:{}]", plain.kind()).expect("writing to a string does not fail");
        text
    }
}

/// The additional data of a value: every map key on the way to it, each followed by a colon; list
/// indexes do not count (`sops.go`). A comment has the path of what holds it; at the top that is `:`.
#[must_use]
pub fn aad<'k>(path: impl IntoIterator<Item = &'k str>) -> Vec<u8> {
    let mut out = Vec::new();
    for key in path {
        out.extend_from_slice(key.as_bytes());
        out.push(b':');
    }
    if out.is_empty() {
        out.push(b':');
    }
    out
}

/// Does the text have the shape of an encrypted value?
#[must_use]
pub fn is_encrypted(text: &[u8]) -> bool {
    Parts::of(text).is_some()
}

struct Parts<'t> {
    data: &'t [u8],
    iv: &'t [u8],
    tag: &'t [u8],
    kind: &'t [u8],
}

impl<'t> Parts<'t> {
    /// The parts, as the expression of sops finds them: anchored at the start only, within one line,
    /// the type up to the last bracket. Where that expression would find another split, base64 fails.
    fn of(text: &'t [u8]) -> Option<Self> {
        let rest = text.strip_prefix(PREFIX)?;
        let line = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
        let rest = &rest[..memchr::memrchr(b']', &rest[..line])?];
        let (data, rest) = cut(rest, b",iv:")?;
        let (iv, rest) = cut(rest, b",tag:")?;
        let (tag, kind) = cut(rest, b",type:")?;
        let full = [data, iv, tag, kind].iter().all(|part| !part.is_empty());
        full.then_some(Self { data, iv, tag, kind })
    }
}

/// What is before and behind the first `mark`.
fn cut<'t>(text: &'t [u8], mark: &[u8]) -> Option<(&'t [u8], &'t [u8])> {
    let at = memchr::memmem::find(text, mark)?;
    Some((&text[..at], &text[at + mark.len()..]))
}

fn decode(part: &'static str, text: &[u8]) -> Result<Vec<u8>, ValueError> {
    let decoded = if text.contains(&b'\r') {
        // Go skips line ends within base64.
        BASE64.decode(text.iter().copied().filter(|&b| b != b'\r').collect::<Vec<_>>())
    } else {
        BASE64.decode(text)
    };
    decoded.map_err(|_| ValueError::Base64 { part })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// `aes/cipher_test.go` of sops.
    const VECTOR: &str = "ENC[AES256_GCM,data:oYyi,iv:MyIDYbT718JRr11QtBkcj3Dwm4k1aCGZBVeZf0EyV8o=,\
                          tag:t5z2Z023Up0kxwCgw1gNxg==,type:str]";

    fn cipher() -> Cipher {
        Cipher::new(&DataKey::from_slice(&[b'f'; 32]).unwrap())
    }

    #[test]
    fn the_vector_of_sops_opens() {
        let aad = aad(["bar"]);
        assert_eq!(aad, b"bar:");
        assert_eq!(cipher().decrypt(VECTOR.as_bytes(), &aad), Ok(Plain::str(b"foo")));
        assert_eq!(cipher().decrypt(VECTOR.as_bytes(), b"baz:"), Err(ValueError::Opening));
        let iv = decode("iv", Parts::of(VECTOR.as_bytes()).unwrap().iv).unwrap();
        let again = cipher().encrypt_with(&Plain::str(b"foo"), &aad, &iv.try_into().unwrap());
        assert_eq!(again, VECTOR);
    }

    #[test]
    fn a_value_with_another_iv_length_opens() {
        // Made by Go's GCM with IVs of 1, 12, 16 and 33 bytes.
        for text in OTHER_IVS {
            assert_eq!(
                cipher().decrypt(text.as_bytes(), b"bar:"),
                Ok(Plain::str(b"foo")),
                "{text}"
            );
        }
    }

    const OTHER_IVS: [&str; 4] = [
        "ENC[AES256_GCM,data:6xah,iv:AQ==,tag:ewDGpJP4lI6x4UXrxwOWGA==,type:str]",
        "ENC[AES256_GCM,data:JzDX,iv:AQgPFh0kKzI5QEdO,tag:4wry1M8qQr4QhUb2q6zbNA==,type:str]",
        "ENC[AES256_GCM,data:Jc0x,iv:AQgPFh0kKzI5QEdOVVxjag==,tag:dUu+7t/DqqKfugoZAusL0g==,type:str]",
        "ENC[AES256_GCM,data:2SEC,iv:AQgPFh0kKzI5QEdOVVxjanF4f4aNlJuiqbC3vsXM09rh,\
         tag:TxFMyfTBoVYC8aivXEG1uQ==,type:str]",
    ];

    #[test]
    fn what_the_expression_of_sops_tolerates_is_tolerated() {
        for tail in [" trailing", "\nnext line]", "\r"] {
            let text = format!("{VECTOR}{tail}");
            assert_eq!(cipher().decrypt(text.as_bytes(), b"bar:"), Ok(Plain::str(b"foo")));
        }
        let text = VECTOR.replace("oYyi,", "oYyi\r,");
        assert_eq!(cipher().decrypt(text.as_bytes(), b"bar:"), Ok(Plain::str(b"foo")));
    }

    #[test]
    fn what_is_not_a_value_is_refused() {
        let not_encrypted = Err(ValueError::NotEncrypted);
        for text in ["foo", " ENC[", "ENC[AES256_GCM,data:,iv:a,tag:b,type:c]", &VECTOR[1..]] {
            assert_eq!(cipher().decrypt(text.as_bytes(), b"bar:"), not_encrypted, "{text}");
        }
        let unclosed = VECTOR.trim_end_matches(']');
        assert_eq!(cipher().decrypt(unclosed.as_bytes(), b"bar:"), not_encrypted);
        let bracket = format!("{VECTOR} x]");
        let unknown = Err(ValueError::Plain(PlainError::UnknownType));
        assert_eq!(cipher().decrypt(bracket.as_bytes(), b"bar:"), unknown);
        let broken = VECTOR.replace("oYyi", "oYy");
        let base64 = Err(ValueError::Base64 { part: "data" });
        assert_eq!(cipher().decrypt(broken.as_bytes(), b"bar:"), base64);
        let short = VECTOR.replace("t5z2Z023Up0kxwCgw1gNxg==", "t5w=");
        assert_eq!(cipher().decrypt(short.as_bytes(), b"bar:"), Err(ValueError::Opening));
    }

    #[test]
    fn empty_values_stay_empty() {
        assert_eq!(cipher().encrypt(&Plain::str(b""), b"a:"), "");
        assert_eq!(cipher().encrypt(&Plain::comment(b""), b":"), "");
        assert_eq!(cipher().decrypt(b"", b"a:"), Ok(Plain::str(b"")));
    }

    #[test]
    fn paths_join_with_colons() {
        assert_eq!(aad(["a", "b c", "d"]), b"a:b c:d:");
        assert_eq!(aad([]), b":");
    }

    fn plain() -> impl Strategy<Value = Plain> {
        prop_oneof![
            any::<bool>().prop_map(Plain::Bool),
            any::<i64>().prop_map(Plain::Int),
            any::<f64>().prop_filter("equal to itself", |f| !f.is_nan()).prop_map(Plain::Float),
            prop::collection::vec(any::<u8>(), 1..70).prop_map(|b| Plain::str(&b)),
            prop::collection::vec(any::<u8>(), 1..70).prop_map(|b| Plain::comment(&b)),
            Just(Plain::time("2024-05-06T07:08:09.12+02:00").unwrap()),
        ]
    }

    proptest! {
        #[test]
        fn what_is_encrypted_decrypts(plain in plain(), aad in prop::collection::vec(any::<u8>(), 0..20)) {
            let text = cipher().encrypt(&plain, &aad);
            prop_assert!(is_encrypted(text.as_bytes()));
            prop_assert_eq!(cipher().decrypt(text.as_bytes(), &aad), Ok(plain));
        }

        #[test]
        fn mutated_texts_never_panic(at in 0..VECTOR.len(), byte in any::<u8>(), cut in 0..VECTOR.len()) {
            let mut text = VECTOR.as_bytes().to_vec();
            text[at] = byte;
            let _ = cipher().decrypt(&text, b"bar:");
            let _ = cipher().decrypt(&text[cut..], b"bar:");
            let _ = cipher().decrypt(&text[..cut], b"bar:");
        }
    }
}
