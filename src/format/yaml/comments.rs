//! Gives each comment to a node as yaml.v3 does (before it, on its line, after it), because sops
//! binds an encrypted comment to the mapping it finds it in. Works on the tokens of the text and
//! refuses to look at values. The rules are those of `go.yaml.in/yaml/v3` 3.0.4, with its quirks:
//! how a comment falls depends on blank lines, columns and the token before it.

use std::ops::Range;

use super::lex::{Kind, Token, line_end};
use super::tree::{Kind as NodeKind, Stream};

/// Lines of comment text (each from its `#` to the end of line), `None` for an empty line.
pub(super) type Block = Vec<Option<Range<usize>>>;

/// The comments of one node.
#[derive(Clone, Debug, Default)]
pub(super) struct Attached {
    pub(super) head: Block,
    pub(super) line: Block,
    pub(super) foot: Block,
}

/// The comments of each node (by number) and of each document.
pub(super) struct Comments {
    pub(super) nodes: Vec<Attached>,
    pub(super) docs: Vec<Attached>,
}

/// Attaches all comments of `stream`.
pub(super) fn attach(text: &str, stream: &Stream) -> Comments {
    let empty = || Comments {
        nodes: vec![Attached::default(); stream.nodes.len()],
        docs: vec![Attached::default(); stream.docs.len()],
    };
    if memchr::memchr(b'#', text.as_bytes()).is_none() {
        return empty();
    }
    let (marks, notes) = Scan::new(text, stream).run();
    let mut walk = Walk {
        stream,
        marks,
        notes,
        at: 0,
        note: 0,
        head: Block::new(),
        line: Block::new(),
        foot: Block::new(),
        stem: None,
        out: empty(),
    };
    walk.documents();
    walk.out
}

/// What the scanner of yaml.v3 sees: tokens as here, plus those that indentation implies.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Mark {
    BlockEnd,
    MapStart,
    SeqStart,
    StreamEnd,
    StreamStart,
    /// The key of a pair, written with `?` or not.
    Key,
    Token(Kind),
}

/// A comment as scanned: it belongs to the first token at or behind `token`.
#[derive(Debug, Default)]
struct Note {
    token: isize,
    scan: isize,
    start: isize,
    start_column: usize,
    end: isize,
    head: Block,
    line: Block,
    foot: Block,
}

struct Scan<'t> {
    bytes: &'t [u8],
    stream: &'t Stream,
    line_starts: Vec<usize>,
    marks: Vec<(Mark, isize)>,
    notes: Vec<Note>,
    /// Column of the open block collection, -1 outside all.
    indent: isize,
    indents: Vec<isize>,
    flow: usize,
    /// Starts of keys that have no `?`, by position: is it in a block mapping?
    keys: Vec<(usize, bool)>,
}

impl<'t> Scan<'t> {
    fn new(text: &'t str, stream: &'t Stream) -> Self {
        let bytes = text.as_bytes();
        let mut line_starts = vec![0];
        line_starts.extend(memchr::memchr_iter(b'\n', bytes).map(|n| n + 1));
        let mut keys = Vec::new();
        for node in &stream.nodes {
            if let NodeKind::Map { flow, pairs } = &node.kind {
                keys.extend(pairs.iter().map(|(key, _)| (stream.nodes[*key].start, !*flow)));
            }
        }
        keys.sort_unstable();
        keys.dedup_by_key(|(start, _)| *start);
        Self {
            bytes,
            stream,
            line_starts,
            marks: vec![(Mark::StreamStart, 0)],
            notes: Vec::new(),
            indent: -1,
            indents: Vec::new(),
            flow: 0,
            keys,
        }
    }

