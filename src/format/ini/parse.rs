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
    pub(super) parts: Vec<Range<usize>>,
    /// `;` or `#`, as it began.
    pub(super) mark: char,
    /// Does its first part stand behind a value?
    pub(super) inline: bool,
}

#[derive(Debug)]
pub(super) struct Pair {
    pub(super) key: String,
    pub(super) value: String,
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
    /// From its header to before the next one's.
    pub(super) span: Range<usize>,
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
    let at = if text.starts_with('\u{feff}') { 3 } else { 0 };
    let mut parser =
        Parser { text, at, gathered: String::new(), parts: Vec::new(), inline: false, count: 1 };
    let default =
        Section { name: "DEFAULT".into(), note: None, pairs: Vec::new(), span: at..at, end: at };
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
                parser.parts.push(start..start + body.trim_end().len());
            }
            Some('[') => {
                let close =
                    body.rfind(']').ok_or_else(|| parser.error(start, "a section without `]`"))?;
                let name = &body[1..close];
                if name.is_empty() {
                    return Err(parser.error(start, "a section without a name"));
                }
                if let Some(n) = body[close + 1..].find(['#', ';']) {
                    let from = start + close + 1 + n;
                    parser.inline_comment(from..start + body.trim_end().len());
                }
                let note = parser.note();
                if let Some(last) = sections.last_mut() {
                    last.span.end = line.start;
                }
                let (name, span) = (name.to_owned(), line.clone());
                sections.push(Section { name, note, pairs: Vec::new(), span, end: line.end });
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
    if let Some(last) = sections.last_mut() {
        last.span.end = text.len();
    }
    let loose = parser.note().into_iter().collect();
    Ok((text, sections, loose))
}

struct Parser<'t> {
    text: &'t str,
    at: usize,
    /// The comment text gathered so far, and where it stands.
    gathered: String,
    parts: Vec<Range<usize>>,
    inline: bool,
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

    fn inline_comment(&mut self, span: Range<usize>) {
        self.inline |= self.parts.is_empty();
        self.gathered.push_str(&self.text[span.clone()]);
        self.parts.push(span);
    }

    /// The comment gathered so far, as sops strips it.
    fn note(&mut self) -> Option<Note> {
        let gathered = std::mem::take(&mut self.gathered);
        let parts = std::mem::take(&mut self.parts);
        let inline = std::mem::take(&mut self.inline);
        let comment = gathered.trim();
        let mark = comment.chars().next()?;
        let text = comment.trim_start_matches([mark, ' ']).to_owned();
        Some(Note { text, parts, mark, inline })
    }

    fn pair(&mut self, start: usize, line: Range<usize>) -> Result<Pair, FormatError> {
        let body = &self.text[start..line.end];
        let (key, offset) = self.key(body).map_err(|message| self.error(start, message))?;
        let key = if key == "-" {
            self.count += 1;
            format!("#{}", self.count - 1)
        } else {
            key
        };
        if key.is_empty() {
            return Err(self.error(start, "a pair without a key"));
        }
        let (value, span) = self.value(start + offset, line.end)?;
        let note = self.note();
        Ok(Pair { key, value, span, line: line.start..self.at, note })
    }

    /// The key at the start of `body`, and the offset behind its delimiter.
    fn key(&self, body: &str) -> Result<(String, usize), &'static str> {
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
            return Ok((body[..end].trim().to_owned(), end + 1));
        }
        let from = quote.len();
        let close = from + body[from..].find(quote).ok_or("a key without closing quote")?;
        let rest = body.get(close + from..).ok_or("a key without closing quote")?;
        let delimiter = rest.find(DELIMITERS).ok_or("a line without `=`")?;
        Ok((body[from..close].trim().to_owned(), close + from + delimiter + 1))
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
            let after = stop + quote.len();
            if let Some(c) = self.text[stop..line.end].find(['#', ';']) {
                self.inline_comment(stop + c..stop + self.text[stop..line.end].trim_end().len());
            }
            return Ok((self.text[inner..stop].to_owned(), start..after));
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
