//! What the age tests share: the real programs, throwaway keys made by them, and directories for both.

use std::ffi::OsStr;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;

use hostward::crypto::Keyring;
use hostward::crypto::NoUnlock;
use hostward::crypto::Question;
use hostward::crypto::Recipient;
use hostward::crypto::Sealer;
use hostward::crypto::Secret;
use hostward::crypto::Unlock;
use tempfile::TempDir;

use crate::peer::peer;

/// A key that a real program made.
pub(crate) struct Made {
    pub(crate) path: PathBuf,
    pub(crate) public: String,
}

impl Made {
    pub(crate) fn bytes(&self) -> Vec<u8> {
        fs::read(&self.path).unwrap()
    }

    pub(crate) fn recipient(&self) -> Recipient {
        Recipient::parse(&self.public).unwrap()
    }
}

/// `ssh-keygen` with the arguments of a key type, such as `-t ed25519`.
pub(crate) fn ssh_keygen(
    dir: &TempDir,
    name: &str,
    kind: &[&str],
    passphrase: &str,
) -> Option<Made> {
    let path = dir.path().join(name);
    let comment = format!("{name}@test");
    run(Command::new(peer("ssh-keygen")?)
        .args(["-q", "-N", passphrase, "-C", &comment, "-f"])
        .arg(&path)
        .args(kind));
    let public = fs::read_to_string(path.with_extension("pub")).unwrap();
    Some(Made { path, public: public.trim().to_owned() })
}

/// `age-keygen`, the given program of that name.
pub(crate) fn age_keygen(dir: &TempDir, name: &str, program: &Path, args: &[&str]) -> Made {
    let path = dir.path().join(name);
    run(Command::new(program).args(args).arg("-o").arg(&path));
    let public = run(Command::new(program).arg("-y").arg(&path));
    Made { path, public: String::from_utf8(public).unwrap().trim().to_owned() }
}

/// Encrypts with a real age.
pub(crate) fn age_encrypt(age: &Path, recipients: &[&str], plain: &[u8], armored: bool) -> Vec<u8> {
    let mut command = Command::new(age);
    if armored {
        command.arg("-a");
    }
    for recipient in recipients {
        command.args(["-r", recipient]);
    }
    feed(&mut command, plain).unwrap_or_else(|error| panic!("{error}"))
}

/// Decrypts with a real age.
pub(crate) fn age_decrypt(age: &Path, identity: &Path, sealed: &[u8]) -> Result<Vec<u8>, String> {
    feed(Command::new(age).args([OsStr::new("-d"), OsStr::new("-i"), identity.as_os_str()]), sealed)
}

/// A keyring of unlocked keys that nobody is asked for.
pub(crate) fn keyring(keys: &[&Made]) -> Keyring {
    keyring_asking(keys, Arc::new(NoUnlock))
}

pub(crate) fn keyring_asking(keys: &[&Made], unlock: Arc<dyn Unlock>) -> Keyring {
    let mut keyring = Keyring::new(unlock);
    for key in keys {
        let name = key.path.file_name().unwrap().to_str().unwrap();
        keyring.add_bytes(name, &key.bytes());
    }
    keyring
}

pub(crate) fn sealer(recipients: &[Recipient]) -> Sealer {
    let unlock: Arc<dyn Unlock> = Arc::new(NoUnlock);
    Sealer::new(recipients, &unlock).unwrap()
}

/// Repeatable bytes without a short period.
pub(crate) fn noise(len: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64 ^ len as u64;
    let mut bytes = Vec::with_capacity(len + 8);
    while bytes.len() < len {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        bytes.extend_from_slice(&state.to_le_bytes());
    }
    bytes.truncate(len);
    bytes
}

/// Answers every passphrase question with one word, and counts them.
pub(crate) struct Counting {
    pub(crate) asked: AtomicUsize,
    pub(crate) answer: Option<&'static str>,
}

impl Counting {
    pub(crate) fn new(answer: Option<&'static str>) -> Arc<Self> {
        Arc::new(Self { asked: AtomicUsize::new(0), answer })
    }

    pub(crate) fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

impl Unlock for Counting {
    fn passphrase(&self, _: Question<'_>, _: u32) -> Option<Secret> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        self.answer.map(Secret::from)
    }

    fn display_message(&self, _: &str) {}

    fn confirm(&self, _: &str, _: &str, _: Option<&str>) -> Option<bool> {
        None
    }

    fn request_public_string(&self, _: &str) -> Option<String> {
        None
    }
}

/// Runs a program that must succeed. Returns its output.
pub(crate) fn run(command: &mut Command) -> Vec<u8> {
    let output = command.output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {errors}");
    output.stdout
}

/// Runs a program on `input`. Returns its output, or what it complained about.
pub(crate) fn feed(command: &mut Command, input: &[u8]) -> Result<Vec<u8>, String> {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let output = std::thread::scope(|scope| {
        // A program that fails early does not read to the end.
        scope.spawn(move || drop(stdin.write_all(input)));
        child.wait_with_output().unwrap()
    });
    if output.status.success() {
        Ok(output.stdout)
    } else {
        Err(String::from_utf8_lossy(&output.stderr).into_owned())
    }
}
