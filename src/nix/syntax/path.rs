//! Absolute paths as text. Asks no file system.

/// `path` without empty, `.` and `..` components; symlinks are not looked at, as in Nix's `canonPath`.
pub(crate) fn canonical(path: &[u8]) -> Vec<u8> {
    let mut out: Vec<u8> = Vec::with_capacity(path.len());
    for part in path.split(|byte| *byte == b'/') {
        match part {
            b"" | b"." => {}
            b".." => out.truncate(out.iter().rposition(|byte| *byte == b'/').unwrap_or(0)),
            part => {
                out.push(b'/');
                out.extend_from_slice(part);
            }
        }
    }
    if out.is_empty() {
        out.push(b'/');
    }
    out
}

/// `path` seen from `base` if it is relative, canonical.
pub(crate) fn absolute(path: &[u8], base: &[u8]) -> Vec<u8> {
    if path.first() == Some(&b'/') {
        return canonical(path);
    }
    canonical(&[base, b"/", path].concat())
}
