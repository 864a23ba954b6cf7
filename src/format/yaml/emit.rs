//! Writes new YAML in the layout of yaml.v3: block style, lists indented, strings quoted where they
//! would read as something else. Only for what an edit adds; text that is there is never rewritten.

use super::resolve::is_plain_string;
use crate::format::scalar::{Scalar, Value};

/// Layout of the document written into.
#[derive(Clone, Copy, Debug)]
pub(super) struct Layout {
    /// Columns per level.
    pub(super) step: usize,
    /// `\n` or `\r\n`.
    pub(super) newline: &'static str,
}

impl Layout {
    /// The column of what nests below `column`: the next multiple of the step, as in yaml.v3.
    fn inner(self, column: usize) -> usize {
        self.step * (column / self.step + 1)
    }
}

/// Where a scalar goes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Place {
    /// Inside a block collection at this column: may take lines of its own.
    Block { column: usize },
    /// Inside `[]` or `{}`.
    Flow,
    /// A key, or a value with a comment behind it on the line.
    Line,
}

/// The text of a scalar at `place`. Bytes that are not UTF-8 become `!!binary`.
pub(super) fn scalar(scalar: &Scalar, place: Place, layout: Layout) -> String {
    match scalar {
        Scalar::Bool(bool) => bool.to_string(),
        Scalar::Float(float) => float_text(*float),
        Scalar::Int(int) => int.to_string(),
        Scalar::Null => "null".to_owned(),
        Scalar::Str(text) => match text.as_str() {
            Some(text) => string(text, place, layout),
            None => {
                use base64::Engine as _;
                let text = base64::engine::general_purpose::STANDARD.encode(text.as_bytes());
                format!("!!binary {text}")
            }
        },
        Scalar::Time(time) => time.clone(),
    }
}

/// A value in block style whose first line begins at `column`; no line break at the end.
pub(super) fn block(value: &Value, column: usize, layout: Layout) -> String {
    let next = format!("{}{}", layout.newline, " ".repeat(column));
    match value {
        Value::Map(pairs) if !pairs.is_empty() => {
            let pairs = pairs.iter().map(|(key, value)| pair(key, value, column, layout));
            pairs.collect::<Vec<_>>().join(&next)
        }
        Value::List(items) if !items.is_empty() => {
            let items = items.iter().map(|item| format!("- {}", self::item(item, column, layout)));
            items.collect::<Vec<_>>().join(&next)
        }
        Value::Map(_) => "{}".to_owned(),
        Value::List(_) => "[]".to_owned(),
        Value::Scalar(leaf) => scalar(leaf, Place::Block { column }, layout),
    }
}

/// `key: value` in a block mapping at `column`.
pub(super) fn pair(key: &str, value: &Value, column: usize, layout: Layout) -> String {
    format!("{}:{}", self::key(key, layout), after_colon(value, column, layout))
}

/// What follows `key:` in a block mapping at `column`, its leading space or line break included.
pub(super) fn after_colon(value: &Value, column: usize, layout: Layout) -> String {
    let inner = layout.inner(column);
    if is_leaf(value) {
        return format!(" {}", block(value, column, layout));
    }
    format!("{}{}{}", layout.newline, " ".repeat(inner), block(value, inner, layout))
}

/// What follows `- ` in a block sequence at `column`.
pub(super) fn item(value: &Value, column: usize, layout: Layout) -> String {
    block(value, if is_leaf(value) { column } else { column + 2 }, layout)
}

