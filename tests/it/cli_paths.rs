//! Every spelling of a path finds its rule, and every name a file can have survives the way there and back.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;

use crate::fleetkit::Fleet;
use crate::fleetkit::mode;

fn fleet() -> Fleet {
    Fleet::new().me("alice").host("web").secret("db.age", &["alice", "web"], "swordfish")
}

#[test]
fn a_secret_is_found_by_every_spelling() {
    let fleet = fleet();
    fleet.write("hosts/web/default.nix", "{ }");
    symlink("../secrets", fleet.repo().join("hosts/linked")).unwrap();
    let absolute = fleet.file("db.age").display().to_string();
    for (dir, spelling) in [
        (".", "secrets/db.age"),
        (".", "./secrets/db.age"),
        (".", "secrets//./db.age"),
        (".", "hosts/../secrets/db.age"),
        (".", "hosts/linked/db.age"),
        (".", "db.age"),
        (".", &absolute),
        ("secrets", "db.age"),
        ("secrets", "./db.age"),
        ("hosts/web", "../../secrets/db.age"),
        ("hosts/web", "../linked/db.age"),
        ("hosts/web", "db.age"),
        ("hosts/web", &absolute),
    ] {
        for command in ["show", "decrypt"] {
            let ran = fleet.command([command, spelling]).within(dir).run();
            ran.ok().answers("swordfish").hushes("error");
        }
        let edit = fleet.command(["edit", spelling]).within(dir).editor("sed -i s/z/z/").run();
        edit.ok().says("is unchanged");
        let access = fleet.command(["access", "--format", "json", spelling]).within(dir).run();
        assert_eq!(access.ok().json()["secrets"][0]["path"], "secrets/db.age", "{dir} {spelling}");
    }
}

#[test]
fn the_fleet_is_found_from_elsewhere() {
    let fleet = fleet();
    let root = fleet.repo();
    let root = root.to_str().unwrap();
    let rules = fleet.file("secrets.nix").display().to_string();
    let elsewhere = fleet.tmp();
    for args in [
        ["status", "--root", root],
        ["status", "--rules", &rules],
        ["status", "--rules", "../repo/secrets/secrets.nix"],
    ] {
        let status = fleet.command(args).within(&elsewhere).run().ok();
        status.mentions("1: 1 as the rules say").mentions("/repo/secrets/secrets.nix (1 rule)");
    }
    let by_variable = fleet.command(["show", "db.age"]).within(&elsewhere).env("RULES", &rules);
    by_variable.run().ok().answers("swordfish");
    let in_place = fleet.command(["show", "db.age"]).within("secrets").env("RULES", "secrets.nix");
    in_place.run().ok().answers("swordfish");
    let plain = fleet.command(["status"]).within(&elsewhere).run();
    plain.exits(3).says("no fleet found in").says("hint: ").says("--root DIR");
    let wrong = fleet.command(["status", "--root", "nowhere"]).run();
    wrong.exits(3).says("nowhere");
}

#[test]
fn what_is_outside_of_the_repository_has_no_rule() {
    let fleet = fleet();
    for path in ["../x.age", "/etc/passwd", "secrets/../../keys/alice", "."] {
        for command in ["edit", "encrypt"] {
            fleet.command([command, path, "--stdin"]).stdin("new").run().exits(3).says("error: ");
        }
    }
    assert_eq!(fleet.opened("db.age", "web").unwrap(), b"swordfish");
}

#[test]
fn a_rule_cannot_reach_outside_or_into_version_control() {
    let fleet = fleet();
    let alice = crate::fleetkit::nix_string(fleet.public("alice"));
    let names = ["../../out.age", "/tmp/hostward-out.age", "../.git/hooks/post-commit", "ok.age"];
    let rules: Vec<String> =
        names.iter().map(|name| format!("\"{name}\".publicKeys = [ {alice} ];")).collect();
    fleet.write("secrets/secrets.nix", format!("{{ {} }}", rules.join(" ")));
    for name in &names[..3] {
        fleet.command(["edit", "--stdin", name]).stdin("echo pwned").run().exits(3).says("error: ");
        let path = format!("secrets/{name}");
        fleet
            .command(["edit", "--stdin", &path])
            .stdin("echo pwned")
            .run()
            .exits(3)
            .says("error: ");
    }
    fleet.command(["edit", "--stdin", "secrets/ok.age"]).stdin("fine").run().ok().says("wrote");
    assert!(!fleet.repo().join(".git/hooks/post-commit").exists());
    assert!(!fleet.repo().parent().unwrap().join("out.age").exists());
}

