//! What the rules file, and what it imports, call their keys: `alice = "ssh-ed25519 …"`,
//! `hosts.web = …`, `./keys/web.pub`. Names and roles are for people; access is decided by keys alone.

use std::path::Path;
use std::path::PathBuf;

use crate::crypto::KeyCache;
use crate::crypto::Recipient;
use crate::nix::Place;
use crate::nix::bindings::Bindings;

/// A key with a name that a file gives to it.
#[derive(Clone, Debug)]
pub struct NamedKey {
    /// Where the key itself is written.
    pub at: Place,
    /// Empty when only the words say something of it.
    pub name: String,
    pub recipient: Recipient,
    /// Names around the key, outermost first: enclosing bindings, lists that mention it, directories.
    pub words: Vec<String>,
}

/// Files larger than this are no key files.
const LIMIT: u64 = 1 << 20;

/// All names in the files that an evaluation read.
pub(super) fn find(files: &[PathBuf], cache: &mut KeyCache) -> Vec<NamedKey> {
    let mut found = Vec::new();
    let mut lists: Vec<(String, Vec<String>)> = Vec::new();
    for file in files {
        let small = file.metadata().is_ok_and(|data| data.is_file() && data.len() <= LIMIT);
        let Some(text) = small.then(|| std::fs::read_to_string(file).ok()).flatten() else {
            continue;
        };
        if file.extension().is_some_and(|extension| extension == "nix") {
            let bindings = Bindings::scan(&text);
            from_nix(file, &bindings, cache, &mut found);
            let named = bindings.lists.into_iter();
            lists.extend(named.filter_map(|list| Some((list.path.last()?.clone(), list.members))));
        } else {
            from_key_file(file, &text, cache, &mut found);
        }
    }
    for key in &mut found {
        let holders = lists.iter().filter(|(_, members)| members.contains(&key.name));
        let mut words: Vec<String> = holders
            .map(|(holder, _)| holder.clone())
            .filter(|holder| holder != "publicKeys" && !key.words.contains(holder))
            .collect();
        // What is written around the key itself weighs more than the lists that use it.
        words.append(&mut key.words);
        key.words = words;
    }
    found
}

fn from_nix(file: &Path, bindings: &Bindings, cache: &mut KeyCache, found: &mut Vec<NamedKey>) {
    for string in bindings.strings.iter().filter(|string| may_be_key(&string.value)) {
        for key in cache.parse_keys(&string.value) {
            let Ok(recipient) = key.recipient else { continue };
            // In a rule the path is the secret's, not the key's.
            let in_rule = string.path.last().is_some_and(|last| last == "publicKeys");
            let words = if in_rule { Vec::new() } else { string.path.clone() };
            let name = match &string.comment {
                Some(comment) if string.in_list && !comment.contains(' ') => comment.clone(),
                // A list's name is not the name of each of its items.
                _ if string.in_list => String::new(),
                _ => telling_name(&words),
            };
            let at = Place { file: file.into(), span: string.span.clone() };
            found.push(NamedKey { at, name, recipient, words });
        }
    }
}

fn from_key_file(file: &Path, text: &str, cache: &mut KeyCache, found: &mut Vec<NamedKey>) {
    let stem = file.file_stem().map(|stem| stem.to_string_lossy().into_owned());
    let folders = file.parent().into_iter().flat_map(Path::components);
    let mut words: Vec<String> =
        folders.rev().take(2).map(|part| part.as_os_str().to_string_lossy().into_owned()).collect();
    words.reverse();
    let keys = cache.parse_keys(text);
    let only = keys.len() == 1;
    for key in keys {
        let Ok(recipient) = key.recipient else { continue };
        // `hosts/web/ssh_host_ed25519_key.pub` is named by its folder.
        let stem = stem.clone().filter(|stem| only && !stem.starts_with("ssh_host_"));
        let folder = words.last().cloned().filter(|_| only);
        let name = stem.or(folder).unwrap_or_default();
        let at = Place { file: file.into(), span: key.span };
        found.push(NamedKey { at, name, recipient, words: words.clone() });
    }
}

/// The last word that says whose key it is: of `me.sshKey`, `me`.
fn telling_name(words: &[String]) -> String {
    let says_nothing = |word: &str| {
        let word = word.to_lowercase().replace(['-', '_'], "");
        [
            "age",
            "hostkey",
            "key",
            "keys",
            "pubkey",
            "publickey",
            "publickeys",
            "recipient",
            "ssh",
            "sshkey",
        ]
        .contains(&word.as_str())
    };
    let telling = words.iter().rev().find(|word| !says_nothing(word));
    telling.or(words.last()).cloned().unwrap_or_default()
}

/// A cheap look before parsing: most strings of a rules file are names of secrets.
fn may_be_key(text: &str) -> bool {
    text.contains("ssh-") || text.contains("age1") || text.contains("AGE1")
}
