//! Reads INI line by line the way ini.v1 does, keeping spans. Does not judge what a value means.

use std::collections::HashSet;
use std::ops::Range;

use crate::format::Format;
use crate::format::error::{FormatError, syntax};

/// A comment, gathered from one or more places.
#[derive(Debug, Default)]
pub(super) struct Note {
    /// As sops holds it: the marks of its first line stripped.
    pub(super) text: String,
    pub(super) parts: Vec<Part>,
    /// `;` or `#`, as it began.
    pub(super) mark: char,
    /// The start of the line it is bound to.
    pub(super) anchor: usize,
}

/// One place a comment stands at.
#[derive(Clone, Debug)]
pub(super) struct Part {
    pub(super) span: Range<usize>,
    pub(super) place: Place,
}

/// How a part of a comment shares its line.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Place {
    /// Behind a value or header.
    Behind,
    /// Not read at all: behind a header, or between a quoted key and the delimiter.
    Junk,
    Line,
}

impl Note {
    /// The part behind the value, if there is one.
    pub(super) fn behind(&self) -> Option<&Part> {
        self.parts.iter().find(|part| part.place == Place::Behind)
    }
}

#[derive(Debug)]
pub(super) struct Pair {
    pub(super) key: String,
    pub(super) value: String,
    /// From the name's end to the value: the delimiter and the blanks around it.
    pub(super) gap: Range<usize>,
    /// The value as written, quotes included.
    pub(super) span: Range<usize>,
    /// All its lines.
    pub(super) line: Range<usize>,
    pub(super) note: Option<Note>,
}

#[derive(Debug)]
pub(super) struct Section {
    pub(super) name: String,
    pub(super) note: Option<Note>,
    pub(super) pairs: Vec<Pair>,
    /// From its header, or the comment above it, to where the next section begins so.
    pub(super) span: Range<usize>,
    /// Behind its header.
    pub(super) body: usize,
    /// Behind its last pair, or its header: where a new pair goes.
    pub(super) end: usize,
}

impl Section {
    /// Its comments in the order of the tree.
    pub(super) fn notes(&self) -> Vec<&Note> {
        self.note.iter().chain(self.pairs.iter().filter_map(|pair| pair.note.as_ref())).collect()
    }
}

type Parsed<'t> = (&'t str, Vec<Section>, Vec<Note>);

pub(super) fn parse(bytes: &[u8]) -> Result<Parsed<'_>, FormatError> {
    let text = std::str::from_utf8(bytes)
        .map_err(|error| syntax(Format::Ini, bytes, error.valid_up_to(), "not UTF-8"))?;
    let at = start(text);
    let mut parser = Parser {
        text,
        at,
        gathered: String::new(),
        parts: Vec::new(),
        loose: Vec::new(),
        count: 1,
    };
    let default = Section {
        name: "DEFAULT".into(),
        note: None,
        pairs: Vec::new(),
        span: at..at,
        body: at,
        end: at,
    };
    let mut sections = vec![default];
    let mut seen = HashSet::new();
    while parser.at < text.len() {
        let line = parser.line();
        let body = text[line.clone()].trim_start();
        let start = line.end - body.len();
        match body.chars().next() {
            None => {}
            Some('#' | ';') => {
                parser.gathered.push_str(body);
                let span = start..start + body.trim_end().len();
                parser.parts.push(Part { span, place: Place::Line });
            }
            Some('[') => {
                let close =
                    body.rfind(']').ok_or_else(|| parser.error(start, "a section without `]`"))?;
                let name = &body[1..close];
                if name.is_empty() {
                    return Err(parser.error(start, "a section without a name"));
                }
                parser.behind(start + close + 1, line.clone());
                let note = parser.note(line.start);
                let begin = note.as_ref().map_or(line.start, |note| parser.begin(note));
                if let Some(last) = sections.last_mut() {
                    last.span.end = begin;
                }
                sections.push(Section {
                    name: name.to_owned(),
                    note,
                    pairs: Vec::new(),
                    span: begin..text.len(),
                    body: line.end,
                    end: line.end,
                });
                parser.count = 1;
                seen.clear();
            }
            Some(_) => {
                let pair = parser.pair(start, line)?;
                if !seen.insert(pair.key.clone()) {
                    return Err(FormatError::DuplicateKey { key: pair.key, offset: start });
                }
                if let Some(section) = sections.last_mut() {
                    section.end = pair.line.end;
                    section.pairs.push(pair);
                }
            }
        }
    }
    let trailing = parser.note(text.len());
    if let Some(last) = sections.last_mut() {
        last.span.end = trailing.as_ref().map_or(text.len(), |note| parser.begin(note));
    }
    let mut loose = parser.loose;
    loose.extend(trailing);
    Ok((text, sections, loose))
}

