//! A real sshd on loopback with its own port and host key: good answers, refusals, lost connections
//! and targets that lie. As root, all of it runs in a network namespace of its own.

use std::fs;
use std::io::Read;
use std::net::TcpListener;
use std::net::TcpStream;
use std::path::Path;
use std::path::PathBuf;
use std::process::Child;
use std::process::Command;
use std::process::Stdio;
use std::time::Duration;
use std::time::Instant;

use hostward::provision::capture;
use hostward::provision::capture::CaptureError;
use hostward::provision::capture::CaptureOptions;
use hostward::provision::document::Document;
use hostward::provision::document::DocumentError;
use hostward::provision::facts::Facts;
use hostward::provision::ssh::Session;
use hostward::provision::ssh::SshError;
use hostward::provision::ssh::Sudo;

use crate::peer::peer;

/// Says to the inner run that it is alone on its loopback.
const INSIDE: &str = "HOSTWARD_TEST_NETNS";

#[test]
fn sshd_on_loopback() {
    let (Some(sshd), Some(keygen), Some(_)) = (peer("sshd"), peer("ssh-keygen"), peer("ssh"))
    else {
        return;
    };
    if std::env::var_os(INSIDE).is_none()
        && is_root()
        && let Some(unshare) = peer("unshare")
    {
        return inside(&unshare);
    }
    let lab = Lab::new(sshd, keygen);
    good_answers(&lab);
    refusals(&lab);
    lost_connections(&lab);
    lies(&lab);
}

/// Runs this test again where nothing else listens.
fn inside(unshare: &Path) {
    let me = std::env::current_exe().expect("the path of this test");
    let mut command = Command::new(unshare);
    command.args(["--net", "sh", "-c", "ip link set lo up && exec \"$0\" \"$@\""]).arg(me);
    command.args(["--exact", "scan_ssh::sshd_on_loopback", "--nocapture"]).env(INSIDE, "1");
    let output = command.output().expect("unshare runs");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    assert!(said.contains("1 passed"), "{said}");
}

fn good_answers(lab: &Lab) {
    let server = lab.start("");
    let session = lab.session(&server, &lab.user);
    let document = capture::remote(&session, &lab.options()).expect("a document");
    let here = capture::local(&lab.options()).expect("a document");
    let (there, here) = (Facts::read(&document), Facts::read(&here));
    assert_eq!(there.system.kernel, here.system.kernel);
    assert_eq!(there.cpu.model, here.cpu.model);
    assert!(there.system.platform.is_some() && !there.mounts.is_empty());
    // the second run uses the connection of the first
    let start = Instant::now();
    capture::remote(&session, &lab.options()).expect("a second document");
    assert!(start.elapsed() < Duration::from_secs(10));
    let sudo = CaptureOptions { sudo: Sudo::Required, ..lab.options() };
    assert_eq!(capture::remote(&session, &sudo).is_ok(), is_root());
}

fn refusals(lab: &Lab) {
    let server = lab.start("");
    let error = lab.ask(&server, "nobody-by-this-name");
    assert!(matches!(error, CaptureError::Ssh(SshError::AccessDenied { .. })), "{error}");

    fs::write(lab.path("known_hosts"), "").expect("a writable file");
    let error = lab.ask(&server, &lab.user);
    assert!(matches!(error, CaptureError::Ssh(SshError::HostKeyUnknown { .. })), "{error}");

    lab.know(&server, "other_host_key");
    let error = lab.ask(&server, &lab.user);
    let CaptureError::Ssh(SshError::HostKeyChanged { detail, .. }) = &error else {
        panic!("{error}");
    };
    assert!(detail.contains("SHA256:") && detail.contains("known_hosts"), "{detail}");

    lab.know(&server, "host_key");
    let stranger = lab.session_with(&server, &lab.user, "stranger");
    let error = capture::remote(&stranger, &lab.options()).expect_err("no access");
    assert!(matches!(error, CaptureError::Ssh(SshError::AccessDenied { .. })), "{error}");

    drop(server);
    let gone = lab.session_to(free_port(), &lab.user, "user_key");
    let error = capture::remote(&gone, &lab.options()).expect_err("nobody listens");
    assert!(matches!(error, CaptureError::Ssh(SshError::Connection { .. })), "{error}");
}

