//! `nix-instantiate` as the judge of many expressions in few processes.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value as Json;

use crate::peer;

/// Real Nix, if it is here.
pub(crate) struct RealNix {
    program: PathBuf,
    directory: PathBuf,
}

/// What it said.
pub(crate) struct Answer {
    pub(crate) succeeded: bool,
    pub(crate) output: String,
    pub(crate) errors: String,
}

impl RealNix {
    /// Relative paths in expressions start from `directory`.
    pub(crate) fn new(directory: &Path) -> Option<Self> {
        let program = peer::peer("nix-instantiate")?;
        Some(Self { program, directory: directory.to_owned() })
    }

    /// One process with the expression on its standard input.
    pub(crate) fn run(&self, options: &[&str], expression: &str) -> Answer {
        let mut child = Command::new(&self.program)
            .args(["--eval", "--strict"])
            .args(options)
            .arg("-")
            .current_dir(&self.directory)
            .env_clear()
            .envs(std::env::vars_os().filter(|(name, _)| name == "PATH" || name == "NIX_STORE"))
            .env("HOME", "/homeless")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("nix-instantiate starts");
        // A parse error may end it before it has read everything.
        let _ = child.stdin.take().expect("stdin is piped").write_all(expression.as_bytes());
        let output = child.wait_with_output().expect("nix-instantiate ends");
        Answer {
            succeeded: output.status.success(),
            output: String::from_utf8_lossy(&output.stdout).trim_end().to_owned(),
            errors: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// The value of each expression as JSON, or `None` where it fails. Asks for all at once; only when that
    /// fails, for halves.
    pub(crate) fn json(&self, expressions: &[&str]) -> Vec<Option<Json>> {
        let elements = expressions.iter().map(|text| format!("(\n{text}\n)\n"));
        let batch = format!("[\n{}]", elements.collect::<String>());
        let answer = self.run(&["--json"], &batch);
        if answer.succeeded
            && let Ok(Json::Array(values)) = serde_json::from_str(&answer.output)
            && values.len() == expressions.len()
        {
            return values.into_iter().map(Some).collect();
        }
        if let [single] = expressions {
            // Without the parentheses, which may have hidden or made an error.
            let answer = self.run(&["--json"], single);
            let value = answer.succeeded.then(|| serde_json::from_str(&answer.output).ok());
            return vec![value.flatten()];
        }
        let (first, second) = expressions.split_at(expressions.len() / 2);
        let mut values = self.json(first);
        values.extend(self.json(second));
        values
    }
}

/// Whether both say the same. Old Nix writes floats with six digits.
pub(crate) fn same(ours: &Json, theirs: &Json) -> bool {
    match (ours, theirs) {
        (Json::Number(a), Json::Number(b)) => {
            let (Some(x), Some(y)) = (a.as_f64(), b.as_f64()) else { return false };
            a == b || ((a.is_f64() || b.is_f64()) && (x - y).abs() <= 1e-5 * x.abs().max(y.abs()))
        }
        (Json::Array(a), Json::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
        }
        (Json::Object(a), Json::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(key, a)| b.get(key).is_some_and(|b| same(a, b)))
        }
        (a, b) => a == b,
    }
}
