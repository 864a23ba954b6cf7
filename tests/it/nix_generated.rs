//! Property tests: random expressions and patterns mean the same to us and to `nix-instantiate`.

use proptest::collection::vec;
use proptest::strategy::{Strategy as _, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::Value as Json;

use crate::nix_corpus::folder;
use crate::nix_oracle::evaluate;
use crate::nix_random::{expression, pattern_and_text};
use crate::nix_real::{RealNix, same};

/// Expressions in each test, unless `HOSTWARD_CASES` says otherwise.
const CASES: usize = 400;
/// How often a difference is made smaller before it is shown.
const SIMPLIFICATIONS: usize = 300;

/// What we make of a text: a value, an error, or nothing to compare.
enum Ours {
    Fails(String),
    /// Old Nix lets integers wrap around and writes bytes that are no text into JSON; newer Nix and we do not.
    Stricter,
    Is(Json),
}

fn ours(text: &str) -> Ours {
    match evaluate(text, &folder().join("files"), |nix, value| nix.to_json(value)) {
        Ok(value) => Ours::Is(value),
        Err(error) if is_stricter(&error.message) => Ours::Stricter,
        Err(error) => Ours::Fails(error.message.clone()),
    }
}

fn is_stricter(message: &str) -> bool {
    message.contains("overflow") || message.contains("UTF-8")
}

/// What is different, if anything.
fn difference(text: &str, theirs: Option<&Json>) -> Option<String> {
    match (ours(text), theirs) {
        (Ours::Stricter, _) | (Ours::Fails(_), None) => None,
        (Ours::Is(ours), Some(theirs)) if same(&ours, theirs) => None,
        (Ours::Is(ours), theirs) => {
            let theirs = theirs.map_or("an error".to_owned(), Json::to_string);
            Some(format!("{text}\n  wanted: {theirs}\n  ours:   {ours}\n"))
        }
        (Ours::Fails(error), Some(theirs)) => {
            Some(format!("{text}\n  wanted: {theirs}\n  ours:   error: {error}\n"))
        }
    }
}

/// Generates, compares, and shows the simplest form of each difference.
fn compare(what: &str, make: impl Fn(&[u16]) -> String) {
    let Some(real) = RealNix::new(&folder().join("files")) else { return };
    let count = std::env::var("HOSTWARD_CASES").ok().and_then(|count| count.parse().ok());
    let count = count.unwrap_or(CASES);
    // The same expressions in each run, so that a failure is there the next time too.
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let tapes = vec(0_u16.., 0..160);
    let mut trees: Vec<_> =
        (0..count).map(|_| tapes.new_tree(&mut runner).expect("a tape")).collect();
    let texts: Vec<_> = trees.iter().map(|tree| make(&tree.current())).collect();

    let (mut fine, mut failing) = (Vec::new(), Vec::new());
    let mut stricter = 0;
    for (index, text) in texts.iter().enumerate() {
        match ours(text) {
            Ours::Is(_) => fine.push(index),
            Ours::Fails(_) => failing.push(index),
            Ours::Stricter => stricter += 1,
        }
    }
    let batch: Vec<_> = fine.iter().map(|index| texts[*index].as_str()).collect();
    let mut answers: Vec<_> = fine.iter().copied().zip(real.json(&batch)).collect();
    answers.extend(failing.iter().map(|index| (*index, real.json(&[&texts[*index]]).remove(0))));

    let mut differences = Vec::new();
    for (index, theirs) in &answers {
        let Some(mut shown) = difference(&texts[*index], theirs.as_ref()) else { continue };
        if differences.len() < 5 {
            let tree = &mut trees[*index];
            let mut smaller = tree.simplify();
            for _ in 0..SIMPLIFICATIONS {
                if !smaller {
                    break;
                }
                let text = make(&tree.current());
                let theirs = real.json(&[&text]).remove(0);
                smaller = match difference(&text, theirs.as_ref()) {
                    Some(simpler) => {
                        shown = simpler;
                        tree.simplify()
                    }
                    None => tree.complicate(),
                };
            }
        }
        differences.push(shown);
    }
    eprintln!(
        "{what}: {} compared ({} of them errors), {stricter} where old Nix is laxer, {} differ",
        answers.len(),
        failing.len(),
        differences.len()
    );
    assert!(differences.is_empty(), "\n{}", differences.join("\n"));
}

#[test]
fn random_expressions_mean_the_same() {
    compare("random expressions", expression);
}

#[test]
fn random_patterns_match_the_same() {
    compare("random patterns", |tape| {
        let (pattern, text) = pattern_and_text(tape);
        format!(
            "[ (builtins.match \"{pattern}\" \"{text}\") (builtins.split \"{pattern}\" \"{text}\") ]"
        )
    });
}
