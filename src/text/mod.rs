//! Spans, line positions, splice edits, unified diffs and the escaping of hostile names. Knows no
//! file format and no domain, and touches neither disk nor terminal.

pub mod diff;
pub mod edit;
pub mod escape;
pub mod line;
pub mod prose;
pub mod span;
pub mod table;

pub use edit::Edit;
pub use edit::EditError;
pub use line::LineIndex;
pub use line::Position;
pub use span::Span;