    fn run(mut self) -> (Vec<(Mark, isize)>, Vec<Note>) {
        // Where the scanner stands; behind a plain or block scalar it has eaten white space.
        let mut at = if self.bytes.starts_with("\u{feff}".as_bytes()) { 3 } else { 0 };
        let stream = self.stream;
        let mut explicit_key = false;
        let mut tokens = stream.tokens.iter().filter(|t| t.kind != Kind::Comment).peekable();
        loop {
            let scan = at;
            at = self.next_token(at);
            let next = tokens.next();
            let column = self.column(at) as isize;
            match next {
                None => {
                    self.unroll(column, scan);
                    self.unroll(-1, at);
                    self.marks.push((Mark::StreamEnd, at as isize));
                    return (self.marks, self.notes);
                }
                Some(token)
                    if matches!(
                        token.kind,
                        Kind::Directive | Kind::DocumentStart | Kind::DocumentEnd
                    ) =>
                {
                    self.unroll(column, scan);
                    self.unroll(-1, at);
                    self.marks.push((Mark::Token(token.kind), at as isize));
                    at = token.span.end;
                    if token.kind == Kind::Directive {
                        // The rest of the line, comment included, is eaten with it.
                        at = self.bytes.len().min(line_end(self.bytes, at) + 1);
                    }
                }
                Some(token) => {
                    self.unroll(column, scan);
                    let last = self.marks[self.marks.len() - 1].1;
                    let joins = self.flow == 0 && token.kind == Kind::Value
                        || self.flow > 0 && token.kind == Kind::FlowEntry;
                    let owner = if joins { last } else { at as isize };
                    self.push(token, column, &mut explicit_key);
                    at = token.span.end;
                    if let Kind::Scalar { block, node } = token.kind {
                        if block {
                            self.header_comment(token);
                        }
                        if block || self.is_plain(node) {
                            at = self.skip_white(at);
                        }
                    }
                    if token.kind != Kind::BlockEntry {
                        at = self.line_comment(at, owner);
                    }
                }
            }
        }
    }

    fn is_plain(&self, node: usize) -> bool {
        use super::events::Style;
        matches!(self.stream.nodes[node].kind, NodeKind::Scalar { style: Style::Plain, .. })
    }

    /// Adds the token and those it implies.
    fn push(&mut self, token: &Token, column: isize, explicit_key: &mut bool) {
        let at = token.span.start as isize;
        let key = self.keys.binary_search_by_key(&token.span.start, |(start, _)| *start).ok();
        if let (Some(key), false, true) =
            (key, *explicit_key, token.kind != Kind::Key && token.kind != Kind::Value)
        {
            if self.keys[key].1 && self.flow == 0 {
                self.roll(column, Mark::MapStart, at);
            }
            self.marks.push((Mark::Key, at));
        }
        *explicit_key = false;
        match token.kind {
            Kind::BlockEntry => self.roll(column, Mark::SeqStart, at),
            Kind::Key => {
                if self.flow == 0 {
                    self.roll(column, Mark::MapStart, at);
                }
                *explicit_key = true;
                self.marks.push((Mark::Key, at));
                return;
            }
            Kind::Value if key.is_some() && self.flow == 0 => self.roll(column, Mark::MapStart, at),
            Kind::FlowMapStart | Kind::FlowSeqStart => self.flow += 1,
            Kind::FlowMapEnd | Kind::FlowSeqEnd => self.flow = self.flow.saturating_sub(1),
            _ => {}
        }
        self.marks.push((Mark::Token(token.kind), at));
    }

    fn roll(&mut self, column: isize, mark: Mark, at: isize) {
        if self.indent < column {
            self.indents.push(self.indent);
            self.indent = column;
            self.marks.push((mark, at));
        }
    }

    /// Ends the blocks deeper than `column`. Their end is put before comments that stand at the
    /// block's own column, so that those become comments of what follows.
    fn unroll(&mut self, column: isize, scan: usize) {
        if self.flow > 0 && column >= 0 {
            return;
        }
        let mut block = scan as isize - 1;
        while self.indent > column {
            let mut stop = block;
            for note in self.notes.iter().rev() {
                if note.end < stop {
                    break;
                }
                if note.start_column as isize == self.indent + 1 {
                    block = note.start;
                }
                stop = note.scan;
            }
            self.marks.push((Mark::BlockEnd, block));
            self.indent = self.indents.pop().unwrap_or(-1);
        }
    }

