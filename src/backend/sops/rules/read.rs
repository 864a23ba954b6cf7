//! Reads `.sops.yaml` with all the fields `config/config.go` knows; unknown ones are left alone.

use std::ops::Range;

use super::{PathRegex, ProblemKind, Rule, RuleGroup, RuleKey, RuleProblem, RulesFile};
use crate::backend::sops::error::SopsError;
use crate::backend::sops::select::Selection;
use crate::format::regex2::Pattern;
use crate::format::yaml::{Yaml, YamlNode};

/// How deep `merge` may nest.
const MERGES: usize = 8;

/// Kinds of keys at the level of a rule, with the name of the kind in a group.
const AT_RULE: [(&str, &str); 7] = [
    ("age", "age"),
    ("azure_keyvault", "azure_keyvault"),
    ("gcp_kms", "gcp_kms"),
    ("hc_vault_transit_uri", "hc_vault"),
    ("hckms", "hckms"),
    ("kms", "kms"),
    ("pgp", "pgp"),
];

/// Kinds of keys in a group, with the field that names a key where it is a mapping.
const IN_GROUP: [(&str, &str); 7] = [
    ("age", ""),
    ("azure_keyvault", "vaultUrl"),
    ("gcp_kms", "resource_id"),
    ("hc_vault", ""),
    ("hckms", "key_id"),
    ("kms", "arn"),
    ("pgp", ""),
];

impl RulesFile {
    /// Parses the text of a rules file.
    ///
    /// # Errors
    /// `Format` for what is no YAML. What is wrong with a rule is in its `problems`.
    pub fn parse(bytes: &[u8]) -> Result<Self, SopsError> {
        let yaml = Yaml::parse(bytes)?;
        let rules = yaml.root(0).and_then(|root| root.get("creation_rules")).map(rules);
        Ok(Self { rules: rules.unwrap_or_default(), yaml })
    }
}

fn rules(list: YamlNode<'_>) -> Vec<Rule> {
    let mut rules: Vec<Rule> = list.items().map(rule).collect();
    let catch_all = rules.iter().position(|rule| rule.path_regex.is_none());
    for n in 0..rules.len() {
        let source = |rule: &Rule| rule.path_regex.as_ref().map(|regex| regex.source.clone());
        let shadow = catch_all.filter(|first| *first < n).or_else(|| {
            rules[..n].iter().position(|earlier| {
                source(earlier).is_some() && source(earlier) == source(&rules[n])
            })
        });
        if let Some(earlier) = shadow {
            let at = rules[n].at.clone();
            let message = format!("rule {} takes every path this one could", earlier + 1);
            rules[n].problems.push(RuleProblem { at, kind: ProblemKind::Unreachable, message });
        }
    }
    rules
}

fn rule(node: YamlNode<'_>) -> Rule {
    let mut problems = Vec::new();
    let mut problem = |at: Range<usize>, kind, message: String| {
        problems.push(RuleProblem { at, kind, message });
    };
    let path_regex = node.get("path_regex").and_then(|node| {
        let source = node.text().filter(|text| !text.is_empty())?.to_owned();
        let pattern = Pattern::new(&source);
        if let Err(error) = &pattern {
            problem(node.span(), ProblemKind::Regex, error.to_string());
        }
        Some(PathRegex { at: node.span(), source, pattern: pattern.ok() })
    });
    let mut selection: Option<Selection> = None;
    for key in [
        "encrypted_comment_regex",
        "encrypted_regex",
        "encrypted_suffix",
        "unencrypted_comment_regex",
        "unencrypted_regex",
        "unencrypted_suffix",
    ] {
        let Some(found) = node.get(key) else { continue };
        let Some(text) = found.text().filter(|text| !text.is_empty()) else { continue };
        let Some(new) = Selection::of_key(key, text) else { continue };
        if let Err(error) = new.check() {
            problem(found.span(), ProblemKind::Invalid, error.to_string());
        }
        if let Some(old) = &selection {
            let message = format!("both `{}` and `{key}`", old.key().0);
            problem(found.span(), ProblemKind::Invalid, message);
        }
        selection = Some(new);
    }
    let key_groups = node.get("key_groups").filter(|groups| groups.items().next().is_some());
    let groups = match key_groups {
        Some(groups) => groups
            .items()
            .map(|node| {
                let mut found = RuleGroup::default();
                if !group(node, 0, &mut found) {
                    let message = "`merge` nests too deep".to_owned();
                    problem(node.span(), ProblemKind::Invalid, message);
                }
                found
            })
            .collect(),
        None => {
            let mut found = RuleGroup::default();
            for (field, kind) in AT_RULE {
                if let Some(value) = node.get(field) {
                    keys(value, kind, &mut found);
                }
            }
            vec![found]
        }
    };
    for found in &groups {
        if found.age.is_empty() && found.foreign.is_empty() {
            problem(node.span(), ProblemKind::Invalid, "a key group without keys".to_owned());
        }
    }
    let number =
        |key: &str| node.get(key).and_then(YamlNode::text).and_then(|text| text.parse().ok());
    let is_true = |node: YamlNode<'_>| matches!(node.text(), Some("true" | "True" | "TRUE"));
    Rule {
        at: node.span(),
        path_regex,
        grouped: key_groups.is_some(),
        groups,
        mac_only_encrypted: node.get("mac_only_encrypted").is_some_and(is_true),
        selection,
        shamir_threshold: number("shamir_threshold").filter(|threshold| *threshold > 0),
        problems,
    }
}

/// Adds the keys of a group, those merged into it first. Is the nesting within bounds?
fn group(node: YamlNode<'_>, depth: usize, found: &mut RuleGroup) -> bool {
    if depth > MERGES {
        return false;
    }
    let merged = node.get("merge").into_iter().flat_map(YamlNode::items);
    let mut fits = true;
    for inner in merged {
        fits &= group(inner, depth + 1, found);
    }
    for (kind, name) in IN_GROUP {
        let Some(list) = node.get(kind) else { continue };
        if name.is_empty() || !list.is_list() {
            keys(list, kind, found);
            continue;
        }
        for item in list.items() {
            let text = item.get(name).unwrap_or(item).text().unwrap_or_default();
            push(RuleKey { at: item.span(), name: None, kind, key: text.to_owned() }, found);
        }
    }
    fits
}

/// The keys in a list, or in a string with commas.
fn keys(value: YamlNode<'_>, kind: &'static str, found: &mut RuleGroup) {
    if value.is_list() {
        for item in value.items() {
            piece(item, kind, found);
        }
    } else {
        piece(value, kind, found);
    }
}

fn piece(node: YamlNode<'_>, kind: &'static str, found: &mut RuleGroup) {
    let name = node.alias().or_else(|| node.anchor()).map(str::to_owned);
    for key in node.text().unwrap_or_default().split(',').map(str::trim) {
        if !key.is_empty() {
            push(RuleKey { at: node.span(), name: name.clone(), kind, key: key.to_owned() }, found);
        }
    }
}

/// Each key counts once (`deduplicateKeygroup`).
fn push(key: RuleKey, found: &mut RuleGroup) {
    let list = if key.kind == "age" { &mut found.age } else { &mut found.foreign };
    if !list.iter().any(|other| other.kind == key.kind && other.key == key.key) {
        list.push(key);
    }
}
