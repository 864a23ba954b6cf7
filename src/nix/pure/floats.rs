//! The three ways Nix writes a float and the one way it reads one: `%g` when printing values and
//! XML, `%f` in `toString`, the shortest exact form in JSON (as Nix 2.24; 2.8 still wrote `%g`).

/// As `nix-instantiate --eval` and `builtins.toXML` write it: six significant digits, C's `%g`.
pub fn print(value: f64) -> String {
    if let Some(name) = not_finite(value) {
        return name.to_owned();
    }
    let scientific = format!("{value:.5e}");
    let Some((digits, exponent)) = scientific.split_once('e') else { return scientific };
    let exponent: i32 = exponent.parse().unwrap_or_default();
    if (-4..6).contains(&exponent) {
        let places = usize::try_from(5 - exponent).unwrap_or_default();
        return trim_zeros(&format!("{value:.places$}")).to_owned();
    }
    format!("{}e{}", trim_zeros(digits), signed_exponent(exponent))
}

/// As `builtins.toString` and string coercion write it: six decimals, C's `%f`.
pub fn to_string(value: f64) -> String {
    not_finite(value).map_or_else(|| format!("{value:.6}"), str::to_owned)
}

/// As `builtins.toJSON` writes it: the shortest digits that read back to the same float, always
/// recognisable as one (`1.0`), with an exponent below 1e-4 and from 1e15 on. What is not a number is `null`.
pub fn to_json(value: f64) -> String {
    if !value.is_finite() {
        return "null".to_owned();
    }
    let scientific = format!("{value:e}");
    let Some((digits, exponent)) = scientific.split_once('e') else { return scientific };
    let exponent: i32 = exponent.parse().unwrap_or_default();
    if value == 0.0 || (-4..15).contains(&exponent) {
        let plain = format!("{value}");
        return if plain.contains('.') { plain } else { plain + ".0" };
    }
    format!("{digits}e{}", signed_exponent(exponent))
}

/// Reads a float literal of the language: `1.`, `.5`, `1.5e-3`. The lexer has already said that it
/// is one. `None` when the value is too large or too small for a double, which Nix refuses.
pub fn parse(literal: &str) -> Option<f64> {
    let value: f64 = literal.parse().ok()?;
    let mantissa = literal.split(['e', 'E']).next().unwrap_or_default();
    let zero = !mantissa.bytes().any(|byte| matches!(byte, b'1'..=b'9'));
    (value.is_normal() || (value == 0.0 && zero)).then_some(value)
}

fn not_finite(value: f64) -> Option<&'static str> {
    if value.is_nan() {
        // x86 makes NaN with its sign bit set, and C prints that sign.
        Some(if value.is_sign_negative() { "-nan" } else { "nan" })
    } else if value.is_infinite() {
        Some(if value > 0.0 { "inf" } else { "-inf" })
    } else {
        None
    }
}

fn trim_zeros(decimal: &str) -> &str {
    if decimal.contains('.') {
        decimal.trim_end_matches('0').trim_end_matches('.')
    } else {
        decimal
    }
}

fn signed_exponent(exponent: i32) -> String {
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{sign}{:02}", exponent.unsigned_abs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_print_like_percent_g() {
        for (value, expected) in [
            (1.0, "1"),
            (1.5, "1.5"),
            (0.1, "0.1"),
            (1e10, "1e+10"),
            (1e100, "1e+100"),
            (123_456_789.0, "1.23457e+08"),
            (1e-5, "1e-05"),
            (std::f64::consts::PI, "3.14159"),
            (-0.0, "-0"),
            (1e6, "1e+06"),
            (1e5, "100000"),
            (1_234_567.0, "1.23457e+06"),
            (0.30000000000000004, "0.3"),
            (1e-4, "0.0001"),
            (0.0001234, "0.0001234"),
            (f64::MAX, "1.79769e+308"),
            (2.5e-7, "2.5e-07"),
            (100.0, "100"),
            (12345.678, "12345.7"),
            (999_999.5, "1e+06"),
            (f64::INFINITY, "inf"),
            (-f64::NAN, "-nan"),
            (0.0, "0"),
        ] {
            assert_eq!(print(value), expected);
        }
    }

    #[test]
    fn floats_become_strings_like_percent_f() {
        for (value, expected) in [
            (1.0, "1.000000"),
            (0.1, "0.100000"),
            (1e10, "10000000000.000000"),
            (1e-5, "0.000010"),
            (std::f64::consts::PI, "3.141593"),
            (-0.0, "-0.000000"),
            (2.5e-7, "0.000000"),
            (f64::INFINITY, "inf"),
            (123_456_789_012_345_680.0, "123456789012345680.000000"),
        ] {
            assert_eq!(to_string(value), expected);
        }
    }

    #[test]
    fn floats_in_json_are_exact() {
        for (value, expected) in [
            (1.0, "1.0"),
            (0.1, "0.1"),
            (1e10, "10000000000.0"),
            (1e100, "1e+100"),
            (0.30000000000000004, "0.30000000000000004"),
            (1e15, "1e+15"),
            (123_456_789_012_345.0, "123456789012345.0"),
            (1e-5, "1e-05"),
            (0.0001, "0.0001"),
            (-0.0, "-0.0"),
            (1.5e300, "1.5e+300"),
            (f64::NAN, "null"),
        ] {
            assert_eq!(to_json(value), expected);
        }
    }

    #[test]
    fn literals_are_read() {
        for (literal, expected) in [
            (".5", Some(0.5)),
            ("1.", Some(1.0)),
            ("1.e5", Some(1e5)),
            ("1.5e-3", Some(0.0015)),
            ("1.5E+3", Some(1500.0)),
            ("0.0e-999", Some(0.0)),
            ("0.1e-400", None),
            ("1.0e999", None),
        ] {
            assert_eq!(parse(literal), expected, "{literal}");
        }
    }
}
