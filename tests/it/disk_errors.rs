//! Disks that refuse: full, read-only, failing, crossed. Every system call of a run is refused
//! once, and refused from then on; the run must say so with the file's name and leave the old tree,
//! or say that the next run has to settle it.

use std::path::Path;

use hostward::apply::recover;
use hostward::repo::Wait;

use crate::disk_child::FAILED;
use crate::disk_child::Fleet;
use crate::disk_child::Tree;
use crate::disk_child::Work;
use crate::disk_kill::MANY;
use crate::disk_kill::assert_tree;
use crate::disk_kill::old_and_new;
use crate::disk_kill::said;
use crate::peer::peer;

#[test]
fn a_full_disk() {
    refused("write", "ENOSPC", "No space left");
    refused("openat", "ENOSPC", "No space left");
    refused("mkdir", "ENOSPC", "No space left");
    refused("fsync", "ENOSPC", "No space left");
}

#[test]
fn a_failing_disk() {
    refused("write", "EIO", "Input/output error");
    refused("fsync", "EIO", "Input/output error");
    refused("fdatasync", "EIO", "Input/output error");
    refused("pread64", "EIO", "Input/output error");
}

#[test]
fn a_disk_gone_read_only() {
    refused("openat", "EROFS", "Read-only file system");
    refused("renameat2", "EROFS", "Read-only file system");
    refused("unlink", "EROFS", "Read-only file system");
    refused("mkdir", "EROFS", "Read-only file system");
}

#[test]
fn names_that_cannot_be_taken() {
    refused("renameat2", "EXDEV", "Invalid cross-device link");
    refused("renameat2", "EBUSY", "busy");
    refused("renameat2", "EACCES", "Permission denied");
    refused("fchmod", "EPERM", "Operation not permitted");
    refused("unlink", "EACCES", "Permission denied");
}

/// Refuses the first, second, … call of a run, alone and with all that follow, until a run goes
/// through untouched.
fn refused(call: &str, errno: &str, reason: &str) {
    let Some(strace) = peer("strace") else { return };
    let trees = old_and_new(Work::EveryKind);
    for onwards in ["", "+"] {
        let refused = (1..MANY).take_while(|nth| {
            let injection = format!("?{call}:error={errno}:when={nth}{onwards}");
            run(&strace, &injection, reason, &trees)
        });
        let count = refused.count();
        assert!(0 < count && count < MANY - 1, "{call} {errno}: {count}");
    }
}

/// Whether there still was a call to refuse.
fn run(strace: &Path, injection: &str, reason: &str, (old, new): &(Tree, Tree)) -> bool {
    let fleet = Fleet::new(Work::EveryKind);
    let (output, was_hit) = fleet.apply_under(strace, &[injection]);
    let what = format!("{injection}: {}", said(&output));
    let now = fleet.tree();
    let recovered =
        recover(&fleet.root(), Wait::No).unwrap_or_else(|error| panic!("{what}: {error}"));
    let said = said(&output);
    let Some(error) = said.lines().find_map(|line| line.strip_prefix(FAILED)) else {
        // Refused where it does no harm, or before or after the run itself.
        assert!(recovered.is_none(), "{what}");
        assert!(now == *old || now == *new, "{what}");
        if output.status.success() {
            assert_tree(&now, new, &what);
        }
        return was_hit;
    };
    assert!(error.contains(reason) && error.contains('`'), "{what}");
    let is_open = ["the changes were interrupted", "all changes are made"]
        .iter()
        .any(|open| error.starts_with(open));
    assert_eq!(recovered.is_some(), is_open, "{what}");
    let healed = fleet.tree();
    match is_open {
        false => assert_tree(&now, old, &what),
        true => assert!(healed == *old || healed == *new, "{what}"),
    }
    was_hit
}
