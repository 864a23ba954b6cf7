//! One encrypted file of the fleet: the rule that governs it, what its header says, and how the two
//! compare. It opens nothing.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::directory::Directory;
use super::record::KeyId;
use super::record::Record;
use crate::backend::agenix::rules::Rule;
use crate::backend::agenix::rules::RulesFile;
use crate::crypto::Comparison;
use crate::crypto::Header;
use crate::crypto::Recipient;
use crate::crypto::Verdict;
use crate::repo::RepoPath;

/// A file that a rule names, or that is encrypted without one.
#[derive(Clone, Debug)]
pub struct Secret {
    pub on_disk: OnDisk,
    pub path: RepoPath,
    pub rule: Option<RuleRef>,
}

/// A rule and the file it stands in.
#[derive(Clone, Debug)]
pub struct RuleRef {
    file: Arc<RulesFile>,
    index: usize,
}

impl RuleRef {
    /// The rule at `index` of the file's rules.
    pub fn new(file: Arc<RulesFile>, index: usize) -> Option<Self> {
        (index < file.rules.len()).then_some(Self { file, index })
    }

    /// The rules file.
    pub fn file(&self) -> &RulesFile {
        &self.file
    }

    /// The rule.
    pub fn rule(&self) -> &Rule {
        &self.file.rules[self.index]
    }
}

/// What the disk holds under the secret's name.
#[derive(Clone, Debug)]
pub enum OnDisk {
    /// It looks like an age file and is none; the reason.
    Damaged(String),
    Missing,
    /// Content without encryption.
    Plain,
    Sealed(Sealed),
    /// The reason of the system.
    Unreadable(String),
}

/// What a header tells.
#[derive(Clone, Debug)]
pub struct Sealed {
    pub armored: bool,
    /// The header held against the rule; `None` without a rule.
    pub comparison: Option<Comparison>,
    pub header: Arc<Header>,
    /// The keys it was encrypted to as far as `hostward.lock` remembers this very header.
    pub recorded: Option<BTreeSet<KeyId>>,
}

/// How a secret stands against its rule.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Standing {
    /// The rule or the file cannot be used; the reason.
    Broken(String),
    Drifted(Drift),
    Fine,
    Missing,
    NoRule,
    /// Content without encryption.
    Plain,
    /// Nothing contradicts the rule, and the header cannot name all its recipients.
    Unprovable,
}

/// What differs between the rule and the file.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Drift {
    /// Readers that the rule does not name: a name where the key is known, else its kind and tag.
    pub extra: Vec<String>,
    /// Labels of recipients that the file is not encrypted to.
    pub missing: Vec<String>,
    /// What only numbers or the record show, in words.
    pub other: Vec<String>,
}

impl Secret {
    /// How the file stands against its rule. `names` are what keys are called.
    pub fn standing(&self, names: &Directory) -> Standing {
        let broken = self.rule.as_ref().and_then(|rule| rule.rule().first_problem());
        match (&self.on_disk, broken) {
            (OnDisk::Missing, Some(problem)) => Standing::Broken(problem),
            (OnDisk::Missing, None) => Standing::Missing,
            (OnDisk::Damaged(reason) | OnDisk::Unreadable(reason), _) => {
                Standing::Broken(reason.clone())
            }
            (OnDisk::Plain, _) => Standing::Plain,
            (OnDisk::Sealed(_), Some(problem)) => Standing::Broken(problem),
            (OnDisk::Sealed(sealed), None) => match &self.rule {
                None => Standing::NoRule,
                Some(rule) => sealed.standing(rule.rule(), names),
            },
        }
    }

    /// The recipients that the rule names, each once.
    pub fn wanted(&self) -> Vec<&Recipient> {
        let mut wanted: Vec<&Recipient> = Vec::new();
        for key in self.rule.iter().flat_map(|rule| &rule.rule().keys) {
            if !wanted.contains(&&key.recipient) {
                wanted.push(&key.recipient);
            }
        }
        wanted
    }

    /// What the header, or else the record, says of one recipient. `None` when there is no header.
    pub fn verdict(&self, recipient: &Recipient) -> Option<Verdict> {
        let OnDisk::Sealed(sealed) = &self.on_disk else { return None };
        let verdict = sealed.header.compare([recipient]).verdicts.first().copied()?;
        Some(match (verdict, &sealed.recorded) {
            (Verdict::Unprovable, Some(keys)) if keys.contains(&KeyId::of(recipient)) => {
                Verdict::Proven
            }
            (Verdict::Unprovable, Some(_)) => Verdict::Disproven,
            (verdict, _) => verdict,
        })
    }
}

