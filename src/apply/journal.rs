//! The journal: what a run is about to do, written down before it does it. One text file: the
//! steps, then `prepared`, later `commit`, in a failing run `abort`; each of these three ends in a
//! checksum of all before it, so half a record counts as none. Paths are relative to the work tree,
//! so a tree that was moved can still be healed.

use std::ffi::OsString;
use std::fmt::Write as _;
use std::fs;
use std::fs::File;
use std::fs::OpenOptions;
use std::io;
use std::io::Read as _;
use std::io::Write as _;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::path::PathBuf;

use super::error::RecoverError;
use super::print::Fnv;
use super::print::Print;
use super::temp;
use crate::repo::RepoPath;

const HEAD: &str = "hostward journal 1";
/// Bytes of a journal that are read: a million steps.
const MAX_LEN: u64 = 512 * 1024 * 1024;

/// What is to be done, in order.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(super) struct Record {
    /// Directories to make, parents first.
    pub(super) dirs: Vec<RepoPath>,
    pub(super) steps: Vec<Step>,
}

impl Record {
    /// Fills in what is in new files by now.
    pub(super) fn learn(&mut self, late: &[(usize, Print)]) {
        for (step, print) in late {
            if let Some(Step::Create { new, .. } | Step::Replace { new, .. }) =
                self.steps.get_mut(*step)
            {
                *new = *print;
            }
        }
    }
}

/// One file's step. `temp` lies beside its target: the new content before, the old one after the
/// step.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Step {
    Create { temp: RepoPath, target: RepoPath, new: Print },
    Move { from: RepoPath, to: RepoPath, print: Print },
    Remove { temp: RepoPath, target: RepoPath, old: Print },
    Replace { temp: RepoPath, target: RepoPath, old: Print, new: Print },
}

impl Step {
    /// The file it is about.
    pub(super) fn target(&self) -> &RepoPath {
        match self {
            Self::Create { target, .. }
            | Self::Remove { target, .. }
            | Self::Replace { target, .. } => target,
            Self::Move { from, .. } => from,
        }
    }

    /// The temporary file that new content is written to.
    pub(super) fn staged(&self) -> Option<&RepoPath> {
        match self {
            Self::Create { temp, .. } | Self::Replace { temp, .. } => Some(temp),
            Self::Move { .. } | Self::Remove { .. } => None,
        }
    }

    /// The directory that it may leave empty.
    pub(super) fn emptied(&self) -> Option<RepoPath> {
        match self {
            Self::Create { .. } | Self::Replace { .. } => None,
            Self::Move { from: gone, .. } | Self::Remove { target: gone, .. } => gone.parent(),
        }
    }

    /// Both names it takes from or gives to.
    pub(super) fn paths(&self) -> [&RepoPath; 2] {
        match self {
            Self::Create { temp, target, .. }
            | Self::Remove { temp, target, .. }
            | Self::Replace { temp, target, .. } => [temp, target],
            Self::Move { from, to, .. } => [from, to],
        }
    }
}

/// How far the run came.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Stage {
    /// Committed, then gave up: to be undone.
    Aborted,
    /// To be finished.
    Committed,
    /// To be undone; temporary files may exist.
    Prepared,
    /// The journal itself is incomplete: nothing else had begun.
    Torn,
}

/// A journal that is being written.
#[derive(Debug)]
pub(super) struct Journal {
    path: PathBuf,
    file: File,
    len: u64,
    sum: Fnv,
}

impl Journal {
    /// Writes all steps down, durably. Fails if there is a journal already; leaves none if it
    /// fails.
    pub(super) fn begin(path: &Path, record: &Record) -> io::Result<Self> {
        let mut options = OpenOptions::new();
        let file = options.write(true).create_new(true).mode(0o600).open(path)?;
        let mut journal = Self { path: path.to_owned(), file, len: 0, sum: Fnv::default() };
        let begun = journal.append(&encode(record), "prepared").and_then(|()| journal.sync_name());
        match begun {
            Ok(()) => Ok(journal),
            Err(error) => {
                let _ = fs::remove_file(path);
                Err(error)
            }
        }
    }

