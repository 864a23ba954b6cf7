//! Unified diffs as `git apply` reads them: of text line by line, of binary files as one line with
//! both sizes. Prints what it is given, so callers hand in ciphertext only, and a terminal gets it
//! through [`super::escape::lines`].

use std::fmt::Write as _;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::time::Duration;

use similar::Algorithm;
use similar::DiffOp;
use similar::TextDiff;

use super::escape;

/// Lines shown around each change.
const CONTEXT: usize = 3;
/// After this the diff stops searching for the shortest form and shows larger changes: hostile
/// input cannot stall it.
const PATIENCE: Duration = Duration::from_millis(300);

/// One file before and after. `None` is a file that is not there.
#[derive(Clone, Copy, Debug)]
pub struct FileDiff<'a> {
    /// Name before; for a file that keeps its name the same as `new_path`.
    pub old_path: &'a Path,
    pub new_path: &'a Path,
    pub old: Option<&'a [u8]>,
    pub new: Option<&'a [u8]>,
    /// Permission bits before and after, where known.
    pub old_mode: Option<u32>,
    pub new_mode: Option<u32>,
}

impl<'a> FileDiff<'a> {
    /// A file that keeps its name.
    pub fn new(path: &'a Path, old: Option<&'a [u8]>, new: Option<&'a [u8]>) -> Self {
        Self { old_path: path, new_path: path, old, new, old_mode: None, new_mode: None }
    }
}

/// Whether bytes are shown as text: UTF-8 without a NUL.
pub fn is_text(bytes: &[u8]) -> bool {
    memchr::memchr(0, bytes).is_none() && std::str::from_utf8(bytes).is_ok()
}

/// The diff of one file; empty when nothing differs.
pub fn file(diff: &FileDiff<'_>) -> String {
    let renamed = diff.old_path != diff.new_path;
    let changed_mode =
        diff.old_mode.zip(diff.new_mode).filter(|(old, new)| git_mode(*old) != git_mode(*new));
    if diff.old == diff.new && !renamed && changed_mode.is_none() {
        return String::new();
    }
    let old_name = quoted("a/", diff.old_path);
    let new_name = quoted("b/", diff.new_path);
    let mut out = format!("diff --git {old_name} {new_name}\n");
    match (diff.old, diff.new) {
        (None, Some(_)) => {
            push_line(&mut out, "new file mode", git_mode(diff.new_mode.unwrap_or(0o644)))
        }
        (Some(_), None) => {
            push_line(&mut out, "deleted file mode", git_mode(diff.old_mode.unwrap_or(0o644)))
        }
        _ => {
            if let Some((old, new)) = changed_mode {
                push_line(&mut out, "old mode", git_mode(old));
                push_line(&mut out, "new mode", git_mode(new));
            }
            if renamed {
                push_line(&mut out, "rename from", &quoted("", diff.old_path));
                push_line(&mut out, "rename to", &quoted("", diff.new_path));
            }
        }
    }
    let old = diff.old.unwrap_or_default();
    let new = diff.new.unwrap_or_default();
    if old == new {
        return out;
    }
    let old_name = diff.old.map_or("/dev/null", |_| &old_name);
    let new_name = diff.new.map_or("/dev/null", |_| &new_name);
    match (std::str::from_utf8(old), std::str::from_utf8(new)) {
        (Ok(old), Ok(new)) if is_text(old.as_bytes()) && is_text(new.as_bytes()) => {
            let _ = writeln!(out, "--- {}\n+++ {}", tabbed(old_name), tabbed(new_name));
            push_hunks(&mut out, old, new);
        }
        _ => {
            let _ = writeln!(
                out,
                "Binary files {old_name} and {new_name} differ ({} -> {} bytes)",
                old.len(),
                new.len()
            );
        }
    }
    out
}

fn push_line(out: &mut String, label: &str, value: &str) {
    let _ = writeln!(out, "{label} {value}");
}

fn git_mode(mode: u32) -> &'static str {
    if mode & 0o100 == 0 { "100644" } else { "100755" }
}

/// A name with a blank in it ends in a tab in `---` and `+++` lines, or `patch` takes the rest for
/// a date.
fn tabbed(name: &str) -> String {
    if name.contains(' ') && !name.starts_with('"') { format!("{name}\t") } else { name.to_owned() }
}

