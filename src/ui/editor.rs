//! Runs the user's editor on a plaintext that never touches a disk: a private directory on a RAM file
//! system, removed on every way out. It refuses to guess when the editor failed or left nothing.

use std::ffi::OsStr;
use std::ffi::OsString;
use std::fs;
use std::io;
use std::io::Read;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::path::PathBuf;
use std::process::Child;
use std::process::Command;
use std::process::ExitStatus;
use std::time::Duration;
use std::time::Instant;

use signal_hook::consts::SIGHUP;
use signal_hook::consts::SIGTERM;
use tempfile::TempDir;

use super::signals;
use crate::crypto::Secret;

/// Why an editing session gave no new content.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EditorError {
    #[error("the editor command `{command}` has unbalanced quotes or is empty")]
    BadCommand { command: String },
    #[error("the editor `{command}` failed ({status})")]
    Failed { command: String, status: ExitStatus },
    #[error("the editor `{command}` left no file behind")]
    Gone { command: String },
    #[error("cannot use `{}` for the plaintext", path.display())]
    Io { path: PathBuf, source: io::Error },
    #[error("the plaintext in `{}` could not be removed", path.display())]
    Left { path: PathBuf, source: io::Error },
    #[error("no editor is set")]
    NoEditor,
    #[error("there is no RAM file system for the plaintext")]
    NoRam,
    #[error("cannot start the editor `{command}`")]
    Start { command: String, source: io::Error },
    #[error("the edited file has {size} bytes, more than the {limit} that are accepted")]
    TooLarge { size: u64, limit: u64 },
}

/// An editor command, split into words as a shell would.
#[derive(Clone, Debug)]
pub struct Editor {
    words: Vec<String>,
}

impl Editor {
    /// The given command, else `$VISUAL`, else `$EDITOR`, else the first common editor on the path.
    ///
    /// # Errors
    ///
    /// When the command cannot be split, or none is found.
    pub fn find(explicit: Option<&str>) -> Result<Self, EditorError> {
        let set = |name| std::env::var(name).ok().filter(|value| !value.trim().is_empty());
        match explicit.map(str::to_owned).or_else(|| set("VISUAL")).or_else(|| set("EDITOR")) {
            Some(command) => Self::parse(&command),
            None => COMMON
                .into_iter()
                .find(|name| on_path(name).is_some())
                .map(|name| Self { words: vec![name.to_owned()] })
                .ok_or(EditorError::NoEditor),
        }
    }

    /// Whether the command is `-`, which stands for the content on stdin.
    pub fn is_stdin(&self) -> bool {
        self.words == ["-"]
    }

    fn parse(command: &str) -> Result<Self, EditorError> {
        shlex::split(command)
            .filter(|words| words.first().is_some_and(|word| !word.is_empty()))
            .map(|words| Self { words })
            .ok_or_else(|| EditorError::BadCommand { command: command.to_owned() })
    }

    /// Lets the user edit `content` in a file called `name`. `None`: the bytes are the same as before.
    ///
    /// # Errors
    ///
    /// When there is no safe place, or the editor fails, leaves no file, or leaves more than `limit`
    /// bytes. The content is lost then, and with it only what the editor was told.
    pub fn edit(
        &self,
        name: &OsStr,
        content: &Secret,
        limit: u64,
    ) -> Result<Option<Secret>, EditorError> {
        let mut guard = signals::Guard::new()
            .map_err(|source| EditorError::Io { path: PathBuf::from("signals"), source })?;
        let dir = private_dir()?;
        let place = dir.path().to_owned();
        let outcome = self.session(&mut guard, &place, name, content, limit);
        let closed = dir.close().map_err(|source| EditorError::Left { path: place, source });
        // A signal during the cleaning was only put off.
        let late = guard.end();
        closed?;
        match (outcome, late) {
            (Ok(Outcome::Signal(signal)), _) | (_, Some(signal)) => signals::die_of(signal),
            (Ok(Outcome::Edited(new)), None) => Ok((new != *content).then_some(new)),
            (Err(error), None) => Err(error),
        }
    }

