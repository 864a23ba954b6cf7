//! A generated agenix fleet: ten hosts, an admin with an SSH key and one with an age key; each secret of
//! 1 KiB is for both and three hosts.

use std::ffi::OsStr;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;
use std::time::Instant;

use hostward::crypto::NoUnlock;
use hostward::crypto::Recipient;
use hostward::crypto::Sealer;
use hostward::crypto::Unlock;
use hostward::crypto::generate_ssh_ed25519;
use hostward::crypto::generate_x25519;
use tempfile::TempDir;

const HOSTS: usize = 10;

pub(crate) struct BenchFleet {
    dir: TempDir,
}

impl BenchFleet {
    /// On the disk that holds this source.
    pub(crate) fn new(secrets: usize) -> Self {
        let target = concat!(env!("CARGO_MANIFEST_DIR"), "/target");
        Self::at(Path::new(target), secrets)
    }

    /// On a RAM file system.
    pub(crate) fn in_memory(secrets: usize) -> Self {
        Self::at(Path::new("/dev/shm"), secrets)
    }

    fn at(place: &Path, secrets: usize) -> Self {
        let dir = tempfile::tempdir_in(place).unwrap();
        for name in ["keys", "secrets", ".git"] {
            fs::create_dir(dir.path().join(name)).unwrap();
        }
        let admin = generate_ssh_ed25519("admin@laptop");
        private(&dir.path().join("keys/admin"), admin.secret.as_bytes());
        let second = generate_x25519();
        let hosts: Vec<Recipient> =
            (0..HOSTS).map(|i| generate_ssh_ed25519(&format!("root@host{i}")).public).collect();
        let unlock: Arc<dyn Unlock> = Arc::new(NoUnlock);
        let mut rules = String::from("let\n");
        rules.push_str(&format!(
            "  admin = \"{}\";\n  second = \"{}\";\n",
            admin.public, second.public
        ));
        for (i, host) in hosts.iter().enumerate() {
            rules.push_str(&format!("  host{i} = \"{host}\";\n"));
        }
        rules.push_str("in\n{\n");
        let mut all = Vec::new();
        for i in 0..secrets {
            let chosen = [i % HOSTS, (i + 3) % HOSTS, (i + 7) % HOSTS];
            let [a, b, c] = chosen;
            rules.push_str(&format!(
                "  \"s{i}.age\".publicKeys = [ admin second host{a} host{b} host{c} ];\n"
            ));
            all = vec![&admin.public, &second.public, &hosts[a], &hosts[b], &hosts[c]];
            let sealer = Sealer::new(all.iter().copied(), &unlock).unwrap();
            let sealed = sealer.seal(&[b'x'; 1024]).unwrap();
            fs::write(dir.path().join(format!("secrets/s{i}.age")), sealed).unwrap();
        }
        rules.push_str("}\n");
        fs::write(dir.path().join("secrets/secrets.nix"), rules).unwrap();
        let all: Vec<String> = all.into_iter().map(|key| format!("{key}\n")).collect();
        fs::write(dir.path().join("keys/all.pub"), all.concat()).unwrap();
        Self { dir }
    }

    pub(crate) fn dir(&self) -> &Path {
        self.dir.path()
    }

    /// A command in the fleet, with no identities but those it names.
    pub(crate) fn command(&self, program: impl AsRef<OsStr>, args: &[&str]) -> Command {
        let mut command = Command::new(program);
        command
            .args(args)
            .current_dir(self.dir())
            .env("HOME", self.dir())
            .env_remove("RUST_BACKTRACE");
        command
    }

    /// Writes `size` bytes that do not compress.
    pub(crate) fn write_plain(&self, name: &str, size: u64) {
        let mut file = fs::File::create(self.dir().join(name)).unwrap();
        let mut state = 1_u64;
        let mut block = vec![0; 1 << 20];
        for _ in 0..size >> 20 {
            for chunk in block.chunks_exact_mut(8) {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                chunk.copy_from_slice(&state.to_le_bytes());
            }
            file.write_all(&block).unwrap();
        }
    }

    /// What agenix does for each of `count` secrets: evaluates the rules twice, decrypts, encrypts.
    pub(crate) fn agenix_method(&self, count: usize) -> Duration {
        let script = r#"
            set -eu
            for i in $(seq 0 $(($1 - 1))); do
                rules="(import ./secrets/secrets.nix).\"s$i.age\""
                nix-instantiate --eval --strict --json -E "$rules.armor or false" >/dev/null
                nix-instantiate --eval --strict --json -E "$rules.publicKeys" |
                    tr -d '[]"' | tr ',' '\n' > recipients
                age -d -i keys/admin -o plain "secrets/s$i.age"
                age -R recipients -o sealed plain
                mv sealed "secrets/s$i.age"
            done
        "#;
        let start = Instant::now();
        let mut command = self.command("bash", &["-c", script, "bash", &count.to_string()]);
        let output = command.output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        start.elapsed()
    }
}

fn private(path: &Path, content: &[u8]) {
    use std::os::unix::fs::OpenOptionsExt;
    let mut file =
        fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).unwrap();
    file.write_all(content).unwrap();
}
