//! All integration tests, one binary.
#![allow(
    clippy::print_stderr,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "tests say what they skip, and fail by panicking"
)]

mod peer;
mod sops_files;
mod sops_kit;
mod sops_peer;
mod sops_rules;
