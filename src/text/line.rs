//! From byte offsets to the line and column a person reads. Lines end at `\n` only, as editors, git
//! and Nix count them; a `\r` before it belongs to the line.

use std::fmt;
use std::ops::Range;

use super::Span;

/// A place in a text, both numbers from 1; the column counts characters.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Position {
    pub line: usize,
    pub column: usize,
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}

/// Where each line of one text starts. The text itself is not kept: pass the same one back in.
#[derive(Clone, Debug)]
pub struct LineIndex {
    starts: Vec<usize>,
    len: usize,
}

impl LineIndex {
    pub fn new(text: &str) -> Self {
        let mut starts = vec![0];
        starts.extend(memchr::memchr_iter(b'\n', text.as_bytes()).map(|at| at + 1));
        Self { starts, len: text.len() }
    }

    /// How many lines there are; a final newline does not begin another one, and an empty text has
    /// one.
    pub fn lines(&self) -> usize {
        match self.starts.last() {
            Some(&last) if last == self.len && self.starts.len() > 1 => self.starts.len() - 1,
            _ => self.starts.len(),
        }
    }

    /// The line (from 1) that `offset` lies on; an offset past the end is on the last.
    pub fn line(&self, offset: usize) -> usize {
        self.starts.partition_point(|&start| start <= offset)
    }

    /// The bytes of `line` (from 1) with its line end, `None` if there is no such line.
    pub fn span(&self, line: usize) -> Option<Span> {
        let start = *self.starts.get(line.checked_sub(1)?)?;
        let end = self.starts.get(line).copied().unwrap_or(self.len);
        Some(Span::new(start, end))
    }

    /// Line and column of `offset`. An offset past the end counts as the end, one inside a
    /// character as that character.
    pub fn position(&self, text: &str, offset: usize) -> Position {
        let offset = offset.min(self.len).min(text.len());
        let line = self.line(offset);
        let start = self.starts[line - 1].min(offset);
        let before = &text.as_bytes()[start..offset];
        let begun = before.iter().filter(|&&byte| byte & 0xc0 != 0x80).count();
        let inside = !text.is_char_boundary(offset);
        Position { line, column: begun + usize::from(!inside) }
    }

    /// The offset of a position, the line's end if the column is past it; `None` if there is no
    /// such line.
    pub fn offset(&self, text: &str, position: Position) -> Option<usize> {
        let range: Range<usize> = self.span(position.line)?.into();
        let line = text.get(range.clone())?;
        let line = line.strip_suffix('\n').unwrap_or(line);
        let within = line.char_indices().nth(position.column.checked_sub(1)?);
        Some(range.start + within.map_or(line.len(), |(at, _)| at))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_count_characters() {
        let text = "a\nbä→c\r\n\nend";
        let index = LineIndex::new(text);
        assert_eq!(index.lines(), 4);
        let at = |needle: &str| index.position(text, text.find(needle).unwrap()).to_string();
        assert_eq!(at("a"), "1:1");
        assert_eq!(at("c"), "2:4");
        assert_eq!(at("end"), "4:1");
        assert_eq!(index.position(text, 4).to_string(), "2:2", "inside ä");
        assert_eq!(index.position(text, 999).to_string(), "4:4");
    }

    #[test]
    fn offsets_come_back() {
        let text = "x\n\nää\n";
        let index = LineIndex::new(text);
        assert_eq!(index.lines(), 3);
        for (offset, _) in text.char_indices() {
            assert_eq!(index.offset(text, index.position(text, offset)), Some(offset));
        }
        assert_eq!(index.offset(text, Position { line: 9, column: 1 }), None);
        assert_eq!(index.offset(text, Position { line: 1, column: 0 }), None);
        assert_eq!(LineIndex::new("").position("", 0).to_string(), "1:1");
        assert_eq!(LineIndex::new("").lines(), 1);
    }
}
