//! What a leaf of a document can hold, typed the way sops types it. Formatting and parsing belong
//! to the formats; this file refuses to know any of them.

use std::fmt;

use zeroize::Zeroizing;

/// Text of a document, possibly secret and not always UTF-8: wiped on drop, never printed.
#[derive(Clone, Eq, PartialEq)]
pub struct Text(Zeroizing<Vec<u8>>);

impl Text {
    /// Takes over `bytes`.
    #[must_use]
    pub fn new(bytes: impl Into<Vec<u8>>) -> Self {
        Self(Zeroizing::new(bytes.into()))
    }

    /// The raw bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The text, if it is UTF-8.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        std::str::from_utf8(&self.0).ok()
    }

    /// Is there nothing in it?
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Text({} bytes)", self.0.len())
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

/// One leaf. Equality is exact: floats compare by their bits.
#[derive(Clone, Debug)]
pub enum Scalar {
    Bool(bool),
    Float(f64),
    Int(i64),
    /// Also what sops makes of a scalar whose tag does not fit its text.
    Null,
    Str(Text),
    /// A timestamp, already in the RFC 3339 form Go prints (`RFC3339Nano`).
    Time(String),
}

impl Scalar {
    /// A string leaf.
    #[must_use]
    pub fn str(text: &str) -> Self {
        Self::Str(text.into())
    }

    /// The text of a string leaf that is UTF-8.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::Str(text) => text.as_str(),
            _ => None,
        }
    }
}

impl PartialEq for Scalar {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Bool(a), Self::Bool(b)) => a == b,
            (Self::Float(a), Self::Float(b)) => {
                a.to_bits() == b.to_bits() || a.is_nan() && b.is_nan()
            }
            (Self::Int(a), Self::Int(b)) => a == b,
            (Self::Null, Self::Null) => true,
            (Self::Str(a), Self::Str(b)) => a == b,
            (Self::Time(a), Self::Time(b)) => a == b,
            _ => false,
        }
    }
}

/// A value on its way into a document, and what two documents are compared by.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    List(Vec<Self>),
    /// Keys in document order.
    Map(Vec<(String, Self)>),
    Scalar(Scalar),
}

impl Value {
    /// A string value.
    #[must_use]
    pub fn str(text: &str) -> Self {
        Self::Scalar(Scalar::str(text))
    }

    /// The value under `key`, if this is a map that has it.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Self> {
        match self {
            Self::Map(pairs) => pairs.iter().find(|(k, _)| k == key).map(|(_, v)| v),
            _ => None,
        }
    }

    /// The text of a string value.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::Scalar(scalar) => scalar.as_str(),
            _ => None,
        }
    }
}
