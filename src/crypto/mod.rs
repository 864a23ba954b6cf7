//! Keys, digests and age files: bytes in, bytes out.

pub mod hash;
