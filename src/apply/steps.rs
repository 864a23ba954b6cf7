//! The steps between commit and end, forwards and backwards, each one rename. Run in one go by a
//! living process, or from any state that a killed one left: every step first looks which of its
//! files is the old and which the new one, and refuses where it finds neither.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::Path;
use std::path::PathBuf;

use rustix::fs::CWD;
use rustix::fs::RenameFlags;
use rustix::io::Errno;

use super::batch;
use super::error::RecoverError;
use super::journal::Record;
use super::journal::Step;
use super::prepare::Guard;
use super::print::Print;
use super::print::is_absent;
use super::sync;
use super::temp;
use crate::repo::RepoPath;
use crate::repo::Root;

/// Why a step of a living run failed.
#[derive(Debug)]
pub(super) enum StepError {
    /// The file is no longer the one that was read.
    Changed,
    Io(io::Error),
}

/// Does one step for the first time; `guard` is the old file as it was read.
pub(super) fn first(base: &Root, step: &Step, guard: Option<Guard>) -> Result<(), StepError> {
    let at = |path: &RepoPath| base.absolute(path);
    let old = match step {
        Step::Create { temp, target, .. } => {
            return rename_new(&at(temp), &at(target)).map_err(StepError::Io);
        }
        Step::Move { from, to, .. } => {
            rename_new(&at(from), &at(to)).map_err(StepError::Io)?;
            at(to)
        }
        Step::Remove { temp, target, .. } => {
            rename_new(&at(target), &at(temp)).map_err(StepError::Io)?;
            at(temp)
        }
        Step::Replace { temp, target, .. } => replace(base, temp, target).map_err(StepError::Io)?,
    };
    // Looked at after it was taken, so nobody can write to it between the look and the taking.
    let found = fs::symlink_metadata(&old).map_err(StepError::Io)?;
    if guard.is_some_and(|guard| guard != Guard::of(&found)) {
        Err(StepError::Changed)
    } else {
        Ok(())
    }
}

/// Does what is left to do of a committed record.
pub(super) fn forward(base: &Root, record: &Record) -> Result<(), RecoverError> {
    record.steps.iter().try_for_each(|step| forward_step(base, step))
}

/// Takes back whatever was done of a record. The temporary files hold the new contents again, or
/// are gone.
pub(super) fn backward(base: &Root, record: &Record) -> Result<(), RecoverError> {
    record.steps.iter().rev().try_for_each(|step| backward_step(base, step))
}

/// Removes what a finished record leaves: old contents, and directories that it emptied.
pub(super) fn clean_finished(base: &Root, record: &Record) -> Result<(), RecoverError> {
    // Freeing the old contents is a third of a rekey's time on disk.
    batch::each(&record.steps, |step| match step {
        Step::Create { .. } | Step::Move { .. } => Ok(()),
        Step::Remove { temp, .. } => remove_file(base, temp),
        Step::Replace { temp, .. } => {
            remove_file(base, temp)?;
            remove_file(base, &temp::keep(temp))
        }
    })?;
    let emptied: BTreeSet<RepoPath> = record.steps.iter().filter_map(Step::emptied).collect();
    for dir in emptied.into_iter().rev() {
        let mut dir = Some(dir);
        // Not the one the user stands in. Fails where something is left in it, which ends the
        // climb.
        while let Some(empty) = dir.filter(|dir| !dir.is_root() && base.absolute(dir) != base.cwd())
        {
            match fs::remove_dir(base.absolute(&empty)) {
                // Already gone in the run before, which may not have come to the ones above.
                Err(error) if is_absent(&error) => {}
                Err(_) => break,
                Ok(()) => {}
            }
            dir = empty.parent();
        }
    }
    Ok(())
}

