//! What commands answer: views of the fleet as data for JSON and as text for people. It decides
//! nothing and prints nothing.

pub mod access;
pub mod status;
mod style;