    /// From now on the run will be finished. If this fails, it still will be undone. `late` are the
    /// new contents that nobody knew when the journal began.
    pub(super) fn commit(&mut self, late: &[(usize, Print)]) -> io::Result<()> {
        let prepared = self.len;
        let late = late.iter().map(|(step, new)| format!("new {step} {}\n", print_out(new)));
        self.append(&late.collect::<String>(), "commit").inspect_err(|_| {
            // The record may be there all the same, only not known to be durable.
            let _ = self.file.set_len(prepared);
        })
    }

    /// From now on the run will be undone.
    pub(super) fn abort(&mut self) -> io::Result<()> {
        self.append("", "abort")
    }

    /// Ends the run.
    pub(super) fn end(self) -> Result<(), RecoverError> {
        remove(&self.path).map_err(|source| RecoverError::Journal { path: self.path, source })
    }

    fn append(&mut self, text: &str, mark: &str) -> io::Result<()> {
        self.sum.update(text.as_bytes());
        let seal = format!("{mark} {:016x}\n", self.sum.0);
        self.sum.update(seal.as_bytes());
        self.len += (text.len() + seal.len()) as u64;
        self.file.write_all(format!("{text}{seal}").as_bytes())?;
        self.file.sync_data()
    }

    fn sync_name(&self) -> io::Result<()> {
        sync_parent(&self.path)
    }
}

