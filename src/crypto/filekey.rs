//! The 16 bytes that everything in an age file hangs on, and the keys derived from them (C2SP `age`).

use age_core::primitives::hkdf;
use age_core::secrecy::ExposeSecret;
use hmac::Hmac;
use hmac::Mac;
use rand::RngCore;
use rand::rngs::OsRng;
use sha2::Sha256;
use zeroize::Zeroizing;

pub(crate) const FILE_KEY_LEN: usize = 16;
pub(crate) const NONCE_LEN: usize = 16;

/// The key of one age file: random, never used twice, zeroed on drop.
pub(crate) struct FileKey(Zeroizing<[u8; FILE_KEY_LEN]>);

impl FileKey {
    pub(crate) fn random() -> Self {
        let mut key = Zeroizing::new([0; FILE_KEY_LEN]);
        OsRng.fill_bytes(key.as_mut());
        Self(key)
    }

    /// `None` unless `bytes` are just as many as a file key has.
    pub(crate) fn from_vec(bytes: Vec<u8>) -> Option<Self> {
        let bytes = Zeroizing::new(bytes);
        let key = bytes.as_slice().try_into().ok()?;
        Some(Self(Zeroizing::new(key)))
    }

    pub(crate) fn from_age(key: &age_core::format::FileKey) -> Self {
        Self(Zeroizing::new(*key.expose_secret()))
    }

    pub(crate) fn to_age(&self) -> age_core::format::FileKey {
        age_core::format::FileKey::new(Box::new(*self.0))
    }

    pub(crate) fn as_bytes(&self) -> &[u8; FILE_KEY_LEN] {
        &self.0
    }

    /// The key that encrypts the payload chunks.
    pub(crate) fn payload_key(&self, nonce: &[u8; NONCE_LEN]) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(hkdf(nonce, b"payload", self.as_bytes()))
    }

    /// The authentication code of a header; `covered` ends with the three dashes of the last line.
    pub(crate) fn header_mac(&self, covered: &[u8]) -> [u8; 32] {
        self.mac(covered).finalize().into_bytes().into()
    }

    /// Whether `mac` authenticates `covered`, in constant time.
    pub(crate) fn verifies(&self, covered: &[u8], mac: &[u8; 32]) -> bool {
        self.mac(covered).verify(mac.into()).is_ok()
    }

    fn mac(&self, covered: &[u8]) -> Hmac<Sha256> {
        let key = Zeroizing::new(hkdf(&[], b"header", self.as_bytes()));
        let mut mac = <Hmac<Sha256> as Mac>::new_from_slice(key.as_ref())
            .expect("HMAC takes keys of any length");
        mac.update(covered);
        mac
    }
}
