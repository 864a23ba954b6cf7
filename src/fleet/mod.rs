//! The fleet: all that is read from one repository, joined. It opens no secret and changes nothing.

pub mod directory;
pub mod record;
pub mod secret;

use std::collections::BTreeMap;
use std::io::BufReader;
use std::path::Path;
use std::path::PathBuf;
use std::sync::Arc;

use rayon::prelude::*;

use crate::backend::agenix::rules;
use crate::backend::agenix::rules::NixMode;
use crate::backend::agenix::rules::RulesError;
use crate::backend::agenix::rules::RulesFile;
use crate::crypto::Header;
use crate::crypto::HeaderError;
use crate::crypto::KeyCache;
use crate::repo::RepoPath;
use crate::repo::Root;
use crate::repo::open::Opener;
use crate::repo::root::ResolveError;
use crate::repo::walk;
use crate::repo::walk::WalkError;
use crate::text::LineIndex;
use crate::text::escape;

pub use directory::Directory;
pub use directory::Known;
pub use directory::Role;
pub use record::Record;
pub use secret::Drift;
pub use secret::OnDisk;
pub use secret::RuleRef;
pub use secret::Sealed;
pub use secret::Secret;
pub use secret::Standing;

/// How to read a fleet.
#[derive(Clone, Debug, Default)]
pub struct LoadOptions {
    pub nix: NixMode,
    /// The only rules file to read, absolute; otherwise all that are found.
    pub rules: Option<PathBuf>,
}

