//! Documents that were bent: never a panic, never more than the bounds, never a control character
//! in what is written.