struct Parser<'t> {
    text: &'t str,
    at: usize,
    /// The comment text gathered so far, and where it stands.
    gathered: String,
    parts: Vec<Part>,
    /// Text that is not read.
    loose: Vec<Note>,
    count: usize,
}

impl<'t> Parser<'t> {
    fn error(&self, at: usize, message: &str) -> FormatError {
        syntax(Format::Ini, self.text.as_bytes(), at, message)
    }

    /// The next line, its break included.
    fn line(&mut self) -> Range<usize> {
        let start = self.at;
        self.at = self.text[start..].find('\n').map_or(self.text.len(), |n| start + n + 1);
        start..self.at
    }

    /// Reads what stands behind a header, from `from` to the end of `line`: a comment, and before it
    /// text that ini.v1 skips.
    fn behind(&mut self, from: usize, line: Range<usize>) {
        let end = line.start + self.text[line.clone()].trim_end().len();
        let comment = self.text[from..end].find(['#', ';']).map_or(end, |n| from + n);
        self.junk(from..comment, line.start);
        if comment < end {
            self.inline_comment(comment..end);
        }
    }

    fn inline_comment(&mut self, span: Range<usize>) {
        self.gathered.push_str(&self.text[span.clone()]);
        self.parts.push(Part { span, place: Place::Behind });
    }

    fn junk(&mut self, span: Range<usize>, anchor: usize) {
        let text = self.text[span.clone()].trim();
        if !text.is_empty() {
            let start = span.end - self.text[span].trim_start().len();
            let span = start..start + text.len();
            let parts = vec![Part { span, place: Place::Junk }];
            self.loose.push(Note { text: text.to_owned(), parts, mark: ';', anchor });
        }
    }

    /// The comment gathered so far, as sops strips it.
    fn note(&mut self, anchor: usize) -> Option<Note> {
        let gathered = std::mem::take(&mut self.gathered);
        let parts = std::mem::take(&mut self.parts);
        let comment = gathered.trim();
        let mark = comment.chars().next()?;
        let text = comment.trim_start_matches([mark, ' ']).to_owned();
        Some(Note { text, parts, mark, anchor })
    }

    /// Where the first line of a comment, or else what it is bound to, begins.
    fn begin(&self, note: &Note) -> usize {
        let first = note.parts.first().filter(|part| part.place == Place::Line);
        first.map_or(note.anchor, |part| line_start(self.text, part.span.start))
    }

    fn pair(&mut self, start: usize, line: Range<usize>) -> Result<Pair, FormatError> {
        let body = &self.text[start..line.end];
        let Key { name, end, junk, offset } =
            key(body).map_err(|message| self.error(start, message))?;
        let key = if name == "-" {
            self.count += 1;
            format!("#{}", self.count - 1)
        } else {
            name
        };
        if key.is_empty() {
            return Err(self.error(start, "a pair without a key"));
        }
        self.junk(start + junk.start..start + junk.end, line.start);
        let (value, span) = self.value(start + offset, line.end)?;
        let note = self.note(line.start);
        let gap = start + end..span.start;
        Ok(Pair { key, value, gap, span, line: line.start..self.at, note })
    }

