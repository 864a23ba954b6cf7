//! What a value holds before encryption, with the exact bytes sops encrypts and hashes for each type
//! (`sops.go` `ToBytes`, `aes/cipher.go`). Refuses texts that Go would not read as the type they claim.

use thiserror::Error;
use zeroize::Zeroizing;

/// A decrypted value.
#[derive(Clone, Debug, PartialEq)]
pub enum Plain {
    Bool(bool),
    /// Only old files have it; it is never written.
    Bytes(Hidden),
    Comment(Hidden),
    Float(f64),
    Int(i64),
    /// Any bytes: sops keeps binary files as strings.
    Str(Hidden),
    /// RFC 3339 with as many digits of a second as it has, as Go prints it.
    Time(String),
}

/// Bytes that are wiped on drop and never printed.
#[derive(Clone, Eq, PartialEq)]
pub struct Hidden(Zeroizing<Vec<u8>>);

/// A plaintext that is not what its type says.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[non_exhaustive]
pub enum PlainError {
    #[error("the plaintext is not a value of type `{kind}`")]
    NotOfType { kind: &'static str },
    #[error("the type of the value is not one of sops")]
    UnknownType,
}

impl Plain {
    /// A comment of these bytes.
    #[must_use]
    pub fn comment(bytes: &[u8]) -> Self {
        Self::Comment(Hidden::from(bytes))
    }

    /// A string of these bytes.
    #[must_use]
    pub fn str(bytes: &[u8]) -> Self {
        Self::Str(Hidden::from(bytes))
    }

    /// A timestamp, brought to the form Go prints.
    ///
    /// # Errors
    /// `NotOfType` unless `text` is RFC 3339.
    pub fn time(text: &str) -> Result<Self, PlainError> {
        canonical_time(text).map(Self::Time).ok_or(PlainError::NotOfType { kind: "time" })
    }

    /// Reads a decrypted plaintext as what the `type:` of its ciphertext says.
    ///
    /// # Errors
    /// `UnknownType`; `NotOfType` where Go could not read it either.
    pub fn decode(kind: &[u8], bytes: Zeroizing<Vec<u8>>) -> Result<Self, PlainError> {
        let text = std::str::from_utf8(&bytes).ok();
        let parsed = match kind {
            b"bool" => text.and_then(parse_bool).map(Self::Bool).ok_or("bool"),
            b"bytes" => Ok(Self::Bytes(Hidden(bytes))),
            b"comment" => Ok(Self::Comment(Hidden(bytes))),
            b"float" => text.and_then(parse_float).map(Self::Float).ok_or("float"),
            b"int" => text.and_then(|text| text.parse().ok()).map(Self::Int).ok_or("int"),
            b"str" => Ok(Self::Str(Hidden(bytes))),
            b"time" => text.and_then(canonical_time).map(Self::Time).ok_or("time"),
            _ => return Err(PlainError::UnknownType),
        };
        parsed.map_err(|kind| PlainError::NotOfType { kind })
    }

    /// The bytes that are encrypted, and that the MAC hashes.
    #[must_use]
    pub fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(match self {
            Self::Bool(true) => b"True".to_vec(),
            Self::Bool(false) => b"False".to_vec(),
            Self::Bytes(bytes) | Self::Comment(bytes) | Self::Str(bytes) => return bytes.0.clone(),
            Self::Float(value) => float_text(*value).into_bytes(),
            Self::Int(value) => value.to_string().into_bytes(),
            Self::Time(text) => text.clone().into_bytes(),
        })
    }

    /// The word behind `type:`; bytes are written as a string, as sops does.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Bool(_) => "bool",
            Self::Comment(_) => "comment",
            Self::Float(_) => "float",
            Self::Int(_) => "int",
            Self::Bytes(_) | Self::Str(_) => "str",
            Self::Time(_) => "time",
        }
    }

    /// Is it one of the types that can be empty, and is it?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Bytes(bytes) | Self::Comment(bytes) | Self::Str(bytes) => bytes.0.is_empty(),
            _ => false,
        }
    }
}

impl Hidden {
    /// The raw bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl std::fmt::Debug for Hidden {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} bytes", self.0.len())
    }
}

impl From<&[u8]> for Hidden {
    fn from(bytes: &[u8]) -> Self {
        Self(Zeroizing::new(bytes.to_vec()))
    }
}

/// `strconv.FormatFloat(value, 'f', -1, 64)`: shortest digits that read back, no exponent.
fn float_text(value: f64) -> String {
    if value.is_infinite() {
        return if value > 0.0 { "+Inf" } else { "-Inf" }.to_owned();
    }
    value.to_string()
}

/// `strconv.ParseBool`.
fn parse_bool(text: &str) -> Option<bool> {
    match text {
        "1" | "t" | "T" | "TRUE" | "true" | "True" => Some(true),
        "0" | "f" | "F" | "FALSE" | "false" | "False" => Some(false),
        _ => None,
    }
}

/// `strconv.ParseFloat` for decimal texts; a number too large for 64 bits is refused, as there.
fn parse_float(text: &str) -> Option<f64> {
    let value: f64 = text.parse().ok()?;
    let spelled = text.bytes().any(|byte| matches!(byte, b'i' | b'I'));
    (value.is_finite() || value.is_nan() || spelled).then_some(value)
}

