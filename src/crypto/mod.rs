//! Cryptography: bytes in, bytes out. The only folder that names cryptographic crates; it refuses to
//! touch paths, prompts or the environment.

pub mod sops;
