//! Cuts a YAML text into tokens: the scalars, anchors, tags and aliases the events told of, and the
//! indicators and comments found between them. Together with white space they tile the text; a byte
//! that fits nowhere is an error, never skipped.

use std::ops::Range;

use crate::format::Format;
use crate::format::error::{FormatError, syntax};

/// What a token is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Kind {
    Alias,
    Anchor,
    /// `-`
    BlockEntry,
    /// Begins at `#`, ends before the line break.
    Comment,
    /// A `%` line.
    Directive,
    /// `...`
    DocumentEnd,
    /// `---`
    DocumentStart,
    /// `,`
    FlowEntry,
    /// `}`
    FlowMapEnd,
    /// `{`
    FlowMapStart,
    /// `]`
    FlowSeqEnd,
    /// `[`
    FlowSeqStart,
    /// `?`
    Key,
    /// Node number of the scalar.
    Scalar {
        block: bool,
        node: usize,
    },
    Tag,
    /// `:`
    Value,
}

#[derive(Clone, Debug)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) span: Range<usize>,
}

/// Cuts `text`. `atoms` are the tokens known from events, by start; the span of a block scalar is its
/// content, and comes back as the whole of it, from `|` or `>` to the end of its last line.
pub(super) fn cut(text: &str, atoms: &[Token]) -> Result<Vec<Token>, FormatError> {
    let bytes = text.as_bytes();
    let mut tokens = Vec::with_capacity(atoms.len() * 2);
    let mut atoms = atoms.iter().peekable();
    let mut at = 0;
    while at < bytes.len() {
        if let Some(atom) = atoms.peek().filter(|a| a.span.start == at && !is_block(a)) {
            tokens.push((*atom).clone());
            at = atom.span.end.max(at);
            atoms.next();
            continue;
        }
        let column_zero = at == 0 || bytes[at - 1] == b'\n' || bytes[at - 1] == b'\r';
        let (kind, len) = match bytes[at] {
            b' ' | b'\t' | b'\n' | b'\r' => {
                at += 1;
                continue;
            }
            b'#' => (Kind::Comment, line_end(bytes, at) - at),
            b'%' if column_zero => (Kind::Directive, line_end(bytes, at) - at),
            b'-' if column_zero && marker(bytes, at, b'-') => (Kind::DocumentStart, 3),
            b'.' if column_zero && marker(bytes, at, b'.') => (Kind::DocumentEnd, 3),
            b'-' => (Kind::BlockEntry, 1),
            b'?' => (Kind::Key, 1),
            b':' => (Kind::Value, 1),
            b',' => (Kind::FlowEntry, 1),
            b'[' => (Kind::FlowSeqStart, 1),
            b']' => (Kind::FlowSeqEnd, 1),
            b'{' => (Kind::FlowMapStart, 1),
            b'}' => (Kind::FlowMapEnd, 1),
            b'|' | b'>' => match atoms.next() {
                Some(atom) if is_block(atom) => {
                    let end = block_end(bytes, at, atom.span.end);
                    tokens.push(Token { kind: atom.kind, span: at..end });
                    at = end;
                    continue;
                }
                _ => return Err(stray(bytes, at)),
            },
            // A byte order mark may begin a later document.
            0xef if bytes[at..].starts_with("\u{feff}".as_bytes()) => {
                at += 3;
                continue;
            }
            _ => return Err(stray(bytes, at)),
        };
        tokens.push(Token { kind, span: at..at + len });
        at += len;
    }
    match atoms.next() {
        Some(atom) if !atom.span.is_empty() => Err(stray(bytes, atom.span.start)),
        _ => Ok(tokens),
    }
}

/// The end of the line that `at` is on, before its break.
pub(super) fn line_end(bytes: &[u8], at: usize) -> usize {
    let end = memchr::memchr(b'\n', &bytes[at..]).map_or(bytes.len(), |n| at + n);
    if end > at && bytes[end - 1] == b'\r' { end - 1 } else { end }
}

fn is_block(atom: &Token) -> bool {
    matches!(atom.kind, Kind::Scalar { block: true, .. })
}

fn marker(bytes: &[u8], at: usize, byte: u8) -> bool {
    bytes.len() >= at + 3
        && bytes[at..at + 3].iter().all(|b| *b == byte)
        && bytes.get(at + 3).is_none_or(|b| matches!(b, b' ' | b'\t' | b'\n' | b'\r'))
}

/// The end of the last line of a block scalar whose header is at `at` and whose content ends
/// somewhere before `content_end`. Trailing empty lines count only where `+` keeps them.
fn block_end(bytes: &[u8], at: usize, content_end: usize) -> usize {
    let header = line_end(bytes, at);
    let keep = bytes[at..header].iter().take_while(|b| **b != b'#').any(|b| *b == b'+');
    let mut end = content_end.min(bytes.len());
    if keep {
        // A keeping scalar owns every break but the last one, which ends its line.
        while end > header && matches!(bytes[end - 1], b' ' | b'\t') {
            end -= 1;
        }
        if end > header && bytes[end - 1] == b'\n' {
            end -= 1;
        }
        if end > header && bytes[end - 1] == b'\r' {
            end -= 1;
        }
    } else {
        while end > header && matches!(bytes[end - 1], b' ' | b'\t' | b'\n' | b'\r') {
            end -= 1;
        }
        // Blanks at the end of the last line are content.
        end = if end > header { line_end(bytes, end) } else { header };
    }
    end.max(header)
}

fn stray(bytes: &[u8], at: usize) -> FormatError {
    syntax(Format::Yaml, bytes, at, "a character that belongs to no token")
}
