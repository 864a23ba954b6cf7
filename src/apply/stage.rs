//! Writes the new contents to their temporary files, reads them back and has them verified. Nothing a reader of the fleet
//! looks at is changed by it.

use std::collections::BTreeSet;
use std::fs;
use std::fs::File;
use std::fs::Metadata;
use std::fs::OpenOptions;
use std::io;
use std::io::Write as _;
use std::os::unix::fs::FileExt as _;
use std::os::unix::fs::MetadataExt as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use super::Verify;
use super::batch;
use super::error::ApplyError;
use super::journal::Step;
use super::prepare::Detail;
use super::prepare::Prepared;
use super::sync;
use crate::repo::RepoPath;

/// Makes missing directories and all temporary files, durably.
pub(super) fn stage(
    prepared: &Prepared<'_>,
    verify: Option<&Verify<'_>>,
) -> Result<(), ApplyError> {
    let mut dirs = BTreeSet::new();
    for dir in &prepared.record.dirs {
        let path = prepared.base.absolute(dir);
        match fs::create_dir(&path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            made => made.map_err(|source| ApplyError::Io {
                action: "make the directory",
                path: dir.clone(),
                source,
            })?,
        }
        dirs.insert(sync::parent(&path));
    }
    let work: Vec<_> = prepared.record.steps.iter().zip(&prepared.details).collect();
    batch::each(&work, |(step, detail)| match (step, detail.new) {
        (Step::Create { temp, .. } | Step::Replace { temp, .. }, Some(new)) => {
            write(&prepared.base.absolute(temp), new, detail, verify)
        }
        _ => Ok(()),
    })?;
    let mut files = Vec::new();
    for step in &prepared.record.steps {
        if let Step::Create { temp, .. } | Step::Replace { temp, .. } = step {
            let temp = prepared.base.absolute(temp);
            dirs.insert(sync::parent(&temp));
            files.push(temp);
        }
    }
    sync::all(&files, &dirs).map_err(|(at, source)| {
        let path =
            at.strip_prefix(prepared.base.path()).ok().and_then(|path| RepoPath::new(path).ok());
        ApplyError::Io { action: "flush to disk", path: path.unwrap_or_default(), source }
    })
}

fn write(
    temp: &Path,
    new: &[u8],
    detail: &Detail<'_>,
    verify: Option<&Verify<'_>>,
) -> Result<(), ApplyError> {
    let failed = |source| ApplyError::Io { action: "write", path: detail.shown.clone(), source };
    let mut options = OpenOptions::new();
    options.read(true).write(true).create_new(true);
    // Never more than the mode it is to have, so nobody reads it too early.
    let mut file = options.mode(detail.mode.unwrap_or(0o644)).open(temp).map_err(failed)?;
    file.write_all(new).map_err(failed)?;
    let meta = file.metadata().map_err(failed)?;
    let kept = detail.owner.map_or(Ok(false), |owner| keep_owner(&file, &meta, owner));
    let is_owner_new = kept.map_err(failed)?;
    if let Some(mode) = detail.mode
        && (is_owner_new || mode != meta.mode() & 0o7777)
    {
        file.set_permissions(fs::Permissions::from_mode(mode)).map_err(failed)?;
    }
    let mut back = vec![0; new.len()];
    file.read_exact_at(&mut back, 0).map_err(failed)?;
    if back != new || meta.len() != new.len() as u64 {
        return Err(ApplyError::ReadBack(detail.shown.clone()));
    }
    verify
        .map_or(Ok(()), |verify| verify(detail.change, &back))
        .map_err(|message| ApplyError::Verify { path: detail.shown.clone(), message })
}

/// Gives it the old file's owner and group, which only root must be able to do; true if that was needed.
fn keep_owner(file: &File, meta: &Metadata, (uid, gid): (u32, u32)) -> io::Result<bool> {
    if (meta.uid(), meta.gid()) == (uid, gid) {
        return Ok(false);
    }
    match std::os::unix::fs::fchown(file, Some(uid), Some(gid)) {
        Err(_) if !rustix::process::geteuid().is_root() => {
            // The group alone is often ours to give.
            let _ = std::os::unix::fs::fchown(file, None, Some(gid));
            Ok(true)
        }
        kept => kept.map(|()| true),
    }
}