impl Sealed {
    /// Reads what can be told about a header.
    pub fn new(header: Header, rule: Option<&Rule>, record: &Record) -> Self {
        let comparison =
            rule.map(|rule| header.compare(rule.keys.iter().map(|key| &key.recipient)));
        Self {
            armored: header.is_armored(),
            comparison,
            recorded: record.keys(&header.id()).cloned(),
            header: Arc::new(header),
        }
    }

    fn standing(&self, rule: &Rule, names: &Directory) -> Standing {
        let Some(comparison) = &self.comparison else { return Standing::NoRule };
        if comparison.is_drift() {
            return Standing::Drifted(drift(comparison, rule, names, &self.header));
        }
        if comparison.is_proven() {
            return Standing::Fine;
        }
        let Some(recorded) = &self.recorded else { return Standing::Unprovable };
        let wanted: BTreeSet<KeyId> =
            rule.keys.iter().map(|key| KeyId::of(&key.recipient)).collect();
        if *recorded == wanted {
            return Standing::Fine;
        }
        let missing = rule.keys.iter().filter(|key| !recorded.contains(&KeyId::of(&key.recipient)));
        let known = names.all();
        let extra = recorded.difference(&wanted).map(|id| {
            let name = known.iter().find(|known| KeyId::of(&known.recipient) == *id);
            name.map_or_else(
                || "a key that no rule names any more".to_owned(),
                |known| known.label(),
            )
        });
        Standing::Drifted(Drift {
            extra: extra.collect(),
            missing: missing.map(|key| names.label(&key.recipient)).collect(),
            other: Vec::new(),
        })
    }
}

impl Drift {
    /// `not for web; also for old-laptop; 1 X25519 stanza where 2 are due`
    pub fn describe(&self) -> String {
        let mut parts = Vec::new();
        if !self.missing.is_empty() {
            parts.push(format!("not for {}", self.missing.join(", ")));
        }
        if !self.extra.is_empty() {
            parts.push(format!("also for {}", self.extra.join(", ")));
        }
        parts.extend(self.other.iter().cloned());
        parts.join("; ")
    }
}

fn drift(comparison: &Comparison, rule: &Rule, names: &Directory, header: &Header) -> Drift {
    let mut drift = Drift::default();
    for (verdict, key) in comparison.verdicts.iter().zip(&rule.keys) {
        let label = names.label(&key.recipient);
        if *verdict == Verdict::Disproven && !drift.missing.contains(&label) {
            drift.missing.push(label);
        }
    }
    drift.extra = extra_readers(
        comparison,
        &rule.keys.iter().map(|key| &key.recipient).collect::<Vec<_>>(),
        names,
        header,
    );
    for count in comparison.counts.iter().filter(|count| count.is_wrong()) {
        // Recipients that are missing one by one are named already.
        if count.found > 0 || count.declared == 0 {
            drift.other.push(format!(
                "{} {} stanza{} where {} {} due",
                count.found,
                count.kind.stanza().unwrap_or("anonymous"),
                if count.found == 1 { "" } else { "s" },
                count.declared,
                if count.declared == 1 { "is" } else { "are" },
            ));
        }
    }
    if comparison.passphrase {
        drift.other.push("encrypted to a passphrase".to_owned());
    }
    drift
}

/// Readers that were not declared, by name where the fleet knows the key.
pub fn extra_readers(
    comparison: &Comparison,
    declared: &[&Recipient],
    names: &Directory,
    header: &Header,
) -> Vec<String> {
    if comparison.extras.is_empty() {
        return Vec::new();
    }
    let others = names.all().into_iter().filter(|known| !declared.contains(&&known.recipient));
    let mut labels: Vec<String> = others
        .filter(|known| header.compare([&known.recipient]).verdicts.contains(&Verdict::Proven))
        .map(super::directory::Known::label)
        .collect();
    let unnamed = comparison.extras.len().saturating_sub(labels.len());
    if unnamed > 0 && labels.is_empty() {
        labels.extend(comparison.extras.iter().map(|extra| match &extra.tag {
            Some(tag) => format!("an unknown {} key (tag {tag})", extra.kind),
            None => format!("an unknown {} key", extra.kind),
        }));
    } else if unnamed > 0 {
        labels.push(format!("{unnamed} unknown"));
    }
    labels
}
