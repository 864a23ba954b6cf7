//! `rekey`: what drifted, all of it or nothing, and never more than asked for.

use std::fs;

use crate::fleetkit::Fleet;

/// `a` and `b` have drifted (web is new), `c` has not.
fn fleet() -> Fleet {
    let fleet = Fleet::new().me("alice").person("bob").host("web").host("db");
    let fleet = fleet
        .secret("a.age", &["alice"], "content a")
        .secret("b.age", &["alice", "bob"], "content b")
        .secret("c.age", &["alice", "db"], "content c");
    fleet.rule("a.age", &["alice", "web"]).rule("b.age", &["alice", "web"])
}

#[test]
fn rekey_touches_what_drifted_and_nothing_else() {
    let fleet = fleet();
    let before = fleet.bytes("c.age");
    let ran = fleet.run(["rekey"]).ok().answers("");
    ran.says("rekeyed 2 secrets").says("now readable by web (2)").says("no longer by bob (1)");
    assert_eq!(fleet.opened("a.age", "web").unwrap(), b"content a");
    assert_eq!(fleet.opened("b.age", "web").unwrap(), b"content b");
    assert_eq!(fleet.opened("b.age", "bob"), None);
    assert_eq!(fleet.bytes("c.age"), before);
    let before = fleet.tree();
    fleet.run(["rekey"]).ok().says("3 secrets as the rules say; nothing to rekey");
    assert_eq!(fleet.tree(), before);
    assert_eq!(fleet.run(["rekey", "-q"]).ok().stderr, "");
}

#[test]
fn check_answers_with_what_is_due_and_changes_nothing() {
    let fleet = fleet();
    let before = fleet.tree();
    let due = fleet.run(["rekey", "--check"]).exits(1);
    due.mentions("secrets/a.age  not for web").mentions("secrets/b.age  not for web; also for bob");
    fleet.run(["rekey", "--check", "secrets/c.age"]).ok().answers("");
    fleet.run(["rekey", "--check", "--host", "db"]).ok().answers("");
    fleet.run(["rekey", "--check", "--host", "web"]).exits(1).mentions("a.age");
    // Nor does it need a key.
    let nobody = fleet.command(["rekey", "--check"]).env("HOME", fleet.tmp()).run();
    nobody.exits(1).mentions("secrets/a.age");
    assert_eq!(fleet.tree(), before);
    fleet.run(["rekey"]).ok().says("rekeyed");
    fleet.run(["rekey", "--check"]).ok().answers("");
}

#[test]
fn a_dry_run_prints_the_plan_and_writes_nothing() {
    let fleet = fleet();
    let before = fleet.tree();
    let dry = fleet.run(["rekey", "--dry-run"]).ok();
    dry.mentions("diff --git a/secrets/a.age").mentions("b/secrets/b.age").hushes("rekeyed");
    assert_eq!(fleet.tree(), before);
    assert!(!fleet.repo().join(".git/hostward").exists());
}

#[test]
fn rekey_does_what_was_chosen() {
    for (args, done) in [
        (vec!["secrets/a.age"], vec!["a.age"]),
        (vec!["a.age", "secrets/c.age"], vec!["a.age"]),
        (vec!["secrets"], vec!["a.age", "b.age"]),
        (vec!["--host", "web"], vec!["a.age", "b.age"]),
        (vec!["--host", "db"], vec![]),
        (vec!["--recipient", "bob"], vec!["b.age"]),
        (vec!["--recipient", "bob@laptop"], vec!["b.age"]),
        (vec!["--recipient", "alice", "a.age"], vec!["a.age"]),
        (vec!["--all", "c.age"], vec!["c.age"]),
        (vec!["--all", "--host", "db"], vec!["c.age"]),
        (vec!["--all"], vec!["a.age", "b.age", "c.age"]),
        (vec!["-j", "1"], vec!["a.age", "b.age"]),
        (vec!["-j", "7", "--all"], vec!["a.age", "b.age", "c.age"]),
    ] {
        let fleet = fleet();
        let before = fleet.tree();
        let command = args.iter().fold(fleet.command(["rekey"]), |command, arg| command.arg(arg));
        command.run().ok().answers("");
        let after = fleet.tree();
        let changed: Vec<_> =
            after.iter().filter(|(path, bytes)| before[*path] != **bytes).collect();
        let names: Vec<_> = changed.iter().map(|(path, _)| path.file_name().unwrap()).collect();
        assert_eq!(names, done, "{args:?}");
    }
    let fleet = fleet();
    let key = fleet.public("bob").to_owned();
    fleet.command(["rekey", "--recipient", &key]).run().ok().says("rekeyed 1 secret");
    let print = fleet.recipient("alice").fingerprint().unwrap();
    fleet.command(["rekey", "--recipient", &print]).run().ok().says("rekeyed 1 secret");
}

