//! From the text of a `secrets.nix` to raw rules: our own evaluator first, `nix-instantiate` for what is
//! out of its reach where the user allows it. Keys stay text here.

use std::path::Path;
use std::path::PathBuf;

use serde_json::Value as Json;

use super::rules::RuleProblem;
use crate::nix::DataKind;
use crate::nix::ErrorKind;
use crate::nix::EvalError;
use crate::nix::Evaluator;
use crate::nix::Options;
use crate::nix::Place;
use crate::nix::Value;
use crate::nix::external;
use crate::nix::with_stack;
use crate::repo::Root;

/// When to ask the real `nix-instantiate`.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum NixMode {
    Always,
    /// When our own evaluator cannot reach what a file needs.
    #[default]
    Auto,
    Never,
}

/// Why a rules file has no rules.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RulesError {
    #[error("`{}` cannot be evaluated: {source}", path.display())]
    Eval { path: PathBuf, source: EvalError },
    #[error("`{}` cannot be evaluated by nix-instantiate: {source}", path.display())]
    External { path: PathBuf, source: external::ExternalError },
}

pub(super) struct Evaluated {
    pub(super) files_read: Vec<PathBuf>,
    pub(super) rules: Vec<RawRule>,
}

/// A rule before its keys are understood.
#[derive(Debug)]
pub(super) struct RawRule {
    pub(super) armor: Option<bool>,
    pub(super) at: Option<Place>,
    pub(super) keys: Vec<(String, Option<Place>)>,
    pub(super) name: String,
    pub(super) problems: Vec<RuleProblem>,
}

pub(super) fn evaluate(
    root: &Root,
    file: &Path,
    mode: NixMode,
) -> Result<Option<Evaluated>, RulesError> {
    if mode == NixMode::Always {
        let (files_read, _) = with_stack(|| evaluate_native(root, file));
        return evaluate_external(file, files_read).map(Some);
    }
    let (files_read, rules) = with_stack(|| evaluate_native(root, file));
    match rules {
        Err(error) if error.kind == ErrorKind::OutOfReach && mode == NixMode::Auto => {
            match evaluate_external(file, files_read) {
                Ok(evaluated) => Ok(Some(evaluated)),
                // Without the program, what our own evaluator missed is the better message.
                Err(RulesError::External { source: external::ExternalError::NotFound, .. }) => {
                    Err(RulesError::Eval { path: file.to_owned(), source: error })
                }
                Err(other) => Err(other),
            }
        }
        Err(source) => Err(RulesError::Eval { path: file.to_owned(), source }),
        Ok(rules) => Ok(rules.map(|rules| Evaluated { files_read, rules })),
    }
}

type Rules = Result<Option<Vec<RawRule>>, EvalError>;

/// The rules, and the files that were read for them, even where the rules are out of reach.
fn evaluate_native(root: &Root, file: &Path) -> (Vec<PathBuf>, Rules) {
    let nix = Evaluator::new(Options { roots: vec![root.path().to_owned()], ..Options::default() });
    let rules = read_rules(&nix, file);
    (nix.files_read(), rules)
}

fn read_rules(nix: &Evaluator, file: &Path) -> Rules {
    let value = nix.eval_file(file)?;
    let Some(attrs) = nix.attrs(&value) else {
        return Ok(None);
    };
    let mut rules = Vec::with_capacity(attrs.len());
    let mut looks_like_rules = attrs.is_empty();
    for attr in attrs {
        let mut rule = RawRule {
            armor: None,
            at: attr.at.clone(),
            keys: Vec::new(),
            name: attr.name,
            problems: Vec::new(),
        };
        match nix.force(&attr.slot).and_then(|value| read_rule(nix, &value, &mut rule)) {
            Ok(is_rule) => looks_like_rules |= is_rule,
            // Out of reach for one rule is out of reach for the file: the real Nix may know all.
            Err(error) if error.kind == ErrorKind::OutOfReach => return Err(error),
            Err(error) => {
                looks_like_rules |= rule.name.ends_with(".age");
                let at = error.place.clone().or(attr.at);
                let message = format!("the rule cannot be evaluated: {error}");
                rule.problems.push(RuleProblem { at, message });
            }
        }
        rules.push(rule);
    }
    Ok(looks_like_rules.then_some(rules))
}

/// Fills in one rule. `false`: it is no rule, for lack of `publicKeys`.
fn read_rule(nix: &Evaluator, value: &Value, rule: &mut RawRule) -> Result<bool, EvalError> {
    let attrs = nix.attrs(value).unwrap_or_default();
    let find = |name: &str| attrs.iter().find(|attr| attr.name == name);
    let Some(keys) = find("publicKeys") else {
        let message = "the rule has no `publicKeys`".to_owned();
        rule.problems.push(RuleProblem { at: rule.at.clone(), message });
        return Ok(false);
    };
    if let Some(armor) = find("armor") {
        let armor = nix.to_data(&nix.force(&armor.slot)?)?;
        match armor.kind {
            DataKind::Bool(armor) => rule.armor = Some(armor),
            _ => rule
                .problems
                .push(RuleProblem { at: armor.at, message: "`armor` is not a boolean".to_owned() }),
        }
    }
    let data = nix.to_data(&nix.force(&keys.slot)?)?;
    let Some(items) = data.as_list() else {
        let message = "`publicKeys` is not a list".to_owned();
        rule.problems.push(RuleProblem { at: data.at, message });
        return Ok(true);
    };
    for item in items {
        match item.as_str() {
            Some(text) => rule.keys.push((text.to_owned(), item.at.clone())),
            None => rule.problems.push(RuleProblem {
                at: item.at.clone(),
                message: "an item of `publicKeys` is not a string".to_owned(),
            }),
        }
    }
    Ok(true)
}

/// What agenix itself reads of the file, by the program that it reads it with.
fn evaluate_external(file: &Path, files_read: Vec<PathBuf>) -> Result<Evaluated, RulesError> {
    let failed = |source| RulesError::External { path: file.to_owned(), source };
    let json = external::eval_json(file, PICK).map_err(failed)?;
    let rules = json.as_object().into_iter().flatten().map(|(name, rule)| {
        let mut raw = RawRule {
            armor: rule["armor"].as_bool(),
            at: None,
            keys: Vec::new(),
            name: name.clone(),
            problems: Vec::new(),
        };
        let mut problem = |message: &str| {
            raw.problems.push(RuleProblem { at: None, message: message.to_owned() })
        };
        match &rule["publicKeys"] {
            Json::Array(keys) => {
                for key in keys {
                    match key.as_str() {
                        Some(key) => raw.keys.push((key.to_owned(), None)),
                        None => problem("an item of `publicKeys` is not a string"),
                    }
                }
            }
            Json::Null if rule["problem"].is_string() => {
                problem(rule["problem"].as_str().unwrap_or_default());
            }
            _ => problem("`publicKeys` is not a list"),
        }
        raw
    });
    Ok(Evaluated { files_read, rules: rules.collect() })
}

/// One rule that fails leaves the others alone, as far as Nix can catch it.
const PICK: &str = r#"
  let
    try = value: builtins.tryEval (builtins.deepSeq value value);
    rule = value:
      let
        has = try (value ? publicKeys);
        keys = try value.publicKeys;
        armor = try (value.armor or null);
      in
      if has.success && !has.value then { problem = "the rule has no `publicKeys`"; }
      else if has.success && keys.success && armor.success
      then { publicKeys = keys.value; armor = armor.value; }
      else { problem = "the rule cannot be evaluated"; };
  in
  builtins.mapAttrs (name: rule)
"#;
