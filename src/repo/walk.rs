//! Lists the fleet's files, sorted and in bounded time. Skips what holds no sources (version
//! control, build results, `node_modules`), follows no directory link, and says what it left out
//! instead of guessing.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::path::PathBuf;

use thiserror::Error;
use walkdir::WalkDir;

use super::RepoPath;
use super::Root;
use crate::text::escape;

/// Directories that hold no sources of the fleet, whatever their content.
const SKIPPED: [&str; 7] = [".direnv", ".git", ".hg", ".hostward", ".jj", ".svn", "node_modules"];
/// Files in one fleet before it is taken for something else (a home directory, a mail store).
const MAX_FILES: usize = 1_000_000;
/// Directory levels that are entered.
const MAX_DEPTH: usize = 64;

/// Why there is no list.
#[derive(Debug, Error)]
pub enum WalkError {
    #[error("cannot list `{}`", escape::path(.path))]
    Io { path: PathBuf, source: io::Error },
    #[error("more than {limit} files below `{}`", escape::path(.root))]
    TooMany { root: PathBuf, limit: usize },
}

/// One file.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Entry {
    pub path: RepoPath,
    pub kind: Kind,
}

/// What a name stands for.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Kind {
    File,
    /// A symlink to a regular file of the fleet, here by its real name.
    LinkToFile(RepoPath),
    /// A symlink to a directory of the fleet, which is listed under its real name only.
    LinkToDirectory(RepoPath),
}

/// What was found, and what was passed over with a reason.
#[derive(Debug, Default)]
pub struct Walked {
    /// Sorted by path.
    pub entries: Vec<Entry>,
    pub skipped: Vec<Skipped>,
}

#[derive(Debug)]
pub struct Skipped {
    pub path: RepoPath,
    pub why: Why,
}

/// Why a name is not in the list.
#[derive(Debug)]
pub enum Why {
    /// A symlink to nothing, or in a circle.
    Broken,
    /// Deeper than directories are entered.
    Depth,
    /// A symlink that leads out of the root.
    Outside,
    /// A socket, pipe or device.
    Special,
    Unreadable(io::Error),
}

/// All files below the root. Version control, `result` links into the Nix store, cargo's `target`,
/// `.direnv` and `node_modules` are left out silently.
///
/// # Errors
/// When the root itself cannot be listed or holds too many files. Anything below it that cannot be
/// read is in [`Walked::skipped`].
pub fn files(root: &Root) -> Result<Walked, WalkError> {
    let mut walked = Walked::default();
    let mut directories = HashMap::new();
    let walk = WalkDir::new(root.path())
        .min_depth(1)
        .max_depth(MAX_DEPTH)
        .sort_by(|a, b| a.file_name().cmp(b.file_name()));
    for item in walk.into_iter().filter_entry(|entry| !is_skipped(entry)) {
        let item = match item {
            Ok(item) => item,
            Err(error) => {
                skip_error(root, error, &mut walked)?;
                continue;
            }
        };
        let Ok(path) = item.path().strip_prefix(root.path()).map(RepoPath::new) else { continue };
        let Ok(path) = path else { continue };
        let kind = item.file_type();
        let found = if kind.is_dir() {
            if item.depth() < MAX_DEPTH {
                continue;
            }
            Err(Why::Depth)
        } else if kind.is_file() {
            Ok(Kind::File)
        } else if kind.is_symlink() {
            if leads_to_store(item.path()) {
                continue;
            }
            link(root, item.path(), &mut directories)
        } else {
            Err(Why::Special)
        };
        match found {
            Ok(kind) => walked.entries.push(Entry { path, kind }),
            Err(why) => walked.skipped.push(Skipped { path, why }),
        }
        if walked.entries.len() > MAX_FILES {
            return Err(WalkError::TooMany { root: root.path().to_owned(), limit: MAX_FILES });
        }
    }
    Ok(walked)
}

fn skip_error(root: &Root, error: walkdir::Error, walked: &mut Walked) -> Result<(), WalkError> {
    let at = error.path().unwrap_or(root.path()).to_owned();
    let source = error.into_io_error().unwrap_or_else(|| io::Error::other("a loop of directories"));
    if at == root.path() {
        return Err(WalkError::Io { path: at, source });
    }
    if let Some(Ok(path)) = at.strip_prefix(root.path()).ok().map(RepoPath::new) {
        walked.skipped.push(Skipped { path, why: Why::Unreadable(source) });
    }
    Ok(())
}

