//! Secrets and provisioning for NixOS fleets.
pub mod crypto;
pub mod format;
