//! Scopes at run time: a chain of environments whose shape the parser decided. Looks nothing up by name.

use std::cell::RefCell;
use std::rc::Rc;

use super::value::Slot;
use crate::nix::memory;

pub(crate) type EnvRef = Rc<Env>;

/// The variables of one function call, `let`, `rec` or `with`.
pub struct Env {
    up: Option<EnvRef>,
    /// Filled after creation where the slots' own thunks hold the environment.
    slots: RefCell<Vec<Slot>>,
    /// In the environment of a `with`: how many levels up the next one is.
    pub(crate) outer_with: Option<u32>,
}

impl Env {
    pub(crate) fn new(up: Option<EnvRef>, slots: Vec<Slot>) -> EnvRef {
        Self::made(up, slots, None)
    }

    /// The set of a `with` in slot 0.
    pub(crate) fn with(up: EnvRef, namespace: Slot, outer: Option<u32>) -> EnvRef {
        Self::made(Some(up), vec![namespace], outer)
    }

    fn made(up: Option<EnvRef>, slots: Vec<Slot>, outer_with: Option<u32>) -> EnvRef {
        memory::charge(size_of::<Self>() + slots.len() * size_of::<Slot>());
        Rc::new(Self { up, slots: RefCell::new(slots), outer_with })
    }

    /// Adds the next variable.
    pub(crate) fn push(&self, slot: Slot) {
        memory::charge(size_of::<Slot>());
        self.slots.borrow_mut().push(slot);
    }

    /// Replaces one slot, for the overrides of an old `rec`.
    pub(crate) fn set(&self, index: usize, slot: Slot) {
        let old =
            self.slots.borrow_mut().get_mut(index).map(|place| std::mem::replace(place, slot));
        drop(old);
    }

    pub(crate) fn up(self: &Rc<Self>, levels: u32) -> Option<&Rc<Self>> {
        let mut env = self;
        for _ in 0..levels {
            env = env.up.as_ref()?;
        }
        Some(env)
    }

    /// Absent if the scope is still being filled, or its evaluator is gone.
    pub(crate) fn get(&self, slot: u32) -> Option<Slot> {
        self.slots.borrow().get(slot as usize).cloned()
    }

    /// Forgets the variables; breaks the reference cycle of a recursive scope.
    pub(crate) fn clear(&self) {
        let old = self.slots.take();
        memory::discharge(old.len() * size_of::<Slot>());
    }
}

impl Drop for Env {
    fn drop(&mut self) {
        let slots = self.slots.get_mut();
        memory::discharge(size_of::<Self>() + slots.len() * size_of::<Slot>());
        if memory::drop_is_deep() {
            memory::defer(Box::new((std::mem::take(slots), self.up.take())));
        }
    }
}