fn is_skipped(entry: &walkdir::DirEntry) -> bool {
    let name = entry.file_name();
    if !entry.file_type().is_dir() {
        return name == ".git";
    }
    // `target` is a good name for a host too; cargo marks its own with a cache tag.
    SKIPPED.iter().any(|skipped| name == OsStr::new(skipped))
        || name == "target" && entry.path().join("CACHEDIR.TAG").exists()
}

/// `result`, `result-1` and other out links.
fn leads_to_store(link: &Path) -> bool {
    link.read_link().is_ok_and(|target| target.as_os_str().as_bytes().starts_with(b"/nix/store/"))
}

fn link(
    root: &Root,
    path: &Path,
    directories: &mut HashMap<PathBuf, Option<PathBuf>>,
) -> Result<Kind, Why> {
    let target = path.read_link().map_err(Why::Unreadable)?;
    let parent = path.parent().unwrap_or(root.path());
    // Farms of links share their directories: follow each of those once.
    let direct = match (target.parent(), target.file_name()) {
        (Some(dir), Some(name)) => {
            let dir = parent.join(dir);
            let real = directories.entry(dir).or_insert_with_key(|dir| dir.canonicalize().ok());
            real.as_ref().map(|real| real.join(name))
        }
        _ => None,
    };
    let real = match direct {
        Some(real) if real.symlink_metadata().is_ok_and(|meta| !meta.is_symlink()) => real,
        _ => path.canonicalize().map_err(|error| match error.kind() {
            io::ErrorKind::PermissionDenied => Why::Unreadable(error),
            _ => Why::Broken,
        })?,
    };
    let inside = real.strip_prefix(root.path()).map_err(|_| Why::Outside)?;
    let inside = RepoPath::new(inside).map_err(|_| Why::Outside)?;
    let meta = real.metadata().map_err(Why::Unreadable)?;
    if meta.is_dir() {
        Ok(Kind::LinkToDirectory(inside))
    } else if meta.is_file() {
        Ok(Kind::LinkToFile(inside))
    } else {
        Err(Why::Special)
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn sources_are_listed_and_the_rest_is_named() {
        let temp = tempfile::tempdir().unwrap();
        let dir = temp.path().join("root");
        for sub in
            ["a/b", ".git/objects", "node_modules/x", "target", "hosts/target", ".direnv", "out"]
        {
            fs::create_dir_all(dir.join(sub)).unwrap();
        }
        for file in [
            "z",
            "a/b/-c",
            "a/b!",
            ".git/config",
            "node_modules/x/y",
            "target/CACHEDIR.TAG",
            "hosts/target/x.nix",
            ".gitignore",
        ] {
            fs::write(dir.join(file), "").unwrap();
        }
        fs::write(temp.path().join("outside"), "").unwrap();
        symlink("/nix/store/abc", dir.join("result-1")).unwrap();
        symlink("../z", dir.join("a/link")).unwrap();
        symlink("link", dir.join("a/link2")).unwrap();
        symlink("..", dir.join("a/up")).unwrap();
        symlink("../../outside", dir.join("a/out")).unwrap();
        symlink("loop", dir.join("a/loop")).unwrap();
        let walked = files(&Root::at(&dir, Path::new("/")).unwrap()).unwrap();
        let names: Vec<String> =
            walked.entries.iter().map(|entry| entry.path.to_string()).collect();
        assert_eq!(
            names,
            [
                ".gitignore",
                "a/b/-c",
                "a/b!",
                "a/link",
                "a/link2",
                "a/up",
                "hosts/target/x.nix",
                "z"
            ]
        );
        let z = RepoPath::new("z").unwrap();
        assert_eq!(walked.entries[3].kind, Kind::LinkToFile(z.clone()));
        assert_eq!(walked.entries[4].kind, Kind::LinkToFile(z));
        assert_eq!(walked.entries[5].kind, Kind::LinkToDirectory(RepoPath::default()));
        let skipped: Vec<_> =
            walked.skipped.iter().map(|skip| (skip.path.to_string(), &skip.why)).collect();
        assert!(
            matches!(&skipped[..], [(a, Why::Broken), (b, Why::Outside)] if a == "a/loop" && b == "a/out"),
            "{skipped:?}"
        );
    }

    #[test]
    fn deep_trees_end() {
        let temp = tempfile::tempdir().unwrap();
        let deep: PathBuf = std::iter::repeat_n("d", 100).collect();
        fs::create_dir_all(temp.path().join(deep)).unwrap();
        let walked = files(&Root::at(temp.path(), Path::new("/")).unwrap()).unwrap();
        assert!(matches!(walked.skipped[..], [Skipped { why: Why::Depth, .. }]));
    }
}
