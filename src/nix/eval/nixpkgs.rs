//! The files of our model of nixpkgs' `lib`, under a path that no disk has. What is not modelled is not there.

/// Where the model pretends to be.
pub(super) const ROOT: &[u8] = b"/virtual/nixpkgs";

const DEFAULT: &str = "arguments: { lib = import ./lib; }";

/// Path below [`ROOT`] and text of each file.
const FILES: &[(&str, &str)] = &[("/default.nix", DEFAULT)];

/// The text of a file of the model.
pub(super) fn file(path: &[u8]) -> Option<&'static str> {
    let below = path.strip_prefix(ROOT)?;
    FILES.iter().find(|(name, _)| name.as_bytes() == below).map(|(_, text)| *text)
}

/// The file that importing `path` reads, if it is in the model.
pub(super) fn resolve(path: &[u8]) -> Option<Vec<u8>> {
    if file(path).is_some() {
        return Some(path.to_vec());
    }
    let inner = [path, b"/default.nix"].concat();
    file(&inner).map(|_| inner)
}
