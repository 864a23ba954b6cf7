//! The rules in `.sops.yaml`: who a file is encrypted to, and what of it. Read with places, matched as
//! sops matches, edited without touching anything else. Finding the file on a disk is not done here.

mod edit;
mod read;

use std::ops::Range;
use std::path::{Component, Path, PathBuf};

pub use edit::Key;

use super::error::SopsError;
use super::keys::Wanted;
use super::select::Selection;
use crate::format::regex2::Pattern;
use crate::format::yaml::Yaml;

/// The name of the file; `.sops.yml` is only warned of by sops.
pub const FILE: &str = ".sops.yaml";

/// A rules file.
pub struct RulesFile {
    yaml: Yaml,
    pub rules: Vec<Rule>,
}

/// One of `creation_rules`.
#[derive(Clone, Debug)]
pub struct Rule {
    /// Its bytes in the file.
    pub at: Range<usize>,
    /// `None` matches every path.
    pub path_regex: Option<PathRegex>,
    pub groups: Vec<RuleGroup>,
    /// Are the groups written as `key_groups`?
    pub grouped: bool,
    pub mac_only_encrypted: bool,
    pub selection: Option<Selection>,
    pub shamir_threshold: Option<usize>,
    /// What is wrong with it.
    pub problems: Vec<RuleProblem>,
}

/// A pattern on paths, and where it stands.
#[derive(Clone, Debug)]
pub struct PathRegex {
    pub at: Range<usize>,
    pub source: String,
    /// `None` if Go would refuse it.
    pub(super) pattern: Option<Pattern>,
}

/// One key group of a rule.
#[derive(Clone, Debug, Default)]
pub struct RuleGroup {
    /// Age and SSH recipients.
    pub age: Vec<RuleKey>,
    /// Keys of other kinds.
    pub foreign: Vec<RuleKey>,
}

/// One key in a rule.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RuleKey {
    /// Where it is named: an alias, or the text itself.
    pub at: Range<usize>,
    /// The alias or anchor it is written with.
    pub name: Option<String>,
    /// `age`, `pgp`, `kms`, …
    pub kind: &'static str,
    pub key: String,
}

/// Something wrong with a rule.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RuleProblem {
    pub at: Range<usize>,
    pub kind: ProblemKind,
    pub message: String,
}

/// What kind of wrong.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ProblemKind {
    /// sops refuses it.
    Invalid,
    /// `path_regex` does not compile: sops stops here for every file no earlier rule matches.
    Regex,
    /// An earlier rule takes every file.
    Unreachable,
}

/// Why a rule was taken.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Reason {
    /// It has no `path_regex`.
    EveryPath,
    /// Its pattern matches somewhere in the path.
    Pattern { source: String },
}

/// The rule for a path.
#[derive(Clone, Debug)]
pub struct Match<'r> {
    /// Its position in the file, from 0.
    pub index: usize,
    pub reason: Reason,
    pub rule: &'r Rule,
}

impl RulesFile {
    /// The rule for `path`, which is relative to the directory of the rules (see [`relative`]): the
    /// first that matches. `None` if there is none, which sops takes for an error.
    ///
    /// # Errors
    /// `Pattern` if the pattern of a rule on the way does not compile, as in sops.
    pub fn matching(&self, path: &str) -> Result<Option<Match<'_>>, SopsError> {
        for (index, rule) in self.rules.iter().enumerate() {
            let Some(regex) = &rule.path_regex else {
                return Ok(Some(Match { index, reason: Reason::EveryPath, rule }));
            };
            let Some(pattern) = &regex.pattern else {
                let reason =
                    rule.problems.iter().find(|problem| problem.kind == ProblemKind::Regex);
                return Err(SopsError::Pattern {
                    pattern: regex.source.clone(),
                    reason: reason.map(|problem| problem.message.clone()).unwrap_or_default(),
                });
            };
            if pattern.is_match(path) {
                let reason = Reason::Pattern { source: regex.source.clone() };
                return Ok(Some(Match { index, reason, rule }));
            }
        }
        Ok(None)
    }

    /// The text.
    #[must_use]
    pub fn text(&self) -> &str {
        self.yaml.text()
    }
}

impl Rule {
    /// The recipients of each group.
    #[must_use]
    pub fn wanted(&self) -> Wanted {
        let groups =
            self.groups.iter().map(|group| group.age.iter().map(|key| key.key.clone()).collect());
        Wanted { groups: groups.collect(), threshold: self.shamir_threshold }
    }
}

/// The path a rule's pattern is held against: relative to the directory of the rules for what is below
/// it, else absolute. Both must be absolute; symlinks are not followed, as in sops.
#[must_use]
pub fn relative(rules_dir: &Path, file: &Path) -> String {
    let file = cleaned(file);
    let path = file.strip_prefix(cleaned(rules_dir)).unwrap_or(&file);
    path.to_string_lossy().into_owned()
}

/// The places rules for `from` (a file or directory, absolute) are looked for in, nearest first. sops
/// begins at the working directory and looks no further than 100 levels.
pub fn candidates(from: &Path) -> impl Iterator<Item = PathBuf> {
    let from = cleaned(from);
    let dirs: Vec<PathBuf> = from.ancestors().take(100).map(|dir| dir.join(FILE)).collect();
    dirs.into_iter()
}

/// Without `.` and `..`, as Go's `filepath.Clean` of an absolute path.
fn cleaned(path: &Path) -> PathBuf {
    let mut clean = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => drop(clean.pop()),
            other => clean.push(other),
        }
    }
    clean
}
