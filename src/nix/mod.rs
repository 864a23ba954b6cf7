//! Nix: its syntax, its values and what the modules of a fleet make of them.

pub mod bindings;
pub mod external;
pub mod pure;