/// `time.Time` from `UnmarshalText` through `MarshalText`: at most nine digits of a second without
/// trailing zeros, an offset of zero as `Z`.
fn canonical_time(text: &str) -> Option<String> {
    let number = |range: std::ops::Range<usize>| -> Option<u32> {
        let digits = text.get(range)?;
        digits.bytes().all(|b| b.is_ascii_digit()).then(|| digits.parse().ok())?
    };
    let punctuation = |at: usize, byte: u8| text.as_bytes().get(at) == Some(&byte);
    let fixed = [(4, b'-'), (7, b'-'), (10, b'T'), (13, b':'), (16, b':')];
    if !fixed.iter().all(|&(at, byte)| punctuation(at, byte)) {
        return None;
    }
    let (year, month, day) = (number(0..4)?, number(5..7)?, number(8..10)?);
    let in_range = (1..=12).contains(&month)
        && (1..=days(year, month)).contains(&day)
        && number(11..13)? < 24
        && number(14..16)? < 60
        && number(17..19)? < 60;
    if !in_range {
        return None;
    }
    let (seconds, mut rest) = text.split_at_checked(19)?;
    let mut fraction = "";
    if let Some(digits) = rest.strip_prefix('.') {
        let end = digits.bytes().position(|b| !b.is_ascii_digit()).unwrap_or(digits.len());
        if end == 0 {
            return None;
        }
        fraction = digits[..end.min(9)].trim_end_matches('0');
        rest = &digits[end..];
    }
    let offset = match rest.as_bytes() {
        b"Z" => "Z",
        [b'+' | b'-', h @ .., b':', m1, m2] if h.len() == 2 => {
            let two = |a: u8, b: u8| {
                (a.is_ascii_digit() && b.is_ascii_digit()).then(|| (a - b'0') * 10 + (b - b'0'))
            };
            let (hours, minutes) = (two(h[0], h[1])?, two(*m1, *m2)?);
            match (hours, minutes) {
                (0, 0) => "Z",
                (0..24, 0..60) => rest,
                _ => return None,
            }
        }
        _ => return None,
    };
    let dot = if fraction.is_empty() { "" } else { "." };
    Some(format!("{seconds}{dot}{fraction}{offset}"))
}

fn days(year: u32, month: u32) -> u32 {
    match month {
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => {
            29
        }
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decode(kind: &str, text: &str) -> Result<Plain, PlainError> {
        Plain::decode(kind.as_bytes(), Zeroizing::new(text.as_bytes().to_vec()))
    }

    fn canonical(kind: &str, text: &str) -> String {
        String::from_utf8(decode(kind, text).unwrap().to_bytes().to_vec()).unwrap()
    }

    #[test]
    fn byte_forms_are_those_of_go() {
        for (kind, text, expected) in [
            ("bool", "True", "True"),
            ("bool", "t", "True"),
            ("bool", "0", "False"),
            ("bytes", "raw", "raw"),
            ("comment", " a", " a"),
            ("float", "1.0", "1"),
            ("float", "-0", "-0"),
            ("float", "1e21", "1000000000000000000000"),
            ("float", "1e-7", "0.0000001"),
            ("float", "0.1", "0.1"),
            ("float", "+Inf", "+Inf"),
            ("float", "-inf", "-Inf"),
            ("float", "NaN", "NaN"),
            ("float", "1.7976931348623157e308", &format!("{}", f64::MAX)),
            ("int", "-9223372036854775808", "-9223372036854775808"),
            ("int", "+007", "7"),
            ("str", "007", "007"),
            ("time", "2024-02-29T01:02:03Z", "2024-02-29T01:02:03Z"),
            ("time", "2024-01-01T00:00:00.500+00:00", "2024-01-01T00:00:00.5Z"),
            ("time", "2024-01-01T00:00:00.0000000019-00:30", "2024-01-01T00:00:00.000000001-00:30"),
            ("time", "2024-01-01T00:00:00.000+02:00", "2024-01-01T00:00:00+02:00"),
        ] {
            assert_eq!(canonical(kind, text), expected, "{kind} {text}");
        }
    }

    #[test]
    fn a_text_of_another_type_is_refused() {
        for (kind, text) in [
            ("bool", "yes"),
            ("float", "1e400"),
            ("float", ""),
            ("int", "9223372036854775808"),
            ("int", "1.0"),
            ("time", "2023-02-29T00:00:00Z"),
            ("time", "2024-01-01"),
            ("time", "2024-01-01T24:00:00Z"),
            ("time", "2024-01-01T00:00:00.Z"),
            ("time", "2024-01-01T00:00:00+24:00"),
            ("time", "2024-01-01T00:00:00+é1:00"),
            ("time", "é024-01-01T00:00:00Z"),
        ] {
            assert!(
                matches!(decode(kind, text), Err(PlainError::NotOfType { .. })),
                "{kind} {text}"
            );
        }
        assert_eq!(decode("null", ""), Err(PlainError::UnknownType));
        assert!(Plain::time("now").is_err());
    }

    #[test]
    fn secrets_are_not_printed() {
        assert_eq!(format!("{:?}", Plain::str(b"hunter2")), "Str(7 bytes)");
    }
}
