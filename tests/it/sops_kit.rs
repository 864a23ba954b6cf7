//! What the tests of sops files share: throwaway keys, the real sops, and a generator of documents.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::str::FromStr;

use age::secrecy::ExposeSecret;
use hostward::backend::sops::{AgeEntry, Setup, SopsFile, Unlocked, Wanted, encrypt};
use hostward::format::{Document, Format, Item, Node, Value};
use std::time::SystemTime;
use zeroize::Zeroizing;

use crate::peer::fetched_peer;

/// A throwaway age key.
pub(crate) struct Key {
    identity: age::x25519::Identity,
    pub(crate) public: String,
}

impl Key {
    pub(crate) fn new() -> Self {
        let identity = age::x25519::Identity::generate();
        let public = identity.to_public().to_string();
        Self { identity, public }
    }

    pub(crate) fn secret(&self) -> String {
        self.identity.to_string().expose_secret().to_owned()
    }

    pub(crate) fn unwrap(&self, entry: &AgeEntry) -> Result<Zeroizing<Vec<u8>>, String> {
        age::decrypt(&self.identity, entry.enc.as_bytes())
            .map(Zeroizing::new)
            .map_err(|error| error.to_string())
    }

    pub(crate) fn unlock(&self, file: &SopsFile) -> Unlocked {
        file.unlock(&mut |entry| self.unwrap(entry)).unwrap()
    }
}

/// Wraps for an age or SSH recipient.
pub(crate) fn wrap(recipient: &str, bytes: &[u8]) -> Result<String, String> {
    if recipient.starts_with("ssh-") {
        let ssh = age::ssh::Recipient::from_str(recipient).map_err(|error| format!("{error:?}"))?;
        return age::encrypt_and_armor(&ssh, bytes).map_err(|error| error.to_string());
    }
    let age = age::x25519::Recipient::from_str(recipient).map_err(str::to_owned)?;
    age::encrypt_and_armor(&age, bytes).map_err(|error| error.to_string())
}

/// Both versions of sops that are held against us, as far as they are there.
pub(crate) fn sopses() -> Vec<PathBuf> {
    ["sops", "sops-3.10"].iter().filter_map(|name| fetched_peer(&format!("bin/{name}"))).collect()
}

/// Runs sops in `dir`.
pub(crate) fn sops(
    program: &Path,
    dir: &Path,
    key: &Key,
    args: &[&str],
) -> Result<Vec<u8>, String> {
    let output = Command::new(program)
        .args(args)
        .current_dir(dir)
        .env_clear()
        .env("HOME", dir)
        .env("SOPS_AGE_KEY", key.secret())
        .output()
        .unwrap();
    if output.status.success() {
        Ok(output.stdout)
    } else {
        Err(String::from_utf8_lossy(&output.stderr).into_owned())
    }
}

pub(crate) fn extension(format: Format) -> &'static str {
    match format {
        Format::Binary => "bin",
        Format::Dotenv => "env",
        Format::Ini => "ini",
        Format::Json => "json",
        Format::Yaml => "yaml",
    }
}

/// Encrypts `plain` to `key` with what sops does by default.
pub(crate) fn seal(format: Format, plain: &[u8], key: &Key) -> Vec<u8> {
    seal_with(
        format,
        plain,
        &Setup { wanted: Wanted::one(vec![key.public.clone()]), ..Setup::default() },
    )
}

pub(crate) fn seal_with(format: Format, plain: &[u8], setup: &Setup) -> Vec<u8> {
    match encrypt(format, plain, setup, SystemTime::now(), &wrap) {
        Ok(bytes) => bytes,
        Err(error) => panic!("{error}\n{}", String::from_utf8_lossy(plain)),
    }
}

/// Opens a file and returns its plaintext and values.
pub(crate) fn open(format: Format, bytes: &[u8], key: &Key) -> (Vec<u8>, Vec<Value>) {
    let file = SopsFile::parse(format, bytes.to_vec()).unwrap();
    let opened = match file.open(&key.unlock(&file), false) {
        Ok(opened) => opened,
        Err(error) => panic!("{error}\n{}", String::from_utf8_lossy(bytes)),
    };
    (opened.plain.to_vec(), opened.values)
}

pub(crate) fn values(format: Format, plain: &[u8]) -> Vec<Value> {
    Document::parse(format, plain.to_vec()).unwrap().tree().unwrap().to_values()
}

