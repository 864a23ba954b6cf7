//! `show`, `decrypt` and `encrypt`: plaintext goes where it was sent and nowhere else.

use std::fs;
use std::io::Read;
use std::process::Stdio;

use crate::fleetkit::Fleet;
use crate::fleetkit::mode;

fn fleet() -> Fleet {
    Fleet::new().me("alice").host("web").secret("db.age", &["alice", "web"], "swordfish\n")
}

#[test]
fn show_and_decrypt_answer_with_the_content_alone() {
    let fleet = fleet();
    for command in ["show", "decrypt"] {
        let ran = fleet.run([command, "secrets/db.age"]).ok().answers("swordfish\n");
        assert_eq!(ran.stderr, "");
        fleet.run([command, "secrets/no.age"]).exits(3).says("no rule names `secrets/no.age`");
        fleet.run([command, "secrets/secrets.nix"]).exits(3).says("not an age file");
        fleet.run([command, "secrets"]).exits(3).says("error: ");
    }
}

#[test]
fn a_file_without_a_rule_can_be_read() {
    let fleet = fleet();
    let elsewhere = fleet.tmp().join("outside.age");
    fs::copy(fleet.file("db.age"), &elsewhere).unwrap();
    fleet.command(["show"]).arg(&elsewhere).within(fleet.tmp()).run().ok().answers("swordfish\n");
    fleet.seal("orphan.age", &["alice"], "no rule");
    fleet.run(["decrypt", "secrets/orphan.age"]).ok().answers("no rule");
}

#[test]
fn decrypt_makes_a_private_file() {
    let fleet = fleet();
    let to = |name: &str| fleet.command(["decrypt", "db.age", "-o", name]);
    to("plain").run().ok().answers("").says("wrote 10 bytes to `plain`");
    let plain = fleet.repo().join("plain");
    assert_eq!(fs::read(&plain).unwrap(), b"swordfish\n");
    assert_eq!(mode(&plain), 0o600);
    fs::write(&plain, "mine").unwrap();
    to("plain").run().exits(3).says("`plain` exists").says("--force");
    assert_eq!(fs::read(&plain).unwrap(), b"mine");
    to("plain").arg("--force").run().ok().says("wrote");
    assert_eq!(fs::read(&plain).unwrap(), b"swordfish\n");
    to("no/such/dir").run().exits(3).says("cannot write `no/such/dir`");
}

#[test]
fn damaged_content_is_never_passed_off_as_whole() {
    let fleet = fleet();
    let large: Vec<u8> = (0..=255).cycle().take(200_000).collect();
    fleet.seal("db.age", &["alice"], &large);
    let mut bytes = fleet.bytes("db.age");
    let at = bytes.len() - 10;
    bytes[at] ^= 1;
    fs::write(fleet.file("db.age"), &bytes).unwrap();
    fleet.run(["decrypt", "db.age", "-o", "plain"]).exits(3).says("damaged or cut off at chunk 3");
    assert!(!fleet.repo().join("plain").exists(), "half a file is no file");
    fs::write(fleet.repo().join("plain"), "mine").unwrap();
    fleet.run(["decrypt", "db.age", "-f", "-o", "plain"]).exits(3).says("damaged");
    assert_eq!(fs::read(fleet.repo().join("plain")).unwrap(), b"mine");
    let streamed = fleet.run(["show", "db.age"]).exits(3);
    assert!(large.starts_with(&streamed.stdout), "what was streamed was authentic");
    fs::write(fleet.file("db.age"), &fleet.bytes("db.age")[..1000]).unwrap();
    fleet.run(["show", "db.age"]).exits(3).says("cut off");
    fleet.command(["edit", "db.age"]).editor("true").run().exits(3).says("cut off");
}

