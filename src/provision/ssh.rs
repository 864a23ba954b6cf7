//! A session with a remote machine: the `ssh` program with the user's own
//! configuration, one connection shared by all that is run. It answers no
//! question about host keys in the user's place, forwards nothing, and starts
//! nothing but `sh` with a script on its standard input.

use std::fmt;
use std::process::Command;
use std::process::Stdio;
use std::str::FromStr;

use super::process;
use super::process::Limits;
use super::process::Output;
use super::process::ProcessError;

/// `ssh://[user@]host[:port]`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SshTarget {
    user: Option<String>,
    host: String,
    port: Option<u16>,
}

/// When to become root on the remote machine.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Sudo {
    /// If `sudo` asks for no password.
    #[default]
    Auto,
    /// Never.
    Never,
    /// Always; fail if it is not possible.
    Required,
}

/// A connection and the private directory of its control socket.
#[derive(Debug)]
pub struct Session {
    target: SshTarget,
    directory: tempfile::TempDir,
    config: Option<std::path::PathBuf>,
    batch: bool,
}

/// What went wrong with a connection. `detail` is what ssh said, made printable.
#[derive(Debug, thiserror::Error)]
pub enum SshError {
    /// The machine let nobody in by this name with the keys at hand.
    #[error("{target} denied access: {detail}")]
    AccessDenied {
        /// The target.
        target: String,
        /// What ssh said.
        detail: String,
    },
    /// No connection, or it was lost.
    #[error("no connection to {target}: {detail}")]
    Connection {
        /// The target.
        target: String,
        /// What ssh said.
        detail: String,
    },
    /// The key is another one than before.
    #[error("{target} has another host key than the one in known_hosts: {detail}")]
    HostKeyChanged {
        /// The target.
        target: String,
        /// What ssh said.
        detail: String,
    },
    /// The key is not known.
    #[error("the host key of {target} is not in known_hosts: {detail}")]
    HostKeyUnknown {
        /// The target.
        target: String,
        /// What ssh said.
        detail: String,
    },
    /// `ssh` could not be run or was not kept within its bounds.
    #[error(transparent)]
    Process(#[from] ProcessError),
    /// Not an ssh URL.
    #[error("`{text}` is not of the form `ssh://user@host:port`")]
    Target {
        /// What was given, made printable.
        text: String,
    },
    /// No private directory for the control socket.
    #[error("can't make a private directory for the connection")]
    TemporaryDirectory(#[source] std::io::Error),
    /// sudo is needed and not possible.
    #[error("{target} does not let this user become root: {detail}")]
    Sudo {
        /// The target.
        target: String,
        /// What sudo said.
        detail: String,
    },
}

impl SshTarget {
    /// The host name or address, as given.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The port, if one was given.
    #[must_use]
    pub fn port(&self) -> Option<u16> {
        self.port
    }

    /// The user, if one was given.
    #[must_use]
    pub fn user(&self) -> Option<&str> {
        self.user.as_deref()
    }
}

impl FromStr for SshTarget {
    type Err = SshError;

    /// Names that ssh could take for an option, or that hold anything but
    /// letters, digits and a few signs, are refused.
    fn from_str(text: &str) -> Result<Self, SshError> {
        let wrong = || SshError::Target { text: process::printable(text.as_bytes()) };
        let rest = text.strip_prefix("ssh://").ok_or_else(wrong)?;
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        let (user, rest) = match rest.rsplit_once('@') {
            Some((user, rest)) => (Some(user), rest),
            None => (None, rest),
        };
        let (host, port) = match rest.strip_prefix('[') {
            Some(rest) => {
                let (host, rest) = rest.split_once(']').ok_or_else(wrong)?;
                let port = if rest.is_empty() { None } else { rest.strip_prefix(':') };
                if port.is_none() && !rest.is_empty() {
                    return Err(wrong());
                }
                (host, port)
            }
            None => match rest.split_once(':') {
                Some((host, port)) => (host, Some(port)),
                None => (rest, None),
            },
        };
        let plain = |name: &str, signs: &[u8]| {
            !name.is_empty()
                && name.len() < 256
                && !name.starts_with('-')
                && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || signs.contains(&byte))
        };
        let port = match port {
            Some(port) if port.bytes().all(|byte| byte.is_ascii_digit()) => {
                Some(port.parse().ok().filter(|port| *port > 0).ok_or_else(wrong)?)
            }
            Some(_) => return Err(wrong()),
            None => None,
        };
        if !plain(host, b".-_:%") || !user.is_none_or(|user| plain(user, b".-_+\\")) {
            return Err(wrong());
        }
        Ok(Self { user: user.map(str::to_owned), host: host.to_owned(), port })
    }
}

impl fmt::Display for SshTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ssh://")?;
        if let Some(user) = &self.user {
            write!(f, "{user}@")?;
        }
        if self.host.contains(':') {
            write!(f, "[{}]", self.host)?;
        } else {
            write!(f, "{}", self.host)?;
        }
        match self.port {
            Some(port) => write!(f, ":{port}"),
            None => Ok(()),
        }
    }
}

impl Session {
    /// Prepares a session; the connection is made by the first run. With
    /// `batch`, ssh asks nothing: no passphrase, no password, no host key.
    ///
    /// # Errors
    /// If no private directory can be made.
    pub fn open(target: SshTarget, batch: bool) -> Result<Self, SshError> {
        // the path of a socket has room for some hundred bytes
        let directory = tempfile::Builder::new()
            .prefix("hostward-")
            .rand_bytes(12)
            .tempdir_in(std::env::temp_dir())
            .map_err(SshError::TemporaryDirectory)?;
        Ok(Self { target, directory, config: None, batch })
    }

