//! The running hash over all values of a file (`sops.go` `Encrypt`, `Decrypt`). Refuses to choose
//! what is hashed: comments and nulls are left out, and with `mac_only_encrypted` plain values, by
//! the caller.

use sha2::Digest;
use sha2::Sha512;

use super::plain::Plain;

/// SHA-256 of `sops`: what a hash over encrypted values alone starts with, so that it never equals
/// one over all values (`sops.go` `MACOnlyEncryptedInitialization`).
const ONLY_ENCRYPTED_SEED: [u8; 32] = [
    0x8a, 0x3f, 0xd2, 0xad, 0x54, 0xce, 0x66, 0x52, 0x7b, 0x10, 0x34, 0xf3, 0xd1, 0x47, 0xbe, 0x0b,
    0x0b, 0x97, 0x5b, 0x3b, 0xf4, 0x4f, 0x72, 0xc6, 0xfd, 0xad, 0xec, 0x81, 0x76, 0xf2, 0x7d, 0x69,
];

/// A MAC in the making.
#[derive(Clone)]
pub struct Mac(Sha512);

impl Mac {
    /// Nothing hashed yet; `only_encrypted` is the file's `mac_only_encrypted`.
    #[must_use]
    pub fn new(only_encrypted: bool) -> Self {
        let mut hash = Sha512::new();
        if only_encrypted {
            hash.update(ONLY_ENCRYPTED_SEED);
        }
        Self(hash)
    }

    /// Adds the next value in document order.
    pub fn add(&mut self, plain: &Plain) {
        self.0.update(plain.to_bytes().as_slice());
    }

    /// Adds the next value by its byte form.
    pub fn add_bytes(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// The hash as sops stores it: 128 upper-case hexadecimal digits.
    #[must_use]
    pub fn finish(self) -> String {
        self.0.finalize().iter().map(|byte| format!("{byte:02X}")).collect()
    }
}

#[cfg(test)]
mod tests {
    use sha2::Sha256;

    use super::*;

    #[test]
    fn the_seed_is_the_hash_of_the_name() {
        assert_eq!(Sha256::digest(b"sops").as_slice(), ONLY_ENCRYPTED_SEED);
        assert_ne!(Mac::new(true).finish(), Mac::new(false).finish());
    }

    #[test]
    fn values_are_hashed_one_behind_the_other() {
        let mut mac = Mac::new(false);
        mac.add(&Plain::str(b"a"));
        mac.add(&Plain::Bool(true));
        mac.add(&Plain::Int(-1));
        let mut whole = Mac::new(false);
        whole.add_bytes(b"aTrue-1");
        let text = mac.finish();
        assert_eq!(text, whole.finish());
        assert_eq!(text.len(), 128);
        assert!(text.starts_with(|c: char| c.is_ascii_digit() || c.is_ascii_uppercase()));
    }

    #[test]
    fn the_empty_hash_is_known() {
        assert!(Mac::new(false).finish().starts_with("CF83E1357EEFB8BDF1542850D66D8007"));
    }
}