/// A path as git writes it in a diff: as it is, or in C quotes when it holds anything unprintable,
/// a quote or a backslash (`git quote.c`).
fn quoted(prefix: &str, path: &Path) -> String {
    let bytes = path.as_os_str().as_bytes();
    let harmless =
        |text: &str| !text.chars().any(|ch| ch == '"' || ch == '\\' || escape::is_hostile(ch));
    if let Some(text) = path.to_str().filter(|text| harmless(text)) {
        return format!("{prefix}{text}");
    }
    let mut out = format!("\"{prefix}");
    for &byte in bytes {
        match byte {
            b'"' | b'\\' => {
                out.push('\\');
                out.push(char::from(byte));
            }
            b'\n' => out.push_str("\\n"),
            b'\t' => out.push_str("\\t"),
            b' '..=b'~' => out.push(char::from(byte)),
            _ => {
                let _ = write!(out, "\\{byte:03o}");
            }
        }
    }
    out.push('"');
    out
}

fn push_hunks(out: &mut String, old: &str, new: &str) {
    // Split here rather than by the library: to it a lone `\r` ends a line, to git it does not.
    let old: Vec<&str> = old.split_inclusive('\n').collect();
    let new: Vec<&str> = new.split_inclusive('\n').collect();
    let diff =
        TextDiff::configure().algorithm(Algorithm::Myers).timeout(PATIENCE).diff_slices(&old, &new);
    for group in diff.grouped_ops(CONTEXT) {
        let (Some(first), Some(last)) = (group.first(), group.last()) else { continue };
        let old_range = first.old_range().start..last.old_range().end;
        let new_range = first.new_range().start..last.new_range().end;
        let _ = writeln!(out, "@@ -{} +{} @@", hunk_range(&old_range), hunk_range(&new_range));
        for op in group {
            match op {
                DiffOp::Equal { .. } => push_lines(out, ' ', &old[op.old_range()]),
                _ => {
                    push_lines(out, '-', &old[op.old_range()]);
                    push_lines(out, '+', &new[op.new_range()]);
                }
            }
        }
    }
}

fn hunk_range(range: &std::ops::Range<usize>) -> String {
    match range.len() {
        0 => format!("{},0", range.start),
        1 => format!("{}", range.start + 1),
        len => format!("{},{len}", range.start + 1),
    }
}

fn push_lines(out: &mut String, sign: char, lines: &[&str]) {
    for line in lines {
        out.push(sign);
        out.push_str(line);
        if !line.ends_with('\n') {
            out.push_str("\n\\ No newline at end of file\n");
        }
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::OsStr;

    use super::*;

    #[test]
    fn a_text_change_is_a_unified_diff() {
        let path = Path::new("hosts/a b.nix");
        let out =
            file(&FileDiff::new(path, Some(b"1\n2\n3\n4\n5\n6"), Some(b"1\n2\n3\n4\n5\nsix\n")));
        assert_eq!(
            out,
            "diff --git a/hosts/a b.nix b/hosts/a b.nix\n--- a/hosts/a b.nix\t\n+++ b/hosts/a b.nix\t\n\
             @@ -3,4 +3,4 @@\n 3\n 4\n 5\n-6\n\\ No newline at end of file\n+six\n"
        );
        assert_eq!(file(&FileDiff::new(path, Some(b"x"), Some(b"x"))), "");
    }

    #[test]
    fn binary_files_show_sizes_only() {
        let out = file(&FileDiff::new(Path::new("a.age"), Some(b"\0a"), Some(b"\0bcd")));
        assert!(out.ends_with("Binary files a/a.age and b/a.age differ (2 -> 4 bytes)\n"));
        let out = file(&FileDiff::new(Path::new("a.age"), None, Some(b"\xff")));
        assert!(out.ends_with("Binary files /dev/null and b/a.age differ (0 -> 1 bytes)\n"));
    }

    #[test]
    fn new_gone_and_hostile_names() {
        let path = Path::new(OsStr::from_bytes(b"x\x1b\"\xff\n"));
        let out = file(&FileDiff::new(path, None, Some(b"a\n")));
        assert!(out.contains("+++ \"b/x\\033\\\"\\377\\n\"\n"), "{out}");
        assert!(out.contains("new file mode 100644\n--- /dev/null\n"));
        let out = file(&FileDiff::new(Path::new("x"), Some(b"a\n"), None));
        assert!(
            out.contains("deleted file mode 100644\n--- a/x\n+++ /dev/null\n@@ -1 +0,0 @@\n-a\n")
        );
    }
}
