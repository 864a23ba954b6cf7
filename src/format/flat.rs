//! How INI and dotenv, which know only text, spell typed leaves: as sops' `ValToString` does.

use super::Format;
use super::error::FormatError;
use super::scalar::{Scalar, Value};

/// The text of a leaf.
pub(super) fn text(scalar: &Scalar, format: Format) -> Result<Vec<u8>, FormatError> {
    Ok(match scalar {
        Scalar::Bool(bool) => bool.to_string().into_bytes(),
        Scalar::Float(float) => float_text(*float).into_bytes(),
        Scalar::Int(int) => int.to_string().into_bytes(),
        Scalar::Null => return Err(FormatError::NotRepresentable { format, what: "null" }),
        Scalar::Str(text) => text.as_bytes().to_vec(),
        Scalar::Time(time) => time.clone().into_bytes(),
    })
}

/// The text of a value that must be a leaf.
pub(super) fn leaf(value: &Value, format: Format) -> Result<Vec<u8>, FormatError> {
    match value {
        Value::Scalar(scalar) => text(scalar, format),
        _ => Err(FormatError::NotRepresentable { format, what: "a list or mapping here" }),
    }
}

/// Go's `%G`, with `.0` where it would look like an integer.
fn float_text(float: f64) -> String {
    if !float.is_finite() {
        return if float.is_nan() {
            "NaN"
        } else if float > 0.0 {
            "+Inf"
        } else {
            "-Inf"
        }
        .to_owned();
    }
    let scientific = format!("{float:e}");
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if !(-4..6).contains(&exponent) {
        let sign = if exponent < 0 { '-' } else { '+' };
        return format!("{mantissa}E{sign}{:02}", exponent.abs());
    }
    let text = float.to_string();
    if text.contains('.') { text } else { format!("{text}.0") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_are_spelled_as_sops_does() {
        // Made by `stores.ValToString` of sops 3.13.2.
        for (float, expected) in [
            (1.0, "1.0"),
            (-0.5, "-0.5"),
            (999_999.0, "999999.0"),
            (1e6, "1E+06"),
            (1_234_567.5, "1.2345675E+06"),
            (1e21, "1E+21"),
            (0.0001, "0.0001"),
            (1.234e-5, "1.234E-05"),
            (0.1, "0.1"),
            (2.5e100, "2.5E+100"),
            (f64::NEG_INFINITY, "-Inf"),
        ] {
            assert_eq!(float_text(float), expected);
        }
    }
}
