//! Types a scalar exactly as `go.yaml.in/yaml/v3` 3.0.4 does (`resolve.go`), because sops stores the
//! type and hashes the decoded value. Refuses to be cleverer: `yes` is a string, `014` is twelve.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::events::Style;
use super::time;
use crate::format::scalar::{Scalar, Text};

const CORE: &str = "tag:yaml.org,2002:";

/// What a scalar resolves to. `Unsigned` is a number that fits only 64 bits without sign, which sops
/// cannot walk; `Merge` is a plain `<<`.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Resolved {
    Merge,
    Scalar(Scalar),
    Unsigned,
}

/// The value of a scalar with this text, style and resolved tag.
pub(super) fn resolve(value: &str, style: Style, tag: Option<&str>) -> Resolved {
    let tag = tag.filter(|tag| *tag != "!");
    let Some(tag) = tag else {
        return if style == Style::Plain {
            plain(value)
        } else {
            Resolved::Scalar(Scalar::str(value))
        };
    };
    let Some(short) = tag.strip_prefix(CORE) else {
        return Resolved::Scalar(Scalar::str(value));
    };
    let null = Resolved::Scalar(Scalar::Null);
    match short {
        "str" => Resolved::Scalar(Scalar::str(value)),
        "binary" => STANDARD
            .decode(value.replace(['\n', '\r'], ""))
            .map_or(null, |bytes| Resolved::Scalar(Scalar::Str(Text::new(bytes)))),
        "bool" | "float" | "int" | "null" | "timestamp" => {
            match (short, untyped(value, short == "timestamp")) {
                ("float", Resolved::Scalar(Scalar::Int(n))) => {
                    Resolved::Scalar(Scalar::Float(n as f64))
                }
                ("bool", found @ Resolved::Scalar(Scalar::Bool(_)))
                | ("float", found @ Resolved::Scalar(Scalar::Float(_)))
                | ("int", found @ (Resolved::Scalar(Scalar::Int(_)) | Resolved::Unsigned))
                | ("timestamp", found @ Resolved::Scalar(Scalar::Time(_))) => found,
                // yaml.v3 refuses a text that does not fit its tag, and sops reads on with null.
                _ => null,
            }
        }
        _ => Resolved::Scalar(Scalar::str(value)),
    }
}

/// The value of a plain scalar without tag.
pub(super) fn plain(value: &str) -> Resolved {
    untyped(value, true)
}

/// Would this text, written plain, be read as a string?
pub(super) fn is_plain_string(value: &str) -> bool {
    matches!(plain(value), Resolved::Scalar(Scalar::Str(_)))
}

fn untyped(value: &str, dates: bool) -> Resolved {
    let scalar = match value {
        "" | "~" | "null" | "Null" | "NULL" => Scalar::Null,
        "true" | "True" | "TRUE" => Scalar::Bool(true),
        "false" | "False" | "FALSE" => Scalar::Bool(false),
        ".nan" | ".NaN" | ".NAN" => Scalar::Float(f64::NAN),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => Scalar::Float(f64::INFINITY),
        "-.inf" | "-.Inf" | "-.INF" => Scalar::Float(f64::NEG_INFINITY),
        "<<" => return Resolved::Merge,
        _ => match value.as_bytes()[0] {
            b'.' => go_float(value).map_or_else(|| Scalar::str(value), Scalar::Float),
            b'+' | b'-' | b'0'..=b'9' => return number(value, dates),
            _ => Scalar::str(value),
        },
    };
    Resolved::Scalar(scalar)
}

fn number(value: &str, dates: bool) -> Resolved {
    if dates && let Some(time) = time::parse(value) {
        return Resolved::Scalar(Scalar::Time(time));
    }
    let digits = value.replace('_', "");
    match go_int(&digits) {
        Some(Integer::Signed(n)) => return Resolved::Scalar(Scalar::Int(n)),
        Some(Integer::Unsigned) => return Resolved::Unsigned,
        None => {}
    }
    if is_float(&digits)
        && let Some(float) = go_float(&digits)
    {
        return Resolved::Scalar(Scalar::Float(float));
    }
    Resolved::Scalar(Scalar::str(value))
}

enum Integer {
    Signed(i64),
    Unsigned,
}

/// `strconv.ParseInt(s, 0, 64)`, then `ParseUint`: prefixes `0x 0o 0b`, and a leading `0` for octal.
fn go_int(text: &str) -> Option<Integer> {
    let (negative, signed, body) = match text.as_bytes().first()? {
        b'-' => (true, true, &text[1..]),
        b'+' => (false, true, &text[1..]),
        _ => (false, false, text),
    };
    let lower = body.get(..2).map(str::to_ascii_lowercase);
    let (radix, body) = match lower.as_deref() {
        Some("0x") => (16, &body[2..]),
        Some("0o") => (8, &body[2..]),
        Some("0b") => (2, &body[2..]),
        _ if body.len() > 1 && body.starts_with('0') => (8, &body[1..]),
        _ => (10, body),
    };
    // A second sign, as in `0b-1`, is read only behind the binary and octal prefixes, and only by
    // yaml.v3's own fallback.
    let (negative, body) = match (radix, lower.as_deref(), body.strip_prefix('-')) {
        (2, Some("0b"), Some(rest)) | (8, Some("0o"), Some(rest))
            if !signed && lowercase_prefix(text) =>
        {
            (true, rest)
        }
        _ => (negative, body),
    };
    if body.is_empty() || !body.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return None;
    }
    let magnitude = u64::from_str_radix(body, radix).ok()?;
    if negative {
        return 0i64.checked_sub_unsigned(magnitude).map(Integer::Signed);
    }
    match i64::try_from(magnitude) {
        Ok(n) => Some(Integer::Signed(n)),
        Err(_) if signed => None,
        Err(_) => Some(Integer::Unsigned),
    }
}

