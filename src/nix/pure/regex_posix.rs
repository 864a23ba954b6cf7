//! POSIX extended regular expressions as `builtins.match` and `builtins.split` take them, with the
//! habits of C++'s `std::regex` (the extended grammar, `C` locale, bytes rather than characters).
//! A pattern is translated once to the `regex` crate's syntax, so matching is linear in the text.
//! Refused with an error: back references, escapes of ordinary characters such as `\d`, patterns
//! that nest or repeat without reason, and captures that would cut a character in half.

use std::cell::RefCell;
use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex, PoisonError};

use regex::bytes::{Captures, Regex, RegexBuilder};
use regex_automata::hybrid::dfa::{Cache, DFA};
use regex_automata::nfa::thompson;
use regex_automata::util::syntax;
use regex_automata::{Anchored, Input, MatchKind};

/// Longest pattern text, in bytes.
const MAX_LENGTH: usize = 64 * 1024;
/// Deepest nesting of groups and of quantifiers put on quantifiers.
const MAX_NESTING: usize = 100;
/// Largest repetition count; more could not be compiled within the size limit anyway.
const MAX_REPEAT: u32 = 100_000;
/// Bytes that one compiled program may take.
const SIZE_LIMIT: usize = 16 << 20;
/// Compiled patterns remembered per thread.
const CACHE_ENTRIES: usize = 256;

/// Names of the ASCII characters inside `[[.name.]]`, from POSIX' portable character set; letters
/// are their own names.
const COLLATION_NAMES: [&str; 128] = [
    "NUL",
    "SOH",
    "STX",
    "ETX",
    "EOT",
    "ENQ",
    "ACK",
    "alert",
    "backspace",
    "tab",
    "newline",
    "vertical-tab",
    "form-feed",
    "carriage-return",
    "SO",
    "SI",
    "DLE",
    "DC1",
    "DC2",
    "DC3",
    "DC4",
    "NAK",
    "SYN",
    "ETB",
    "CAN",
    "EM",
    "SUB",
    "ESC",
    "IS4",
    "IS3",
    "IS2",
    "IS1",
    "space",
    "exclamation-mark",
    "quotation-mark",
    "number-sign",
    "dollar-sign",
    "percent-sign",
    "ampersand",
    "apostrophe",
    "left-parenthesis",
    "right-parenthesis",
    "asterisk",
    "plus-sign",
    "comma",
    "hyphen",
    "period",
    "slash",
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "colon",
    "semicolon",
    "less-than-sign",
    "equals-sign",
    "greater-than-sign",
    "question-mark",
    "commercial-at",
    "A",
    "B",
    "C",
    "D",
    "E",
    "F",
    "G",
    "H",
    "I",
    "J",
    "K",
    "L",
    "M",
    "N",
    "O",
    "P",
    "Q",
    "R",
    "S",
    "T",
    "U",
    "V",
    "W",
    "X",
    "Y",
    "Z",
    "left-square-bracket",
    "backslash",
    "right-square-bracket",
    "circumflex",
    "underscore",
    "grave-accent",
    "a",
    "b",
    "c",
    "d",
    "e",
    "f",
    "g",
    "h",
    "i",
    "j",
    "k",
    "l",
    "m",
    "n",
    "o",
    "p",
    "q",
    "r",
    "s",
    "t",
    "u",
    "v",
    "w",
    "x",
    "y",
    "z",
    "left-curly-bracket",
    "vertical-line",
    "right-curly-bracket",
    "tilde",
    "DEL",
];

/// Why a pattern cannot be used.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum PatternError {
    /// The text is not an extended regular expression.
    #[error("invalid regular expression `{pattern}`: {reason}")]
    Invalid { pattern: String, reason: &'static str },
    /// A capture or a piece begins or ends inside a multi-byte character, which Nix would turn
    /// into a string that is not text.
    #[error("the regular expression `{pattern}` cuts a multi-byte character in half")]
    SplitsCharacter { pattern: String },
    /// The compiled program would be too large.
    #[error("the regular expression `{pattern}` is too complex")]
    TooComplex { pattern: String },
}

