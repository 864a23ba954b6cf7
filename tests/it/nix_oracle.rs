//! Our evaluator against `nix-instantiate --eval --strict --json` on the committed corpus.

use std::collections::BTreeMap;
use std::path::Path;

use hostward::nix::{ErrorKind, EvalError, Evaluator, Options, with_stack};
use serde_json::Value as Json;

use crate::nix_corpus::{Case, cases, folder};
use crate::nix_real::{RealNix, same};

/// Groups that real Nix of any version can judge.
const GROUPS: [&str; 7] = ["data", "lists", "literals", "paths", "scopes", "sets", "strings"];

/// What our evaluator makes of a text, with everything readable.
pub(crate) fn evaluate<R: Send>(
    text: &str,
    base: &Path,
    show: impl FnOnce(&Evaluator, &hostward::nix::Value) -> Result<R, EvalError> + Send,
) -> Result<R, EvalError> {
    with_stack(|| {
        let env = BTreeMap::from([("HOME".to_owned(), "/homeless".to_owned())]);
        let nix = Evaluator::new(Options { allow_all_reads: true, env, ..Options::default() });
        show(&nix, &nix.eval_expr(text, base)?)
    })
}

fn our_json(text: &str) -> Result<Json, EvalError> {
    evaluate(text, &folder().join("files"), |nix, value| nix.to_json(value))
}

/// What is wrong with our answer, given the right one (`None`: it must fail).
fn complaint(case: &Case, ours: &Result<Json, EvalError>, right: Option<&Json>) -> Option<String> {
    let shown = match ours {
        Ok(value) => value.to_string(),
        Err(error) => format!("error: {error}"),
    };
    let wanted = match (ours, right) {
        (Ok(value), Some(right)) if same(value, right) => return None,
        (Err(_), None) => return None,
        (_, Some(right)) => right.to_string(),
        (_, None) => "an error".to_owned(),
    };
    Some(format!(
        "{}\n  {}\n  wanted: {wanted}\n  ours:   {shown}\n",
        case.name,
        case.text.trim_end()
    ))
}

fn report(what: &str, compared: usize, complaints: &[String]) {
    eprintln!("{what}: {compared} expressions compared, {} differ", complaints.len());
    assert!(complaints.is_empty(), "\n{}", complaints.join("\n"));
}

#[test]
fn the_corpus_means_what_nix_says() {
    let Some(real) = RealNix::new(&folder().join("files")) else { return };
    let all: Vec<Case> = GROUPS.into_iter().flat_map(cases).collect();
    let (failing, fine): (Vec<&Case>, Vec<&Case>) = all.iter().partition(|case| case.fails);
    let texts: Vec<&str> = fine.iter().map(|case| case.text.as_str()).collect();
    let mut complaints = Vec::new();
    for (case, right) in fine.iter().zip(real.json(&texts)) {
        assert!(right.is_some(), "{} fails in real Nix", case.name);
        complaints.extend(complaint(case, &our_json(&case.text), right.as_ref()));
    }
    for case in &failing {
        assert!(!real.run(&["--json"], &case.text).succeeded, "{} is fine in real Nix", case.name);
        complaints.extend(complaint(case, &our_json(&case.text), None));
    }
    report("nix corpus", all.len(), &complaints);
}

#[test]
fn newer_nix_is_followed_where_versions_differ() {
    let all = cases("newer");
    let complaints: Vec<_> = all
        .iter()
        .filter_map(|case| complaint(case, &our_json(&case.text), case.answer.as_ref()))
        .collect();
    report("nix 2.24 answers", all.len(), &complaints);
}

#[test]
fn values_print_as_nix_prints_them() {
    let base = folder().join("files");
    let Some(real) = RealNix::new(&base) else { return };
    let mut complaints = Vec::new();
    let all = cases("printing");
    for case in &all {
        let right = real.run(&[], &case.text);
        assert!(right.succeeded, "{}: {}", case.name, right.errors);
        let ours = evaluate(&case.text, &base, |nix, value| nix.print(value, true));
        if ours.as_ref().ok() != Some(&right.output) {
            complaints
                .push(format!("{}\n  wanted: {}\n  ours:   {ours:?}\n", case.name, right.output));
        }
    }
    report("nix printing", all.len(), &complaints);
}

#[test]
fn our_lib_answers_as_nixpkgs_does() {
    let all = cases("lib");
    let with_lib = |lib: &str, case: &Case| format!("let lib = import {lib}; in\n{}", case.text);
    let mut complaints: Vec<_> = all
        .iter()
        .filter_map(|case| {
            let ours = our_json(&with_lib("<nixpkgs/lib>", case));
            complaint(case, &ours, case.answer.as_ref())
        })
        .collect();
    if let Some(real) = RealNix::new(&folder().join("files")) {
        let texts: Vec<_> = all.iter().map(|case| with_lib("../../../src/nix/lib", case)).collect();
        let texts: Vec<_> = texts.iter().map(String::as_str).collect();
        for (case, theirs) in all.iter().zip(real.json(&texts)) {
            let same = theirs.zip(case.answer.as_ref()).is_some_and(|(a, b)| same(&a, b));
            if !same {
                complaints.push(format!("{}: our lib is wrong in real Nix\n", case.name));
            }
        }
    }
    report("nixpkgs lib", all.len(), &complaints);
}

#[test]
fn what_our_lib_lacks_is_said() {
    for call in ["evalModules { modules = [ ]; }", "nixosSystem { }", "systems.examples.pc.system"]
    {
        let text = format!("(import <nixpkgs/lib>).{call}");
        // `tryEval` must not hide it.
        let caught = format!("(builtins.tryEval ({text})).success");
        for text in [text, caught] {
            let error = our_json(&text).expect_err(&text);
            assert_eq!(error.kind, ErrorKind::OutOfReach, "{text}: {error}");
        }
    }
}

/// Line (from 1) of the innermost place that lies in a file of the corpus.
fn our_line(error: &EvalError) -> Option<(String, usize)> {
    let place = error.place.as_ref()?;
    let text = std::fs::read_to_string(&place.file).ok()?;
    let line = text.get(..place.span.start)?.matches('\n').count() + 1;
    Some((place.file.file_name()?.to_string_lossy().into_owned(), line))
}

#[test]
fn errors_say_where() {
    let base = folder().join("files");
    let real = RealNix::new(&base);
    for (text, file, line) in [
        ("(import ./throws.nix).inner", "throws.nix", 4),
        ("(import ./throws.nix).thrown", "throws.nix", 8),
        ("(import ./throws.nix).typed", "throws.nix", 9),
        ("(import ./throws.nix).asserted", "throws.nix", 10),
        ("import ./broken.nix", "broken.nix", 1),
    ] {
        let error = evaluate(text, &base, |nix, value| nix.to_json(value)).expect_err(text);
        assert_eq!(our_line(&error), Some((file.to_owned(), line)), "{text}: {error}");
        if let Some(real) = &real {
            let errors = real.run(&["--json", "--show-trace"], text).errors;
            assert!(errors.contains(&format!("{file}:{line}:")), "{text}: {errors}");
        }
    }
}
