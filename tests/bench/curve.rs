//! The pure arithmetic below a rekey: scalar multiplications on Curve25519 and nothing else.

use std::time::Duration;
use std::time::Instant;

use curve25519_dalek::montgomery::MontgomeryPoint;
use rayon::prelude::*;

/// Time for `times` rounds of `any` multiplications of a point and `base` of the base point, on all cores.
pub(crate) fn time(times: usize, any: usize, base: usize) -> Duration {
    let start = Instant::now();
    let sum: u64 = (0..times)
        .into_par_iter()
        .map(|round| {
            let mut scalar = [0x55; 32];
            scalar[..8].copy_from_slice(&(round as u64).to_le_bytes());
            let mut point = MontgomeryPoint::mul_base_clamped(scalar);
            for _ in 1..base {
                scalar = point.to_bytes();
                point = MontgomeryPoint::mul_base_clamped(scalar);
            }
            for _ in 0..any {
                point = point.mul_clamped(scalar);
            }
            u64::from(point.to_bytes()[0])
        })
        .sum();
    let time = start.elapsed();
    std::hint::black_box(sum);
    time
}
