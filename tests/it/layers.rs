//! Holds the house in order by reading its source: data flows down one list of folders, only
//! `crypto/` names the cryptographic crates, only `ui/` touches the terminal, every file says what
//! it is, and none grows without end.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// Each folder may use itself and those before it.
const LAYERS: [&str; 14] = [
    "text",
    "repo",
    "crypto",
    "format",
    "nix",
    "backend",
    "fleet",
    "check",
    "plan",
    "apply",
    "provision",
    "report",
    "ui",
    "cli",
];
/// Crates that only `src/crypto` may name.
const CRYPTO: [&str; 14] = [
    "aes_gcm",
    "age",
    "age_core",
    "bech32",
    "curve25519_dalek",
    "ed25519_dalek",
    "hmac",
    "hpke",
    "md5",
    "ml_kem",
    "sha1",
    "sha2",
    "ssh_key",
    "x25519_dalek",
];
/// What only `src/ui` may do. Macros and paths, after `::` or alone.
const TERMINAL: [&str; 8] =
    ["dbg!", "eprint!", "eprintln!", "print!", "println!", "io::stderr", "io::stdin", "io::stdout"];
/// Lines that want a reason, and lines that want splitting.
const LONG: usize = 600;
const TOO_LONG: usize = 900;

#[test]
fn the_house_is_in_order() {
    let top = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut wrong = Vec::new();
    for folder in ["src", "tests"] {
        for entry in walkdir::WalkDir::new(top.join(folder)).sort_by_file_name() {
            let entry = entry.unwrap();
            let path = entry.path().strip_prefix(top).unwrap();
            if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(entry.path()).unwrap();
                wrong.extend(file(path.to_str().unwrap(), &text));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

/// Everything that is wrong with one file, each with its place.
fn file(path: &str, text: &str) -> Vec<String> {
    let mut wrong = Vec::new();
    let lines = text.lines().count();
    if !text.starts_with("//! ") {
        wrong.push(format!("{path}: does not begin by saying what it is (`//! …`)"));
    }
    if lines > TOO_LONG {
        wrong.push(format!("{path}: {lines} lines, split it by meaning"));
    } else if lines > LONG {
        println!("{path}: {lines} lines");
    }
    let Some(inside) = path.strip_prefix("src/") else { return wrong };
    let code = code_only(text);
    let tests_at = code.find("#[cfg(test)]").unwrap_or(code.len());
    let place = |at: usize| format!("{path}:{}", code[..at].matches('\n').count() + 1);
    let module = module_of(inside);
    let layer = module.first().and_then(|folder| LAYERS.iter().position(|layer| layer == folder));
    if let (Some(folder), None) = (module.first(), layer) {
        wrong.push(format!("{path}: `{folder}` is no layer of the house"));
    }
    for (at, used) in used_folders(&code, module.len(), tests_at) {
        let used_layer = LAYERS.iter().position(|layer| *layer == used);
        match (layer, used_layer) {
            (_, None) => {
                wrong.push(format!(
                    "{}: `crate::{used}` is no layer; name one item a line",
                    place(at)
                ));
            }
            (Some(layer), Some(later)) if later > layer => {
                let own = LAYERS[layer];
                wrong.push(format!(
                    "{}: {own} may not use `{used}`, which comes after it",
                    place(at)
                ));
            }
            _ => {}
        }
    }
    for name in CRYPTO.iter().filter(|_| module.first() != Some(&"crypto")) {
        for at in words(&code, name).filter(|at| names_a_crate(&code, *at, name)) {
            wrong.push(format!("{}: `{name}` is named outside of src/crypto", place(at)));
        }
    }
    for name in TERMINAL.iter().filter(|_| !matches!(module.first(), Some(&"ui"))) {
        for at in words(&code, name).filter(|at| *at < tests_at && path != "src/main.rs") {
            wrong.push(format!("{}: `{name}` outside of src/ui", place(at)));
        }
    }
    wrong
}

/// `a/b/mod.rs` and `a/b.rs` are the module a, b; the crate's own files are none.
fn module_of(inside: &str) -> Vec<&str> {
    let path = inside.strip_suffix(".rs").unwrap_or(inside);
    let path = path.strip_suffix("/mod").unwrap_or(path);
    if matches!(path, "lib" | "main") { Vec::new() } else { path.split('/').collect() }
}

/// Folders named by `crate::x` or by more `super::` than the module is deep, with their places.
fn used_folders(code: &str, depth: usize, tests_at: usize) -> Vec<(usize, String)> {
    let first_word = |text: &str| -> String {
        text.chars().take_while(|ch| ch.is_alphanumeric() || *ch == '_').collect()
    };
    let mut used = Vec::new();
    for at in words(code, "crate") {
        // `$crate::` and `pub(crate)` are not paths from here.
        if let Some(rest) = code[at..].strip_prefix("crate::") {
            used.push((at, first_word(rest)));
        }
    }
    for at in words(code, "super").filter(|at| !code[..*at].ends_with("::")) {
        let mut rest = &code[at..];
        let mut climbed = 0;
        while let Some(above) = rest.strip_prefix("super::") {
            rest = above;
            climbed += 1;
        }
        // A file's tests are one module deeper.
        let depth = if at < tests_at { depth } else { depth + 1 };
        if depth > 0 && climbed >= depth && !rest.starts_with('*') {
            used.push((at, first_word(rest)));
        }
    }
    used
}

/// Places of a name that is not part of a longer one.
fn words<'a>(code: &'a str, name: &'a str) -> impl Iterator<Item = usize> + 'a {
    let is_word = |ch: char| ch.is_alphanumeric() || ch == '_';
    code.match_indices(name).map(|(at, _)| at).filter(move |at| {
        let after = &code[at + name.len()..];
        let open_end = name.ends_with('!') || !after.starts_with(is_word);
        open_end && !code[..*at].ends_with(is_word)
    })
}

/// Whether a word stands where only a crate can: first in a path, or first in a `use`.
fn names_a_crate(code: &str, at: usize, name: &str) -> bool {
    let before = code[..at].trim_end();
    let after = code[at + name.len()..].trim_start();
    let in_path = after.starts_with("::") && (!before.ends_with("::") || is_global(before));
    let in_use = before.ends_with("use") || before.ends_with("extern crate");
    in_path || in_use
}

/// Whether a path begins with the `::` that `before` ends with.
fn is_global(before: &str) -> bool {
    let owner = before.strip_suffix("::").unwrap_or(before);
    !owner.ends_with(|ch: char| ch.is_alphanumeric() || ch == '_' || ch == '>' || ch == '}')
}

/// The source with comments and the insides of literals blanked, so that only code is left; line
/// ends stay.
fn code_only(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    let blank = |out: &mut String, skipped: &str| {
        out.extend(skipped.chars().map(|ch| if ch == '\n' { '\n' } else { ' ' }));
    };
    while let Some(ch) = rest.chars().next() {
        let skipped = match ch {
            '/' if rest.starts_with("//") => rest.find('\n').unwrap_or(rest.len()),
            '/' if rest.starts_with("/*") => block_comment(rest),
            '"' => string(rest),
            'r' | 'b' | 'c' if !out.ends_with(|ch: char| ch.is_alphanumeric() || ch == '_') => {
                raw_string(rest)
            }
            '\'' => character(rest),
            _ => 0,
        };
        let taken = if skipped == 0 { ch.len_utf8() } else { skipped };
        let (now, later) = rest.split_at(taken);
        if skipped == 0 {
            out.push_str(now)
        } else {
            blank(&mut out, now)
        }
        rest = later;
    }
    out
}

fn block_comment(text: &str) -> usize {
    let (mut depth, mut at) = (0, 0);
    while at < text.len() {
        match &text.as_bytes()[at..] {
            [b'/', b'*', ..] => (depth, at) = (depth + 1, at + 2),
            [b'*', b'/', ..] => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            return at;
        }
    }
    text.len()
}

fn string(text: &str) -> usize {
    let mut escaped = false;
    for (at, ch) in text.char_indices().skip(1) {
        match ch {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// Of `r"…"`, `br#"…"#`; 0 if it is none.
fn raw_string(text: &str) -> usize {
    let marked = text.trim_start_matches(['b', 'c']);
    let Some(hashed) = marked.strip_prefix('r') else { return 0 };
    let quoted = hashed.trim_start_matches('#');
    if !quoted.starts_with('"') || text.len() - marked.len() > 1 {
        return 0;
    }
    let end = format!("\"{}", "#".repeat(hashed.len() - quoted.len()));
    let body = text.len() - quoted.len() + 1;
    text[body..].find(&end).map_or(text.len(), |at| body + at + end.len())
}

/// Of `'x'` or `'\n'`; 0 for a lifetime.
fn character(text: &str) -> usize {
    let mut chars = text.char_indices().skip(1);
    match chars.next() {
        Some((_, '\\')) => {
            chars.next();
            chars.find(|(_, ch)| *ch == '\'').map_or(0, |(at, _)| at + 1)
        }
        Some(_) => chars.next().filter(|(_, ch)| *ch == '\'').map_or(0, |(at, _)| at + 1),
        None => 0,
    }
}

#[test]
fn code_is_told_from_comments_and_literals() {
    let text = "a // age::x\n/* b /* c */ d */ e \"f\\\" g\" h r#\"i\" j\"# k '\"' l 'm '\\'' n b\"o\" for";
    let code: Vec<String> = code_only(text).split_whitespace().map(str::to_owned).collect();
    assert_eq!(code, ["a", "e", "h", "k", "l", "'m", "n", "b", "for"]);
    assert_eq!(code_only(text).matches('\n').count(), 1);
}

#[test]
fn each_rule_can_be_broken() {
    let rules: BTreeMap<&str, (&str, &str)> = [
        ("does not begin", ("src/text/x.rs", "use std::fs;\n")),
        ("is no layer of the house", ("src/misc/x.rs", "//! x\n")),
        ("may not use `repo`", ("src/text/x.rs", "//! x\nuse crate::repo::Root;\n")),
        ("may not use `plan`", ("src/repo/mod.rs", "//! x\nfn f() { super::plan::g() }\n")),
        (
            "may not use `apply`",
            ("src/plan/a/b.rs", "//! x\nfn f(x: super::super::super::apply::X) {}\n"),
        ),
        ("name one item a line", ("src/cli/x.rs", "//! x\nuse crate::{text, repo};\n")),
        ("`age` is named", ("src/backend/x.rs", "//! x\nuse age::Decryptor;\n")),
        ("`sha2` is named", ("src/fleet/x.rs", "//! x\nfn f() { ::sha2::Sha256::new(); }\n")),
        ("`ssh_key` is named", ("src/ui/x.rs", "//! x\nuse ssh_key as k;\n")),
        ("`println!` outside", ("src/cli/x.rs", "//! x\nfn f() { println!() }\n")),
        ("`io::stdout` outside", ("src/report/x.rs", "//! x\nfn f() { std::io::stdout(); }\n")),
        (
            "split it by meaning",
            ("src/ui/x.rs", &*Box::leak(format!("//! x\n{}", "\n".repeat(900)).into_boxed_str())),
        ),
    ]
    .into();
    for (rule, (path, text)) in rules {
        let wrong = file(path, text);
        assert!(matches!(&wrong[..], [one] if one.contains(rule)), "{rule}: {wrong:?}");
    }
}

#[test]
fn what_is_fine_passes() {
    for (path, text) in [
        (
            "src/plan/mod.rs",
            "//! x\nuse crate::repo::Root;\nuse crate::plan::y;\npub(crate) fn f() {}\n",
        ),
        ("src/crypto/x.rs", "//! x\nuse age::x;\n"),
        (
            "src/backend/x.rs",
            "//! x\nuse crate::crypto::age::x;\n// age::y println!\nlet age = 1; age.max(2);\n",
        ),
        (
            "src/plan/x.rs",
            "//! x\n#[cfg(test)]\nmod tests { use super::*; use super::super::Plan; fn f() { println!() } }\n",
        ),
        ("src/ui/x.rs", "//! x\nfn f() { println!(); }\n"),
        ("src/main.rs", "//! x\nfn main() { println!(); }\n"),
        ("src/lib.rs", "//! x\npub mod cli;\npub use crate::cli::run;\n"),
    ] {
        assert_eq!(file(path, text), Vec::<String>::new(), "{path}");
    }
}
