//! What the evaluator computes without knowing its own values: regular expressions, versions,
//! paths, data formats. Every function here is pure text or bytes in, text or plain data out.

pub mod flakeref;
pub mod floats;
pub mod hashes;
pub mod json;
pub mod paths;
pub mod regex_posix;
pub mod toml;
pub mod tree;
pub mod versions;
pub mod xml;
