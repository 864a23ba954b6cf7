//! A pattern in the syntax of the `regex` crate, for bytes.

use std::fmt::Write as _;

use super::bracket::ByteSet;
use super::parse::Node;

/// Writes `node` so that it can stand in a sequence.
pub(super) fn render(out: &mut String, node: &Node) {
    match node {
        Node::Begin => out.push_str(r"\A"),
        Node::End => out.push_str(r"\z"),
        Node::Either(first, second) => {
            out.push_str("(?:");
            render(out, first);
            out.push('|');
            render(out, second);
            out.push(')');
        }
        Node::Group(_, inner) => {
            out.push('(');
            render(out, inner);
            out.push(')');
        }
        Node::Repeat(inner, low, high) => {
            out.push_str("(?:");
            render(out, inner);
            out.push(')');
            let high = high.map_or(String::new(), |high| high.to_string());
            // Writing to a `String` cannot fail.
            let _ = write!(out, "{{{low},{high}}}");
        }
        Node::Sequence(nodes) => nodes.iter().for_each(|node| render(out, node)),
        Node::Set(set) => render_set(out, set),
    }
}

fn render_set(out: &mut String, set: &ByteSet) {
    let mut ranges: Vec<(u8, u8)> = Vec::new();
    for byte in (0..=u8::MAX).filter(|byte| set.contains(*byte)) {
        match ranges.last_mut() {
            Some((_, end)) if *end + 1 == byte => *end = byte,
            _ => ranges.push((byte, byte)),
        }
    }
    // Writing to a `String` cannot fail.
    let _ = match ranges.as_slice() {
        [] => write!(out, r"[^\x00-\xFF]"),
        [(byte, end)] if byte == end => write!(out, r"\x{byte:02X}"),
        ranges => {
            out.push('[');
            for (start, end) in ranges {
                let _ = write!(out, r"\x{start:02X}-\x{end:02X}");
            }
            write!(out, "]")
        }
    };
}