    /// Uses this file instead of the user's ssh configuration.
    #[must_use]
    pub fn with_config(mut self, config: std::path::PathBuf) -> Self {
        self.config = Some(config);
        self
    }

    /// Where the session goes.
    #[must_use]
    pub fn target(&self) -> &SshTarget {
        &self.target
    }

    /// Runs a script with the remote `sh`, as root if `sudo` says so.
    pub(crate) fn run_script(
        &self,
        script: &str,
        sudo: Sudo,
        limits: &Limits,
    ) -> Result<Output, SshError> {
        let mut command = self.command();
        command.arg("--").arg(self.destination()).arg(remote_command(sudo));
        let output = process::run(&mut command, script, limits)?;
        self.judge(output, sudo)
    }

    fn command(&self) -> Command {
        let mut command = Command::new("ssh");
        if let Some(config) = &self.config {
            command.arg("-F").arg(config);
        }
        command.arg("-T").arg("-o").arg("ControlMaster=auto");
        let mut path = std::ffi::OsString::from("ControlPath=");
        // a percent sign in the name of the temporary directory is no token
        path.push(self.directory.path().join("c").to_string_lossy().replace('%', "%%"));
        command.arg("-o").arg(path);
        for option in [
            "ControlPersist=60",
            "ConnectTimeout=15",
            "ServerAliveInterval=10",
            "ServerAliveCountMax=3",
            "ClearAllForwardings=yes",
            "ForwardAgent=no",
            "ForwardX11=no",
            "PermitLocalCommand=no",
            "RemoteCommand=none",
            "RequestTTY=no",
            "LogLevel=ERROR",
            if self.batch { "BatchMode=yes" } else { "BatchMode=no" },
        ] {
            command.arg("-o").arg(option);
        }
        if let Some(port) = self.target.port {
            command.arg("-p").arg(port.to_string());
        }
        command
    }

    fn destination(&self) -> String {
        match &self.target.user {
            Some(user) => format!("{user}@{}", self.target.host),
            None => self.target.host.clone(),
        }
    }

    /// ssh ends with 255 for its own failures; the words are the only other
    /// thing that tells them apart.
    fn judge(&self, output: Output, sudo: Sudo) -> Result<Output, SshError> {
        let target = self.target.to_string();
        let said = String::from_utf8_lossy(&output.stderr);
        let detail = process::printable(&output.stderr);
        if output.code == Some(255) || (output.code.is_none() && output.stdout.is_empty()) {
            return Err(if said.contains("HOST IDENTIFICATION HAS CHANGED") {
                let detail = changed_key(&said).unwrap_or(detail);
                SshError::HostKeyChanged { target, detail }
            } else if said.contains("Host key verification failed") {
                SshError::HostKeyUnknown { target, detail }
            } else if said.contains("Permission denied") || said.contains("authentication fail") {
                SshError::AccessDenied { target, detail }
            } else {
                let lost = "the connection was lost".to_owned();
                SshError::Connection {
                    target,
                    detail: if detail.is_empty() { lost } else { detail },
                }
            });
        }
        if sudo == Sudo::Required && output.code != Some(0) && said.contains("sudo") {
            return Err(SshError::Sudo { target, detail });
        }
        Ok(output)
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        if !self.directory.path().join("c").exists() {
            return;
        }
        let mut command = self.command();
        command.args(["-O", "exit"]).arg("--").arg(self.destination());
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        // if it fails, ControlPersist ends the connection
        let _ = command.status();
    }
}

/// The login shell may be any; all of them understand a single-quoted word.
fn remote_command(sudo: Sudo) -> &'static str {
    match sudo {
        Sudo::Auto => {
            "sh -c 'if [ \"$(id -u)\" != 0 ] && sudo -n true </dev/null >/dev/null 2>&1; \
             then exec sudo -n sh -s; fi; exec sh -s'"
        }
        Sudo::Never => "sh -s",
        Sudo::Required => {
            "sh -c 'if [ \"$(id -u)\" = 0 ]; then exec sh -s; fi; exec sudo -n sh -s'"
        }
    }
}

/// The two lines that matter of the page that ssh prints.
fn changed_key(said: &str) -> Option<String> {
    let mut lines = said.lines().map(str::trim);
    let fingerprint = lines.clone().find(|line| line.starts_with("SHA256:"))?;
    let offending = lines.find(|line| line.starts_with("Offending "))?;
    let text = format!("it shows {fingerprint} {offending}");
    Some(process::printable(text.trim_end_matches('.').as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets() {
        for text in [
            "ssh://host",
            "ssh://root@host.example.org:2222",
            "ssh://root@[fe80::1%eth0]:22",
            "ssh://[::1]",
        ] {
            assert_eq!(text.parse::<SshTarget>().unwrap().to_string(), text);
        }
        for text in [
            "",
            "host",
            "ssh://",
            "ssh://-oProxyCommand=x",
            "ssh://-u@host",
            "ssh://a b@host",
            "ssh://host:0",
            "ssh://host:99999",
            "ssh://host:+1",
            "ssh://host:22:22",
            "ssh://ho\x1bst",
            "ssh://host/path",
            "ssh://$(id)@host",
            "ssh://[::1]x",
        ] {
            assert!(text.parse::<SshTarget>().is_err(), "{text}");
        }
    }
}