    /// A comment behind a block scalar's header.
    fn header_comment(&mut self, token: &Token) {
        let end = line_end(self.bytes, token.span.start);
        if let Some(n) = memchr::memchr(b'#', &self.bytes[token.span.start..end]) {
            let start = token.span.start + n;
            self.notes.push(Note {
                token: token.span.start as isize,
                start: start as isize,
                line: vec![Some(start..end)],
                ..Note::default()
            });
        }
    }

    /// A comment on the line of the token just read, for the token at `owner`.
    fn line_comment(&mut self, at: usize, owner: isize) -> usize {
        if self.newlines(at) > 0 {
            return at;
        }
        let mut start = at;
        while self.bytes.get(start).is_some_and(|b| matches!(b, b' ' | b'\t')) {
            start += 1;
        }
        if self.bytes.get(start) != Some(&b'#') || start - at >= 512 {
            return at;
        }
        let end = line_end(self.bytes, start);
        self.notes.push(Note {
            token: owner,
            start: start as isize,
            line: vec![Some(start..end)],
            ..Note::default()
        });
        end
    }

    fn next_token(&mut self, from: usize) -> usize {
        let mut at = from;
        loop {
            while self.bytes.get(at).is_some_and(|b| matches!(b, b' ' | b'\t')) {
                at += 1;
            }
            if self.bytes[at..].starts_with("\u{feff}".as_bytes()) {
                at += 3;
                continue;
            }
            if self.bytes.get(at) == Some(&b'#') {
                at = self.comments(at, from);
            }
            match self.bytes.get(at) {
                Some(b'\n' | b'\r') => at += 1,
                _ => return at,
            }
        }
    }

    /// Comment lines from the `#` at `at` on; returns the end of the last one.
    fn comments(&mut self, mut at: usize, from: usize) -> usize {
        let last = self.marks.len() - 1;
        let token = match self.marks[last] {
            (Mark::Token(Kind::FlowEntry), _) if last > 0 => self.marks[last - 1],
            token => token,
        };
        let next_indent = self.indent.max(0) as usize;
        let newlines = self.newlines(at);
        let first = newlines <= 1;
        let mut first_empty = first;
        let mut recent_empty = false;
        let mut scan = from as isize;
        let mut owner = token.1;
        let mut line = self.line(at);
        let mut column = self.column(at);
        let mut start = (0isize, 0usize, 0usize);
        let mut text = Block::new();
        let mut foot_line = -1isize;
        if self.line(from) > 0 {
            foot_line = line as isize - newlines as isize + 1;
            if newlines == 0 && column > 1 {
                foot_line += 1;
            }
        }
        let mut peek = 0;
        while peek < 512 {
            let here = at + peek;
            column += 1;
            peek += 1;
            let byte = self.bytes.get(here).copied().unwrap_or(0);
            if matches!(byte, b' ' | b'\t') {
                continue;
            }
            let closes = self.flow > 0 && matches!(byte, b']' | b'}');
            if closes || matches!(byte, b'\n' | b'\r' | 0) {
                if closes || !recent_empty {
                    let near = start.1 as isize == foot_line && token.0 != Mark::Token(Kind::Value);
                    let dedented = start.2 < next_indent + 1;
                    if closes || first_empty && (near || dedented) {
                        if !text.is_empty() {
                            if dedented {
                                owner = start.0;
                            }
                            self.foot(scan, owner, start, here, std::mem::take(&mut text));
                            scan = here as isize;
                            owner = scan;
                        }
                    } else if !text.is_empty() && byte != 0 {
                        text.push(None);
                    }
                }
                if !matches!(byte, b'\n' | b'\r') {
                    break;
                }
                first_empty = false;
                recent_empty = true;
                column = 0;
                line += 1;
                continue;
            }
            if !text.is_empty() && column < next_indent + 1 && column != start.2 {
                self.foot(scan, owner, start, here, std::mem::take(&mut text));
                scan = here as isize;
                owner = scan;
            }
            if byte != b'#' {
                break;
            }
            if text.is_empty() {
                start = (here as isize, line, column);
            }
            recent_empty = false;
            let end = line_end(self.bytes, here);
            text.push(Some(here..end));
            at = end;
            // The break itself is passed over; of a CRLF only the CR, so the LF counts as empty line.
            peek = 1;
            column = 0;
            line = self.line(at);
            // The empty line of a break just passed is not seen, so lines count from the next.
            line += usize::from(at < self.bytes.len());
            if self.bytes.get(at) == Some(&b'\r') {
                line -= 1;
            }
        }
        if !text.is_empty() {
            self.notes.push(Note {
                scan,
                token: start.0,
                start: start.0,
                start_column: start.2,
                end: (at + peek) as isize - 1,
                head: text,
                ..Note::default()
            });
        }
        at
    }