    fn session(
        &self,
        guard: &mut signals::Guard,
        dir: &Path,
        name: &OsStr,
        content: &Secret,
        limit: u64,
    ) -> Result<Outcome, EditorError> {
        let path = dir.join(name);
        let io_at = |source| EditorError::Io { path: path.clone(), source };
        let mut file = fs::OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&path)
            .map_err(io_at)?;
        file.write_all(content.as_bytes()).map_err(io_at)?;
        drop(file);

        let command = self.words.join(" ");
        let child = Command::new(&self.words[0])
            .args(quiet_arguments(&self.words[0], dir))
            .args(&self.words[1..])
            .arg(&path)
            .env("TMPDIR", dir)
            .spawn()
            .map_err(|source| EditorError::Start { command: command.clone(), source })?;
        let status = match wait(child, guard).map_err(io_at)? {
            Ended::Exited(status) => status,
            Ended::Signal(signal) => return Ok(Outcome::Signal(signal)),
        };
        if let Some(signal) = status.signal() {
            // The terminal sent ^C or ^\ to both of us and the editor gave up: so do we.
            if signal == signal_hook::consts::SIGINT || signal == signal_hook::consts::SIGQUIT {
                return Ok(Outcome::Signal(signal));
            }
        }
        if !status.success() {
            return Err(EditorError::Failed { command, status });
        }
        let file = match fs::File::open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(EditorError::Gone { command });
            }
            Err(error) => return Err(io_at(error)),
        };
        let size = file.metadata().map_err(io_at)?.len();
        if size > limit {
            return Err(EditorError::TooLarge { size, limit });
        }
        let mut new = Secret::with_capacity(size as usize + 1);
        io::copy(&mut file.take(limit), &mut new).map_err(io_at)?;
        Ok(Outcome::Edited(new))
    }
}

enum Outcome {
    Edited(Secret),
    Signal(i32),
}

enum Ended {
    Exited(ExitStatus),
    Signal(i32),
}

/// Waits for the editor. SIGINT and SIGQUIT are the editor's to handle, as git leaves them to it; on
/// SIGTERM and SIGHUP the editor is ended too.
fn wait(mut child: Child, guard: &mut signals::Guard) -> io::Result<Ended> {
    loop {
        let ended = child.try_wait()?;
        // What came in while the editor ran was the editor's, but for these two.
        let signals = if ended.is_some() { guard.pending() } else { guard.wait() };
        if let Some(signal) = signals.into_iter().find(|signal| [SIGTERM, SIGHUP].contains(signal))
        {
            end(&mut child, signal)?;
            return Ok(Ended::Signal(signal));
        }
        if let Some(status) = ended {
            return Ok(Ended::Exited(status));
        }
    }
}

