//! The rules in `.sops.yaml`: matching as sops matches, and edits that touch nothing else.

use std::path::Path;

use hostward::backend::sops::rules::{Key, ProblemKind, Reason, RulesFile, relative};

const RULES: &str = "# who is who
keys:
  - &alice age1aaa # the boss
  - &bob age1bbb
  - &web age1web
creation_rules:
  - path_regex: secrets/web/[^/]+\\.yaml$
    key_groups:
      - age: # these
          - *alice
          - *web
        pgp: [ABCD]
  - path_regex: \\.env$
    age: >-
      age1aaa,
      age1bbb
    encrypted_regex: ^KEY
  - path_regex: all/
    age: [*alice, *bob]
  - age: age1bbb
  - path_regex: never
    age: age1ccc
";

fn rules() -> RulesFile {
    RulesFile::parse(RULES.as_bytes()).unwrap()
}

fn recipients(file: &RulesFile, path: &str) -> Vec<String> {
    let found = file.matching(path).unwrap().unwrap();
    found.rule.groups[0].age.iter().map(|key| key.key.clone()).collect()
}

#[test]
fn the_first_rule_that_matches_counts() {
    let file = rules();
    assert_eq!(recipients(&file, "secrets/web/db.yaml"), ["age1aaa", "age1web"]);
    assert_eq!(recipients(&file, "x/prod.env"), ["age1aaa", "age1bbb"]);
    assert_eq!(recipients(&file, "other"), ["age1bbb"]);
    let found = file.matching("other").unwrap().unwrap();
    assert_eq!((found.index, found.reason), (3, Reason::EveryPath));
    let found = file.matching("a.env").unwrap().unwrap();
    assert_eq!(found.reason, Reason::Pattern { source: "\\.env$".into() });
    assert_eq!(found.rule.selection.as_ref().unwrap().key(), ("encrypted_regex", "^KEY"));
    let first = &file.rules[0];
    assert_eq!(first.groups[0].age[1].name.as_deref(), Some("web"));
    assert_eq!(first.groups[0].foreign[0].kind, "pgp");
    assert_eq!(file.rules[4].problems[0].kind, ProblemKind::Unreachable);
    assert_eq!(relative(Path::new("/r"), Path::new("/r/a/../b.yaml")), "b.yaml");
    assert_eq!(relative(Path::new("/r/x"), Path::new("/r/b.yaml")), "/r/b.yaml");
}

#[test]
fn bad_rules_are_problems_with_places() {
    let text = "creation_rules:\n  - path_regex: '*.yaml'\n    age: a\n  - path_regex: x\n    encrypted_regex: a\n    encrypted_suffix: b\n  - path_regex: x\n    age: b\n";
    let file = RulesFile::parse(text.as_bytes()).unwrap();
    let problem = &file.rules[0].problems[0];
    assert_eq!((problem.kind, &text[problem.at.clone()]), (ProblemKind::Regex, "'*.yaml'"));
    assert!(file.matching("a.yaml").is_err());
    assert_eq!(file.rules[1].problems.len(), 2);
    assert_eq!(file.rules[2].problems[0].kind, ProblemKind::Unreachable);
}

#[test]
fn merges_and_merge_keys_are_followed() {
    let text = "base: &base\n  age: [one]\ncommon: &c\n  - age: [zero]\n    merge:\n      - age: [deep]\ncreation_rules:\n  - path_regex: a\n    key_groups:\n      - merge: *c\n        age: [two, zero]\n  - <<: *base\n    path_regex: b\n";
    let file = RulesFile::parse(text.as_bytes()).unwrap();
    assert_eq!(recipients(&file, "a"), ["deep", "zero", "two"]);
    assert_eq!(recipients(&file, "b"), ["one"]);
}

fn text(bytes: Option<Vec<u8>>) -> String {
    String::from_utf8(bytes.unwrap()).unwrap()
}

#[test]
fn a_recipient_is_replaced_where_it_is_named() {
    let edited = text(rules().replaced("age1aaa", "age1new").unwrap());
    assert_eq!(edited, RULES.replace("age1aaa", "age1new"));
    assert!(rules().replaced("age1zzz", "age1new").unwrap().is_none());
}

#[test]
fn a_recipient_goes_with_its_anchor_and_aliases() {
    let edited = text(rules().removed("age1aaa").unwrap());
    let meant = RULES
        .replace("  - &alice age1aaa # the boss\n", "")
        .replace("          - *alice\n", "")
        .replace("age1aaa,\n      ", "")
        .replace("[*alice, *bob]", "[*bob]");
    assert_eq!(edited, meant);
    let edited = text(rules().removed("age1bbb").unwrap());
    assert!(edited.contains("    age: >-\n      age1aaa\n"), "{edited}");
    assert!(edited.contains("  - age: \"\"\n"), "{edited}");
}

#[test]
fn a_recipient_is_added_by_alias() {
    let key = Key { recipient: "age1new".into(), name: Some("new".into()) };
    let edited = text(Some(rules().added(&key, &[0, 1, 2, 3]).unwrap()));
    let meant = RULES
        .replace("  - &web age1web\n", "  - &web age1web\n  - &new age1new\n")
        .replace("          - *web\n", "          - *web\n          - *new\n")
        .replace("      age1bbb\n    enc", "      age1bbb,age1new\n    enc")
        .replace("[*alice, *bob]", "[*alice, *bob, *new]")
        .replace("  - age: age1bbb\n", "  - age: age1bbb,age1new\n");
    assert_eq!(edited, meant);
    // Once there, nothing is added again.
    let file = RulesFile::parse(edited.as_bytes()).unwrap();
    assert_eq!(text(Some(file.added(&key, &[0, 1, 2, 3]).unwrap())), edited);
    let known = Key { recipient: "age1bbb".into(), name: None };
    let edited = text(Some(rules().added(&known, &[0]).unwrap()));
    assert!(edited.contains("          - *web\n          - *bob\n"), "{edited}");
}
