//! A `secrets.nix`: which file is for whom. One broken rule never hides the others, and a file of that
//! name that is something else (a NixOS module, say) is recognised as such. It changes nothing.

use std::path::Path;
use std::path::PathBuf;

use super::evaluate;
use super::evaluate::RawRule;
use super::names;
use crate::crypto::KeyCache;
use crate::crypto::Recipient;
use crate::nix::Place;
use crate::repo::RepoPath;
use crate::repo::Root;

pub use super::evaluate::NixMode;
pub use super::evaluate::RulesError;
pub use super::names::NamedKey;

/// The name that a rules file has unless the user says otherwise.
pub const FILE: &str = "secrets.nix";

/// A rules file as it evaluates.
#[derive(Clone, Debug)]
pub struct RulesFile {
    /// Names that the file and what it imports give to keys.
    pub names: Vec<NamedKey>,
    /// Relative to the root.
    pub path: RepoPath,
    /// In the order of their names.
    pub rules: Vec<Rule>,
}

/// One attribute of a rules file: a file and its recipients.
#[derive(Clone, Debug)]
pub struct Rule {
    /// Whether the file shall be ASCII-armored; `None` when the rule does not say.
    pub armor: Option<bool>,
    /// Where the attribute's name is written.
    pub at: Option<Place>,
    /// The recipients, in order, repeats kept.
    pub keys: Vec<RuleKey>,
    /// The attribute's name as written.
    pub name: String,
    /// The file meant: the name relative to the directory of the rules file.
    pub path: RepoPath,
    /// What is wrong with it, in words.
    pub problems: Vec<RuleProblem>,
}

/// A recipient of a rule.
#[derive(Clone, Debug)]
pub struct RuleKey {
    /// The string that holds it.
    pub at: Option<Place>,
    pub recipient: Recipient,
}

/// Why a rule, or one key of it, cannot be used.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RuleProblem {
    pub at: Option<Place>,
    pub message: String,
}

impl Rule {
    /// The first thing that is wrong, if anything is.
    pub fn first_problem(&self) -> Option<String> {
        self.problems.first().map(|problem| problem.message.clone())
    }
}

/// Reads the rules file at `path`. `None`: it evaluates to something that is no set of rules.
///
/// # Errors
///
/// When it cannot be evaluated; the error says where and, if so, what is out of reach.
pub fn read(
    root: &Root,
    path: &RepoPath,
    nix: NixMode,
    keys: &mut KeyCache,
) -> Result<Option<RulesFile>, RulesError> {
    let absolute = root.absolute(path);
    let Some(evaluated) = evaluate::evaluate(root, &absolute, nix)? else {
        return Ok(None);
    };
    let directory = path.parent().unwrap_or_default();
    let mut rules = Vec::with_capacity(evaluated.rules.len());
    for raw in evaluated.rules {
        rules.push(rule(&directory, raw, keys));
    }
    let names = names::find(&evaluated.files_read, keys);
    Ok(Some(RulesFile { names, path: path.clone(), rules }))
}

fn rule(directory: &RepoPath, raw: RawRule, cache: &mut KeyCache) -> Rule {
    let mut problems = raw.problems;
    let path = directory.join(Path::new(&raw.name)).unwrap_or_else(|error| {
        problems.push(RuleProblem { at: raw.at.clone(), message: error.to_string() });
        // A name that is nobody's file: the rule stays visible and can never be written.
        RepoPath::default()
    });
    let mut keys = Vec::new();
    for (text, at) in raw.keys {
        let parsed = cache.parse_keys(&text);
        if parsed.is_empty() {
            let message = "a recipient is empty".to_owned();
            problems.push(RuleProblem { at: at.clone(), message });
        }
        for key in parsed {
            match key.recipient {
                Ok(recipient) => keys.push(RuleKey { at: at.clone(), recipient }),
                Err(error) => {
                    problems.push(RuleProblem { at: at.clone(), message: error.to_string() });
                }
            }
        }
    }
    if keys.is_empty() && problems.is_empty() {
        let message = "the rule has no recipients".to_owned();
        problems.push(RuleProblem { at: raw.at.clone(), message });
    }
    Rule { armor: raw.armor, at: raw.at, keys, name: raw.name, path, problems }
}

/// The rules files among all files of the fleet: by name.
pub fn candidates<'a>(files: impl Iterator<Item = &'a RepoPath>) -> Vec<RepoPath> {
    files.filter(|path| path.file_name().is_some_and(|name| name == FILE)).cloned().collect()
}

/// The file of a user's `--rules` or `RULES`, which may be given without `./`.
pub fn explicit(cwd: &Path, given: &Path) -> PathBuf {
    cwd.join(given)
}
