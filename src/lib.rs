//! Secrets and provisioning for NixOS fleets, as a library under a thin program.
//!
//! Data goes one way, and a folder uses only those above it:
//!
//! ```text
//! text      spans, lines, splice edits, diffs, tables
//! repo      the bytes on disk: root, walk, read once, git, lock
//! crypto    recipients, identities, age files: bytes in, bytes out
//! format    lossless YAML, JSON, INI and dotenv documents
//! nix       syntax and a lazy evaluator
//! backend   agenix and sops: rules and what they say
//! fleet     the model that joins them
//! plan      what a command would change
//! apply     makes it so, all or nothing
//! provision hardware and hosts: probe, facts, files
//! report    what commands answer
//! ui        the terminal
//! cli       one file per command
//! ```
//!
//! The items here serve the program and its tests; they are no stable interface yet.

pub mod apply;
pub mod backend;
pub mod cli;
pub mod crypto;
pub mod fleet;
pub mod format;
pub mod nix;
pub mod plan;
pub mod provision;
pub mod repo;
pub mod report;
pub mod text;
pub mod ui;
