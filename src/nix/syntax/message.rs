//! rnix's parse errors in words.

use rnix::{ParseError, SyntaxKind};

use super::SyntaxError;

/// The first error of a parse, as Nix would word it.
pub(super) fn describe(error: &ParseError, text: &str) -> SyntaxError {
    let span = |range: &rnix::TextRange| {
        let start = usize::from(range.start()).min(text.len());
        start..usize::from(range.end()).clamp(start, text.len())
    };
    let end = || {
        let last = text.trim_end().len();
        last..last
    };
    let seen = |range: &rnix::TextRange| {
        let token = text.get(span(range)).unwrap_or_default();
        let token = token.lines().next().unwrap_or_default().trim();
        let short: String = token.chars().take(32).collect();
        if short.is_empty() { "input".to_owned() } else { format!("`{short}`") }
    };
    match error {
        ParseError::Unexpected(range) | ParseError::UnexpectedExtra(range) => {
            // The range may be all of the rest; its first word is where the trouble begins.
            let mut span = span(range);
            let word = text[span.clone()].find(char::is_whitespace).unwrap_or(span.len());
            span.end = span.start + word;
            let range = rnix::TextRange::new(
                range.start(),
                u32::try_from(span.end).map_or(range.end(), Into::into),
            );
            SyntaxError::new(format!("unexpected {}", seen(&range)), span)
        }
        ParseError::UnexpectedWanted(_, range, wanted) => SyntaxError::new(
            format!("unexpected {}, expected {}", seen(range), any(wanted)),
            span(range),
        ),
        ParseError::UnexpectedDoubleBind(range) => {
            SyntaxError::new("a pattern can be named only once with `@`", span(range))
        }
        ParseError::UnexpectedEOF if text.trim().is_empty() => {
            SyntaxError::new("the file holds no expression", end())
        }
        ParseError::UnexpectedEOF => SyntaxError::new("unexpected end of file", end()),
        ParseError::UnexpectedEOFWanted(wanted) => {
            SyntaxError::new(format!("unexpected end of file, expected {}", any(wanted)), end())
        }
        ParseError::DuplicatedArgs(range, name) => {
            SyntaxError::new(format!("duplicate formal function argument `{name}`"), span(range))
        }
        ParseError::RecursionLimitExceeded => {
            SyntaxError::new("expression is nested too deeply", end())
        }
        _ => SyntaxError::new(error.to_string(), end()),
    }
}

fn any(kinds: &[SyntaxKind]) -> String {
    let words: Vec<&str> = kinds.iter().map(|kind| word(*kind)).collect();
    match words.as_slice() {
        [] => "an expression".to_owned(),
        [one] => (*one).to_owned(),
        [most @ .., last] => format!("{} or {last}", most.join(", ")),
    }
}

fn word(kind: SyntaxKind) -> &'static str {
    use SyntaxKind as K;
    match kind {
        K::TOKEN_ASSIGN => "`=`",
        K::TOKEN_AT => "`@`",
        K::TOKEN_COLON => "`:`",
        K::TOKEN_COMMA => "`,`",
        K::TOKEN_CUR_POS => "`__curPos`",
        K::TOKEN_DOT => "`.`",
        K::TOKEN_ELLIPSIS => "`...`",
        K::TOKEN_ELSE => "`else`",
        K::TOKEN_IDENT => "a name",
        K::TOKEN_IN => "`in`",
        K::TOKEN_INTERPOL_END | K::TOKEN_R_BRACE => "`}`",
        K::TOKEN_INTERPOL_START => "`${`",
        K::TOKEN_L_BRACE => "`{`",
        K::TOKEN_L_BRACK => "`[`",
        K::TOKEN_L_PAREN => "`(`",
        K::TOKEN_OR => "`or`",
        K::TOKEN_R_BRACK => "`]`",
        K::TOKEN_R_PAREN => "`)`",
        K::TOKEN_REC => "`rec`",
        K::TOKEN_SEMICOLON => "`;`",
        K::TOKEN_STRING_CONTENT => "text",
        K::TOKEN_STRING_END => "the end of the string",
        K::TOKEN_STRING_START => "a string",
        K::TOKEN_THEN => "`then`",
        _ => "something else",
    }
}
