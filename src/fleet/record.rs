//! `hostward.lock`: whom a file was encrypted to when we wrote it, for the recipients that its header
//! cannot name (X25519, post-quantum). A line is bound to the hash of one header, so a stale one says
//! nothing; the file may be deleted at any time. It is a memory, not an authority: it is never created
//! unless asked for.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::fmt::Write;

use crate::crypto::Recipient;
use crate::crypto::hash::Algorithm;
use crate::repo::RepoPath;

/// Name of the file, at the root of the fleet.
pub const FILE: &str = "hostward.lock";

const HEAD: &str =
    "# Whom hostward encrypted each file to, where the file itself cannot tell. Safe to delete.\n";

/// A short name for a key: eight bytes of the SHA-256 of its canonical form, in hexadecimal.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct KeyId(String);

impl KeyId {
    /// The name of this key.
    pub fn of(recipient: &Recipient) -> Self {
        let digest = Algorithm::Sha256.digest(recipient.canonical().as_bytes());
        Self(hex(&digest[..8]))
    }
}

/// All lines of the file.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Record {
    /// By the header's hash in hexadecimal.
    lines: BTreeMap<String, Line>,
}

#[derive(Clone, Debug, Eq, PartialEq)]
struct Line {
    keys: BTreeSet<KeyId>,
    path: String,
}

impl Record {
    /// Reads what can be read: lines of another shape are from another version and say nothing to us.
    pub fn parse(text: &str) -> Self {
        let lines = text.lines().filter(|line| !line.starts_with('#')).filter_map(|line| {
            let (header, rest) = line.split_once(' ')?;
            let (keys, path) = rest.split_once(' ')?;
            let is_hex = |text: &str| text.bytes().all(|byte| byte.is_ascii_hexdigit());
            (header.len() == 64 && is_hex(header)).then_some(())?;
            let keys = keys.split(',').filter(|key| key.len() == 16 && is_hex(key));
            let keys = keys.map(|key| KeyId(key.to_owned())).collect();
            Some((header.to_owned(), Line { keys, path: path.to_owned() }))
        });
        Self { lines: lines.collect() }
    }

    /// The keys that the file with this header was encrypted to, if we remember.
    pub fn keys(&self, header: &[u8; 32]) -> Option<&BTreeSet<KeyId>> {
        self.lines.get(&hex(header)).map(|line| &line.keys)
    }

    /// Remembers a new header of `path`; what was known of an older one is forgotten.
    pub fn set<'a>(
        &mut self,
        path: &RepoPath,
        header: &[u8; 32],
        recipients: impl IntoIterator<Item = &'a Recipient>,
    ) {
        let Some(path) = path.to_str().filter(|path| !path.contains(['\n', '\r'])) else {
            return;
        };
        self.lines.retain(|_, line| line.path != path);
        let keys = recipients.into_iter().map(KeyId::of).collect();
        self.lines.insert(hex(header), Line { keys, path: path.to_owned() });
    }

    /// The file's text, sorted by path.
    pub fn render(&self) -> String {
        let mut lines: Vec<(&String, &Line)> = self.lines.iter().collect();
        lines.sort_by_key(|(header, line)| (&line.path, *header));
        let mut text = HEAD.to_owned();
        for (header, line) in lines {
            let keys: Vec<&str> = line.keys.iter().map(|key| key.0.as_str()).collect();
            // Writing to a string cannot fail.
            let _ = writeln!(text, "{header} {} {}", keys.join(","), line.path);
        }
        text
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_reads_back_and_forgets_the_old_header() {
        let alice = crate::crypto::generate_x25519().public;
        let path = RepoPath::new("secrets/a b.age").unwrap();
        let mut record = Record::default();
        record.set(&path, &[1; 32], [&alice]);
        record.set(&path, &[2; 32], [&alice]);
        let read = Record::parse(&record.render());
        assert_eq!(read, record);
        assert_eq!(read.keys(&[1; 32]), None);
        assert_eq!(read.keys(&[2; 32]), Some(&BTreeSet::from([KeyId::of(&alice)])));
    }

    #[test]
    fn lines_of_other_shapes_say_nothing() {
        assert_eq!(Record::parse("v2 {}\n\nzz aa b\n# c\n"), Record::default());
    }
}
