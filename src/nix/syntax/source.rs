//! Where things stand: the files that were parsed and the spans of their expressions. A [`Pos`] is four
//! bytes so that every expression and attribute can carry one. Reads nothing from disk.

use std::cell::RefCell;
use std::ops::Range;
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;

/// A span of a file, resolved: what messages, findings and splice edits need.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Place {
    /// The file as it was opened; `«string»` in the base directory for text given on the command line.
    pub file: Arc<Path>,
    /// Byte offsets in that file.
    pub span: Range<usize>,
}

/// The number of a span in [`SourceMap`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Pos(u32);

impl Pos {
    /// Nowhere: made by a builtin.
    pub(crate) const NONE: Self = Self(0);

    pub(crate) fn is_none(self) -> bool {
        self == Self::NONE
    }

    pub(crate) fn or(self, other: Self) -> Self {
        if self.is_none() { other } else { self }
    }
}

/// The number of a parsed file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct FileId(u32);

/// All files and spans of one evaluator.
pub(crate) struct SourceMap {
    inner: RefCell<Inner>,
}

struct Inner {
    files: Vec<SourceFile>,
    spans: Vec<Span>,
}

struct SourceFile {
    path: Arc<Path>,
    text: Rc<str>,
    /// False for text that was not read from a file: positions in it have no file name.
    real: bool,
}

#[derive(Clone, Copy)]
struct Span {
    file: FileId,
    start: u32,
    end: u32,
}

impl SourceMap {
    pub(crate) fn new() -> Self {
        let nowhere = Span { file: FileId(0), start: 0, end: 0 };
        Self { inner: RefCell::new(Inner { files: Vec::new(), spans: vec![nowhere] }) }
    }

    pub(crate) fn add_file(&self, path: Arc<Path>, text: Rc<str>, real: bool) -> FileId {
        let mut inner = self.inner.borrow_mut();
        let id = u32::try_from(inner.files.len()).expect("fewer files than bytes of memory");
        inner.files.push(SourceFile { path, text, real });
        FileId(id)
    }

    pub(crate) fn add_span(&self, file: FileId, span: Range<u32>) -> Pos {
        let mut inner = self.inner.borrow_mut();
        let Ok(id) = u32::try_from(inner.spans.len()) else { return Pos::NONE };
        inner.spans.push(Span { file, start: span.start, end: span.end });
        Pos(id)
    }

    pub(crate) fn place(&self, pos: Pos) -> Option<Place> {
        if pos.is_none() {
            return None;
        }
        let inner = self.inner.borrow();
        let span = inner.spans[pos.0 as usize];
        let file = &inner.files[span.file.0 as usize];
        Some(Place { file: Arc::clone(&file.path), span: span.start as usize..span.end as usize })
    }

    /// File (absent for command line text), line and column, both from 1, columns in bytes as Nix counts.
    pub(crate) fn line_column(&self, pos: Pos) -> Option<(Option<Arc<Path>>, usize, usize)> {
        if pos.is_none() {
            return None;
        }
        let inner = self.inner.borrow();
        let span = inner.spans[pos.0 as usize];
        let file = &inner.files[span.file.0 as usize];
        let before = &file.text.as_bytes()[..span.start as usize];
        let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
        let column = before.iter().rev().take_while(|byte| **byte != b'\n').count() + 1;
        Some((file.real.then(|| Arc::clone(&file.path)), line, column))
    }

    /// The text of a parsed file, for excerpts.
    pub(crate) fn text(&self, path: &Path) -> Option<Rc<str>> {
        let inner = self.inner.borrow();
        inner.files.iter().find(|file| &*file.path == path).map(|file| Rc::clone(&file.text))
    }
}
