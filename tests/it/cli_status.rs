//! `status` and `access`: what the rules say, what the headers say, and where the two differ.

use std::fs;

use serde_json::Value;
use serde_json::json;

use crate::fleetkit::Fleet;

fn fleet() -> Fleet {
    let fleet = Fleet::new().me("alice").age_key("bob").host("web").host("old");
    let fleet = fleet
        .secret("fine.age", &["alice", "web"], "")
        .secret("drifted.age", &["alice", "old"], "")
        .rule("drifted.age", &["alice", "web"])
        .secret("hidden.age", &["alice", "bob"], "")
        .rule("missing.age", &["alice"])
        .secret("plain.age", &["alice"], "")
        .secret("broken.age", &["alice"], "");
    fleet.write("secrets/plain.age", "in the clear");
    fleet.write("secrets/broken.age", "age-encryption.org/v1\n");
    fleet.seal("orphan.age", &["alice"], "");
    fleet
}

fn states(status: &Value) -> Vec<(&str, &str)> {
    let secrets = status["secrets"].as_array().unwrap();
    secrets.iter().map(|s| (s["path"].as_str().unwrap(), s["state"].as_str().unwrap())).collect()
}

#[test]
fn every_state_is_told_in_text_and_json() {
    let fleet = fleet();
    let status = fleet.run(["status", "--format", "json"]).ok().json();
    let mut found = states(&status);
    found.sort_unstable();
    assert_eq!(
        found,
        [
            ("secrets/broken.age", "broken"),
            ("secrets/drifted.age", "drifted"),
            ("secrets/fine.age", "fine"),
            ("secrets/hidden.age", "unprovable"),
            ("secrets/missing.age", "missing"),
            ("secrets/orphan.age", "no-rule"),
            ("secrets/plain.age", "plain"),
        ]
    );
    assert_eq!(status["rules"], json!([{ "path": "secrets/secrets.nix", "secrets": 6 }]));
    assert_eq!(status["problems"], json!([]));
    assert_eq!(status["next"]["command"], "hostward encrypt secrets/plain.age");
    let names: Vec<&str> = status["recipients"]
        .as_array()
        .unwrap()
        .iter()
        .map(|r| r["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["old", "web", "alice", "bob"]);
    let web = &status["recipients"][1];
    assert_eq!(web["role"], "host");
    assert_eq!(web["kind"], "ssh-ed25519");
    assert!(fleet.public("web").starts_with(web["key"].as_str().unwrap()));
    assert!(web["fingerprint"].as_str().unwrap().starts_with("SHA256:"));

    let text = fleet.run(["status"]).ok();
    text.mentions("rules       secrets/secrets.nix (6 rules)")
        .mentions("not encrypted\n  secrets/plain.age")
        .mentions("drifted\n  secrets/drifted.age  not for web; also for old")
        .mentions("rules without a file\n  secrets/missing.age")
        .mentions("files without a rule\n  secrets/orphan.age");
    let below = fleet.command(["status"]).within("secrets").run().ok();
    below.mentions("rules       secrets.nix (6 rules)").mentions("\n  orphan.age");
}

#[test]
fn access_holds_rules_against_headers() {
    let fleet = fleet();
    let access = fleet.run(["access"]).ok();
    access
        .mentions("secrets/fine.age     alice web\n")
        .mentions("secrets/drifted.age  alice -web +old\n")
        .mentions("secrets/hidden.age   alice ?bob\n")
        .mentions("secrets/missing.age  alice (no file yet)")
        .mentions("- by the rules, but the file is not encrypted to it");
    let one = fleet.run(["access", "secrets/drifted.age"]).ok();
    one.mentions("secrets/drifted.age  ruled by secrets/secrets.nix").mentions("by the file");
    let of_host = fleet.run(["access", "--host", "old"]).ok();
    assert!(!of_host.out().contains("fine.age"), "{of_host}");
    of_host.mentions("secrets/drifted.age");

    let json = fleet.run(["access", "--format", "json", "drifted.age"]).ok().json();
    let readers = json["secrets"][0]["readers"].as_array().unwrap();
    let view: Vec<Value> =
        readers.iter().map(|r| json!([r["name"], r["rules"], r["file"]])).collect();
    assert_eq!(
        json!(view),
        json!([["alice", true, "yes"], ["web", true, "no"], ["old", false, "yes"]])
    );
    let hidden = fleet.run(["access", "--format", "json", "hidden.age"]).ok().json();
    assert_eq!(hidden["secrets"][0]["readers"][1]["file"], "unknown");
    let missing = fleet.run(["access", "--format", "json", "missing.age"]).ok().json();
    assert_eq!(missing["secrets"][0]["exists"], false);
    assert_eq!(missing["secrets"][0]["readers"][0]["file"], Value::Null);
    fleet.run(["access", "nowhere.age"]).exits(3).says("no rule names");
    fleet.run(["access", "--recipient", "nobody"]).exits(3).says("no recipient is called `nobody`");
}

#[test]
fn readers_that_nobody_knows_are_shown() {
    let stranger = Fleet::new().host("stranger").age_key("other");
    let fleet = Fleet::new().me("alice").rule("db.age", &["alice"]);
    let outside = fleet.foreign_key("stranger", stranger.public("stranger"));
    outside.seal("db.age", &["alice", "stranger"], "");
    let tag = &outside.recipient("stranger").fingerprint().unwrap()[7..12];
    outside
        .run(["status"])
        .ok()
        .mentions(&format!("also for an unknown ssh-ed25519 key (tag {tag}"));
    let json = outside.run(["access", "--format", "json"]).ok().json();
    let unknown = json["secrets"][0]["unknown_readers"][0].as_str().unwrap();
    assert!(unknown.starts_with("ssh-ed25519:"), "{unknown}");
    outside.run(["access", "db.age"]).ok().mentions("ssh-ed25519:");
    let outside = outside.foreign_key("other", stranger.public("other"));
    outside.seal("db.age", &["alice", "other"], "");
    outside.run(["status"]).ok().mentions("1 X25519 stanza where 0 are due");
}

#[test]
fn rules_are_found_in_subdirectories_and_modules_are_not_rules() {
    let fleet = Fleet::new().me("alice").secret("a.age", &["alice"], "");
    fleet.write(
        "modules/secrets.nix",
        "{ config, lib, pkgs, ... }: { age.secrets.a.file = ../secrets/a.age; }",
    );
    fleet.write("other/secrets.nix", "{ a = 1; b.c = \"no rules\"; }");
    fleet.write("text/secrets.nix", "this does not parse");
    fleet.write(
        "sub/dir/secrets.nix",
        format!("{{ \"b.age\".publicKeys = [ {:?} ]; }}", fleet.public("alice")),
    );
    let status = fleet.run(["status", "--format", "json"]).ok();
    assert_eq!(status.stderr, "");
    let status = status.json();
    let rules: Vec<&str> =
        status["rules"].as_array().unwrap().iter().map(|r| r["path"].as_str().unwrap()).collect();
    assert_eq!(rules, ["secrets/secrets.nix", "sub/dir/secrets.nix"]);
    assert_eq!(states(&status), [("sub/dir/b.age", "missing"), ("secrets/a.age", "fine")]);
    fleet.command(["edit", "sub/dir/b.age", "--stdin"]).stdin("x").run().ok().says("wrote");
    fleet.run(["status", "--rules", "modules/secrets.nix"]).exits(3).says("error: ");
    fleet.run(["status", "--rules", "other/secrets.nix"]).exits(3).says("is not a set of rules");
    fleet.run(["status", "--rules", "nowhere.nix"]).exits(3).says("error: ");
}

#[test]
fn rules_may_import_and_read_key_files() {
    let fleet = Fleet::new().me("alice").host("web").host("db");
    fleet.write("keys/people.nix", format!("{{ alice = {:?}; }}", fleet.public("alice")));
    fleet.write("hosts/web/ssh_host_ed25519_key.pub", format!("{}\n", fleet.public("web")));
    fleet.write("keys/db.pub", fleet.public("db"));
    fleet.write("secrets/secrets.nix", "
        let
          people = import ../keys/people.nix;
          key = name: builtins.readFile (../. + \"/hosts/${name}/ssh_host_ed25519_key.pub\");
        in
        {
          \"one.age\".publicKeys = [ people.alice (key \"web\") ];
          \"two.age\".publicKeys = builtins.attrValues people ++ [ (builtins.readFile ../keys/db.pub) ];
        }");
    fleet.command(["edit", "one.age", "--stdin"]).stdin("1").run().ok().says("encrypted to 2");
    fleet.command(["edit", "two.age", "--stdin"]).stdin("2").run().ok().says("encrypted to 2");
    assert_eq!(fleet.opened("one.age", "web").unwrap(), b"1");
    assert_eq!(fleet.opened("two.age", "db").unwrap(), b"2");
    fleet.run(["access"]).ok().mentions("alice web").mentions("alice db");
    let roles = fleet.run(["status"]).ok();
    roles.mentions("2 hosts (db and web)").mentions("1 person (alice)");
    fs::remove_file(fleet.repo().join("keys/db.pub")).unwrap();
    fleet.run(["status"]).ok().mentions("secrets/two.age").mentions("db.pub");
    fleet.run(["show", "one.age"]).ok().answers("1");
    fleet.command(["edit", "one.age", "--stdin"]).stdin("3").run().ok().says("wrote");
}

#[test]
fn rules_out_of_the_repository_are_not_read() {
    let fleet = Fleet::new().me("alice").secret("a.age", &["alice"], "");
    let outside = fleet.tmp().join("outside.pub");
    fs::write(&outside, fleet.public("alice")).unwrap();
    for expression in [
        format!("builtins.readFile {}", outside.display()),
        "builtins.readFile ../../tmp/outside.pub".to_owned(),
        format!("(import {})", outside.display()),
    ] {
        fleet.write(
            "secrets/secrets.nix",
            format!("{{ \"a.age\".publicKeys = [ ({expression}) ]; }}"),
        );
        let status = fleet.run(["status", "--nix", "never"]).ok();
        status.mentions("broken").mentions("secrets/a.age");
        fleet.command(["edit", "a.age", "--stdin"]).stdin("x").run().exits(3).says("error: ");
    }
}

#[test]
fn a_file_with_two_rules_is_a_problem() {
    let fleet = Fleet::new().me("alice").secret("a.age", &["alice"], "");
    fleet.write(
        "secrets.nix",
        format!("{{ \"secrets/a.age\".publicKeys = [ {:?} ]; }}", fleet.public("alice")),
    );
    let status = fleet.run(["status"]).ok();
    status.mentions(
        "`secrets/a.age` has two rules, in secrets/secrets.nix and secrets.nix; the first counts",
    );
}

#[test]
fn rules_that_do_not_evaluate_are_told_with_their_place() {
    let fleet = Fleet::new().me("alice").secret("a.age", &["alice"], "");
    fleet.write("secrets/secrets.nix", "{\n  \"a.age\".publicKeys = [ ]\n}\n");
    let status = fleet.run(["status"]).ok();
    status.mentions("problem: `secrets/secrets.nix` cannot be evaluated: ").mentions("line 3)");
    fleet.run(["edit", "a.age"]).exits(3).says("(secrets/secrets.nix line 3)");
    fleet
        .run(["status", "--rules", "secrets/secrets.nix"])
        .exits(3)
        .says("cannot be evaluated")
        .says("-->");
    // Reading needs no rule.
    fleet.run(["show", "secrets/a.age"]).ok().answers("");
    fleet.write(
        "secrets/secrets.nix",
        "let f = x: f x; in { \"a.age\".publicKeys = f 1; \"b.age\".publicKeys = [ ]; }",
    );
    fleet.run(["status"]).ok().mentions("secrets/a.age");
}

#[test]
fn an_empty_repository_says_what_is_missing() {
    let fleet = Fleet::new();
    fleet.run(["status"]).ok().mentions("rules       none found").mentions("secrets     none");
    fleet.run(["access"]).ok().answers("");
    fleet.run(["rekey"]).ok().says("there is nothing to rekey");
    fleet.run(["rekey", "--check"]).ok().answers("");
    fleet.run(["edit", "x.age"]).exits(3).says("no rule names").says("there is no secrets.nix");
}

#[test]
fn colour_comes_only_when_asked_for() {
    let fleet = fleet();
    let plain = |args: [&str; 3]| fleet.command(args).without("NO_COLOR").run().ok();
    assert!(!plain(["status", "--color", "auto"]).stdout.contains(&b'\x1b'), "not into a pipe");
    assert!(plain(["status", "--color", "always"]).stdout.contains(&b'\x1b'));
    assert!(!plain(["status", "--color", "never"]).stdout.contains(&b'\x1b'));
}
