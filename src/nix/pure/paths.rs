//! Paths as text: the canonical form of an absolute path, `baseNameOf` and `dirOf`. Never looks
//! at a disk, so symbolic links are not followed here.

/// The canonical form of an absolute path: no empty, `.` or `..` components and no trailing slash;
/// `..` at the root stays there.
pub fn canonical(path: &str) -> String {
    let mut kept: Vec<&str> = Vec::new();
    for component in path.split('/') {
        match component {
            "" | "." => {}
            ".." => {
                kept.pop();
            }
            _ => kept.push(component),
        }
    }
    if kept.is_empty() {
        return "/".to_owned();
    }
    kept.iter().fold(String::with_capacity(path.len()), |path, component| path + "/" + component)
}

/// The canonical path that `path` names when read from the directory `base`, which is absolute.
pub fn absolute(base: &str, path: &str) -> String {
    if path.starts_with('/') { canonical(path) } else { canonical(&format!("{base}/{path}")) }
}

/// `builtins.baseNameOf`: what follows the last slash, after one trailing slash is dropped.
pub fn base_name(path: &str) -> &str {
    let path = path.strip_suffix('/').unwrap_or(path);
    path.rsplit_once('/').map_or(path, |(_, name)| name)
}

/// `builtins.dirOf` of a string: what precedes the last slash, `/` for the root, or `.`.
pub fn dir_of_string(path: &str) -> &str {
    match path.rfind('/') {
        None => ".",
        Some(0) => "/",
        Some(slash) => &path[..slash],
    }
}

/// `builtins.dirOf` of a canonical path: its parent, and the root for the root.
pub fn dir_of_path(path: &str) -> &str {
    match path.rfind('/') {
        None | Some(0) => "/",
        Some(slash) => &path[..slash],
    }
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
            assert_eq!(canonical(path), expected, "{path}");
        }
        assert_eq!(absolute("/d", "./x/../y"), "/d/y");
        assert_eq!(absolute("/d", "/y"), "/y");
        assert_eq!(absolute("/d", "../.."), "/");
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
            assert_eq!(base_name(path), expected, "{path}");
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
            assert_eq!(dir_of_string(path), expected, "{path}");
        }
        for (path, expected) in [("/", "/"), ("/a", "/"), ("/a/b", "/a")] {
            assert_eq!(dir_of_path(path), expected, "{path}");
        }
    }
}
