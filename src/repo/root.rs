//! Finds the fleet's root from any directory and turns whatever a user types for a file into its
//! path below that root, and back. Reads directory entries and links only, never a file.

use std::collections::VecDeque;
use std::ffi::OsStr;
use std::io;
use std::path::Component;
use std::path::Path;
use std::path::PathBuf;

use thiserror::Error;

use super::path::RepoPath;
use super::path::RepoPathError;
use crate::text::escape;

/// Marks of a version control system's top level.
const VCS: [&str; 2] = [".git", ".jj"];
/// Marks of a fleet's root.
const MARKS: [&str; 4] = [".git", ".jj", "flake.nix", "hostward.toml"];
/// Marks tried when there is none of the above: a directory with nothing but rules in it is a fleet
/// too.
const RULES: [&str; 2] = ["secrets.nix", ".sops.yaml"];
/// Links followed in one path before it is called a loop (Linux follows 40).
const MAX_LINKS: usize = 40;

/// The fleet's root directory, and the directory the user stands in.
#[derive(Clone, Debug)]
pub struct Root {
    dir: PathBuf,
    cwd: PathBuf,
}

/// Why there is no root.
#[derive(Debug, Error)]
pub enum RootError {
    #[error("cannot read the directory `{}`", escape::path(.path))]
    Io { path: PathBuf, source: io::Error },
    #[error("`{}` is not a directory", escape::path(.0))]
    NotADirectory(PathBuf),
    #[error("no fleet found in `{}` or above: no flake.nix, .git, .jj, hostward.toml, secrets.nix or .sops.yaml", escape::path(.0))]
    NotFound(PathBuf),
}

/// Why a spelling names no file of the fleet.
#[derive(Debug, Error)]
pub enum ResolveError {
    #[error("an empty path names no file")]
    Empty,
    #[error("cannot follow `{}`", escape::path(.path))]
    Io { path: PathBuf, source: io::Error },
    #[error("too many symbolic links in `{}`", escape::path(.0))]
    Loop(PathBuf),
    #[error("`{}` lies outside of the repository `{}`", escape::path(.path), escape::path(.root))]
    Outside { path: PathBuf, root: PathBuf },
}

impl Root {
    /// The root of the fleet that `start` lies in: the nearest directory upwards with a mark, or
    /// the top level of the version control that holds it. Does not climb above `home` unless
    /// `start` is not below it.
    ///
    /// # Errors
    /// When `start` cannot be read or no directory upwards bears a mark.
    pub fn find(start: &Path, home: Option<&Path>) -> Result<Self, RootError> {
        let cwd = directory(start)?;
        let home =
            home.and_then(|home| home.canonicalize().ok()).filter(|home| cwd.starts_with(home));
        let ceiling = |dir: &&Path| home.as_deref().is_none_or(|home| dir.starts_with(home));
        let above: Vec<&Path> = cwd.ancestors().take_while(ceiling).collect();
        let first = |marks: &[&str]| {
            above
                .iter()
                .position(|dir| marks.iter().any(|mark| dir.join(mark).symlink_metadata().is_ok()))
        };
        // A home directory under version control holds far more than one fleet.
        let top = first(&VCS).filter(|&at| Some(above[at]) != home.as_deref());
        let nearest = top.or_else(|| first(&MARKS)).or_else(|| first(&RULES));
        let dir = nearest.map(|at| above[at].to_owned());
        dir.map(|dir| Self { dir, cwd: cwd.clone() }).ok_or(RootError::NotFound(cwd))
    }

    /// The root a user names with `--root`: taken as it is, marks or not.
    ///
    /// # Errors
    /// When it is no directory.
    pub fn at(dir: &Path, cwd: &Path) -> Result<Self, RootError> {
        let cwd = directory(cwd)?;
        let dir = directory(&cwd.join(dir))?;
        Ok(Self { dir, cwd })
    }

    /// The same user in front of another root, one that this one lies in or is.
    pub(crate) fn above(&self, dir: &Path) -> Self {
        Self { dir: dir.to_owned(), cwd: self.cwd.clone() }
    }

    /// The root directory: absolute, without symlinks.
    pub fn path(&self) -> &Path {
        &self.dir
    }

    /// The directory the user stands in: absolute, without symlinks, perhaps outside of the root.
    pub fn cwd(&self) -> &Path {
        &self.cwd
    }

    /// Where a file of the fleet is.
    pub fn absolute(&self, path: &RepoPath) -> PathBuf {
        self.dir.join(path)
    }

