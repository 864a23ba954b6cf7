//! Bytes that must not leak: zeroed when dropped, compared in constant time, and without `Debug`,
//! `Display` or `Clone`. It refuses to lock its pages itself: every per-buffer lock is an unsafe call,
//! so keeping secrets out of swap and core dumps is left to a process-wide setting of the caller.

use std::io;
use std::io::Write;

use subtle::ConstantTimeEq;
use zeroize::Zeroize;

/// An owned buffer of secret bytes: a plaintext, a passphrase or a private key.
#[derive(Default)]
pub struct Secret(Vec<u8>);

impl Secret {
    /// Takes over `bytes`. What the vector lost to earlier growth is beyond reach: prefer
    /// [`Secret::with_capacity`] and [`Write`] when the size is known.
    pub fn new(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// An empty secret with room for `capacity` bytes.
    pub fn with_capacity(capacity: usize) -> Self {
        Self(Vec::with_capacity(capacity))
    }

    /// The bytes themselves.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The bytes as text, if they are UTF-8.
    pub fn as_str(&self) -> Option<&str> {
        std::str::from_utf8(&self.0).ok()
    }

    /// Gives up the protection: the caller now owns plain bytes.
    pub fn into_bytes(mut self) -> Vec<u8> {
        std::mem::take(&mut self.0)
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// A second copy, made on purpose: `Clone` would make one by accident.
    pub fn duplicate(&self) -> Self {
        Self(self.0.clone())
    }

    pub(crate) fn as_mut_bytes(&mut self) -> &mut [u8] {
        &mut self.0
    }

    /// Appends `bytes`. When the buffer has to move, the old one is zeroed first.
    pub fn extend(&mut self, bytes: &[u8]) {
        let needed = self.0.len() + bytes.len();
        if needed > self.0.capacity() {
            let mut grown = Vec::with_capacity(needed.max(self.0.capacity() * 2));
            grown.extend_from_slice(&self.0);
            self.0.zeroize();
            self.0 = grown;
        }
        self.0.extend_from_slice(bytes);
    }

    /// Shortens the secret to `len` bytes; the cut-off bytes are zeroed.
    pub fn truncate(&mut self, len: usize) {
        if let Some(tail) = self.0.get_mut(len..) {
            tail.zeroize();
            self.0.truncate(len);
        }
    }
}

impl Drop for Secret {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl Eq for Secret {}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Self(text.as_bytes().to_vec())
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(text.into_bytes())
    }
}

impl From<Vec<u8>> for Secret {
    fn from(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }
}

impl PartialEq for Secret {
    /// Constant time in the contents; the lengths are not secret.
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl Write for Secret {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grows_and_shrinks_without_losing_bytes() {
        let mut secret = Secret::with_capacity(2);
        for byte in 0..100_u8 {
            secret.extend(&[byte]);
        }
        assert_eq!(secret.as_bytes(), (0..100).collect::<Vec<u8>>());
        secret.truncate(3);
        assert!(secret == Secret::new(vec![0, 1, 2]));
        secret.truncate(9);
        assert_eq!(secret.len(), 3);
        assert!(secret != Secret::from("abc"));
        assert_eq!(Secret::from("abc").into_bytes(), b"abc");
    }
}