    /// The value that begins at `from`, on a line that ends at `end`, and its span.
    fn value(&mut self, from: usize, end: usize) -> Result<(String, Range<usize>), FormatError> {
        let text = self.text;
        let body = text[from..end].trim_start();
        if body.is_empty() {
            // Right behind the delimiter, or behind the blank that follows it.
            let blank = text[from..end].starts_with(' ');
            let at = from + usize::from(blank);
            return Ok((String::new(), at..at));
        }
        let start = end - body.len();
        let quote = if body.len() > 3 && body.starts_with("\"\"\"") {
            "\"\"\""
        } else if body.starts_with('`') {
            "`"
        } else {
            ""
        };
        if !quote.is_empty() {
            let inner = start + quote.len();
            return match text[inner..end].rfind(quote) {
                Some(n) => {
                    let stop = start + body.trim_end().len();
                    Ok((
                        text[inner..inner + n].to_owned(),
                        start..stop.max(inner + n + quote.len()),
                    ))
                }
                None => self.lines_until(quote, inner, start),
            };
        }
        let trimmed = body.trim_end();
        if let Some(first) = trimmed.strip_suffix('\\') {
            return Ok(self.continued(first, start));
        }
        let mut value = trimmed;
        if let Some(n) = value.find(['#', ';']) {
            self.inline_comment(start + n..start + trimmed.len());
            value = value[..n].trim_end();
        }
        let span = start..start + value.len();
        for quote in ['\'', '"'] {
            if value.len() >= 2
                && value.starts_with(quote)
                && value[1..].find(quote) == Some(value.len() - 2)
            {
                return Ok((value[1..value.len() - 1].to_owned(), span));
            }
        }
        Ok((value.to_owned(), span))
    }

    /// A quoted value over several lines, whose text begins at `inner`.
    fn lines_until(
        &mut self,
        quote: &str,
        inner: usize,
        start: usize,
    ) -> Result<(String, Range<usize>), FormatError> {
        loop {
            let line = self.line();
            if line.is_empty() {
                return Err(self.error(start, "a value without closing quote"));
            }
            let body = &self.text[line.clone()];
            let Some(n) = body.rfind(quote) else { continue };
            let rest = body[n + quote.len()..].trim_end_matches(['\r', '\n']);
            if rest.trim().ends_with('\\') {
                continue;
            }
            let stop = line.start + n;
            // What ini.v1 skips behind the quote counts as part of the value, and goes with it.
            let line = line.start..line.start + body.trim_end().len();
            let mut end = line.end;
            if let Some(n) = self.text[stop..line.end].find(['#', ';']) {
                self.inline_comment(stop + n..line.end);
                end = stop + self.text[stop..stop + n].trim_end().len();
            }
            return Ok((self.text[inner..stop].to_owned(), start..end));
        }
    }

    /// A value continued by `\` at line ends.
    fn continued(&mut self, first: &str, start: usize) -> (String, Range<usize>) {
        let mut value = first.to_owned();
        let mut end = self.at;
        while self.at < self.text.len() {
            let line = self.line();
            let next = self.text[line.clone()].trim();
            if next.is_empty() {
                break;
            }
            end = line.end;
            value.push_str(next);
            if !value.ends_with('\\') {
                break;
            }
            value.pop();
        }
        let stop = start + self.text[start..end].trim_end().len();
        (value, start..stop)
    }
}

/// A key as it was found on its line.
struct Key {
    name: String,
    /// Behind the name and its quote.
    end: usize,
    /// Text between the quote and the delimiter, which ini.v1 skips.
    junk: Range<usize>,
    /// Behind the delimiter.
    offset: usize,
}

/// The key at the start of `body` (`readKeyName`).
fn key(body: &str) -> Result<Key, &'static str> {
    const DELIMITERS: [char; 2] = ['=', ':'];
    let quote = if body.starts_with("\"\"\"") && body.len() > 6 {
        "\"\"\""
    } else if body.starts_with('"') {
        "\""
    } else if body.starts_with('`') {
        "`"
    } else {
        ""
    };
    if quote.is_empty() {
        let end = body.find(DELIMITERS).ok_or("a line without `=`")?;
        if end == 0 {
            return Err("a pair without a key");
        }
        let name = body[..end].trim();
        return Ok(Key { name: name.to_owned(), end: name.len(), junk: end..end, offset: end + 1 });
    }
    let from = quote.len();
    let close = from + body[from..].find(quote).ok_or("a key without closing quote")?;
    let end = close + from;
    let rest = body.get(end..).ok_or("a key without closing quote")?;
    let delimiter = end + rest.find(DELIMITERS).ok_or("a line without `=`")?;
    let name = body[from..close].trim().to_owned();
    Ok(Key { name, end, junk: end..delimiter, offset: delimiter + 1 })
}

/// Where the line that holds `at` begins.
pub(super) fn line_start(text: &str, at: usize) -> usize {
    text[..at].rfind('\n').map_or(start(text), |newline| newline + 1)
}

/// Where the text begins, behind a byte order mark.
pub(super) fn start(text: &str) -> usize {
    if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 }
}