/// Asks the editor to end, and makes it end when it does not within two seconds.
fn end(child: &mut Child, signal: i32) -> io::Result<()> {
    let asked = rustix::process::Pid::from_child(child);
    let signal =
        rustix::process::Signal::from_named_raw(signal).unwrap_or(rustix::process::Signal::TERM);
    // It may have ended in between, which is what is wanted.
    let _ = rustix::process::kill_process(asked, signal);
    let patience = Instant::now() + Duration::from_secs(2);
    while Instant::now() < patience {
        if child.try_wait()?.is_some() {
            return Ok(());
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    child.kill()?;
    child.wait().map(drop)
}

/// Arguments for editors that would keep copies elsewhere. Chosen by the program that a name stands for in the end:
/// `vi` and `editor` are links on most systems.
fn quiet_arguments(program: &str, dir: &Path) -> Vec<OsString> {
    let file = on_path(program).and_then(|file| file.canonicalize().ok());
    let name = file.as_deref().unwrap_or(Path::new(program)).file_name().and_then(OsStr::to_str);
    let fixed: &[&str] = match name.and_then(|name| name.split('.').next()) {
        // A build without one of the options shall not stop at it.
        Some("gvim" | "nvim" | "rvim" | "vim" | "vimx") => &[
            "-n",
            "-i",
            "NONE",
            "-c",
            "silent! set noswapfile nobackup nowritebackup",
            "-c",
            "silent! set noundofile",
        ],
        Some("emacs") => &["--eval", "(setq make-backup-files nil auto-save-default nil)"],
        Some("micro") => &["-backup", "false", "-savehistory", "false"],
        Some("nano") => {
            let mut backups = OsString::from("--backupdir=");
            backups.push(dir);
            return vec![backups];
        }
        _ => &[],
    };
    fixed.iter().map(OsString::from).collect()
}

/// A directory that only this user can enter, on a file system that lives in memory.
fn private_dir() -> Result<TempDir, EditorError> {
    let place = ram_place()?;
    tempfile::Builder::new()
        .prefix("hostward-")
        .permissions(fs::Permissions::from_mode(0o700))
        .tempdir_in(&place)
        .map_err(|source| EditorError::Io { path: place, source })
}

/// The first writable RAM file system: the user's runtime directory, else shared memory.
fn ram_place() -> Result<PathBuf, EditorError> {
    let runtime = std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from);
    let uid = rustix::process::getuid().as_raw();
    let candidates = [runtime, Some(format!("/run/user/{uid}").into()), Some("/dev/shm".into())];
    candidates
        .into_iter()
        .flatten()
        .find(|path| in_memory(path) && writable(path))
        .ok_or(EditorError::NoRam)
}

#[cfg(target_os = "linux")]
fn in_memory(path: &Path) -> bool {
    const RAMFS: u64 = 0x8584_58f6;
    const TMPFS: u64 = 0x0102_1994;
    rustix::fs::statfs(path).is_ok_and(|found| matches!(found.f_type as u64, RAMFS | TMPFS))
}

#[cfg(not(target_os = "linux"))]
fn in_memory(_path: &Path) -> bool {
    false
}

fn writable(path: &Path) -> bool {
    rustix::fs::access(path, rustix::fs::Access::WRITE_OK | rustix::fs::Access::EXEC_OK).is_ok()
}

/// The program's file, as the shell would find it.
fn on_path(program: &str) -> Option<PathBuf> {
    let path: OsString = std::env::var_os("PATH").unwrap_or_default();
    // A name with a slash in it replaces the directory, or is relative to the working one.
    let dirs = std::env::split_paths(&path).chain(program.contains('/').then(PathBuf::new));
    let runs = |file: &PathBuf| {
        rustix::fs::access(file, rustix::fs::Access::EXEC_OK).is_ok() && !file.is_dir()
    };
    dirs.map(|dir| dir.join(program)).find(runs)
}

/// Editors that are told to keep no copies, above.
const COMMON: [&str; 3] = ["nano", "vim", "vi"];

#[cfg(test)]
mod tests {
    use super::*;

    fn edit(command: &str, content: &str) -> Result<Option<Secret>, EditorError> {
        Editor::parse(command)?.edit(OsStr::new("it's a name"), &Secret::from(content), 100)
    }

    #[test]
    fn words_are_split_as_a_shell_does() {
        let editor = Editor::parse("code --wait 'a b' \"c d\"").unwrap();
        assert_eq!(editor.words, ["code", "--wait", "a b", "c d"]);
        assert!(matches!(Editor::parse("vim 'x"), Err(EditorError::BadCommand { .. })));
        assert!(matches!(Editor::parse("  "), Err(EditorError::BadCommand { .. })));
    }

    #[test]
    fn an_editor_changes_keeps_or_fails() {
        assert!(edit("true", "old").unwrap().is_none());
        let new = edit("sed -i 's/old/new/'", "old").unwrap();
        assert!(new.is_some_and(|new| new == Secret::from("new")));
        assert!(matches!(edit("false", "old"), Err(EditorError::Failed { .. })));
        assert!(matches!(edit("rm", "old"), Err(EditorError::Gone { .. })));
        assert!(matches!(edit("/nowhere/ed", "old"), Err(EditorError::Start { .. })));
        let large = edit("dd if=/dev/zero bs=101 count=1 status=none of=x; true", "old");
        assert!(large.is_err());
        assert!(matches!(
            edit("truncate -s 101", "old"),
            Err(EditorError::TooLarge { size: 101, limit: 100 })
        ));
    }

    #[test]
    fn only_the_user_sees_the_file() {
        let seen = edit(
            "sh -c 'stat -c %a \"$0\" \"$(dirname \"$0\")\" > \"$0.x\" && mv \"$0.x\" \"$0\"'",
            "",
        )
        .unwrap();
        assert!(seen.is_some_and(|modes| modes == Secret::from("600\n700\n")));
    }
}
