//! Nix: its syntax, its values and what the modules of a fleet make of them.

pub mod lib;
pub mod pure;
