//! `edit`: the editor is the user's, the content is never lost, and what did not change is not touched.

use std::fs;
use std::time::Duration;
use std::time::SystemTime;

use crate::fleetkit::Fleet;

fn fleet() -> Fleet {
    Fleet::new().me("alice").host("web").secret("db.age", &["alice", "web"], "swordfish\n")
}

#[track_caller]
fn holds(fleet: &Fleet, content: impl AsRef<[u8]>) {
    for reader in ["alice", "web"] {
        assert_eq!(fleet.opened("db.age", reader).as_deref(), Some(content.as_ref()));
    }
}

#[test]
fn the_editor_may_have_arguments_and_quotes() {
    let fleet = fleet();
    let edit = |editor: &str| fleet.command(["edit", "db.age"]).editor(editor).run();
    edit("sed -i 's|swordfish|two words|'").ok().says("encrypted to 2 recipients");
    holds(&fleet, "two words\n");
    edit("sed  '-i' -e \"s/two words/it's/\"").ok().says("wrote `secrets/db.age`");
    holds(&fleet, "it's\n");
    let script = fleet.tmp().join("my editor.sh");
    fs::write(&script, "echo \"$1\" > \"$2\"").unwrap();
    edit(&format!("sh '{}' 'a  b'", script.display())).ok().says("wrote");
    holds(&fleet, "a  b\n");
}

#[test]
fn visual_comes_before_editor_and_the_option_before_both() {
    let fleet = fleet();
    let set = |content: &str| format!("sh -c 'echo {content} > \"$0\"'");
    let both =
        || fleet.command(["edit", "db.age"]).editor(&set("editor")).env("VISUAL", set("visual"));
    both().run().ok().says("wrote");
    holds(&fleet, "visual\n");
    both().env("VISUAL", "").run().ok().says("wrote");
    holds(&fleet, "editor\n");
    both().arg("--editor").arg(set("option")).run().ok().says("wrote");
    holds(&fleet, "option\n");
}

#[test]
fn the_answer_of_an_editor_is_the_answer() {
    // What agenix's own tests do to print a secret.
    fleet().command(["edit", "db.age"]).editor("cat").run().ok().answers("swordfish\n");
}

#[test]
fn an_editor_that_fails_changes_nothing() {
    let fleet = fleet();
    let before = fleet.tree();
    let edit = |script: &str| {
        let editor = fleet.editor(script);
        fleet.command(["edit", "db.age"]).editor(&editor).run()
    };
    edit("echo changed > \"$1\"; exit 1")
        .exits(3)
        .says("failed")
        .says("hint: the secret is unchanged");
    edit("echo changed > \"$1\"; kill -KILL $$").exits(3).says("failed");
    edit("rm \"$1\"").exits(3).says("left no file behind");
    edit("rm \"$1\"; mkdir \"$1\"").exits(3).says("error: ");
    let gone = fleet.command(["edit", "db.age"]).editor("no-such-editor-anywhere").run();
    gone.exits(3).says("cannot start the editor").says("hint: set EDITOR");
    let odd = fleet.command(["edit", "db.age"]).editor("sh 'unbalanced").run();
    odd.exits(3).says("unbalanced quotes");
    assert_eq!(fleet.tree(), before);
}

#[test]
fn unchanged_content_leaves_the_file_as_it_is() {
    let fleet = fleet();
    let file = fs::File::options().write(true).open(fleet.file("db.age")).unwrap();
    let long_ago = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000);
    file.set_modified(long_ago).unwrap();
    let before = fleet.bytes("db.age");
    for editor in ["true", "touch", "sh -c 'cat \"$0\" > \"$0.x\" && mv \"$0.x\" \"$0\"'"] {
        fleet
            .command(["edit", "db.age"])
            .editor(editor)
            .run()
            .ok()
            .says("`secrets/db.age` is unchanged");
    }
    fleet
        .command(["edit", "db.age", "--stdin"])
        .stdin("swordfish\n")
        .run()
        .ok()
        .says("is unchanged");
    let quiet = fleet.command(["edit", "-q", "db.age"]).editor("true").run().ok();
    assert_eq!(quiet.stderr, "");
    assert_eq!(fleet.bytes("db.age"), before);
    assert_eq!(fs::metadata(fleet.file("db.age")).unwrap().modified().unwrap(), long_ago);
}

