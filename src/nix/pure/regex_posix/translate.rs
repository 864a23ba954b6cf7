//! A POSIX extended regular expression rewritten, in one pass, in the syntax of the `regex` crate.

use std::fmt::Write as _;

use super::PatternError;
use super::bracket::Bracket;

/// Longest pattern text, in bytes.
const MAX_LENGTH: usize = 64 * 1024;
/// Deepest nesting of groups and of quantifiers put on quantifiers.
const MAX_NESTING: usize = 100;
/// Largest repetition count; more could not be compiled within the size limit anyway.
const MAX_REPEAT: u32 = 100_000;

/// A pattern rewritten in the `regex` crate's syntax.
pub(super) struct Translation<'p> {
    pattern: &'p [u8],
    pub(super) rest: std::iter::Peekable<std::iter::Copied<std::slice::Iter<'p, u8>>>,
    /// The result.
    pub(super) text: String,
    /// Whether there is a `|`.
    pub(super) alternatives: bool,
    /// Where, in `text`, each open group begins.
    open: Vec<usize>,
    /// The last thing a quantifier could apply to: where it begins in `text`, and how many
    /// quantifiers it has.
    atom: Option<(usize, usize)>,
}

impl<'p> Translation<'p> {
    pub(super) fn of(pattern: &'p [u8]) -> Result<Self, PatternError> {
        if pattern.len() > MAX_LENGTH {
            return Err(PatternError::too_complex(pattern));
        }
        let mut this = Self {
            pattern,
            rest: pattern.iter().copied().peekable(),
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
                return Err(PatternError::too_complex(self.pattern));
            }
            number = Some(value);
        }
        number.ok_or_else(|| self.invalid("a `{` must begin a repetition count"))
    }

    pub(super) fn invalid(&self, reason: &'static str) -> PatternError {
        let pattern = String::from_utf8_lossy(self.pattern).into_owned();
        PatternError::Invalid { pattern, reason }
    }
}

pub(super) fn hex(text: &mut String, byte: u8) {
    // Writing to a `String` cannot fail.
    let _ = write!(text, r"\x{byte:02X}");
}
