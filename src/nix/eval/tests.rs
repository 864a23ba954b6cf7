//! What holds for the evaluator as a whole: hostile input ends in an error, errors say where, reads stay
//! confined. The comparison with real Nix is in `tests/it`.

use std::path::Path;

use super::error::ErrorKind;
use super::io::{ConfinedFiles, Overlay};
use super::limits::Limits;
use super::session::{Evaluator, Options};
use super::value::Value;
use crate::nix::{Data, DataKind};
use crate::nix::{EvalError, with_stack};

fn small() -> Options {
    let limits = Limits { steps: 50_000, memory: 16 << 20, ..Limits::default() };
    Options { limits, ..Options::default() }
}

fn print_with(options: Options, text: &str) -> Result<String, EvalError> {
    with_stack(|| {
        let nix = Evaluator::new(options);
        let value = nix.eval_expr(text, Path::new("/base"))?;
        nix.print(&value, true)
    })
}

fn print(text: &str) -> Result<String, EvalError> {
    print_with(Options::default(), text)
}

fn error(text: &str) -> EvalError {
    print(text).expect_err(text)
}

#[test]
fn every_mutation_of_the_corpus_ends_without_a_panic() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/nix");
    let mut texts = Vec::new();
    for entry in corpus.read_dir().unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "nix") {
            texts.push(std::fs::read_to_string(path).unwrap());
        }
    }
    let cases: Vec<&str> = texts.iter().flat_map(|text| text.split("\n#")).collect();
    assert!(cases.len() > 100, "the corpus is there");
    let mut random = Random(0x5eed);
    with_stack(|| {
        for round in 0..500 {
            let mut text = cases[random.below(cases.len())].as_bytes().to_vec();
            for _ in 0..=random.below(4) {
                random.mutate(&mut text, cases[random.0 as usize % cases.len()].as_bytes());
            }
            let text = String::from_utf8_lossy(&text);
            let nix = Evaluator::new(small());
            if let Ok(value) = nix.eval_expr(&text, &corpus) {
                let _ = (nix.print(&value, true), nix.to_json(&value), nix.to_data(&value));
            }
            assert!(nix.steps() < 200_000, "round {round} went on: {text}");
        }
    });
}

/// A xorshift generator: the same mutations in every run.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() >> 1).unwrap_or(0) % end.max(1)
    }

    fn mutate(&mut self, text: &mut Vec<u8>, other: &[u8]) {
        const BITS: [&[u8]; 24] = [
            b"''",
            b"\"",
            b"${",
            b"}",
            b"{",
            b"(",
            b")",
            b"[",
            b"]",
            b"rec ",
            b"let ",
            b" in ",
            b"@",
            b"...",
            b"?",
            b" or ",
            b"//",
            b"\\",
            b"with ",
            b";",
            b"-",
            b"a.b",
            b"9223372036854775807",
            b"\xc3\xa9",
        ];
        let at = self.below(text.len() + 1);
        let end = (at + self.below(12)).min(text.len());
        match self.below(4) {
            0 => drop(text.drain(at..end)),
            1 => drop(text.splice(at..at, BITS[self.below(BITS.len())].iter().copied())),
            2 => {
                let from = self.below(other.len() + 1);
                let to = (from + self.below(30)).min(other.len());
                drop(text.splice(at..end, other[from..to].iter().copied()));
            }
            _ => {
                let piece = text[at..end].to_vec();
                let to = self.below(text.len() + 1);
                drop(text.splice(to..to, piece));
            }
        }
    }
}

#[test]
fn hostile_texts_end_in_an_error() {
    let deep = |open: &str, inner: &str, close: &str| {
        format!("{}{inner}{}", open.repeat(100_000), close.repeat(100_000))
    };
    for text in [
        deep("[", "", "]"),
        deep("(", "1", ")"),
        deep("{a=", "1", ";}"),
        deep("-", "1", ""),
        deep("!", "true", ""),
        deep("\"${", "\"\"", "}\""),
        deep("x: ", "1", ""),
        deep("f ", "1", ""),
        deep("1 + ", "1", ""),
        deep("[] ++ ", "[]", ""),
        deep("a.", "a", ""),
        deep("if true then ", "1", " else 2"),
        deep("assert true; ", "1", ""),
        deep("with {}; ", "1", ""),
        deep("let a = 1; in ", "1", ""),
        deep("-a", "", ""),
        deep("''", "", ""),
        "[".repeat(1_000_000),
        "a".repeat(1 << 20),
        "1.".repeat(1 << 18),
        "\"".to_owned() + &"a".repeat(1 << 20),
    ] {
        let start: String = text.chars().take(20).collect();
        // Some of these are fine Nix, only long; none may take the process down, on any stack.
        let nix = Evaluator::new(small());
        let shallow = nix.eval_expr(&text, Path::new("/")).map(|_| String::new());
        for result in [print_with(small(), &text), shallow] {
            if let Err(error) = result {
                assert!(!error.message.is_empty(), "{start}");
            }
        }
    }
}

