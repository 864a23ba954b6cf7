//! Byte splices: the only way a document changes. Refuses overlapping ones.

use std::ops::Range;

use zeroize::Zeroizing;

/// Replace the bytes of `span` by `text`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Splice {
    pub span: Range<usize>,
    pub text: Zeroizing<Vec<u8>>,
}

impl Splice {
    /// Replaces `span` by `text`.
    #[must_use]
    pub fn new(span: Range<usize>, text: impl Into<Vec<u8>>) -> Self {
        Self { span, text: Zeroizing::new(text.into()) }
    }

    /// Removes `span`.
    #[must_use]
    pub fn cut(span: Range<usize>) -> Self {
        Self::new(span, Vec::new())
    }
}

/// Applies `splices` to `bytes`, in any order given. Insertions at one place keep their order.
/// Returns `None` if two overlap or one is out of bounds.
#[must_use]
pub fn apply(bytes: &[u8], splices: &mut [Splice]) -> Option<Vec<u8>> {
    splices.sort_by_key(|s| (s.span.start, s.span.end));
    let added: usize = splices.iter().map(|s| s.text.len()).sum();
    let mut out = Vec::with_capacity(bytes.len() + added);
    let mut at = 0;
    for splice in splices.iter() {
        out.extend_from_slice(bytes.get(at..splice.span.start)?);
        out.extend_from_slice(&splice.text);
        at = splice.span.end;
        if at < splice.span.start {
            return None;
        }
    }
    out.extend_from_slice(bytes.get(at..)?);
    Some(out)
}
