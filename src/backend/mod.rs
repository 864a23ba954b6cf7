//! The two kinds of encrypted files: what their rules say and how a file is inspected, opened and
//! sealed. Each twin reads its own rules; neither knows hosts.

pub mod agenix;
pub mod sops;
