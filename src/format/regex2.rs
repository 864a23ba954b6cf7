//! Regular expressions as Go's `regexp` (RE2) reads them, run by the regex crate: `path_regex` and the
//! four selection expressions of sops. A translation, not a guess: each construct is read by Go's grammar
//! and spelled anew. It tells whether and where something matches, not what its groups caught, and
//! refuses what Go refuses and what is nested too deep or too large to run.

mod classes;
mod parse;

use std::borrow::Cow;
use std::ops::Range;

use regex::Regex;
use regex::RegexBuilder;
use thiserror::Error;

use self::parse::Parser;

/// Deepest nesting of groups and repetitions; Go has 1000, but no path needs that.
const MAX_DEPTH: usize = 50;

/// Largest compiled program, in bytes.
const MAX_PROGRAM: usize = 16 << 20;

/// A pattern that Go would take, ready to match.
#[derive(Clone, Debug)]
pub struct Pattern {
    source: String,
    regex: Regex,
}

/// A pattern that Go refuses, or that is too large.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
#[error("{fault} (byte {offset})")]
pub struct PatternError {
    pub fault: Fault,
    /// Where in the pattern the refused piece begins.
    pub offset: usize,
}

/// What is wrong with a pattern.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[non_exhaustive]
pub enum Fault {
    #[error("unknown character class or range out of order")]
    CharRange,
    #[error("unknown escape")]
    Escape,
    #[error("a group without a valid name")]
    GroupName,
    #[error("unknown group or flag after `(?`")]
    GroupOp,
    #[error("larger than what is run")]
    Large,
    #[error("missing `]`")]
    MissingBracket,
    #[error("missing `)`")]
    MissingParen,
    #[error("nothing to repeat")]
    MissingRepeatArgument,
    #[error("a repetition of a repetition")]
    RepeatOp,
    #[error("a repetition count over 1000 or out of order")]
    RepeatSize,
    #[error("nested deeper than what is run")]
    TooDeep,
    #[error("`\\` at the end")]
    TrailingBackslash,
    #[error("`)` without `(`")]
    UnexpectedParen,
}

impl Pattern {
    /// Reads a pattern by Go's grammar.
    ///
    /// # Errors
    /// [`PatternError`].
    pub fn new(pattern: &str) -> Result<Self, PatternError> {
        let spelled = Parser::new(pattern).run()?;
        let regex = RegexBuilder::new(&spelled)
            .size_limit(MAX_PROGRAM)
            .nest_limit(MAX_DEPTH as u32 * 10)
            .build()
            .map_err(|_| PatternError { fault: Fault::Large, offset: 0 })?;
        Ok(Self { source: pattern.to_owned(), regex })
    }

    /// What it finds first in `text`, as long as Go would take it.
    #[must_use]
    pub fn find(&self, text: &str) -> Option<Range<usize>> {
        self.regex.find(text).map(|found| found.range())
    }

    /// Does it match anywhere in `text`?
    #[must_use]
    pub fn is_match(&self, text: &str) -> bool {
        self.regex.is_match(text)
    }

    /// Does it match anywhere in `bytes`? Each byte that is not UTF-8 counts as U+FFFD, as in Go.
    #[must_use]
    pub fn is_match_bytes(&self, bytes: &[u8]) -> bool {
        self.regex.is_match(&runes(bytes))
    }

    /// The pattern as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.source
    }
}

