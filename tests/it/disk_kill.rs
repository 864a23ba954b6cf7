//! Kills a run at every system call that changes anything on disk. Whatever the instant, after
//! `recover` the tree is wholly the old or wholly the new one, no file of ours is left, and what
//! `recover` says is what happened.

use std::fs;
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::Output;

use hostward::apply::RecoverError;
use hostward::apply::Recovered;
use hostward::apply::recover;
use hostward::repo::Wait;

use crate::disk_child::FAILED;
use crate::disk_child::Fleet;
use crate::disk_child::Tree;
use crate::disk_child::Work;
use crate::disk_child::content;
use crate::peer::peer;

/// More kills than any call is made by one run: the loops must end by themselves.
pub(crate) const MANY: usize = 2000;

#[test]
fn killed_at_every_write() {
    every_call(Work::EveryKind, &[("write", 7), ("fchmod", 1), ("ftruncate", 1)], &[]);
}

#[test]
fn killed_at_every_open() {
    every_call(Work::EveryKind, &[("openat", 20), ("mkdir,mkdirat", 3)], &[]);
}

#[test]
fn killed_at_every_flush() {
    every_call(Work::EveryKind, &[("fsync", 15), ("fdatasync", 2)], &[]);
}

#[test]
fn killed_at_every_rename_and_removal() {
    let calls = [("renameat2", 7), ("unlink,unlinkat", 8), ("rmdir", 4)];
    every_call(Work::EveryKind, &calls, &[]);
}

/// File systems that can exchange no two names: links and plain renames instead.
#[test]
fn killed_where_names_cannot_be_exchanged() {
    let calls = [("rename,renameat", 7), ("linkat", 4), ("unlink,unlinkat", 8)];
    every_call(Work::EveryKind, &calls, &["renameat2:error=EINVAL"]);
}

/// And neither hard links.
#[test]
fn killed_where_names_cannot_be_linked() {
    let neither = ["renameat2:error=ENOSYS", "linkat:error=EPERM"];
    every_call(Work::EveryKind, &[("rename,renameat", 11), ("unlink,unlinkat", 8)], &neither);
}

/// A large file, of which nobody knows the content before it is there.
#[test]
fn killed_while_streaming() {
    let calls = [("openat", 8), ("write", 4), ("fsync", 4), ("renameat2", 1), ("unlink", 2)];
    every_call(Work::Stream, &calls, &[]);
    let calls = [("rename,renameat", 1), ("linkat", 1), ("unlink,unlinkat", 2)];
    every_call(Work::Stream, &calls, &["renameat2:error=EINVAL"]);
    every_call(Work::Stream, &[("unlink,unlinkat", 2)], &["renameat2:error=EBUSY"]);
    every_call(Work::Stream, &[("unlink,unlinkat", 2)], &["write:error=ENOSPC:when=5"]);
}

/// A run that fails on the way, and is killed while it takes everything back.
#[test]
fn killed_while_giving_up() {
    let calls = [("openat", 30), ("write", 8), ("unlink,unlinkat", 6), ("rmdir", 3), ("fsync", 15)];
    every_call(Work::EveryKind, &calls, &["renameat2:error=EBUSY:when=5"]);
    let calls = [("ftruncate", 2), ("unlink,unlinkat", 6), ("rmdir", 3)];
    every_call(Work::EveryKind, &calls, &["fdatasync:error=EIO:when=2"]);
    let calls = [("unlink,unlinkat", 2), ("rmdir", 1)];
    every_call(Work::EveryKind, &calls, &["mkdir:error=ENOSPC:when=2"]);
}

/// Somebody goes on working in a tree that a killed run has left half done: no edit is lost.
#[test]
fn edits_between_kill_and_recovery_survive() {
    let Some(strace) = peer("strace") else { return };
    let killed = || {
        let fleet = Fleet::new(Work::Files(4));
        fleet.apply_under(&strace, &["renameat2:signal=KILL:when=3"]);
        fleet
    };
    let edit = |fleet: &Fleet, n: usize| {
        fs::write(fleet.path().join(format!("secrets/s{n}.age")), "by hand").unwrap();
    };
    let found = |fleet: &Fleet| -> Vec<String> {
        let words = fleet.tree().into_values().skip(1);
        words.map(|(_, bytes)| String::from_utf8(bytes[..3].to_vec()).unwrap()).collect()
    };
    let of_done = killed();
    edit(&of_done, 0);
    let recovered = recover(&of_done.root(), Wait::No).unwrap();
    assert_eq!(recovered, Some(Recovered::Finished { files: 4 }));
    assert_eq!(found(&of_done), ["by ", "new", "new", "new"]);

    let of_pending = killed();
    edit(&of_pending, 3);
    let recovered = recover(&of_pending.root(), Wait::No).unwrap();
    assert_eq!(recovered, Some(Recovered::Undone { files: 4 }));
    assert_eq!(found(&of_pending), ["old", "old", "old", "by "]);

    let of_both = killed();
    edit(&of_both, 0);
    edit(&of_both, 3);
    let before = of_both.tree();
    assert!(matches!(recover(&of_both.root(), Wait::No), Err(RecoverError::Touched(_))));
    assert_eq!(of_both.tree().len(), before.len(), "and nothing is thrown away");
    fs::write(of_both.path().join("secrets/s3.age"), content(3, "old")).unwrap();
    assert!(recover(&of_both.root(), Wait::No).unwrap().is_some(), "once one is put back");
    assert_eq!(found(&of_both), ["by ", "new", "new", "new"]);
}

/// Fifty files on all cores, in one flush.
#[test]
fn killed_in_a_large_batch() {
    every_call(Work::Files(50), &[("syncfs", 1), ("renameat2", 50), ("fdatasync", 2)], &[]);
    kills(Work::Files(50), "write", "KILL", 9, &[]);
    kills(Work::Files(50), "unlink,unlinkat", "KILL", 9, &[]);
    kills(Work::Files(50), "openat", "KILL", 23, &[]);
}

/// Signals that end a process without a handler are kills like any other.
#[test]
fn signals_are_kills() {
    for signal in ["INT", "TERM", "HUP"] {
        kills(Work::EveryKind, "renameat2", signal, 2, &[]);
        kills(Work::EveryKind, "fdatasync", signal, 1, &[]);
        kills(Work::EveryKind, "unlink,unlinkat", signal, 3, &[]);
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

/// Kills at each of these calls, of which a run makes at least so many.
fn every_call(work: Work, calls: &[(&str, usize)], besides: &[&str]) {
    for (call, least) in calls {
        let made = kills(work, call, "KILL", 1, besides);
        assert!(made.is_none_or(|made| made >= *least), "{work}, {besides:?}, {call}: {made:?}");
    }
}

/// How many runs were killed; `None` without strace.
fn kills(work: Work, call: &str, signal: &str, step: usize, besides: &[&str]) -> Option<usize> {
    let strace = peer("strace")?;
    let (mut undone, mut finished, mut silent) = (0, 0, 0);
    let (old, new) = old_and_new(work);
    for nth in (1..MANY).step_by(step) {
        let fleet = Fleet::new(work);
        let kill = format!("?{}:signal={signal}:when={nth}", call.replace(',', ",?"));
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
            return Some(undone + finished + silent - 1);
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
