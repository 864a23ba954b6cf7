//! Where private keys come from: `-i`, or else the environment and the usual files. A default that is
//! missing or broken is no error; one that was named is.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::io::Read;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;

use super::error::CliError;
use super::session::home;
use crate::crypto::Identity;
use crate::crypto::Keyring;
use crate::crypto::Secret;
use crate::crypto::Unlock;
use crate::text::escape;
use crate::ui::Ui;

/// Bytes of an identity file that are read: age's own limit.
const LIMIT: u64 = 16 << 20;

pub(super) fn load(
    ui: &Ui,
    given: &[PathBuf],
    unlock: Arc<dyn Unlock>,
) -> Result<Keyring, CliError> {
    let mut keyring = Keyring::new(unlock);
    for path in given {
        if path.as_os_str() == "-" {
            named(&mut keyring, "standard input", &ui.read_stdin(LIMIT)?)?;
        } else {
            named_file(&mut keyring, path)?;
        }
    }
    if !given.is_empty() {
        return Ok(keyring);
    }
    if let Some(paths) = variable("HOSTWARD_IDENTITY") {
        for path in std::env::split_paths(&paths).filter(|path| !path.as_os_str().is_empty()) {
            named_file(&mut keyring, &path)?;
        }
    }
    for path in usual_files() {
        if let Ok(content) = read(&path) {
            keyring.add_bytes(&shown(&path), content.as_bytes());
        }
    }
    if let Some(keys) = std::env::var("SOPS_AGE_KEY").ok().map(Secret::from) {
        keyring.add_bytes("SOPS_AGE_KEY", keys.as_bytes());
    }
    Ok(keyring)
}

/// An identity that the user asked for by name.
fn named_file(keyring: &mut Keyring, path: &Path) -> Result<(), CliError> {
    let content = read(path).map_err(|error| {
        CliError::from(error).context(format_args!("cannot read the identity `{}`", shown(path)))
    })?;
    named(keyring, &shown(path), &content)
}

fn named(keyring: &mut Keyring, name: &str, content: &Secret) -> Result<(), CliError> {
    let identities = Identity::parse(name, content.as_bytes()).map_err(CliError::from_error)?;
    identities.into_iter().for_each(|identity| keyring.add(identity));
    Ok(())
}

/// SSH keys as ssh(1) has them, age keys as sops(1) finds them.
fn usual_files() -> Vec<PathBuf> {
    let home = home();
    let ssh = home
        .iter()
        .flat_map(|home| ["id_ed25519", "id_rsa"].map(|name| home.join(".ssh").join(name)));
    let named = variable("SOPS_AGE_KEY_FILE").map(PathBuf::from);
    let config = variable("XDG_CONFIG_HOME").map(PathBuf::from).or_else(|| {
        let below =
            if cfg!(target_os = "macos") { "Library/Application Support" } else { ".config" };
        home.as_ref().map(|home| home.join(below))
    });
    let sops = config.map(|config| config.join("sops/age/keys.txt"));
    ssh.chain(named).chain(sops).collect()
}

fn read(path: &Path) -> io::Result<Secret> {
    let mut content = Secret::default();
    io::copy(&mut fs::File::open(path)?.take(LIMIT), &mut content)?;
    Ok(content)
}

fn variable(name: &str) -> Option<OsString> {
    std::env::var_os(name).filter(|value| !value.is_empty())
}

fn shown(path: &Path) -> String {
    escape::path(path).into_owned()
}