fn lowercase_prefix(text: &str) -> bool {
    text.starts_with("0b") || text.starts_with("0o")
}

/// `[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`
fn is_float(text: &str) -> bool {
    let body = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (mantissa, exponent) = match body.find(['e', 'E']) {
        Some(at) => (&body[..at], Some(&body[at + 1..])),
        None => (body, None),
    };
    let digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
    let mantissa_fits = match mantissa.split_once('.') {
        Some(("", fraction)) => !fraction.is_empty() && digits(fraction),
        Some((whole, fraction)) => digits(whole) && digits(fraction),
        None => !mantissa.is_empty() && digits(mantissa),
    };
    mantissa_fits
        && exponent.is_none_or(|e| {
            let e = e.strip_prefix(['-', '+']).unwrap_or(e);
            !e.is_empty() && digits(e)
        })
}

/// `strconv.ParseFloat` for decimal text: out of range is no number.
fn go_float(text: &str) -> Option<f64> {
    let starts = text.strip_prefix(['-', '+']).unwrap_or(text);
    if !starts.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
        return None;
    }
    text.parse::<f64>().ok().filter(|float| float.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn show(resolved: &Resolved) -> String {
        match resolved {
            Resolved::Merge => "merge".into(),
            Resolved::Unsigned => "unsigned".into(),
            Resolved::Scalar(Scalar::Bool(b)) => format!("bool {b}"),
            Resolved::Scalar(Scalar::Float(f)) => format!("float {f}"),
            Resolved::Scalar(Scalar::Int(i)) => format!("int {i}"),
            Resolved::Scalar(Scalar::Null) => "null".into(),
            Resolved::Scalar(Scalar::Str(_)) => "str".into(),
            Resolved::Scalar(Scalar::Time(t)) => format!("time {t}"),
        }
    }

    #[test]
    fn plain_scalars_have_the_types_of_yaml_v3() {
        for (text, want) in [
            ("", "null"),
            ("~", "null"),
            ("Null", "null"),
            ("nULL", "str"),
            ("true", "bool true"),
            ("tRUE", "str"),
            ("yes", "str"),
            ("on", "str"),
            ("y", "str"),
            ("0", "int 0"),
            ("-0", "int 0"),
            ("+12", "int 12"),
            ("014", "int 12"),
            ("08", "float 8"),
            ("0o14", "int 12"),
            ("-0o14", "int -12"),
            ("0x1F", "int 31"),
            ("-0x1f", "int -31"),
            ("0b101", "int 5"),
            ("1_000", "int 1000"),
            ("1__0", "int 10"),
            ("_1", "str"),
            ("9223372036854775807", "int 9223372036854775807"),
            ("9223372036854775808", "unsigned"),
            ("-9223372036854775808", "int -9223372036854775808"),
            ("-9223372036854775809", "float -9223372036854776000"),
            ("99999999999999999999999", "float 100000000000000000000000"),
            ("1e3", "float 1000"),
            ("1e400", "str"),
            ("1.", "float 1"),
            (".5", "float 0.5"),
            ("+.5", "float 0.5"),
            ("._5", "str"),
            ("1.5e", "str"),
            (".inf", "float inf"),
            ("-.INF", "float -inf"),
            ("+inf", "str"),
            (".nan", "float NaN"),
            ("2024-01-01", "time 2024-01-01T00:00:00Z"),
            ("2024-1-2 3:4:5", "time 2024-01-02T03:04:05Z"),
            ("2024-02-30", "str"),
            ("2001-12-14t21:59:43.10-05:00", "time 2001-12-14T21:59:43.1-05:00"),
            ("12:30:45", "str"),
            ("<<", "merge"),
            ("a", "str"),
            ("-", "str"),
            ("0x", "str"),
            ("1a", "str"),
        ] {
            assert_eq!(show(&plain(text)), want, "{text}");
        }
    }

    #[test]
    fn tags_bend_the_type() {
        for (text, tag, want) in [
            ("3", "tag:yaml.org,2002:float", "float 3"),
            ("3", "tag:yaml.org,2002:str", "str"),
            ("x", "tag:yaml.org,2002:int", "null"),
            ("2024-01-01", "tag:yaml.org,2002:str", "str"),
            ("aGk=", "tag:yaml.org,2002:binary", "str"),
            ("3", "!local", "str"),
            ("3", "!", "int 3"),
        ] {
            assert_eq!(show(&resolve(text, Style::Plain, Some(tag))), want, "{tag} {text}");
        }
    }
}