    fn foot(
        &mut self,
        scan: isize,
        token: isize,
        start: (isize, usize, usize),
        end: usize,
        text: Block,
    ) {
        self.notes.push(Note {
            scan,
            token,
            start: start.0,
            start_column: start.2,
            end: end as isize,
            foot: text,
            ..Note::default()
        });
    }

    fn skip_white(&self, mut at: usize) -> usize {
        while self.bytes.get(at).is_some_and(|b| matches!(b, b' ' | b'\t' | b'\n' | b'\r')) {
            at += 1;
        }
        at
    }

    /// Line breaks in the white space right before `at`.
    fn newlines(&self, at: usize) -> usize {
        self.bytes[..at]
            .iter()
            .rev()
            .take_while(|b| matches!(b, b' ' | b'\t' | b'\n' | b'\r'))
            .filter(|b| **b == b'\n')
            .count()
    }

    fn line(&self, at: usize) -> usize {
        self.line_starts.partition_point(|start| *start <= at) - 1
    }

    fn column(&self, at: usize) -> usize {
        let start = self.line_starts[self.line(at)];
        let line = &self.bytes[start..at];
        let bom = if start == 0 && line.starts_with("\u{feff}".as_bytes()) { 3 } else { 0 };
        line[bom..].iter().filter(|b| **b & 0xc0 != 0x80).count()
    }
}

/// Walks the nodes along the marks, as the parser of yaml.v3 does, handing out comments.
struct Walk<'t> {
    stream: &'t Stream,
    marks: Vec<(Mark, isize)>,
    notes: Vec<Note>,
    at: usize,
    note: usize,
    head: Block,
    line: Block,
    foot: Block,
    stem: Option<Block>,
    out: Comments,
}

