//! Secrets and provisioning for NixOS fleets.

pub mod apply;
pub mod backend;
pub mod cli;
pub mod crypto;
pub mod fleet;
pub mod nix;
pub mod plan;
pub mod repo;
pub mod report;
pub mod text;
pub mod ui;
