//! The demo's fleet: fresh keys and a `secrets.nix` that names them.

use std::fs;
use std::io;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use crate::crypto::generate_ssh_ed25519;
use crate::crypto::generate_x25519;

/// What goes into each secret.
pub(super) const CONTENTS: [(&str, &str); 6] = [
    ("secrets/admin-token.age", "t0ken-for-people-only\n"),
    ("secrets/backup-passphrase.age", "correct horse battery staple\n"),
    ("secrets/db-password.age", "swordfish\n"),
    ("secrets/mail-relay.age", "user:relay\n"),
    ("secrets/web-session.age", "f00dfeedbeef\n"),
    ("secrets/web-tls.age", "a private key, say\n"),
];

pub(super) struct DemoFleet {
    web: String,
    rules: String,
}

impl DemoFleet {
    /// Makes the keys and the rules below `dir`.
    pub(super) fn create(dir: &Path) -> io::Result<Self> {
        fs::create_dir_all(dir.join("keys"))?;
        fs::create_dir_all(dir.join("secrets"))?;
        fs::create_dir_all(dir.join(".git"))?;
        let ssh = |name: &str, comment: &str| -> io::Result<String> {
            let pair = generate_ssh_ed25519(comment);
            private(&dir.join("keys").join(name), pair.secret.as_bytes())?;
            Ok(pair.public.to_string())
        };
        let age = |name: &str| -> io::Result<String> {
            let pair = generate_x25519();
            private(&dir.join("keys").join(name), pair.secret.as_bytes())?;
            Ok(pair.public.to_string())
        };
        let web = ssh("web", "root@web")?;
        let rules = RULES
            .replace("@alice@", &ssh("alice", "alice@laptop")?)
            .replace("@bob@", &age("bob")?)
            .replace("@offline@", &age("offline")?)
            .replace("@web@", &web)
            .replace("@db@", &ssh("db", "root@db")?)
            .replace("@mail@", &ssh("mail", "root@mail")?);
        fs::write(dir.join("secrets/secrets.nix"), &rules)?;
        Ok(Self { web, rules })
    }

    /// Gives the host web a new key, in the rules too.
    pub(super) fn rotate_web(&mut self, dir: &Path) -> io::Result<()> {
        let keys = dir.join("keys");
        fs::rename(keys.join("web"), keys.join("web.old"))?;
        let pair = generate_ssh_ed25519("root@web");
        private(&keys.join("web"), pair.secret.as_bytes())?;
        let new = pair.public.to_string();
        self.rules = self.rules.replace(&self.web, &new);
        self.web = new;
        fs::write(dir.join("secrets/secrets.nix"), &self.rules)
    }
}

fn private(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(content)
}

const RULES: &str = r#"let
  people = {
    alice = "@alice@";
    bob = "@bob@";
  };
  backup.offline = "@offline@";
  hosts = {
    web = "@web@";
    db = "@db@";
    mail = "@mail@";
  };

  everyone = builtins.attrValues people ++ [ backup.offline ];
in
{
  "admin-token.age".publicKeys = everyone;
  "backup-passphrase.age".publicKeys = everyone ++ builtins.attrValues hosts;
  "db-password.age".publicKeys = everyone ++ [ hosts.web hosts.db ];
  "mail-relay.age".publicKeys = everyone ++ [ hosts.mail ];
  "web-session.age".publicKeys = everyone ++ [ hosts.web ];
  "web-tls.age" = {
    publicKeys = everyone ++ [ hosts.web ];
    armor = true;
  };
}
"#;
