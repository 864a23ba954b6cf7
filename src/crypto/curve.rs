//! The two Curve25519 ways of wrapping a file key, `X25519` and `ssh-ed25519` (C2SP `age`), with all
//! work that depends on the key alone done once per key: the `ssh-ed25519` tweak is multiplied into
//! the public point beforehand, which leaves two scalar multiplications a wrap. Both share one code
//! path; it refuses points of low order, whose shared secret would be zero.

use std::sync::OnceLock;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;

use age_core::primitives::aead_decrypt;
use age_core::primitives::aead_encrypt;
use age_core::primitives::hkdf;
use curve25519_dalek::MontgomeryPoint;
use curve25519_dalek::edwards::EdwardsBasepointTable;
use curve25519_dalek::traits::BasepointTable;
use rand::RngCore;
use rand::rngs::OsRng;
use sha2::Digest;
use sha2::Sha512;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::filekey::FILE_KEY_LEN;
use super::filekey::FileKey;

const SSH_LABEL: &[u8] = b"age-encryption.org/v1/ssh-ed25519";
const X25519_LABEL: &[u8] = b"age-encryption.org/v1/X25519";
/// Making a table takes as long as some thirty multiplications; a key used this often is used more.
const WORTH_A_TABLE: usize = 8;

/// The shared secret came out as zero: the other side's point is of low order.
pub(crate) struct LowOrder;

/// A public key prepared for wrapping file keys.
pub(crate) struct CurvePublic {
    label: &'static [u8],
    /// The recipient's point as it enters the salt.
    public: [u8; 32],
    target: Target,
}

impl CurvePublic {
    /// An `age1…` recipient's point.
    pub(crate) fn native(public: [u8; 32]) -> Self {
        Self { label: X25519_LABEL, public, target: Target::new(MontgomeryPoint(public)) }
    }

    /// The Montgomery form of an Ed25519 key; `blob` is its SSH wire encoding.
    pub(crate) fn ssh(public: [u8; 32], blob: &[u8]) -> Self {
        Self {
            label: SSH_LABEL,
            public,
            target: Target::new(MontgomeryPoint(public).mul_clamped(ssh_tweak(blob))),
        }
    }

    /// Wraps `file_key`: the ephemeral share and the stanza body.
    pub(crate) fn wrap(&self, file_key: &FileKey) -> Result<([u8; 32], Vec<u8>), LowOrder> {
        let mut ephemeral = Zeroizing::new([0; 32]);
        OsRng.fill_bytes(ephemeral.as_mut());
        let share = MontgomeryPoint::mul_base_clamped(*ephemeral).to_bytes();
        let shared = self.target.multiply(&ephemeral)?;
        let key = wrapping_key(&share, &self.public, self.label, &shared);
        Ok((share, aead_encrypt(&key, file_key.as_bytes())))
    }
}

/// The point that a recipient's files are wrapped with: `public`, or `tweak * public` for SSH keys. One
/// that is used often gets a table of its multiples, which makes a multiplication three times as fast.
struct Target {
    point: MontgomeryPoint,
    /// `None` inside for points of the twist, which have no Edwards form.
    table: OnceLock<Option<Box<EdwardsBasepointTable>>>,
    uses: AtomicUsize,
}

impl Target {
    fn new(point: MontgomeryPoint) -> Self {
        Self { point, table: OnceLock::new(), uses: AtomicUsize::new(0) }
    }

    fn multiply(&self, scalar: &[u8; 32]) -> Result<Zeroizing<[u8; 32]>, LowOrder> {
        if self.uses.fetch_add(1, Ordering::Relaxed) < WORTH_A_TABLE {
            return multiply(&self.point, scalar);
        }
        // Either sign of the Edwards point has multiples with the same Montgomery coordinate.
        let make = || self.point.to_edwards(0).map(|point| EdwardsBasepointTable::create(&point));
        match self.table.get_or_init(|| make().map(Box::new)) {
            Some(table) => nonzero(table.mul_base_clamped(*scalar).to_montgomery()),
            None => multiply(&self.point, scalar),
        }
    }
}

/// A private scalar and its point.
pub(crate) struct CurveSecret {
    public: [u8; 32],
    scalar: Zeroizing<[u8; 32]>,
}