#[test]
fn empty_content_is_not_believed_at_once() {
    let fleet = fleet();
    let before = fleet.tree();
    let empty = || fleet.command(["edit", "db.age"]).editor("truncate -s 0");
    empty().run().exits(3).says("is empty; the old one is kept").says("--allow-empty");
    fleet.run(["edit", "db.age", "--stdin"]).exits(3).says("is empty");
    fleet.run(["edit", "db.age", "-"]).exits(3).says("is empty");
    // Nor by a run that could not even read what it would lose.
    let stranger = fleet.command(["edit", "db.age", "--stdin"]).env("HOME", fleet.tmp()).run();
    stranger.exits(3).says("is empty");
    assert_eq!(fleet.tree(), before);
    empty().arg("--allow-empty").run().ok().says("wrote");
    holds(&fleet, "");
}

#[test]
fn stdin_is_content_only_when_asked() {
    let fleet = fleet();
    let before = fleet.tree();
    for stdin in ["", "from a pipe"] {
        let ran = fleet.command(["edit", "db.age"]).editor("true").stdin(stdin).run();
        ran.ok().says("is unchanged");
    }
    assert_eq!(fleet.tree(), before);
    fleet.command(["edit", "db.age", "--stdin"]).stdin("one").run().ok().says("wrote");
    holds(&fleet, "one");
    fleet.command(["edit", "db.age", "-"]).stdin("two").run().ok().says("wrote");
    holds(&fleet, "two");
    fleet.command(["edit", "db.age", "--editor", "-"]).stdin("three").run().ok().says("wrote");
    holds(&fleet, "three");
    fleet.command(["edit", "db.age"]).editor("-").stdin("four").run().ok().says("wrote");
    holds(&fleet, "four");
}

#[test]
fn writing_needs_no_private_key() {
    let fleet = fleet().rule("new.age", &["web"]);
    let nobody = |args| fleet.command(args).env("HOME", fleet.tmp()).stdin("new");
    nobody(["edit", "db.age", "--stdin"]).run().ok().says("wrote");
    holds(&fleet, "new");
    nobody(["edit", "new.age", "--stdin"]).run().ok().says("wrote");
    assert_eq!(fleet.opened("new.age", "web").unwrap(), b"new");
    let edit = fleet.command(["edit", "db.age"]).env("HOME", fleet.tmp()).editor("true").run();
    edit.exits(3).says("cannot decrypt `secrets/db.age`").says("hint: give a key with -i FILE");
}

#[test]
fn a_new_secret_that_was_left_empty_is_not_made() {
    let fleet = fleet().rule("new.age", &["alice"]);
    fleet.command(["edit", "new.age"]).editor("true").run().ok().says("unchanged");
    assert!(!fleet.file("new.age").exists());
    fleet.command(["edit", "new.age", "--allow-empty"]).editor("true").run().ok().says("wrote");
    assert_eq!(fleet.opened("new.age", "alice").unwrap(), b"");
}

#[test]
fn content_of_every_kind_comes_back_as_it_went() {
    let fleet = fleet();
    let all: Vec<u8> = (0..=255).cycle().take(70_000).collect();
    for content in [
        &all[..],
        b"\0",
        b"no end of line",
        b"\xff\xfe\r\n\r\n",
        b"-----BEGIN AGE ENCRYPTED FILE-----\n",
    ] {
        fleet.command(["edit", "db.age", "--stdin"]).stdin(content).run().ok().says("wrote");
        fleet.run(["show", "db.age"]).ok().answers(content);
        let source = fleet.tmp().join("binary");
        fs::write(&source, [content, b"2"].concat()).unwrap();
        let editor = format!("cp {}", source.display());
        fleet.command(["edit", "db.age"]).editor(&editor).run().ok().says("wrote");
        holds(&fleet, [content, b"2"].concat());
    }
}