/// What a journal says; `None` if there is none.
///
/// The text error says what is wrong with it: another version's, or paths that no run of ours
/// writes.
pub(super) fn read(path: &Path) -> io::Result<Option<Result<(Record, Stage), String>>> {
    let file = match File::open(path) {
        Err(error) if super::print::is_absent(&error) => return Ok(None),
        file => file?,
    };
    let mut bytes = Vec::new();
    file.take(MAX_LEN + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_LEN {
        return Ok(Some(Err("it is too large".to_owned())));
    }
    Ok(Some(decode(&bytes)))
}

pub(super) fn remove(path: &Path) -> io::Result<()> {
    fs::remove_file(path)?;
    // Should a power cut bring it back, there is nothing left in it to do.
    let _ = sync_parent(path);
    Ok(())
}

fn sync_parent(path: &Path) -> io::Result<()> {
    path.parent().map_or(Ok(()), |parent| File::open(parent)?.sync_all())
}

fn encode(record: &Record) -> String {
    let mut out = format!("{HEAD}\n");
    for dir in &record.dirs {
        let _ = writeln!(out, "dir {}", path_out(dir));
    }
    for step in &record.steps {
        let [first, second] = step.paths().map(path_out);
        let _ = match step {
            Step::Create { new, .. } => writeln!(out, "create {first} {second} {}", print_out(new)),
            Step::Move { print, .. } => writeln!(out, "move {first} {second} {}", print_out(print)),
            Step::Remove { old, .. } => writeln!(out, "remove {first} {second} {}", print_out(old)),
            Step::Replace { old, new, .. } => {
                writeln!(out, "replace {first} {second} {} {}", print_out(old), print_out(new))
            }
        };
    }
    out
}

fn decode(bytes: &[u8]) -> Result<(Record, Stage), String> {
    let mut record = Record::default();
    let mut stage = Stage::Torn;
    let mut sum = Fnv::default();
    let mut late: Vec<(usize, Print)> = Vec::new();
    let lines = bytes.split_inclusive(|&byte| byte == b'\n').enumerate();
    for (at, raw) in lines {
        // A line without its end, or that is no text, was cut off while it was written.
        let Some(line) = raw.strip_suffix(b"\n").and_then(|line| std::str::from_utf8(line).ok())
        else {
            break;
        };
        if at == 0 && line != HEAD {
            return Err(format!("it does not begin with `{HEAD}`"));
        }
        let mark = match line.split_once(' ') {
            Some(("prepared", seal)) if stage == Stage::Torn => Some((Stage::Prepared, seal)),
            Some(("commit", seal)) if stage == Stage::Prepared => Some((Stage::Committed, seal)),
            Some(("abort", seal)) if stage == Stage::Committed => Some((Stage::Aborted, seal)),
            _ => None,
        };
        match mark {
            Some((next, seal)) if seal == format!("{:016x}", sum.0) => {
                stage = next;
                record.learn(&late);
            }
            Some(_) => break,
            None if stage == Stage::Prepared => match late_in(line) {
                Some(new) => late.push(new),
                None => break,
            },
            None if stage != Stage::Torn => break,
            None if at > 0 => step_in(line, &mut record)?,
            None => {}
        }
        sum.update(raw);
    }
    if stage == Stage::Torn {
        return Ok((Record::default(), stage));
    }
    Ok((record, stage))
}

fn step_in(line: &str, record: &mut Record) -> Result<(), String> {
    let refused = || format!("`{}` is no step of ours", crate::text::escape::text(line));
    let words: Vec<&str> = line.split(' ').collect();
    let step = match words[..] {
        ["dir", path] => {
            record.dirs.push(path_in(path).ok_or_else(refused)?);
            return Ok(());
        }
        ["create", temp, target, new] => path_in(temp)
            .zip(path_in(target))
            .zip(print_in(new))
            .map(|((temp, target), new)| Step::Create { temp, target, new }),
        ["move", from, to, print] => path_in(from)
            .zip(path_in(to))
            .zip(print_in(print))
            .map(|((from, to), print)| Step::Move { from, to, print }),
        ["remove", temp, target, old] => path_in(temp)
            .zip(path_in(target))
            .zip(print_in(old))
            .map(|((temp, target), old)| Step::Remove { temp, target, old }),
        ["replace", temp, target, old, new] => path_in(temp)
            .zip(path_in(target))
            .zip(print_in(old).zip(print_in(new)))
            .map(|((temp, target), (old, new))| Step::Replace { temp, target, old, new }),
        _ => None,
    };
    let step = step.ok_or_else(refused)?;
    let is_ours = match &step {
        Step::Move { .. } => true,
        _ => {
            let [temp, target] = step.paths();
            temp::is_temp(temp) && temp.parent() == target.parent()
        }
    };
    if !is_ours {
        return Err(refused());
    }
    record.steps.push(step);
    Ok(())
}

/// The line `new STEP PRINT`.
fn late_in(line: &str) -> Option<(usize, Print)> {
    let (step, print) = line.strip_prefix("new ")?.split_once(' ')?;
    Some((step.parse().ok()?, print_in(print)?))
}

fn print_out(print: &Print) -> String {
    let mode = print.mode.map_or_else(|| "-".to_owned(), |mode| format!("{mode:o}"));
    format!("{}:{:016x}:{mode}", print.len, print.sum)
}

fn print_in(text: &str) -> Option<Print> {
    let mut parts = text.split(':');
    let len = parts.next()?.parse().ok()?;
    let sum = u64::from_str_radix(parts.next()?, 16).ok()?;
    let mode = match parts.next()? {
        "-" => None,
        mode => Some(u32::from_str_radix(mode, 8).ok()?),
    };
    parts.next().is_none().then_some(Print { len, sum, mode })
}

/// Percent-encoded, so that no name holds a blank or a line end.
fn path_out(path: &RepoPath) -> String {
    let mut out = String::new();
    for &byte in path.as_path().as_os_str().as_bytes() {
        if byte.is_ascii_alphanumeric() || b"/._-+@,=".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02x}");
        }
    }
    out
}

/// Only paths of the form we write: normal, inside, and none of version control's own.
fn path_in(text: &str) -> Option<RepoPath> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, tail)) = rest.split_first() {
        rest = tail;
        if byte == b'%' {
            let (digits, tail) = rest.split_at_checked(2)?;
            bytes.push(u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?);
            rest = tail;
        } else {
            bytes.push(byte);
        }
    }
    let typed = PathBuf::from(OsString::from_vec(bytes));
    let path = RepoPath::new(&typed).ok()?;
    let is_normal = path.as_path().as_os_str() == typed.as_os_str();
    (is_normal && !path.is_root() && !path.is_protected()).then_some(path)
}

