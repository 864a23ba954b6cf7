//! How Nix writes hashes: base16, nix32, base64 and SRI (`sha256-…`), and `builtins.convertHash`
//! between them. Computes no digest itself.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

pub use crate::crypto::hash::Algorithm;

/// The digits of nix32: no `e`, `o`, `t`, `u`, so that no word appears by chance.
const NIX32: &[u8; 32] = b"0123456789abcdfghijklmnpqrsvwxyz";

/// How to write a hash.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Encoding {
    Base16,
    Base64,
    Nix32,
    Sri,
}

/// A digest and what made it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Hash {
    pub algorithm: Algorithm,
    /// As many bytes as the algorithm makes.
    digest: Vec<u8>,
}

/// Why a text is not a hash.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum HashError {
    #[error("unknown hash algorithm `{0}`, expected `md5`, `sha1`, `sha256` or `sha512`")]
    Algorithm(String),
    #[error("unknown hash format `{0}`, expected `base16`, `nix32`, `base64` or `sri`")]
    Encoding(String),
    #[error("hash `{text}` has wrong length for hash type `{algorithm}`")]
    Length { text: String, algorithm: Algorithm },
    #[error("hash `{text}` should have type `{expected}`")]
    Mismatch { text: String, expected: Algorithm },
    #[error("hash `{0}` does not include a type, nor is the type otherwise known from context")]
    NoAlgorithm(String),
    #[error("hash `{0}` has a character that its encoding does not know")]
    Text(String),
}

impl Encoding {
    /// The format that `toHashFormat` names; `base32` is the old name of nix32.
    ///
    /// # Errors
    /// [`HashError::Encoding`].
    pub fn from_name(name: &str) -> Result<Self, HashError> {
        match name {
            "base16" => Ok(Self::Base16),
            "base32" | "nix32" => Ok(Self::Nix32),
            "base64" => Ok(Self::Base64),
            "sri" => Ok(Self::Sri),
            _ => Err(HashError::Encoding(name.to_owned())),
        }
    }
}

impl Hash {
    /// The hash that `digest` is, or `None` when its length is not the algorithm's.
    pub fn new(algorithm: Algorithm, digest: Vec<u8>) -> Option<Self> {
        (digest.len() == algorithm.size()).then_some(Self { algorithm, digest })
    }

    /// Reads `sha256-…` (SRI), `sha256:…` or a bare hash in any of the three encodings, told apart
    /// by length. `algorithm` is needed for a bare hash and must agree with any other.
    ///
    /// # Errors
    /// [`HashError`].
    pub fn parse(text: &str, algorithm: Option<Algorithm>) -> Result<Self, HashError> {
        let (named, rest, sri) = if let Some((name, rest)) = text.split_once(':') {
            (Some(name), rest, false)
        } else if let Some((name, rest)) = text.split_once('-') {
            (Some(name), rest, true)
        } else {
            (None, text, false)
        };
        let named = named.map(algorithm_from_name).transpose()?;
        let algorithm = match (named, algorithm) {
            (Some(named), Some(expected)) if named != expected => {
                return Err(HashError::Mismatch { text: text.to_owned(), expected });
            }
            (Some(known), _) | (None, Some(known)) => known,
            (None, None) => return Err(HashError::NoAlgorithm(text.to_owned())),
        };
        let size = algorithm.size();
        let decoded = match rest.len() {
            length if !sri && length == size * 2 => decode16(rest),
            length if !sri && length == nix32_length(size) => decode32(rest, size),
            length if sri || length == size.div_ceil(3) * 4 => STANDARD.decode(rest).ok(),
            _ => return Err(HashError::Length { text: text.to_owned(), algorithm }),
        };
        let digest = decoded.ok_or_else(|| HashError::Text(text.to_owned()))?;
        Self::new(algorithm, digest)
            .ok_or_else(|| HashError::Length { text: text.to_owned(), algorithm })
    }

    /// Writes the hash; only SRI names the algorithm.
    pub fn encode(&self, encoding: Encoding) -> String {
        match encoding {
            Encoding::Base16 => encode16(&self.digest),
            Encoding::Base64 => STANDARD.encode(&self.digest),
            Encoding::Nix32 => encode32(&self.digest),
            Encoding::Sri => format!("{}-{}", self.algorithm, STANDARD.encode(&self.digest)),
        }
    }
}

/// `builtins.convertHash { hash; hashAlgo = algorithm; toHashFormat = format; }`.
///
/// # Errors
/// [`HashError`].
pub fn convert(hash: &str, algorithm: Option<&str>, format: &str) -> Result<String, HashError> {
    let algorithm = algorithm.map(algorithm_from_name).transpose()?;
    Ok(Hash::parse(hash, algorithm)?.encode(Encoding::from_name(format)?))
}

