//! One new file outside of any plan: the place a user names for plaintext. On Linux it has no name
//! until it is complete, so a kill leaves nothing behind.

use std::fs;
use std::fs::File;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::path::PathBuf;

use rustix::fs::AtFlags;
use rustix::fs::CWD;
use rustix::fs::Mode;
use rustix::fs::OFlags;
use tempfile::NamedTempFile;

/// A file in the making, in the directory where it will be.
pub struct Output {
    draft: Draft,
    mode: u32,
    path: PathBuf,
}

enum Draft {
    Named(NamedTempFile),
    /// Known to nobody but this process.
    Nameless(File),
}

impl Output {
    /// Starts a file that only the user will be able to read, at `path` in the end.
    ///
    /// # Errors
    /// When the directory cannot be written.
    pub fn create(path: &Path) -> io::Result<Self> {
        // A link's target is replaced, not the link.
        let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        // The mode of a file that is replaced is kept.
        let mode = fs::metadata(&path).map_or(0o600, |old| old.permissions().mode() & 0o7777);
        let draft = match nameless(directory(&path)) {
            Ok(file) => Draft::Nameless(file),
            Err(_) => Draft::Named(temporary(directory(&path))?),
        };
        Ok(Self { draft, mode, path })
    }

    /// Where to write.
    pub fn file(&mut self) -> &mut File {
        match &mut self.draft {
            Draft::Named(file) => file.as_file_mut(),
            Draft::Nameless(file) => file,
        }
    }

    /// Makes the file durable and gives it its name.
    ///
    /// # Errors
    /// When there is a file already and `replace` is not set, or the disk fails. Nothing is left then.
    pub fn finish(mut self, replace: bool) -> io::Result<()> {
        let permissions = fs::Permissions::from_mode(self.mode);
        self.file().set_permissions(permissions)?;
        self.file().sync_all()?;
        let named = match self.draft {
            Draft::Named(file) => file,
            Draft::Nameless(file) if replace => {
                // A name cannot be linked over another: take a passing one and rename that.
                let passing = temporary(directory(&self.path))?.into_temp_path();
                fs::remove_file(&passing)?;
                link(&file, &passing)?;
                return passing.persist(&self.path).map_err(|error| error.error);
            }
            Draft::Nameless(file) => return link(&file, &self.path),
        };
        let done =
            if replace { named.persist(&self.path) } else { named.persist_noclobber(&self.path) };
        done.map(drop).map_err(|error| error.error)
    }
}

fn directory(path: &Path) -> &Path {
    path.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn temporary(directory: &Path) -> io::Result<NamedTempFile> {
    tempfile::Builder::new().prefix(".hostward-").suffix(".tmp").tempfile_in(directory)
}

#[cfg(target_os = "linux")]
fn nameless(directory: &Path) -> io::Result<File> {
    let flags = OFlags::TMPFILE | OFlags::RDWR | OFlags::CLOEXEC;
    Ok(rustix::fs::open(directory, flags, Mode::from_raw_mode(0o600))?.into())
}

#[cfg(not(target_os = "linux"))]
fn nameless(_directory: &Path) -> io::Result<File> {
    Err(io::ErrorKind::Unsupported.into())
}

fn link(file: &File, path: &Path) -> io::Result<()> {
    use std::os::fd::AsRawFd;
    let handle = format!("/proc/self/fd/{}", file.as_raw_fd());
    Ok(rustix::fs::linkat(CWD, handle, CWD, path, AtFlags::SYMLINK_FOLLOW)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    #[test]
    fn a_file_appears_whole_or_not_at_all() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("out");
        let names = || fs::read_dir(dir.path()).unwrap().count();
        let mut output = Output::create(&path).unwrap();
        output.file().write_all(b"one").unwrap();
        drop(output);
        assert_eq!(names(), 0);

        let write = |text: &[u8], replace| {
            let mut output = Output::create(&path).unwrap();
            output.file().write_all(text).unwrap();
            output.finish(replace)
        };
        write(b"one", false).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert!(write(b"two", false).is_err());
        assert_eq!(fs::read(&path).unwrap(), b"one");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        write(b"two", true).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"two");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o640);
        assert_eq!(names(), 1);
    }
}
