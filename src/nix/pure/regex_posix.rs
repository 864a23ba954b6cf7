//! POSIX extended regular expressions as `builtins.match` and `builtins.split` take them, with the
//! habits of C++'s `std::regex` (the extended grammar, `C` locale, bytes rather than characters).
//! The `regex` crate finds whether and where a pattern matches, in linear time; where the order of
//! `std::regex` matters for what the groups hold, a depth-first search redoes that one match, and
//! leaves the answer to the `regex` crate if it takes too long. Refused with an error: back
//! references, escapes of ordinary characters such as `\d`, patterns that nest or repeat too much.

mod bracket;
mod parse;
mod render;
mod search;

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use regex::bytes::{Captures, Regex, RegexBuilder};

use search::{Budget, Found, Program};

/// Bytes that one compiled program may take.
const SIZE_LIMIT: usize = 16 << 20;
/// Compiled patterns remembered per thread.
const CACHE_ENTRIES: usize = 256;

/// Why a pattern cannot be used.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum PatternError {
    /// The text is not an extended regular expression.
    #[error("invalid regular expression `{pattern}`: {reason}")]
    Invalid { pattern: String, reason: &'static str },
    /// The compiled program would be too large.
    #[error("the regular expression `{pattern}` is too complex")]
    TooComplex { pattern: String },
}

/// One element of what `builtins.split` returns.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Piece<'t> {
    /// The groups of one match.
    Groups(Groups<'t>),
    /// The text between two matches, maybe empty.
    Text(&'t [u8]),
}

/// The groups of one match, in order; a group that took no part is `None`.
pub type Groups<'t> = Vec<Option<&'t [u8]>>;

/// A compiled pattern; cloning is cheap.
#[derive(Clone, Debug)]
pub struct Pattern(Rc<Compiled>);

#[derive(Debug)]
struct Compiled {
    /// The pattern alone: finds where a match begins.
    search: Regex,
    /// The pattern between `\A` and `\z`.
    whole: Regex,
    /// For patterns that can match in several ways.
    ordered: Option<Program>,
}

thread_local! {
    static COMPILED: RefCell<HashMap<Vec<u8>, Pattern>> = RefCell::new(HashMap::new());
}

impl Pattern {
    /// Compiles `pattern`, or finds it among those this thread compiled before.
    ///
    /// # Errors
    /// [`PatternError`].
    pub fn compile(pattern: impl AsRef<[u8]>) -> Result<Self, PatternError> {
        let pattern = pattern.as_ref();
        if let Some(known) = COMPILED.with_borrow(|known| known.get(pattern).cloned()) {
            return Ok(known);
        }
        let compiled = Self(Rc::new(Compiled::new(pattern)?));
        COMPILED.with_borrow_mut(|known| {
            if known.len() >= CACHE_ENTRIES {
                known.clear();
            }
            known.insert(pattern.to_owned(), compiled.clone());
        });
        Ok(compiled)
    }

    /// The groups when the pattern matches all of `text`, as `builtins.match` returns them.
    pub fn full_match<'t>(&self, text: &'t [u8]) -> Option<Groups<'t>> {
        let captures = self.0.whole.captures(text)?;
        let found = self.0.in_order(text, 0, true, &mut Budget::for_text(text));
        Some(found.map_or_else(|| groups(&captures), |found| found.of(text)))
    }

    /// Text and matches by turns, beginning and ending with text, as `builtins.split` returns them.
    pub fn split<'t>(&self, text: &'t [u8]) -> Vec<Piece<'t>> {
        let mut pieces = Vec::new();
        let mut budget = Budget::for_text(text);
        let (mut done, mut from) = (0, 0);
        while from <= text.len() {
            let Some(captures) = self.0.search.captures_at(text, from) else { break };
            let Some(whole) = captures.get(0) else { break };
            let start = whole.start();
            let (end, groups) = match self.0.in_order(text, start, false, &mut budget) {
                Some(found) => (found.end, found.of(text)),
                None => (whole.end(), groups(&captures)),
            };
            pieces.push(Piece::Text(&text[done..start]));
            pieces.push(Piece::Groups(groups));
            done = end;
            from = if end == start { end + 1 } else { end };
        }
        pieces.push(Piece::Text(&text[done..]));
        pieces
    }
}

fn groups<'t>(captures: &Captures<'t>) -> Groups<'t> {
    captures.iter().skip(1).map(|group| group.map(|group| group.as_bytes())).collect()
}

impl Found {
    fn of(self, text: &[u8]) -> Groups<'_> {
        self.groups.into_iter().map(|span| span.map(|(start, end)| &text[start..end])).collect()
    }
}

