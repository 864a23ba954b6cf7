//! Flake references as text and as attributes: `builtins.parseFlakeRef` and
//! `builtins.flakeRefToString`. Fetches nothing and knows no registry.

use std::collections::BTreeMap;
use std::fmt::Write as _;

/// One attribute of a flake reference.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Attr {
    Bool(bool),
    Int(i64),
    String(String),
}

/// The attributes of a flake reference, `type` among them.
pub type Attrs = BTreeMap<String, Attr>;

/// Why a flake reference cannot be read or written.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum FlakeRefError {
    #[error("flake reference `{text}` is not valid: {reason}")]
    Invalid { text: String, reason: &'static str },
    #[error("flake reference lacks the attribute `{0}`")]
    Missing(&'static str),
    #[error("flake reference type `{0}` is not known")]
    Type(String),
}

/// Hosts whose references are `TYPE:OWNER/REPO[/REF]`.
const FORGES: [&str; 3] = ["github", "gitlab", "sourcehut"];
/// Ends of file names that make a URL a tarball.
const ARCHIVES: [&str; 8] =
    [".zip", ".tar", ".tgz", ".tar.gz", ".tar.xz", ".tar.bz2", ".tar.zst", ".tbz2"];

/// Reads a reference such as `github:NixOS/nixpkgs/nixos-24.05?dir=lib`.
///
/// # Errors
/// [`FlakeRefError::Invalid`] or [`FlakeRefError::Type`]; relative paths are invalid, there is
/// nothing they could be relative to.
pub fn parse(text: &str) -> Result<Attrs, FlakeRefError> {
    let invalid = |reason| FlakeRefError::Invalid { text: text.to_owned(), reason };
    if text.contains('#') {
        return Err(invalid("a fragment is not allowed here"));
    }
    let (body, query) = text.split_once('?').unwrap_or((text, ""));
    let mut attrs = Attrs::new();
    let set = |attrs: &mut Attrs, key: &str, value: &str| {
        attrs.insert(key.to_owned(), Attr::String(value.to_owned()));
    };
    let scheme = body.split_once(':').filter(|(scheme, _)| is_scheme(scheme));
    let Some((scheme, rest)) = scheme else {
        if body.starts_with('/') {
            set(&mut attrs, "type", "path");
            set(&mut attrs, "path", &decode(body).ok_or_else(|| invalid("bad `%` escape"))?);
        } else if body.starts_with('.') {
            return Err(invalid("the path is not absolute"));
        } else {
            indirect(&mut attrs, body).ok_or_else(|| invalid("this is no flake identifier"))?;
        }
        query_attrs(&mut attrs, query).ok_or_else(|| invalid("bad query"))?;
        return Ok(attrs);
    };
    match scheme {
        "flake" => {
            indirect(&mut attrs, rest).ok_or_else(|| invalid("this is no flake identifier"))?
        }
        "path" => {
            set(&mut attrs, "type", "path");
            set(&mut attrs, "path", &decode(rest).ok_or_else(|| invalid("bad `%` escape"))?);
        }
        forge if FORGES.contains(&forge) => {
            set(&mut attrs, "type", forge);
            let parts: Vec<String> = rest
                .splitn(3, '/')
                .map(decode)
                .collect::<Option<_>>()
                .ok_or_else(|| invalid("bad `%` escape"))?;
            match parts.as_slice() {
                [owner, repo, last @ ..] if !owner.is_empty() && !repo.is_empty() => {
                    set(&mut attrs, "owner", owner);
                    set(&mut attrs, "repo", repo);
                    if let [last] = last {
                        set(&mut attrs, if is_rev(last) { "rev" } else { "ref" }, last);
                    }
                }
                _ => return Err(invalid("expected an owner and a repository")),
            }
        }
        "git" | "git+http" | "git+https" | "git+ssh" | "git+file" => {
            set(&mut attrs, "type", "git");
            let inner = scheme.strip_prefix("git+").unwrap_or(scheme);
            query_attrs(&mut attrs, query).ok_or_else(|| invalid("bad query"))?;
            set(&mut attrs, "url", &format!("{inner}:{rest}"));
            return Ok(attrs);
        }
        "hg+http" | "hg+https" | "hg+ssh" | "hg+file" => {
            set(&mut attrs, "type", "hg");
            query_attrs(&mut attrs, query).ok_or_else(|| invalid("bad query"))?;
            set(&mut attrs, "url", &format!("{}:{rest}", &scheme[3..]));
            return Ok(attrs);
        }
        "http" | "https" | "file" | "tarball+http" | "tarball+https" | "tarball+file"
        | "file+http" | "file+https" | "file+file" => {
            let (kind, inner) = match scheme.split_once('+') {
                Some((kind, inner)) => (kind, inner),
                None if ARCHIVES.iter().any(|end| rest.ends_with(end)) => ("tarball", scheme),
                None => ("file", scheme),
            };
            set(&mut attrs, "type", kind);
            let (own, kept) = split_query(query);
            query_attrs(&mut attrs, &own).ok_or_else(|| invalid("bad query"))?;
            let mark = if kept.is_empty() { "" } else { "?" };
            set(&mut attrs, "url", &format!("{inner}:{rest}{mark}{kept}"));
            return Ok(attrs);
        }
        other => return Err(FlakeRefError::Type(other.to_owned())),
    }
    query_attrs(&mut attrs, query).ok_or_else(|| invalid("bad query"))?;
    if attrs.contains_key("ref") && attrs.contains_key("rev") && scheme != "flake" {
        return Err(invalid("both a branch and a revision are given"));
    }
    Ok(attrs)
}

/// Writes a reference that [`parse`] reads back.
///
/// # Errors
/// [`FlakeRefError::Missing`] or [`FlakeRefError::Type`].
pub fn to_string(attrs: &Attrs) -> Result<String, FlakeRefError> {
    let text = |key: &'static str| match attrs.get(key) {
        Some(Attr::String(value)) => Some(value.as_str()),
        _ => None,
    };
    let need = |key: &'static str| text(key).ok_or(FlakeRefError::Missing(key));
    let kind = need("type")?;
    let mut used = vec!["type"];
    let mut out = match kind {
        "indirect" => {
            used.extend(["id", "ref", "rev"]);
            let parts = [Some(need("id")?), text("ref"), text("rev")];
            format!("flake:{}", parts.into_iter().flatten().collect::<Vec<_>>().join("/"))
        }
        "path" => {
            used.push("path");
            format!("path:{}", encode(need("path")?, b"/"))
        }
        forge if FORGES.contains(&forge) => {
            used.extend(["owner", "repo", "ref", "rev"]);
            let mut out = format!("{forge}:{}/{}", need("owner")?, need("repo")?);
            if let Some(last) = text("ref").or(text("rev")) {
                out.push('/');
                out.push_str(&encode(last, b"/"));
            }
            out
        }
        "git" | "hg" => {
            used.push("url");
            let url = need("url")?;
            if url.starts_with("git:") { url.to_owned() } else { format!("{kind}+{url}") }
        }
        "tarball" | "file" => {
            used.push("url");
            let url = need("url")?;
            let archive =
                ARCHIVES.iter().any(|end| url.split('?').next().unwrap_or(url).ends_with(end));
            if archive == (kind == "tarball") { url.to_owned() } else { format!("{kind}+{url}") }
        }
        other => return Err(FlakeRefError::Type(other.to_owned())),
    };
    let mut mark = if out.contains('?') { '&' } else { '?' };
    for (key, value) in attrs.iter().filter(|(key, _)| !used.contains(&key.as_str())) {
        let value = match value {
            Attr::Bool(bool) => u8::from(*bool).to_string(),
            Attr::Int(int) => int.to_string(),
            Attr::String(string) => encode(string, b"/:@"),
        };
        // Writing to a `String` cannot fail.
        let _ = write!(out, "{mark}{key}={value}");
        mark = '&';
    }
    Ok(out)
}