/// A value on one line, for flow collections.
pub(super) fn flow(value: &Value, layout: Layout) -> String {
    match value {
        Value::List(items) => {
            let items: Vec<_> = items.iter().map(|item| flow(item, layout)).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Map(pairs) => {
            let pairs: Vec<_> = pairs.iter().map(|(k, v)| flow_pair(k, v, layout)).collect();
            format!("{{{}}}", pairs.join(", "))
        }
        Value::Scalar(leaf) => scalar(leaf, Place::Flow, layout),
    }
}

/// `key: value` for a flow mapping.
pub(super) fn flow_pair(key: &str, value: &Value, layout: Layout) -> String {
    format!("{}: {}", string(key, Place::Flow, layout), flow(value, layout))
}

/// A key of a block mapping.
pub(super) fn key(key: &str, layout: Layout) -> String {
    string(key, Place::Line, layout)
}

fn is_leaf(value: &Value) -> bool {
    match value {
        Value::List(items) => items.is_empty(),
        Value::Map(pairs) => pairs.is_empty(),
        Value::Scalar(_) => true,
    }
}

/// Go's `%g` with the fewest digits, as yaml.v3 prints floats.
fn float_text(float: f64) -> String {
    if float.is_nan() {
        return ".nan".to_owned();
    }
    if float.is_infinite() {
        return if float > 0.0 { ".inf" } else { "-.inf" }.to_owned();
    }
    let scientific = format!("{float:e}");
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if (-4..21).contains(&exponent) {
        return format!("{float}");
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{mantissa}e{sign}{:02}", exponent.abs())
}

fn string(text: &str, place: Place, layout: Layout) -> String {
    let seen = Seen::new(text);
    if text.contains('\n') {
        return match place {
            Place::Block { column } if seen.literal => literal(text, column, layout),
            _ => double(text),
        };
    }
    if !is_plain_string(text) || is_old_bool(text) || is_base60(text) {
        return double(text);
    }
    let plain = if place == Place::Flow { seen.plain_in_flow } else { seen.plain };
    if plain {
        text.to_owned()
    } else if seen.single {
        format!("'{}'", text.replace('\'', "''"))
    } else {
        double(text)
    }
}

/// Which styles a text can take.
struct Seen {
    literal: bool,
    plain: bool,
    plain_in_flow: bool,
    single: bool,
}

impl Seen {
    fn new(text: &str) -> Self {
        let mut block_indicator = text.starts_with("---") || text.starts_with("...");
        let mut flow_indicator = block_indicator;
        let mut special = false;
        let mut tab = false;
        let mut space_break = false;
        let mut break_space = false;
        let mut previous = None;
        let mut chars = text.chars().peekable();
        while let Some(c) = chars.next() {
            let blank_next = chars.peek().is_none_or(|next| matches!(next, ' ' | '\t'));
            match (c, previous) {
                (
                    '#' | ',' | '[' | ']' | '{' | '}' | '&' | '*' | '!' | '|' | '>' | '\'' | '"'
                    | '%' | '@' | '`',
                    None,
                ) => {
                    flow_indicator = true;
                    block_indicator = true;
                }
                ('?' | ':', None) => {
                    flow_indicator = true;
                    block_indicator |= blank_next;
                }
                ('-', None) if blank_next => {
                    flow_indicator = true;
                    block_indicator = true;
                }
                (',' | '?' | '[' | ']' | '{' | '}', _) => flow_indicator = true,
                (':', _) => {
                    flow_indicator = true;
                    block_indicator |= blank_next;
                }
                ('#', Some(' ' | '\t' | '\n')) => {
                    flow_indicator = true;
                    block_indicator = true;
                }
                _ => {}
            }
            tab |= c == '\t';
            special |= c != '\t' && c != '\n' && (!is_printable(c) || is_break(c));
            space_break |= c == '\n' && previous == Some(' ');
            break_space |= c == ' ' && previous == Some('\n');
            previous = Some(c);
        }
        let edges = text.starts_with([' ', '\n']) || text.ends_with([' ', '\n']);
        let bare =
            !edges && !break_space && !space_break && !tab && !special && !text.contains('\n');
        let first_tab = text.trim_start_matches(['\n', ' ']).starts_with('\t');
        Self {
            literal: !text.ends_with(' ') && !space_break && !special && !first_tab,
            plain: bare && !block_indicator,
            plain_in_flow: bare && !flow_indicator,
            single: !break_space && !space_break && !tab && !special,
        }
    }
}

/// YAML 1.1 spellings of booleans, which yaml.v3 keeps quoting.
fn is_old_bool(text: &str) -> bool {
    matches!(
        text,
        "y" | "Y"
            | "yes"
            | "Yes"
            | "YES"
            | "on"
            | "On"
            | "ON"
            | "n"
            | "N"
            | "no"
            | "No"
            | "NO"
            | "off"
            | "Off"
            | "OFF"
    )
}

/// `190:20:30`, a number in YAML 1.1.
fn is_base60(text: &str) -> bool {
    let body = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (body, fraction) = body.split_once('.').unwrap_or((body, ""));
    let mut parts = body.split(':');
    let head = parts.next().unwrap_or_default();
    let rest: Vec<&str> = parts.collect();
    let digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit() || b == b'_');
    head.starts_with(|c: char| c.is_ascii_digit())
        && digits(head)
        && digits(fraction)
        && !rest.is_empty()
        && rest.iter().all(|part| match part.as_bytes() {
            [unit] => unit.is_ascii_digit(),
            [ten, unit] => (b'0'..=b'5').contains(ten) && unit.is_ascii_digit(),
            _ => false,
        })
}

fn is_break(c: char) -> bool {
    matches!(c, '\r' | '\n' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// yaml.v3 prints no control characters, no byte order mark and nothing beyond the first plane.
fn is_printable(c: char) -> bool {
    matches!(c, '\n' | ' '..='~' | '\u{a0}'..='\u{fffd}') && c != '\u{feff}'
}

fn double(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        let short = match c {
            '\0' => '0',
            '\x07' => 'a',
            '\x08' => 'b',
            '\t' => 't',
            '\n' => 'n',
            '\x0b' => 'v',
            '\x0c' => 'f',
            '\r' => 'r',
            '\x1b' => 'e',
            '"' | '\\' => c,
            '\u{85}' => 'N',
            '\u{2028}' => 'L',
            '\u{2029}' => 'P',
            _ if is_printable(c) => {
                out.push(c);
                continue;
            }
            _ => {
                out.push_str(&match u32::from(c) {
                    code @ 0..=0xff => format!("\\x{code:02X}"),
                    code @ 0x100..=0xffff => format!("\\u{code:04X}"),
                    code => format!("\\U{code:08X}"),
                });
                continue;
            }
        };
        out.push('\\');
        out.push(short);
    }
    out.push('"');
    out
}

/// A literal block; its last line has no break, the text behind it supplies that.
fn literal(text: &str, column: usize, layout: Layout) -> String {
    let inner = layout.inner(column);
    let mut out = String::from("|");
    if text.starts_with([' ', '\n']) {
        out.push_str(&(inner - column).to_string());
    }
    let (body, chomp) = match text.strip_suffix('\n') {
        None => (text, "-"),
        Some(body) if body.is_empty() || body.ends_with('\n') => (body, "+"),
        Some(body) => (body, ""),
    };
    out.push_str(chomp);
    for line in body.split('\n') {
        out.push_str(layout.newline);
        if !line.is_empty() {
            out.push_str(&" ".repeat(inner));
            out.push_str(line);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const LAYOUT: Layout = Layout { step: 4, newline: "\n" };

    #[test]
    fn strings_are_quoted_as_yaml_v3_quotes_them() {
        for (text, want) in [
            ("plain", "plain"),
            ("", "\"\""),
            ("yes", "\"yes\""),
            ("null", "\"null\""),
            ("014", "\"014\""),
            ("1e3", "\"1e3\""),
            ("2024-01-01", "\"2024-01-01\""),
            ("12:30:45", "\"12:30:45\""),
            ("<<", "\"<<\""),
            ("a: b", "'a: b'"),
            ("a #b", "'a #b'"),
            ("#a", "'#a'"),
            ("it's", "it's"),
            ("'q", "'''q'"),
            ("- x", "'- x'"),
            ("-x", "-x"),
            (" x", "' x'"),
            ("x ", "'x '"),
            ("a\tb", "\"a\\tb\""),
            ("a\nb", "|-\n    a\n    b"),
            ("a\nb\n", "|\n    a\n    b"),
            ("a\n\n", "|+\n    a\n"),
            (" a\nb", "|4-\n     a\n    b"),
            ("a \nb", "\"a \\nb\""),
            ("\u{1f600}", "\"\\U0001F600\""),
            ("é", "é"),
            ("\u{7}", "\"\\a\""),
            ("ENC[AES256_GCM,data:a=,type:str]", "ENC[AES256_GCM,data:a=,type:str]"),
        ] {
            assert_eq!(string(text, Place::Block { column: 0 }, LAYOUT), want, "{text:?}");
        }
        assert_eq!(string("ENC[a,b]", Place::Flow, LAYOUT), "'ENC[a,b]'");
        assert_eq!(string("a\nb", Place::Line, LAYOUT), "\"a\\nb\"");
    }

    #[test]
    fn floats_print_as_go_prints_them() {
        for (float, want) in [
            (1.0, "1"),
            (0.1, "0.1"),
            (1e21, "1e+21"),
            (1e20, "100000000000000000000"),
            (1e-5, "1e-05"),
        ] {
            assert_eq!(float_text(float), want);
        }
    }
}
