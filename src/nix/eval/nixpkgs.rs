//! The files of our model of nixpkgs' `lib`, under a path that no disk has. What is not modelled is not there.

use crate::nix::lib;

/// Where the model pretends to be.
pub(super) const ROOT: &[u8] = b"/virtual/nixpkgs";

const DEFAULT: &str = "arguments: { lib = import ./lib; }";

/// The text of a file of the model.
pub(super) fn file(path: &[u8]) -> Option<&'static str> {
    let below = std::str::from_utf8(path.strip_prefix(ROOT)?).ok()?;
    match below {
        "/default.nix" => Some(DEFAULT),
        _ => lib::file(below.strip_prefix("/lib/")?),
    }
}

/// The file that importing `path` reads, if it is in the model.
pub(super) fn resolve(path: &[u8]) -> Option<Vec<u8>> {
    if file(path).is_some() {
        return Some(path.to_vec());
    }
    let inner = [path, b"/default.nix"].concat();
    file(&inner).map(|_| inner)
}
