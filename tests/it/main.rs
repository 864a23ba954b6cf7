//! The integration tests, one binary; fixtures lie beside this folder.

mod nix_corpus;
mod nix_generated;
mod nix_oracle;
mod nix_random;
mod nix_real;
mod peer;
