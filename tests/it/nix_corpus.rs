//! The committed expressions under `tests/nix`: a `#= name` line begins one that has a value, `#! name` one
//! that must fail; a `#> JSON` (or `#> error`) line after it is the answer where real Nix cannot be asked.

use std::fs;
use std::path::PathBuf;

use serde_json::Value as Json;

/// One expression.
pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) text: String,
    /// Whether it must fail.
    pub(crate) fails: bool,
    /// The answer, where it is written down.
    pub(crate) answer: Option<Json>,
}

/// Where the expressions are, and, below `files`, what they read.
pub(crate) fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/nix")
}

/// The cases of `tests/nix/GROUP.nix`.
pub(crate) fn cases(group: &str) -> Vec<Case> {
    let text = fs::read_to_string(folder().join(format!("{group}.nix"))).expect(group);
    let mut cases: Vec<Case> = Vec::new();
    for line in text.split_inclusive('\n') {
        let start =
            |mark| line.strip_prefix(mark).map(|name: &str| format!("{group}/{}", name.trim()));
        if let Some(name) = start("#= ") {
            cases.push(Case { name, text: String::new(), fails: false, answer: None });
        } else if let Some(name) = start("#! ") {
            cases.push(Case { name, text: String::new(), fails: true, answer: None });
        } else if let Some(case) = cases.last_mut() {
            match line.strip_prefix("#> ") {
                Some(answer) if answer.trim() == "error" => case.fails = true,
                Some(answer) => case.answer = Some(serde_json::from_str(answer).expect(answer)),
                None => case.text.push_str(line),
            }
        }
    }
    assert!(!cases.is_empty(), "{group} has no cases");
    cases
}
