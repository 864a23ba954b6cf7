//! Extended regular expressions as trees.

use super::PatternError;
use super::bracket::{self, ByteSet};

/// Longest pattern text, in bytes.
const MAX_LENGTH: usize = 64 * 1024;
/// Deepest nesting of groups, and of quantifiers put on quantifiers.
const MAX_NESTING: usize = 100;
/// Largest repetition count; more could not be compiled within the size limit anyway.
const MAX_REPEAT: u32 = 100_000;

/// A pattern or a part of it.
#[derive(Debug)]
pub(super) enum Node {
    /// `^`
    Begin,
    /// `a|b`
    Either(Box<Self>, Box<Self>),
    /// `$`
    End,
    /// `(…)` with its number, from 0.
    Group(usize, Box<Self>),
    /// At least so often, at most so often.
    Repeat(Box<Self>, u32, Option<u32>),
    /// One after the other.
    Sequence(Vec<Self>),
    /// One byte of several.
    Set(Box<ByteSet>),
}

/// What a pattern says.
#[derive(Debug)]
pub(super) struct Parsed {
    pub(super) root: Node,
    pub(super) groups: usize,
    /// Whether there are several ways to match that Nix chooses among in its own manner: alternatives or
    /// repeated groups.
    pub(super) ambiguous: bool,
}

/// Reads a pattern.
pub(super) fn parse(pattern: &[u8]) -> Result<Parsed, PatternError> {
    if pattern.len() > MAX_LENGTH {
        return Err(PatternError::too_complex(pattern));
    }
    let mut parser = Parser {
        input: Input { pattern, at: 0 },
        levels: vec![Level::default()],
        groups: 0,
        ambiguous: false,
    };
    while let Some(byte) = parser.input.next() {
        parser.token(byte)?;
    }
    match (parser.levels.pop(), parser.levels.is_empty()) {
        (Some(level), true) => {
            Ok(Parsed { root: level.finish(), groups: parser.groups, ambiguous: parser.ambiguous })
        }
        _ => Err(parser.input.invalid("a `(` is not closed")),
    }
}

/// The text and how far it is read.
pub(super) struct Input<'p> {
    pattern: &'p [u8],
    at: usize,
}

impl Input<'_> {
    pub(super) fn peek(&self) -> Option<u8> {
        self.pattern.get(self.at).copied()
    }

    pub(super) fn next(&mut self) -> Option<u8> {
        let byte = self.peek();
        self.at += usize::from(byte.is_some());
        byte
    }

    pub(super) fn eat(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    pub(super) fn invalid(&self, reason: &'static str) -> PatternError {
        let pattern = String::from_utf8_lossy(self.pattern).into_owned();
        PatternError::Invalid { pattern, reason }
    }

    fn number(&mut self) -> Result<u32, PatternError> {
        let mut number = None;
        while let Some(digit @ b'0'..=b'9') = self.peek() {
            self.at += 1;
            let value = number.unwrap_or(0_u32) * 10 + u32::from(digit - b'0');
            if value > MAX_REPEAT {
                return Err(PatternError::too_complex(self.pattern));
            }
            number = Some(value);
        }
        number.ok_or_else(|| self.invalid("a `{` must begin a repetition count"))
    }
}

/// A group that is open, or the whole pattern.
#[derive(Default)]
struct Level {
    group: usize,
    /// The alternatives before the last `|`.
    before: Option<Node>,
    sequence: Vec<Node>,
    /// How many quantifiers the last of `sequence` has, if it can take one.
    quantifiers: Option<usize>,
}

impl Level {
    fn finish(self) -> Node {
        let last = Node::Sequence(self.sequence);
        match self.before {
            Some(before) => Node::Either(Box::new(before), Box::new(last)),
            None => last,
        }
    }
}

struct Parser<'p> {
    input: Input<'p>,
    levels: Vec<Level>,
    groups: usize,
    ambiguous: bool,
}

impl Parser<'_> {
    fn token(&mut self, byte: u8) -> Result<(), PatternError> {
        match byte {
            b'\\' => {
                let escaped = self.input.next().filter(|byte| b".[\\()*+?{|^$".contains(byte));
                let Some(escaped) = escaped else {
                    return Err(self.input.invalid("a `\\` must come before one of .[\\()*+?{|^$"));
                };
                self.atom(Node::Set(Box::new(ByteSet::of(escaped))));
            }
            b'(' if self.levels.len() > MAX_NESTING => {
                return Err(self.input.invalid("groups nest too deep"));
            }
            b'(' => {
                self.levels.push(Level { group: self.groups, ..Level::default() });
                self.groups += 1;
            }
            b')' => match self.levels.pop() {
                Some(level) if !self.levels.is_empty() => {
                    self.atom(Node::Group(level.group, Box::new(level.finish())));
                }
                _ => return Err(self.input.invalid("a `)` has no `(`")),
            },
            b'|' => {
                self.ambiguous = true;
                if let Some(level) = self.levels.last_mut() {
                    let group = level.group;
                    let before = Some(std::mem::take(level).finish());
                    *level = Level { group, before, ..Level::default() };
                }
            }
            b'*' => self.repeat(0, None)?,
            b'+' => self.repeat(1, None)?,
            b'?' => self.repeat(0, Some(1))?,
            b'{' => self.interval()?,
            b'^' => self.anchor(Node::Begin),
            b'$' => self.anchor(Node::End),
            b'.' => self.atom(Node::Set(Box::new(ByteSet::any()))),
            b'[' => {
                let set = bracket::parse(&mut self.input)?;
                self.atom(Node::Set(Box::new(set)));
            }
            _ => self.atom(Node::Set(Box::new(ByteSet::of(byte)))),
        }
        Ok(())
    }

    fn push(&mut self, node: Node, quantifiers: Option<usize>) {
        if let Some(level) = self.levels.last_mut() {
            level.sequence.push(node);
            level.quantifiers = quantifiers;
        }
    }

    fn atom(&mut self, node: Node) {
        self.push(node, Some(0));
    }

    fn anchor(&mut self, node: Node) {
        self.push(node, None);
    }

    /// The rest of `{n}`, `{n,}` or `{n,m}`.
    fn interval(&mut self) -> Result<(), PatternError> {
        let low = self.input.number()?;
        let mut high = Some(low);
        if self.input.eat(b',') {
            high = if self.input.peek() == Some(b'}') { None } else { Some(self.input.number()?) };
        }
        if !self.input.eat(b'}') {
            return Err(self.input.invalid("a `{` must begin a repetition count"));
        }
        if high.is_some_and(|high| high < low) {
            return Err(self.input.invalid("a repetition count ends before it begins"));
        }
        self.repeat(low, high)
    }

    fn repeat(&mut self, low: u32, high: Option<u32>) -> Result<(), PatternError> {
        let last = self.levels.last_mut().and_then(|level| {
            let quantifiers = level.quantifiers?;
            level.sequence.pop().map(|node| (node, quantifiers))
        });
        let Some((node, quantifiers)) = last else {
            return Err(self.input.invalid("there is nothing to repeat"));
        };
        if quantifiers >= MAX_NESTING {
            return Err(self.input.invalid("quantifiers nest too deep"));
        }
        self.ambiguous |= !matches!(node, Node::Set(_));
        self.push(Node::Repeat(Box::new(node), low, high), Some(quantifiers + 1));
        Ok(())
    }
}
