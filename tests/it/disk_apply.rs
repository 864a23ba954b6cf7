//! Plans on a real disk: what comes out, what is refused before anything is written, and who waits
//! for whom.

use std::fs;
use std::io;
use std::io::Read as _;
use std::os::unix::fs::MetadataExt as _;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;

use hostward::apply::Applied;
use hostward::apply::Apply;
use hostward::apply::ApplyError;
use hostward::apply::RecoverError;
use hostward::apply::recover;
use hostward::plan::Change;
use hostward::plan::Expect;
use hostward::plan::Plan;
use hostward::repo::Lock;
use hostward::repo::Root;
use hostward::repo::Wait;

use crate::disk_child::Fleet;
use crate::disk_child::Work;
use crate::disk_child::content;
use crate::disk_child::path;
use crate::disk_child::tree;

fn apply(root: &Root, changes: impl IntoIterator<Item = Change>) -> Result<Applied, ApplyError> {
    let lock = Lock::acquire(root, Wait::No).unwrap();
    Apply::new(&lock).run(&changes.into_iter().collect())
}

fn new(name: &str) -> Change {
    Change::write(path(name), "new", Expect::Absent, "")
}

fn over(name: &str, old: &str) -> Change {
    Change::write(path(name), "new", Expect::read(Some(old.as_bytes())), "")
}

#[test]
fn every_kind_of_change_is_made() {
    let fleet = Fleet::new(Work::EveryKind);
    let at = |name: &str| fleet.path().join(name);
    fleet.apply();
    assert_eq!(fs::read(at("secrets/a.age")).unwrap(), content(13, "new"));
    assert_eq!(fs::metadata(at("secrets/a.age")).unwrap().mode() & 0o7777, 0o600, "kept");
    assert_eq!(
        fs::metadata(at("secrets/b.age")).unwrap().mode() & 0o7777,
        0o660,
        "set past the umask"
    );
    assert_eq!(fs::read_link(at("secrets/link.age")).unwrap(), Path::new("../real/target.age"));
    assert_eq!(fs::read(at("real/target.age")).unwrap(), content(16, "new"), "written through");
    assert_eq!(fs::read(at("new/deep/n.age")).unwrap(), content(9, "new"));
    assert!(!at("gone").exists(), "directories that are empty now go too");
    assert!(!at("hosts/old").exists() && at("hosts/new/h.nix").exists());
    let names = fs::read_dir(at(".git")).unwrap().count();
    assert_eq!(names, 0, "neither lock nor journal is left");
    assert!(recover(&fleet.root(), Wait::No).unwrap().is_none());
}

#[test]
fn a_plan_that_is_true_already_touches_nothing() {
    let fleet = Fleet::new(Work::Files(3));
    fleet.apply();
    let before = fs::metadata(fleet.path().join("secrets/s0.age")).unwrap();
    let same = Change::write(
        path("secrets/s0.age"),
        content(0, "new"),
        Expect::read(Some(content(0, "new"))),
        "",
    );
    assert_eq!(apply(&fleet.root(), [same]).unwrap(), Applied::default());
    let after = fs::metadata(fleet.path().join("secrets/s0.age")).unwrap();
    assert_eq!((before.ino(), before.mtime_nsec()), (after.ino(), after.mtime_nsec()));
}

#[test]
fn what_changed_since_it_was_read_is_not_overwritten() {
    let fleet = Fleet::new(Work::Files(2));
    fs::write(fleet.path().join("secrets/s1.age"), "by hand").unwrap();
    let before = fleet.tree();
    let result = apply(&fleet.root(), fleet.work.plan().changes);
    assert!(matches!(result, Err(ApplyError::Changed(name)) if name == path("secrets/s1.age")));
    let result = apply(&fleet.root(), [new("x"), new("secrets/s0.age")]);
    assert!(matches!(result, Err(ApplyError::Exists(_))));
    let result = apply(&fleet.root(), [new("x"), over("none", "old")]);
    assert!(matches!(result, Err(ApplyError::Missing(_))));
    assert_eq!(fleet.tree(), before);
}

