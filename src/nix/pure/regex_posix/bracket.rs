//! Bracket expressions such as `[^[:alpha:]_-]`, as sets of bytes.

use super::PatternError;
use super::parse::Input;

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

/// Bytes.
#[derive(Clone, Debug)]
pub(super) struct ByteSet([u64; 4]);

impl ByteSet {
    /// What `.` accepts: all but NUL.
    pub(super) fn any() -> Self {
        let mut set = Self([0; 4]);
        set.add(0);
        set.negated()
    }

    /// Just one.
    pub(super) fn of(byte: u8) -> Self {
        let mut set = Self([0; 4]);
        set.add(byte);
        set
    }

    pub(super) fn contains(&self, byte: u8) -> bool {
        self.0[usize::from(byte >> 6)] & (1 << (byte & 63)) != 0
    }

    fn add(&mut self, byte: u8) {
        self.0[usize::from(byte >> 6)] |= 1 << (byte & 63);
    }

    /// Adds a range. C++'s `char` is signed, so the bytes of non-ASCII text come before ASCII.
    fn add_range(&mut self, low: u8, high: u8) -> Option<()> {
        let (low, high) = (low.cast_signed(), high.cast_signed());
        if low > high {
            return None;
        }
        (low..=high).for_each(|byte| self.add(byte.cast_unsigned()));
        Some(())
    }

    fn negated(self) -> Self {
        Self(self.0.map(|bits| !bits))
    }
}

/// What stands before a `-` in a bracket expression.
enum Before {
    Byte(u8),
    Class,
    Nothing,
}

/// Reads what follows a `[`, up to and with the closing `]`.
pub(super) fn parse(input: &mut Input<'_>) -> Result<ByteSet, PatternError> {
    let mut set = ByteSet([0; 4]);
    let negated = input.eat(b'^');
    let mut before = Before::Nothing;
    let mut first = true;
    loop {
        let Some(byte) = input.next() else {
            return Err(input.invalid("a `[` is not closed"));
        };
        match byte {
            b']' if !first => return Ok(if negated { set.negated() } else { set }),
            b'[' if begins_name(input) => before = named(&mut set, input)?,
            b'-' if !first && input.peek() == Some(b']') => set.add(b'-'),
            b'-' if !first => {
                let Before::Byte(low) = before else {
                    return Err(input.invalid("a `-` in brackets has no beginning"));
                };
                let high = input.next().filter(|high| *high != b'[' || !begins_name(input));
                let Some(high) = high else {
                    return Err(input.invalid("a `-` in brackets has no end"));
                };
                set.add_range(low, high)
                    .ok_or_else(|| input.invalid("a range in brackets ends before it begins"))?;
                before = Before::Nothing;
            }
            byte => {
                set.add(byte);
                before = Before::Byte(byte);
            }
        }
        first = false;
    }
}

/// Whether a `[` that was just read begins `[.name.]`, `[=name=]` or `[:class:]`.
fn begins_name(input: &Input<'_>) -> bool {
    matches!(input.peek(), Some(b'.' | b':' | b'='))
}

/// Reads what follows such a `[`.
fn named(set: &mut ByteSet, input: &mut Input<'_>) -> Result<Before, PatternError> {
    let kind = input.next().unwrap_or_default();
    let mut name = Vec::new();
    loop {
        match input.next() {
            Some(byte) if byte != kind => name.push(byte),
            Some(_) if input.eat(b']') => break,
            _ => return Err(input.invalid("a name in brackets is not closed")),
        }
    }
    if kind == b':' {
        let accepts = class(&name.to_ascii_lowercase())
            .ok_or_else(|| input.invalid("there is no such character class"))?;
        (0..128).filter(|byte| accepts(*byte)).for_each(|byte| set.add(byte));
        return Ok(Before::Class);
    }
    let byte = COLLATION_NAMES
        .iter()
        .zip(0_u8..)
        .find_map(|(known, byte)| (known.as_bytes() == name).then_some(byte))
        .ok_or_else(|| input.invalid("there is no character of that name"))?;
    set.add(byte);
    Ok(if kind == b'.' { Before::Byte(byte) } else { Before::Class })
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
