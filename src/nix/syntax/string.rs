//! A Nix string: bytes, where the literal stood, and which paths went into it. Knows nothing of values.

use std::borrow::Cow;
use std::rc::Rc;

use super::source::Pos;
use crate::nix::memory;

/// The bytes of a string or path value. Nix strings need not be UTF-8.
pub struct NixString {
    bytes: Box<[u8]>,
    sources: Sources,
    at: Pos,
}

/// The paths that were interpolated into a string, `"${./x}"`, sorted and without doubles. Nix would have
/// copied each into its store and kept the store path as string context.
#[derive(Clone, Default)]
pub(crate) struct Sources(Option<Rc<Vec<Rc<NixString>>>>);

impl NixString {
    pub(crate) fn new(bytes: impl Into<Box<[u8]>>, sources: Sources, at: Pos) -> Self {
        let bytes = bytes.into();
        memory::charge(bytes.len() + size_of::<Self>());
        Self { bytes, sources, at }
    }

    /// A string from nowhere in particular.
    pub(crate) fn plain(bytes: impl Into<Box<[u8]>>) -> Self {
        Self::new(bytes, Sources::default(), Pos::NONE)
    }

    /// The bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The text, with what is not UTF-8 replaced.
    pub fn text(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.bytes)
    }

    pub(crate) fn sources(&self) -> &Sources {
        &self.sources
    }

    pub(crate) fn at(&self) -> Pos {
        self.at
    }
}

impl Drop for NixString {
    fn drop(&mut self) {
        memory::discharge(self.bytes.len() + size_of::<Self>());
    }
}

impl Sources {
    pub(crate) fn one(path: Rc<NixString>) -> Self {
        Self(Some(Rc::new(vec![path])))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Rc<NixString>> {
        self.0.iter().flat_map(|paths| paths.iter())
    }

    /// Adds those of `other`; shares the list where one side is empty or both are the same.
    pub(crate) fn join(&mut self, other: &Self) {
        match (&mut self.0, &other.0) {
            (_, None) => {}
            (mine @ None, Some(theirs)) => *mine = Some(Rc::clone(theirs)),
            (Some(mine), Some(theirs)) if Rc::ptr_eq(mine, theirs) => {}
            (Some(mine), Some(theirs)) => {
                let mut all: Vec<_> = mine.iter().chain(theirs.iter()).map(Rc::clone).collect();
                all.sort_unstable_by(|a, b| a.bytes().cmp(b.bytes()));
                all.dedup_by(|a, b| a.bytes() == b.bytes());
                *mine = Rc::new(all);
            }
        }
    }
}