/// Removes what an undone record leaves: temporary files, and directories that it made.
pub(super) fn clean_undone(base: &Root, record: &Record) -> Result<(), RecoverError> {
    for step in &record.steps {
        if let Step::Create { temp, .. } | Step::Replace { temp, .. } = step {
            remove_file(base, temp)?;
        }
    }
    for dir in record.dirs.iter().rev() {
        match fs::remove_dir(base.absolute(dir)) {
            // Somebody has put something there.
            Err(error) if is_absent(&error) || error.kind() == io::ErrorKind::DirectoryNotEmpty => {
            }
            removed => removed.map_err(|source| RecoverError::Io {
                action: "remove the directory",
                path: dir.clone(),
                source,
            })?,
        }
    }
    Ok(())
}

/// Flushes the directories a record touches.
pub(super) fn flush(base: &Root, record: &Record) -> Result<(), RecoverError> {
    let steps = record.steps.iter().flat_map(Step::paths);
    let parents = steps.chain(&record.dirs).map(|path| sync::parent(&base.absolute(path)));
    let dirs: BTreeSet<PathBuf> = parents.filter(|dir| dir.is_dir()).collect();
    sync::all(&[], &dirs).map_err(|(at, source)| {
        let path = at.strip_prefix(base.path()).ok().and_then(|path| RepoPath::new(path).ok());
        RecoverError::Io { action: "flush to disk", path: path.unwrap_or_default(), source }
    })
}

fn forward_step(base: &Root, step: &Step) -> Result<(), RecoverError> {
    let at = |path: &RepoPath| base.absolute(path);
    let touched = || Err(RecoverError::Touched(step.target().clone()));
    match step {
        Step::Create { temp, target, .. } => match (print(base, temp)?, print(base, target)?) {
            (None, _) => Ok(()),
            (Some(_), None) => done("rename", target, rename_new(&at(temp), &at(target))),
            (Some(_), Some(_)) => touched(),
        },
        Step::Move { from, to, print: moved } => match (print(base, from)?, print(base, to)?) {
            (None, _) => Ok(()),
            (found, None) if moved.is(found.as_ref()) => {
                done("rename", from, rename_new(&at(from), &at(to)))
            }
            _ => touched(),
        },
        Step::Remove { temp, target, old } => match (print(base, temp)?, print(base, target)?) {
            (Some(_), _) | (_, None) => Ok(()),
            (None, found) if old.is(found.as_ref()) => {
                done("remove", target, rename_new(&at(target), &at(temp)))
            }
            _ => touched(),
        },
        Step::Replace { temp, target, old, new } => {
            let (staged, found) = (print(base, temp)?, print(base, target)?);
            let kept = print(base, &temp::keep(temp))?;
            // Done, whatever somebody has made of the new content since.
            if staged.is_none() || old.is(staged.as_ref()) {
                return Ok(());
            }
            let is_old = old.is(found.as_ref()) || found.is_none() && old.is(kept.as_ref());
            if !new.is(staged.as_ref()) || !is_old {
                return touched();
            }
            let replaced = match kept {
                Some(_) => rustix::fs::rename(at(temp), at(target)).map_err(Into::into),
                None => replace(base, temp, target).map(drop),
            };
            done("replace", target, replaced)
        }
    }
}