fn is_scheme(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
}

fn is_rev(text: &str) -> bool {
    text.len() == 40 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// `ID`, `ID/REF`, `ID/REV` or `ID/REF/REV`.
fn indirect(attrs: &mut Attrs, text: &str) -> Option<()> {
    let (id, rest) = text.split_once('/').map_or((text, None), |(id, rest)| (id, Some(rest)));
    let named = id.starts_with(|c: char| c.is_ascii_alphabetic())
        && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-".contains(&byte));
    if !named {
        return None;
    }
    let mut set = |key: &str, value: &str| {
        attrs.insert(key.to_owned(), Attr::String(value.to_owned()));
    };
    set("type", "indirect");
    set("id", id);
    match rest.map(|rest| rest.rsplit_once('/').filter(|(_, rev)| is_rev(rev)).ok_or(rest)) {
        None => {}
        Some(Ok((branch, rev))) => {
            set("ref", branch);
            set("rev", rev);
        }
        Some(Err("")) => return None,
        Some(Err(last)) => set(if is_rev(last) { "rev" } else { "ref" }, last),
    }
    Some(())
}

fn query_attrs(attrs: &mut Attrs, query: &str) -> Option<()> {
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (key, value) = pair.split_once('=')?;
        let value = decode(value)?;
        let value = match key {
            "allRefs" | "exportIgnore" | "lfs" | "shallow" | "submodules" | "verifyCommit" => {
                Attr::Bool(value == "1")
            }
            "lastModified" | "revCount" => Attr::Int(value.parse().ok()?),
            _ => Attr::String(value),
        };
        attrs.insert(key.to_owned(), value);
    }
    Some(())
}

