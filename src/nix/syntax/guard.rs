//! Looks at a text before rnix does and refuses what its recursive parser, or the walk over the tree it makes,
//! could not take in bounded stack and time. Every text that people write passes.

use std::ops::Range;

use super::SyntaxError;
use crate::nix::memory;

/// Larger files are not Nix code that anyone wrote.
const MAX_BYTES: usize = 64 << 20;
/// Tokens that may nest into each other: open brackets, and the operands of one run of operators.
const MAX_NESTING: usize = 20_000;
/// The same on a stack of unknown depth.
const MAX_NESTING_SHALLOW: usize = 1_000;
/// A text shorter than this nests no deeper than a deep stack takes.
const UNCHECKED: usize = 64 << 10;
/// rnix looks ahead over a run of path characters at each token in it, so a long run costs its square.
const MAX_RUN: usize = 1 << 14;

/// Checks size and nesting of `text`.
pub(super) fn check(text: &str) -> Result<(), SyntaxError> {
    if text.len() > MAX_BYTES {
        return Err(SyntaxError::new(format!("file is larger than {MAX_BYTES} bytes"), 0..0));
    }
    if let Some(at) = memchr::memchr(0, text.as_bytes()) {
        return Err(SyntaxError::new("the file holds a NUL byte", at..at + 1));
    }
    check_runs(text)?;
    check_nesting(text)
}

fn check_runs(text: &str) -> Result<(), SyntaxError> {
    let is_path = |byte: u8| byte.is_ascii_alphanumeric() || b"_.+-".contains(&byte);
    let mut start = 0;
    let mut long = false;
    for (at, byte) in text.bytes().enumerate() {
        if !is_path(byte) {
            start = at + 1;
        } else if at - start >= MAX_RUN {
            long = true;
            break;
        }
    }
    if !long {
        return Ok(());
    }
    // Rare: find out whether the run is code, or the inside of a string or comment, which is harmless.
    let mut at = 0;
    let mut work = 0;
    for (_, token) in rnix::tokenize(text) {
        work += text.as_bytes()[at..].iter().take_while(|byte| is_path(**byte)).count();
        if work > 256 * MAX_RUN + 16 * text.len() && token.len() < MAX_RUN {
            return Err(SyntaxError::new("run of characters is too long", at..at + token.len()));
        }
        at += token.len();
    }
    Ok(())
}

fn check_nesting(text: &str) -> Result<(), SyntaxError> {
    use rnix::SyntaxKind as K;
    // The most that can be nested is the number of brackets open plus, in each, the tokens of the expression
    // so far. Items of a list stand side by side.
    let deep = memory::stack_is_deep();
    let (most, unchecked) =
        if deep { (MAX_NESTING, UNCHECKED) } else { (MAX_NESTING_SHALLOW, MAX_NESTING_SHALLOW) };
    if text.len() <= unchecked {
        return Ok(());
    }
    let mut levels: Vec<(bool, usize)> = vec![(false, 0)];
    let mut total = 0;
    let mut at = 0;
    for (kind, token) in rnix::tokenize(text) {
        let span: Range<usize> = at..at + token.len();
        at = span.end;
        match kind {
            K::TOKEN_WHITESPACE | K::TOKEN_COMMENT | K::TOKEN_STRING_CONTENT => continue,
            K::TOKEN_L_BRACE
            | K::TOKEN_L_PAREN
            | K::TOKEN_L_BRACK
            | K::TOKEN_INTERPOL_START
            | K::TOKEN_STRING_START => {
                levels.push((matches!(kind, K::TOKEN_L_BRACK | K::TOKEN_STRING_START), 1));
                total += 1;
            }
            K::TOKEN_R_BRACE
            | K::TOKEN_R_PAREN
            | K::TOKEN_R_BRACK
            | K::TOKEN_INTERPOL_END
            | K::TOKEN_STRING_END
                if levels.len() > 1 =>
            {
                total -= levels.pop().map_or(0, |(_, tokens)| tokens);
            }
            // Inside braces a `;` ends the expression, inside parentheses it does not (`with a; b`).
            K::TOKEN_SEMICOLON | K::TOKEN_COMMA => {
                let Some((_, tokens)) = levels.last_mut() else { continue };
                total -= tokens.saturating_sub(1);
                *tokens = (*tokens).min(1);
            }
            _ => {
                let Some((list, tokens)) = levels.last_mut() else { continue };
                if !*list {
                    *tokens += 1;
                    total += 1;
                }
            }
        }
        if total > most {
            return Err(SyntaxError::new("expression is nested too deeply", span));
        }
    }
    Ok(())
}
