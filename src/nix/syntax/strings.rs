//! What a string literal means: escapes, and the indentation that `''` strings lose. Follows the lexer and
//! `stripIndentation` of C++ Nix (`libexpr/lexer.l`, `libexpr/parser-state.hh`) token by token, because the
//! rules are only exact there.

/// A piece between interpolations, or an interpolation itself (`None`), in order.
pub(super) type Piece<T> = Result<String, T>;

/// The value of the text of a `"…"` string: `\n`, `\r`, `\t`, `\x` for x, and line ends made `\n`.
pub(super) fn unescape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\\' => match chars.next() {
                Some('n') => out.push('\n'),
                Some('r') => out.push('\r'),
                Some('t') => out.push('\t'),
                Some(c) => out.push(c),
                None => {}
            },
            '\r' => {
                out.push('\n');
                chars.next_if_eq(&'\n');
            }
            c => out.push(c),
        }
    }
    out
}

/// The pieces of a `''…''` string without its indentation. `parts` are the raw texts and the interpolations.
pub(super) fn strip_indentation<T>(parts: Vec<Piece<T>>) -> Vec<Piece<T>> {
    let mut tokens = Vec::new();
    for (index, part) in parts.into_iter().enumerate() {
        match part {
            Ok(text) => {
                let text = if index == 0 { after_opening(&text) } else { &text };
                indented_tokens(text, &mut tokens);
            }
            Err(interpolation) => tokens.push(Token::Interpolation(interpolation)),
        }
    }
    let indent = common_indent(&tokens);
    let mut start_of_line = true;
    let mut dropped = 0;
    let count = tokens.len();
    let mut out: Vec<Piece<T>> = Vec::new();
    for (index, token) in tokens.into_iter().enumerate() {
        let text = match token {
            Token::Interpolation(interpolation) => {
                start_of_line = false;
                dropped = 0;
                out.push(Err(interpolation));
                continue;
            }
            Token::Text(text) | Token::Escape(text) => text,
        };
        let mut kept = String::with_capacity(text.len());
        for c in text.chars() {
            if start_of_line {
                if c == ' ' {
                    dropped += 1;
                    if dropped > indent {
                        kept.push(c);
                    }
                    continue;
                }
                dropped = 0;
                start_of_line = c == '\n';
            } else if c == '\n' {
                start_of_line = true;
            }
            kept.push(c);
        }
        // The last line is dropped if it is only spaces, usually those before the closing quotes.
        if index + 1 == count
            && let Some(newline) = kept.rfind('\n')
            && kept[newline + 1..].bytes().all(|byte| byte == b' ')
        {
            kept.truncate(newline + 1);
        }
        match out.last_mut() {
            Some(Ok(last)) => last.push_str(&kept),
            _ => out.push(Ok(kept)),
        }
    }
    out
}

enum Token<T> {
    /// Ordinary text, whose leading spaces count as indentation.
    Text(String),
    /// An escape or a lone quote or dollar: ends the indentation of its line.
    Escape(String),
    Interpolation(T),
}

/// Spaces and a newline right after the opening quotes belong to them.
fn after_opening(text: &str) -> &str {
    match text.trim_start_matches(' ').strip_prefix('\n') {
        Some(rest) => rest,
        None => text,
    }
}

fn indented_tokens<T>(text: &str, tokens: &mut Vec<Token<T>>) {
    let mut plain = String::new();
    let mut rest = text;
    let mut flush = |plain: &mut String, escape: Option<String>| {
        if !plain.is_empty() {
            tokens.push(Token::Text(std::mem::take(plain)));
        }
        tokens.extend(escape.map(Token::Escape));
    };
    while let Some(c) = rest.chars().next() {
        let mut after = rest[c.len_utf8()..].chars();
        let next = after.next();
        let third = after.next();
        let used = match (c, next, third) {
            ('\'', Some('\''), Some('$')) => {
                flush(&mut plain, Some("$".into()));
                3
            }
            ('\'', Some('\''), Some('\'')) => {
                flush(&mut plain, Some("''".into()));
                3
            }
            ('\'', Some('\''), Some('\\')) => {
                let escaped = rest[3..].chars().next();
                let length = escaped.map_or(0, char::len_utf8);
                flush(&mut plain, Some(unescape(&rest[2..3 + length])));
                3 + length
            }
            ('\'', Some('$') | None, _) | ('$', Some('\'' | '{') | None, _) => {
                flush(&mut plain, Some(c.into()));
                1
            }
            // `$x` and `'x` are one token, so the second cannot start another.
            ('$', Some(next), _) | ('\'', Some(next), _) if next != '\'' => {
                plain.push(c);
                plain.push(next);
                1 + next.len_utf8()
            }
            _ => {
                plain.push(c);
                c.len_utf8()
            }
        };
        rest = &rest[used..];
    }
    flush(&mut plain, None);
}

fn common_indent<T>(tokens: &[Token<T>]) -> usize {
    let mut start_of_line = true;
    let mut least = 1_000_000;
    let mut current = 0;
    for token in tokens {
        let Token::Text(text) = token else {
            if start_of_line {
                start_of_line = false;
                least = least.min(current);
            }
            continue;
        };
        for byte in text.bytes() {
            match byte {
                b' ' if start_of_line => current += 1,
                b'\n' => {
                    start_of_line = true;
                    current = 0;
                }
                _ if start_of_line => {
                    start_of_line = false;
                    least = least.min(current);
                }
                _ => {}
            }
        }
    }
    least
}
