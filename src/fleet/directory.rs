//! Who the keys belong to: names and roles of recipients, gathered from what the repository calls
//! them. A name is for people to read and to type; two keys are the same only when their bytes are.

use std::collections::BTreeMap;

use crate::crypto::Recipient;

/// What a key is for, as far as its name tells.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Role {
    Host,
    Person,
    Backup,
    /// Nothing tells.
    #[default]
    Other,
}

impl Role {
    /// The noun for one of them.
    pub fn noun(self) -> &'static str {
        match self {
            Self::Backup => "backup key",
            Self::Host => "host",
            Self::Other => "key",
            Self::Person => "person",
        }
    }

    /// What the words around a key say of it: the innermost word that says something wins.
    pub fn of_words<'a>(words: impl DoubleEndedIterator<Item = &'a str>) -> Self {
        words.rev().map(Self::of_word).find(|role| *role != Self::Other).unwrap_or_default()
    }

    fn of_word(word: &str) -> Self {
        let word = word.to_lowercase();
        let is = |names: &[&str]| {
            word.split(['-', '_', '.', '/', ' ']).any(|part| {
                names.iter().any(|name| part == *name || part.strip_suffix('s') == Some(name))
            })
        };
        if is(&["backup", "escrow", "offline", "recovery"]) {
            Self::Backup
        } else if is(&["host", "machine", "node", "server", "system", "darwin", "nixos"]) {
            Self::Host
        } else if is(&[
            "admin",
            "human",
            "maintainer",
            "member",
            "operator",
            "people",
            "person",
            "user",
        ]) {
            Self::Person
        } else {
            Self::Other
        }
    }

    /// What a key's comment says: `root@web` is made on a host, `alice@laptop` by a person.
    pub fn of_comment(comment: &str) -> Self {
        match comment.split_once('@') {
            Some(("root", _)) => Self::Host,
            Some((user, _)) if !user.is_empty() && !user.contains(' ') => Self::Person,
            _ => Self::Other,
        }
    }
}

/// A recipient with the names that the repository uses for it.
#[derive(Clone, Debug)]
pub struct Known {
    /// In the order they were found, without repeats. Empty when nothing names the key.
    pub names: Vec<String>,
    pub recipient: Recipient,
    pub role: Role,
}

impl Known {
    /// The first name, else the key's comment, else a shortened key.
    pub fn label(&self) -> String {
        self.names.first().cloned().unwrap_or_else(|| self.recipient.label())
    }
}

/// All recipients of the fleet, by key.
#[derive(Clone, Debug, Default)]
pub struct Directory {
    by_key: BTreeMap<String, Known>,
}

impl Directory {
    /// Makes sure that the key is known.
    pub fn add(&mut self, recipient: &Recipient) -> &mut Known {
        let known = self.by_key.entry(recipient.canonical().to_owned());
        let known = known.or_insert_with(|| Known {
            names: Vec::new(),
            recipient: recipient.clone(),
            role: recipient.comment().map(Role::of_comment).unwrap_or_default(),
        });
        if known.recipient.comment().is_none() {
            known.recipient = recipient.clone();
        }
        known
    }

    /// Adds a name and, unless the words say nothing, the role.
    pub fn name(&mut self, recipient: &Recipient, name: &str, role: Role) {
        let known = self.add(recipient);
        if !name.is_empty() && !known.names.iter().any(|given| given == name) {
            known.names.push(name.to_owned());
        }
        if role != Role::Other {
            known.role = role;
        } else if known.recipient.comment().is_some_and(|comment| is_machine(comment, name)) {
            // `web = "… deploy@web"`: the name is the machine's, whoever made the key on it.
            known.role = Role::Other;
        }
    }

    /// The key's entry, if it was seen.
    pub fn get(&self, recipient: &Recipient) -> Option<&Known> {
        self.by_key.get(recipient.canonical())
    }

    /// What to call the key in a message.
    pub fn label(&self, recipient: &Recipient) -> String {
        self.get(recipient).map_or_else(|| recipient.label(), Known::label)
    }

    /// Every known key, hosts first, then people, then by name.
    pub fn all(&self) -> Vec<&Known> {
        let mut all: Vec<&Known> = self.by_key.values().collect();
        all.sort_by_cached_key(|known| (known.role, known.label()));
        all
    }

    /// The keys that a user means by a name, a comment, a fingerprint or the key itself.
    pub fn find(&self, wanted: &str) -> Vec<&Known> {
        let wanted = wanted.trim();
        if let Ok(recipient) = Recipient::parse(wanted) {
            return self.get(&recipient).into_iter().collect();
        }
        let named: Vec<&Known> = self
            .by_key
            .values()
            .filter(|known| known.names.iter().any(|name| name == wanted))
            .collect();
        if !named.is_empty() {
            return named;
        }
        let is_it = |known: &&Known| {
            known.recipient.comment() == Some(wanted)
                || known.recipient.fingerprint().as_deref() == Some(wanted)
        };
        self.by_key.values().filter(is_it).collect()
    }

    /// Names close to one that was not found, nearest first.
    pub fn similar(&self, wanted: &str) -> Vec<String> {
        let mut close: Vec<(usize, &str)> = self
            .by_key
            .values()
            .flat_map(|known| &known.names)
            .map(|name| (distance(wanted, name), name.as_str()))
            .filter(|(distance, name)| *distance <= 1 + name.chars().count() / 3)
            .collect();
        close.sort_unstable();
        close.dedup();
        close.into_iter().take(3).map(|(_, name)| name.to_owned()).collect()
    }
}

/// Whether the name is the part of a comment after the `@`.
fn is_machine(comment: &str, name: &str) -> bool {
    comment.split_once('@').is_some_and(|(user, machine)| user != "root" && machine == name)
}

/// Levenshtein distance in characters, over short names.
pub fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().take(128).collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().take(128).enumerate() {
        let mut corner = i;
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let replaced = corner + usize::from(x != *y);
            corner = row[j + 1];
            row[j + 1] = replaced.min(corner + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_come_from_words_and_comments() {
        let role = |path: &[&str]| Role::of_words(path.iter().copied());
        assert_eq!(role(&["hosts", "web"]), Role::Host);
        assert_eq!(role(&["users", "backup"]), Role::Backup);
        assert_eq!(role(&["all-systems"]), Role::Host);
        assert_eq!(role(&["alice"]), Role::Other);
        assert_eq!(Role::of_comment("root@web"), Role::Host);
        assert_eq!(Role::of_comment("alice@laptop"), Role::Person);
        assert_eq!(Role::of_comment("laptop"), Role::Other);
    }

    #[test]
    fn distance_counts_edits() {
        assert_eq!(distance("web", "web"), 0);
        assert_eq!(distance("wbe", "web"), 2);
        assert_eq!(distance("", "web"), 3);
        assert_eq!(distance("web1", "web2"), 1);
    }
}
