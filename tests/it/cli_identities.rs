//! Which private keys are used: those that were named, or the usual ones; a broken default is in nobody's way.

use std::fs;

use crate::agekit::run;
use crate::fleetkit::Fleet;
use crate::peer::peer;

/// Secrets for one reader each. Nobody has a key at home.
fn fleet() -> Fleet {
    let fleet = Fleet::new().person("alice").person("bob").age_key("carol");
    ["alice", "bob", "carol"]
        .iter()
        .fold(fleet, |fleet, name| fleet.secret(&format!("{name}.age"), &[name], *name))
}

fn install(fleet: &Fleet, key: &str, at: &str) {
    let path = fleet.home().join(at);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::copy(fleet.key(key), path).unwrap();
}

#[test]
fn without_any_key_a_hint_says_how_to_give_one() {
    let fleet = fleet();
    for args in [["show", "alice.age"], ["rekey", "--all"]] {
        fleet.run(args).exits(3).says("there is no identity").says("-i FILE");
    }
}

#[test]
fn keys_can_be_named_many_times() {
    let fleet = fleet();
    let (alice, bob) = (fleet.key("alice"), fleet.key("bob"));
    let show = |name| fleet.command(["show", name, "-i"]).arg(&alice).arg("--identity").arg(&bob);
    show("alice.age").run().ok().answers("alice");
    show("bob.age").run().ok().answers("bob");
    show("carol.age").run().exits(3).says("none of the 2 identities opens it").says("hint: ");
    let carol = fs::read(fleet.key("carol")).unwrap();
    show("carol.age").arg("-i-").stdin(carol).run().ok().answers("carol");
}

#[test]
fn named_keys_replace_the_usual_ones() {
    let fleet = fleet();
    install(&fleet, "alice", ".ssh/id_ed25519");
    fleet.run(["show", "alice.age"]).ok().answers("alice");
    let bob = fleet.key("bob");
    let only = fleet.command(["show", "alice.age", "-i"]).arg(&bob).run();
    only.exits(3).says("the only identity does not open it");
    let added = |name| fleet.command(["show", name]).env("HOSTWARD_IDENTITY", &bob).run();
    added("bob.age").ok().answers("bob");
    added("alice.age").ok().answers("alice");
    let both = std::env::join_paths([&bob, &fleet.key("carol")]).unwrap();
    let listed = fleet.command(["show", "carol.age"]).env("HOSTWARD_IDENTITY", both).run();
    listed.ok().answers("carol");
}

#[test]
fn usual_files_of_ssh_and_sops_are_found() {
    for (key, at) in [
        ("alice", ".ssh/id_ed25519"),
        ("bob", ".ssh/id_rsa"),
        ("carol", ".config/sops/age/keys.txt"),
    ] {
        let fleet = fleet();
        install(&fleet, key, at);
        fleet.run(["show", &format!("{key}.age")]).ok().answers(key);
    }
    let fleet = fleet();
    let carol = fleet.key("carol");
    let show = || fleet.command(["show", "carol.age"]);
    show().env("SOPS_AGE_KEY_FILE", &carol).run().ok().answers("carol");
    let key = fs::read_to_string(&carol).unwrap();
    show().env("SOPS_AGE_KEY", &key).run().ok().answers("carol");
    show().env("SOPS_AGE_KEY", format!("# mine\n{key}\n")).run().ok().answers("carol");
    install(&fleet, "carol", "xdg/sops/age/keys.txt");
    show().env("XDG_CONFIG_HOME", fleet.home().join("xdg")).run().ok().answers("carol");
}