#[test]
fn hostile_evaluations_hit_a_limit() {
    for text in [
        "let f = x: f x; in f 1",
        "let f = x: f (x + 1); in f 1",
        "let f = x: [ (f x) ]; in f 1",
        "let f = x: { a = f x; }; in builtins.deepSeq (f 1) 1",
        "let s = n: if n == 0 then \"a\" else let t = s (n - 1); in t + t; in s 60",
        "builtins.genList (x: x) 1000000000",
        "builtins.foldl' (a: _: [ a ]) [ ] (builtins.genList (x: x) 1000000)",
        "let a = [ 1 ] ++ a; in a",
        "let l = n: if n == 0 then [ 1 ] else let x = l (n - 1); in x ++ x; in l 60",
        "builtins.toJSON (let f = x: [ (f x) ]; in f 1)",
        "builtins.toXML (let f = x: [ (f x) ]; in f 1)",
        "(let f = x: [ (f x) ]; in f 1) == (let f = x: [ (f x) ]; in f 1)",
        "toString (let f = x: [ (f x) ]; in f 1)",
        "builtins.toXML (builtins.foldl' (a: _: { inherit a; }) 1 (builtins.genList (x: x) 5000))",
        "builtins.toJSON (builtins.foldl' (a: _: [ a a ]) 1 (builtins.genList (x: x) 60))",
        "let a = { __toString = self: self; }; in \"${a}\"",
        "let a = { outPath = a; }; in \"${a}\"",
        "let a = { outPath = a; }; in builtins.toJSON a",
        "let a = { __functor = self: self; }; in a 1",
        "builtins.genericClosure { startSet = [ { key = 1; } ]; operator = x: [ { key = x.key + 1; } ]; }",
        "builtins.concatStringsSep \"\" (builtins.genList (_: \"aaaaaaaaaaaaaaaaaaaa\") 100000000)",
        "builtins.replaceStrings [ \"\" ] [ (builtins.readFile /dev/zero) ] \"a\"",
    ] {
        let error = print_with(small(), text).expect_err(text);
        let kinds = [ErrorKind::Limit, ErrorKind::InfiniteRecursion];
        let refused = matches!(error.kind, ErrorKind::Refused { .. });
        assert!(kinds.contains(&error.kind) || refused, "{text}: {error:?}");
    }
}

#[test]
fn what_is_shared_is_printed_once() {
    let text = "builtins.foldl' (a: _: [ a a ]) [ 1 ] (builtins.genList (x: x) 60)";
    assert_eq!(print(text).unwrap().matches("«repeated»").count(), 60);
    let error = with_stack(|| {
        let nix = Evaluator::new(small());
        let value = nix.eval_expr(text, Path::new("/")).unwrap();
        (nix.to_data(&value).map(|_| ()), nix.to_json(&value).map(|_| ()))
    });
    assert_eq!(error.0.unwrap_err().kind, ErrorKind::Limit);
    assert_eq!(error.1.unwrap_err().kind, ErrorKind::Limit);
}

#[test]
fn deep_values_are_dropped_without_recursion() {
    let limits = Limits { memory: 1 << 30, ..Limits::default() };
    let options = Options { limits, ..Options::default() };
    let text =
        "builtins.length (builtins.foldl' (a: _: [ a ]) [ ] (builtins.genList (x: x) 300000))";
    // On a thread of an ordinary size, too.
    let nix = Evaluator::new(options.clone());
    let value = nix.eval_expr(text, Path::new("/")).unwrap();
    assert_eq!(nix.print(&value, true).unwrap(), "1");
    drop((value, nix));
    assert_eq!(print_with(options, text).unwrap(), "1");
}

#[test]
fn deep_recursion_that_nix_allows_is_fine() {
    let text = "let f = n: if n == 0 then 0 else 1 + f (n - 1); in f 9000";
    assert_eq!(print(text).unwrap(), "9000");
    let chain =
        "builtins.foldl' (a: n: { v = a.v + n; }) { v = 0; } (builtins.genList (x: x) 20000)";
    assert_eq!(print(chain).unwrap(), "{ v = 199990000; }");
}

#[test]
fn infinite_recursion_lists_its_cycle() {
    let error = error("let a = b + 1; b = c; c = a + 0; in a");
    assert_eq!(error.kind, ErrorKind::InfiniteRecursion);
    let spans: Vec<_> = error.related.iter().map(|(_, place)| place.span.clone()).collect();
    assert_eq!(spans, [19..20, 26..31, 8..13], "b, c and a again");
}

