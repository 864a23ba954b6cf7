//! The real programs on our files and our program on theirs: age of every version at hand, nix-instantiate on the same
//! rules, and agenix's own method, step by step.

use std::ffi::OsString;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;

use crate::agekit::age_decrypt;
use crate::agekit::age_encrypt;
use crate::agekit::feed;
use crate::agekit::run;
use crate::agekit::ssh_keygen;
use crate::fleetkit::Fleet;
use crate::peer::fetched_peer;
use crate::peer::peer;

/// Every `age` there is: the system's, and the newest.
fn ages() -> Vec<PathBuf> {
    [peer("age"), fetched_peer("bin/age")].into_iter().flatten().collect()
}

/// Readers of every kind, among them an RSA key, and one secret for all of them.
fn fleet() -> Option<Fleet> {
    let keys = tempfile::tempdir().unwrap();
    let rsa = ssh_keygen(&keys, "rsa", &["-t", "rsa", "-b", "2048"], "")?;
    let fleet = Fleet::new().me("alice").age_key("bob").host("web").foreign_key("rsa", &rsa.public);
    fs::copy(&rsa.path, fleet.key("rsa")).unwrap();
    Some(fleet.rule("db.age", &READERS))
}

const READERS: [&str; 4] = ["alice", "bob", "rsa", "web"];

/// Every age opens a file with every key it is for.
fn opens(fleet: &Fleet, name: &str, readers: &[&str], content: &[u8]) {
    for age in ages() {
        for reader in readers {
            let plain = age_decrypt(&age, &fleet.key(reader), &fleet.bytes(name)).unwrap();
            assert!(plain == content, "{name} for {reader} by {}", age.display());
        }
    }
}

#[test]
fn age_opens_what_we_write() {
    let Some(mut fleet) = fleet() else { return };
    let large: Vec<u8> = (0..=255).cycle().take(200_000).collect();
    for content in [&b"swordfish\n"[..], b"x", &large] {
        fleet.command(["edit", "db.age", "--stdin"]).stdin(content).run().ok().says("wrote");
        opens(&fleet, "db.age", &READERS, content);
    }
    fleet.command(["edit", "db.age"]).editor("sed -i 1s/^/edited/").run().ok().says("wrote");
    let edited = [b"edited", &large[..]].concat();
    opens(&fleet, "db.age", &READERS, &edited);
    fleet.set_rule("db.age", &["alice", "bob"]);
    fleet.run(["rekey"]).ok().says("rekeyed 1 secret");
    opens(&fleet, "db.age", &["alice", "bob"], &edited);
    for age in ages() {
        assert!(age_decrypt(&age, &fleet.key("web"), &fleet.bytes("db.age")).is_err());
    }
    let source = fleet.tmp().join("source");
    let huge = vec![1; 17 << 20];
    fs::write(&source, &huge).unwrap();
    fleet.command(["encrypt", "-f", "db.age", "--from"]).arg(&source).run().ok().says("wrote");
    opens(&fleet, "db.age", &["alice"], &huge);
    fleet.run(["rekey", "--all"]).ok().says("rekeyed 1 secret");
    opens(&fleet, "db.age", &["bob"], &huge);
    let alice = fleet.public("alice");
    fleet.write(
        "secrets/secrets.nix",
        format!("{{ \"db.age\" = {{ publicKeys = [ {alice:?} ]; armor = true; }}; }}"),
    );
    fleet.command(["edit", "db.age", "--stdin"]).stdin("armored").run().ok().says("wrote");
    assert!(fleet.bytes("db.age").starts_with(b"-----BEGIN AGE ENCRYPTED FILE-----\n"));
    opens(&fleet, "db.age", &["alice"], b"armored");
}

