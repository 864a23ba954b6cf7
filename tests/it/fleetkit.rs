//! A throwaway fleet for tests of the program: a git repository with a `secrets.nix`, fresh keys, secrets sealed to them,
//! and a way to run `hostward` in it that nothing of the machine outside can reach.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::ffi::OsString;
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::path::PathBuf;
use std::process::Child;
use std::process::Command;
use std::process::ExitStatus;
use std::process::Stdio;
use std::sync::Arc;

use hostward::crypto;
use hostward::crypto::Header;
use hostward::crypto::Keyring;
use hostward::crypto::NoUnlock;
use hostward::crypto::Recipient;
use hostward::crypto::Sealer;
use hostward::crypto::Unlock;
use hostward::crypto::Verdict;
use hostward::crypto::generate_ssh_ed25519;
use hostward::crypto::generate_x25519;
use tempfile::TempDir;

/// The program under test.
pub(crate) const HOSTWARD: &str = env!("CARGO_BIN_EXE_hostward");

/// `repo` (with the rules in `secrets/secrets.nix`), `home`, `keys` and `tmp` in one temporary directory, and a runtime
/// directory on a RAM file system.
pub(crate) struct Fleet {
    dir: TempDir,
    keys: BTreeMap<String, String>,
    rules: Vec<(String, Vec<String>)>,
    runtime: TempDir,
}

impl Fleet {
    /// A repository without keys, rules and secrets.
    pub(crate) fn new() -> Self {
        let dir = TempDir::new().unwrap();
        for name in ["home/.ssh", "keys", "repo/secrets", "tmp"] {
            fs::create_dir_all(dir.path().join(name)).unwrap();
        }
        let git = ["-c", "init.defaultBranch=main", "init", "-q"];
        let made = Command::new("git").args(git).arg(dir.path().join("repo")).status().unwrap();
        assert!(made.success());
        let runtime =
            tempfile::Builder::new().prefix("hostward-test-").tempdir_in("/dev/shm").unwrap();
        Self { dir, keys: BTreeMap::new(), rules: Vec::new(), runtime }
    }

    /// A host with an `ssh-ed25519` key.
    pub(crate) fn host(self, name: &str) -> Self {
        self.ssh(name, &format!("root@{name}"))
    }

    /// A person with an `ssh-ed25519` key.
    pub(crate) fn person(self, name: &str) -> Self {
        self.ssh(name, &format!("{name}@laptop"))
    }

    /// A person whose key is `~/.ssh/id_ed25519` of whoever runs the program.
    pub(crate) fn me(self, name: &str) -> Self {
        let fleet = self.person(name);
        fs::copy(fleet.key(name), fleet.home().join(".ssh/id_ed25519")).unwrap();
        fleet
    }

    fn ssh(mut self, name: &str, comment: &str) -> Self {
        let pair = generate_ssh_ed25519(comment);
        self.private(name, pair.secret.as_bytes());
        self.keys.insert(name.to_owned(), pair.public.to_string());
        self
    }

    /// An `age1…` key.
    pub(crate) fn age_key(mut self, name: &str) -> Self {
        let pair = generate_x25519();
        self.private(name, pair.secret.as_bytes());
        self.keys.insert(name.to_owned(), pair.public.to_string());
        self
    }

    /// A public key that was made elsewhere.
    pub(crate) fn foreign_key(mut self, name: &str, public: &str) -> Self {
        self.keys.insert(name.to_owned(), public.to_owned());
        self
    }

    fn private(&self, name: &str, bytes: &[u8]) {
        fs::write(self.key(name), bytes).unwrap();
        fs::set_permissions(self.key(name), fs::Permissions::from_mode(0o600)).unwrap();
    }

    /// A rule, and no file.
    pub(crate) fn rule(mut self, name: &str, readers: &[&str]) -> Self {
        self.set_rule(name, readers);
        self
    }

    /// A rule and the file that it is for.
    pub(crate) fn secret(self, name: &str, readers: &[&str], plain: impl AsRef<[u8]>) -> Self {
        let fleet = self.rule(name, readers);
        fleet.seal(name, readers, plain);
        fleet
    }

    /// Adds or changes a rule.
    pub(crate) fn set_rule(&mut self, name: &str, readers: &[&str]) {
        let readers = readers.iter().map(ToString::to_string).collect();
        self.rules.retain(|(other, _)| other != name);
        self.rules.push((name.to_owned(), readers));
        self.write("secrets/secrets.nix", self.rules_text());
    }

