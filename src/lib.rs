//! Secrets and provisioning for NixOS fleets.

pub mod apply;
pub mod crypto;
pub mod nix;
pub mod plan;
pub mod repo;
pub mod text;