/// Parts the query of a plain URL into what Nix takes for itself and what belongs to the server.
fn split_query(query: &str) -> (String, String) {
    let ours = ["dir=", "narHash=", "rev=", "revCount=", "lastModified="];
    let (own, kept): (Vec<&str>, Vec<&str>) = query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .partition(|pair| ours.iter().any(|key| pair.starts_with(key)));
    (own.join("&"), kept.join("&"))
}

fn decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let mut digit = || char::from(rest.next()?).to_digit(16);
            bytes.push(u8::try_from(digit()? * 16 + digit()?).ok()?);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok()
}

fn encode(text: &str, also_plain: &[u8]) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) || also_plain.contains(&byte) {
            out.push(char::from(byte));
        } else {
            // Writing to a `String` cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const REV: &str = "0123456789abcdef0123456789abcdef01234567";

    fn attrs(of: &[(&str, &str)]) -> Attrs {
        of.iter()
            .map(|(key, value)| ((*key).to_owned(), Attr::String((*value).to_owned())))
            .collect()
    }

    #[test]
    fn references_are_read_and_written() {
        let git = "git+ssh://git@example.org/x.git?ref=main";
        let with_rev = format!("flake:nixpkgs/main/{REV}");
        for (text, expected) in [
            (
                "github:NixOS/nixpkgs",
                attrs(&[("type", "github"), ("owner", "NixOS"), ("repo", "nixpkgs")]),
            ),
            (
                "github:NixOS/nixpkgs/a/b?dir=lib",
                attrs(&[
                    ("type", "github"),
                    ("owner", "NixOS"),
                    ("repo", "nixpkgs"),
                    ("ref", "a/b"),
                    ("dir", "lib"),
                ]),
            ),
            (
                git,
                attrs(&[("type", "git"), ("url", "ssh://git@example.org/x.git"), ("ref", "main")]),
            ),
            ("path:/a/b%20c", attrs(&[("type", "path"), ("path", "/a/b c")])),
            ("flake:nixpkgs", attrs(&[("type", "indirect"), ("id", "nixpkgs")])),
            (
                &with_rev,
                attrs(&[("type", "indirect"), ("id", "nixpkgs"), ("ref", "main"), ("rev", REV)]),
            ),
            (
                "https://example.org/x.tar.gz",
                attrs(&[("type", "tarball"), ("url", "https://example.org/x.tar.gz")]),
            ),
            (
                "https://example.org/x?a=b",
                attrs(&[("type", "file"), ("url", "https://example.org/x?a=b")]),
            ),
        ] {
            assert_eq!(parse(text).as_ref(), Ok(&expected), "{text}");
            assert_eq!(to_string(&expected).as_deref(), Ok(text));
        }
        let rev = parse(&format!("gitlab:a/b/{REV}")).unwrap();
        assert_eq!(rev.get("rev"), Some(&Attr::String(REV.to_owned())));
        let shallow = parse("git+file:///x?shallow=1&revCount=3").unwrap();
        assert_eq!(shallow.get("shallow"), Some(&Attr::Bool(true)));
        assert_eq!(shallow.get("revCount"), Some(&Attr::Int(3)));
        assert_eq!(parse("nixpkgs"), parse("flake:nixpkgs"));
        assert_eq!(parse("/a/b"), parse("path:/a/b"));
    }

    #[test]
    fn nonsense_is_refused() {
        let both = format!("github:a/b/c?rev={REV}");
        for text in [
            "",
            ".",
            "./x",
            "../x",
            "github:a",
            "github:/b",
            "svn:x",
            "nixpkgs#hello",
            "path:%zz",
            "nixpkgs/",
            "1x",
            "github:a/b?dir",
            "git+file:///x?revCount=z",
            &both,
        ] {
            assert!(parse(text).is_err(), "{text}");
        }
        assert_eq!(to_string(&Attrs::new()), Err(FlakeRefError::Missing("type")));
        assert!(to_string(&attrs(&[("type", "svn")])).is_err());
    }
}