fn lost_connections(lab: &Lab) {
    // the server process of this connection dies in the middle of the answer
    let server = lab.start(&format!("{BEGIN} echo hostward-probe 1; kill -9 $PPID"));
    let error = lab.ask(&server, &lab.user);
    assert!(matches!(error, CaptureError::Ssh(SshError::Connection { .. })), "{error}");
    // the shell dies, the connection does not
    let server = lab.start(&format!("{BEGIN} echo hostward-probe 1; exit 0"));
    let error = lab.ask(&server, &lab.user);
    assert!(matches!(error, CaptureError::BrokenOff), "{error}");
    let server = lab.start("sleep 100");
    let options = CaptureOptions { timeout: Duration::from_secs(2), ..lab.options() };
    let start = Instant::now();
    let error = capture::remote(&lab.session(&server, &lab.user), &options).expect_err("silence");
    assert!(start.elapsed() < Duration::from_secs(8) && error.to_string().contains("2 seconds"));
}

fn lies(lab: &Lab) {
    let document = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/snapshots/virtio-ext4.txt");
    let text = fs::read_to_string(&document).expect("a snapshot");
    Document::parse(text.as_bytes()).expect("a good document");
    let document = document.display();
    let says = |command: &str| {
        let server = lab.start(command);
        let error = lab.ask(&server, &lab.user);
        assert!(!error.to_string().contains(char::is_control), "{error:?}");
        error
    };
    let error = says(&format!("{BEGIN} yes"));
    assert!(error.to_string().contains("more than"), "{error}");
    let error = says(&format!("{BEGIN} printf '\\033]0;owned\\007'; {END}"));
    assert!(matches!(error, CaptureError::Document(DocumentError::ControlCharacter { .. })));
    // a document without the markers of this run is noise
    let error = says(&format!("cat {document}"));
    assert!(matches!(error, CaptureError::NotTheProbe { .. }), "{error}");
    let error = says(&format!(
        "echo hostward-begin 00000000000000000000000000000000; cat {document}; \
         echo hostward-end 00000000000000000000000000000000"
    ));
    assert!(matches!(error, CaptureError::NotTheProbe { .. }), "{error}");
    let error = says(&format!("{BEGIN} cat {document}; echo more; {END}"));
    assert!(matches!(error, CaptureError::Document(DocumentError::Trailing)), "{error}");
    let error = says(&format!("{BEGIN} sed s/QEMU/EVIL/ {document}; {END}"));
    assert!(matches!(error, CaptureError::Document(DocumentError::Checksum)), "{error}");
    let error = says("printf 'no \\033[31mway\\n' >&2; exit 3");
    assert!(matches!(error, CaptureError::NotTheProbe { .. }), "{error}");
    let error = says("printf 'no \\033[31mway\\n' >&2; exit 255");
    assert!(matches!(error, CaptureError::Ssh(_)), "{error}");
    // noise before the real thing does no harm
    let server = lab.start("cat /etc/hostname /etc/passwd; exec sh -s");
    let options = lab.options();
    capture::remote(&lab.session(&server, &lab.user), &options).expect("a document after noise");
}

/// What a target does that knows the marker of this run: the first line of the script tells it.
const BEGIN: &str = "read -r line; nonce=${line#*=}; echo hostward-begin $nonce;";
const END: &str = "echo hostward-end $nonce";

fn is_root() -> bool {
    let output = Command::new("id").arg("-u").output().expect("id runs");
    output.stdout == b"0\n"
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("an address").port()
}

