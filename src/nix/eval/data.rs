//! A value evaluated through and through, as plain data that may leave the thread, each part with the place it
//! came from.

use std::path::PathBuf;

use crate::nix::syntax::source::Place;

/// A wholly evaluated value.
#[derive(Clone, Debug, PartialEq)]
pub struct Data {
    /// What it is.
    pub kind: DataKind,
    /// The literal it came from: for strings, paths, lists and sets their own, for others the name of the
    /// attribute that holds them. Absent for what a builtin made.
    pub at: Option<Place>,
}

/// The kinds of [`Data`].
#[derive(Clone, Debug, PartialEq)]
pub enum DataKind {
    /// Attributes sorted by name.
    Attrs(Vec<DataAttr>),
    /// `true`, `false`.
    Bool(bool),
    /// A 64-bit float.
    Float(f64),
    /// Any function; there is no more to say of it.
    Function,
    /// A 64-bit integer.
    Int(i64),
    /// Items in order.
    List(Vec<Data>),
    /// `null`.
    Null,
    /// An absolute path.
    Path(PathBuf),
    /// Text (bytes that are not UTF-8 replaced) and the paths that were interpolated into it.
    String {
        /// The text.
        text: String,
        /// As in `"${./dir}/file"`: `dir`, absolute.
        sources: Vec<PathBuf>,
    },
}

/// One attribute of [`DataKind::Attrs`].
#[derive(Clone, Debug, PartialEq)]
pub struct DataAttr {
    /// Its name.
    pub name: String,
    /// Where the name (for `a.b = …` the path) is written.
    pub at: Option<Place>,
    /// Its value.
    pub value: Data,
}

impl Data {
    /// The value of an attribute, if this is a set that has it.
    pub fn get(&self, name: &str) -> Option<&Self> {
        match &self.kind {
            DataKind::Attrs(attrs) => {
                let index = attrs.binary_search_by(|attr| attr.name.as_str().cmp(name)).ok()?;
                attrs.get(index).map(|attr| &attr.value)
            }
            _ => None,
        }
    }

    /// The text, if this is a string.
    pub fn as_str(&self) -> Option<&str> {
        match &self.kind {
            DataKind::String { text, .. } => Some(text),
            _ => None,
        }
    }

    /// The items, if this is a list.
    pub fn as_list(&self) -> Option<&[Self]> {
        match &self.kind {
            DataKind::List(items) => Some(items),
            _ => None,
        }
    }
}
