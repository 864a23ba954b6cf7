//! The real programs that the tests hold us against. A missing one is said aloud, and is a failure on CI.

use std::env;
use std::path::Path;
use std::path::PathBuf;

/// The program `name` on the search path.
pub(crate) fn peer(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let found = env::split_paths(&path).map(|dir| dir.join(name)).find(|path| path.is_file());
    found.or_else(|| skipped(name))
}

/// A file or program that `tests/run` puts under `target/peers`.
pub(crate) fn fetched_peer(path: &str) -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/peers");
    Some(root.join(path)).filter(|path| path.exists()).or_else(|| skipped(path))
}

/// Says that a test cannot run for want of `name`.
pub(crate) fn skipped<T>(name: &str) -> Option<T> {
    eprintln!("skipped: {name}");
    assert!(env::var("CI").as_deref() != Ok("true"), "`{name}` is missing on CI");
    None
}
