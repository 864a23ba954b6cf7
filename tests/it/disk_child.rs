//! A small fleet with every kind of change in it, and the process that makes them: this binary
//! itself, started again with one hidden test, so that it can be killed, hit by signals and refused
//! system calls from outside.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fmt;
use std::fs;
use std::io::Write as _;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::MetadataExt as _;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;
use std::process::Output;
use std::process::Stdio;

use hostward::apply::Apply;
use hostward::apply::recover;
use hostward::plan::Change;
use hostward::plan::Expect;
use hostward::plan::Plan;
use hostward::repo::Lock;
use hostward::repo::RepoPath;
use hostward::repo::Root;
use hostward::repo::Wait;
use tempfile::TempDir;

const ROOT: &str = "HOSTWARD_TEST_DISK_ROOT";
/// Begins the line in which the process says what went wrong.
pub(crate) const FAILED: &str = "not applied: ";
const WORK: &str = "HOSTWARD_TEST_DISK_WORK";

/// A work tree, and what is to be done in it.
pub(crate) struct Fleet {
    dir: TempDir,
    pub(crate) work: Work,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Work {
    /// One file for each kind of change.
    EveryKind,
    /// So many secrets to replace.
    Files(usize),
    /// One file that is written in pieces.
    Stream,
}

/// All that is in a tree but version control's own: kind, mode and content by name.
pub(crate) type Tree = BTreeMap<PathBuf, (u32, Vec<u8>)>;

impl Work {
    pub(crate) fn plan(self) -> Plan {
        let file = |n: usize| {
            let old = Expect::read(Some(content(n, "old")));
            Change::write(path(&format!("secrets/s{n}.age")), content(n, "new"), old, "rekey")
        };
        match self {
            Self::EveryKind => every_kind(),
            Self::Files(files) => (0..files).map(file).collect(),
            Self::Stream => [file(0)].into_iter().collect(),
        }
    }

    fn parse(text: &str) -> Self {
        match text {
            "every" => Self::EveryKind,
            "stream" => Self::Stream,
            files => Self::Files(files.parse().unwrap()),
        }
    }
}

impl fmt::Display for Work {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::EveryKind => f.write_str("every"),
            Self::Files(files) => write!(f, "{files}"),
            Self::Stream => f.write_str("stream"),
        }
    }
}

impl Fleet {
    pub(crate) fn new(work: Work) -> Self {
        // Not under /tmp, which may be in memory and know other system calls than a disk does.
        let dir = tempfile::Builder::new().prefix("disk-").tempdir_in(env!("CARGO_TARGET_TMPDIR"));
        let fleet = Self { dir: dir.unwrap(), work };
        fs::create_dir(fleet.path().join(".git")).unwrap();
        for change in &work.plan().changes {
            if let Expect::Bytes(bytes) = change.expect() {
                let file = fleet.path().join(change.path());
                fs::create_dir_all(file.parent().unwrap()).unwrap();
                fs::write(file, bytes).unwrap();
            }
        }
        if work == Work::EveryKind {
            let at = |name: &str| fleet.path().join(name);
            fs::set_permissions(at("secrets/a.age"), fs::Permissions::from_mode(0o600)).unwrap();
            fs::create_dir(at("real")).unwrap();
            fs::rename(at("secrets/link.age"), at("real/target.age")).unwrap();
            symlink("../real/target.age", at("secrets/link.age")).unwrap();
            symlink("secrets", at("alias")).unwrap();
        }
        fleet
    }

    pub(crate) fn path(&self) -> &Path {
        self.dir.path()
    }

    pub(crate) fn root(&self) -> Root {
        Root::at(self.path(), Path::new("/")).unwrap()
    }

    pub(crate) fn tree(&self) -> Tree {
        tree(self.path())
    }

    /// Makes the changes in this process.
    pub(crate) fn apply(&self) {
        make(&self.root(), self.work).unwrap();
    }

    /// Makes the changes in a process of their own, under strace with these expressions. True if
    /// one of them took effect.
    pub(crate) fn apply_under(&self, strace: &Path, injections: &[&str]) -> (Output, bool) {
        self.under(strace, injections, "disk_child::child")
    }

    /// The same for healing the tree.
    pub(crate) fn recover_under(&self, strace: &Path, injections: &[&str]) -> (Output, bool) {
        self.under(strace, injections, "disk_child::heal")
    }

    /// A command that makes the changes in a process of their own.
    pub(crate) fn apply_alone(&self) -> Command {
        let mut command = Command::new(std::env::current_exe().unwrap());
        self.child(&mut command, "disk_child::child");
        command
    }