impl PatternError {
    fn too_complex(pattern: &[u8]) -> Self {
        Self::TooComplex { pattern: String::from_utf8_lossy(pattern).into_owned() }
    }
}

impl Compiled {
    fn new(pattern: &[u8]) -> Result<Self, PatternError> {
        let parsed = parse::parse(pattern)?;
        let mut text = String::new();
        render::render(&mut text, &parsed.root);
        let build = |text: &str| {
            RegexBuilder::new(text)
                .unicode(false)
                .size_limit(SIZE_LIMIT)
                .dfa_size_limit(SIZE_LIMIT)
                .nest_limit(1000)
                .build()
                .map_err(|_| PatternError::too_complex(pattern))
        };
        let whole = build(&format!(r"\A(?:{text})\z"))?;
        let ordered =
            if parsed.ambiguous { Program::new(&parsed.root, parsed.groups) } else { None };
        Ok(Self { search: build(&text)?, whole, ordered })
    }

    /// The match that begins at `start`, where there is one, if its order matters and can be found in time.
    fn in_order(
        &self,
        text: &[u8],
        start: usize,
        whole: bool,
        budget: &mut Budget,
    ) -> Option<Found> {
        self.ordered.as_ref()?.find(text, start, whole, budget)?
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matched(pattern: &str, text: &str) -> Option<Vec<Option<String>>> {
        Pattern::compile(pattern).expect(pattern).full_match(text.as_bytes()).map(|groups| {
            groups
                .into_iter()
                .map(|group| group.map(|group| String::from_utf8_lossy(group).into_owned()))
                .collect()
        })
    }

    fn groups(of: &[Option<&str>]) -> Option<Vec<Option<String>>> {
        Some(of.iter().map(|group| group.map(str::to_owned)).collect())
    }

    #[test]
    fn whole_texts_match() {
        for (pattern, text) in [
            ("a{1,2}", "aa"),
            ("a{1,}", "aaa"),
            (r"\{", "{"),
            ("a}", "a}"),
            ("a]", "a]"),
            ("[]a]", "]"),
            ("[^]a]", "b"),
            ("[a-c-]", "-"),
            ("[[.hyphen.]]", "-"),
            ("[[=a=]]", "a"),
            ("[[.a.]-c]", "b"),
            ("a|", ""),
            ("|a", "a"),
            ("a||b", "b"),
            ("a**", "aaa"),
            ("a+?", "a"),
            ("^a$", "a"),
            (".", "\n"),
            ("..", "é"),
            ("é?", "é"),
            ("é", "é"),
            (r"\\", "\\"),
            (r"[\]", "\\"),
            (r"[\n]", "n"),
            ("a{0}", ""),
            ("[[:space:]]*", "\t\n\u{b}\u{c}\r "),
            ("[[:w:]]", "_"),
            ("[[:ALPHA:]]", "a"),
            ("[%--]", "-"),
            ("[--/]", "."),
            ("[[a]", "["),
            ("$^", ""),
            ("^", ""),
            ("", ""),
            ("a{1}{2}", "aa"),
            ("[[:punct:]]*", "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"),
        ] {
            assert_eq!(matched(pattern, text), groups(&[]), "{pattern} on {text}");
        }
    }

    #[test]
    fn other_texts_do_not() {
        for (pattern, text) in [
            ("", "a"),
            (".", "é"),
            ("[é]", "é"),
            ("[^a]", "é"),
            ("a^b", "a^b"),
            ("a$b", "a$b"),
            (r"[\n]", "\n"),
            ("[[:graph:]]", " "),
            ("A", "a"),
            ("x(^a)", "xa"),
            ("[[:alpha:]]+", "é"),
        ] {
            assert_eq!(matched(pattern, text), None, "{pattern} on {text}");
        }
    }

    #[test]
    fn groups_are_reported() {
        assert_eq!(matched("(a)(b)?", "a"), groups(&[Some("a"), None]));
        assert_eq!(
            matched("(a|ab)(c|bcd)(d*)", "abcd"),
            groups(&[Some("a"), Some("bcd"), Some("")])
        );
        assert_eq!(matched("(a|b)|c", "c"), groups(&[None]));
        assert_eq!(matched("(a*)+", "aaa"), groups(&[Some("")]));
        assert_eq!(matched("((a)|(b))*", "ab"), groups(&[Some("b"), Some("a"), Some("b")]));
        assert_eq!(matched("(a(b)?)*", "aba"), groups(&[Some("a"), Some("b")]));
        assert_eq!(
            matched("(([a-z])+.)?([0-9]*)", "ab12"),
            groups(&[Some("ab1"), Some("b"), Some("2")])
        );
    }

    #[test]
    fn nonsense_is_refused() {
        for pattern in [
            "a{",
            "{",
            "a{1",
            "a{,2}",
            "a{x}",
            r"\]",
            r"\}",
            r"\d",
            r"\-",
            r"\n",
            r"(a)\1",
            "*",
            "(*a)",
            "+",
            "^*a",
            r"\",
            r"a\",
            "(a",
            "a)",
            ")",
            "[a",
            "[",
            "[]",
            "[a-c-e]",
            "[z-a]",
            "[[:foo:]]",
            "[[.-.]]",
            "(?:a)",
            "a{2,1}",
            "[[:alpha]",
            "[a[:digit:]-z]",
            "a{,}",
            "[a-[.c.]]",
        ] {
            let error = Pattern::compile(pattern).expect_err(pattern);
            assert!(matches!(error, PatternError::Invalid { .. }), "{pattern}: {error}");
        }
        for pattern in ["(a{1000}){1000}", "a{9999999999}"] {
            let error = Pattern::compile(pattern).expect_err(pattern);
            assert!(matches!(error, PatternError::TooComplex { .. }), "{pattern}: {error}");
        }
        assert!(Pattern::compile("(".repeat(10_000)).is_err());
        assert!(Pattern::compile(format!("a{}", "*".repeat(10_000))).is_err());
    }

    fn split(pattern: &str, text: &str) -> String {
        let mut shown = String::new();
        for piece in Pattern::compile(pattern).expect(pattern).split(text.as_bytes()) {
            match piece {
                Piece::Text(text) => shown.push_str(&String::from_utf8_lossy(text)),
                Piece::Groups(groups) => {
                    let groups: Vec<_> = groups
                        .into_iter()
                        .map(|group| String::from_utf8_lossy(group.unwrap_or(b"-")).into_owned())
                        .collect();
                    shown.push_str(&format!("[{}]", groups.join(",")));
                }
            }
        }
        shown
    }

    #[test]
    fn splits_as_nix_does() {
        for (pattern, text, expected) in [
            ("(a)b", "abc", "[a]c"),
            ("(a)|(c)", "abc", "[a,-]b[-,c]"),
            ("", "abc", "[]a[]b[]c[]"),
            ("", "", "[]"),
            ("a", "", ""),
            ("a*", "baac", "[]b[][]c[]"),
            ("a*", "aab", "[][]b[]"),
            ("a|ab", "xabx", "x[]x"),
            ("a(b)?(bc)?", "abc", "[b,-]c"),
            ("a?((ab)[^a]|[^a])", "abcaaba", "[b,-][c,-]a[b,-]a"),
            ("(([ab]a?).{1,2})(.|a{1,2}[^a]{1,2}a)", "acabaaa", "[aca,a,b][aa,a,a]"),
            ("(a|ab)*", "abab", "[ab][-]"),
            ("^a", "aaa", "[]aa"),
            ("^|b", "abc", "[]a[]c"),
            ("b|$", "abc", "a[]c[]"),
            ("(|a)", "aab", "[a][a][]b[]"),
            ("(foo|foobar)(bar)?", "foobar", "[foo,bar]"),
            ("(a|ab)(c|bcd)(d*)", "abcd", "[a,bcd,]"),
            ("(b?|a)c?", "ac", "[a][]"),
            ("é", "aéb", "a[]b"),
        ] {
            assert_eq!(split(pattern, text), expected, "{pattern} on {text}");
        }
    }

    #[test]
    fn hostile_patterns_take_linear_time() {
        let text = "a".repeat(5_000);
        let started = std::time::Instant::now();
        for pattern in ["(a|aa)*b", "((a*)*)*b", "(a?){50}(a|aa)*", "(.*)(.*)(.*)(.*)x|a"] {
            let pattern = Pattern::compile(pattern).expect(pattern);
            let _ = pattern.full_match(text.as_bytes());
            let _ = pattern.split(&text.as_bytes()[..1_000]);
        }
        assert!(started.elapsed().as_secs() < 30);
    }

    #[test]
    fn bytes_are_what_counts() {
        let pieces = Pattern::compile(".").unwrap();
        assert_eq!(pieces.split("é".as_bytes()).len(), 5);
        let halves = Pattern::compile("(.)(.)").unwrap();
        let expected: Groups<'_> = vec![Some(b"\xc3"), Some(b"\xa9")];
        assert_eq!(halves.full_match("é".as_bytes()), Some(expected));
    }
}
