//! The probe document: what `probe.sh` prints, read strictly. It refuses to
//! guess: a document that is cut short, altered, too large, or holds a byte
//! other than printable ASCII and tabs is an error and never a partial answer.
//!
//! The format, one record a line:
//!
//! ```text
//! hostward-probe 1                first line: name and version of the format
//! [pci]                           a section, each at most once
//! value PATH TEXT                 a one-line attribute, or a named word
//! file PATH                       a text; its lines follow, each after a `|`
//! run NAME                        what a command printed; lines likewise
//! link PATH TARGET                where a directory path really is
//! dir PATH                        a directory that exists
//! dev PATH MAJOR:MINOR            a device node
//! gap NAME REASON                 a fact that could not be read
//! end BYTES CRC                   last line; POSIX cksum of all before it
//! ```
//!
//! In every field `%` and all bytes but printable ASCII (and tabs in a text)
//! are written `%xx`; in PATH and NAME the blank too. A CRC of `-` stands for a
//! machine without `cksum`.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::fmt;

/// The largest document that is read, in bytes.
pub const MAX_BYTES: usize = 4 << 20;
/// The longest line of a document, in bytes.
pub const MAX_LINE: usize = 64 << 10;
/// The most lines of a document.
pub const MAX_LINES: usize = 100_000;

const SECTIONS: [&str; 11] =
    ["block", "cpu", "dev", "firmware", "mounts", "net", "pci", "ssh", "storage", "system", "usb"];

/// One captured machine: a small file tree, device numbers, command outputs
/// and the gaps between them.
#[derive(Clone, Debug, Default)]
pub struct Document {
    text: String,
    values: BTreeMap<String, String>,
    files: BTreeMap<String, Vec<String>>,
    runs: BTreeMap<String, Vec<String>>,
    links: BTreeMap<String, String>,
    dirs: BTreeSet<String>,
    devs: BTreeMap<String, DevNum>,
    gaps: Vec<Gap>,
}

/// The major and minor number of a device.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct DevNum {
    /// Major number; 0 for file systems that sit on no single device.
    pub major: u32,
    /// Minor number.
    pub minor: u32,
}

/// A fact that could not be read.
#[derive(Clone, Debug, Eq, PartialEq, serde::Serialize)]
pub struct Gap {
    /// What is missing: a path or the name of a section or command.
    pub about: String,
    /// Why.
    pub reason: String,
}

/// Why a text is not a probe document. Lines are counted from 1.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum DocumentError {
    /// The trailer does not fit the text.
    #[error("the probe document was altered or damaged: its checksum does not fit")]
    Checksum,
    /// A byte that the probe never prints.
    #[error("line {line} of the probe document holds a control or non-ASCII character")]
    ControlCharacter {
        /// Line number.
        line: usize,
    },
    /// The same path twice with different content, or a section twice.
    #[error("line {line} of the probe document repeats an earlier record")]
    Duplicate {
        /// Line number.
        line: usize,
    },
    /// The first line is not ours.
    #[error("this is not a probe document: its first line is not `hostward-probe 1`")]
    NotADocument,
    /// A line that is none of the known records.
    #[error("line {line} of the probe document is not a known record")]
    Record {
        /// Line number.
        line: usize,
    },
    /// Larger than any machine needs.
    #[error("the probe document is too large (more than {limit} {unit})")]
    TooLarge {
        /// The bound that was passed.
        limit: usize,
        /// What is counted: `bytes`, `lines` or `bytes in one line`.
        unit: &'static str,
    },
    /// Something after the trailer.
    #[error("the probe document goes on after its end")]
    Trailing,
    /// No trailer.
    #[error("the probe document is cut short: its last line is missing")]
    Truncated,
    /// Another version of the format.
    #[error("the probe document has format version `{found}`, this program reads version 1")]
    Version {
        /// The version it says, at most 20 characters.
        found: String,
    },
}

impl Document {
    /// Reads a document.
    ///
    /// # Errors
    /// Whenever the bytes are not exactly one whole document.
    pub fn parse(bytes: &[u8]) -> Result<Self, DocumentError> {
        let text = checked_text(bytes)?;
        let (body, trailer) = split_trailer(text)?;
        let summed = check_trailer(body, trailer)?;
        let mut document = Reader::default().read(body)?;
        document.text = text.to_owned();
        if !summed {
            document.add_gap("cksum", "no cksum command; only the length was checked");
        }
        Ok(document)
    }

    /// The document as it was read, for saving.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// A one-line attribute or named word.
    #[must_use]
    pub fn value(&self, path: &str) -> Option<&str> {
        self.values.get(path).map(String::as_str)
    }