/// The texts of all comments in the tree, sorted.
pub(crate) fn comments(format: Format, plain: &[u8]) -> Vec<String> {
    fn gather(items: &[Item], out: &mut Vec<String>) {
        for item in items {
            match item {
                Item::Comment(comment) => {
                    out.push(String::from_utf8_lossy(comment.text.as_bytes()).into_owned());
                }
                Item::Entry { node: Node::List(items) | Node::Map(items), .. } => {
                    gather(items, out)
                }
                Item::Entry { .. } => {}
            }
        }
    }
    let tree = Document::parse(format, plain.to_vec()).unwrap().tree().unwrap();
    let mut out = Vec::new();
    tree.documents.iter().for_each(|items| gather(items, &mut out));
    out.retain(|text| !text.is_empty());
    out.sort();
    out
}

/// How many values a document has.
pub(crate) fn count(value: &Value) -> usize {
    match value {
        Value::List(items) => items.iter().map(count).sum(),
        Value::Map(pairs) => pairs.iter().map(|(_, value)| count(value)).sum(),
        Value::Scalar(_) => 1,
    }
}

/// A small generator of pseudo-random documents.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub(crate) fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % bound
    }

    pub(crate) fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    pub(crate) fn pick<'t>(&mut self, from: &[&'t str]) -> &'t str {
        from[self.below(from.len())]
    }

    /// A YAML stream with about `size` values.
    pub(crate) fn yaml(&mut self, size: usize) -> String {
        let mut yaml = YamlText { random: self, next: 0, left: size };
        let mut text = yaml.document();
        if yaml.random.chance(20) {
            text.push_str("---\n");
            yaml.left = size / 4;
            text.push_str(&yaml.document());
        }
        if self.chance(10) {
            text = text.replace('\n', "\r\n");
        }
        text
    }

    pub(crate) fn json(&mut self, size: usize) -> String {
        let mut text = String::from("{");
        for n in 0..size {
            let value = match self.below(12) {
                0 => "{\"a\": [1, {\"b\": null}], \"c\": {}}".to_owned(),
                1 => "[]".to_owned(),
                2 => format!("[\"x{n}\", {n}, true, [false, 1.5]]"),
                _ => self.pick(JSON_VALUES).to_owned(),
            };
            let gap = self.pick(&["\n\t", "\n\t", " ", ""]);
            text.push_str(&format!("{gap}\"key {n}\": {value},"));
        }
        text.pop();
        text.push_str("\n}\n");
        text
    }

    pub(crate) fn dotenv(&mut self, size: usize) -> String {
        let mut text = String::new();
        for n in 0..size {
            if self.chance(20) {
                text.push_str(&format!("#{} {n}\n", self.pick(&[" note", "x=y", ""])));
            }
            let value = self.pick(&["v", "", "a b ", "\"q\"", "a=b", "x\\ny", "é ü", "#no", "5"]);
            text.push_str(&format!("KEY_{n}={value}\n"));
        }
        text
    }

    pub(crate) fn ini(&mut self, size: usize) -> String {
        let mut text = String::new();
        for n in 0..size {
            if self.chance(15) {
                text.push_str(&format!(
                    "{}[section {n}]\n",
                    self.pick(&["", "\n", "; about it\n"])
                ));
            }
            if self.chance(20) {
                text.push_str(self.pick(&["; note\n", "# note two\n", "; one\n; two\n"]));
            }
            let value = self.pick(&[
                "v",
                "",
                "a b",
                "'q'",
                "\"d\"",
                "`x # y`",
                "\"\"\"m\nl\"\"\"",
                "5",
                "é",
            ]);
            let behind = self.pick(&["", "", "", " ; behind"]);
            let value = if value.contains(['`', '\n']) {
                value.to_owned()
            } else {
                format!("{value}{behind}")
            };
            text.push_str(&format!("key{n}{}{value}\n", self.pick(&[" = ", "=", ": "])));
        }
        text
    }
}

const JSON_VALUES: &[&str] = &[
    "1",
    "-7",
    "1.5",
    "1e3",
    "0.000001",
    "900719925474099",
    "true",
    "false",
    "null",
    "\"\"",
    "\"text\"",
    "\"\\u00e9\\n\\\"q\\\"\"",
    "\"😀\"",
    "\"<&>\"",
    "\"ENC\"",
];

