//! The real git: what it tells us, and whether it takes our diffs.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;
use std::process::Command;

use hostward::repo::Git;
use hostward::repo::Lock;
use hostward::repo::RepoPath;
use hostward::repo::Root;
use hostward::repo::StateDir;
use hostward::repo::Wait;
use hostward::text::diff;
use hostward::text::diff::FileDiff;
use proptest::prelude::*;
use tempfile::TempDir;

use crate::peer::peer;

struct Repo {
    dir: TempDir,
}

impl Repo {
    fn new() -> Option<Self> {
        peer("git")?;
        let repo = Self { dir: tempfile::tempdir().unwrap() };
        repo.git(&["init", "-q"]);
        Some(repo)
    }

    fn git(&self, args: &[&str]) {
        let mut command = Command::new("git");
        command.arg("-C").arg(self.dir.path()).args([
            "-c",
            "user.name=test",
            "-c",
            "user.email=test@example.org",
        ]);
        command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_SYSTEM", "/dev/null");
        let output = command.args(args).output().unwrap();
        assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    }

    fn write(&self, name: &RepoPath, content: &[u8]) {
        let file = self.dir.path().join(name);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, content).unwrap();
    }
}

fn odd_names() -> Vec<RepoPath> {
    let names: [&[u8]; 8] = [
        b"plain",
        b"a b",
        b"-rf",
        b"qu\"o'te\\",
        b"line\nfeed\t",
        "\u{202e}ä漢".as_bytes(),
        b"\xff\xfe",
        b":(top)*",
    ];
    names
        .iter()
        .map(|name| RepoPath::new(Path::new("dir").join(OsStr::from_bytes(name))).unwrap())
        .collect()
}

fn set(names: &[RepoPath]) -> BTreeSet<RepoPath> {
    names.iter().cloned().collect()
}

#[test]
fn git_tells_what_it_tracks_stages_and_ignores() {
    let Some(repo) = Repo::new() else { return };
    let names = odd_names();
    let (tracked, rest) = names.split_at(4);
    names.iter().for_each(|name| repo.write(name, b"x"));
    let root = Root::at(repo.dir.path(), Path::new("/")).unwrap();
    let git = Git::of(&root).unwrap();
    assert_eq!(git.untracked().unwrap(), set(&names));
    for name in tracked {
        let name = name.to_str().unwrap().to_owned();
        repo.git(&["--literal-pathspecs", "add", "--", &name]);
    }
    assert_eq!(git.tracked().unwrap(), set(tracked));
    assert_eq!(git.staged().unwrap(), set(tracked));
    assert_eq!(git.staged_blob(&tracked[1]).unwrap().as_deref(), Some(&b"x"[..]));
    assert_eq!(git.staged_blob(&rest[0]).unwrap(), None);
    repo.git(&["commit", "-qm", "one"]);
    assert_eq!(git.staged().unwrap(), BTreeSet::new());
    repo.write(&RepoPath::new(".gitignore").unwrap(), b"dir/*\n");
    assert_eq!(git.ignored(&names).unwrap(), set(rest));
    assert_eq!(git.ignored(&[]).unwrap(), BTreeSet::new());
    assert_eq!(git.ignored(&tracked[..1]).unwrap(), BTreeSet::new());
    let below = Root::at(&repo.dir.path().join("dir"), Path::new("/")).unwrap();
    let bare: Vec<RepoPath> =
        tracked.iter().map(|name| RepoPath::new(name.file_name().unwrap()).unwrap()).collect();
    assert_eq!(Git::of(&below).unwrap().tracked().unwrap(), set(&bare), "relative to the root");
}

#[test]
fn a_repositorys_configuration_runs_nothing() {
    let Some(repo) = Repo::new() else { return };
    let trap = repo.dir.path().join("trap");
    let touch = format!("touch {}; false", trap.display());
    for key in ["core.fsmonitor", "diff.external", "core.pager", "core.sshCommand", "core.askPass"]
    {
        repo.git(&["config", key, &touch]);
    }
    let git = Git::of(&Root::at(repo.dir.path(), Path::new("/")).unwrap()).unwrap();
    git.tracked().unwrap();
    git.staged().unwrap();
    git.untracked().unwrap();
    git.ignored(&odd_names()).unwrap();
    assert!(!trap.exists());
}

#[test]
fn no_git_is_no_error() {
    let temp = tempfile::tempdir().unwrap();
    assert!(Git::of(&Root::at(temp.path(), Path::new("/")).unwrap()).is_none());
    let Some(repo) = Repo::new() else { return };
    fs::write(repo.dir.path().join(".git/index"), "broken").unwrap();
    let git = Git::of(&Root::at(repo.dir.path(), Path::new("/")).unwrap()).unwrap();
    assert!(git.tracked().unwrap_err().to_string().starts_with("`git ls-files` failed: "));
}

#[test]
fn linked_work_trees_and_submodules_keep_state_of_their_own() {
    let Some(repo) = Repo::new() else { return };
    repo.git(&["commit", "-qm", "one", "--allow-empty"]);
    repo.git(&["worktree", "add", "-q", "linked"]);
    let linked = Root::at(&repo.dir.path().join("linked"), Path::new("/")).unwrap();
    let main = Root::at(repo.dir.path(), Path::new("/")).unwrap();
    let state = StateDir::of(linked.path());
    assert!(state.dir().ends_with(".git/worktrees/linked/hostward"), "{state:?}");
    let _one = Lock::acquire(&main, Wait::No).unwrap();
    let _two = Lock::acquire(&linked, Wait::No).unwrap();
}

#[test]
fn git_applies_our_diffs_of_odd_names() {
    for name in odd_names() {
        let Some(repo) = &Repo::new() else { return };
        check(repo, &name, None, Some("a\nb"));
        check(repo, &name, Some("a\nb"), Some("b\n"));
        check(repo, &name, Some("b\n"), None);
    }
}

/// Applies our diff with `git apply` to the old content and compares.
fn check(repo: &Repo, name: &RepoPath, old: Option<&str>, new: Option<&str>) {
    let patch =
        diff::file(&FileDiff::new(name.as_path(), old.map(str::as_bytes), new.map(str::as_bytes)));
    let file = repo.dir.path().join(name);
    if let Some(old) = old {
        repo.write(name, old.as_bytes());
    }
    if !patch.is_empty() {
        fs::write(repo.dir.path().join("patch"), &patch).unwrap();
        repo.git(&["apply", "--unidiff-zero", "patch"]);
    }
    let found = fs::read(&file).ok();
    assert_eq!(found.as_deref(), new.map(str::as_bytes), "{patch}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn git_applies_our_diffs(old in "([ab\r]{0,2}\n){0,12}[ab]{0,1}", new in "([ab\r]{0,2}\n){0,12}[ab]{0,1}") {
        let Some(repo) = Repo::new() else { return Ok(()) };
        check(&repo, &RepoPath::new("f").unwrap(), Some(&old), Some(&new));
    }
}