#[test]
fn encrypt_takes_a_plain_file_or_stdin() {
    let fleet = fleet().rule("tls.age", &["alice", "web"]);
    fs::write(fleet.repo().join("plain.key"), b"\x00key\xff").unwrap();
    let encrypt =
        |args: [&str; 2]| fleet.command(["encrypt", "secrets/tls.age"]).arg(args[0]).arg(args[1]);
    let nothing = fleet.run(["encrypt", "secrets/tls.age"]);
    nothing.exits(2).says("there is nothing to encrypt").says("--from FILE");
    encrypt(["--from", "nowhere"]).run().exits(3).says("cannot read `nowhere`");
    encrypt(["--from", "plain.key"]).arg("--dry-run").run().ok().mentions("secrets/tls.age");
    assert!(!fleet.file("tls.age").exists());
    encrypt(["--from", "plain.key"])
        .run()
        .ok()
        .says("wrote `secrets/tls.age`, encrypted to 2 recipients");
    assert_eq!(fleet.opened("tls.age", "web").unwrap(), b"\x00key\xff");
    assert!(fleet.repo().join("plain.key").exists(), "the source stays");
    encrypt(["--stdin", "-q"])
        .stdin("new")
        .run()
        .exits(3)
        .says("is encrypted already")
        .says("--force");
    assert_eq!(fleet.opened("tls.age", "web").unwrap(), b"\x00key\xff");
    encrypt(["--stdin", "--force"]).stdin("new").run().ok().says("wrote");
    assert_eq!(fleet.opened("tls.age", "web").unwrap(), b"new");
}

#[test]
fn encrypt_mends_a_secret_that_lies_in_the_clear() {
    let fleet = fleet();
    fleet.write("secrets/db.age", "in the clear");
    fleet
        .run(["status"])
        .ok()
        .mentions("not encrypted")
        .mentions("next: hostward encrypt secrets/db.age");
    // The only copy of something is not replaced by something else unasked.
    let other = fleet.command(["encrypt", "db.age", "--stdin"]).stdin("other").run();
    other.exits(3).says("--force");
    assert_eq!(fleet.bytes("db.age"), b"in the clear");
    fleet.run(["encrypt", "db.age"]).ok().says("wrote");
    assert_eq!(fleet.opened("db.age", "web").unwrap(), b"in the clear");
    fleet.run(["encrypt", "db.age"]).exits(3).says("is encrypted already");
}

#[test]
fn large_content_is_streamed() {
    let fleet = fleet().rule("new dir/large.age", &["web"]);
    let large: Vec<u8> = (0..=255u8).cycle().take((16 << 20) + 3).collect();
    let source = fleet.tmp().join("large");
    fs::write(&source, &large).unwrap();
    let encrypt = || fleet.command(["encrypt", "new dir/large.age", "--from"]).arg(&source);
    encrypt().arg("--dry-run").run().ok().mentions("would write");
    assert!(!fleet.file("new dir").exists());
    encrypt().run().ok().says("16777219 bytes encrypted to 1 recipient");
    encrypt().run().exits(3).says("is encrypted already");
    encrypt().arg("--force").run().ok().says("wrote");
    let web = fleet.key("web");
    let plain = fleet.command(["decrypt", "new dir/large.age", "-i"]).arg(web).run().ok();
    assert!(plain.stdout == large);
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let fleet = fleet();
    let large: Vec<u8> = (0..=255).cycle().take(1 << 20).collect();
    fleet.seal("db.age", &["alice"], &large);
    for args in [["show", "db.age"], ["decrypt", "db.age"]] {
        let mut child = fleet.command(args).spawn(Stdio::null());
        let mut first = [0; 100];
        child.stdout.take().unwrap().read_exact(&mut first).unwrap();
        let ran = child.wait_with_output().unwrap();
        assert_eq!(String::from_utf8(ran.stderr).unwrap(), "", "{args:?}");
        assert_eq!(ran.status.code(), Some(0), "{args:?}");
    }
}

#[test]
fn nobody_to_read_at_all_is_no_error_and_a_full_disk_is() {
    let fleet = fleet();
    let commands: [&[&str]; 7] = [
        &["status"],
        &["status", "--format", "json"],
        &["access"],
        &["eval", "-E", "1"],
        &["completions", "bash"],
        &["show", "db.age"],
        &["--help"],
    ];
    for args in commands {
        let closed = |stdout: Stdio| {
            let mut command = fleet.program(crate::fleetkit::HOSTWARD).into_command();
            command.args(args).stdin(Stdio::null()).stdout(stdout);
            command.output().unwrap()
        };
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let ran = closed(writer.into());
        assert_eq!(String::from_utf8(ran.stderr).unwrap(), "", "{args:?}");
        assert_eq!(ran.status.code(), Some(0), "{args:?}");
        if args != ["--help"] {
            let full = closed(fs::File::options().write(true).open("/dev/full").unwrap().into());
            assert_eq!(full.status.code(), Some(3), "{args:?}");
            assert!(String::from_utf8(full.stderr).unwrap().contains("error: "), "{args:?}");
        }
    }
}