/// The algorithm of that name.
///
/// # Errors
/// [`HashError::Algorithm`].
pub fn algorithm_from_name(name: &str) -> Result<Algorithm, HashError> {
    Algorithm::from_name(name).ok_or_else(|| HashError::Algorithm(name.to_owned()))
}

/// Lower case hexadecimal, as `builtins.hashString` returns digests.
pub fn encode16(bytes: &[u8]) -> String {
    bytes
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .filter_map(|digit| char::from_digit(u32::from(digit), 16))
        .collect()
}

fn decode16(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    text.as_bytes()
        .chunks(2)
        .map(|pair| match pair {
            [high, low] => Some(digit(*high)? << 4 | digit(*low)?),
            _ => None,
        })
        .collect()
}

fn nix32_length(size: usize) -> usize {
    (size * 8).div_ceil(5)
}

/// Nix's own order: the digest is one little-endian number, written most significant digit first.
fn encode32(digest: &[u8]) -> String {
    (0..nix32_length(digest.len()))
        .rev()
        .map(|place| {
            let (byte, shift) = (place * 5 / 8, place * 5 % 8);
            let low = digest.get(byte).copied().unwrap_or_default();
            let high = digest.get(byte + 1).copied().unwrap_or_default();
            let digit = (u16::from_le_bytes([low, high]) >> shift) & 31;
            char::from(NIX32[usize::from(digit)])
        })
        .collect()
}

fn decode32(text: &str, size: usize) -> Option<Vec<u8>> {
    let mut digest = vec![0_u8; size + 1];
    for (place, digit) in text.bytes().rev().enumerate() {
        let value = NIX32
            .iter()
            .zip(0_u16..)
            .find_map(|(known, value)| (*known == digit).then_some(value))?;
        let (byte, shift) = (place * 5 / 8, place * 5 % 8);
        let [low, high] = (value << shift).to_le_bytes();
        *digest.get_mut(byte)? |= low;
        match digest.get_mut(byte + 1) {
            Some(next) => *next |= high,
            None if high == 0 => {}
            None => return None,
        }
    }
    (digest.pop() == Some(0)).then_some(digest)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// SHA-256 of the empty string, in each form that `nix-hash` and `nix hash` give.
    const FORMS: [(&str, &str); 4] = [
        ("base16", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("nix32", "0mdqa9w1p6cmli6976v4wi0sw9r4p5prkj7lzfd1877wk11c9c73"),
        ("base64", "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="),
        ("sri", "sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="),
    ];

    #[test]
    fn every_form_becomes_every_other() {
        for (_, from) in FORMS {
            for (format, to) in FORMS {
                assert_eq!(convert(from, Some("sha256"), format).as_deref(), Ok(to));
            }
        }
        assert_eq!(convert(FORMS[3].1, None, "base16").as_deref(), Ok(FORMS[0].1));
        let prefixed = format!("sha256:{}", FORMS[1].1);
        assert_eq!(convert(&prefixed, None, "base32").as_deref(), Ok(FORMS[1].1));
    }

    #[test]
    fn other_sizes_convert() {
        for algorithm in Algorithm::ALL {
            let digest: Vec<u8> = (0..algorithm.size()).map(|i| (i * 37 + 200) as u8).collect();
            let hash = Hash::new(algorithm, digest).unwrap();
            for encoding in [Encoding::Base16, Encoding::Base64, Encoding::Nix32, Encoding::Sri] {
                let text = hash.encode(encoding);
                assert_eq!(Hash::parse(&text, Some(algorithm)).as_ref(), Ok(&hash), "{text}");
            }
        }
        let sha1 = convert("da39a3ee5e6b4b0d3255bfef95601890afd80709", Some("sha1"), "nix32");
        assert_eq!(sha1.as_deref(), Ok("143xibwh31h9bvxzalr0sjvbbvpa6ffs"));
    }

    #[test]
    fn nonsense_is_refused() {
        for (hash, algorithm, format) in [
            ("", None, "sri"),
            ("abc", Some("sha256"), "sri"),
            (FORMS[0].1, None, "sri"),
            (FORMS[0].1, Some("sha3"), "sri"),
            (FORMS[0].1, Some("sha256"), "hex"),
            (FORMS[3].1, Some("sha1"), "base16"),
            ("sha256-x", None, "base16"),
            (
                "zzb0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
                Some("sha256"),
                "sri",
            ),
            ("zzzqa9w1p6cmli6976v4wi0sw9r4p5prkj7lzfd1877wk11c9c73", Some("sha256"), "sri"),
        ] {
            assert!(convert(hash, algorithm, format).is_err(), "{hash}");
        }
    }
}
