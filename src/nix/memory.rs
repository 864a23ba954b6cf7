//! What one thread's evaluation holds: live bytes, and how near the end of its stack is. Measures only;
//! the evaluator decides what is too much.
//!
//! Values form deep chains (a list in a list in a list …) that Rust would drop recursively. When the stack is
//! nearly used up the parts are put aside here and dropped later from a shallow place.

use std::any::Any;
use std::cell::{Cell, RefCell};

/// Stack for evaluation, bytes. Only touched pages cost memory.
const STACK: usize = 1 << 30;
/// What may be assumed of a thread that [`with_stack`] did not start (Rust gives threads 2 MiB).
const FOREIGN_STACK: usize = 1 << 20;
/// Below this no new evaluation starts: it must hold any single builtin and the printing of an error.
const RESERVE: usize = 256 << 10;
/// Below this nothing is dropped recursively.
const DROP_RESERVE: usize = 64 << 10;

thread_local! {
    static LIVE: Cell<usize> = const { Cell::new(0) };
    static FLOOR: Cell<usize> = const { Cell::new(0) };
    static PENDING: Cell<bool> = const { Cell::new(false) };
    static DEFERRED: RefCell<Vec<Box<dyn Any>>> = const { RefCell::new(Vec::new()) };
}

/// Runs `f` on a thread with a stack for deep evaluation and gives back its result. On a thread of a smaller
/// stack the evaluator works too, but reports its depth limit much earlier.
///
/// # Panics
///
/// When `f` does.
pub fn with_stack<R: Send>(f: impl FnOnce() -> R + Send) -> R {
    let mut job = Some(f);
    for size in [STACK, STACK / 8, STACK / 64] {
        let slot = std::sync::Mutex::new(&mut job);
        let done = std::thread::scope(|scope| {
            let run = || {
                FLOOR.set(here().saturating_sub(size - DROP_RESERVE));
                let mut slot = slot.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
                slot.take().map(|f| f())
            };
            let thread = std::thread::Builder::new().stack_size(size).spawn_scoped(scope, run);
            let result = thread.ok()?.join();
            result.unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        });
        if let Some(done) = done {
            return done;
        }
    }
    // No thread could be started: the depth limit of a foreign stack applies.
    job.take().expect("only a started thread takes the job")()
}

/// Whether what is left of the stack takes a recursion over any text of ordinary size.
pub(crate) fn stack_is_deep() -> bool {
    here().saturating_sub(floor()) > STACK / 16
}

/// Whether evaluation must stop here.
pub(crate) fn stack_is_low() -> bool {
    here() < floor() + RESERVE
}

pub(crate) fn charge(bytes: usize) {
    LIVE.set(LIVE.get() + bytes);
}

pub(crate) fn discharge(bytes: usize) {
    LIVE.set(LIVE.get().saturating_sub(bytes));
}

/// Live bytes of strings, lists, sets, thunks and scopes on this thread.
pub(crate) fn live() -> usize {
    LIVE.get()
}

/// Bytes that are live as long as this is: for results that are not values.
#[derive(Default)]
pub(crate) struct Charge(usize);

impl Charge {
    pub(crate) fn add(&mut self, bytes: usize) {
        charge(bytes);
        self.0 += bytes;
    }
}

impl Drop for Charge {
    fn drop(&mut self) {
        discharge(self.0);
    }
}

/// Whether a destructor should hand its parts to [`defer`].
pub(crate) fn drop_is_deep() -> bool {
    here() < floor() + DROP_RESERVE
}

/// Keeps `parts` until [`settle`].
pub(crate) fn defer(parts: Box<dyn Any>) {
    // During thread exit the store may be gone; the parts are then dropped right here.
    let _ = DEFERRED.try_with(|deferred| deferred.borrow_mut().push(parts));
    PENDING.set(true);
}

/// Drops what was put aside, if anything.
pub(crate) fn settle() {
    while PENDING.replace(false) {
        let parts = DEFERRED.with(|deferred| std::mem::take(&mut *deferred.borrow_mut()));
        drop(parts);
    }
}

fn floor() -> usize {
    let floor = FLOOR.get();
    if floor != 0 {
        return floor;
    }
    let floor = here().saturating_sub(FOREIGN_STACK).max(1);
    FLOOR.set(floor);
    floor
}

/// The address of the stack's end right now; stacks grow down on every platform we build for.
#[inline(always)]
fn here() -> usize {
    let marker = 0u8;
    (&raw const marker).addr()
}
