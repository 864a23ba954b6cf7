//! What a stranger tries first: the demo, the README's commands, the help, the evaluator.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::agekit::run;
use crate::fleetkit::Fleet;
use crate::peer::peer;

#[test]
fn the_demo_does_the_real_jobs_and_leaves_nothing() {
    let fleet = Fleet::new();
    let demo = fleet.command(["demo"]).within("../tmp").run().ok();
    demo.mentions("$ hostward status")
        .mentions("rekeyed 4 secrets; now readable by web (4)")
        .mentions("a private key, say")
        .mentions("the only identity does not open it");
    assert_eq!(fs::read_dir(fleet.tmp()).unwrap().count(), 0);
    assert_eq!(fs::read_dir(fleet.runtime()).unwrap().count(), 0);
}

#[test]
fn the_demo_can_be_kept_and_used() {
    let fleet = Fleet::new();
    let kept = fleet.tmp().join("kept");
    fleet.command(["demo", "--keep"]).arg(&kept).run().ok().mentions("$ hostward status");
    let alice = kept.join("keys/alice");
    let show = fleet.command(["show", "secrets/db-password.age", "-i"]).arg(&alice);
    show.within(&kept).run().ok().answers("marlin\n");
    fleet.command(["rekey", "--check"]).within(&kept).run().ok().answers("");
    fleet.command(["demo", "--keep"]).arg(&kept).run().exits(3).says("error: ");
}

/// Each `$ hostward …` line of the README works on a copy of the example fleet.
#[test]
fn the_commands_of_the_readme_work() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let readme = fs::read_to_string(here.join("README.md")).unwrap();
    let fleet = Fleet::new();
    let copy = fleet.tmp().join("agenix");
    run(Command::new("cp").arg("-r").arg(here.join("secrets-examples/agenix")).arg(&copy));
    run(Command::new("git").args(["init", "-q"]).arg(&copy));
    let mut count = 0;
    for line in readme.lines().filter_map(|line| line.strip_prefix("$ hostward ")) {
        let words = shlex::split(line).unwrap();
        let command = words.iter().fold(fleet.command([]), |command, word| command.arg(word));
        command.within(&copy).editor("true").run().ok().hushes("error");
        count += 1;
    }
    assert!(count >= 4, "the README shows how it is used");
}

#[test]
fn help_is_an_answer_and_a_wrong_call_is_not() {
    let fleet = Fleet::new();
    for command in [
        "access",
        "completions",
        "decrypt",
        "demo",
        "edit",
        "encrypt",
        "eval",
        "rekey",
        "show",
        "status",
    ] {
        let help = fleet.run([command, "--help"]).ok();
        assert_eq!(help.stderr, "");
        help.mentions(&format!("Usage: hostward {command}"));
        fleet.run([command, "--no-such-option"]).exits(2).answers("").says("error: ");
    }
    fleet.run(["--help"]).ok().mentions("Commands:");
    fleet.run(["--version"]).ok().answers(concat!("hostward ", env!("CARGO_PKG_VERSION"), "\n"));
    fleet.run([]).exits(2).answers("").says("Usage: hostward");
    fleet.run(["nonsense"]).exits(2).answers("").says("unrecognized subcommand");
    for shell in ["bash", "elvish", "fish", "zsh"] {
        fleet.run(["completions", shell]).ok().mentions("hostward");
    }
}

#[test]
fn completions_are_good_shell() {
    let fleet = Fleet::new();
    let Some(bash) = peer("bash") else { return };
    let script = fleet.run(["completions", "bash"]).ok();
    fleet.program(bash).arg("-n").stdin(&script.stdout).run().ok().answers("");
}

#[test]
fn eval_prints_what_nix_instantiate_prints() {
    let Some(nix) = peer("nix-instantiate") else { return };
    let fleet = Fleet::new().me("alice").secret("a.age", &["alice"], "");
    for expression in [
        "1 + 2",
        "{ a = 1; b.c = [ 1.5 null true \"x\\ty\" ]; }",
        "builtins.mapAttrs (n: v: v + 1) { x = 1; }",
        "''\n  two\n    lines\n''",
        "let f = { a, b ? 2 }: a + b; in f { a = 1; }",
    ] {
        for flags in [&["--strict"][..], &["--strict", "--json"]] {
            let theirs = fleet.program(&nix).arg("--eval").arg("-E").arg(expression);
            let theirs = flags.iter().fold(theirs, |run, flag| run.arg(flag)).run().ok();
            let ours = fleet.command(["eval", "-E", expression]);
            let ours = flags.iter().fold(ours, |run, flag| run.arg(flag)).run().ok();
            assert_eq!(ours.out().trim_end(), theirs.out().trim_end(), "{expression}");
        }
    }
    let theirs =
        fleet.program(&nix).arg("--eval").arg("--strict").arg(fleet.file("secrets.nix")).run();
    let ours = fleet.run(["eval", "--strict", "secrets/secrets.nix"]).ok();
    ours.answers(theirs.ok().out());
}

#[test]
fn eval_shows_where_it_failed_and_reads_only_what_it_may() {
    let fleet = Fleet::new();
    fleet.write("bad.nix", "{\n  a = 1;\n  b = 1 + \"x\";\n}\n");
    let bad = fleet.run(["eval", "--strict", "bad.nix"]).exits(3);
    bad.says("error: ").says("bad.nix:3:").says("1 + \"x\"");
    fs::write(fleet.tmp().join("outside"), "x").unwrap();
    let read = "builtins.readFile ../tmp/outside";
    fleet.run(["eval", "-E", read]).exits(3).says("error: ").says("hint: ");
    fleet.run(["eval", "-E", read, "--allow-read", "../tmp"]).ok().answers("\"x\"\n");
    fleet
        .run(["eval", "-E", "let f = x: f (x + 1); in f 0", "--max-steps", "1000"])
        .exits(3)
        .says("error: ");
    fleet.run(["eval", "-E", "let a = b; b = a; in a"]).exits(3).says("infinite recursion");
    fleet.run(["eval", "nowhere.nix"]).exits(3).says("nowhere.nix");
    fleet.run(["eval"]).exits(2).says("error: ");
}