#[test]
fn mistakes_on_the_command_line_are_told() {
    let fleet = fleet();
    let before = fleet.tree();
    fleet
        .run(["rekey", "--host", "wbe"])
        .exits(3)
        .says("no recipient is called `wbe`")
        .says("did you mean `web`?");
    fleet.run(["rekey", "secrets/x.age"]).exits(3).says("no rule names `secrets/x.age`");
    fleet.run(["rekey", "-j", "0"]).exits(2).says("error: ");
    fleet.run(["rekey", "--check", "--all"]).exits(2).says("cannot be used with");
    fleet.run(["rekey", "--no-such-option"]).exits(2).says("error: ");
    assert_eq!(fleet.tree(), before);
}

#[test]
fn one_secret_that_does_not_open_stops_everything() {
    let fleet = fleet().secret("z.age", &["bob"], "not for alice").rule("z.age", &["bob", "web"]);
    let before = fleet.tree();
    let ran = fleet.run(["rekey"]).exits(3);
    ran.says("1 of 3 secrets cannot be opened, so none is rekeyed")
        .says("secrets/z.age")
        .says("hint: give a key");
    assert_eq!(fleet.tree(), before);
    let bob = fleet.key("bob");
    fleet.command(["rekey", "z.age", "-i"]).arg(bob).run().ok().says("rekeyed 1 secret");
    fleet.run(["rekey"]).ok().says("rekeyed 2 secrets");
}

#[test]
fn one_damaged_file_stops_everything() {
    let fleet = fleet();
    let mut bytes = fleet.bytes("b.age");
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    fs::write(fleet.file("b.age"), &bytes).unwrap();
    let before = fleet.tree();
    fleet.run(["rekey"]).exits(3).says("secrets/b.age: the content is damaged");
    assert_eq!(fleet.tree(), before);
    // In the header it is seen before any key is needed.
    fleet.write("secrets/b.age", &before[&fleet.file("b.age")][..60]);
    let before = fleet.tree();
    fleet
        .run(["rekey"])
        .exits(3)
        .says("`secrets/b.age` cannot be rekeyed")
        .says("nothing was changed");
    assert_eq!(fleet.tree(), before);
    fleet.run(["rekey", "a.age"]).ok().says("rekeyed 1 secret");
}

#[test]
fn missing_plain_and_unruled_files_are_left_alone() {
    let fleet = fleet().rule("missing.age", &["alice"]).rule("plain.age", &["alice"]);
    fleet.write("secrets/plain.age", "in the clear");
    fleet.seal("orphan.age", &["alice"], "orphan");
    let orphan = fleet.bytes("orphan.age");
    for args in [["rekey", "-q"], ["rekey", "--all"]] {
        fleet.run(args).ok().says(
            "warning: `secrets/plain.age` is not encrypted: hostward encrypt secrets/plain.age",
        );
    }
    assert!(!fleet.file("missing.age").exists());
    assert_eq!(fleet.bytes("plain.age"), b"in the clear");
    assert_eq!(fleet.bytes("orphan.age"), orphan);
    fleet.run(["rekey", "--check"]).exits(1).mentions("secrets/plain.age  not encrypted");
}