impl CurveSecret {
    pub(crate) fn new(scalar: Zeroizing<[u8; 32]>) -> Self {
        let public = MontgomeryPoint::mul_base_clamped(*scalar).to_bytes();
        Self { public, scalar }
    }

    /// The scalar of an Ed25519 seed (RFC 8032 5.1.5, unclamped): what `ssh-to-age` derives too.
    pub(crate) fn from_ed25519_seed(seed: &[u8; 32]) -> Self {
        let hash = Zeroizing::new(<[u8; 64]>::from(Sha512::digest(seed)));
        let mut scalar = Zeroizing::new([0; 32]);
        scalar.copy_from_slice(&hash[..32]);
        Self::new(scalar)
    }

    pub(crate) fn public(&self) -> &[u8; 32] {
        &self.public
    }

    pub(crate) fn scalar(&self) -> &[u8; 32] {
        &self.scalar
    }

    /// Opens the body of an `X25519` stanza; `None` if it was made for another key.
    pub(crate) fn unwrap_native(
        &self,
        share: &[u8; 32],
        body: &[u8],
    ) -> Result<Option<FileKey>, LowOrder> {
        let shared = multiply(&MontgomeryPoint(*share), &self.scalar)?;
        Ok(self.open(share, X25519_LABEL, &shared, body))
    }

    /// Opens the body of an `ssh-ed25519` stanza; `tweak` is [`ssh_tweak`] of the key's blob.
    pub(crate) fn unwrap_ssh(
        &self,
        tweak: &[u8; 32],
        share: &[u8; 32],
        body: &[u8],
    ) -> Result<Option<FileKey>, LowOrder> {
        let inner = multiply(&MontgomeryPoint(*share), &self.scalar)?;
        let shared = multiply(&MontgomeryPoint(*inner), tweak)?;
        Ok(self.open(share, SSH_LABEL, &shared, body))
    }

    fn open(
        &self,
        share: &[u8; 32],
        label: &[u8],
        shared: &[u8; 32],
        body: &[u8],
    ) -> Option<FileKey> {
        let key = wrapping_key(share, &self.public, label, shared);
        aead_decrypt(&key, FILE_KEY_LEN, body).ok().and_then(FileKey::from_vec)
    }
}

/// The tweak that binds an `ssh-ed25519` stanza to the SSH key rather than its Montgomery point.
pub(crate) fn ssh_tweak(blob: &[u8]) -> [u8; 32] {
    hkdf(blob, SSH_LABEL, &[])
}

fn multiply(point: &MontgomeryPoint, scalar: &[u8; 32]) -> Result<Zeroizing<[u8; 32]>, LowOrder> {
    nonzero(point.mul_clamped(*scalar))
}

fn nonzero(shared: MontgomeryPoint) -> Result<Zeroizing<[u8; 32]>, LowOrder> {
    let shared = Zeroizing::new(shared.to_bytes());
    if shared.ct_eq(&[0; 32]).into() {
        return Err(LowOrder);
    }
    Ok(shared)
}

fn wrapping_key(
    share: &[u8; 32],
    public: &[u8; 32],
    label: &[u8],
    shared: &[u8; 32],
) -> Zeroizing<[u8; 32]> {
    let mut salt = [0; 64];
    salt[..32].copy_from_slice(share);
    salt[32..].copy_from_slice(public);
    Zeroizing::new(hkdf(&salt, label, shared))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_multiplies_as_the_ladder_does() {
        let mut on_curve = 0;
        for seed in 0..24_u8 {
            let mut bytes = [seed; 32];
            bytes[31] &= 0x7f;
            let target = Target::new(MontgomeryPoint(bytes));
            on_curve += usize::from(target.point.to_edwards(0).is_some());
            for round in 0..=WORTH_A_TABLE as u8 + 2 {
                let scalar = [round.wrapping_mul(37) ^ seed; 32];
                let ladder = multiply(&target.point, &scalar).ok();
                assert_eq!(target.multiply(&scalar).ok(), ladder, "{seed} {round}");
            }
        }
        assert!((1..24).contains(&on_curve), "both the curve and its twist are tried");
    }
}