fn backward_step(base: &Root, step: &Step) -> Result<(), RecoverError> {
    let at = |path: &RepoPath| base.absolute(path);
    let touched = || Err(RecoverError::Touched(step.target().clone()));
    match step {
        Step::Create { temp, target, new } => match (print(base, temp)?, print(base, target)?) {
            (Some(_), _) | (None, None) => Ok(()),
            (None, found) if new.is(found.as_ref()) => {
                done("remove", target, rename_new(&at(target), &at(temp)))
            }
            _ => touched(),
        },
        Step::Move { from, to, .. } => match (print(base, from)?, print(base, to)?) {
            (Some(_), _) => Ok(()),
            // Whatever is in it by now.
            (None, Some(_)) => done("rename", from, rename_new(&at(to), &at(from))),
            (None, None) => touched(),
        },
        Step::Remove { temp, target, .. } => match (print(base, temp)?, print(base, target)?) {
            (None, Some(_)) => Ok(()),
            (Some(_), None) => done("restore", target, rename_new(&at(temp), &at(target))),
            _ => touched(),
        },
        Step::Replace { temp, target, old, new } => {
            let keep = temp::keep(temp);
            let (staged, found, kept) =
                (print(base, temp)?, print(base, target)?, print(base, &keep)?);
            match (found.as_ref(), kept) {
                // Between the two halves of a replacement without exchange.
                (None, Some(_)) => done("restore", target, rename_new(&at(&keep), &at(target))),
                (found, Some(_)) if old.is(found) => remove_file(base, &keep),
                (found, None) if old.is(found) => Ok(()),
                (found, Some(_)) if new.is(found) => done(
                    "restore",
                    target,
                    rustix::fs::rename(at(&keep), at(target)).map_err(Into::into),
                ),
                (found, None) if new.is(found) && staged.is_some() => {
                    done("restore", target, exchange(&at(temp), &at(target)))
                }
                // Not begun, and somebody wrote to it.
                (_, None) if new.is(staged.as_ref()) => Ok(()),
                _ => touched(),
            }
        }
    }
}

/// Puts `temp` in the place of `target` and says where the old content is now. A reader sees one or
/// the other; only on a file system that knows neither exchange nor hard links does he see none for
/// a moment.
fn replace(base: &Root, temp: &RepoPath, target: &RepoPath) -> io::Result<PathBuf> {
    let keep = base.absolute(&temp::keep(temp));
    let (temp, target) = (base.absolute(temp), base.absolute(target));
    match exchange(&temp, &target) {
        Err(error) if is_unsupported(&error) => {}
        exchanged => return exchanged.map(|()| temp),
    }
    match fs::hard_link(&target, &keep) {
        Err(error) if is_unsupported(&error) || error.kind() == io::ErrorKind::PermissionDenied => {
            fs::rename(&target, &keep)?;
        }
        linked => linked?,
    }
    fs::rename(&temp, &target)?;
    Ok(keep)
}

fn exchange(a: &Path, b: &Path) -> io::Result<()> {
    Ok(rustix::fs::renameat_with(CWD, a, CWD, b, RenameFlags::EXCHANGE)?)
}

/// Renames to a name that must be free.
fn rename_new(from: &Path, to: &Path) -> io::Result<()> {
    match rustix::fs::renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE)
        .map_err(io::Error::from)
    {
        Err(error) if is_unsupported(&error) => match fs::symlink_metadata(to) {
            Err(error) if is_absent(&error) => fs::rename(from, to),
            Err(error) => Err(error),
            Ok(_) => Err(io::ErrorKind::AlreadyExists.into()),
        },
        renamed => renamed,
    }
}

/// Whether the file system (or kernel) does not know the operation at all.
fn is_unsupported(error: &io::Error) -> bool {
    let unsupported = [Errno::INVAL, Errno::NOSYS, Errno::NOTSUP, Errno::OPNOTSUPP];
    Errno::from_io_error(error).is_some_and(|errno| unsupported.contains(&errno))
}

fn print(base: &Root, path: &RepoPath) -> Result<Option<Print>, RecoverError> {
    let found = Print::of_path(&base.absolute(path));
    found.map_err(|source| RecoverError::Io { action: "read", path: path.clone(), source })
}

fn remove_file(base: &Root, path: &RepoPath) -> Result<(), RecoverError> {
    match fs::remove_file(base.absolute(path)) {
        Err(error) if is_absent(&error) => Ok(()),
        removed => done("remove", path, removed),
    }
}

fn done(action: &'static str, path: &RepoPath, result: io::Result<()>) -> Result<(), RecoverError> {
    result.map_err(|source| RecoverError::Io { action, path: path.clone(), source })
}