    /// The file a user means, typed relative to where they stand or absolute, through any directory
    /// symlinks. The last component is kept even if it is a symlink, so that a linked secret keeps
    /// the name its rule has; nothing needs to exist.
    ///
    /// # Errors
    /// When it lies outside of the root.
    pub fn resolve(&self, spelling: &Path) -> Result<RepoPath, ResolveError> {
        self.resolve_with(spelling, false)
    }

    /// All names a spelling may have in rules, the likeliest first: with directory symlinks
    /// followed, as typed, and with the file's own symlink followed. Names outside of the root are
    /// left out.
    ///
    /// # Errors
    /// When there is no name inside.
    pub fn spellings(&self, spelling: &Path) -> Result<Vec<RepoPath>, ResolveError> {
        let first = self.resolve_with(spelling, false);
        let typed = self.cwd.join(spelling);
        let lexical = typed.strip_prefix(&self.dir).ok().and_then(|path| RepoPath::new(path).ok());
        let through = self.resolve_with(spelling, true).ok();
        let mut names: Vec<RepoPath> = Vec::new();
        let failed = first.as_ref().is_err();
        for name in first.as_ref().ok().cloned().into_iter().chain(lexical).chain(through) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        if failed && names.is_empty() { first.map(|name| vec![name]) } else { Ok(names) }
    }

    /// The file behind a path of the fleet, every symlink followed, the last component's too;
    /// nothing needs to exist.
    ///
    /// # Errors
    /// When it lies outside of the root.
    pub fn real(&self, path: &RepoPath) -> Result<RepoPath, ResolveError> {
        if path.is_root() {
            Ok(path.clone())
        } else {
            self.resolve_with(&self.absolute(path), true)
        }
    }

    /// A path as the user would type it from where they stand, as git prints names.
    pub fn shown(&self, path: &RepoPath) -> PathBuf {
        match self.cwd.strip_prefix(&self.dir).map(RepoPath::new) {
            Ok(Ok(cwd)) => path.relative_to(&cwd),
            _ => self.absolute(path),
        }
    }

    /// [`Root::shown`], escaped for a terminal.
    pub fn display(&self, path: &RepoPath) -> String {
        escape::path(&self.shown(path)).into_owned()
    }

    fn resolve_with(&self, spelling: &Path, follow_last: bool) -> Result<RepoPath, ResolveError> {
        if spelling.as_os_str().is_empty() {
            return Err(ResolveError::Empty);
        }
        let real = follow(&self.cwd.join(spelling), follow_last)?;
        let outside =
            || ResolveError::Outside { path: spelling.to_owned(), root: self.dir.clone() };
        let inside = real.strip_prefix(&self.dir).map_err(|_| outside())?;
        RepoPath::new(inside).map_err(|_: RepoPathError| outside())
    }
}

/// `path` without symlinks in its directories (and in its last component, if `follow_last`). Unlike
/// the system's realpath, it goes on by the letter where nothing exists.
fn follow(path: &Path, follow_last: bool) -> Result<PathBuf, ResolveError> {
    let mut todo: VecDeque<std::ffi::OsString> = VecDeque::new();
    todo.extend(path.components().map(|component| component.as_os_str().to_owned()));
    let mut out = PathBuf::new();
    let mut links = 0;
    while let Some(name) = todo.pop_front() {
        match Path::new(&name).components().next() {
            Some(Component::ParentDir) => {
                out.pop();
                continue;
            }
            Some(Component::Normal(_)) => out.push(&name),
            Some(Component::RootDir | Component::Prefix(_)) => {
                out = PathBuf::from(&name);
                continue;
            }
            Some(Component::CurDir) | None => continue,
        }
        let is_last = todo.iter().all(|name| name == OsStr::new("."));
        if is_last && !follow_last {
            continue;
        }
        let target = match out.read_link() {
            Ok(target) => target,
            // Not a link, or nothing there.
            Err(error)
                if matches!(
                    error.kind(),
                    io::ErrorKind::InvalidInput
                        | io::ErrorKind::NotFound
                        | io::ErrorKind::NotADirectory
                ) =>
            {
                continue;
            }
            Err(source) => return Err(ResolveError::Io { path: out, source }),
        };
        links += 1;
        if links > MAX_LINKS {
            return Err(ResolveError::Loop(path.to_owned()));
        }
        out.pop();
        for component in target.components().rev() {
            todo.push_front(component.as_os_str().to_owned());
        }
    }
    Ok(out)
}

