//! Taking one top-level key out of a YAML document and putting it back.

use super::Yaml;
use super::emit::{self, Layout};
use super::lex::line_end;
use super::tree::Kind;
use super::view;
use crate::format::part::Part;
use crate::format::scalar::Value;
use crate::format::splice::Splice;

impl Yaml {
    /// How many documents the stream has.
    pub(in crate::format) fn documents(&self) -> usize {
        self.stream.docs.len()
    }

    /// The pair of top-level `key` in document `doc`, as lines of its own, or in braces where the
    /// top is a flow mapping.
    pub(in crate::format) fn part(&self, doc: usize, key: &str) -> Option<Part> {
        let text = self.text.as_str();
        let doc = self.stream.docs.get(doc)?;
        let Kind::Map { flow, pairs } = &self.stream.nodes[doc.root].kind else { return None };
        let is_it = |n: usize| view::key(&self.stream, n).is_ok_and(|name| name == key);
        let n = pairs.iter().position(|(name, _)| is_it(*name))?;
        let (name, value) = pairs[n];
        let begin = self.stream.nodes[name].start;
        let end = self.stream.nodes[value].span.end;
        if *flow {
            let cut = match (n.checked_sub(1), pairs.get(n + 1)) {
                (Some(before), _) => self.stream.nodes[pairs[before].1].span.end..end,
                (None, Some((after, _))) => begin..self.stream.nodes[*after].start,
                (None, None) => begin..end,
            };
            let body = format!("{{{}}}", &text[begin..end]).into_bytes();
            let braced = Some(begin..end);
            return Some(Part { cuts: vec![cut], text: body.into(), tail: false, braced });
        }
        let start = memchr::memrchr(b'\n', &text.as_bytes()[..begin]).map_or(0, |n| n + 1);
        let start = start.max(doc.span.start);
        let line = line_end(text.as_bytes(), end);
        let stop =
            memchr::memchr(b'\n', &text.as_bytes()[line..]).map_or(text.len(), |n| line + n + 1);
        let stop = stop.min(doc.span.end.max(line));
        let tail = text[stop..doc.span.end.max(stop)].trim().is_empty();
        let stop = if tail { doc.span.end.max(stop) } else { stop };
        let body = text.as_bytes()[start..stop].to_vec();
        let cut = start..stop;
        Some(Part { cuts: Vec::from([cut]), text: body.into(), tail, braced: None })
    }

    /// Puts a part back into document `doc`: behind all there is, or behind its last pair.
    pub(in crate::format) fn paste(&self, doc: usize, part: &[u8], tail: bool) -> Option<Splice> {
        let text = self.text.as_str();
        let newline = if text.contains("\r\n") { "\r\n" } else { "\n" };
        let Some(doc) = self.stream.docs.get(doc) else {
            // Nothing but comments, or nothing at all.
            return (doc == 0).then(|| self.lines_at(text.len(), part, newline));
        };
        match &self.stream.nodes[doc.root].kind {
            Kind::Map { flow: true, pairs } => {
                let root = &self.stream.nodes[doc.root].span;
                let body = match part.strip_prefix(b"{").and_then(|part| part.strip_suffix(b"}")) {
                    Some(body) => body.to_vec(),
                    None if pairs.is_empty() => {
                        return Some(Splice::new(root.clone(), part.trim_ascii_end()));
                    }
                    None => in_flow(part)?.into_bytes(),
                };
                Some(match pairs.last() {
                    Some((_, last)) => {
                        let at = self.stream.nodes[*last].span.end;
                        Splice::new(at..at, [b", ", &body[..]].concat())
                    }
                    None => Splice::new(root.start + 1..root.start + 1, body),
                })
            }
            Kind::Map { flow: false, pairs } if !tail => {
                let (_, last) = pairs.last()?;
                let line = line_end(text.as_bytes(), self.stream.nodes[*last].span.end);
                let at = memchr::memchr(b'\n', &text.as_bytes()[line..])
                    .map_or(text.len(), |n| line + n + 1);
                Some(self.lines_at(at, part, newline))
            }
            _ => Some(self.lines_at(doc.span.end, part, newline)),
        }
    }

    fn lines_at(&self, at: usize, part: &[u8], newline: &str) -> Splice {
        let before = &self.text[..at];
        let mut body = Vec::with_capacity(part.len() + 4);
        if !before.is_empty() && !before.ends_with('\n') {
            body.extend_from_slice(newline.as_bytes());
        }
        body.extend_from_slice(part);
        if at < self.text.len() && !body.ends_with(b"\n") {
            body.extend_from_slice(newline.as_bytes());
        }
        Splice::new(at..at, body)
    }

    /// Where the `-` of list item `site` stands, if it has one.
    pub(in crate::format) fn dash(&self, site: &crate::format::tree::Site) -> Option<usize> {
        use super::lex::Kind as Token;
        let start = self.stream.nodes.get(site.id)?.start;
        let tokens = &self.stream.tokens;
        let at = tokens.partition_point(|token| token.span.start < start);
        let token = tokens[..at].iter().rev().find(|token| token.kind != Token::Comment)?;
        (token.kind == Token::BlockEntry).then_some(token.span.start)
    }
}

/// The pairs of a block text as they are written inside braces.
fn in_flow(part: &[u8]) -> Option<String> {
    let values = Yaml::parse(part).ok()?.tree().ok()?.to_values();
    let Some(Value::Map(pairs)) = values.first() else { return None };
    let layout = Layout { step: 4, newline: "\n" };
    let pairs = pairs.iter().map(|(key, value)| emit::flow_pair(key, value, layout));
    Some(pairs.collect::<Vec<_>>().join(", "))
}
