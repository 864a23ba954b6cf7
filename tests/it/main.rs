//! The integration tests, one binary; fixtures lie beside this folder.

mod nix_corpus;
mod nix_oracle;
mod nix_real;
mod peer;