/// One element of what `builtins.split` returns.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Piece<'t> {
    /// The groups of one match, in order; a group that took no part is `None`.
    Groups(Vec<Option<&'t str>>),
    /// The text between two matches, maybe empty.
    Text(&'t str),
}

/// A compiled pattern; cloning is cheap.
#[derive(Clone, Debug)]
pub struct Pattern(Arc<Compiled>);

#[derive(Debug)]
struct Compiled {
    source: String,
    /// The pattern alone: finds where a match begins.
    search: Regex,
    /// The pattern between `\A` and `\z`: the groups of a match whose ends are known.
    whole: Regex,
    /// Finds how far a match can reach. Only patterns with alternatives need it: there POSIX wants
    /// the longest match where `regex` takes the first alternative that fits.
    longest: Option<Longest>,
}

#[derive(Debug)]
struct Longest {
    dfa: DFA,
    cache: Mutex<Cache>,
}

thread_local! {
    static COMPILED: RefCell<HashMap<String, Pattern>> = RefCell::new(HashMap::new());
}

impl Pattern {
    /// Compiles `pattern`, or finds it among those this thread compiled before.
    ///
    /// # Errors
    /// [`PatternError::Invalid`] or [`PatternError::TooComplex`].
    pub fn compile(pattern: &str) -> Result<Self, PatternError> {
        if let Some(known) = COMPILED.with_borrow(|known| known.get(pattern).cloned()) {
            return Ok(known);
        }
        let compiled = Self(Arc::new(Compiled::new(pattern)?));
        COMPILED.with_borrow_mut(|known| {
            if known.len() >= CACHE_ENTRIES {
                known.clear();
            }
            known.insert(pattern.to_owned(), compiled.clone());
        });
        Ok(compiled)
    }

    /// The groups when the pattern matches all of `text`, as `builtins.match` returns them.
    ///
    /// # Errors
    /// [`PatternError::SplitsCharacter`].
    pub fn full_match<'t>(
        &self,
        text: &'t str,
    ) -> Result<Option<Vec<Option<&'t str>>>, PatternError> {
        match self.0.whole.captures(text.as_bytes()) {
            Some(captures) => self.groups(text, &captures).map(Some),
            None => Ok(None),
        }
    }

    /// Text and matches by turns, beginning and ending with text, as `builtins.split` returns them.
    ///
    /// # Errors
    /// [`PatternError::SplitsCharacter`].
    pub fn split<'t>(&self, text: &'t str) -> Result<Vec<Piece<'t>>, PatternError> {
        let bytes = text.as_bytes();
        let mut pieces = Vec::new();
        let (mut done, mut from) = (0, 0);
        while from <= bytes.len() {
            let Some(captures) = self.0.search.captures_at(bytes, from) else { break };
            let Some(found) = captures.get(0) else { break };
            let start = found.start();
            let end = self.0.longest_end(bytes, start).unwrap_or(found.end());
            let groups = if end == found.end() {
                self.groups(text, &captures)?
            } else {
                // Slicing off what precedes is right here: a `^` that matched at `start` > 0 is
                // impossible, and one at 0 stays where it is.
                let rest = text.get(start..end).ok_or_else(|| self.cut())?;
                match self.0.whole.captures(rest.as_bytes()) {
                    Some(longer) => self.groups(rest, &longer)?,
                    None => self.groups(text, &captures)?,
                }
            };
            pieces.push(Piece::Text(text.get(done..start).ok_or_else(|| self.cut())?));
            pieces.push(Piece::Groups(groups));
            done = end;
            from = if end == start { end + 1 } else { end };
        }
        pieces.push(Piece::Text(text.get(done..).ok_or_else(|| self.cut())?));
        Ok(pieces)
    }

    fn groups<'t>(
        &self,
        text: &'t str,
        captures: &Captures<'_>,
    ) -> Result<Vec<Option<&'t str>>, PatternError> {
        captures
            .iter()
            .skip(1)
            .map(|group| {
                group.map(|group| text.get(group.range()).ok_or_else(|| self.cut())).transpose()
            })
            .collect()
    }

    fn cut(&self) -> PatternError {
        PatternError::SplitsCharacter { pattern: self.0.source.clone() }
    }
}

impl Compiled {
    fn new(pattern: &str) -> Result<Self, PatternError> {
        let translated = Translation::of(pattern)?;
        let too_complex = || PatternError::TooComplex { pattern: pattern.to_owned() };
        let build = |text: &str| {
            RegexBuilder::new(text)
                .unicode(false)
                .dot_matches_new_line(true)
                .size_limit(SIZE_LIMIT)
                .dfa_size_limit(SIZE_LIMIT)
                .build()
                .map_err(|_| too_complex())
        };
        let longest = if translated.alternatives {
            Some(Longest::new(&translated.text).ok_or_else(too_complex)?)
        } else {
            None
        };
        Ok(Self {
            source: pattern.to_owned(),
            search: build(&translated.text)?,
            whole: build(&format!(r"\A(?:{})\z", translated.text))?,
            longest,
        })
    }