#[cfg(test)]
mod tests {
    use std::ffi::OsStr;

    use proptest::prelude::*;

    use super::*;

    fn path(text: &[u8]) -> RepoPath {
        RepoPath::new(Path::new(OsStr::from_bytes(text))).unwrap()
    }

    fn record() -> Record {
        let print = |byte: u8| Print::of_bytes(&[byte], (byte == 1).then_some(0o640));
        let temp = |n: usize| path(format!("a b/.x.hostward-1-{n}.tmp").as_bytes());
        Record {
            dirs: vec![path(b"a b"), path(b"a b/\n%\xff")],
            steps: vec![
                Step::Create { temp: temp(0), target: path(b"a b/ x"), new: print(0) },
                Step::Replace {
                    temp: temp(1),
                    target: path(b"a b/y\n"),
                    old: print(1),
                    new: print(2),
                },
                Step::Remove { temp: temp(2), target: path(b"a b/-z"), old: print(3) },
                Step::Move { from: path(b"q"), to: path(b"a b/q"), print: print(1) },
            ],
        }
    }

    #[test]
    fn every_prefix_is_a_stage_before() {
        let temp = tempfile::tempdir().unwrap();
        let file = temp.path().join("journal");
        let mut journal = Journal::begin(&file, &record()).unwrap();
        assert!(Journal::begin(&file, &record()).is_err(), "one at a time");
        let prepared = fs::read(&file).unwrap().len();
        let late = Print::of_bytes(b"late", None);
        journal.commit(&[(0, late)]).unwrap();
        let mut later = record();
        if let Step::Create { new, .. } = &mut later.steps[0] {
            *new = late;
        }
        let committed = fs::read(&file).unwrap().len();
        journal.abort().unwrap();
        let bytes = fs::read(&file).unwrap();
        for len in 0..=bytes.len() {
            let (read, stage) = decode(&bytes[..len]).unwrap();
            let wanted = match len {
                len if len < prepared => Stage::Torn,
                len if len < committed => Stage::Prepared,
                len if len < bytes.len() => Stage::Committed,
                _ => Stage::Aborted,
            };
            assert_eq!(stage, wanted, "{len}");
            let wanted = match stage {
                Stage::Torn => Record::default(),
                Stage::Prepared => record(),
                Stage::Aborted | Stage::Committed => later.clone(),
            };
            assert_eq!(read, wanted);
        }
        assert_eq!(super::read(&file).unwrap(), Some(Ok((later, Stage::Aborted))));
        journal.end().unwrap();
        assert_eq!(super::read(&file).unwrap(), None);
    }

    #[test]
    fn what_we_never_write_is_refused() {
        let print = "1:0:-";
        for line in [
            format!("create x y {print}"),
            format!("create ../.x.hostward-1-0.tmp ../x {print}"),
            format!("create /.x.hostward-1-0.tmp /x {print}"),
            format!("create a/.x.hostward-1-0.tmp b/x {print}"),
            format!("create .git/.x.hostward-1-0.tmp .git/config {print}"),
            format!("move a/../b c {print}"),
            format!("move a%2 c {print}"),
            "dir .".to_owned(),
            "dir .git/hooks".to_owned(),
            "run x".to_owned(),
            String::new(),
        ] {
            let text = format!("{HEAD}\n{line}\n");
            assert!(decode(text.as_bytes()).is_err(), "{line}");
        }
        assert!(decode(b"hostward journal 2\n").is_err());
    }

    proptest! {
        #[test]
        fn a_flipped_byte_never_passes_for_another_record(at in 0usize..1000, bit in 0u8..8) {
            let temp = tempfile::tempdir().unwrap();
            let file = temp.path().join("journal");
            Journal::begin(&file, &record()).unwrap().commit(&[]).unwrap();
            let mut bytes = fs::read(&file).unwrap();
            let at = at % bytes.len();
            bytes[at] ^= 1 << bit;
            if let Ok((read, stage)) = decode(&bytes) {
                prop_assert!(stage == Stage::Torn || (stage == Stage::Prepared && read == record()));
            }
        }
    }
}
