//! agenix: age files under a `secrets.nix` (agenix 0.15 `pkgs/agenix.sh`, ragenix
//! `agenix.schema.json`). The files themselves are plain age files, which `crypto` reads and writes.

mod evaluate;
mod names;
pub mod rules;