#[test]
fn a_doubled_attribute_names_both_places() {
    let error = error("{ a.b = 1; c = 2; a.b = 3; }");
    assert_eq!(error.message, "attribute `a.b` is already defined");
    assert_eq!(error.place.as_ref().map(|place| place.span.clone()), Some(18..21));
    assert_eq!(error.related[0].1.span, 2..5);
}

#[test]
fn errors_say_where_and_what_was_meant() {
    for (text, message, span) in [
        ("{ alpha = 1; }.alpah", "attribute `alpah` is missing, did you mean `alpha`?", 0..20),
        (
            "({ name }: name) { nmae = 1; }",
            "an anonymous function called without required argument `name`",
            0..30,
        ),
        (
            "({ name ? 1 }: name) { nmae = 1; }",
            "an anonymous function called with unexpected argument `nmae`, did you mean `name`?",
            0..34,
        ),
        ("1 + \"a\"", "cannot add a string to an integer", 4..7),
        ("[ 1 ] ++ 2", "value is an integer while a list was expected", 9..10),
        ("let x = 1; in y", "undefined variable `y`", 14..15),
        ("1 / 0", "division by zero", 0..5),
        ("9223372036854775807 + 1", "integer overflow in `9223372036854775807 + 1`", 0..23),
        ("(1", "unexpected end of file", 2..2),
        ("", "the file holds no expression", 0..0),
        ("(1]", "unclosed bracket", 0..3),
    ] {
        let error = error(text);
        assert_eq!(error.message, message, "{text}");
        assert_eq!(error.place.clone().map(|place| place.span), Some(span), "{text}");
    }
}

#[test]
fn out_of_reach_is_a_kind_of_its_own() {
    for text in [
        "builtins.fetchGit \"x\"",
        "(derivation { name = \"x\"; system = \"y\"; builder = \"z\"; }).outPath",
        "(import <nixpkgs> { }).hello",
        "<nixpkgs/nixos>",
        "~/x",
    ] {
        assert_eq!(error(text).kind, ErrorKind::OutOfReach, "{text}");
    }
    assert_eq!(print("(derivation { name = \"x\"; }).name").unwrap(), "\"x\"");
}

#[test]
fn reads_stay_below_the_roots() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path().join("repo");
    std::fs::create_dir_all(root.join("sub")).unwrap();
    std::fs::write(dir.path().join("outside"), "secret").unwrap();
    std::fs::write(root.join("inside"), "text").unwrap();
    std::fs::write(root.join("sub/default.nix"), "{ v = builtins.readFile ../inside; }").unwrap();
    std::os::unix::fs::symlink("../outside", root.join("escape")).unwrap();
    std::os::unix::fs::symlink("loop", root.join("loop")).unwrap();
    let run = |text: &str| {
        let options = Options { roots: vec![root.clone()], ..Options::default() };
        with_stack(|| {
            let nix = Evaluator::new(options);
            let value = nix.eval_expr(text, &root)?;
            nix.print(&value, true).map(|text| (text, nix.files_read()))
        })
    };
    let (text, files) = run("(import ./sub).v").unwrap();
    assert_eq!(text, "\"text\"");
    assert_eq!(files, [root.join("sub/default.nix"), root.join("inside")]);
    for text in [
        "builtins.readFile ../outside",
        "builtins.readFile ./escape",
        "builtins.pathExists ../outside",
        "builtins.pathExists ../missing",
        "builtins.readDir ../.",
        "import ../outside",
        "builtins.readFile \"/etc/passwd\"",
        "builtins.hashFile \"sha256\" ./escape",
    ] {
        let error = run(text).expect_err(text);
        assert!(matches!(error.kind, ErrorKind::Refused { .. }), "{text}: {error:?}");
    }
    assert_eq!(run("builtins.readFile ./loop").expect_err("a loop").kind, ErrorKind::File);
    assert_eq!(run("import ./loop").expect_err("a loop").kind, ErrorKind::File);
    assert_eq!(run("builtins.pathExists ./missing").unwrap().0, "false");
    assert_eq!(run("builtins.pathExists ./sub/missing/deep").unwrap().0, "false");
}