/// Names that break tools which paste them into a shell, a Nix expression or a terminal.
const NAMES: [&str; 14] = [
    "with space.age",
    " leading and trailing .age",
    "-i.age",
    "--help",
    "it's.age",
    "say \"hi\".age",
    "${builtins.abort \"x\"}.age",
    "$HOME.age",
    "back\\slash.age",
    "schlüssel-秘密-🔑.age",
    "new\nline.age",
    "tab\tand\x1b[31mred.age",
    "*?[a].age",
    "deep/er/and deeper/x.age",
];

#[test]
fn any_name_works_in_every_command() {
    let mut fleet = Fleet::new().me("alice").host("web");
    for name in NAMES {
        fleet = fleet.rule(name, &["alice"]);
    }
    for (at, name) in NAMES.iter().enumerate() {
        let plain = format!("content {at}");
        let edit = fleet.command(["edit", "--stdin", "--", name]).within("secrets");
        edit.stdin(&plain).run().ok().says("wrote");
        assert_eq!(fleet.opened(name, "alice").unwrap(), plain.as_bytes(), "{name:?}");
        let show = fleet.command(["show", "--", name]).within("secrets").run();
        show.ok().answers(&plain);
        let editor = fleet.editor("echo more >> \"$1\"");
        let edit = fleet.command(["edit", "--"]).arg(fleet.file(name)).editor(&editor).run();
        edit.ok().says("wrote");
        let show = fleet.command(["decrypt", "--"]).arg(fleet.file(name)).run();
        show.ok().answers(format!("{plain}more\n"));
    }
    for name in NAMES {
        fleet.set_rule(name, &["alice", "web"]);
    }
    let status = fleet.run(["status"]).ok();
    let shown = status.out();
    assert!(!shown.contains('\x1b') && !shown.contains('\t'), "{shown:?}");
    status.mentions("new\\nline.age").mentions("schlüssel-秘密-🔑.age").mentions("14 drifted");
    for command in ["status", "access"] {
        let json = fleet.run([command, "--format", "json"]).ok().json();
        let secrets = json["secrets"].as_array().unwrap().iter();
        let paths: Vec<&str> = secrets.map(|secret| secret["path"].as_str().unwrap()).collect();
        for name in NAMES {
            assert!(paths.contains(&format!("secrets/{name}").as_str()), "{name:?} in {paths:?}");
        }
    }
    fleet.run(["rekey"]).ok().says("rekeyed 14 secrets").hushes("\x1b");
    for name in NAMES {
        assert!(fleet.is_for(name, "web"), "{name:?}");
    }
    fleet.run(["rekey", "--check"]).ok().answers("");
}

#[test]
fn names_that_are_no_text_are_left_alone() {
    let fleet = fleet();
    let odd = fleet.repo().join("secrets").join(OsStr::from_bytes(b"latin-\xe9.age"));
    fs::copy(fleet.file("db.age"), &odd).unwrap();
    let status = fleet.run(["status"]).ok();
    status.mentions("files without a rule").mentions("latin-");
    fleet.command(["show"]).arg(&odd).run().ok().answers("swordfish");
    fleet.command(["edit", "--stdin"]).arg(&odd).stdin("x").run().exits(3).says("no rule names");
}

#[test]
fn escape_sequences_never_reach_the_terminal() {
    let fleet = fleet().rule("bad\x1b[2J\u{202e}.age", &["alice"]);
    fleet.seal("orphan\x1b]0;owned\x07.age", &["alice"], "");
    fleet.write("secrets/plain\x1b[1m.age", "x");
    let mut ran = vec![
        fleet.run(["status"]).ok(),
        fleet.run(["access"]).ok(),
        fleet.run(["rekey", "--all", "--dry-run"]).ok(),
        fleet.run(["show", "no\x1b[5msuch"]).exits(3),
        fleet.run(["edit", "no\x1b[5msuch"]).exits(3),
        fleet.run(["access", "--recipient", "no\x1b[5msuch"]).exits(3),
        fleet.run(["eval", "no\x1b[5msuch.nix"]).exits(3),
        fleet.run(["eval", "-E", "throw \"a\x1b[5mb\""]).exits(3),
        fleet.run(["rekey", "--host", "no\x1b[5msuch"]).exits(3),
        fleet.run(["show", "-i", "no\x1b[5msuch", "secrets/db.age"]).exits(3),
    ];
    let colored = fleet.command(["status", "--color", "never"]).without("NO_COLOR").run();
    ran.push(colored.ok());
    for ran in ran {
        assert!(!ran.stdout.contains(&b'\x1b') && !ran.stderr.contains('\x1b'), "{ran}");
        assert!(!ran.stdout.contains(&b'\x07') && !ran.out().contains('\u{202e}'), "{ran}");
    }
}

