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
use crate::disk_child::Work;
use crate::peer::peer;

/// More kills than any call is made by one run: the loops must end by themselves.
pub(crate) const MANY: usize = 2000;

#[test]
fn killed_at_every_write() {
    every_call(Work::EveryKind, &["write", "pwrite64", "fchmod", "fchown", "ftruncate"], &[]);
}

#[test]
fn killed_at_every_open() {
    every_call(Work::EveryKind, &["openat", "mkdir"], &[]);
}

#[test]
fn killed_at_every_flush() {
    every_call(Work::EveryKind, &["fsync", "fdatasync"], &[]);
}

#[test]
fn killed_at_every_rename_and_removal() {
    every_call(
        Work::EveryKind,
        &["renameat2", "rename", "renameat", "linkat", "link", "unlink", "unlinkat", "rmdir"],
        &[],
    );
}

/// File systems that can exchange no two names: links and plain renames instead.
#[test]
fn killed_where_names_cannot_be_exchanged() {
    let no_exchange = ["renameat2:error=EINVAL"];
    every_call(Work::EveryKind, &["rename", "renameat", "linkat", "unlink"], &no_exchange);
}

/// And neither hard links.
#[test]
fn killed_where_names_cannot_be_linked() {
    let neither = ["renameat2:error=ENOSYS", "linkat:error=EPERM"];
    every_call(Work::EveryKind, &["rename", "unlink"], &neither);
}

/// A large file, of which nobody knows the content before it is there.
#[test]
fn killed_while_streaming() {
    let calls = ["openat", "write", "fsync", "fdatasync", "renameat2", "unlink"];
    every_call(Work::Stream, &calls, &[]);
    every_call(Work::Stream, &["rename", "linkat", "unlink"], &["renameat2:error=EINVAL"]);
    kills(Work::Stream, "unlink", "KILL", 1, &["renameat2:error=EBUSY"]);
    kills(Work::Stream, "unlink", "KILL", 1, &["write:error=ENOSPC:when=5"]);
}

/// A run that fails on the way, and is killed while it takes everything back.
#[test]
fn killed_while_giving_up() {
    for failure in
        ["renameat2:error=EBUSY:when=5", "fdatasync:error=EIO:when=2", "mkdir:error=ENOSPC:when=2"]
    {
        for call in ["openat", "write", "unlink", "rmdir", "fsync", "ftruncate"] {
            kills(Work::EveryKind, call, "KILL", 1, &[failure]);
        }
    }
    for call in ["rename", "linkat", "unlink"] {
        kills(Work::EveryKind, call, "KILL", 1, &["renameat2:error=EINVAL", "fchmod:error=EIO"]);
    }
}

/// The healing itself is killed, at each of its calls, from each of four states.
#[test]
fn killed_while_recovering() {
    let Some(strace) = peer("strace") else { return };
    let (old, new) = old_and_new(Work::EveryKind);
    let states = [
        ("fsync:signal=KILL:when=9", &old),
        ("fdatasync:signal=KILL:when=2", &new),
        ("renameat2:signal=KILL:when=3", &new),
        ("rmdir:signal=KILL:when=3", &new),
    ];
    for (first, wanted) in states {
        for call in ["openat", "renameat2", "unlink", "rmdir", "fsync"] {
            let ends = (1..MANY).any(|nth| {
                let fleet = Fleet::new(Work::EveryKind);
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
    every_call(Work::Files(50), &["syncfs", "renameat2", "fdatasync"], &[]);
    every_nth(Work::Files(50), "write", "KILL", 9);
    every_nth(Work::Files(50), "unlink", "KILL", 9);
    every_nth(Work::Files(50), "openat", "KILL", 23);
}

/// Signals that end a process without a handler are kills like any other.
#[test]
fn signals_are_kills() {
    for signal in ["INT", "TERM", "HUP"] {
        every_nth(Work::EveryKind, "renameat2", signal, 2);
        every_nth(Work::EveryKind, "fdatasync", signal, 1);
        every_nth(Work::EveryKind, "unlink", signal, 3);
    }
}

fn every_call(work: Work, calls: &[&str], besides: &[&str]) {
    for call in calls {
        kills(work, call, "KILL", 1, besides);
    }
}

fn every_nth(work: Work, call: &str, signal: &str, step: usize) {
    kills(work, call, signal, step, &[]);
}

fn kills(work: Work, call: &str, signal: &str, step: usize, besides: &[&str]) {
    let Some(strace) = peer("strace") else { return };
    let (mut undone, mut finished, mut silent) = (0, 0, 0);
    let (old, new) = old_and_new(work);
    for nth in (1..MANY).step_by(step) {
        let fleet = Fleet::new(work);
        let kill = format!("?{call}:signal={signal}:when={nth}");
        let (output, _) = fleet.apply_under(&strace, &[&[kill.as_str()], besides].concat());
        let what = format!("{work}, {besides:?}, {call} {nth}: {}", said(&output));
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
pub(crate) fn old_and_new(work: Work) -> (Tree, Tree) {
    let fleet = Fleet::new(work);
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
