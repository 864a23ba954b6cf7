//! Work on many files at once: on all cores where there are many, in order on the caller's thread
//! where there are few.

use rayon::prelude::*;

/// Up to this many are not worth waking other threads.
const FEW: usize = 8;

/// Runs `work` on every item; the first error found ends it, other items may or may not have had
/// their turn.
pub(super) fn each<T: Sync, E: Send>(
    items: &[T],
    work: impl Fn(&T) -> Result<(), E> + Send + Sync,
) -> Result<(), E> {
    if items.len() <= FEW {
        items.iter().try_for_each(work)
    } else {
        items.par_iter().try_for_each(work)
    }
}
