//! Computations put off until someone asks, done once, and found out when they ask for themselves.

use std::cell::RefCell;
use std::rc::Rc;

use super::env::EnvRef;
use super::error::EvalError;
use super::value::{Slot, Value};
use crate::nix::memory;
use crate::nix::syntax::expr::ExprRef;
use crate::nix::syntax::source::Pos;
use crate::nix::syntax::symbol::Symbol;

/// A shared computation.
pub struct Thunk {
    state: RefCell<State>,
}

/// What is left to do.
pub(crate) enum Work {
    /// Call a function with arguments.
    Apply { function: Slot, arguments: Box<[Slot]>, at: Pos },
    /// Evaluate an expression in a scope.
    Expr { env: EnvRef, expr: ExprRef },
    /// Take an attribute of a set: `inherit (from) name`.
    Select { from: Slot, name: Symbol, at: Pos },
}

enum State {
    Done(Value),
    Failed(EvalError),
    Running,
    Waiting(Work),
}

/// What [`Thunk::start`] found.
pub(crate) enum Started {
    /// It asks for its own value.
    Cycle,
    Done(Value),
    Failed(EvalError),
    /// The caller must do this and then call `finish` or `fail`.
    Work(Work),
}

impl Thunk {
    pub(crate) fn new(work: Work) -> Rc<Self> {
        memory::charge(size_of::<Self>());
        Rc::new(Self { state: RefCell::new(State::Waiting(work)) })
    }

    pub(crate) fn start(&self) -> Started {
        let mut state = self.state.borrow_mut();
        match &*state {
            State::Done(value) => return Started::Done(value.clone()),
            State::Failed(error) => return Started::Failed(error.clone()),
            State::Running => return Started::Cycle,
            State::Waiting(_) => {}
        }
        match std::mem::replace(&mut *state, State::Running) {
            State::Waiting(work) => Started::Work(work),
            _ => unreachable!("matched just above"),
        }
    }

    pub(crate) fn finish(&self, value: Value) {
        *self.state.borrow_mut() = State::Done(value);
    }

    /// Remembers a failure that would only repeat.
    pub(crate) fn fail(&self, error: EvalError) {
        *self.state.borrow_mut() = State::Failed(error);
    }

    /// Puts the work back, after a failure that another attempt need not meet.
    pub(crate) fn restart(&self, work: Work) {
        *self.state.borrow_mut() = State::Waiting(work);
    }

    /// The value if it is there already.
    pub(crate) fn peek(&self) -> Option<Value> {
        match &*self.state.borrow() {
            State::Done(value) => Some(value.clone()),
            _ => None,
        }
    }
}

impl Work {
    pub(crate) fn at(&self) -> Pos {
        match self {
            Self::Apply { at, .. } | Self::Select { at, .. } => *at,
            Self::Expr { expr, .. } => expr.at,
        }
    }
}

impl Slot {
    pub(crate) fn expr(env: &EnvRef, expr: &ExprRef) -> Self {
        Self::Thunk(Thunk::new(Work::Expr { env: Rc::clone(env), expr: Rc::clone(expr) }))
    }

    pub(crate) fn apply(function: Self, arguments: impl Into<Box<[Self]>>, at: Pos) -> Self {
        Self::Thunk(Thunk::new(Work::Apply { function, arguments: arguments.into(), at }))
    }

    pub(crate) fn select(from: Self, name: Symbol, at: Pos) -> Self {
        Self::Thunk(Thunk::new(Work::Select { from, name, at }))
    }

    /// What tells this computation from others while it lives.
    pub(crate) fn cell(&self) -> Option<usize> {
        match self {
            Self::Done(_) => None,
            Self::Thunk(thunk) => Some(Rc::as_ptr(thunk).addr()),
        }
    }

    /// The value if no work is needed for it.
    pub(crate) fn peek(&self) -> Option<Value> {
        match self {
            Self::Done(value) => Some(value.clone()),
            Self::Thunk(thunk) => thunk.peek(),
        }
    }
}

impl Drop for Thunk {
    fn drop(&mut self) {
        memory::discharge(size_of::<Self>());
        if memory::drop_is_deep() {
            let state = std::mem::replace(self.state.get_mut(), State::Running);
            memory::defer(Box::new(state));
        }
    }
}
