//! Nix: `syntax` (text to tree), `eval` (tree to values), `pure` (formats and algorithms of the
//! builtins) and `lib` (nixpkgs' `lib`, modelled in Nix).
//!
//! ```
//! use hostward::nix::{Evaluator, Options, with_stack};
//!
//! let text = with_stack(|| {
//!     let nix = Evaluator::new(Options::default());
//!     let value = nix.eval_expr("map (x: x * 2) [ 1 2 ]", "/".as_ref())?;
//!     nix.print(&value, true)
//! });
//! assert_eq!(text.ok().as_deref(), Some("[ 2 4 ]"));
//! ```

pub mod bindings;
pub mod eval;
pub mod external;
pub mod lib;
pub(crate) mod memory;
pub mod pure;
mod syntax;

pub use eval::data::{Data, DataAttr, DataKind};
pub use eval::error::{ErrorKind, EvalError, Frame};
pub use eval::limits::Limits;
pub use eval::value::{Slot, Value};
pub use eval::{Attr, Evaluator, Options, Trace};
pub use memory::with_stack;
pub use syntax::source::Place;