#[test]
fn we_open_what_age_writes() {
    let Some(fleet) = fleet() else { return };
    let readers = READERS.map(|name| fleet.public(name));
    let large: Vec<u8> = (0..=255).cycle().take(200_000).collect();
    for age in ages() {
        for (armored, content) in
            [(false, &b"by age"[..]), (true, b"armored by age"), (false, b""), (true, &large)]
        {
            fleet.write("secrets/db.age", age_encrypt(&age, &readers, content, armored));
            for reader in READERS {
                let key = fleet.key(reader);
                fleet.command(["show", "db.age", "-i"]).arg(key).run().ok().answers(content);
            }
            let status = fleet.run(["status", "--format", "json"]).ok().json();
            assert_eq!(status["secrets"][0]["state"], "unprovable");
            fleet.command(["edit", "db.age"]).editor("true").run().ok().says("unchanged");
            fleet.run(["rekey", "--all"]).ok().says("rekeyed 1 secret");
            let marked = fleet.bytes("db.age").starts_with(b"-----BEGIN");
            assert_eq!(marked, armored, "armor is kept");
            opens(&fleet, "db.age", &READERS, content);
        }
        fleet.write("secrets/db.age", age_encrypt(&age, &readers[..3], b"for three", false));
        fleet.run(["rekey", "--check"]).exits(1).mentions("not for web");
    }
}