const YAML_VALUES: &[&str] = &[
    "x",
    "5",
    "-3",
    "1.5",
    "1.0",
    "true",
    "False",
    "null",
    "~",
    "''",
    "\"\"",
    "'q # no'",
    "\"d: \\n\"",
    "2024-01-01",
    "2024-01-01T10:00:00+02:00",
    "0x1F",
    "014",
    "1_000",
    "1e3",
    "1e21",
    ".5",
    "a b c",
    "foo:bar",
    "yes",
    "[1, two, 'x']",
    "{a: 1, b: [c]}",
    "[]",
    "{}",
    "é ü",
    "\"😀\"",
    "!!str 5",
    "!foo z",
    "*a",
    "\"tab\\there\"",
    "99999999999999999999999",
    "-0",
    "\"trailing \"",
    "\" lead\"",
];

struct YamlText<'r> {
    random: &'r mut Random,
    next: usize,
    left: usize,
}

impl YamlText<'_> {
    fn document(&mut self) -> String {
        let mut text = self.comment(0, 30);
        text.push_str("anchor: &a shared\n");
        while self.left > 0 {
            text.push_str(&self.mapping(0, 3));
        }
        text.push_str(&self.comment(0, 20));
        text
    }

    fn comment(&mut self, indent: usize, percent: usize) -> String {
        if !self.random.chance(percent) {
            return String::new();
        }
        let mut text = "\n".repeat(self.random.below(2));
        for _ in 0..=self.random.below(2) {
            let note = self.random.pick(&[" note", "tight", " key: value", " ünï"]);
            text.push_str(&format!("{}#{note} {}\n", " ".repeat(indent), self.random.below(1000)));
        }
        text + &"\n".repeat(self.random.below(2))
    }

    fn behind(&mut self) -> String {
        if self.random.chance(15) {
            format!("  # behind {}", self.random.below(100))
        } else {
            String::new()
        }
    }

    fn scalar(&mut self, indent: usize) -> String {
        self.left = self.left.saturating_sub(1);
        let inner = " ".repeat(indent + 2);
        match self.random.below(12) {
            0 => {
                let head = self.random.pick(&["|", "|-", ">", ">-", "|+"]);
                format!("{head}{}\n{inner}line one\n\n{inner}line # two\n", self.behind())
            }
            1 => format!("[a,\n{inner}b, # in flow\n{inner}{{c: d}}\n{inner}]{}\n", self.behind()),
            2 => format!("many words\n{inner}over lines\n"),
            _ => format!("{}{}\n", self.random.pick(YAML_VALUES), self.behind()),
        }
    }

    fn mapping(&mut self, indent: usize, depth: usize) -> String {
        let mut text = String::new();
        for n in 0..=self.random.below(4) {
            if n > 0 || indent == 0 {
                text.push_str(&self.comment(indent, 20));
            }
            self.next += 1;
            let key = format!("{}{}", self.random.pick(&["k", "some key ", "a_b"]), self.next);
            text.push_str(&format!("{}{key}:", " ".repeat(indent)));
            text.push_str(&self.value(indent, depth));
        }
        text
    }

    fn value(&mut self, indent: usize, depth: usize) -> String {
        match self.random.below(10) {
            0 | 1 if depth > 0 => {
                format!("{}\n{}", self.behind(), self.mapping(indent + 2, depth - 1))
            }
            2 if depth > 0 => {
                let indent = indent + 2 * self.random.below(2);
                format!("{}\n{}", self.behind(), self.list(indent, depth - 1))
            }
            _ => format!(" {}", self.scalar(indent)),
        }
    }

    fn list(&mut self, indent: usize, depth: usize) -> String {
        let mut text = String::new();
        for _ in 0..=self.random.below(3) {
            text.push_str(&self.comment(indent, 20));
            let dash = format!("{}- ", " ".repeat(indent));
            text.push_str(&dash);
            if depth > 0 && self.random.chance(30) {
                let inner = self.mapping(indent + 2, depth - 1);
                text.push_str(&inner[indent + 2..]);
            } else {
                text.push_str(&self.scalar(indent));
            }
        }
        text
    }
}

/// Writes `bytes` as `name` in `dir`.
pub(crate) fn put(dir: &Path, name: &str, bytes: &[u8]) -> PathBuf {
    let path = dir.join(name);
    fs::write(&path, bytes).unwrap();
    path
}