fn directory(path: &Path) -> Result<PathBuf, RootError> {
    let io = |source| RootError::Io { path: path.to_owned(), source };
    let real = path.canonicalize().map_err(io)?;
    if real.is_dir() { Ok(real) } else { Err(RootError::NotADirectory(path.to_owned())) }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;

    use super::*;

    fn tree() -> (tempfile::TempDir, PathBuf) {
        let temp = tempfile::tempdir().unwrap();
        let dir = temp.path().canonicalize().unwrap();
        fs::create_dir_all(dir.join("home/fleet/hosts/a")).unwrap();
        fs::create_dir_all(dir.join("home/fleet/secrets")).unwrap();
        (temp, dir)
    }

    #[test]
    fn the_nearest_mark_wins_unless_version_control_is_above() {
        let (_temp, dir) = tree();
        let fleet = dir.join("home/fleet");
        let home = dir.join("home");
        let find = |from: &Path| Root::find(from, Some(&home)).map(|root| root.path().to_owned());
        assert!(matches!(find(&fleet), Err(RootError::NotFound(_))));
        fs::write(fleet.join("secrets/secrets.nix"), "").unwrap();
        assert_eq!(find(&fleet.join("secrets")).unwrap(), fleet.join("secrets"));
        fs::write(fleet.join("hosts/flake.nix"), "").unwrap();
        assert_eq!(find(&fleet.join("hosts/a")).unwrap(), fleet.join("hosts"));
        fs::write(dir.join("flake.nix"), "").unwrap();
        assert!(find(&fleet).is_err(), "never above home");
        fs::create_dir(fleet.join(".git")).unwrap();
        assert_eq!(find(&fleet.join("hosts/a")).unwrap(), fleet);
        assert_eq!(find(&dir).unwrap(), dir, "unless started there");
        fs::create_dir(home.join(".git")).unwrap();
        fs::remove_dir(fleet.join(".git")).unwrap();
        assert_eq!(find(&fleet.join("hosts/a")).unwrap(), fleet.join("hosts"), "dotfiles");
        assert_eq!(find(&home).unwrap(), home);
        let far = Root::at(Path::new("../secrets"), &fleet.join("hosts")).unwrap();
        assert_eq!(far.path(), fleet.join("secrets"));
    }

    #[test]
    fn every_spelling_names_the_same_file() {
        let (_temp, dir) = tree();
        let fleet = dir.join("home/fleet");
        symlink("../../secrets", fleet.join("hosts/a/link")).unwrap();
        symlink(&fleet, dir.join("elsewhere")).unwrap();
        symlink("/", fleet.join("out")).unwrap();
        symlink("loop", fleet.join("loop")).unwrap();
        let root = Root::at(&fleet, &fleet.join("hosts/a")).unwrap();
        let wanted = RepoPath::new("secrets/x.age").unwrap();
        let absolute = fleet.join("secrets/x.age");
        let around = dir.join("elsewhere/secrets/x.age");
        for spelling in
            ["../../secrets/x.age", "./link/x.age", "link/../secrets/./x.age", "link//x.age"]
        {
            assert_eq!(root.resolve(Path::new(spelling)).unwrap(), wanted, "{spelling}");
        }
        assert_eq!(root.resolve(&absolute).unwrap(), wanted);
        assert_eq!(root.resolve(&around).unwrap(), wanted);
        assert_eq!(root.shown(&wanted), Path::new("../../secrets/x.age"));
        let outside = |spelling: &str| root.resolve(Path::new(spelling)).is_err();
        assert!(outside("../../out/etc/passwd"));
        assert!(outside("../../../x"));
        assert!(outside("/etc/passwd"));
        assert!(outside("../../loop/x"));
        assert!(outside(""));
        let strange = root.resolve(Path::new("new dir/-x\n.age")).unwrap();
        assert_eq!(root.display(&strange), "new dir/-x\\n.age");
    }

    #[test]
    fn a_linked_secret_keeps_its_name_and_offers_its_target() {
        let (_temp, dir) = tree();
        let fleet = dir.join("home/fleet");
        fs::write(fleet.join("secrets/real.age"), "").unwrap();
        symlink("real.age", fleet.join("secrets/link.age")).unwrap();
        symlink("secrets", fleet.join("dir")).unwrap();
        let root = Root::at(&fleet, &fleet).unwrap();
        let names = |spelling: &str| -> Vec<String> {
            let names = root.spellings(Path::new(spelling)).unwrap();
            names.iter().map(ToString::to_string).collect()
        };
        assert_eq!(names("dir/link.age"), ["secrets/link.age", "dir/link.age", "secrets/real.age"]);
        assert_eq!(names("secrets/real.age"), ["secrets/real.age"]);
        assert!(root.spellings(Path::new("/etc/passwd")).is_err());
    }
}
