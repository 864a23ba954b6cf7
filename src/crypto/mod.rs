//! Recipients, age file headers, identities and age files: bytes in, bytes out. The only folder that
//! names cryptographic crates. It refuses to touch paths, prompts or the environment: names are for
//! messages, and questions go through the caller's [`Unlock`].

mod compare;
mod curve;
mod envelope;
mod error;
mod excerpt;
mod filekey;
mod generate;
pub mod hash;
mod header;
mod hybrid;
mod identity;
mod keylines;
mod keyring;
mod open;
mod plugin;
mod recipient;
mod seal;
mod secret;
pub mod sops;
mod sshprivate;
mod sshpublic;
mod stream;
mod unlock;

pub use age_core::format::Stanza;

pub use compare::Comparison;
pub use compare::Count;
pub use compare::Extra;
pub use compare::Verdict;
pub use error::HeaderError;
pub use error::IdentityError;
pub use error::MAX_HEADER_LEN;
pub use error::NoMatch;
pub use error::OpenError;
pub use error::RecipientError;
pub use error::SealError;
pub use generate::AgeKeyPair;
pub use generate::SshKeyPair;
pub use generate::derive_age_identity;
pub use generate::generate_hybrid;
pub use generate::generate_ssh_ed25519;
pub use generate::generate_x25519;
pub use header::Header;
pub use identity::Identity;
pub use keylines::KeyCache;
pub use keylines::ParsedKey;
pub use keylines::parse_keys;
pub use keyring::Keyring;
pub use open::open;
pub use open::open_stream;
pub use recipient::Recipient;
pub use recipient::RecipientKind;
pub use seal::Sealer;
pub use secret::Secret;
pub use unlock::NoUnlock;
pub use unlock::Question;
pub use unlock::Unlock;
