//! The post-quantum recipient `age1pq1…`: HPKE over ML-KEM-768 and X25519 (the X-Wing KEM), wired from
//! the `hpke`, `ml-kem` and `curve25519-dalek` crates. Formats: C2SP `age` (`mlkem768x25519` stanza),
//! draft-connolly-cfrg-xwing-kem. It refuses X25519 shares of low order, as the vectors ask.

use age_core::primitives::hpke_open;
use age_core::primitives::hpke_seal;
use curve25519_dalek::MontgomeryPoint;
use hpke::Deserializable;
use hpke::HpkeError;
use hpke::Serializable;
use hpke::generic_array::GenericArray;
use hpke::generic_array::typenum::Sum;
use hpke::generic_array::typenum::U32;
use hpke::generic_array::typenum::U96;
use hpke::generic_array::typenum::U192;
use hpke::generic_array::typenum::U1024;
use hpke::generic_array::typenum::Unsigned;
use hpke::kem::SharedSecret;
use ml_kem::EncodedSizeUser;
use ml_kem::KemCore;
use ml_kem::MlKem768;
use ml_kem::kem::Decapsulate;
use ml_kem::kem::Encapsulate;
use rand::CryptoRng;
use rand::RngCore;
use rand::rngs::OsRng;
use sha3::Digest;
use sha3::Sha3_256;
use sha3::Shake256;
use sha3::digest::ExtendableOutput;
use sha3::digest::Update;
use sha3::digest::XofReader;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::filekey::FILE_KEY_LEN;
use super::filekey::FileKey;

/// Length of the encapsulated key in a stanza's argument.
pub(crate) const SHARE_LEN: usize = CIPHERTEXT_LEN + 32;

const CIPHERTEXT_LEN: usize = 1088;
const ENCAPSULATION_KEY_LEN: usize = 1184;
const INFO: &[u8] = b"age-encryption.org/mlkem768x25519";
/// The six characters `\.//^\` that X-Wing hashes last.
const XWING_LABEL: &[u8] = br"\.//^\";

type Encapsulator = <MlKem768 as KemCore>::EncapsulationKey;
type Decapsulator = <MlKem768 as KemCore>::DecapsulationKey;

/// Why a stanza was not opened.
pub(crate) enum HybridError {
    /// The share is malformed or of low order.
    BadShare,
    /// The stanza was made for another key.
    OtherKey,
}

/// A public hybrid key.
#[derive(Clone)]
pub(crate) struct HybridPublic(PublicKey);

impl HybridPublic {
    /// Reads the 1216 bytes of a recipient string.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        PublicKey::from_bytes(bytes).ok().map(Self)
    }

    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        self.0.to_bytes().to_vec()
    }

    /// Wraps `file_key`: the encapsulated key and the stanza body.
    pub(crate) fn wrap(&self, file_key: &FileKey) -> (Vec<u8>, Vec<u8>) {
        let (share, body) = hpke_seal::<XWing, _>(&self.0, INFO, file_key.as_bytes(), &mut OsRng);
        (share.to_bytes().to_vec(), body)
    }
}

/// A private hybrid key.
pub(crate) struct HybridSecret(PrivateKey);

impl HybridSecret {
    pub(crate) fn from_seed(seed: Zeroizing<[u8; 32]>) -> Self {
        Self(PrivateKey::expand(seed))
    }

    pub(crate) fn generate() -> Self {
        let mut seed = Zeroizing::new([0; 32]);
        OsRng.fill_bytes(seed.as_mut());
        Self::from_seed(seed)
    }

    pub(crate) fn seed(&self) -> &[u8; 32] {
        &self.0.seed
    }

    pub(crate) fn public(&self) -> HybridPublic {
        HybridPublic(<XWing as hpke::Kem>::sk_to_pk(&self.0))
    }

