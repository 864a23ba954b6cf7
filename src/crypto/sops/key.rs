//! The data key of one file. Refuses any length but the one sops makes.

use std::fmt;

use aes_gcm::aead::OsRng;
use aes_gcm::aead::rand_core::RngCore;
use thiserror::Error;
use zeroize::Zeroizing;

/// Bytes in a data key.
pub const KEY_LEN: usize = 32;

/// The key all values of a file are encrypted with; wiped on drop, never printed.
#[derive(Clone)]
pub struct DataKey(Zeroizing<[u8; KEY_LEN]>);

/// A data key that is not [`KEY_LEN`] bytes long.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[error("a data key of {found} bytes instead of {KEY_LEN}")]
pub struct WrongKeyLength {
    pub found: usize,
}

impl DataKey {
    /// A new random key.
    #[must_use]
    pub fn generate() -> Self {
        let mut key = Zeroizing::new([0; KEY_LEN]);
        OsRng.fill_bytes(key.as_mut_slice());
        Self(key)
    }

    /// A key that was unwrapped or combined.
    ///
    /// # Errors
    /// [`WrongKeyLength`].
    pub fn from_slice(bytes: &[u8]) -> Result<Self, WrongKeyLength> {
        let key = bytes.try_into().map_err(|_| WrongKeyLength { found: bytes.len() })?;
        Ok(Self(Zeroizing::new(key)))
    }

    /// The key itself, to be wrapped or split.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; KEY_LEN] {
        &self.0
    }
}

impl fmt::Debug for DataKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DataKey")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_random_and_32_bytes() {
        assert_ne!(DataKey::generate().as_bytes(), DataKey::generate().as_bytes());
        assert_eq!(DataKey::from_slice(&[0; 31]).unwrap_err(), WrongKeyLength { found: 31 });
        assert_eq!(DataKey::from_slice(&[7; 32]).unwrap().as_bytes(), &[7; 32]);
        assert_eq!(format!("{:?}", DataKey::generate()), "DataKey");
    }
}