    fn longest_end(&self, text: &[u8], start: usize) -> Option<usize> {
        self.longest.as_ref()?.end(text, start)
    }
}

impl Longest {
    fn new(translated: &str) -> Option<Self> {
        let dfa = DFA::builder()
            .configure(DFA::config().match_kind(MatchKind::All).skip_cache_capacity_check(true))
            .syntax(syntax::Config::new().unicode(false).utf8(false).dot_matches_new_line(true))
            .thompson(thompson::Config::new().utf8(false).nfa_size_limit(Some(SIZE_LIMIT)))
            .build(translated)
            .ok()?;
        let cache = Mutex::new(dfa.create_cache());
        Some(Self { dfa, cache })
    }

    fn end(&self, text: &[u8], start: usize) -> Option<usize> {
        let input = Input::new(text).range(start..).anchored(Anchored::Yes);
        let mut cache = self.cache.lock().unwrap_or_else(PoisonError::into_inner);
        let found = self.dfa.try_search_fwd(&mut cache, &input).ok()??;
        Some(found.offset())
    }
}

/// A pattern rewritten in the `regex` crate's syntax.
struct Translation<'p> {
    pattern: &'p str,
    rest: std::iter::Peekable<std::iter::Copied<std::slice::Iter<'p, u8>>>,
    text: String,
    alternatives: bool,
    /// Where, in `text`, each open group begins.
    open: Vec<usize>,
    /// The last thing a quantifier could apply to: where it begins in `text`, and how many
    /// quantifiers it has.
    atom: Option<(usize, usize)>,
}

impl<'p> Translation<'p> {
    fn of(pattern: &'p str) -> Result<Self, PatternError> {
        if pattern.len() > MAX_LENGTH {
            return Err(PatternError::TooComplex { pattern: pattern.to_owned() });
        }
        let mut this = Self {
            pattern,
            rest: pattern.as_bytes().iter().copied().peekable(),
            text: String::with_capacity(pattern.len() * 2),
            alternatives: false,
            open: Vec::new(),
            atom: None,
        };
        while let Some(byte) = this.rest.next() {
            this.token(byte)?;
        }
        if !this.open.is_empty() {
            return Err(this.invalid("a `(` is not closed"));
        }
        Ok(this)
    }

    fn token(&mut self, byte: u8) -> Result<(), PatternError> {
        match byte {
            b'\\' => {
                let escaped = self.rest.next().filter(|byte| b".[\\()*+?{|^$".contains(byte));
                let Some(escaped) = escaped else {
                    return Err(self.invalid("a `\\` must come before one of .[\\()*+?{|^$"));
                };
                self.literal(escaped);
            }
            b'(' => {
                if self.open.len() >= MAX_NESTING {
                    return Err(self.invalid("groups nest too deep"));
                }
                self.open.push(self.text.len());
                self.text.push('(');
                self.atom = None;
            }
            b')' => {
                let Some(start) = self.open.pop() else {
                    return Err(self.invalid("a `)` has no `(`"));
                };
                self.text.push(')');
                self.atom = Some((start, 0));
            }
            b'|' => {
                self.alternatives = true;
                self.text.push('|');
                self.atom = None;
            }
            b'*' => self.quantifier("*")?,
            b'+' => self.quantifier("+")?,
            b'?' => self.quantifier("?")?,
            b'{' => {
                let interval = self.interval()?;
                self.quantifier(&interval)?;
            }
            b'^' => {
                self.text.push_str(r"\A");
                self.atom = None;
            }
            b'$' => {
                self.text.push_str(r"\z");
                self.atom = None;
            }
            b'.' => {
                self.atom = Some((self.text.len(), 0));
                self.text.push('.');
            }
            b'[' => {
                self.atom = Some((self.text.len(), 0));
                let set = Bracket::parse(self)?;
                set.write(&mut self.text);
            }
            _ => self.literal(byte),
        }
        Ok(())
    }