    /// Opens a stanza made for this key.
    pub(crate) fn unwrap(&self, share: &[u8], body: &[u8]) -> Result<FileKey, HybridError> {
        let share = EncappedKey::from_bytes(share).map_err(|_| HybridError::BadShare)?;
        if body.len() != FILE_KEY_LEN + 16 {
            return Err(HybridError::BadShare);
        }
        match hpke_open::<XWing>(&share, &self.0, INFO, body) {
            Ok(key) => FileKey::from_vec(key).ok_or(HybridError::OtherKey),
            Err(HpkeError::DecapError) => Err(HybridError::BadShare),
            Err(_) => Err(HybridError::OtherKey),
        }
    }
}

/// The KEM as HPKE sees it; `0x647a` in the IANA registry.
struct XWing;

impl hpke::Kem for XWing {
    type EncappedKey = EncappedKey;
    type NSecret = U32;
    type PrivateKey = PrivateKey;
    type PublicKey = PublicKey;

    const KEM_ID: u16 = 0x647a;

    fn sk_to_pk(secret: &PrivateKey) -> PublicKey {
        PublicKey {
            curve: secret.curve_public,
            lattice: secret.lattice.encapsulation_key().clone(),
        }
    }

    fn derive_keypair(seed: &[u8]) -> (PrivateKey, PublicKey) {
        // HPKE would stretch the seed first; age makes its keys from random seeds and never derives.
        let mut fixed = Zeroizing::new([0; 32]);
        Shake256::default().chain(seed).finalize_xof().read(fixed.as_mut());
        let secret = PrivateKey::expand(fixed);
        let public = Self::sk_to_pk(&secret);
        (secret, public)
    }

    fn decap(
        secret: &PrivateKey,
        sender: Option<&PublicKey>,
        share: &EncappedKey,
    ) -> Result<SharedSecret<Self>, HpkeError> {
        if sender.is_some() {
            return Err(HpkeError::DecapError);
        }
        let lattice = secret
            .lattice
            .decapsulate(&share.lattice.into())
            .map_err(|()| HpkeError::DecapError)?;
        let curve = contributory(&share.curve, &secret.scalar).ok_or(HpkeError::DecapError)?;
        Ok(combine(&lattice, &curve, &share.curve, &secret.curve_public))
    }

    fn encap<R: CryptoRng + RngCore>(
        public: &PublicKey,
        sender: Option<(&PrivateKey, &PublicKey)>,
        rng: &mut R,
    ) -> Result<(SharedSecret<Self>, EncappedKey), HpkeError> {
        if sender.is_some() {
            return Err(HpkeError::EncapError);
        }
        let (ciphertext, lattice) =
            public.lattice.encapsulate(rng).map_err(|()| HpkeError::EncapError)?;
        let mut ephemeral = Zeroizing::new([0; 32]);
        rng.fill_bytes(ephemeral.as_mut());
        let share = EncappedKey {
            curve: MontgomeryPoint::mul_base_clamped(*ephemeral).to_bytes(),
            lattice: ciphertext.into(),
        };
        let curve = contributory(&public.curve, &ephemeral).ok_or(HpkeError::EncapError)?;
        Ok((combine(&lattice, &curve, &share.curve, &public.curve), share))
    }
}

#[derive(Clone)]
struct PrivateKey {
    curve_public: [u8; 32],
    lattice: Decapsulator,
    scalar: Zeroizing<[u8; 32]>,
    seed: Zeroizing<[u8; 32]>,
}

impl PrivateKey {
    fn expand(seed: Zeroizing<[u8; 32]>) -> Self {
        let mut stream = Shake256::default().chain(&seed[..]).finalize_xof();
        let [mut d, mut z, mut scalar] = [(); 3].map(|()| Zeroizing::new([0_u8; 32]));
        for part in [&mut d, &mut z, &mut scalar] {
            stream.read(part.as_mut());
        }
        let (lattice, _) = MlKem768::generate_deterministic(&(*d).into(), &(*z).into());
        Self {
            curve_public: MontgomeryPoint::mul_base_clamped(*scalar).to_bytes(),
            lattice,
            scalar,
            seed,
        }
    }
}

