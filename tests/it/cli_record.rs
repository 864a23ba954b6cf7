//! `hostward.lock`: remembers what headers cannot say, is bound to the header it speaks of, and can always be thrown away.

use std::fs;

use crate::fleetkit::Fleet;

/// A secret whose header names nobody.
fn fleet() -> Fleet {
    let fleet = Fleet::new().age_key("alice").age_key("bob").age_key("carol");
    let fleet = fleet.secret("db.age", &["alice", "bob"], "swordfish");
    let home = fleet.home().join(".config/sops/age");
    fs::create_dir_all(&home).unwrap();
    fs::copy(fleet.key("alice"), home.join("keys.txt")).unwrap();
    fleet
}

fn state(fleet: &Fleet) -> String {
    let status = fleet.run(["status", "--format", "json"]).ok().json();
    status["secrets"][0]["state"].as_str().unwrap().to_owned()
}

#[test]
fn without_a_record_only_numbers_count() {
    let mut fleet = fleet();
    assert_eq!(state(&fleet), "unprovable");
    fleet.run(["rekey", "--check"]).ok().answers("").says("by number of readers only");
    fleet.run(["rekey"]).ok().says("nothing to rekey").says("--all rekeys them too");
    fleet.set_rule("db.age", &["alice", "carol"]);
    assert_eq!(state(&fleet), "unprovable", "two for two");
    fleet.set_rule("db.age", &["alice"]);
    assert_eq!(state(&fleet), "drifted");
    fleet.run(["rekey", "--check"]).exits(1).mentions("2 X25519 stanzas where 1 is due");
    fleet.run(["rekey"]).ok().says("rekeyed 1 secret");
    assert_eq!(fleet.opened("db.age", "bob"), None);
    assert!(!fleet.repo().join("hostward.lock").exists(), "never made unasked");
}

#[test]
fn a_record_proves_and_disproves() {
    let mut fleet = fleet();
    fleet.run(["rekey", "--all", "--record"]).ok().says("rekeyed 1 secret");
    assert!(fleet.repo().join("hostward.lock").exists());
    assert_eq!(state(&fleet), "fine");
    fleet.run(["rekey", "--check"]).ok().answers("").hushes("number");
    let access = fleet.run(["access", "--format", "json"]).ok().json();
    assert_eq!(access["secrets"][0]["readers"][1]["file"], "yes");
    fleet.set_rule("db.age", &["alice", "carol"]);
    assert_eq!(state(&fleet), "drifted");
    fleet.run(["rekey", "--check"]).exits(1).mentions("not for carol; also for bob");
    fleet.run(["access"]).ok().mentions("alice -carol +bob");
    fleet.run(["rekey"]).ok().says("now readable by carol (1)").says("no longer by bob (1)");
    assert_eq!(fleet.opened("db.age", "carol").unwrap(), b"swordfish");
    assert_eq!(state(&fleet), "fine", "the record went along");
    fleet.command(["edit", "db.age", "--stdin"]).stdin("marlin").run().ok().says("wrote");
    assert_eq!(state(&fleet), "fine");
}

#[test]
fn a_record_of_another_header_says_nothing() {
    let fleet = fleet();
    fleet.run(["rekey", "--all", "--record"]).ok().says("rekeyed 1 secret");
    // Somebody else's tool writes the file anew.
    fleet.seal("db.age", &["alice", "carol"], "by agenix");
    assert_eq!(state(&fleet), "unprovable");
    fleet.run(["rekey"]).ok().says("nothing to rekey");
    fleet.run(["rekey", "--all"]).ok().says("rekeyed 1 secret");
    assert_eq!(state(&fleet), "fine");
    fs::remove_file(fleet.repo().join("hostward.lock")).unwrap();
    assert_eq!(state(&fleet), "unprovable");
    fleet.write("hostward.lock", b"\xff\0 nonsense\nv9 of the format\n");
    assert_eq!(state(&fleet), "unprovable");
    fleet.run(["rekey", "--all"]).ok().says("rekeyed 1 secret");
    assert_eq!(state(&fleet), "fine");
}

#[test]
fn a_record_is_written_with_the_files_or_not_at_all() {
    let fleet = fleet();
    let before = fleet.tree();
    fleet.run(["rekey", "--all", "--record", "--dry-run"]).ok().mentions("hostward.lock");
    assert_eq!(fleet.tree(), before);
    let nobody = fleet.command(["rekey", "--all", "--record"]).env("HOME", fleet.tmp()).run();
    nobody.exits(3).says("cannot be opened");
    assert_eq!(fleet.tree(), before);
}