    fn literal(&mut self, byte: u8) {
        self.atom = Some((self.text.len(), 0));
        if byte.is_ascii_alphanumeric() {
            self.text.push(char::from(byte));
        } else {
            hex(&mut self.text, byte);
        }
    }

    fn quantifier(&mut self, quantifier: &str) -> Result<(), PatternError> {
        let Some((start, count)) = self.atom else {
            return Err(self.invalid("there is nothing to repeat"));
        };
        if count >= MAX_NESTING {
            return Err(self.invalid("quantifiers nest too deep"));
        }
        if count > 0 {
            self.text.insert_str(start, "(?:");
            self.text.push(')');
        }
        self.text.push_str(quantifier);
        self.atom = Some((start, count + 1));
        Ok(())
    }

    /// The rest of `{n}`, `{n,}` or `{n,m}`.
    fn interval(&mut self) -> Result<String, PatternError> {
        let low = self.number()?;
        let mut high = Some(low);
        if self.rest.next_if_eq(&b',').is_some() {
            high = match self.rest.peek() {
                Some(b'}') => None,
                _ => Some(self.number()?),
            };
        }
        if self.rest.next() != Some(b'}') {
            return Err(self.invalid("a `{` must begin a repetition count"));
        }
        match high {
            Some(high) if high < low => {
                Err(self.invalid("a repetition count ends before it begins"))
            }
            Some(high) => Ok(format!("{{{low},{high}}}")),
            None => Ok(format!("{{{low},}}")),
        }
    }

    fn number(&mut self) -> Result<u32, PatternError> {
        let mut number = None;
        while let Some(digit) = self.rest.next_if(u8::is_ascii_digit) {
            let value = number.unwrap_or(0_u32) * 10 + u32::from(digit - b'0');
            if value > MAX_REPEAT {
                return Err(PatternError::TooComplex { pattern: self.pattern.to_owned() });
            }
            number = Some(value);
        }
        number.ok_or_else(|| self.invalid("a `{` must begin a repetition count"))
    }

    fn invalid(&self, reason: &'static str) -> PatternError {
        PatternError::Invalid { pattern: self.pattern.to_owned(), reason }
    }
}

/// The bytes a bracket expression accepts.
struct Bracket {
    bytes: [bool; 256],
}

/// What stands before a `-` in a bracket expression.
enum Before {
    Byte(u8),
    Class,
    Nothing,
}

impl Bracket {
    /// Reads what follows a `[`, up to and with the closing `]`.
    fn parse(from: &mut Translation<'_>) -> Result<Self, PatternError> {
        let mut set = Self { bytes: [false; 256] };
        let negated = from.rest.next_if_eq(&b'^').is_some();
        let mut before = Before::Nothing;
        let mut first = true;
        loop {
            let Some(byte) = from.rest.next() else {
                return Err(from.invalid("a `[` is not closed"));
            };
            match byte {
                b']' if !first => break,
                b'[' if matches!(from.rest.peek(), Some(b'.' | b':' | b'=')) => {
                    before = set.named(from)?;
                }
                b'-' if !first => match from.rest.peek().copied() {
                    Some(b']') => set.add(b'-'),
                    None => return Err(from.invalid("a `[` is not closed")),
                    Some(next) => {
                        let Before::Byte(low) = before else {
                            return Err(from.invalid("a `-` in brackets has no beginning"));
                        };
                        from.rest.next();
                        if next == b'[' && matches!(from.rest.peek(), Some(b'.' | b':' | b'=')) {
                            return Err(from.invalid("a `-` in brackets has no end"));
                        }
                        set.range(low, next).ok_or_else(|| {
                            from.invalid("a range in brackets ends before it begins")
                        })?;
                        before = Before::Nothing;
                    }
                },
                byte => {
                    set.add(byte);
                    before = Before::Byte(byte);
                }
            }
            first = false;
        }
        if negated {
            for accepted in &mut set.bytes {
                *accepted = !*accepted;
            }
        }
        Ok(set)
    }

