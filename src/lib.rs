//! Secrets and provisioning for NixOS fleets.
pub mod format;
