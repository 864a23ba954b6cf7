//! A fingerprint that tells the old content of a file from the new one, and both from what someone
//! else put there. For accidents, not for enemies: FNV-1a is no cryptographic hash.

use std::fs;
use std::fs::File;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::FileExt as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

/// Bytes at either end that are looked at; of what is larger than both, the middle is not.
const SAMPLE: u64 = 1024 * 1024;
/// The length that stands for what is neither file nor link.
const SPECIAL: u64 = u64::MAX;

/// Length, checksum and, where it matters, permission bits. A symlink's content is the path it
/// holds.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Print {
    pub(super) len: u64,
    pub(super) sum: u64,
    pub(super) mode: Option<u32>,
}

impl Print {
    pub(super) fn of_bytes(bytes: &[u8], mode: Option<u32>) -> Self {
        let mut sum = Fnv::default();
        let (first, last) = samples(bytes.len() as u64);
        sum.update(&bytes[..first as usize]);
        sum.update(&bytes[bytes.len() - last as usize..]);
        Self { len: bytes.len() as u64, sum: sum.0, mode }
    }

    /// Of what `path` names, symlinks not followed; `None` if there is nothing.
    pub(super) fn of_path(path: &Path) -> io::Result<Option<Self>> {
        let meta = match fs::symlink_metadata(path) {
            Err(error) if is_absent(&error) => return Ok(None),
            meta => meta?,
        };
        let mode = Some(meta.mode() & 0o7777);
        if meta.is_symlink() {
            return Ok(Some(Self::of_bytes(path.read_link()?.as_os_str().as_bytes(), mode)));
        }
        if !meta.is_file() {
            return Ok(Some(Self { len: SPECIAL, sum: 0, mode }));
        }
        Self::of_file(&File::open(path)?, mode).map(Some)
    }

    /// Of an open file's content.
    pub(super) fn of_file(file: &File, mode: Option<u32>) -> io::Result<Self> {
        let len = file.metadata()?.len();
        let (first, last) = samples(len);
        let mut sum = Fnv::default();
        let mut part = vec![0; first as usize];
        file.read_exact_at(&mut part, 0)?;
        sum.update(&part);
        part.resize(last as usize, 0);
        file.read_exact_at(&mut part, len - last)?;
        sum.update(&part);
        Ok(Self { len, sum: sum.0, mode })
    }

    /// Whether a file found is this recorded one; a mode that was not recorded does not count.
    pub(super) fn is(&self, found: Option<&Self>) -> bool {
        found.is_some_and(|found| {
            (self.len, self.sum) == (found.len, found.sum)
                && (self.mode.is_none() || self.mode == found.mode)
        })
    }
}

/// How many bytes to look at from the start and to the end: all of them, or both samples.
fn samples(len: u64) -> (u64, u64) {
    if len <= 2 * SAMPLE { (len, 0) } else { (SAMPLE, SAMPLE) }
}

/// 64-bit FNV-1a.
#[derive(Debug)]
pub(super) struct Fnv(pub(super) u64);

impl Default for Fnv {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Fnv {
    pub(super) fn update(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
    }
}

/// Whether an error says that the name leads nowhere.
pub(super) fn is_absent(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_and_kind_tell_files_apart() {
        let temp = tempfile::tempdir().unwrap();
        let at = |name: &str| temp.path().join(name);
        fs::write(at("a"), "foobar").unwrap();
        std::os::unix::fs::symlink("foobar", at("l")).unwrap();
        for len in [0, 2 * SAMPLE, 2 * SAMPLE + 1, 5 * SAMPLE] {
            let mut bytes = vec![b'x'; len as usize];
            bytes.iter_mut().step_by(1000).enumerate().for_each(|(n, byte)| *byte = n as u8);
            fs::write(at("large"), &bytes).unwrap();
            let large = Print::of_path(&at("large")).unwrap();
            assert!(Print::of_bytes(&bytes, None).is(large.as_ref()), "{len}");
            if let Some(last) = bytes.last_mut() {
                *last ^= 1;
                assert!(!Print::of_bytes(&bytes, None).is(large.as_ref()), "{len}");
            }
        }
        let a = Print::of_path(&at("a")).unwrap().unwrap();
        assert_eq!(a.sum, 0x8594_4171_f739_67e8, "the published FNV-1a of foobar");
        assert!(Print::of_bytes(b"foobar", None).is(Some(&a)));
        assert!(!Print::of_bytes(b"foobaz", None).is(Some(&a)));
        assert!(!Print::of_bytes(b"foobar", Some(0o777)).is(Some(&a)));
        let link = Print::of_path(&at("l")).unwrap().unwrap();
        assert!(!a.is(Some(&link)), "by its mode");
        assert!(Print::of_path(&at("none")).unwrap().is_none());
        assert!(Print::of_path(&at("a/b")).unwrap().is_none());
        assert_eq!(Print::of_path(temp.path()).unwrap().unwrap().len, SPECIAL);
    }
}
