//! The files of our model of nixpkgs' `lib`, under a path that no disk has. What is not modelled is not there.

use std::os::unix::ffi::OsStrExt;

use crate::nix::lib;
use crate::nix::syntax::source::Place;

/// Where the model pretends to be.
pub(super) const ROOT: &[u8] = b"/virtual/nixpkgs";

const DEFAULT: &str = "arguments: { lib = import ./lib; }";

/// The text of a file of the model.
pub(super) fn file(path: &[u8]) -> Option<&'static str> {
    match path.strip_prefix(ROOT)? {
        b"/default.nix" => Some(DEFAULT),
        below => lib::file(std::str::from_utf8(below.strip_prefix(b"/lib/")?).ok()?),
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

/// Whether a place lies in the model, where what is missing is out of our reach and not a mistake.
pub(super) fn holds(place: Option<&Place>) -> bool {
    place.is_some_and(|place| place.file.as_os_str().as_bytes().starts_with(ROOT))
}
