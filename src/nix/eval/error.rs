//! What can go wrong in an evaluation, with where and on the way to what. Holds data; layout is `ui`'s.

use std::fmt;
use std::ops::Deref;
use std::path::PathBuf;
use std::sync::Arc;

use crate::nix::syntax::source::Place;

/// A failed evaluation. Cheap to move and clone; the parts are in [`ErrorData`].
#[derive(Clone, Debug)]
pub struct EvalError(Arc<ErrorData>);

/// The parts of an [`EvalError`].
#[derive(Clone, Debug)]
pub struct ErrorData {
    /// What kind of failure it is, for those who decide by it.
    pub kind: ErrorKind,
    /// One line of lower case prose without a final period.
    pub message: String,
    /// The span that failed, if it lies in a file.
    pub place: Option<Place>,
    /// What was being evaluated, innermost first; at most [`MAX_FRAMES`].
    pub frames: Vec<Frame>,
    /// Further places that belong to the message, each with its role.
    pub related: Vec<(String, Place)>,
}

/// One step on the way to an error.
#[derive(Clone, Debug)]
pub struct Frame {
    /// Such as ``while calling `f` ``.
    pub what: String,
    /// Where that is written.
    pub place: Option<Place>,
    /// How many times in a row, in a recursion.
    pub times: usize,
}

/// Kinds of failure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// `abort`.
    Abort,
    /// A failed `assert`.
    Assertion,
    /// A file could not be read, or a hash or document in it is malformed.
    File,
    /// A value was needed to compute itself; `related` lists the cycle.
    InfiniteRecursion,
    /// A limit on steps, depth or memory was hit.
    Limit,
    /// A set lacks an attribute.
    MissingAttribute,
    /// A `<name>` is not in the search path.
    NotInSearchPath,
    /// It needs a Nix store, the network, or a part of nixpkgs that is not modelled; `nix-instantiate` may do it.
    OutOfReach,
    /// A read outside the allowed roots.
    Refused {
        /// The path that was asked for.
        path: PathBuf,
    },
    /// Not Nix.
    Syntax,
    /// `throw`.
    Throw,
    /// A value of the wrong type.
    Type,
    /// A name that nothing defines (found when evaluated, inside `with`).
    UndefinedVariable,
    /// A value of the right type that cannot be used so: an index, a number, a pattern.
    Value,
}

/// More frames than this say nothing new.
pub const MAX_FRAMES: usize = 64;

impl EvalError {
    pub(crate) fn new(kind: ErrorKind, message: impl Into<String>, place: Option<Place>) -> Self {
        let (frames, related) = (Vec::new(), Vec::new());
        Self(Arc::new(ErrorData { kind, message: message.into(), place, frames, related }))
    }

    /// Whether `builtins.tryEval` turns it into a value, as Nix decides.
    pub fn is_catchable(&self) -> bool {
        matches!(self.kind, ErrorKind::Assertion | ErrorKind::NotInSearchPath | ErrorKind::Throw)
    }

    /// Whether another attempt from elsewhere may succeed.
    pub(crate) fn is_passing(&self) -> bool {
        matches!(self.kind, ErrorKind::Limit | ErrorKind::InfiniteRecursion)
    }

    pub(crate) fn related(mut self, role: impl Into<String>, place: Option<Place>) -> Self {
        if let Some(place) = place {
            Arc::make_mut(&mut self.0).related.push((role.into(), place));
        }
        self
    }

    /// Adds a frame further out.
    pub(crate) fn frame(mut self, what: impl FnOnce() -> String, place: Option<Place>) -> Self {
        if let Some(last) = self.frames.last()
            && last.place == place
            && last.place.is_some()
        {
            let data = Arc::make_mut(&mut self.0);
            data.frames.iter_mut().next_back().into_iter().for_each(|last| last.times += 1);
        } else if self.frames.len() < MAX_FRAMES {
            let what = what();
            Arc::make_mut(&mut self.0).frames.push(Frame { what, place, times: 1 });
        }
        self
    }

    /// Gives it a place if it has none.
    pub(crate) fn or_at(mut self, place: impl FnOnce() -> Option<Place>) -> Self {
        if self.place.is_none()
            && let Some(place) = place()
        {
            Arc::make_mut(&mut self.0).place = Some(place);
        }
        self
    }
}

impl Deref for EvalError {
    type Target = ErrorData;

    fn deref(&self) -> &ErrorData {
        &self.0
    }
}

impl fmt::Display for EvalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for EvalError {}
