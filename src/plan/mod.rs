//! What a command wants to change: a pure list of file changes, made before anything is written and
//! shown by a dry run exactly as a real run applies it. It holds ciphertext and configuration only,
//! and writes nothing.

pub mod rekey;
pub mod seal;

use std::sync::Arc;

use crate::repo::RepoPath;
use crate::text::diff;
use crate::text::diff::FileDiff;

/// Changes that are made all or none. The order is kept for showing; no two of them may touch one
/// file.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Plan {
    pub changes: Vec<Change>,
}

/// One file's change. `about` says why, in one lower case line for people (`rekey for web, db`).
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Change {
    Remove {
        path: RepoPath,
        expect: Expect,
        about: String,
    },
    Rename {
        from: RepoPath,
        to: RepoPath,
        expect: Expect,
        about: String,
    },
    /// `mode`: permission bits to set; `None` keeps the old file's, or 0644 without the umask's
    /// bits for a new one.
    Write {
        path: RepoPath,
        new: Vec<u8>,
        expect: Expect,
        mode: Option<u32>,
        about: String,
    },
}

/// What the plan was made from. A file that is different by the time of writing stops the whole
/// plan.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Expect {
    /// There is no such file.
    Absent,
    /// The file holds these bytes.
    Bytes(Arc<[u8]>),
}

impl Expect {
    /// From what was read, `None` when there was no file.
    pub fn read(bytes: Option<impl Into<Arc<[u8]>>>) -> Self {
        bytes.map_or(Self::Absent, |bytes| Self::Bytes(bytes.into()))
    }

    /// The bytes of the file before the change.
    pub fn bytes(&self) -> Option<&[u8]> {
        match self {
            Self::Absent => None,
            Self::Bytes(bytes) => Some(bytes),
        }
    }
}

impl Change {
    /// A new file, or the replacement of an old one.
    pub fn write(
        path: RepoPath,
        new: impl Into<Vec<u8>>,
        expect: Expect,
        about: impl Into<String>,
    ) -> Self {
        Self::Write { path, new: new.into(), expect, mode: None, about: about.into() }
    }

    /// The file that is there before the change, or will be after it if there is none before.
    pub fn path(&self) -> &RepoPath {
        match self {
            Self::Remove { path, .. } | Self::Write { path, .. } => path,
            Self::Rename { from, .. } => from,
        }
    }

    pub fn about(&self) -> &str {
        match self {
            Self::Remove { about, .. } | Self::Rename { about, .. } | Self::Write { about, .. } => {
                about
            }
        }
    }

    pub fn expect(&self) -> &Expect {
        match self {
            Self::Remove { expect, .. }
            | Self::Rename { expect, .. }
            | Self::Write { expect, .. } => expect,
        }
    }

    /// Whether nothing would be different afterwards, as far as the plan alone can tell.
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Remove { expect, .. } => *expect == Expect::Absent,
            Self::Rename { from, to, .. } => from == to,
            Self::Write { new, expect, mode, .. } => mode.is_none() && expect.bytes() == Some(new),
        }
    }

    /// As `git diff` shows it, binary files as one line with both sizes; raw: see
    /// [`crate::text::escape::lines`].
    pub fn diff(&self) -> String {
        match self {
            Self::Remove { path, expect, .. } => {
                diff::file(&FileDiff::new(path.as_path(), expect.bytes(), None))
            }
            Self::Rename { from, to, expect, .. } => diff::file(&FileDiff {
                new_path: to.as_path(),
                ..FileDiff::new(from.as_path(), expect.bytes(), expect.bytes())
            }),
            Self::Write { path, new, expect, mode, .. } => diff::file(&FileDiff {
                new_mode: *mode,
                ..FileDiff::new(path.as_path(), expect.bytes(), Some(new))
            }),
        }
    }
}

/// How many files a plan makes, changes, removes and renames.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Counts {
    pub created: usize,
    pub changed: usize,
    pub removed: usize,
    pub renamed: usize,
}

impl Counts {
    pub fn total(self) -> usize {
        self.created + self.changed + self.removed + self.renamed
    }
}

impl Plan {
    pub fn new() -> Self {
        Self::default()
    }

    pub fn push(&mut self, change: Change) {
        self.changes.push(change);
    }

    /// Whether nothing would be different afterwards.
    pub fn is_empty(&self) -> bool {
        self.changes.iter().all(Change::is_empty)
    }

    pub fn counts(&self) -> Counts {
        let mut counts = Counts::default();
        for change in self.changes.iter().filter(|change| !change.is_empty()) {
            match change {
                Change::Remove { .. } => counts.removed += 1,
                Change::Rename { .. } => counts.renamed += 1,
                Change::Write { expect: Expect::Absent, .. } => counts.created += 1,
                Change::Write { .. } => counts.changed += 1,
            }
        }
        counts
    }

    /// The unified diff of all changes: what a dry run prints.
    pub fn diff(&self) -> String {
        self.changes.iter().map(Change::diff).collect()
    }
}

impl FromIterator<Change> for Plan {
    fn from_iter<T: IntoIterator<Item = Change>>(changes: T) -> Self {
        Self { changes: changes.into_iter().collect() }
    }
}

impl Extend<Change> for Plan {
    fn extend<T: IntoIterator<Item = Change>>(&mut self, changes: T) {
        self.changes.extend(changes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(text: &str) -> RepoPath {
        RepoPath::new(text).unwrap()
    }

    #[test]
    fn a_plan_counts_and_shows_what_differs() {
        let old = Expect::read(Some(&b"a\n"[..]));
        let plan: Plan = [
            Change::write(path("same"), "a\n", old.clone(), ""),
            Change::write(path("changed"), "b\n", old.clone(), ""),
            Change::write(path("new"), "b\n", Expect::Absent, ""),
            Change::Remove { path: path("gone"), expect: old.clone(), about: String::new() },
            Change::Rename { from: path("x"), to: path("y"), expect: old, about: String::new() },
        ]
        .into_iter()
        .collect();
        assert_eq!(plan.counts(), Counts { created: 1, changed: 1, removed: 1, renamed: 1 });
        assert_eq!(plan.counts().total(), 4);
        let diff = plan.diff();
        assert!(!diff.contains("same"));
        assert!(diff.contains("rename from x\nrename to y\n"), "{diff}");
        assert!(!plan.is_empty());
        assert!(Plan::new().is_empty());
    }
}