#[test]
fn content_past_the_limit_is_refused() {
    let fleet = fleet();
    let before = fleet.tree();
    let edit =
        |args: [&str; 3]| fleet.command(["edit", "db.age"]).arg(args[0]).arg(args[1]).arg(args[2]);
    edit(["--max-size", "10", "--stdin"]).stdin("01234567890").run().exits(3).says("10 bytes");
    let editor = fleet.editor("truncate -s 11 \"$1\"");
    edit(["--max-size", "10", "-q"])
        .editor(&editor)
        .run()
        .exits(3)
        .says("11 bytes")
        .says("--max-size");
    assert_eq!(fleet.tree(), before);
    edit(["--max-size", "10", "--stdin"]).stdin("0123456789").run().ok().says("wrote");
    holds(&fleet, "0123456789");
}

#[test]
fn a_dry_run_shows_and_writes_nothing() {
    let fleet = fleet().rule("new.age", &["alice"]);
    let before = fleet.tree();
    let edit = |name| fleet.command(["edit", "--dry-run", "--stdin", name]).stdin("other");
    edit("db.age").run().ok().mentions("secrets/db.age").hushes("wrote");
    edit("new.age").run().ok().mentions("secrets/new.age").hushes("wrote");
    assert_eq!(fleet.tree(), before);
}

#[test]
fn armor_is_kept_and_the_rule_decides() {
    let fleet = fleet();
    let is_armored = || fleet.bytes("db.age").starts_with(b"-----BEGIN AGE ENCRYPTED FILE-----\n");
    let rule = |armor: &str| {
        let keys = format!("{:?} {:?}", fleet.public("alice"), fleet.public("web"));
        fleet.write(
            "secrets/secrets.nix",
            format!("{{ \"db.age\" = {{ publicKeys = [ {keys} ]; {armor} }}; }}"),
        );
    };
    let edit = |content: &str| {
        fleet.command(["edit", "db.age", "--stdin"]).stdin(content).run().ok().says("wrote")
    };
    edit("binary at first");
    assert!(!is_armored());
    rule("armor = true;");
    edit("then armored");
    assert!(is_armored());
    rule("");
    edit("kept");
    assert!(is_armored(), "a file without a say stays as it is");
    fleet.run(["rekey", "--all"]).ok().says("rekeyed 1 secret");
    assert!(is_armored());
    rule("armor = false;");
    fleet.run(["rekey", "--all"]).ok().says("rekeyed 1 secret");
    assert!(!is_armored());
    holds(&fleet, "kept");
}

#[test]
fn a_file_that_is_no_secret_is_not_edited() {
    let fleet = fleet();
    fleet.write("secrets/db.age", "password in the clear");
    fleet
        .command(["edit", "db.age"])
        .editor("true")
        .run()
        .exits(3)
        .says("is not encrypted")
        .says("hostward encrypt");
    fleet.command(["edit", "db.age", "--stdin"]).stdin("x").run().exits(3).says("is not encrypted");
    fleet.write("secrets/db.age", "age-encryption.org/v1\n-> X25519 zzz\n");
    fleet
        .command(["edit", "db.age"])
        .editor("true")
        .run()
        .exits(3)
        .says("cannot be read")
        .says("version control");
    fs::remove_file(fleet.file("db.age")).unwrap();
    fs::create_dir(fleet.file("db.age")).unwrap();
    fleet.command(["edit", "db.age", "--stdin"]).stdin("x").run().exits(3).says("error: ");
}

#[test]
fn a_path_without_a_rule_gets_a_hint() {
    let fleet = fleet();
    let near = fleet.run(["edit", "secrets/bd.age"]);
    near.exits(3).says("no rule names `secrets/bd.age`").says("did you mean `secrets/db.age`?");
    let far = fleet.run(["edit", "secrets/something-else.age"]);
    far.exits(3).says("hint: add it to secrets/secrets.nix: \"something-else.age\".publicKeys");
}

#[test]
fn the_file_may_not_change_under_the_editor() {
    let fleet = fleet();
    let newer = fleet.tmp().join("newer.age");
    fleet.seal("newer.age", &["alice"], "from a colleague");
    fs::rename(fleet.file("newer.age"), &newer).unwrap();
    let editor = fleet.editor(&format!(
        "cp '{}' '{}'; echo mine > \"$1\"",
        newer.display(),
        fleet.file("db.age").display()
    ));
    fleet.command(["edit", "db.age"]).editor(&editor).run().exits(3).says("error: ");
    assert_eq!(fleet.opened("db.age", "alice").unwrap(), b"from a colleague");
}
