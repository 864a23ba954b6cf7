//! A lazy evaluator for pure Nix, equal in results to `nix-instantiate --eval` and bounded in steps, depth and
//! memory. It builds nothing, has no store and no network: what needs one is an error of the kind
//! `OutOfReach` that says so.
//!
//! A path interpolated into a string, `"${./x}"`, would be copied to the store by Nix; here it becomes the text
//! of the absolute path, and the string remembers the path it holds.

pub mod builtins;
mod call;
mod coerce;
mod compare;
pub mod data;
mod describe;
pub mod env;
pub mod error;
mod expression;
pub mod io;
mod json;
pub mod limits;
mod nixpkgs;
mod print;
mod session;
#[cfg(test)]
mod tests;
mod thunk;
pub mod value;

pub use session::{Attr, Evaluator, Options, Trace};

use crate::nix::syntax::source::Place;

type Result<T> = std::result::Result<T, error::EvalError>;
