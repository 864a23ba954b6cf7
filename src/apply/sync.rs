//! Makes a batch of files and directory entries durable with as few flushes as there are file
//! systems: one `syncfs` for many files, single `fsync`s for few (a `syncfs` also waits for
//! everybody else's data) or where there is no `syncfs`.

use std::collections::BTreeSet;
use std::fs::File;
use std::io;
use std::path::Path;
use std::path::PathBuf;

/// Up to this many flushes are made one by one.
const FEW: usize = 12;

/// Flushes the content of `files` and the entries of `dirs` (the files' own directories among
/// them). The error names the path at fault.
pub(super) fn all(files: &[PathBuf], dirs: &BTreeSet<PathBuf>) -> Result<(), (PathBuf, io::Error)> {
    if files.len() + dirs.len() > FEW && whole_file_systems(dirs)? {
        return Ok(());
    }
    for path in files.iter().chain(dirs) {
        let synced = File::open(path).and_then(|file| file.sync_all());
        synced.map_err(|error| (path.clone(), error))?;
    }
    Ok(())
}

/// Whether it could be done that way.
#[cfg(target_os = "linux")]
fn whole_file_systems(dirs: &BTreeSet<PathBuf>) -> Result<bool, (PathBuf, io::Error)> {
    use std::os::unix::fs::MetadataExt as _;

    use rustix::io::Errno;

    let mut seen = BTreeSet::new();
    for dir in dirs {
        let at = |error: io::Error| (dir.clone(), error);
        let handle = File::open(dir).map_err(at)?;
        if !seen.insert(handle.metadata().map_err(at)?.dev()) {
            continue;
        }
        match rustix::fs::syncfs(&handle) {
            Ok(()) => {}
            Err(error @ (Errno::IO | Errno::NOSPC | Errno::DQUOT)) => return Err(at(error.into())),
            Err(_) => return Ok(false),
        }
    }
    Ok(true)
}

#[cfg(not(target_os = "linux"))]
fn whole_file_systems(_dirs: &BTreeSet<PathBuf>) -> Result<bool, (PathBuf, io::Error)> {
    Ok(false)
}

/// The directory an entry is in.
pub(super) fn parent(path: &Path) -> PathBuf {
    path.parent().unwrap_or(path).to_owned()
}
