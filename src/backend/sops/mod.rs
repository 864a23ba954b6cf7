//! sops files without the sops binary: read, open, verify, edit, seal, re-wrap and rotate, in all five
//! formats, with the smallest possible diff; and the rules in `.sops.yaml`. Wrapping a data key to a
//! recipient is given in by the caller; files are bytes here, nothing is read or written.

mod error;
mod file;
mod flatten;
mod keys;
mod metadata;
mod open;
pub mod rules;

mod seal;
mod select;
mod update;
mod walk;

pub use error::SopsError;
pub use file::SopsFile;
pub use keys::{Drift, Unlocked, UnwrapFn, Wanted, WrapFn, same_recipient};
pub use metadata::{AgeEntry, ForeignKey, Group, Metadata};
pub use open::Opened;
pub use seal::{Setup, encrypt};
pub use select::Selection;

/// The version of sops whose layout new files have, and that they say they were written with.
pub const VERSION: &str = "3.13.2";