/// Why there is no fleet.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FleetError {
    #[error("the rules file `{}` is not in the repository", path.display())]
    Outside { path: PathBuf, source: ResolveError },
    #[error(transparent)]
    Rules(#[from] RulesError),
    #[error("`{}` is not a set of rules with `publicKeys`", path.display())]
    NoRules { path: PathBuf },
    #[error("cannot list the repository")]
    Walk(#[from] WalkError),
}

/// A repository as we understand it.
pub struct Fleet {
    /// What keys are called.
    pub names: Directory,
    /// What could not be read, in words; the rest of the fleet stands.
    pub problems: Vec<Problem>,
    /// What `hostward.lock` remembers.
    pub record: Record,
    pub root: Root,
    /// The rules files, by path.
    pub rules: Vec<Arc<RulesFile>>,
    /// Every file that a rule names or that is encrypted without one, by path.
    pub secrets: BTreeMap<RepoPath, Secret>,
}

/// Something in the repository that could not be understood.
#[derive(Debug)]
#[non_exhaustive]
pub enum Problem {
    /// Two rules name one file; the first counts.
    RuledTwice {
        path: RepoPath,
        first: RepoPath,
        second: RepoPath,
    },
    Rules(RulesError),
}

impl Problem {
    /// In words, with paths as the user would type them and the line of a rule that fails.
    pub fn describe(&self, root: &Root) -> String {
        match self {
            Self::RuledTwice { path, first, second } => format!(
                "`{}` has two rules, in {} and {}; the first counts",
                root.display(path),
                root.display(first),
                root.display(second)
            ),
            Self::Rules(RulesError::Eval { path, source }) => {
                let shown = |file: &Path| match root.resolve(file) {
                    Ok(path) => root.display(&path),
                    Err(_) => escape::path(file).into_owned(),
                };
                let place = source.place.as_ref().and_then(|place| {
                    let text = std::fs::read_to_string(&place.file).ok()?;
                    let line = LineIndex::new(&text).line(place.span.start);
                    Some(format!(" ({} line {line})", shown(&place.file)))
                });
                let place = place.unwrap_or_default();
                format!("`{}` cannot be evaluated: {source}{place}", shown(path))
            }
            Self::Rules(error) => error.to_string(),
        }
    }
}

impl Fleet {
    /// Reads the rules, the names, and the header of every secret.
    ///
    /// # Errors
    ///
    /// When the repository cannot be listed, or the one rules file that was asked for cannot be used.
    pub fn load(root: Root, options: &LoadOptions) -> Result<Self, FleetError> {
        let walked = walk::files(&root)?;
        let files: Vec<&RepoPath> = walked.entries.iter().map(|entry| &entry.path).collect();
        let mut keys = KeyCache::default();
        let mut problems = Vec::new();
        let mut found = Vec::new();
        match &options.rules {
            Some(path) => found.push(one_rules_file(&root, path, options.nix, &mut keys)?),
            None => {
                for path in rules::candidates(files.iter().copied()) {
                    match rules::read(&root, &path, options.nix, &mut keys) {
                        Ok(file) => found.extend(file.map(Arc::new)),
                        Err(error) => problems.push(Problem::Rules(error)),
                    }
                }
            }
        }
        let record = std::fs::read_to_string(root.path().join(record::FILE));
        let record = record.map(|text| Record::parse(&text)).unwrap_or_default();
        let names = directory_of(&found);
        let ruled = ruled(&found, &mut problems);
        let secrets = inspect(&root, ruled, &files, &record);
        Ok(Self { names, problems, record, root, rules: found, secrets })
    }

    /// The secret that a user means by a path, typed from anywhere, or by its name in a rules file.
    pub fn find(&self, spelling: &Path) -> Option<&Secret> {
        let spellings = self.root.spellings(spelling).unwrap_or_default();
        spellings.iter().find_map(|path| self.secrets.get(path)).or_else(|| {
            let name = spelling.to_str()?;
            let mut named = self
                .secrets
                .values()
                .filter(|secret| secret.rule.as_ref().is_some_and(|rule| rule.rule().name == name));
            // A name that several rules files use means none of them.
            named.next().filter(|_| named.next().is_none())
        })
    }

    /// Secrets whose path is at or below what a user means by `spelling`.
    pub fn below(&self, spelling: &Path) -> Vec<&Secret> {
        if let Some(secret) = self.find(spelling) {
            return vec![secret];
        }
        let Ok(directory) = self.root.resolve(spelling) else {
            return Vec::new();
        };
        self.secrets.values().filter(|secret| secret.path.starts_with(&directory)).collect()
    }

    /// Paths of secrets that look like a mistyped one, nearest first.
    pub fn similar(&self, spelling: &Path) -> Vec<&RepoPath> {
        let wanted = spelling.file_name().unwrap_or_default().to_string_lossy();
        let mut close: Vec<(usize, &RepoPath)> = self
            .secrets
            .keys()
            .filter_map(|path| Some((path, path.file_name()?.to_string_lossy())))
            .map(|(path, name)| (directory::distance(&wanted, &name), path))
            .filter(|(distance, _)| *distance <= 1 + wanted.chars().count() / 4)
            .collect();
        close.sort_unstable();
        close.into_iter().take(3).map(|(_, path)| path).collect()
    }
}

fn one_rules_file(
    root: &Root,
    path: &Path,
    nix: NixMode,
    keys: &mut KeyCache,
) -> Result<Arc<RulesFile>, FleetError> {
    let inside = root
        .resolve(path)
        .map_err(|source| FleetError::Outside { path: path.to_owned(), source })?;
    let file = rules::read(root, &inside, nix, keys)?;
    file.map(Arc::new).ok_or_else(|| FleetError::NoRules { path: path.to_owned() })
}

fn directory_of(files: &[Arc<RulesFile>]) -> Directory {
    let mut names = Directory::default();
    for file in files {
        for key in &file.names {
            let role = Role::of_words(key.words.iter().map(String::as_str));
            names.name(&key.recipient, &key.name, role);
        }
        for key in file.rules.iter().flat_map(|rule| &rule.keys) {
            names.add(&key.recipient);
        }
    }
    names
}

fn ruled(files: &[Arc<RulesFile>], problems: &mut Vec<Problem>) -> BTreeMap<RepoPath, RuleRef> {
    let mut ruled: BTreeMap<RepoPath, RuleRef> = BTreeMap::new();
    for file in files {
        for (index, rule) in file.rules.iter().enumerate() {
            let Some(reference) = RuleRef::new(Arc::clone(file), index) else { continue };
            match ruled.get(&rule.path) {
                Some(first) => problems.push(Problem::RuledTwice {
                    path: rule.path.clone(),
                    first: first.file().path.clone(),
                    second: file.path.clone(),
                }),
                None => {
                    ruled.insert(rule.path.clone(), reference);
                }
            }
        }
    }
    ruled
}

/// Reads the header of every file that a rule names, and of every other `.age` file.
fn inspect(
    root: &Root,
    mut ruled: BTreeMap<RepoPath, RuleRef>,
    files: &[&RepoPath],
    record: &Record,
) -> BTreeMap<RepoPath, Secret> {
    let orphans = files.iter().filter(|path| !ruled.contains_key(**path)).filter(|path| {
        path.file_name().is_some_and(|name| name.as_encoded_bytes().ends_with(b".age"))
    });
    let mut wanted: Vec<(RepoPath, Option<RuleRef>)> =
        orphans.map(|path| ((*path).clone(), None)).collect();
    while let Some((path, rule)) = ruled.pop_first() {
        wanted.push((path, Some(rule)));
    }
    let opener = Opener::new(root.path());
    let secrets: Vec<Secret> = wanted
        .into_par_iter()
        .map(|(path, rule)| {
            let on_disk = look(&opener, &path, rule.as_ref(), record);
            Secret { on_disk, path, rule }
        })
        .collect();
    let is_secret = |secret: &Secret| {
        secret.rule.is_some() || !matches!(secret.on_disk, OnDisk::Plain | OnDisk::Missing)
    };
    let secrets = secrets.into_iter().filter(is_secret);
    secrets.map(|secret| (secret.path.clone(), secret)).collect()
}

fn look(opener: &Opener, path: &RepoPath, rule: Option<&RuleRef>, record: &Record) -> OnDisk {
    let file = match opener.open(path) {
        Ok((file, _)) => file,
        Err(error) if error.is_not_found() => return OnDisk::Missing,
        Err(error) => return OnDisk::Unreadable(error.to_string()),
    };
    match Header::read(BufReader::with_capacity(4096, file)) {
        Ok(header) => OnDisk::Sealed(Sealed::new(header, rule.map(RuleRef::rule), record)),
        Err(HeaderError::NotAge) => OnDisk::Plain,
        Err(HeaderError::Read(error)) => OnDisk::Unreadable(error.to_string()),
        Err(error) => OnDisk::Damaged(error.to_string()),
    }
}