fn runes(bytes: &[u8]) -> Cow<'_, str> {
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(bytes.len() + 8);
    for chunk in bytes.utf8_chunks() {
        out.push_str(chunk.valid());
        out.extend(chunk.invalid().iter().map(|_| char::REPLACEMENT_CHARACTER));
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Each pattern, what Go 1.26 finds it in, and what not.
    #[test]
    fn matches_are_those_of_go() {
        let table: &[(&str, &[&str], &[&str])] = &[
            (
                r"secrets/[^/]+\.yaml$",
                &["secrets/a.yaml", "x/secrets/a.yaml"],
                &["secrets/a/b.yaml"],
            ),
            (r"secrets/{a,b}\.yaml", &["secrets/{a,b}.yaml"], &["secrets/a.yaml"]),
            ("a{,5}", &["a{,5}"], &["aaa"]),
            ("{", &["{"], &["}"]),
            ("a{2}", &["aa"], &["a"]),
            ("a{01}", &["a{01}"], &["a"]),
            ("[a[b]", &["[", "b"], &["]"]),
            ("[a&&b]", &["&", "a", "b"], &["c"]),
            ("[]a]", &["]", "a"], &["b"]),
            ("[^]a]", &["b"], &["]"]),
            ("[a-]", &["-"], &["b"]),
            (r"\Qa.b\E+", &["a.bb"], &["axb"]),
            (r"\Q(", &["("], &[]),
            (r"\123", &["S"], &[]),
            (r"\0", &["\u{0}"], &[]),
            (r"\x{1F600}\x41", &["😀A"], &[]),
            (r"\_\-\ ", &["_- "], &[]),
            (r"\d", &["1"], &["٣"]),
            (r"\w", &["a"], &["é"]),
            (r"^\W$", &["é"], &["_"]),
            (r"^\s$", &["\t"], &["\u{b}", "\u{a0}"]),
            ("[[:space:]]", &["\u{b}"], &[]),
            (r"\bé", &["aé"], &["é"]),
            (r"a\b", &["aé"], &["ab"]),
            ("(?i)k", &["K", "\u{212a}"], &[]),
            (r"(?i)\w", &["ſ"], &[]),
            (r"(?i)^\W$", &[], &["ſ"]),
            ("(?i:É)x", &["éx"], &["éX"]),
            ("a(?i)b", &["aB"], &["AB"]),
            ("(a(?i)b)c", &["aBc"], &["aBC"]),
            ("a$", &["a"], &["a\n"]),
            ("(?m)a$", &["a\nb"], &[]),
            ("^b", &[], &["a\nb"]),
            ("(?m)^b", &["a\nb"], &[]),
            ("a.b", &[], &["a\nb"]),
            ("(?s)a.b", &["a\nb"], &[]),
            ("a[^x]b", &["a\nb"], &[]),
            ("(?P<n>a)(?<m>b)", &["ab"], &[]),
            ("a|", &[""], &[]),
            ("()*", &["x"], &[]),
            ("^*a", &["ba"], &[]),
            ("a(?i)*b", &["b", "aab"], &[]),
            ("(?)a", &["a"], &[]),
            ("a*(?i)*", &["b"], &[]),
            (r"\p{Greek}", &["Σ"], &["S"]),
            (r"\p{greek}\pL", &["Σa"], &[]),
            (r"\p{^Lu}", &["a"], &["A"]),
            (r"\P{Letter}", &["1"], &["a"]),
            (r"[\p{Lu}\d]", &["A", "1"], &["a"]),
        ];
        for (source, found, not_found) in table {
            let pattern = Pattern::new(source).unwrap();
            for text in *found {
                assert!(pattern.is_match(text), "{source} in {text:?}");
            }
            for text in *not_found {
                assert!(!pattern.is_match(text), "{source} not in {text:?}");
            }
        }
    }

    #[test]
    fn what_is_found_is_as_long_as_in_go() {
        for (source, found) in [
            ("a.*b", 1..8),
            ("a.*?b", 1..3),
            ("(?U)a.*b", 1..3),
            ("(?U)a.*?b", 1..8),
            ("(?U:a.*)b", 1..3),
            ("a{1,2}?|c", 1..2),
            ("b|.*", 0..9),
            ("(|a)+", 0..0),
        ] {
            assert_eq!(Pattern::new(source).unwrap().find("xab_ab_bx"), Some(found), "{source}");
        }
        assert_eq!(Pattern::new("z").unwrap().find("ab"), None);
    }

    #[test]
    fn what_go_refuses_is_refused_with_its_place() {
        for (source, fault, offset) in [
            ("a**", Fault::RepeatOp, 2),
            ("a*+", Fault::RepeatOp, 2),
            ("a{2}{3}", Fault::RepeatOp, 4),
            ("x{1001}", Fault::RepeatSize, 1),
            ("(x{500}){3}", Fault::RepeatSize, 8),
            ("x{3,2}", Fault::RepeatSize, 1),
            ("*a", Fault::MissingRepeatArgument, 0),
            ("a|*", Fault::MissingRepeatArgument, 2),
            ("(*)", Fault::MissingRepeatArgument, 1),
            ("(?i)*", Fault::MissingRepeatArgument, 4),
            ("(", Fault::MissingParen, 0),
            ("(a", Fault::MissingParen, 0),
            (")", Fault::UnexpectedParen, 0),
            ("a)", Fault::UnexpectedParen, 1),
            ("[a", Fault::MissingBracket, 0),
            ("[c-a]", Fault::CharRange, 1),
            ("[[:foo:]]", Fault::CharRange, 1),
            (r"\p{Foo}", Fault::CharRange, 0),
            (r"\p{Alphabetic}", Fault::CharRange, 0),
            (r"\p{IsGreek}", Fault::CharRange, 0),
            (r"\p{Greek", Fault::CharRange, 0),
            (r"\", Fault::TrailingBackslash, 0),
            (r"\8", Fault::Escape, 0),
            (r"\1", Fault::Escape, 0),
            (r"\C", Fault::Escape, 0),
            (r"\Z", Fault::Escape, 0),
            (r"\E", Fault::Escape, 0),
            (r"\x{110000}", Fault::Escape, 0),
            (r"\x4", Fault::Escape, 0),
            (r"[\Q]", Fault::Escape, 1),
            ("(?=a)", Fault::GroupOp, 0),
            ("(?<=a)", Fault::GroupName, 0),
            ("(?!a)", Fault::GroupOp, 0),
            ("(?P=n)", Fault::GroupOp, 0),
            ("(?P<>a)", Fault::GroupName, 0),
            ("(?<a-b>c)", Fault::GroupName, 0),
            ("(?x)", Fault::GroupOp, 0),
            ("(?-)", Fault::GroupOp, 0),
            (r"\é", Fault::Escape, 0),
            (r"[\d-", Fault::MissingBracket, 0),
            ("[a--b]", Fault::CharRange, 1),
        ] {
            assert_eq!(
                Pattern::new(source).unwrap_err(),
                PatternError { fault, offset },
                "{source}"
            );
        }
    }

    #[test]
    fn bytes_that_are_not_utf8_count_as_replacement_characters() {
        let pattern = Pattern::new("^a..b$").unwrap();
        assert!(pattern.is_match_bytes(b"a\xff\xfeb"));
        assert!(pattern.is_match_bytes("aéüb".as_bytes()));
        assert!(!pattern.is_match_bytes(b"a\xffb"));
    }

    #[test]
    fn size_and_depth_are_bounded() {
        let deep = format!("{}a{}", "(".repeat(100_000), ")".repeat(100_000));
        assert_eq!(Pattern::new(&deep).unwrap_err().fault, Fault::TooDeep);
        let deep = format!("{}a{}", "(".repeat(MAX_DEPTH), ")".repeat(MAX_DEPTH));
        assert!(Pattern::new(&deep).unwrap().is_match("a"));
        let stars = format!("a{}", "*(?i)".repeat(100_000));
        assert_eq!(Pattern::new(&stars).unwrap_err().fault, Fault::TooDeep);
        assert_eq!(Pattern::new(r"\pL{1000}").unwrap_err().fault, Fault::Large);
    }

    proptest! {
        #[test]
        fn no_pattern_panics(pattern in r"[a\\QEpdx{}\[\]()^$.*+?|:<>iP0-9,-]{0,24}", text in ".{0,8}") {
            if let Ok(pattern) = Pattern::new(&pattern) {
                let _ = pattern.is_match(&text);
            }
        }

        #[test]
        fn a_quoted_text_finds_itself(before in ".{0,5}", text in "[^\\\\]{1,9}", after in ".{0,5}") {
            let pattern = Pattern::new(&format!(r"\Q{text}\E")).unwrap();
            let whole = format!("{before}{text}{after}");
            prop_assert!(pattern.is_match(&whole));
        }
    }
}
