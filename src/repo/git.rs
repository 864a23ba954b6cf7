//! What git knows of the work tree, asked from the git binary: which files are tracked, staged,
//! ignored or unknown to it. Reads only, never through a shell, and runs nothing a repository's
//! configuration names. Where there is no git, there is no [`Git`], and everything else works on.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::io;
use std::io::Write as _;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;
use std::process::Stdio;
use std::thread;

use thiserror::Error;

use super::RepoPath;
use super::Root;
use crate::text::escape;

/// The git repository around a fleet, and the program to ask.
#[derive(Clone, Debug)]
pub struct Git {
    program: PathBuf,
    dir: PathBuf,
}

/// Why git gave no answer.
#[derive(Debug, Error)]
pub enum GitError {
    #[error("`git {command}` failed: {}", escape::text(.message))]
    Failed { command: String, message: String },
    #[error("cannot run git for `git {command}`")]
    Io { command: String, source: io::Error },
}

impl Git {
    /// `None` when the root lies in no git work tree or there is no git on PATH.
    pub fn of(root: &Root) -> Option<Self> {
        if !root.path().ancestors().any(|dir| dir.join(".git").exists()) {
            return None;
        }
        let program = std::env::split_paths(&std::env::var_os("PATH")?)
            .filter(|dir| dir.is_absolute())
            .map(|dir| dir.join("git"))
            .find(|program| program.is_file())?;
        Some(Self { program, dir: root.path().to_owned() })
    }

    /// All files in the index below the root, sorted.
    ///
    /// # Errors
    /// When git cannot be run or fails.
    pub fn tracked(&self) -> Result<BTreeSet<RepoPath>, GitError> {
        self.names(&["ls-files", "-z", "--cached"])
    }

    /// Files below the root whose staged content differs from the last commit; removed ones are
    /// left out.
    ///
    /// # Errors
    /// When git cannot be run or fails.
    pub fn staged(&self) -> Result<BTreeSet<RepoPath>, GitError> {
        let diff = [
            "diff",
            "--cached",
            "--name-only",
            "-z",
            "--relative",
            "--no-renames",
            "--diff-filter=d",
        ];
        self.names(
            &[&diff[..], &["--no-ext-diff", "--no-textconv", "--ignore-submodules=all"]].concat(),
        )
    }

    /// Files git does not track and does not ignore: a flake in this repository does not see them.
    ///
    /// # Errors
    /// When git cannot be run or fails.
    pub fn untracked(&self) -> Result<BTreeSet<RepoPath>, GitError> {
        self.names(&["ls-files", "-z", "--others", "--exclude-standard"])
    }

    /// Which of `paths` git ignores; they need not exist, tracked ones never are.
    ///
    /// # Errors
    /// When git cannot be run or fails.
    pub fn ignored(&self, paths: &[RepoPath]) -> Result<BTreeSet<RepoPath>, GitError> {
        if paths.is_empty() {
            return Ok(BTreeSet::new());
        }
        let mut input = Vec::new();
        for path in paths {
            // A leading `./` keeps git from reading pathspec magic into a name like `:x`.
            input.extend_from_slice(b"./");
            input.extend_from_slice(path.as_path().as_os_str().as_bytes());
            input.push(0);
        }
        // Exit status 1 says that none is ignored.
        let out = self.run(&["check-ignore", "-z", "--stdin"], Some(input), &[0, 1])?;
        Ok(split(&out))
    }

    /// A blob of the index: what would be committed now under this name; `None` if it is not in the
    /// index.
    ///
    /// # Errors
    /// When git cannot be run or fails.
    pub fn staged_blob(&self, path: &RepoPath) -> Result<Option<Vec<u8>>, GitError> {
        let mut spec = std::ffi::OsString::from(":./");
        spec.push(path.as_path());
        let in_index =
            self.run_os(&["cat-file".as_ref(), "-e".as_ref(), &spec], None, &[0, 1, 128])?;
        if in_index.1 != 0 {
            return Ok(None);
        }
        let (bytes, _) = self.run_os(&["cat-file".as_ref(), "blob".as_ref(), &spec], None, &[0])?;
        Ok(Some(bytes))
    }

    /// The program and its safe settings, for callers with a question of their own; standard input
    /// is closed.
    pub fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.arg("-C").arg(&self.dir).args(["--no-pager", "-c", "core.fsmonitor=false"]);
        command.args(["-c", "core.quotePath=false"]);
        command.env("GIT_OPTIONAL_LOCKS", "0").env("LC_ALL", "C");
        // A hook's GIT_INDEX_FILE stays (it is what is being committed); these would point git at
        // another repository.
        command.env_remove("GIT_DIR").env_remove("GIT_WORK_TREE").env_remove("GIT_PREFIX");
        for pathspecs in ["LITERAL", "GLOB", "NOGLOB", "ICASE"] {
            command.env_remove(format!("GIT_{pathspecs}_PATHSPECS"));
        }
        command.stdin(Stdio::null());
        command
    }

    fn names(&self, args: &[&str]) -> Result<BTreeSet<RepoPath>, GitError> {
        Ok(split(&self.run(args, None, &[0])?))
    }

    fn run(
        &self,
        args: &[&str],
        input: Option<Vec<u8>>,
        fine: &[i32],
    ) -> Result<Vec<u8>, GitError> {
        let args: Vec<&OsStr> = args.iter().map(OsStr::new).collect();
        self.run_os(&args, input, fine).map(|(out, _)| out)
    }

    fn run_os(
        &self,
        args: &[&OsStr],
        input: Option<Vec<u8>>,
        fine: &[i32],
    ) -> Result<(Vec<u8>, i32), GitError> {
        let name =
            || args.first().map(|arg| arg.to_string_lossy().into_owned()).unwrap_or_default();
        let io = |source| GitError::Io { command: name(), source };
        let mut command = self.command();
        command.args(args).stdout(Stdio::piped()).stderr(Stdio::piped());
        if input.is_some() {
            command.stdin(Stdio::piped());
        }
        let mut child = command.spawn().map_err(io)?;
        let stdin = child.stdin.take();
        let output = thread::scope(|scope| {
            if let (Some(mut stdin), Some(input)) = (stdin, input) {
                // Fails when git stops reading early; its exit status tells why.
                scope.spawn(move || stdin.write_all(&input));
            }
            child.wait_with_output()
        });
        let output = output.map_err(io)?;
        match output.status.code() {
            Some(code) if fine.contains(&code) => Ok((output.stdout, code)),
            _ => {
                let message = String::from_utf8_lossy(&output.stderr).trim().to_owned();
                Err(GitError::Failed { command: name(), message })
            }
        }
    }
}

/// NUL separated names; one that leads out of the root (git prints none) is dropped.
fn split(bytes: &[u8]) -> BTreeSet<RepoPath> {
    let names = bytes.split(|&byte| byte == 0).filter(|name| !name.is_empty());
    names.filter_map(|name| RepoPath::new(Path::new(OsStr::from_bytes(name))).ok()).collect()
}