/// The last moment: the file changes between the look at it and the taking of its name.
#[test]
fn a_change_during_the_run_takes_everything_back() {
    let fleet = Fleet::new(Work::Files(3));
    let last = fleet.path().join("secrets/s2.age");
    let root = fleet.root();
    let lock = Lock::acquire(&root, Wait::No).unwrap();
    let meddle = |_: &Change, _: &[u8]| {
        fs::write(&last, "by hand").unwrap();
        Ok(())
    };
    let result = Apply::new(&lock).verify(&meddle).run(&fleet.work.plan());
    assert!(matches!(result, Err(ApplyError::Changed(name)) if name == path("secrets/s2.age")));
    assert_eq!(fs::read(fleet.path().join("secrets/s0.age")).unwrap(), content(0, "old"));
    assert_eq!(fs::read(&last).unwrap(), b"by hand");
    assert_eq!(fs::read_dir(fleet.path().join("secrets")).unwrap().count(), 3);
    assert!(recover(&root, Wait::No).unwrap().is_none(), "and needs no lock to see that");
}

#[test]
fn new_contents_are_verified_before_anything_is_changed() {
    let fleet = Fleet::new(Work::Files(20));
    let before = fleet.tree();
    let seen = AtomicUsize::new(0);
    let verify = |change: &Change, bytes: &[u8]| {
        seen.fetch_add(1, Ordering::Relaxed);
        assert!(matches!(change, Change::Write { new, .. } if new == bytes));
        if change.path() == &path("secrets/s7.age") {
            Err("it does not decrypt".to_owned())
        } else {
            Ok(())
        }
    };
    let root = fleet.root();
    let lock = Lock::acquire(&root, Wait::No).unwrap();
    let error = Apply::new(&lock).verify(&verify).run(&fleet.work.plan()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the new `secrets/s7.age` does not hold what it should: it does not decrypt"
    );
    assert!(seen.into_inner() > 0);
    assert_eq!(fleet.tree(), before);
}

#[test]
fn nothing_outside_is_written() {
    let temp = tempfile::tempdir().unwrap();
    let dir = temp.path().canonicalize().unwrap();
    fs::create_dir_all(dir.join("root/.git/hooks")).unwrap();
    fs::create_dir(dir.join("outside")).unwrap();
    fs::write(dir.join("outside/file"), "old").unwrap();
    symlink("../outside", dir.join("root/dir")).unwrap();
    symlink("../outside/file", dir.join("root/link")).unwrap();
    symlink("../outside/none", dir.join("root/dangling")).unwrap();
    symlink(".git/hooks", dir.join("root/hooks")).unwrap();
    symlink(".git/config", dir.join("root/config")).unwrap();
    symlink("loop", dir.join("root/loop")).unwrap();
    let root = Root::at(&dir.join("root"), &dir).unwrap();
    let before = tree(&dir);
    for change in [
        new("dir/x"),
        over("dir/file", "old"),
        over("link", "old"),
        new("dangling"),
        Change::Remove {
            path: path("dir/file"),
            expect: Expect::read(Some(&b"old"[..])),
            about: String::new(),
        },
    ] {
        let result = apply(&root, [new("before"), change]);
        assert!(matches!(result, Err(ApplyError::Outside(_))), "{result:?}");
    }
    for name in [".git/x", "sub/.GIT/x", "hooks/pre-commit", "config", ".hostward/journal"] {
        let result = apply(&root, [new("before"), new(name)]);
        assert!(matches!(result, Err(ApplyError::Protected(_))), "{name}: {result:?}");
    }
    assert!(matches!(apply(&root, [new("loop")]), Err(ApplyError::Io { .. })));
    assert_eq!(tree(&dir), before);
    assert_eq!(fs::read_dir(dir.join("root/.git/hooks")).unwrap().count(), 0);
}

