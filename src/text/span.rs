//! A range of bytes in one text. It does not know which text: whoever stores spans of several files
//! keeps the file beside them.

use std::fmt;
use std::ops::Range;

/// Half open range of byte offsets, `start <= end`.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Span {
    pub start: usize,
    pub end: usize,
}

impl Span {
    /// The span from `start` to `end`; a reversed pair is an empty span at `start`.
    pub fn new(start: usize, end: usize) -> Self {
        Self { start, end: end.max(start) }
    }

    /// The empty span at `offset`: where an insertion goes.
    pub fn at(offset: usize) -> Self {
        Self { start: offset, end: offset }
    }

    pub fn len(self) -> usize {
        self.end - self.start
    }

    pub fn is_empty(self) -> bool {
        self.start == self.end
    }

    pub fn contains(self, offset: usize) -> bool {
        self.start <= offset && offset < self.end
    }

    /// Whether all of `other` lies inside.
    pub fn covers(self, other: Self) -> bool {
        self.start <= other.start && other.end <= self.end
    }

    /// The smallest span around both.
    pub fn join(self, other: Self) -> Self {
        Self { start: self.start.min(other.start), end: self.end.max(other.end) }
    }

    /// The same length, moved by `offset` bytes to the right: from a part's offsets to the whole's.
    pub fn shifted(self, offset: usize) -> Self {
        Self { start: self.start + offset, end: self.end + offset }
    }

    /// The spanned text; `None` when the span is not of this text or cuts a character.
    pub fn of(self, text: &str) -> Option<&str> {
        text.get(self.start..self.end)
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}..{}", self.start, self.end)
    }
}

impl From<Range<usize>> for Span {
    fn from(range: Range<usize>) -> Self {
        Self::new(range.start, range.end)
    }
}

impl From<Span> for Range<usize> {
    fn from(span: Span) -> Self {
        span.start..span.end
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_slice_only_what_is_theirs() {
        assert_eq!(Span::new(1, 3).of("abcd"), Some("bc"));
        assert_eq!(Span::new(1, 2).of("ä"), None);
        assert_eq!(Span::new(1, 9).of("abc"), None);
        assert_eq!(Span::new(5, 2), Span::at(5));
        assert!(Span::new(1, 4).covers(Span::new(2, 4)));
        assert!(!Span::new(1, 4).contains(4));
        assert_eq!(Span::new(3, 4).join(Span::at(9)), Span::new(3, 9));
        assert_eq!(Span::new(3, 4).shifted(2), Span::new(5, 6));
    }
}
