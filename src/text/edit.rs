//! Splices: the only way a user's text is changed. Everything outside the given spans stays byte
//! for byte; a set of edits that overlap, cut a character or leave the text is refused whole.

use thiserror::Error;

use super::Span;

/// Replace the bytes of `span` by `text`; an empty span inserts, an empty text deletes.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Edit {
    pub span: Span,
    pub text: String,
}

impl Edit {
    pub fn new(span: impl Into<Span>, text: impl Into<String>) -> Self {
        Self { span: span.into(), text: text.into() }
    }

    pub fn insert(offset: usize, text: impl Into<String>) -> Self {
        Self::new(Span::at(offset), text)
    }

    pub fn delete(span: impl Into<Span>) -> Self {
        Self::new(span, "")
    }
}

/// Why a set of edits does not fit its text.
#[derive(Debug, Eq, Error, PartialEq)]
pub enum EditError {
    #[error("edit {0} cuts a character in two")]
    InsideCharacter(Span),
    #[error("edit {span} lies outside of a text of {len} bytes")]
    OutOfBounds { span: Span, len: usize },
    #[error("edits {first} and {second} overlap")]
    Overlap { first: Span, second: Span },
}

/// `text` with all edits made. Spans are offsets into the text as it was; the order of `edits` does
/// not matter, except that insertions at one offset come out in the order given (and before a
/// replacement that starts there).
///
/// # Errors
/// When spans overlap, leave the text or cut a character. Nothing is returned then.
pub fn apply(text: &str, edits: &[Edit]) -> Result<String, EditError> {
    let mut order: Vec<&Edit> = edits.iter().collect();
    order.sort_by_key(|edit| (edit.span.start, edit.span.end));
    let grown: usize = edits.iter().map(|edit| edit.text.len()).sum();
    let mut out = String::with_capacity(text.len() + grown);
    let mut last = Span::at(0);
    for edit in order {
        let span = edit.span;
        if span.end > text.len() || span.start > span.end {
            return Err(EditError::OutOfBounds { span, len: text.len() });
        }
        if span.start < last.end {
            return Err(EditError::Overlap { first: last, second: span });
        }
        if !text.is_char_boundary(span.start) || !text.is_char_boundary(span.end) {
            return Err(EditError::InsideCharacter(span));
        }
        out.push_str(&text[last.end..span.start]);
        out.push_str(&edit.text);
        last = span;
    }
    out.push_str(&text[last.end..]);
    Ok(out)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn edits_may_come_in_any_order() {
        let edits = [
            Edit::new(4..7, "TWO"),
            Edit::insert(0, "<"),
            Edit::delete(7..13),
            Edit::insert(13, "a"),
            Edit::insert(13, "b"),
        ];
        assert_eq!(apply("one two three", &edits).unwrap(), "<one TWOab");
        assert_eq!(apply("same", &[]).unwrap(), "same");
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let overlap = [Edit::new(0..3, "x"), Edit::new(2..4, "y")];
        assert!(matches!(apply("abcdef", &overlap), Err(EditError::Overlap { .. })));
        let inside = [Edit::new(0..3, "x"), Edit::insert(1, "y")];
        assert!(matches!(apply("abcdef", &inside), Err(EditError::Overlap { .. })));
        assert!(matches!(apply("ab", &[Edit::insert(3, "")]), Err(EditError::OutOfBounds { .. })));
        assert_eq!(
            apply("ä", &[Edit::delete(0..1)]),
            Err(EditError::InsideCharacter(Span::new(0, 1)))
        );
    }

    proptest! {
        #[test]
        fn bytes_outside_the_edits_stay(text in "\\PC{0,40}", cuts in prop::collection::vec((0usize..60, 0usize..60), 0..6)) {
            let edits: Vec<Edit> = cuts.iter().map(|&(a, b)| Edit::new(Span::new(a, a + b), "§")).collect();
            if let Ok(out) = apply(&text, &edits) {
                let removed: usize = edits.iter().map(|e| e.span.len()).sum();
                prop_assert_eq!(out.len(), text.len() - removed + edits.len() * "§".len());
            }
        }
    }
}
