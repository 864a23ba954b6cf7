//! Names of temporary files: hidden, beside their target, and recognizable, so that nothing else is
//! ever removed in their place.

use std::ffi::OsString;
use std::hash::BuildHasher as _;
use std::hash::Hasher as _;
use std::hash::RandomState;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::ffi::OsStringExt;

use crate::repo::RepoPath;

const MARK: &[u8] = b".hostward-";
const END: &[u8] = b".tmp";
/// Ends the name that keeps the old content on file systems that cannot exchange two names.
const KEEP_END: &[u8] = b"-old.tmp";
/// Bytes in one name, on every file system that matters.
const NAME_MAX: usize = 255;

/// Names for one run.
#[derive(Debug)]
pub(super) struct Namer {
    id: u32,
    count: u32,
}

impl Namer {
    pub(super) fn new() -> Self {
        let seed = RandomState::new().build_hasher().finish();
        Self { id: (seed ^ (seed >> 32)) as u32, count: 0 }
    }

    /// `.NAME.hostward-ID.tmp` beside `target`, with NAME cut where it would be too long. The root
    /// has no name beside it.
    pub(super) fn beside(&mut self, target: &RepoPath) -> RepoPath {
        let id = format!("{:08x}-{:x}", self.id, self.count);
        self.count += 1;
        let name = target.file_name().map(OsStrExt::as_bytes).unwrap_or_default();
        let room = NAME_MAX - 1 - MARK.len() - id.len() - KEEP_END.len();
        let mut cut = name.len().min(room);
        while cut < name.len() && cut > 0 && name[cut] & 0xc0 == 0x80 {
            cut -= 1;
        }
        sibling(target, &[b".", &name[..cut], MARK, id.as_bytes(), END].concat())
    }
}

/// Where the old content is kept beside `temp` when the file system cannot exchange names.
pub(super) fn keep(temp: &RepoPath) -> RepoPath {
    let name = temp.file_name().map(OsStrExt::as_bytes).unwrap_or_default();
    sibling(temp, &[name.strip_suffix(END).unwrap_or(name), KEEP_END].concat())
}

/// Whether a path has such a name.
pub(super) fn is_temp(path: &RepoPath) -> bool {
    let name = path.file_name().map(OsStrExt::as_bytes).unwrap_or_default();
    name.starts_with(b".") && name.ends_with(END) && memchr::memmem::find(name, MARK).is_some()
}

fn sibling(path: &RepoPath, name: &[u8]) -> RepoPath {
    let name = OsString::from_vec(name.to_vec());
    path.parent()
        .unwrap_or_default()
        .join(name)
        .expect("a name without slashes stays in its directory")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn temps_stay_beside_and_short() {
        let mut namer = Namer::new();
        for name in ["x.age".to_owned(), "ä".repeat(127), "y".repeat(255)] {
            let target = RepoPath::new(format!("dir/{name}")).unwrap();
            let temp = namer.beside(&target);
            assert!(is_temp(&temp) && is_temp(&keep(&temp)), "{temp}");
            assert_eq!(temp.parent(), target.parent());
            assert!(keep(&temp).file_name().unwrap().len() <= NAME_MAX);
            assert!(temp.to_str().is_some());
            assert_ne!(namer.beside(&target), temp);
        }
        assert!(!is_temp(&RepoPath::new("x.tmp").unwrap()));
    }
}