    fn rules_text(&self) -> String {
        let mut text = String::from("let\n");
        for (name, public) in &self.keys {
            let _ = writeln!(text, "  {name} = {};", nix_string(public));
        }
        text.push_str("in\n{\n");
        for (name, readers) in &self.rules {
            let name = nix_string(name);
            let _ = writeln!(text, "  {name}.publicKeys = [ {} ];", readers.join(" "));
        }
        text + "}\n"
    }

    /// Encrypts a file as another program would, whatever the rules say.
    pub(crate) fn seal(&self, name: &str, readers: &[&str], plain: impl AsRef<[u8]>) {
        let keys: Vec<Recipient> = readers.iter().map(|reader| self.recipient(reader)).collect();
        let unlock: Arc<dyn Unlock> = Arc::new(NoUnlock);
        let sealed = Sealer::new(&keys, &unlock).unwrap().seal(plain.as_ref()).unwrap();
        fs::create_dir_all(self.file(name).parent().unwrap()).unwrap();
        fs::write(self.file(name), sealed).unwrap();
    }

    /// What a secret holds for one reader; `None` if it does not open.
    pub(crate) fn opened(&self, name: &str, reader: &str) -> Option<Vec<u8>> {
        let mut keyring = Keyring::new(Arc::new(NoUnlock));
        keyring.add_bytes(reader, &fs::read(self.key(reader)).unwrap());
        let plain = crypto::open(&self.bytes(name), &keyring, name).ok()?;
        Some(plain.as_bytes().to_vec())
    }

    /// Whether a secret's header names an SSH key.
    pub(crate) fn is_for(&self, name: &str, reader: &str) -> bool {
        let header = Header::read(self.bytes(name).as_slice()).unwrap();
        header.compare([&self.recipient(reader)]).verdicts == [Verdict::Proven]
    }

    pub(crate) fn bytes(&self, name: &str) -> Vec<u8> {
        fs::read(self.file(name)).unwrap()
    }

    pub(crate) fn public(&self, name: &str) -> &str {
        &self.keys[name]
    }

    pub(crate) fn recipient(&self, name: &str) -> Recipient {
        Recipient::parse(self.public(name)).unwrap()
    }

    /// A private key's file.
    pub(crate) fn key(&self, name: &str) -> PathBuf {
        self.dir.path().join("keys").join(name)
    }

    /// A file beside the rules.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.repo().join("secrets").join(name)
    }

    pub(crate) fn repo(&self) -> PathBuf {
        self.dir.path().join("repo")
    }

    pub(crate) fn home(&self) -> PathBuf {
        self.dir.path().join("home")
    }

    pub(crate) fn tmp(&self) -> PathBuf {
        self.dir.path().join("tmp")
    }

    /// The user's runtime directory, on a RAM file system.
    pub(crate) fn runtime(&self) -> &Path {
        self.runtime.path()
    }

    /// Writes a file of the repository.
    pub(crate) fn write(&self, path: &str, content: impl AsRef<[u8]>) {
        let path = self.repo().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    /// An editor command that runs a shell script with the file as `$1`.
    pub(crate) fn editor(&self, script: &str) -> String {
        let path = self.tmp().join("editor.sh");
        fs::write(&path, script).unwrap();
        format!("sh {}", path.display())
    }

    /// Every file of the repository without git's own, with its bytes.
    pub(crate) fn tree(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        let walk = walkdir::WalkDir::new(self.repo()).into_iter();
        let outside_git = walk.filter_entry(|entry| entry.file_name() != ".git");
        let files = outside_git.map(Result::unwrap).filter(|entry| !entry.file_type().is_dir());
        files
            .map(|entry| (entry.path().to_owned(), fs::read(entry.path()).unwrap_or_default()))
            .collect()
    }

    /// Runs the program in the repository's root, with nothing on stdin.
    #[must_use = "hold it against something, its exit status at least"]
    pub(crate) fn run<const N: usize>(&self, args: [&str; N]) -> Ran {
        self.command(args).run()
    }

    /// A run of the program that wants more than arguments.
    pub(crate) fn command<const N: usize>(&self, args: [&str; N]) -> Run {
        let mut run = self.program(HOSTWARD);
        run.command.args(args);
        run
    }

    /// A run of any program as the user of this fleet.
    pub(crate) fn program(&self, program: impl AsRef<OsStr>) -> Run {
        // In a session of its own: a test must never reach the terminal of whoever runs the tests.
        let mut command = Command::new("setsid");
        command.arg(program);
        command.env_clear().envs(self.environment()).current_dir(self.repo());
        Run { command, stdin: None }
    }

    /// All that the program may know of its surroundings.
    pub(crate) fn environment(&self) -> Vec<(&'static str, OsString)> {
        vec![
            ("COLUMNS", "100".into()),
            ("HOME", self.home().into()),
            ("LANG", "C.UTF-8".into()),
            ("NO_COLOR", "1".into()),
            ("PATH", std::env::var_os("PATH").unwrap_or_default()),
            ("TMPDIR", self.tmp().into()),
            ("XDG_RUNTIME_DIR", self.runtime().into()),
        ]
    }
}