    /// The lines of a text file.
    #[must_use]
    pub fn file(&self, path: &str) -> Option<&[String]> {
        self.files.get(path).map(Vec::as_slice)
    }

    /// The lines that a command printed.
    #[must_use]
    pub fn output(&self, name: &str) -> Option<&[String]> {
        self.runs.get(name).map(Vec::as_slice)
    }

    /// Where a directory path really is.
    #[must_use]
    pub fn link(&self, path: &str) -> Option<&str> {
        self.links.get(path).map(String::as_str)
    }

    /// The last part of where a directory path really is.
    #[must_use]
    pub fn link_name(&self, path: &str) -> Option<&str> {
        self.link(path).and_then(|target| target.rsplit('/').next())
    }

    /// Is this a directory on the machine.
    #[must_use]
    pub fn is_dir(&self, path: &str) -> bool {
        self.dirs.contains(path)
    }

    /// The number of a device node.
    #[must_use]
    pub fn dev(&self, path: &str) -> Option<DevNum> {
        self.devs.get(path).copied()
    }

    /// The device nodes directly or indirectly below a directory, sorted.
    pub fn devs_below<'a>(
        &'a self,
        dir: &str,
    ) -> impl Iterator<Item = (&'a str, DevNum)> + use<'a> {
        below(&self.devs, dir).map(|(path, number)| (path.as_str(), *number))
    }

    /// Links whose path starts with `dir/`, sorted.
    pub fn links_below<'a>(
        &'a self,
        dir: &str,
    ) -> impl Iterator<Item = (&'a str, &'a str)> + use<'a> {
        below(&self.links, dir).map(|(path, target)| (path.as_str(), target.as_str()))
    }

    /// Files whose path starts with `dir/`, sorted.
    pub fn files_below<'a>(
        &'a self,
        dir: &str,
    ) -> impl Iterator<Item = (&'a str, &'a [String])> + use<'a> {
        below(&self.files, dir).map(|(path, lines)| (path.as_str(), lines.as_slice()))
    }

    /// The names that records have directly below `dir`, sorted: the entries of
    /// a directory such as `/sys/class/block`, as far as the probe saw them.
    #[must_use]
    pub fn entries(&self, dir: &str) -> Vec<&str> {
        let values = below(&self.values, dir).map(|(path, _)| path);
        let links = below(&self.links, dir).map(|(path, _)| path);
        let names: BTreeSet<&str> = values
            .chain(links)
            .filter_map(|path| path.get(dir.len() + 1..)?.split('/').next())
            .collect();
        names.into_iter().collect()
    }

    /// What could not be read.
    #[must_use]
    pub fn gaps(&self) -> &[Gap] {
        &self.gaps
    }

    fn add_gap(&mut self, about: &str, reason: &str) {
        self.gaps.push(Gap { about: about.to_owned(), reason: reason.to_owned() });
    }
}

impl fmt::Display for DevNum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.major, self.minor)
    }
}

impl serde::Serialize for DevNum {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl std::str::FromStr for DevNum {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (major, minor) = text.split_once(':').ok_or(())?;
        let number = |part: &str| match part.bytes().all(|byte| byte.is_ascii_digit()) {
            true => part.parse().map_err(|_| ()),
            false => Err(()),
        };
        Ok(Self { major: number(major)?, minor: number(minor)? })
    }
}

/// Completes a document body with its trailer, as the probe does: for documents
/// that are written by hand.
#[must_use]
pub fn seal(body: &str) -> String {
    format!("{body}end {} {}\n", body.len(), cksum(body.as_bytes()))
}

fn below<'a, T>(
    map: &'a BTreeMap<String, T>,
    dir: &str,
) -> impl Iterator<Item = (&'a String, &'a T)> + use<'a, T> {
    let from = format!("{dir}/");
    map.range(from.clone()..).take_while(move |(path, _)| path.starts_with(&from))
}

fn checked_text(bytes: &[u8]) -> Result<&str, DocumentError> {
    if bytes.len() > MAX_BYTES {
        return Err(DocumentError::TooLarge { limit: MAX_BYTES, unit: "bytes" });
    }
    let mut lines = 0;
    for (index, line) in bytes.split(|byte| *byte == b'\n').enumerate() {
        if line.len() > MAX_LINE {
            return Err(DocumentError::TooLarge { limit: MAX_LINE, unit: "bytes in one line" });
        }
        if !line.iter().all(|byte| matches!(byte, b'\t' | b' '..=b'~')) {
            return Err(DocumentError::ControlCharacter { line: index + 1 });
        }
        lines = index;
    }
    if lines > MAX_LINES {
        return Err(DocumentError::TooLarge { limit: MAX_LINES, unit: "lines" });
    }
    let text = std::str::from_utf8(bytes).map_err(|_| DocumentError::NotADocument)?;
    match text.split('\n').next().and_then(|first| first.strip_prefix("hostward-probe ")) {
        Some("1") => Ok(text),
        Some(found) => Err(DocumentError::Version { found: found.chars().take(20).collect() }),
        None => Err(DocumentError::NotADocument),
    }
}