struct Lab {
    directory: tempfile::TempDir,
    sshd: PathBuf,
    user: String,
}

struct Server {
    child: Child,
    port: u16,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Lab {
    fn new(sshd: PathBuf, keygen: PathBuf) -> Self {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let output = Command::new("id").arg("-un").output().expect("id runs");
        let user = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        let lab = Self { directory, sshd, user };
        for name in ["host_key", "other_host_key", "user_key", "stranger"] {
            let mut command = Command::new(&keygen);
            command.args(["-q", "-t", "ed25519", "-N", "", "-f"]).arg(lab.path(name));
            assert!(command.status().expect("ssh-keygen runs").success());
        }
        if is_root() {
            // where sshd drops its privileges; a boot makes it, a container may not
            fs::create_dir_all("/run/sshd").expect("a writable /run");
        }
        lab
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    fn options(&self) -> CaptureOptions {
        CaptureOptions { timeout: Duration::from_secs(30), ..CaptureOptions::default() }
    }

    /// A server that runs `command` whatever is asked of it; empty: what is asked.
    fn start(&self, command: &str) -> Server {
        let port = free_port();
        let config = self.path("sshd_config");
        let forced = self.path("forced");
        let mut text = format!(
            "ListenAddress 127.0.0.1:{port}\nHostKey {}\nAuthorizedKeysFile {}\nPidFile none\n\
             StrictModes no\nUsePAM no\nPasswordAuthentication no\n\
             KbdInteractiveAuthentication no\nPermitRootLogin yes\n",
            self.path("host_key").display(),
            self.path("user_key.pub").display(),
        );
        if !command.is_empty() {
            fs::write(&forced, format!("{command}\n")).expect("a writable directory");
            text += &format!("ForceCommand exec sh {}\n", forced.display());
        }
        fs::write(&config, text).expect("a writable directory");
        let child = Command::new(&self.sshd)
            .args(["-D", "-e", "-f"])
            .arg(&config)
            .stdin(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("sshd starts");
        let mut server = Server { child, port };
        let deadline = Instant::now() + Duration::from_secs(10);
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            if Instant::now() > deadline || server.child.try_wait().expect("a child").is_some() {
                let mut said = String::new();
                let _ = server.child.kill();
                let stderr = server.child.stderr.as_mut().expect("a pipe");
                stderr.read_to_string(&mut said).expect("text");
                panic!("sshd does not listen: {said}");
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        self.know(&server, "host_key");
        server
    }

    /// Puts one key into the known hosts.
    fn know(&self, server: &Server, key: &str) {
        let key = fs::read_to_string(self.path(&format!("{key}.pub"))).expect("a key");
        let line = format!("[127.0.0.1]:{} {key}", server.port);
        fs::write(self.path("known_hosts"), line).expect("a writable file");
    }

    fn session(&self, server: &Server, user: &str) -> Session {
        self.session_with(server, user, "user_key")
    }

    fn session_with(&self, server: &Server, user: &str, key: &str) -> Session {
        self.session_to(server.port, user, key)
    }

    fn session_to(&self, port: u16, user: &str, key: &str) -> Session {
        let config = self.path(&format!("ssh_config_{key}"));
        let text = format!(
            "IdentityFile {}\nIdentitiesOnly yes\nIdentityAgent none\nUserKnownHostsFile {}\n\
             GlobalKnownHostsFile /dev/null\nStrictHostKeyChecking yes\n",
            self.path(key).display(),
            self.path("known_hosts").display(),
        );
        fs::write(&config, text).expect("a writable directory");
        let target = format!("ssh://{user}@127.0.0.1:{port}").parse().expect("a target");
        Session::open(target, true).expect("a private directory").with_config(config)
    }

    fn ask(&self, server: &Server, user: &str) -> CaptureError {
        let session = self.session(server, user);
        capture::remote(&session, &self.options()).expect_err("no good answer")
    }
}