    fn under(&self, strace: &Path, injections: &[&str], test: &str) -> (Output, bool) {
        let trace = tempfile::NamedTempFile::new().unwrap();
        let calls = injections.iter().filter_map(|injection| injection.split(':').next());
        let calls = calls.collect::<Vec<_>>().join(",");
        let mut command = Command::new(strace);
        command.args(["-f", "-qq", "-e", &format!("trace={calls}"), "-o"]).arg(trace.path());
        for injection in injections {
            command.args(["-e", &format!("inject={injection}")]);
        }
        command.arg("--").arg(std::env::current_exe().unwrap());
        let output = self.child(&mut command, test).output().unwrap();
        let text = String::from_utf8_lossy(&fs::read(trace.path()).unwrap()).into_owned();
        (output, text.contains("(INJECTED)") || text.contains("killed by"))
    }

    /// Completes a command line that starts this binary.
    fn child<'a>(&self, command: &'a mut Command, test: &str) -> &'a mut Command {
        command.args([test, "--exact", "--ignored", "--nocapture", "--test-threads=1"]);
        // Searched by the loader with many system calls, which would hide as many of ours.
        command.env_remove("LD_LIBRARY_PATH");
        command.env(ROOT, self.path()).env(WORK, self.work.to_string()).stdin(Stdio::null())
    }
}

/// The process under test. Says `applied`, or the error with its causes on one line.
#[test]
#[ignore = "started by the other tests"]
fn child() {
    let Some(root) = std::env::var_os(ROOT) else { return };
    let work = Work::parse(&std::env::var(WORK).unwrap());
    let root = Root::at(Path::new(&root), Path::new("/")).unwrap();
    match make(&root, work) {
        Ok(()) => eprintln!("applied"),
        Err(error) => fail(&*error),
    }
}

fn make(root: &Root, work: Work) -> Result<(), Box<dyn std::error::Error>> {
    let lock = Lock::acquire(root, Wait::No)?;
    let apply = Apply::new(&lock);
    if work != Work::Stream {
        apply.run(&work.plan())?;
        return Ok(());
    }
    for change in &work.plan().changes {
        let Change::Write { path, new, .. } = change else { continue };
        apply.stream(path, true, None, |file| {
            new.chunks(500).try_for_each(|part| file.write_all(part))
        })??;
    }
    Ok(())
}

/// The healing under test.
#[test]
#[ignore = "started by the other tests"]
fn heal() {
    let Some(root) = std::env::var_os(ROOT) else { return };
    let root = Root::at(Path::new(&root), Path::new("/")).unwrap();
    if let Err(error) = recover(&root, Wait::No) {
        fail(&error);
    }
}

fn fail(error: &dyn std::error::Error) -> ! {
    let mut line = format!("{FAILED}{error}");
    let mut cause = error.source();
    while let Some(error) = cause {
        line = format!("{line}: {error}");
        cause = error.source();
    }
    eprintln!("{line}");
    std::process::exit(3);
}

fn every_kind() -> Plan {
    let old = |name: &str| Expect::read(Some(content(name.len(), "old")));
    let write = |name: &str| Change::write(path(name), content(name.len(), "new"), old(name), "");
    let odd = RepoPath::new(OsStr::from_bytes(b"secrets/-we ird\n'\"\xff.age")).unwrap();
    let mode = Change::Write {
        path: path("secrets/b.age"),
        new: content(3, "same"),
        expect: Expect::read(Some(content(3, "same"))),
        mode: Some(0o660),
        about: String::new(),
    };
    let deep = path("new/deep/n.age");
    let fresh = Change::write(deep, content(9, "new"), Expect::Absent, "");
    let (gone, moved) = ("gone/only/g.age", "hosts/old/h.nix");
    let remove = Change::Remove { path: path(gone), expect: old(gone), about: String::new() };
    let rename = Change::Rename {
        from: path(moved),
        to: path("hosts/new/h.nix"),
        expect: old(moved),
        about: String::new(),
    };
    let strange = Change::write(odd, content(7, "new"), Expect::read(Some(content(7, "old"))), "");
    [write("secrets/a.age"), mode, write("secrets/link.age"), strange, fresh, remove, rename]
        .into_iter()
        .collect()
}

pub(crate) fn path(name: &str) -> RepoPath {
    RepoPath::new(name).unwrap()
}

pub(crate) fn content(n: usize, word: &str) -> Vec<u8> {
    format!("{word} {n:04} ").repeat(100 + n).into_bytes()
}

pub(crate) fn tree(top: &Path) -> Tree {
    let mut tree = Tree::new();
    let inside = |entry: &walkdir::DirEntry| entry.file_name() != ".git";
    for entry in walkdir::WalkDir::new(top).min_depth(1).into_iter().filter_entry(inside) {
        let entry = entry.unwrap();
        let meta = entry.metadata().unwrap();
        let content = match meta.file_type() {
            kind if kind.is_symlink() => {
                fs::read_link(entry.path()).unwrap().into_os_string().into_encoded_bytes()
            }
            kind if kind.is_file() => fs::read(entry.path()).unwrap(),
            _ => Vec::new(),
        };
        let name = entry.path().strip_prefix(top).unwrap().to_owned();
        tree.insert(name, (meta.mode(), content));
    }
    tree
}
