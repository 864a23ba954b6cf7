//! Plain data between the readers of JSON and TOML and the evaluator: what both formats can say
//! and nothing more.

/// One value of a document. Object keys are unique and in the order of the document.
#[derive(Clone, Debug, PartialEq)]
pub enum Tree {
    Bool(bool),
    Float(f64),
    Int(i64),
    List(Vec<Self>),
    Null,
    Object(Vec<(String, Self)>),
    String(String),
}

/// Deepest nesting of lists and objects that a reader accepts, so that whoever walks a tree may
/// recurse.
pub const MAX_DEPTH: usize = 512;
