//! Secrets and provisioning for NixOS fleets.
pub mod backend;
pub mod crypto;
pub mod format;
