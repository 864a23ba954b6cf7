//! A rekey of fifty secrets is killed at its system calls. Whatever the instant, the next command heals the tree: wholly
//! old or wholly new, it says which, and nothing of ours is left beside the secrets.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::Stdio;
use std::thread::sleep;
use std::time::Duration;

use rustix::process::Pid;
use rustix::process::Signal;
use rustix::process::kill_process;

use crate::fleetkit::Fleet;
use crate::fleetkit::HOSTWARD;
use crate::fleetkit::Ran;
use crate::peer::peer;

const SECRETS: usize = 50;

/// Fifty secrets, encrypted to alice; the rules name web too.
fn fleet() -> Fleet {
    let fleet = Fleet::new().me("alice").host("web");
    (0..SECRETS).fold(fleet, |fleet, n| {
        let name = format!("{n:02}.age");
        fleet.secret(&name, &["alice"], content(n)).rule(&name, &["alice", "web"])
    })
}

fn content(n: usize) -> Vec<u8> {
    format!("content of secret {n}\n").repeat(n + 1).into_bytes()
}

/// How a tree stands.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Tree {
    New,
    Old,
}

/// Lets the next command heal the tree and says what it is then. Everything opens in either.
#[track_caller]
fn heal(fleet: &Fleet, before: &BTreeMap<PathBuf, Vec<u8>>, what: &str) -> Tree {
    let status = fleet.run(["status", "--format", "json"]).ok();
    let json = status.json();
    let states: Vec<&str> =
        json["secrets"].as_array().unwrap().iter().map(|s| s["state"].as_str().unwrap()).collect();
    let tree = match states[0] {
        "drifted" => Tree::Old,
        "fine" => Tree::New,
        other => panic!("{what}: {other}"),
    };
    assert!(states.iter().all(|state| *state == states[0]), "{what}: {states:?}");
    assert_eq!(states.len(), SECRETS, "{what}");

    let after = fleet.tree();
    let names = |tree: &BTreeMap<PathBuf, Vec<u8>>| tree.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&after), names(before), "{what}: nothing is left beside the secrets");
    assert!(!fleet.repo().join(".git/hostward").exists(), "{what}: nor of the journal");
    if tree == Tree::Old {
        assert_eq!(after, *before, "{what}");
    }
    let reader = if tree == Tree::New { "web" } else { "alice" };
    for n in 0..SECRETS {
        assert_eq!(fleet.opened(&format!("{n:02}.age"), reader), Some(content(n)), "{what}");
    }
    // It says what it did, and only if there was something to do.
    let finished = status.stderr.contains("warning: an interrupted run was finished: 50 files");
    let undone = status.stderr.contains("warning: an interrupted run was undone: ");
    match tree {
        Tree::New => assert!(!undone && (finished || status.stderr.is_empty()), "{what}: {status}"),
        Tree::Old => assert!(!finished && (undone || status.stderr.is_empty()), "{what}: {status}"),
    }
    assert_eq!(fleet.run(["status"]).ok().stderr, "", "{what}: healed once");
    tree
}

fn rekey_under(fleet: &Fleet, strace: &PathBuf, inject: &str) -> Ran {
    let traced = fleet.program(strace).arg("-f").arg("-qq").arg("-o/dev/null");
    traced.arg("-e").arg(format!("inject={inject}")).arg(HOSTWARD).arg("rekey").run()
}

/// Kills at the first, second, and then every `step`th of a system call, until a run ends by itself.
fn kill_at(call: &str, signal: &str, step: usize) {
    kill_in(&fleet(), call, signal, step);
}

fn kill_in(fleet: &Fleet, call: &str, signal: &str, step: usize) {
    let Some(strace) = peer("strace") else { return };
    let before = fleet.tree();
    let mut seen = Vec::new();
    let mut nth = 1;
    loop {
        let ran = rekey_under(fleet, &strace, &format!("?{call}:signal={signal}:when={nth}"));
        let what = format!("{signal} at {call} {nth}");
        let tree = heal(fleet, &before, &what);
        seen.push(tree);
        if ran.status.success() {
            assert_eq!(tree, Tree::New, "{what}");
            break;
        }
        assert!(ran.status.signal().is_some(), "{what}: {ran}");
        if tree == Tree::New {
            for (path, bytes) in &before {
                fs::write(path, bytes).unwrap();
            }
        }
        nth = if nth < 3 { nth + 1 } else { nth + step };
    }
    // Once the tree is new, a later kill does not make it old again.
    assert!(seen.is_sorted_by_key(|tree| *tree == Tree::New), "{call}: {seen:?}");
}

