//! Absolute paths as text: their canonical form, `baseNameOf` and `dirOf`. Asks no file system, so
//! symbolic links are not followed here.

/// `path` without empty, `.` and `..` components and without a trailing slash; `..` at the root
/// stays there.
pub(crate) fn canonical(path: &[u8]) -> Vec<u8> {
    let mut out: Vec<u8> = Vec::with_capacity(path.len());
    for part in path.split(|byte| *byte == b'/') {
        match part {
            b"" | b"." => {}
            b".." => out.truncate(last_slash(&out).unwrap_or(0)),
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

/// The canonical path that `path` names when read from the directory `base`, which is absolute.
pub(crate) fn absolute(path: &[u8], base: &[u8]) -> Vec<u8> {
    if path.first() == Some(&b'/') {
        return canonical(path);
    }
    canonical(&[base, b"/", path].concat())
}

/// `builtins.baseNameOf`: what follows the last slash, after one trailing slash is dropped.
pub(crate) fn base_name(path: &[u8]) -> &[u8] {
    let path = path.strip_suffix(b"/").unwrap_or(path);
    last_slash(path).map_or(path, |slash| &path[slash + 1..])
}

/// `builtins.dirOf` of a string: what precedes the last slash, `/` for the root, or `.`.
pub(crate) fn dir_of_string(path: &[u8]) -> &[u8] {
    match last_slash(path) {
        None => b".",
        Some(0) => b"/",
        Some(slash) => &path[..slash],
    }
}

/// `builtins.dirOf` of a canonical path: its parent, and the root for the root.
pub(crate) fn dir_of_path(path: &[u8]) -> &[u8] {
    match last_slash(path) {
        None | Some(0) => b"/",
        Some(slash) => &path[..slash],
    }
}

fn last_slash(path: &[u8]) -> Option<usize> {
    path.iter().rposition(|byte| *byte == b'/')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_become_canonical() {
        for (path, expected) in [
            ("/", "/"),
            ("//", "/"),
            ("/a/", "/a"),
            ("/a//b", "/a/b"),
            ("/a/./b", "/a/b"),
            ("/a/../b", "/b"),
            ("/a/../../b", "/b"),
            ("/a/..", "/"),
            ("/a../x", "/a../x"),
            ("/é x", "/é x"),
        ] {
            assert_eq!(canonical(path.as_bytes()), expected.as_bytes(), "{path}");
        }
        assert_eq!(absolute(b"./x/../y", b"/d"), b"/d/y");
        assert_eq!(absolute(b"/y", b"/d"), b"/y");
        assert_eq!(absolute(b"../..", b"/d"), b"/");
    }

    #[test]
    fn base_names() {
        for (path, expected) in [
            ("a/b", "b"),
            ("a/b/", "b"),
            ("a/b//", ""),
            ("/", ""),
            ("//", ""),
            ("", ""),
            ("a", "a"),
            ("/a", "a"),
            ("a/", "a"),
            (".", "."),
            ("./.", "."),
            ("a//b", "b"),
        ] {
            assert_eq!(base_name(path.as_bytes()), expected.as_bytes(), "{path}");
        }
    }

    #[test]
    fn parents() {
        for (path, expected) in [
            ("a/b", "a"),
            ("a/b/", "a/b"),
            ("a//b", "a/"),
            ("/", "/"),
            ("//", "/"),
            ("", "."),
            ("a", "."),
            ("/a", "/"),
            ("a/", "a"),
            ("../b", ".."),
            ("//a", "/"),
            ("///a/b", "///a"),
        ] {
            assert_eq!(dir_of_string(path.as_bytes()), expected.as_bytes(), "{path}");
        }
        for (path, expected) in [("/", "/"), ("/a", "/"), ("/a/b", "/a")] {
            assert_eq!(dir_of_path(path.as_bytes()), expected.as_bytes(), "{path}");
        }
    }
}