impl Deserializable for PrivateKey {
    fn from_bytes(bytes: &[u8]) -> Result<Self, HpkeError> {
        let seed =
            bytes.try_into().map_err(|_| HpkeError::IncorrectInputLength(32, bytes.len()))?;
        Ok(Self::expand(Zeroizing::new(seed)))
    }
}

impl Eq for PrivateKey {}

impl PartialEq for PrivateKey {
    fn eq(&self, other: &Self) -> bool {
        self.seed.ct_eq(other.seed.as_ref()).into()
    }
}

impl Serializable for PrivateKey {
    type OutputSize = U32;

    fn write_exact(&self, out: &mut [u8]) {
        out.copy_from_slice(self.seed.as_ref());
    }
}

#[derive(Clone, Debug, PartialEq)]
struct PublicKey {
    curve: [u8; 32],
    lattice: Encapsulator,
}

impl Deserializable for PublicKey {
    fn from_bytes(bytes: &[u8]) -> Result<Self, HpkeError> {
        let wrong = || HpkeError::IncorrectInputLength(Self::OutputSize::to_usize(), bytes.len());
        let (lattice, curve) = bytes.split_at_checked(ENCAPSULATION_KEY_LEN).ok_or_else(wrong)?;
        let curve = curve.try_into().map_err(|_| wrong())?;
        let encoded: [u8; ENCAPSULATION_KEY_LEN] = lattice.try_into().map_err(|_| wrong())?;
        let lattice = Encapsulator::from_bytes(&encoded.into());
        // FIPS 203 7.2: coefficients must be reduced, so a valid key survives a round trip.
        if lattice.as_bytes().as_slice() != encoded {
            return Err(HpkeError::ValidationError);
        }
        Ok(Self { curve, lattice })
    }
}

impl Eq for PublicKey {}

impl Serializable for PublicKey {
    type OutputSize = Sum<U1024, U192>;

    fn write_exact(&self, out: &mut [u8]) {
        let (lattice, curve) = out.split_at_mut(ENCAPSULATION_KEY_LEN);
        lattice.copy_from_slice(&self.lattice.as_bytes());
        curve.copy_from_slice(&self.curve);
    }
}

#[derive(Clone)]
struct EncappedKey {
    curve: [u8; 32],
    lattice: [u8; CIPHERTEXT_LEN],
}

impl Deserializable for EncappedKey {
    fn from_bytes(bytes: &[u8]) -> Result<Self, HpkeError> {
        let wrong = || HpkeError::IncorrectInputLength(SHARE_LEN, bytes.len());
        let (lattice, curve) = bytes.split_at_checked(CIPHERTEXT_LEN).ok_or_else(wrong)?;
        Ok(Self {
            curve: curve.try_into().map_err(|_| wrong())?,
            lattice: lattice.try_into().map_err(|_| wrong())?,
        })
    }
}

impl Serializable for EncappedKey {
    type OutputSize = Sum<U1024, U96>;

    fn write_exact(&self, out: &mut [u8]) {
        let (lattice, curve) = out.split_at_mut(CIPHERTEXT_LEN);
        lattice.copy_from_slice(&self.lattice);
        curve.copy_from_slice(&self.curve);
    }
}

/// `scalar * point`, unless that is zero.
fn contributory(point: &[u8; 32], scalar: &[u8; 32]) -> Option<Zeroizing<[u8; 32]>> {
    let shared = Zeroizing::new(MontgomeryPoint(*point).mul_clamped(*scalar).to_bytes());
    (!bool::from(shared.ct_eq(&[0; 32]))).then_some(shared)
}

fn combine(
    lattice: &[u8],
    curve: &[u8; 32],
    share: &[u8; 32],
    public: &[u8; 32],
) -> SharedSecret<XWing> {
    let mut hash = Sha3_256::new();
    for part in [lattice, curve, share, public, XWING_LABEL] {
        Digest::update(&mut hash, part);
    }
    SharedSecret(GenericArray::from(<[u8; 32]>::from(hash.finalize())))
}
