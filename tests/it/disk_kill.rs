//! Kills a run at every system call that changes anything on disk. Whatever the instant, after `recover` the tree is
//! wholly the old or wholly the new one, no file of ours is left, and what `recover` says is what happened.

use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::Output;

use hostward::apply::Recovered;
use hostward::apply::recover;
use hostward::repo::Wait;

use crate::disk_child::FAILED;
use crate::disk_child::Fleet;
use crate::disk_child::Tree;
use crate::peer::peer;

/// More kills than any call is made by one run: the loops must end by themselves.
pub(crate) const MANY: usize = 2000;

#[test]
fn killed_at_every_write() {
    every_call(0, &["write", "pwrite64", "fchmod", "fchown", "ftruncate"], &[]);
}

#[test]
fn killed_at_every_open() {
    every_call(0, &["openat", "mkdir"], &[]);
}

#[test]
fn killed_at_every_flush() {
    every_call(0, &["fsync", "fdatasync"], &[]);
}

#[test]
fn killed_at_every_rename_and_removal() {
    every_call(
        0,
        &["renameat2", "rename", "renameat", "linkat", "link", "unlink", "unlinkat", "rmdir"],
        &[],
    );
}

/// File systems that can exchange no two names: links and plain renames instead.
#[test]
fn killed_where_names_cannot_be_exchanged() {
    let no_exchange = ["renameat2:error=EINVAL"];
    every_call(0, &["rename", "renameat", "linkat", "unlink"], &no_exchange);
}

/// And neither hard links.
#[test]
fn killed_where_names_cannot_be_linked() {
    let neither = ["renameat2:error=ENOSYS", "linkat:error=EPERM"];
    every_call(0, &["rename", "unlink"], &neither);
}

/// A run that fails on the way, and is killed while it takes everything back.
#[test]
fn killed_while_giving_up() {
    for failure in
        ["renameat2:error=EBUSY:when=5", "fdatasync:error=EIO:when=2", "mkdir:error=ENOSPC:when=2"]
    {
        for call in ["openat", "write", "unlink", "rmdir", "fsync", "ftruncate"] {
            kills(0, call, "KILL", 1, &[failure]);
        }
    }
    for call in ["rename", "linkat", "unlink"] {
        kills(0, call, "KILL", 1, &["renameat2:error=EINVAL", "fchmod:error=EIO"]);
    }
}

/// The healing itself is killed, at each of its calls, from each of four states.
#[test]
fn killed_while_recovering() {
    let Some(strace) = peer("strace") else { return };
    let (old, new) = old_and_new(0);
    let states = [
        ("fsync:signal=KILL:when=9", &old),
        ("fdatasync:signal=KILL:when=2", &new),
        ("renameat2:signal=KILL:when=3", &new),
        ("rmdir:signal=KILL:when=3", &new),
    ];
    for (first, wanted) in states {
        for call in ["openat", "renameat2", "unlink", "rmdir", "fsync"] {
            let ends = (1..MANY).any(|nth| {
                let fleet = Fleet::new(0);
                fleet.apply_under(&strace, &[first]);
                let (output, _) =
                    fleet.recover_under(&strace, &[&format!("?{call}:signal=KILL:when={nth}")]);
                let what = format!("{first}, then {call} {nth}: {}", said(&output));
                recover(&fleet.root(), Wait::No).unwrap_or_else(|error| panic!("{what}: {error}"));
                assert_tree(&fleet.tree(), wanted, &what);
                assert!(output.status.success() || was_killed(&output), "{what}");
                output.status.success()
            });
            assert!(ends, "{first} {call}");
        }
    }
}

/// Fifty files on all cores, in one flush.
#[test]
fn killed_in_a_large_batch() {
    every_call(50, &["syncfs", "renameat2", "fdatasync"], &[]);
    every_nth(50, "write", "KILL", 9);
    every_nth(50, "unlink", "KILL", 9);
    every_nth(50, "openat", "KILL", 23);
}

/// Signals that end a process without a handler are kills like any other.
#[test]
fn signals_are_kills() {
    for signal in ["INT", "TERM", "HUP"] {
        every_nth(0, "renameat2", signal, 2);
        every_nth(0, "fdatasync", signal, 1);
        every_nth(0, "unlink", signal, 3);
    }
}

fn every_call(files: usize, calls: &[&str], besides: &[&str]) {
    for call in calls {
        kills(files, call, "KILL", 1, besides);
    }
}

fn every_nth(files: usize, call: &str, signal: &str, step: usize) {
    kills(files, call, signal, step, &[]);
}

fn kills(files: usize, call: &str, signal: &str, step: usize, besides: &[&str]) {
    let Some(strace) = peer("strace") else { return };
    let (mut undone, mut finished, mut silent) = (0, 0, 0);
    let (old, new) = old_and_new(files);
    for nth in (1..MANY).step_by(step) {
        let fleet = Fleet::new(files);
        let kill = format!("?{call}:signal={signal}:when={nth}");
        let (output, _) = fleet.apply_under(&strace, &[&[kill.as_str()], besides].concat());
        let what = format!("{files} files, {besides:?}, {call} {nth}: {}", said(&output));
        let recovered =
            recover(&fleet.root(), Wait::No).unwrap_or_else(|error| panic!("{what}: {error}"));
        let now = fleet.tree();
        match recovered {
            Some(Recovered::Undone { .. }) => {
                undone += 1;
                assert_tree(&now, &old, &what);
            }
            Some(Recovered::Finished { .. }) => {
                finished += 1;
                assert_tree(&now, &new, &what);
            }
            // Before there was a journal, or after it was gone.
            None => {
                silent += 1;
                assert!(now == old || now == new, "{what}");
            }
        }
        assert!(recover(&fleet.root(), Wait::No).unwrap().is_none(), "{what}");
        if !was_killed(&output) {
            assert_tree(&now, if output.status.success() { &new } else { &old }, &what);
            assert_eq!(output.status.success(), !said(&output).contains(FAILED), "{what}");
            println!("{call}: {undone} undone, {finished} finished, {silent} neither");
            return;
        }
    }
    panic!("{call}: no run was left to end by itself");
}

/// The tree before, and after a run that nobody disturbs.
pub(crate) fn old_and_new(files: usize) -> (Tree, Tree) {
    let fleet = Fleet::new(files);
    let old = fleet.tree();
    fleet.apply();
    (old, fleet.tree())
}

fn was_killed(output: &Output) -> bool {
    output.status.signal().is_some() || output.status.code().is_some_and(|code| code > 128)
}

pub(crate) fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

pub(crate) fn assert_tree(now: &Tree, wanted: &Tree, what: &str) {
    let differing: Vec<&Path> = now
        .iter()
        .filter(|(name, file)| wanted.get(*name) != Some(*file))
        .map(|(name, _)| name.as_path())
        .chain(wanted.keys().filter(|name| !now.contains_key(*name)).map(AsRef::as_ref))
        .collect();
    assert!(differing.is_empty(), "{what}: {differing:?}");
}