/// Rules as people write them.
const RULES: [&str; 6] = [
    "let alice = \"@alice@\"; in { \"a.age\".publicKeys = [ alice ]; }",
    "let keys = import ../keys.nix; all = builtins.attrValues keys; in
     builtins.listToAttrs (map (n: { name = \"gen-${toString n}.age\"; value.publicKeys = all; }) [ 1 2 3 ])
     // { \"one.age\" = { publicKeys = [ keys.web ]; armor = true; }; }",
    "with import ../keys.nix; { \"multi.age\".publicKeys = [ ''\n  ${alice}\n  ${web}\n'' bob ]; }",
    "{ \"file.age\".publicKeys = [ (builtins.readFile ../keys/all.pub) ]; \"odd name \\${x}.age\".publicKeys = [ \"@bob@\" ]; }",
    "let inherit (builtins) mapAttrs filter elem; keys = import ../keys.nix;
       secrets = { a = [ \"web\" ]; b = [ \"web\" \"bob\" ]; };
     in builtins.foldl' (acc: n: acc // { \"${n}.age\".publicKeys = map (k: keys.${k}) secrets.${n}; }) { } (builtins.attrNames secrets)",
    "let keys = import ../keys.nix; in {
       \"with-extra.age\" = { publicKeys = [ keys.alice keys.alice ]; owner = \"root\"; note.deep = [ 1 2 ]; };
       \"lazy.age\" = { publicKeys = [ keys.bob ]; broken = throw \"nobody asks\"; }; }",
];

#[test]
fn our_evaluator_and_nix_name_the_same_readers() {
    let Some(nix) = peer("nix-instantiate") else { return };
    let fleet = Fleet::new().me("alice").age_key("bob").host("web");
    let names = ["alice", "bob", "web"];
    let keys: String =
        names.iter().map(|name| format!("{name} = {:?}; ", fleet.public(name))).collect();
    fleet.write("keys.nix", format!("{{ {keys} }}"));
    fleet.write("keys/all.pub", names.map(|name| fleet.public(name)).join("\n"));
    for rules in RULES {
        let rules = names.iter().fold(rules.to_owned(), |rules, name| {
            rules.replace(&format!("@{name}@"), fleet.public(name))
        });
        fleet.write("secrets/secrets.nix", &rules);
        // What agenix asks for, for each of its names.
        let asked = "rules: builtins.mapAttrs (name: rule: rule.publicKeys) rules";
        let json = run(Command::new(&nix)
            .args(["--eval", "--strict", "--json", "-E"])
            .arg(format!("({asked}) (import {})", fleet.file("secrets.nix").display())));
        let wanted: Value = serde_json::from_slice(&json).unwrap();
        let by_us = |mode: &str| {
            let access = fleet.run(["access", "--format", "json", "--nix", mode]).ok().json();
            let status = fleet.run(["status", "--format", "json", "--nix", mode]).ok().json();
            (access, status["secrets"].clone(), status["recipients"].clone())
        };
        let (native, states, recipients) = by_us("never");
        for secret in native["secrets"].as_array().unwrap() {
            let path = secret["path"].as_str().unwrap();
            let name = path.strip_prefix("secrets/").unwrap();
            let keys = wanted[name].as_array().unwrap_or_else(|| panic!("{name} in {wanted}"));
            let lines = keys.iter().flat_map(|key| key.as_str().unwrap().lines());
            let mut theirs: Vec<String> = lines
                .map(|line| line.split_whitespace().take(2).collect::<Vec<_>>().join(" "))
                .filter(|line| !line.is_empty())
                .collect();
            theirs.dedup();
            let readers = secret["readers"].as_array().unwrap().iter();
            let ours: Vec<&str> = readers.map(|reader| reader["key"].as_str().unwrap()).collect();
            assert_eq!(ours, theirs, "{name}");
        }
        let count = native["secrets"].as_array().unwrap().len();
        assert_eq!(Some(count), wanted.as_object().map(serde_json::Map::len));
        let (external, external_states, external_recipients) = by_us("always");
        assert_eq!(native, external, "{rules}");
        assert_eq!(states, external_states);
        assert_eq!(recipients, external_recipients);
    }
}

/// agenix evaluates one attribute at a time, so nobody else's mistakes are in the way.
#[test]
fn a_broken_rule_is_alone_with_nix_too() {
    let Some(_) = peer("nix-instantiate") else { return };
    let fleet = Fleet::new().me("alice");
    fleet.write("secrets/secrets.nix", format!(
        "{{ \"good.age\".publicKeys = [ {:?} ]; \"bad.age\".publicKeys = [ (throw \"no\") ]; \"odd.age\" = 7; }}",
        fleet.public("alice")
    ));
    for mode in ["never", "always"] {
        let status = fleet.run(["status", "--nix", mode]).ok();
        status
            .mentions("secrets/odd.age  the rule has no `publicKeys`")
            .mentions("secrets/bad.age  the rule cannot be evaluated");
        let edit = fleet.command(["edit", "good.age", "--stdin", "--nix", mode]).stdin(mode).run();
        edit.ok().says("wrote");
    }
}

#[test]
fn what_is_out_of_our_reach_is_left_to_nix() {
    let Some(_) = peer("nix-instantiate") else { return };
    let fleet = Fleet::new().me("alice");
    fleet.write("secrets/secrets.nix", format!(
        "{{ \"a.age\".publicKeys = [ (builtins.substring 0 1000 (builtins.getEnv \"ALICE\")) ]; \"b.age\".publicKeys = [ {:?} ]; }}",
        fleet.public("alice")
    ));
    let edit = |mode: &str| {
        let edit = fleet.command(["edit", "a.age", "--stdin", "--nix", mode]);
        edit.env("ALICE", fleet.public("alice")).stdin("x").run()
    };
    edit("never").exits(3).says("error: ");
    assert!(!fleet.file("a.age").exists());
    edit("always").ok().says("wrote");
    assert_eq!(fleet.opened("a.age", "alice").unwrap(), b"x");
    let no_nix = fleet.command(["status", "--nix", "always"]).env("PATH", fleet.tmp()).run();
    no_nix.ok().mentions("nix-instantiate");
}

/// agenix 0.15: `nix-instantiate` for the keys of one file, one a line, then `age` with a `-r` for each.
struct Agenix<'a> {
    age: PathBuf,
    fleet: &'a Fleet,
    nix: PathBuf,
}

impl Agenix<'_> {
    fn keys(&self, name: &str) -> Vec<String> {
        let text = format!("(let rules = import ./secrets.nix; in rules.\"{name}\".publicKeys)");
        let mut nix = Command::new(&self.nix);
        nix.args(["--json", "--eval", "--strict", "-E", &text]).current_dir(self.fleet.file(""));
        let keys: Vec<String> = serde_json::from_slice(&run(&mut nix)).unwrap();
        keys.iter()
            .flat_map(|key| key.lines())
            .filter(|key| !key.is_empty())
            .map(str::to_owned)
            .collect()
    }

    fn encrypt(&self, name: &str, content: &[u8]) {
        let mut age = Command::new(&self.age);
        for key in self.keys(name) {
            age.args([OsString::from("--recipient"), key.into()]);
        }
        fs::write(self.fleet.file(name), feed(&mut age, content).unwrap()).unwrap();
    }

    fn decrypt(&self, name: &str, identity: &str) -> Vec<u8> {
        age_decrypt(&self.age, &self.fleet.key(identity), &self.fleet.bytes(name)).unwrap()
    }
}

#[test]
fn agenix_and_we_take_turns_on_one_repository() {
    let (Some(age), Some(nix)) = (peer("age"), peer("nix-instantiate")) else { return };
    let mut fleet =
        Fleet::new().me("alice").host("web").host("db").rule("a b.age", &["alice", "web"]);
    let agenix = |fleet: &Fleet, run: &dyn Fn(&Agenix<'_>)| {
        run(&Agenix { age: age.clone(), nix: nix.clone(), fleet });
    };
    agenix(&fleet, &|agenix| agenix.encrypt("a b.age", b"by agenix"));
    fleet.run(["show", "secrets/a b.age"]).ok().answers("by agenix");
    fleet.run(["rekey", "--check"]).ok().answers("");
    fleet.command(["edit", "a b.age"]).editor("sed -i s/agenix/us/").run().ok().says("wrote");
    agenix(&fleet, &|agenix| assert_eq!(agenix.decrypt("a b.age", "web"), b"by us"));
    fleet.set_rule("a b.age", &["alice", "db"]);
    fleet.run(["rekey"]).ok().says("now readable by db (1); no longer by web (1)");
    agenix(&fleet, &|agenix| {
        assert_eq!(agenix.decrypt("a b.age", "db"), b"by us");
        // A rekey as agenix does it, then one of ours has nothing to do.
        let plain = agenix.decrypt("a b.age", "alice");
        agenix.encrypt("a b.age", &plain);
    });
    fleet.run(["rekey", "--check"]).ok().answers("");
    let before = fleet.bytes("a b.age");
    fleet.run(["rekey", "--all"]).ok().says("rekeyed 1 secret");
    assert_ne!(fleet.bytes("a b.age"), before, "as agenix's own test wants of a rekey");
    agenix(&fleet, &|agenix| assert_eq!(agenix.decrypt("a b.age", "alice"), b"by us"));
}

/// Steps d to i of agenix's integration test, with our commands.
#[test]
fn the_steps_of_agenix_own_test_work() {
    let fleet = Fleet::new().me("user1").host("system1").secret(
        "passwordfile.age",
        &["user1", "system1"],
        "hash",
    );
    fs::write(fleet.home().join(".ssh/id_rsa"), "bogus").unwrap();
    let edit = || fleet.command(["edit", "passwordfile.age"]).within("secrets");
    edit().editor("cat").run().ok().answers("hash");
    fs::remove_file(fleet.home().join(".ssh/id_ed25519")).unwrap();
    edit().editor("cat").run().exits(3).says("id_rsa");
    let key = fleet.key("user1");
    edit().arg("-i").arg(&key).editor("cat").run().ok().answers("hash");
    let set = edit().arg("--stdin").arg("-i").arg(&key).stdin("secret1234");
    set.run().ok().says("wrote");
    let decrypt = fleet.command(["decrypt", "passwordfile.age", "-i"]).arg(&key);
    decrypt.within("secrets").run().ok().answers("secret1234");
}