#[test]
fn odd_plans_are_refused_whole() {
    let fleet = Fleet::new(Work::Files(2));
    let root = fleet.root();
    symlink("s0.age", fleet.path().join("secrets/same.age")).unwrap();
    let before = fleet.tree();
    let old = String::from_utf8(content(0, "old")).unwrap();
    let conflicts =
        |changes: [Change; 2]| matches!(apply(&root, changes), Err(ApplyError::Conflict(_)));
    assert!(conflicts([new("x"), new("x")]));
    assert!(
        conflicts([over("secrets/s0.age", &old), over("secrets/same.age", &old)]),
        "over a link"
    );
    assert!(conflicts([new("x"), new("x/y")]));
    assert!(matches!(apply(&root, [new("secrets")]), Err(ApplyError::NotAFile(_))));
    assert!(matches!(apply(&root, [new("")]), Err(ApplyError::NotAFile(_))));
    for name in ["secrets/s0.age/x".to_owned(), "n".repeat(256), "d/".repeat(3000) + "x"] {
        let error = apply(&root, [new("before"), new(&name)]).unwrap_err();
        assert!(matches!(error, ApplyError::Io { .. }), "{error}");
    }
    assert_eq!(fleet.tree(), before);
    let longest = "n".repeat(255);
    apply(&root, [new(&longest)]).unwrap();
    apply(&root, [Change::write(path(&longest), "newer", Expect::read(Some(&b"new"[..])), "")])
        .unwrap();
    assert_eq!(fs::read(fleet.path().join(&longest)).unwrap(), b"newer");
}

#[test]
fn new_files_follow_the_umask_and_given_modes() {
    let fleet = Fleet::new(Work::Files(1));
    let private = Change::Write {
        path: path("private"),
        new: b"x".to_vec(),
        expect: Expect::Absent,
        mode: Some(0o600),
        about: String::new(),
    };
    apply(&fleet.root(), [new("plain"), private]).unwrap();
    fs::write(fleet.path().join("reference"), "").unwrap();
    let mode = |name: &str| fs::metadata(fleet.path().join(name)).unwrap().mode() & 0o7777;
    assert_eq!(mode("plain"), mode("reference") & 0o644);
    assert_eq!(mode("private"), 0o600);
}

#[test]
fn a_stream_replaces_what_it_may() {
    let fleet = Fleet::new(Work::Files(1));
    let root = fleet.root();
    let lock = Lock::acquire(&root, Wait::No).unwrap();
    let apply = Apply::new(&lock);
    let secret = path("secrets/s0.age");
    fs::set_permissions(fleet.path().join(&secret), fs::Permissions::from_mode(0o600)).unwrap();
    let before = fleet.tree();
    let zeros = |file: &mut fs::File| io::copy(&mut io::repeat(0).take(10_000_000), file);
    let exists = apply.stream(&secret, false, None, zeros);
    assert!(matches!(exists, Err(ApplyError::Exists(_))));
    let failed = apply.stream(&secret, true, None, |file| {
        zeros(file).unwrap();
        Err::<(), _>("no more")
    });
    assert_eq!(failed.unwrap(), Err("no more"));
    assert_eq!(fleet.tree(), before);
    assert_eq!(apply.stream(&secret, true, None, zeros).unwrap().unwrap(), 10_000_000);
    apply.stream(&path("new/x"), false, Some(0o640), zeros).unwrap().unwrap();
    let meta = |name: &str| fs::metadata(fleet.path().join(name)).unwrap();
    assert_eq!(
        (meta("secrets/s0.age").len(), meta("secrets/s0.age").mode() & 0o777),
        (10_000_000, 0o600)
    );
    assert_eq!((meta("new/x").len(), meta("new/x").mode() & 0o777), (10_000_000, 0o640));
    assert_eq!(fleet.tree().len(), 4);
}

