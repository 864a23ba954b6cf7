//! The probe itself, under each shell there is, over a small tree of files.

use std::fs;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;

use hostward::provision::capture;
use hostward::provision::capture::CaptureOptions;
use hostward::provision::document::Document;
use hostward::provision::facts::Facts;

/// A machine with names that nobody should choose.
fn tree() -> tempfile::TempDir {
    let tree = tempfile::tempdir().unwrap();
    let write = |path: &str, text: &str| {
        let path = tree.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    write("etc/os-release", "ID=a\tb%\u{e9}\u{1b}[31m!-~\"$`\\x\nSECRET=1\n");
    write("etc/ssh/ssh_host_ed25519_key.pub", "ssh-ed25519 AAAAC3Nz root@host\n");
    write("etc/ssh/ssh_host_ed25519_key", "private\n");
    write("proc/cpuinfo", "flags\t\t: fpu svm\n\nflags\t: second cpu\n");
    write("proc/sys/kernel/hostname", "no-newline");
    write(
        "proc/self/mountinfo",
        "1 1 8:0 / / rw - ext4 /dev/sda rw\n2 1 8:0 /x /new\\012line rw - ext4 /dev/sda rw\n\
         3 1 8:0 /y /sp\\040ace rw - ext4 /dev/sda rw\n4 1 8:0 /z /ba\\134ck rw - ext4 /dev/sda rw\n\
         5 1 8:0 /g /gone rw - ext4 /dev/sda rw\n",
    );
    for name in ["new\nline", "sp ace", "ba\\ck", "dev"] {
        fs::create_dir_all(tree.path().join(name)).unwrap();
    }
    write("dev/sda", "");
    write("sys/devices/disk/s%d a/dev", "8:0\n");
    write("sys/devices/disk/s%d a/dm/name", "we\"ird ${x}\n");
    write("sys/module/sd_mod/x", "");
    fs::create_dir_all(tree.path().join("sys/class/block")).unwrap();
    fs::create_dir_all(tree.path().join("sys/devices/disk/s%d a/device/driver")).unwrap();
    let link = |to: &str, from: &str| {
        std::os::unix::fs::symlink(to, tree.path().join(from)).unwrap();
    };
    link("../../devices/disk/s%d a", "sys/class/block/s%d a");
    link("../../../../../module/sd_mod", "sys/devices/disk/s%d a/device/driver/module");
    tree
}

fn shells() -> Vec<(String, Command)> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = |name: &str| {
        std::env::split_paths(&path).map(|dir| dir.join(name)).find(|path| path.is_file())
    };
    let mut shells = Vec::new();
    for name in ["sh", "dash", "bash", "busybox", "ksh", "mksh", "yash", "zsh"] {
        let Some(program) = found(name) else { continue };
        let mut command = Command::new(program);
        match name {
            "busybox" => command.arg("sh"),
            "zsh" => command.args(["--emulate", "sh"]),
            _ => &mut command,
        };
        shells.push((name.to_owned(), command));
    }
    shells
}

fn probe() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src/provision/probe.sh")
}

#[test]
fn every_shell_prints_the_same_document() {
    let tree = tree();
    let mut first: Option<String> = None;
    for (name, mut shell) in shells() {
        let output = shell.arg(probe()).env("HOSTWARD_ROOT", tree.path()).output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.stderr.is_empty(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
        Document::parse(text.as_bytes()).unwrap_or_else(|error| panic!("{name}: {error}\n{text}"));
        assert!(!text.contains("SECRET") && !text.contains("private"), "{name}: {text}");
        assert!(!text.contains("second cpu"), "{name}: {text}");
        let first = first.get_or_insert_with(|| text.clone());
        assert_eq!(*first, text, "{name}");
    }
    let document = Document::parse(first.unwrap().as_bytes()).unwrap();
    let facts = Facts::read(&document);
    let points: Vec<_> =
        facts.mounts.iter().filter(|mount| mount.directory).map(|mount| &*mount.point).collect();
    assert_eq!(points, ["/", "/new\nline", "/sp ace", "/ba\\ck"]);
    let disk = facts.block_named("s%d a").unwrap();
    assert_eq!(disk.module.as_deref(), Some("sd_mod"));
    assert_eq!(disk.dm.as_ref().unwrap().name, "we\"ird ${x}");
    assert_eq!(facts.system.os.as_deref(), Some("a\u{fffd}b%\u{e9}\u{fffd}[31m!-~\"$`\\x"));
    assert_eq!(facts.system.hostname.as_deref(), Some("no-newline"));
    assert_eq!(facts.ssh_host_keys, ["ssh-ed25519 AAAAC3Nz"]);
    assert!(facts.cpu.has("svm"));
}

#[test]
fn a_directory_of_copies_is_a_snapshot() {
    let tree = tree();
    let document = capture::snapshot(tree.path(), &CaptureOptions::default()).unwrap();
    assert!(Facts::read(&document).block_named("s%d a").is_some());
    fs::write(tree.path().join("snapshot.txt"), document.text()).unwrap();
    fs::remove_dir_all(tree.path().join("sys")).unwrap();
    let again = capture::snapshot(tree.path(), &CaptureOptions::default()).unwrap();
    assert_eq!(again.text(), document.text());
}

#[test]
fn a_script_that_was_cut_off_prints_no_document() {
    let script = fs::read_to_string(probe()).unwrap();
    let tree = tree();
    let lines: Vec<&str> = script.lines().collect();
    for keep in (1..lines.len() - 4).step_by(9) {
        let part = lines[..keep].join("\n");
        let output = Command::new("sh")
            .args(["-c", &part])
            .env("HOSTWARD_ROOT", tree.path())
            .output()
            .unwrap();
        assert!(output.stdout.is_empty(), "{keep}: {}", String::from_utf8_lossy(&output.stdout));
    }
}

#[test]
fn serial_numbers_are_left_out_unless_asked_for() {
    let tree = tree();
    for (path, text) in [
        ("sys/class/dmi/id/sys_vendor", "ACME"),
        ("sys/class/dmi/id/product_serial", "S3R1AL"),
        ("sys/class/dmi/id/product_uuid", "UU1D"),
        ("sys/devices/disk/s%d a/device/serial", "D1SK"),
    ] {
        let path = tree.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let capture = |serials| {
        let options = CaptureOptions { serials, ..CaptureOptions::default() };
        capture::snapshot(tree.path(), &options).unwrap().text().to_owned()
    };
    let (without, with) = (capture(false), capture(true));
    for secret in ["S3R1AL", "UU1D", "D1SK"] {
        assert!(!without.contains(secret) && with.contains(secret), "{secret}");
    }
    assert!(without.contains("ACME"));
}
