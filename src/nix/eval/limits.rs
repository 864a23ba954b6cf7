//! How much an evaluation may take. What is over a limit is an error, never a crash.

/// Bounds of one evaluator; each can be raised by the user.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Expressions evaluated, in total.
    pub steps: u64,
    /// Function calls inside function calls. Nix 2.24 allows 10,000 (`max-call-depth`).
    pub depth: usize,
    /// Bytes of live values.
    pub memory: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { steps: 1_000_000_000, depth: 10_000, memory: 2 << 30 }
    }
}