impl Walk<'_> {
    /// The mark at hand; comments up to it are now waiting to be taken.
    fn peek(&mut self) -> Mark {
        let (mark, position) = self.marks[self.at.min(self.marks.len() - 1)];
        while let Some(note) = self.notes.get_mut(self.note) {
            if position < note.token || !note.head.is_empty() && mark == Mark::BlockEnd {
                break;
            }
            for (into, from) in [
                (&mut self.head, &mut note.head),
                (&mut self.foot, &mut note.foot),
                (&mut self.line, &mut note.line),
            ] {
                into.append(from);
            }
            self.note += 1;
        }
        mark
    }

    fn skip(&mut self) {
        self.at += 1;
    }

    fn take(&mut self) -> Attached {
        self.stem = None;
        Attached {
            head: std::mem::take(&mut self.head),
            line: std::mem::take(&mut self.line),
            foot: std::mem::take(&mut self.foot),
        }
    }

    fn documents(&mut self) {
        self.peek();
        self.skip();
        for doc in 0..self.stream.docs.len() {
            if doc > 0 {
                while self.peek() == Mark::Token(Kind::DocumentEnd) {
                    self.skip();
                }
            }
            let root = self.stream.docs[doc].root;
            let mut explicit = false;
            while matches!(self.peek(), Mark::Token(Kind::Directive)) {
                explicit = true;
                self.skip();
            }
            if self.peek() == Mark::Token(Kind::DocumentStart) {
                explicit = true;
                self.skip();
            }
            if explicit {
                let ends = matches!(
                    self.peek(),
                    Mark::Token(Kind::Directive | Kind::DocumentStart | Kind::DocumentEnd)
                        | Mark::StreamEnd
                );
                if !ends {
                    self.node(root);
                }
            } else {
                self.out.docs[doc].head = self.header();
                self.node(root);
            }
            if self.peek() == Mark::Token(Kind::DocumentEnd) {
                self.skip();
            }
            let mut end = self.take();
            if end.foot.is_empty() {
                std::mem::swap(&mut end.foot, &mut end.head);
            }
            self.out.docs[doc].foot = end.foot;
        }
    }

    /// What stands before the last empty line of a leading comment is the document's.
    fn header(&mut self) -> Block {
        let Some(blank) = self.head.iter().rposition(Option::is_none).filter(|n| *n > 0) else {
            return Block::new();
        };
        let rest = self.head.split_off(blank + 1);
        let mut header = std::mem::replace(&mut self.head, rest);
        header.pop();
        header
    }

    fn node(&mut self, n: usize) {
        let mut mark = self.peek();
        if mark == Mark::Token(Kind::Alias) {
            self.out.nodes[n] = self.take();
            self.skip();
            return;
        }
        while matches!(mark, Mark::Token(Kind::Anchor | Kind::Tag)) {
            self.skip();
            mark = self.peek();
        }
        match mark {
            Mark::Token(Kind::BlockEntry) => {
                // A sequence at the column of its key opens no block of its own.
                self.sequence(n, false);
            }
            Mark::Token(Kind::Scalar { .. }) => {
                self.out.nodes[n] = self.take();
                self.skip();
            }
            Mark::Token(Kind::FlowSeqStart) => {
                self.out.nodes[n] = self.take();
                self.skip();
                self.flow_sequence(n);
            }
            Mark::Token(Kind::FlowMapStart) => {
                self.out.nodes[n] = self.take();
                self.skip();
                self.flow_mapping(n);
            }
            Mark::SeqStart => {
                self.out.nodes[n].head = self.stem.take().unwrap_or_default();
                self.skip();
                self.sequence(n, true);
            }
            Mark::MapStart => {
                self.out.nodes[n].head = self.stem.take().unwrap_or_default();
                self.skip();
                self.mapping(n);
            }
            // A property without content, or a text this walk does not follow: no comments.
            _ => {}
        }
    }

    fn sequence(&mut self, n: usize, block: bool) {
        let NodeKind::Seq { items, .. } = &self.stream.nodes[n].kind else { return };
        for item in items {
            if self.peek() != Mark::Token(Kind::BlockEntry) {
                return;
            }
            let prior = self.head.len();
            self.skip();
            if prior > 0 && matches!(self.peek(), Mark::SeqStart | Mark::MapStart) {
                let rest = self.head.split_off(prior);
                self.stem = Some(std::mem::replace(&mut self.head, rest));
            }
            let ends = match self.peek() {
                Mark::Token(Kind::BlockEntry) | Mark::BlockEnd => true,
                Mark::Key | Mark::Token(Kind::Value) => !block,
                _ => false,
            };
            if !ends {
                self.node(*item);
            }
        }
        if block && self.peek() == Mark::BlockEnd {
            self.skip();
        }
        if !block {
            self.peek();
        }
        self.out.nodes[n].line = Block::new();
        self.out.nodes[n].foot = Block::new();
    }

    fn mapping(&mut self, n: usize) {
        let NodeKind::Map { pairs, .. } = &self.stream.nodes[n].kind else { return };
        let after = |mark| matches!(mark, Mark::Key | Mark::BlockEnd | Mark::Token(Kind::Value));
        let mut previous: Option<usize> = None;
        for (key, value) in pairs {
            if self.peek() == Mark::Key {
                self.skip();
                if !after(self.peek()) {
                    self.node(*key);
                }
            }
            if let Some(previous) = previous.filter(|_| !self.out.nodes[*key].foot.is_empty()) {
                self.out.nodes[previous].foot = std::mem::take(&mut self.out.nodes[*key].foot);
            }
            if self.peek() == Mark::Token(Kind::Value) {
                self.skip();
                if !after(self.peek()) {
                    self.node(*value);
                }
            }
            self.lift_foot(*key, *value);
            previous = Some(*key);
        }
        self.peek();
        let end = self.take();
        if self.marks.get(self.at).is_some_and(|(mark, _)| *mark == Mark::BlockEnd) {
            self.skip();
        }
        self.out.nodes[n].line = end.line;
        self.out.nodes[n].foot = Block::new();
        if !end.foot.is_empty() {
            match previous {
                Some(key) => self.out.nodes[key].foot = end.foot,
                None => self.out.nodes[n].foot = end.foot,
            }
        }
    }

    fn lift_foot(&mut self, key: usize, value: usize) {
        if self.out.nodes[key].foot.is_empty() && !self.out.nodes[value].foot.is_empty() {
            self.out.nodes[key].foot = std::mem::take(&mut self.out.nodes[value].foot);
        }
    }

    fn flow_sequence(&mut self, n: usize) {
        let NodeKind::Seq { items, .. } = &self.stream.nodes[n].kind else { return };
        for item in items {
            if self.peek() == Mark::Token(Kind::FlowEntry) {
                self.skip();
            }
            if self.peek() == Mark::Key {
                // A pair that stands alone in a sequence is a mapping of its own.
                if let NodeKind::Map { pairs, .. } = &self.stream.nodes[*item].kind
                    && let [(key, value)] = pairs[..]
                    && self.stream.nodes[*item].props.anchor.is_none()
                {
                    self.skip();
                    self.flow_pair(key, value);
                    self.peek();
                    self.lift_foot(key, value);
                    continue;
                }
            }
            self.node(*item);
        }
        self.end_flow(n);
    }

    fn flow_mapping(&mut self, n: usize) {
        let NodeKind::Map { pairs, .. } = &self.stream.nodes[n].kind else { return };
        for (key, value) in pairs {
            if self.peek() == Mark::Token(Kind::FlowEntry) {
                self.skip();
            }
            if self.peek() == Mark::Key {
                self.skip();
            }
            self.flow_pair(*key, *value);
            self.lift_foot(*key, *value);
        }
        self.end_flow(n);
    }

    fn flow_pair(&mut self, key: usize, value: usize) {
        let ends = |mark| {
            matches!(
                mark,
                Mark::Token(Kind::FlowEntry | Kind::FlowMapEnd | Kind::FlowSeqEnd | Kind::Value)
            )
        };
        if !ends(self.peek()) {
            self.node(key);
        }
        if self.peek() == Mark::Token(Kind::Value) {
            self.skip();
            if !ends(self.peek()) {
                self.node(value);
            }
        }
    }

    fn end_flow(&mut self, n: usize) {
        if self.peek() == Mark::Token(Kind::FlowEntry) {
            self.skip();
            self.peek();
        }
        let end = self.take();
        self.skip();
        self.out.nodes[n].line = end.line;
        self.out.nodes[n].foot = end.foot;
    }
}