#[test]
fn a_broken_rule_stops_its_own_secret_only() {
    let fleet = Fleet::new().me("alice").host("web").secret("good.age", &["alice"], "good");
    fleet.seal("bad.age", &["alice"], "bad");
    fleet.seal("worse.age", &["alice"], "worse");
    let (alice, web) = (fleet.public("alice"), fleet.public("web"));
    fleet.write(
        "secrets/secrets.nix",
        format!(
            "{{\n  \"bad.age\".publicKeys = [ \"{alice}\" \"ssh-ed25519 nonsense\" ];\n  \
         \"good.age\".publicKeys = [ \"{alice}\" \"{web}\" ];\n  \
         \"worse.age\".publicKeys = [ (throw \"no such key\") ];\n  \
         \"worst.age\" = 7;\n  \"empty.age\".publicKeys = [ ];\n}}\n"
        ),
    );
    let status = fleet.run(["status"]).ok();
    status
        .mentions("broken")
        .mentions("bad.age")
        .mentions("secrets/empty.age  the rule has no recipients");
    let edit = |name| fleet.command(["edit", "--stdin", name]).stdin("new").run();
    edit("good.age").ok().says("wrote");
    edit("bad.age").exits(3).says("`secrets/bad.age` cannot be used").says("nonsense");
    edit("empty.age").exits(3).says("no recipients");
    edit("worst.age").exits(3).says("error: ");
    fleet.run(["show", "bad.age"]).ok().answers("bad");
    let before = fleet.bytes("bad.age");
    fleet.run(["rekey"]).exits(3).says("cannot be rekeyed").says("nothing was changed");
    fleet.run(["rekey", "good.age"]).ok().answers("");
    assert_eq!(fleet.opened("good.age", "web").unwrap(), b"new");
    assert_eq!(fleet.bytes("bad.age"), before);
}

#[test]
fn several_keys_in_one_string_are_all_meant() {
    let fleet = Fleet::new().me("alice").person("bob").host("web").age_key("offline");
    let all = ["alice", "bob", "web", "offline"].map(|name| fleet.public(name)).join("\n");
    fleet.write("keys/all.pub", format!("# everyone\n{all}\n\n"));
    fleet.write(
        "secrets/secrets.nix",
        "{ \"db.age\".publicKeys = [ (builtins.readFile ../keys/all.pub) ]; }",
    );
    fleet
        .command(["edit", "db.age", "--stdin"])
        .stdin("for all")
        .run()
        .ok()
        .says("encrypted to 4 recipients");
    for name in ["alice", "bob", "web", "offline"] {
        assert_eq!(fleet.opened("db.age", name).unwrap(), b"for all", "{name}");
    }
    fleet
        .write("keys/all.pub", format!("{}\r\n{}\r\n", fleet.public("alice"), fleet.public("web")));
    fleet.run(["rekey"]).ok().says("no longer by an unknown ssh-ed25519 key");
    assert_eq!(fleet.opened("db.age", "bob"), None);
    assert_eq!(fleet.opened("db.age", "offline"), None);
    assert_eq!(fleet.opened("db.age", "web").unwrap(), b"for all");
}

#[test]
fn repeated_and_equal_keys_count_once() {
    let fleet = fleet();
    let alice = fleet.public("alice");
    let bare: Vec<&str> = alice.split(' ').take(2).collect();
    let bare = bare.join(" ");
    fleet.write(
        "secrets/secrets.nix",
        format!(
            "{{ \"a.age\".publicKeys = [ \"{alice}\" \"{bare}\" \"{bare} other-comment\" ]; }}"
        ),
    );
    fleet.run(["rekey", "--check", "a.age"]).ok().answers("");
    fleet
        .command(["edit", "a.age", "--stdin"])
        .stdin("x")
        .run()
        .ok()
        .says("encrypted to 1 recipient");
}

#[test]
fn a_link_and_its_target_are_one_secret() {
    let mut fleet = fleet().rule("link.age", &["web", "alice"]);
    std::os::unix::fs::symlink("a.age", fleet.file("link.age")).unwrap();
    fleet.run(["rekey"]).ok().says("rekeyed 2 secrets");
    fleet.run(["rekey", "--check"]).ok().answers("");
    assert_eq!(fleet.opened("link.age", "web").unwrap(), b"content a");
    fleet.set_rule("link.age", &["alice"]);
    let ran = fleet.run(["rekey", "--all"]).exits(3);
    ran.says("`secrets/a.age` and `secrets/link.age` are one file, and their rules differ");
}
