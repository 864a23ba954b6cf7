//! Writes the new contents to their temporary files, reads them back and has them verified. Nothing a reader of the fleet
//! looks at is changed by it.

use std::collections::BTreeSet;
use std::fs;
use std::fs::File;
use std::fs::OpenOptions;
use std::io;
use std::io::Write as _;
use std::os::unix::fs::FileExt as _;
use std::os::unix::fs::MetadataExt as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::os::unix::fs::PermissionsExt as _;

use rayon::prelude::*;

use super::Verify;
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
    let steps = prepared.record.steps.par_iter().zip(&prepared.details);
    steps.try_for_each(|(step, detail)| match (step, detail.new) {
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
    temp: &std::path::Path,
    new: &[u8],
    detail: &Detail<'_>,
    verify: Option<&Verify<'_>>,
) -> Result<(), ApplyError> {
    let failed = |source| ApplyError::Io { action: "write", path: detail.shown.clone(), source };
    let mut options = OpenOptions::new();
    // Nobody else reads it before it has its own mode.
    let mode = if detail.mode.is_some() { 0o600 } else { 0o644 };
    let mut file =
        options.read(true).write(true).create_new(true).mode(mode).open(temp).map_err(failed)?;
    file.write_all(new).map_err(failed)?;
    if let Some(owner) = detail.owner {
        keep_owner(&file, owner).map_err(failed)?;
    }
    if let Some(mode) = detail.mode {
        file.set_permissions(fs::Permissions::from_mode(mode)).map_err(failed)?;
    }
    let mut back = vec![0; new.len()];
    file.read_exact_at(&mut back, 0).map_err(failed)?;
    if back != new || file.metadata().map_err(failed)?.len() != new.len() as u64 {
        return Err(ApplyError::ReadBack(detail.shown.clone()));
    }
    verify
        .map_or(Ok(()), |verify| verify(detail.change, &back))
        .map_err(|message| ApplyError::Verify { path: detail.shown.clone(), message })
}

/// The old file's owner and group, which only root must be able to keep.
fn keep_owner(file: &File, (uid, gid): (u32, u32)) -> io::Result<()> {
    let meta = file.metadata()?;
    if (meta.uid(), meta.gid()) == (uid, gid) {
        return Ok(());
    }
    match std::os::unix::fs::fchown(file, Some(uid), Some(gid)) {
        Err(_) if !rustix::process::geteuid().is_root() => {
            // The group alone is often ours to give.
            let _ = std::os::unix::fs::fchown(file, None, Some(gid));
            Ok(())
        }
        kept => kept,
    }
}