fn split_trailer(text: &str) -> Result<(&str, &str), DocumentError> {
    let at = text.find("\nend ").ok_or(DocumentError::Truncated)? + 1;
    let (body, rest) = text.split_at(at);
    let (trailer, after) = rest.split_once('\n').ok_or(DocumentError::Truncated)?;
    if after.is_empty() { Ok((body, trailer)) } else { Err(DocumentError::Trailing) }
}

/// Ok(false) when only the length could be checked.
fn check_trailer(body: &str, trailer: &str) -> Result<bool, DocumentError> {
    let mut fields = trailer.split(' ').skip(1);
    let (Some(bytes), Some(sum), None) = (fields.next(), fields.next(), fields.next()) else {
        return Err(DocumentError::Truncated);
    };
    if bytes != body.len().to_string() {
        return Err(DocumentError::Checksum);
    }
    match sum {
        "-" => Ok(false),
        sum if sum == cksum(body.as_bytes()).to_string() => Ok(true),
        _ => Err(DocumentError::Checksum),
    }
}

/// The CRC of POSIX `cksum`.
fn cksum(bytes: &[u8]) -> u32 {
    let mut crc = 0_u32;
    let mut feed = |byte: u8| {
        crc ^= u32::from(byte) << 24;
        for _ in 0..8 {
            crc = if crc & 1 << 31 == 0 { crc << 1 } else { crc << 1 ^ 0x04c1_1db7 };
        }
    };
    bytes.iter().copied().for_each(&mut feed);
    let mut length = bytes.len();
    while length > 0 {
        feed((length & 0xff) as u8);
        length >>= 8;
    }
    !crc
}

#[derive(Default)]
struct Reader {
    document: Document,
    sections: BTreeSet<String>,
    open: Option<Open>,
}

/// The text that `|` lines belong to.
struct Open {
    name: String,
    run: bool,
}

impl Reader {
    fn read(mut self, body: &str) -> Result<Document, DocumentError> {
        for (index, line) in body.lines().enumerate().skip(1) {
            self.record(line, index + 1)?;
        }
        let missing = SECTIONS.iter().filter(|name| !self.sections.contains(**name));
        for name in missing {
            self.document.add_gap(name, "the document has no such section");
        }
        Ok(self.document)
    }

    fn record(&mut self, line: &str, number: usize) -> Result<(), DocumentError> {
        let wrong = || DocumentError::Record { line: number };
        let duplicate = || DocumentError::Duplicate { line: number };
        if let Some(text) = line.strip_prefix('|') {
            let open = self.open.as_ref().ok_or_else(wrong)?;
            let of = if open.run { &mut self.document.runs } else { &mut self.document.files };
            let decoded = decode(text).ok_or_else(wrong)?;
            of.entry(open.name.clone()).or_default().push(decoded);
            return Ok(());
        }
        self.open = None;
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            if !SECTIONS.contains(&name) {
                return Err(wrong());
            }
            return match self.sections.insert(name.to_owned()) {
                true => Ok(()),
                false => Err(duplicate()),
            };
        }
        let (kind, rest) = line.split_once(' ').ok_or_else(wrong)?;
        let (first, text) = rest.split_once(' ').unwrap_or((rest, ""));
        let path = decode(first).filter(|path| !path.is_empty()).ok_or_else(wrong)?;
        let text = decode(text).ok_or_else(wrong)?;
        let document = &mut self.document;
        let fresh = match kind {
            "value" => once(&mut document.values, path, text),
            "link" => once(&mut document.links, path, text),
            "dev" => once(&mut document.devs, path, text.parse().map_err(|()| wrong())?),
            "dir" if text.is_empty() => {
                document.dirs.insert(path);
                true
            }
            "gap" => {
                document.gaps.push(Gap { about: path, reason: text });
                true
            }
            "file" | "run" if text.is_empty() => {
                let run = kind == "run";
                let of = if run { &mut document.runs } else { &mut document.files };
                self.open = Some(Open { name: path.clone(), run });
                of.insert(path, Vec::new()).is_none()
            }
            _ => return Err(wrong()),
        };
        if fresh { Ok(()) } else { Err(duplicate()) }
    }
}

/// Inserts; false if the key is there with another value.
fn once<T: PartialEq>(map: &mut BTreeMap<String, T>, key: String, value: T) -> bool {
    match map.get(&key) {
        Some(there) => *there == value,
        None => {
            map.insert(key, value);
            true
        }
    }
}