#[test]
fn a_broken_usual_key_is_in_nobodys_way() {
    let fleet = fleet();
    install(&fleet, "alice", ".ssh/id_ed25519");
    for broken in ["bogus", "", "-----BEGIN OPENSSH PRIVATE KEY-----\nb3Blb\n"] {
        fs::write(fleet.home().join(".ssh/id_rsa"), broken).unwrap();
        fleet.run(["show", "alice.age"]).ok().answers("alice").hushes("id_rsa");
        fleet
            .run(["show", "bob.age"])
            .exits(3)
            .says("none of the 2 identities opens it")
            .says("id_rsa");
        fleet.command(["edit", "alice.age"]).editor("true").run().ok().says("unchanged");
    }
    fs::remove_file(fleet.home().join(".ssh/id_ed25519")).unwrap();
    fleet.command(["edit", "alice.age"]).editor("true").run().exits(3).says("id_rsa");
    let alice = fleet.key("alice");
    fleet.command(["show", "alice.age", "-i"]).arg(&alice).run().ok().answers("alice");
}

#[test]
fn a_named_key_that_is_none_is_an_error() {
    let fleet = fleet();
    install(&fleet, "alice", ".ssh/id_ed25519");
    let show = |key: &str| fleet.command(["show", "alice.age", "-i", key]).run().exits(3);
    show("nowhere").says("cannot read the identity `nowhere`");
    show("secrets/secrets.nix").says("`secrets/secrets.nix` is not an age identity");
    fleet.write("alice.pub", fleet.public("alice"));
    show("alice.pub").says("is a public key; the private one is needed");
    let unset = fleet.command(["show", "alice.age"]).env("HOSTWARD_IDENTITY", "nowhere").run();
    unset.exits(3).says("cannot read the identity `nowhere`");
}

#[test]
fn an_ssh_key_opens_what_its_age_form_was_told() {
    let fleet = fleet();
    let derived = fleet.recipient("alice").derived_age().unwrap().to_string();
    let fleet = fleet.foreign_key("derived", &derived).secret("derived.age", &["derived"], "both");
    install(&fleet, "alice", ".ssh/id_ed25519");
    fleet.run(["show", "derived.age"]).ok().answers("both");
}

/// Without a terminal nobody can be asked, and nothing is unless the header needs the key.
#[test]
fn a_locked_key_without_a_terminal_is_an_error_only_where_it_is_needed() {
    let Some(ssh_keygen) = peer("ssh-keygen") else { return };
    let fleet = fleet().host("web").secret("web.age", &["web"], "web");
    let locked = fleet.home().join(".ssh/id_rsa");
    install(&fleet, "bob", ".ssh/id_rsa");
    run(std::process::Command::new(ssh_keygen)
        .args(["-q", "-p", "-P", "", "-N", "pass", "-f"])
        .arg(&locked));
    install(&fleet, "alice", ".ssh/id_ed25519");
    fleet.run(["show", "alice.age"]).ok().answers("alice");
    fleet.run(["show", "bob.age"]).exits(3).says("no passphrase was given for").says("id_rsa");
    fleet.run(["show", "web.age"]).exits(3).hushes("passphrase");
    fleet.run(["rekey", "--all", "alice.age"]).ok().says("rekeyed 1 secret");
    // Replacing content needs no key, so it asks for none.
    fs::remove_file(fleet.home().join(".ssh/id_ed25519")).unwrap();
    fleet.command(["edit", "bob.age", "--stdin"]).stdin("new").run().ok().says("wrote");
    assert_eq!(fleet.opened("bob.age", "bob").unwrap(), b"new");
}

#[test]
fn stdin_has_one_use() {
    let fleet = fleet();
    let key = fs::read(fleet.key("alice")).unwrap();
    for command in ["edit", "encrypt"] {
        let both = fleet.command([command, "alice.age", "--stdin", "-i", "-"]).arg("--force");
        let both = if command == "edit" {
            fleet.command(["edit", "alice.age", "-", "-i", "-"])
        } else {
            both
        };
        both.stdin(&key).run().exits(2).says("stdin cannot hold both");
    }
    assert_eq!(fleet.opened("alice.age", "alice").unwrap(), b"alice");
}
