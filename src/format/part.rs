//! A part of a document that is taken out, edited as a document of its own and put back, as sops'
//! metadata are. The rest of the document stays byte for byte.

use std::ops::Range;

use zeroize::Zeroizing;

use super::splice::Splice;

/// A part taken out.
#[derive(Clone, Debug)]
pub struct Part {
    /// What to cut from the document.
    pub cuts: Vec<Range<usize>>,
    /// The part as a document of its own.
    pub text: Zeroizing<Vec<u8>>,
    /// Was there nothing behind it?
    pub tail: bool,
    /// Where its bytes stand, if `text` has braces around them.
    pub(super) braced: Option<Range<usize>>,
}

impl Part {
    /// The splices that put `text` where the part stands.
    #[must_use]
    pub fn replaced(&self, text: &[u8]) -> Vec<Splice> {
        if let Some(span) = &self.braced {
            let inner =
                text.strip_prefix(b"{").and_then(|text| text.strip_suffix(b"}")).unwrap_or(text);
            return vec![Splice::new(span.clone(), inner)];
        }
        let mut splices: Vec<Splice> = self.cuts.iter().cloned().map(Splice::cut).collect();
        if let Some(last) = splices.last_mut() {
            last.text = text.to_vec().into();
        }
        splices
    }
}