#[test]
fn killed_while_it_opens_files() {
    kill_at("openat", "KILL", 37);
}

#[test]
fn killed_while_it_writes() {
    kill_at("write", "KILL", 17);
}

#[test]
fn killed_while_it_flushes() {
    kill_at("fsync,fdatasync,syncfs", "KILL", 11);
}

#[test]
fn killed_while_it_renames() {
    kill_at("renameat2,rename,renameat,linkat", "KILL", 12);
}

#[test]
fn killed_while_it_cleans_up() {
    kill_at("unlink,unlinkat,rmdir", "KILL", 12);
}

/// Without version control the journal lies in the tree itself, and is gone in the end all the same.
#[test]
fn killed_where_there_is_no_git() {
    let fleet = fleet();
    fs::remove_dir_all(fleet.repo().join(".git")).unwrap();
    fleet.write("flake.nix", "{ }");
    kill_in(&fleet, "renameat2", "KILL", 24);
    for name in (0..SECRETS).map(|n| format!("{n:02}.age")) {
        fleet.seal(&name, &["alice"], content(name[..2].parse().unwrap()));
    }
    kill_in(&fleet, "fsync,write,mkdir", "KILL", 19);
}

#[test]
fn ended_by_signals_that_people_send() {
    for signal in ["TERM", "INT", "HUP"] {
        kill_at("renameat2", signal, 24);
    }
    kill_at("fdatasync", "INT", 1);
}

/// Without strace: signals at times that nobody chose.
#[test]
fn ended_at_any_time() {
    let fleet = fleet();
    let before = fleet.tree();
    for (signal, wait) in [
        (Signal::KILL, 3),
        (Signal::TERM, 9),
        (Signal::KILL, 15),
        (Signal::INT, 25),
        (Signal::KILL, 40),
        (Signal::TERM, 60),
        (Signal::KILL, 90),
    ] {
        let mut child = fleet.command(["rekey"]).spawn(Stdio::null());
        sleep(Duration::from_millis(wait));
        let _ = kill_process(Pid::from_child(&child), signal);
        let status = child.wait().unwrap();
        let tree = heal(&fleet, &before, &format!("{signal:?} after {wait} ms"));
        assert!(tree == Tree::New || !status.success());
        for (path, bytes) in &before {
            fs::write(path, bytes).unwrap();
        }
    }
}

/// The healing is part of any command that writes, too, and two at once do not harm each other.
#[test]
fn a_rekey_after_a_kill_goes_on_by_itself() {
    let Some(strace) = peer("strace") else { return };
    for nth in [1, 25] {
        let fleet = fleet();
        let killed = rekey_under(&fleet, &strace, &format!("renameat2:signal=KILL:when={nth}"));
        assert_eq!(killed.status.signal(), Some(9));
        let runs: Vec<_> = (0..3).map(|_| fleet.command(["rekey"]).spawn(Stdio::null())).collect();
        let outputs: Vec<_> = runs.into_iter().map(|run| run.wait_with_output().unwrap()).collect();
        let said: String = outputs.iter().map(|o| String::from_utf8_lossy(&o.stderr)).collect();
        assert_eq!(said.matches("an interrupted run was finished").count(), 1, "{said}");
        assert!(outputs.iter().all(|output| output.status.success()), "{said}");
        fleet.run(["rekey", "--check"]).ok().answers("");
        assert_eq!(fleet.opened("49.age", "web").unwrap(), content(49));
    }
}

/// A disk that fails or is full is an error, and the old tree.
#[test]
fn a_failing_disk_leaves_the_old_tree() {
    let Some(strace) = peer("strace") else { return };
    let fleet = fleet();
    let before = fleet.tree();
    for failure in [
        "fdatasync:error=EIO:when=1",
        "fsync:error=EIO:when=1",
        "syncfs:error=EIO:when=1",
        "renameat2:error=EIO:when=30",
        "write:error=ENOSPC:when=2",
    ] {
        let ran = rekey_under(&fleet, &strace, failure);
        assert!(!ran.status.success(), "{failure}");
        ran.exits(3).says("error: ").says("hint: nothing was changed");
        assert_eq!(heal(&fleet, &before, failure), Tree::Old);
    }
}