    /// Reads what follows the `[` of `[.name.]`, `[=name=]` or `[:class:]`.
    fn named(&mut self, from: &mut Translation<'_>) -> Result<Before, PatternError> {
        let kind = from.rest.next().unwrap_or_default();
        let mut name = Vec::new();
        loop {
            match from.rest.next() {
                None => return Err(from.invalid("a name in brackets is not closed")),
                Some(byte) if byte == kind => match from.rest.next() {
                    Some(b']') => break,
                    _ => return Err(from.invalid("a name in brackets is not closed")),
                },
                Some(byte) => name.push(byte),
            }
        }
        if kind == b':' {
            let accepts = class(&name.to_ascii_lowercase())
                .ok_or_else(|| from.invalid("there is no such character class"))?;
            for byte in 0..128_u8 {
                if accepts(byte) {
                    self.add(byte);
                }
            }
            return Ok(Before::Class);
        }
        let byte = COLLATION_NAMES
            .iter()
            .zip(0_u8..)
            .find_map(|(known, byte)| (known.as_bytes() == name).then_some(byte))
            .ok_or_else(|| from.invalid("there is no character of that name"))?;
        self.add(byte);
        Ok(if kind == b'.' { Before::Byte(byte) } else { Before::Class })
    }

    fn add(&mut self, byte: u8) {
        self.bytes[usize::from(byte)] = true;
    }

    /// Adds a range. C++'s `char` is signed, so the bytes of non-ASCII text come before ASCII.
    fn range(&mut self, low: u8, high: u8) -> Option<()> {
        let (low, high) = (low.cast_signed(), high.cast_signed());
        if low > high {
            return None;
        }
        for byte in low..=high {
            self.add(byte.cast_unsigned());
        }
        Some(())
    }

    fn write(&self, text: &mut String) {
        text.push('[');
        let accepted = |byte: usize| self.bytes.get(byte).copied().unwrap_or(false);
        if !self.bytes.contains(&true) {
            text.push_str(r"^\x00-\xFF");
        }
        for byte in 0..=255_u8 {
            let index = usize::from(byte);
            let starts = accepted(index) && (index == 0 || !accepted(index - 1));
            let ends = accepted(index) && !accepted(index + 1);
            if starts {
                hex(text, byte);
            }
            if ends && !starts {
                text.push('-');
                hex(text, byte);
            }
        }
        text.push(']');
    }
}

/// The members of a POSIX character class in the `C` locale, and the three short names that
/// `std::regex` adds.
fn class(name: &[u8]) -> Option<fn(u8) -> bool> {
    Some(match name {
        b"alnum" => |b| b.is_ascii_alphanumeric(),
        b"alpha" => |b| b.is_ascii_alphabetic(),
        b"blank" => |b| matches!(b, b' ' | b'\t'),
        b"cntrl" => |b| b.is_ascii_control(),
        b"d" | b"digit" => |b| b.is_ascii_digit(),
        b"graph" => |b| b.is_ascii_graphic(),
        b"lower" => |b| b.is_ascii_lowercase(),
        b"print" => |b| matches!(b, b' '..=b'~'),
        b"punct" => |b| b.is_ascii_punctuation(),
        b"s" | b"space" => |b| matches!(b, b' ' | b'\t'..=b'\r'),
        b"upper" => |b| b.is_ascii_uppercase(),
        b"w" => |b| b.is_ascii_alphanumeric() || b == b'_',
        b"xdigit" => |b| b.is_ascii_hexdigit(),
        _ => return None,
    })
}

fn hex(text: &mut String, byte: u8) {
    // Writing to a `String` cannot fail.
    let _ = write!(text, r"\x{byte:02X}");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matched(pattern: &str, text: &str) -> Option<Vec<Option<String>>> {
        Pattern::compile(pattern)
            .expect(pattern)
            .full_match(text)
            .unwrap()
            .map(|groups| groups.into_iter().map(|group| group.map(str::to_owned)).collect())
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
        assert!(Pattern::compile(&"(".repeat(10_000)).is_err());
        assert!(Pattern::compile(&format!("a{}", "*".repeat(10_000))).is_err());
    }

    fn split(pattern: &str, text: &str) -> String {
        let mut shown = String::new();
        for piece in Pattern::compile(pattern).expect(pattern).split(text).unwrap() {
            match piece {
                Piece::Text(text) => shown.push_str(text),
                Piece::Groups(groups) => {
                    let groups: Vec<_> =
                        groups.into_iter().map(|group| group.unwrap_or("-")).collect();
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
    fn characters_are_not_cut() {
        let cut = Err(PatternError::SplitsCharacter { pattern: ".".to_owned() });
        assert_eq!(Pattern::compile(".").unwrap().split("é"), cut);
        assert!(Pattern::compile("(.).").unwrap().full_match("é").is_err());
    }
}
