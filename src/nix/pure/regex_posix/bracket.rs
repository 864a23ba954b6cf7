//! Bracket expressions such as `[^[:alpha:]_-]`, as sets of bytes.

use super::PatternError;
use super::translate::{Translation, hex};

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

/// The bytes a bracket expression accepts.
pub(super) struct Bracket {
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
    pub(super) fn parse(from: &mut Translation<'_>) -> Result<Self, PatternError> {
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

    pub(super) fn write(&self, text: &mut String) {
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
