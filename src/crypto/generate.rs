//! New keys, and the age form of SSH keys. All randomness is the operating system's.

use age_core::primitives::bech32_encode;
use bech32::Hrp;
use rand::RngCore;
use rand::rngs::OsRng;
use ssh_key::LineEnding;
use ssh_key::PrivateKey;
use ssh_key::private::Ed25519Keypair;
use ssh_key::private::KeypairData;
use zeroize::Zeroize;
use zeroize::Zeroizing;

use super::curve::CurveSecret;
use super::hybrid::HybridSecret;
use super::identity::Identity;
use super::identity::Material;
use super::recipient::Recipient;
use super::secret::Secret;

/// A new age key.
pub struct AgeKeyPair {
    pub public: Recipient,
    /// `AGE-SECRET-KEY-…`, no newline.
    pub secret: Secret,
}

/// A new SSH key.
pub struct SshKeyPair {
    pub public: Recipient,
    /// The OpenSSH private key file, unencrypted, with its final newline.
    pub secret: Secret,
}

/// A new `ssh-ed25519` key, for a host or a person. `comment` is cut to one line.
pub fn generate_ssh_ed25519(comment: &str) -> SshKeyPair {
    let comment: String = comment.chars().filter(|c| !c.is_control()).collect();
    let pair = Ed25519Keypair::random(&mut OsRng);
    let key = PrivateKey::new(KeypairData::Ed25519(pair), comment.trim())
        .expect("an Ed25519 key is never encrypted nor without a public half");
    let blob = key.public_key().to_bytes().expect("a new key encodes");
    let public = Recipient::from_ssh_blob(blob, "new key")
        .expect("a new key is a valid recipient")
        .with_comment(Some(key.comment()));
    let text = key.to_openssh(LineEnding::LF).expect("a new key encodes");
    SshKeyPair { public, secret: Secret::from(text.as_str()) }
}

/// A new `age1…` key.
pub fn generate_x25519() -> AgeKeyPair {
    let mut scalar = Zeroizing::new([0; 32]);
    OsRng.fill_bytes(scalar.as_mut());
    let secret = CurveSecret::new(scalar);
    AgeKeyPair {
        public: Recipient::x25519(*secret.public()),
        secret: encode("age-secret-key-", secret.scalar()),
    }
}

/// A new post-quantum `age1pq1…` key.
pub fn generate_hybrid() -> AgeKeyPair {
    let secret = HybridSecret::generate();
    AgeKeyPair {
        public: Recipient::hybrid(secret.public()),
        secret: encode("age-secret-key-pq-", secret.seed()),
    }
}

/// The `AGE-SECRET-KEY-1…` of an unlocked ssh-ed25519 key, as `ssh-to-age -private-key` derives it. `None`
/// for any other identity.
pub fn derive_age_identity(identity: &Identity) -> Option<AgeKeyPair> {
    let Material::Ssh(key) = identity.material() else {
        return None;
    };
    let curve = key.curve()?;
    Some(AgeKeyPair {
        public: Recipient::x25519(*curve.public()),
        secret: encode("age-secret-key-", curve.scalar()),
    })
}

fn encode(hrp: &str, bytes: &[u8; 32]) -> Secret {
    let mut lower = bech32_encode(Hrp::parse_unchecked(hrp), bytes);
    let upper = lower.to_ascii_uppercase();
    lower.zeroize();
    Secret::from(upper)
}
