//! All integration tests, one binary.
#![allow(
    clippy::print_stderr,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "tests say what they skip, and fail by panicking"
)]

mod age_files;
mod age_keyring;
mod age_recipients;
mod agekit;
mod cctv;
mod cli_demo;
mod cli_edit;
mod cli_identities;
mod cli_interop;
mod cli_kill;
mod cli_paths;
mod cli_plaintext;
mod cli_record;
mod cli_rekey;
mod cli_secrets;
mod cli_status;
mod cli_terminal;
mod disk_apply;
mod disk_child;
mod disk_errors;
mod disk_git;
mod disk_kill;
mod disk_speed;
mod fleetkit;
mod layers;
mod nix_corpus;
mod nix_generated;
mod nix_oracle;
mod nix_random;
mod nix_real;
mod peer;
mod scan_disko;
mod scan_facter;
mod scan_hostile;
mod scan_probe;
mod scan_snapshots;
mod scan_ssh;
mod sops_files;
mod sops_kit;
mod sops_peer;
mod sops_rules;
