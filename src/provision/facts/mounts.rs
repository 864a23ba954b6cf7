//! Mounts, from `/proc/self/mountinfo` (format: `proc_pid_mountinfo(5)`).

use serde::Serialize;

use super::super::document::DevNum;
use super::super::document::Document;
use super::super::document::Gap;
use super::gap;
use super::unescape_octal;

/// One mount.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Mount {
    /// Device number of the file system; major 0 where no single device holds it.
    pub number: Option<DevNum>,
    /// The directory of the file system that is mounted; `/` is all of it.
    pub root: String,
    /// Where it is mounted.
    pub point: String,
    /// Is the mount point a directory (files can be bind mounts too).
    pub directory: bool,
    /// Options of this mount, such as `noatime`.
    pub options: Vec<String>,
    /// File system type.
    pub fs_type: String,
    /// Device path, pool, server or a word.
    pub source: String,
    /// Options of the file system, such as `compress=zstd:3`.
    pub super_options: Vec<String>,
    /// The mounted btrfs subvolume, `/` for the top level.
    pub subvolume: Option<String>,
}

impl Mount {
    /// Has the mount this option.
    #[must_use]
    pub fn has(&self, option: &str) -> bool {
        self.options.iter().any(|there| there == option)
    }

    /// Has the file system this option.
    #[must_use]
    pub fn super_has(&self, option: &str) -> bool {
        self.super_options.iter().any(|there| there == option)
    }
}

pub(super) fn read(document: &Document, gaps: &mut Vec<Gap>) -> Vec<Mount> {
    const PATH: &str = "/proc/self/mountinfo";
    let mut mounts = Vec::new();
    for (index, line) in document.file(PATH).unwrap_or_default().iter().enumerate() {
        match mount(document, line) {
            Some(mount) => mounts.push(mount),
            None => gaps.push(gap(PATH, format!("line {} is not a mount", index + 1))),
        }
    }
    mounts
}

fn mount(document: &Document, line: &str) -> Option<Mount> {
    let fields: Vec<&str> = line.split(' ').collect();
    let [_, _, number, root, point, options, ..] = fields[..] else { return None };
    let dash = fields.iter().skip(6).position(|field| *field == "-")? + 6;
    let [fs_type, source, ref rest @ ..] = fields[dash + 1..] else { return None };
    // a kernel that escapes too little leaves blanks in here
    let rest = rest.join(" ");
    let (rest, subvolume) = match rest.split_once("subvol=") {
        // btrfs prints it last and does not escape commas
        Some((rest, subvolume)) if fs_type == "btrfs" => (rest.to_owned(), Some(subvolume)),
        _ => (rest, None),
    };
    let list = |text: &str| {
        let options = text.split(',').filter(|option| !option.is_empty());
        options.map(unescape_octal).collect::<Vec<_>>()
    };
    let point = unescape_octal(point);
    Some(Mount {
        number: number.parse().ok(),
        root: unescape_octal(root),
        directory: document.is_dir(&point),
        point,
        options: list(options),
        fs_type: fs_type.to_owned(),
        source: unescape_octal(source),
        super_options: list(&rest),
        subvolume: subvolume.map(unescape_octal),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line() {
        let line = r"36 35 0:39 /@home /home/my\040files rw,noatime shared:1 master:2 - btrfs /dev/sda2 rw,compress=zstd:3,subvolid=257,subvol=/@a,b";
        let mount = mount(&Document::default(), line).unwrap();
        assert_eq!(mount.point, "/home/my files");
        assert_eq!(mount.root, "/@home");
        assert_eq!(mount.number, Some(DevNum { major: 0, minor: 39 }));
        assert_eq!(mount.super_options, ["rw", "compress=zstd:3", "subvolid=257"]);
        assert_eq!(mount.subvolume.as_deref(), Some("/@a,b"));
    }

    #[test]
    fn broken_lines_are_no_mounts() {
        for line in ["", "1 2 3", "36 35 0:39 / / rw shared:1", "36 35 0:39 / / rw - btrfs"] {
            assert!(mount(&Document::default(), line).is_none(), "{line}");
        }
    }
}
