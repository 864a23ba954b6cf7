//! The cryptography of sops files: the data key, single values, the MAC over all of them, and the
//! shares of key groups. Bytes in, bytes out; it refuses to know documents, metadata or recipients.

mod gcm;
mod key;
mod mac;
mod plain;
mod shamir;
mod value;

pub use key::DataKey;
pub use key::KEY_LEN;
pub use key::WrongKeyLength;
pub use mac::Mac;
pub use plain::Hidden;
pub use plain::Plain;
pub use plain::PlainError;
pub use shamir::MAX_SHARES;
pub use shamir::ShamirError;
pub use shamir::combine;
pub use shamir::split;
pub use value::Cipher;
pub use value::ValueError;
pub use value::aad;
pub use value::is_encrypted;
