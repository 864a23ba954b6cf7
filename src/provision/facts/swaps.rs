//! Active swap, from `/proc/swaps`.

use serde::Serialize;

use super::super::document::Document;
use super::super::document::Gap;
use super::gap;
use super::unescape_octal;

/// One active swap area.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Swap {
    /// Path of the device or file.
    pub path: String,
    /// Is it a file and no device.
    pub file: bool,
    /// Size in KiB.
    pub kib: u64,
    /// Priority; the kernel gives negative ones where none was asked for.
    pub priority: i32,
}

impl Swap {
    /// Is it compressed memory.
    #[must_use]
    pub fn is_zram(&self) -> bool {
        self.path.starts_with("/dev/zram")
    }
}

pub(super) fn read(document: &Document, gaps: &mut Vec<Gap>) -> Vec<Swap> {
    const PATH: &str = "/proc/swaps";
    let mut swaps = Vec::new();
    for (index, line) in document.file(PATH).unwrap_or_default().iter().enumerate().skip(1) {
        match swap(line) {
            Some(swap) => swaps.push(swap),
            None => gaps.push(gap(PATH, format!("line {} is not a swap area", index + 1))),
        }
    }
    swaps
}

fn swap(line: &str) -> Option<Swap> {
    let mut fields = line.split_ascii_whitespace();
    let path = unescape_octal(fields.next()?);
    let file = match fields.next()? {
        "file" => true,
        "partition" => false,
        _ => return None,
    };
    let kib = fields.next()?.parse().ok()?;
    let priority = fields.nth(1)?.parse().ok()?;
    Some(Swap { path, file, kib, priority })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines() {
        let found = swap("/dev/sda\\0402 partition\t\t999420\t\t0\t\t-2").unwrap();
        assert_eq!((found.path.as_str(), found.priority), ("/dev/sda 2", -2));
        assert!(swap("/dev/sda2 something 1 0 -2").is_none());
        assert!(swap("/dev/sda2 partition 1 0").is_none());
    }
}