#[test]
fn links_stay_links_and_modes_stay_modes() {
    let fleet = Fleet::new().me("alice").host("web");
    let fleet =
        ["link.age", "open.age", "tight.age", "group.age"].iter().fold(fleet, |fleet, name| {
            let readers = ["alice", "web"];
            fleet.secret(name, &readers[..1], "old").rule(name, &readers)
        });
    fs::create_dir(fleet.repo().join("store")).unwrap();
    let behind = fleet.repo().join("store/real.age");
    fs::rename(fleet.file("link.age"), &behind).unwrap();
    symlink("../store/real.age", fleet.file("link.age")).unwrap();
    let set = |path: &std::path::Path, mode| {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    };
    set(&fleet.file("open.age"), 0o644);
    set(&fleet.file("tight.age"), 0o600);
    set(&fleet.file("group.age"), 0o640);
    set(&behind, 0o400);
    let check = |done: &str| {
        assert_eq!(mode(&fleet.file("open.age")), 0o644, "{done}");
        assert_eq!(mode(&fleet.file("tight.age")), 0o600, "{done}");
        assert_eq!(mode(&fleet.file("group.age")), 0o640, "{done}");
        assert_eq!(mode(&behind), 0o400, "{done}");
        let target = fs::read_link(fleet.file("link.age")).unwrap();
        assert_eq!(target.to_str(), Some("../store/real.age"), "{done}");
    };
    fleet.run(["rekey"]).ok().says("rekeyed 4 secrets");
    check("rekey");
    for name in ["link.age", "open.age", "tight.age", "group.age"] {
        assert!(fleet.is_for(name, "web"));
        fleet.command(["edit", name, "--stdin"]).stdin("new").run().ok().says("wrote");
        assert_eq!(fleet.opened(name, "web").unwrap(), b"new");
    }
    check("edit");
    fleet
        .command(["encrypt", "secrets/link.age", "--stdin", "--force"])
        .stdin("newer")
        .run()
        .ok()
        .says("wrote");
    check("encrypt");
    assert_eq!(fleet.opened("link.age", "web").unwrap(), b"newer");
    // The name behind the link works too.
    fleet.run(["show", "store/real.age"]).ok().answers("newer");
}

#[test]
fn a_link_out_of_the_repository_is_not_followed() {
    let fleet = fleet().rule("away.age", &["alice"]);
    let outside = fleet.tmp().join("outside.age");
    fs::copy(fleet.file("db.age"), &outside).unwrap();
    let before = fs::read(&outside).unwrap();
    symlink(&outside, fleet.file("away.age")).unwrap();
    fleet.command(["edit", "away.age", "--stdin"]).stdin("new").run().exits(3).says("error: ");
    fleet
        .command(["encrypt", "away.age", "--stdin", "--force"])
        .stdin("new")
        .run()
        .exits(3)
        .says("error: ");
    fleet.run(["rekey", "--all"]).exits(3).says("away.age");
    assert_eq!(fs::read(&outside).unwrap(), before);
}

#[test]
fn new_secrets_get_their_directories_and_an_ordinary_mode() {
    let fleet = Fleet::new().me("alice").rule("a/b c/new.age", &["alice"]);
    let editor = fleet.editor("printf made > \"$1\"");
    fleet.command(["edit", "a/b c/new.age"]).editor(&editor).run().ok().says("wrote");
    assert_eq!(fleet.opened("a/b c/new.age", "alice").unwrap(), b"made");
    assert_eq!(mode(&fleet.file("a/b c/new.age")) & 0o600, 0o600);
    assert!(fleet.repo().join(".git").exists() && !fleet.repo().join(".hostward").exists());
    assert!(!fleet.repo().join(".git/hostward").exists(), "no lock is left");
}
