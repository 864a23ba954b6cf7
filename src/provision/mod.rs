//! Brings a machine into the fleet: reads its hardware from a probe document
//! and writes what NixOS needs to know about it. It never trusts what a target
//! sends: every document is bounded, checked and parsed strictly.

pub mod capture;
pub mod disko;
pub mod document;
pub mod facter;
pub mod facts;
pub mod hardware;
mod literal;
pub mod merge;
mod process;
pub mod ssh;
