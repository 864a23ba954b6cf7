//! Version strings as Nix sees them: `builtins.compareVersions`, `splitVersion` and
//! `parseDrvName`. Knows no other idea of a version, so nothing is ever refused.

use std::cmp::Ordering;

/// The components of a version: runs of digits and runs of anything else, with `.` and `-` left out.
pub fn components(version: &str) -> impl Iterator<Item = &str> {
    let mut rest = version;
    std::iter::from_fn(move || {
        rest = rest.trim_start_matches(['.', '-']);
        let first = rest.bytes().next()?;
        let end = if first.is_ascii_digit() {
            rest.find(|c: char| !c.is_ascii_digit())
        } else {
            rest.find(|c: char| c.is_ascii_digit() || c == '.' || c == '-')
        };
        let (component, tail) = rest.split_at(end.unwrap_or(rest.len()));
        rest = tail;
        Some(component)
    })
}

/// The order of `left` and `right` for `builtins.compareVersions`. It is not a total order of
/// strings: `1.0`, `1-0` and `01.0` are equal.
pub fn compare(left: &str, right: &str) -> Ordering {
    let (mut left, mut right) = (components(left), components(right));
    loop {
        let (a, b) = match (left.next(), right.next()) {
            (None, None) => return Ordering::Equal,
            (a, b) => (a.unwrap_or_default(), b.unwrap_or_default()),
        };
        if less(a, b) {
            return Ordering::Less;
        }
        if less(b, a) {
            return Ordering::Greater;
        }
    }
}

/// The name and the version of a derivation name: the version begins after the first `-` that no
/// ASCII letter follows.
pub fn parse_drv_name(name: &str) -> (&str, &str) {
    name.match_indices('-')
        .find(|(at, _)| name.as_bytes().get(at + 1).is_some_and(|next| !next.is_ascii_alphabetic()))
        .map_or((name, ""), |(at, _)| (&name[..at], &name[at + 1..]))
}

/// Nix reads components into a 32-bit `int`; longer ones count as words.
fn number(component: &str) -> Option<i32> {
    component.parse().ok()
}

fn less(a: &str, b: &str) -> bool {
    match (number(a), number(b)) {
        (Some(a), Some(b)) => a < b,
        (None, Some(_)) if a.is_empty() => true,
        _ if a == "pre" && b != "pre" => true,
        _ if b == "pre" => false,
        (_, Some(_)) => true,
        (Some(_), _) => false,
        (None, None) => a < b,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_compare() {
        for (left, right, expected) in [
            ("1.0", "2.3", -1),
            ("2.3", "2.3", 0),
            ("2.5", "2.3", 1),
            ("2.3.1", "2.3", 1),
            ("2.3.1", "2.3a", 1),
            ("2.3pre1", "2.3", -1),
            ("2.3pre3", "2.3pre12", -1),
            ("2.3a", "2.3c", -1),
            ("2.3pre1", "2.3c", -1),
            ("01", "1", 0),
            ("1.0-1", "1.0.1", 0),
            ("", "", 0),
            ("", "1", -1),
            ("", "pre", 1),
            ("a", "", 1),
            ("1", "a", 1),
            ("99999999999999999999", "99999999999999999998", 1),
            ("2147483648", "5", -1),
            ("pre", "a", -1),
            ("1.-", "1", 0),
            ("é", "e", 1),
        ] {
            assert_eq!(compare(left, right) as i32, expected, "{left} and {right}");
        }
    }

    #[test]
    fn versions_split() {
        for (version, expected) in [
            ("1.2.3", &["1", "2", "3"][..]),
            ("1.2a3-b", &["1", "2", "a", "3", "b"]),
            ("", &[]),
            ("--", &[]),
            ("..1", &["1"]),
            ("a-b_c", &["a", "b_c"]),
            ("1é2", &["1", "é", "2"]),
        ] {
            assert_eq!(components(version).collect::<Vec<_>>(), expected, "{version}");
        }
    }

    #[test]
    fn names_part_from_versions() {
        for (name, expected) in [
            ("nix-0.12pre12876", ("nix", "0.12pre12876")),
            ("foo-bar", ("foo-bar", "")),
            ("a-1-2", ("a", "1-2")),
            ("-1", ("", "1")),
            ("a-", ("a-", "")),
            ("a--1", ("a", "-1")),
            ("a-é", ("a", "é")),
            ("foo-1.2-bar-3", ("foo", "1.2-bar-3")),
        ] {
            assert_eq!(parse_drv_name(name), expected, "{name}");
        }
    }
}