/// Undoes `%xx`. Bytes that are no UTF-8 become U+FFFD: names that a person
/// chose may be anything, and none of them is worth refusing a machine for.
fn decode(text: &str) -> Option<String> {
    if !text.contains('%') {
        return Some(text.to_owned());
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let high = char::from(rest.next()?).to_digit(16)?;
        let low = char::from(rest.next()?).to_digit(16)?;
        bytes.push((high * 16 + low) as u8);
    }
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(body: &str) -> Result<Document, DocumentError> {
        Document::parse(seal(body).as_bytes())
    }

    #[test]
    fn cksum_is_that_of_posix() {
        // `printf 123456789 | cksum`
        assert_eq!(cksum(b"123456789"), 930_766_865);
        assert_eq!(cksum(b""), 4_294_967_295);
    }

    #[test]
    fn records() {
        let document = parse(
            "hostward-probe 1\n[system]\nvalue machine x86_64\nfile /a%20b\n|x\ty\n|%25%c3%a9\n\
             link /sys/class/block/sda /sys/devices/ata1/sda\ndir /\ndev /dev/sda 8:0\n\
             run detect-virt\n|none\ngap zfs no zfs command\n",
        )
        .unwrap();
        assert_eq!(document.value("machine"), Some("x86_64"));
        assert_eq!(document.file("/a b").unwrap(), ["x\ty", "%é"]);
        assert_eq!(document.link_name("/sys/class/block/sda"), Some("sda"));
        assert_eq!(document.entries("/sys/class/block"), ["sda"]);
        assert!(document.is_dir("/"));
        assert_eq!(document.dev("/dev/sda"), Some(DevNum { major: 8, minor: 0 }));
        assert_eq!(document.output("detect-virt").unwrap(), ["none"]);
        assert_eq!(document.gaps()[0].about, "zfs");
        assert!(document.gaps().iter().any(|gap| gap.about == "pci"));
    }

    #[test]
    fn refusals() {
        let bad = |bytes: &[u8]| Document::parse(bytes).unwrap_err();
        assert_eq!(bad(b""), DocumentError::NotADocument);
        assert_eq!(bad(b"hostward-probe 1\n"), DocumentError::Truncated);
        assert_eq!(bad(b"hostward-probe 9\n"), DocumentError::Version { found: "9".to_owned() });
        assert_eq!(bad(b"hostward-probe 1\nend 17 1\n"), DocumentError::Checksum);
        assert_eq!(bad(b"hostward-probe 1\nend 18 -\n"), DocumentError::Checksum);
        assert_eq!(bad(b"hostward-probe 1\n\x1b[2J"), DocumentError::ControlCharacter { line: 2 });
        let sealed = seal("hostward-probe 1\n");
        assert_eq!(bad(format!("{sealed}x\n").as_bytes()), DocumentError::Trailing);
        for (record, error) in [
            ("what /x", DocumentError::Record { line: 2 }),
            ("|text of nothing", DocumentError::Record { line: 2 }),
            ("[nothing]", DocumentError::Record { line: 2 }),
            ("value /a %g0", DocumentError::Record { line: 2 }),
            ("dev /dev/sda 8", DocumentError::Record { line: 2 }),
            ("dev /dev/sda +8:0", DocumentError::Record { line: 2 }),
            ("value /a 1\nvalue /a 2", DocumentError::Duplicate { line: 3 }),
            ("[cpu]\n[cpu]", DocumentError::Duplicate { line: 3 }),
        ] {
            assert_eq!(parse(&format!("hostward-probe 1\n{record}\n")).unwrap_err(), error);
        }
    }

    #[test]
    fn sizes_are_bounded() {
        let long = format!("hostward-probe 1\nvalue /a {}\n", "x".repeat(MAX_LINE));
        assert!(matches!(parse(&long), Err(DocumentError::TooLarge { limit: MAX_LINE, .. })));
        let many = format!("hostward-probe 1\n{}", "dir /\n".repeat(MAX_LINES));
        assert!(matches!(parse(&many), Err(DocumentError::TooLarge { limit: MAX_LINES, .. })));
        let huge = vec![b'\n'; MAX_BYTES + 1];
        assert!(matches!(
            Document::parse(&huge),
            Err(DocumentError::TooLarge { limit: MAX_BYTES, .. })
        ));
    }

    #[test]
    fn without_cksum_the_length_is_checked_and_said() {
        let document = Document::parse(b"hostward-probe 1\nend 17 -\n").unwrap();
        assert!(document.gaps().iter().any(|gap| gap.about == "cksum"));
    }
}