#[test]
fn an_overlay_shows_files_before_they_are_written() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path().to_owned();
    std::fs::write(root.join("a.nix"), "1").unwrap();
    std::fs::write(root.join("b.nix"), "import ./a.nix + import ./new/c.nix").unwrap();
    let files = [("a.nix", "10"), ("new/c.nix", "100")];
    let files = files.map(|(name, text)| (root.join(name), text.as_bytes().to_vec())).into();
    with_stack(|| {
        let below = ConfinedFiles::new(std::slice::from_ref(&root), false);
        let overlay = Overlay::new(below, files);
        let nix = Evaluator::with_files(Options::default(), Box::new(overlay));
        assert!(matches!(nix.eval_file(&root.join("b.nix")), Ok(Value::Int(110))));
        let listed =
            "[ (builtins.readDir ./.) (builtins.readDir ./new) (builtins.pathExists ./new) ]";
        let value = nix.eval_expr(listed, &root).unwrap();
        let printed = nix.print(&value, true).unwrap();
        let expected = "[ { \"a.nix\" = \"regular\"; \"b.nix\" = \"regular\"; new = \"directory\"; } { \"c.nix\" = \"regular\"; } true ]";
        assert_eq!(printed, expected);
    });
}

#[test]
fn a_file_that_is_not_text_is_an_error_in_that_file() {
    let dir = tempfile::tempdir().unwrap();
    for (name, bytes) in
        [("empty.nix", &b""[..]), ("binary.nix", b"\"a\xff\""), ("nul.nix", b"\"\0\"")]
    {
        let path = dir.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        let options = Options { allow_all_reads: true, ..Options::default() };
        let error = with_stack(|| Evaluator::new(options).eval_file(&path).map(|_| ()));
        let error = error.expect_err(name);
        assert_eq!(error.kind, ErrorKind::Syntax);
        assert_eq!(error.place.as_ref().map(|place| &*place.file), Some(&*path));
    }
}

#[test]
fn one_broken_attribute_does_not_break_the_others() {
    with_stack(|| {
        let nix = Evaluator::new(Options::default());
        let text =
            "{ a.publicKeys = [ \"k\" ]; b.publicKeys = [ (throw \"no\") ]; c = throw \"no\"; }";
        let value = nix.eval_expr(text, Path::new("/")).unwrap();
        let results: Vec<_> = nix
            .attrs(&value)
            .unwrap()
            .into_iter()
            .map(|attr| {
                let data = nix.force(&attr.slot).and_then(|value| nix.to_data(&value));
                (attr.name, data.is_ok())
            })
            .collect();
        let expected = [("a", true), ("b", false), ("c", false)];
        assert_eq!(results, expected.map(|(name, ok)| (name.to_owned(), ok)));
    });
}

#[test]
fn data_says_where_each_part_is_written() {
    let data = with_stack(|| {
        let nix = Evaluator::new(Options::default());
        let value = nix.eval_expr(
            "let k = \"key\"; in { \"x.age\".keys = [ k ./d \"${./d}/f\" ]; }",
            Path::new("/base"),
        );
        nix.to_data(&value.unwrap()).unwrap()
    });
    let keys = data.get("x.age").and_then(|it| it.get("keys")).and_then(Data::as_list).unwrap();
    let span = |data: &Data| data.at.as_ref().map(|place| place.span.clone());
    assert_eq!(keys[0].as_str(), Some("key"));
    assert_eq!(span(&keys[0]), Some(8..13));
    assert_eq!(keys[1].kind, DataKind::Path("/base/d".into()));
    let sources = vec!["/base/d".into()];
    assert_eq!(keys[2].kind, DataKind::String { text: "/base/d/f".to_owned(), sources });
    let DataKind::Attrs(attrs) = &data.kind else { panic!("a set") };
    assert_eq!(attrs[0].at.as_ref().map(|place| place.span.clone()), Some(20..32));
}

#[test]
fn auto_call_offers_arguments_by_name() {
    with_stack(|| {
        let nix = Evaluator::new(Options::default());
        let call = |text: &str| {
            let value = nix.eval_expr(text, Path::new("/"))?;
            let arguments = [("x".to_owned(), Value::Int(5).into())].into();
            let value = nix.auto_call(value, &arguments)?;
            nix.print(&value, true)
        };
        assert_eq!(call("{ x, y ? 2 }: x + y").unwrap(), "7");
        assert_eq!(call("{ y ? 2 }: y").unwrap(), "2");
        assert_eq!(call("{ ... }@all: all").unwrap(), "{ x = 5; }");
        assert_eq!(call("1").unwrap(), "1");
        assert_eq!(call("y: y").unwrap(), "<LAMBDA>");
        assert!(call("{ z }: z").is_err());
    });
}

#[test]
fn messages_are_kept_in_order() {
    with_stack(|| {
        let nix = Evaluator::new(Options::default());
        let text = "builtins.trace { a = 1; } (builtins.warn \"careful\" 1)";
        let value = nix.eval_expr(text, Path::new("/")).unwrap();
        assert!(matches!(value, Value::Int(1)));
        let traces = nix.traces();
        assert_eq!(traces[0].message, "{ a = 1; }");
        assert!(traces[1].warning && traces[1].message == "careful");
    });
}