/// A run in the making.
#[must_use = "nothing runs before `run`"]
pub(crate) struct Run {
    command: Command,
    stdin: Option<Vec<u8>>,
}

impl Run {
    pub(crate) fn arg(mut self, arg: impl AsRef<OsStr>) -> Self {
        self.command.arg(arg);
        self
    }

    pub(crate) fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    pub(crate) fn without(mut self, name: &str) -> Self {
        self.command.env_remove(name);
        self
    }

    pub(crate) fn editor(self, editor: &str) -> Self {
        self.env("EDITOR", editor)
    }

    /// Runs there; relative to the directory of the repository.
    pub(crate) fn within(mut self, dir: impl AsRef<Path>) -> Self {
        let dir = self.command.get_current_dir().unwrap().join(dir);
        self.command.current_dir(dir);
        self
    }

    pub(crate) fn stdin(mut self, content: impl AsRef<[u8]>) -> Self {
        self.stdin = Some(content.as_ref().to_vec());
        self
    }

    #[must_use = "hold it against something, its exit status at least"]
    pub(crate) fn run(mut self) -> Ran {
        let stdin = self.stdin.take();
        let mut child = self.spawn(if stdin.is_some() { Stdio::piped() } else { Stdio::null() });
        let pipe = child.stdin.take();
        let output = std::thread::scope(|scope| {
            // A program that fails early does not read to the end.
            scope.spawn(move || pipe.map(|mut pipe| pipe.write_all(&stdin.unwrap_or_default())));
            child.wait_with_output().unwrap()
        });
        Ran {
            status: output.status,
            stdout: output.stdout,
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// Starts it without waiting; stdout and stderr are pipes.
    pub(crate) fn spawn(&mut self, stdin: Stdio) -> Child {
        let command = self.command.stdin(stdin).stdout(Stdio::piped()).stderr(Stdio::piped());
        command.spawn().unwrap_or_else(|error| panic!("{command:?}: {error}"))
    }

    /// Its parts, for a test that has its own idea of the pipes.
    pub(crate) fn into_command(self) -> Command {
        self.command
    }
}

/// What came of a run.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) status: ExitStatus,
    pub(crate) stdout: Vec<u8>,
    pub(crate) stderr: String,
}

impl Ran {
    #[track_caller]
    pub(crate) fn ok(self) -> Self {
        self.exits(0)
    }

    #[track_caller]
    pub(crate) fn exits(self, code: i32) -> Self {
        assert_eq!(self.status.code(), Some(code), "{self}");
        self
    }

    #[track_caller]
    pub(crate) fn killed_by(self, signal: i32) -> Self {
        assert_eq!(self.status.signal(), Some(signal), "{self}");
        self
    }

    /// Its answer, all of it.
    #[track_caller]
    pub(crate) fn answers(self, answer: impl AsRef<[u8]>) -> Self {
        let wanted = String::from_utf8_lossy(answer.as_ref());
        assert_eq!(self.out(), wanted, "{self}");
        self
    }

    /// Something in its answer.
    #[track_caller]
    pub(crate) fn mentions(self, text: &str) -> Self {
        assert!(self.out().contains(text), "no `{text}` in {self}");
        self
    }

    /// Something in its talk.
    #[track_caller]
    pub(crate) fn says(self, text: &str) -> Self {
        assert!(self.stderr.contains(text), "no `{text}` in {self}");
        self
    }

    /// Nothing of that in its talk.
    #[track_caller]
    pub(crate) fn hushes(self, text: &str) -> Self {
        assert!(!self.stderr.contains(text), "`{text}` in {self}");
        self
    }

    pub(crate) fn out(&self) -> String {
        String::from_utf8_lossy(&self.stdout).into_owned()
    }

    #[track_caller]
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.stdout).unwrap_or_else(|error| panic!("{error} in {self}"))
    }
}

impl std::fmt::Display for Ran {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let out = String::from_utf8_lossy(&self.stdout);
        write!(f, "{}\n--- stdout\n{out}\n--- stderr\n{}", self.status, self.stderr)
    }
}

/// A Nix string that stands for just this text.
pub(crate) fn nix_string(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        if matches!(c, '"' | '\\' | '$') {
            out.push('\\');
        }
        out.push(c);
    }
    out + "\""
}

/// Permission bits.
pub(crate) fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}
