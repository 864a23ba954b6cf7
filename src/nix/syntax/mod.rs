//! Nix text to the tree that is evaluated, by way of rnix. Reads no files and evaluates nothing; a text that
//! rnix or C++ Nix would refuse is a [`SyntaxError`] with a span, and one too deep to walk is refused unread.

mod bindings;
pub(crate) mod expr;
mod green;
mod guard;
mod lower;
mod message;
mod scope;
pub(crate) mod source;
pub(crate) mod string;
mod strings;
pub(crate) mod symbol;

use std::ops::Range;

use expr::ExprRef;
use source::{FileId, SourceMap};
use symbol::{Interner, Symbol};

/// Why a text is not Nix, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SyntaxError {
    pub(crate) message: String,
    pub(crate) span: Range<usize>,
    /// A second place, such as the first definition of a doubled attribute.
    pub(crate) related: Option<Range<usize>>,
}

/// What the meaning of a text depends on besides the text.
pub(crate) struct Context<'a> {
    pub(crate) symbols: &'a Interner,
    pub(crate) sources: &'a SourceMap,
    pub(crate) file: FileId,
    /// Absolute directory that relative paths start from.
    pub(crate) base: &'a [u8],
    /// Where `~/` leads; without it such a path is an error.
    pub(crate) home: Option<&'a [u8]>,
    /// The number of a builtin that is visible without `builtins.`.
    pub(crate) global: &'a dyn Fn(Symbol) -> Option<u32>,
    /// Names of a scope around the whole text, sorted by symbol (`builtins.scopedImport`).
    pub(crate) outer: Option<&'a [Symbol]>,
}

/// Parses one whole file or expression.
pub(crate) fn parse(text: &str, context: &Context<'_>) -> Result<ExprRef, SyntaxError> {
    guard::check(text)?;
    let parsed = rnix::Root::parse(text);
    if let Some(error) = parsed.errors().first() {
        return Err(message::describe(error, text));
    }
    let syntax = parsed.syntax();
    let tree = syntax.green();
    lower::lower(tree, context)
}

/// Refuses a text that would take rnix, or a recursive walk over its tree, too much stack or time.
pub(crate) fn check(text: &str) -> Result<(), SyntaxError> {
    guard::check(text)
}

impl SyntaxError {
    pub(crate) fn new(message: impl Into<String>, span: Range<usize>) -> Self {
        Self { message: message.into(), span, related: None }
    }
}