#[test]
fn root_keeps_the_owner() {
    if !rustix::process::geteuid().is_root() {
        eprintln!("skipped: root");
        return;
    }
    let fleet = Fleet::new(Work::Files(1));
    let file = fleet.path().join("secrets/s0.age");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
    std::os::unix::fs::chown(&file, Some(1234), Some(4321)).unwrap();
    fleet.apply();
    let meta = fs::metadata(&file).unwrap();
    assert_eq!((meta.uid(), meta.gid(), meta.mode() & 0o7777), (1234, 4321, 0o640));
}

#[test]
fn a_root_below_the_work_tree_shares_its_lock_and_journal() {
    let fleet = Fleet::new(Work::Files(1));
    fs::create_dir(fleet.path().join("sub")).unwrap();
    let root = Root::at(&fleet.path().join("sub"), Path::new("/")).unwrap();
    apply(&root, [new("deep/x")]).unwrap();
    assert!(fleet.path().join("sub/deep/x").exists());
    let _held = Lock::acquire(&fleet.root(), Wait::No).unwrap();
    assert!(Lock::acquire(&root, Wait::No).is_err());
}

#[test]
fn without_git_nothing_is_left_either() {
    let temp = tempfile::tempdir().unwrap();
    let root = Root::at(temp.path(), Path::new("/")).unwrap();
    apply(&root, [new("x")]).unwrap();
    assert_eq!(tree(temp.path()).len(), 1);
}

#[test]
fn a_journal_of_another_kind_is_left_alone() {
    let fleet = Fleet::new(Work::Files(1));
    let before = fleet.tree();
    let state = fleet.path().join(".git/hostward");
    fs::create_dir(&state).unwrap();
    for text in [
        "hostward journal 2\nprepared 0\n",
        "hostward journal 1\nremove ../.x.hostward-0-0.tmp ../x 0:0:-\n",
        "something else",
    ] {
        fs::write(state.join("journal"), text).unwrap();
        let result = recover(&fleet.root(), Wait::No);
        let is_cut = text == "something else";
        assert!(
            matches!(&result, Err(RecoverError::Malformed { .. })) != is_cut,
            "{text}: {result:?}"
        );
        assert_eq!(fleet.tree(), before);
    }
}

#[test]
fn a_run_refuses_to_bury_the_journal_of_another() {
    let fleet = Fleet::new(Work::Files(1));
    let state = fleet.path().join(".git/hostward");
    fs::create_dir(&state).unwrap();
    fs::write(state.join("journal"), "").unwrap();
    assert!(matches!(apply(&fleet.root(), [new("x")]), Err(ApplyError::Unfinished(_))));
    assert!(recover(&fleet.root(), Wait::No).unwrap().is_some());
    apply(&fleet.root(), [new("x")]).unwrap();
}

#[test]
fn the_second_process_is_told_the_first_ones_id() {
    let fleet = Fleet::new(Work::Files(1));
    let root = fleet.root();
    let lock = Lock::acquire(&root, Wait::No).unwrap();
    let output = fleet.apply_alone().output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(3));
    assert!(
        said.contains(&format!("another hostward (process {}) is writing in", std::process::id())),
        "{said}"
    );
    drop(lock);
    assert!(fleet.apply_alone().output().unwrap().status.success());
}

#[test]
fn plans_show_what_a_run_does() {
    let plan: Plan = [new("a"), over("b", "old\n")].into_iter().collect();
    assert_eq!(
        plan.diff(),
        "diff --git a/a b/a\nnew file mode 100644\n--- /dev/null\n+++ b/a\n@@ -0,0 +1 @@\n+new\n\\ No newline at end of file\n\
         diff --git a/b b/b\n--- a/b\n+++ b/b\n@@ -1 +1 @@\n-old\n+new\n\\ No newline at end of file\n"
    );
}
