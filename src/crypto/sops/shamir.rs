//! Shamir's secret sharing as key groups use it (`shamir/shamir.go`, the layout of Vault): over
//! GF(2^8) with the polynomial 0x11B, byte by byte; a share is the y bytes, then x. Refuses shares that
//! cannot belong together; that too few of them give a wrong secret shows only when it is used.

use aes_gcm::aead::OsRng;
use aes_gcm::aead::rand_core::RngCore;
use thiserror::Error;
use zeroize::Zeroizing;

/// Most shares a secret splits into: x is one byte and not zero.
pub const MAX_SHARES: usize = 255;

/// Why a secret was not split or combined.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[non_exhaustive]
pub enum ShamirError {
    #[error("two shares are the same one of the secret")]
    DuplicateShare,
    #[error("an empty secret cannot be split")]
    EmptySecret,
    #[error("the shares are not equally long")]
    Lengths,
    #[error(
        "a threshold of {threshold} with {shares} shares; it takes 2 to {MAX_SHARES} shares and a threshold from 2 to their number"
    )]
    Threshold { shares: usize, threshold: usize },
    #[error("{found} shares are too few to combine")]
    TooFew { found: usize },
    #[error("a share of {found} bytes is too short")]
    TooShort { found: usize },
    #[error("a share has the number 0")]
    ZeroShare,
}

/// Splits `secret` into `shares` shares (x = 1, 2, …), any `threshold` of which give it back.
///
/// # Errors
/// `EmptySecret`, `Threshold`.
pub fn split(
    secret: &[u8],
    shares: usize,
    threshold: usize,
) -> Result<Vec<Zeroizing<Vec<u8>>>, ShamirError> {
    if threshold < 2 || shares < threshold || shares > MAX_SHARES {
        return Err(ShamirError::Threshold { shares, threshold });
    }
    if secret.is_empty() {
        return Err(ShamirError::EmptySecret);
    }
    let mut out: Vec<_> =
        (0..shares).map(|_| Zeroizing::new(Vec::with_capacity(secret.len() + 1))).collect();
    let mut coefficients = Zeroizing::new(vec![0; threshold]);
    for &byte in secret {
        OsRng.fill_bytes(&mut coefficients[1..]);
        coefficients[0] = byte;
        for (x, share) in (1..=u8::MAX).zip(&mut out) {
            let y = coefficients.iter().rev().fold(0, |y, &next| multiply(y, x) ^ next);
            share.push(y);
        }
    }
    for (x, share) in (1..=u8::MAX).zip(&mut out) {
        share.push(x);
    }
    Ok(out)
}

/// Combines all `shares` to the secret.
///
/// # Errors
/// `DuplicateShare`, `Lengths`, `TooFew`, `TooShort`, `ZeroShare`.
pub fn combine<S: AsRef<[u8]>>(shares: &[S]) -> Result<Zeroizing<Vec<u8>>, ShamirError> {
    let [first, _, ..] = shares else {
        return Err(ShamirError::TooFew { found: shares.len() });
    };
    let len = first.as_ref().len();
    let mut points = Vec::with_capacity(shares.len());
    for share in shares {
        let share = share.as_ref();
        match share {
            _ if share.len() != len => return Err(ShamirError::Lengths),
            [ys @ .., x] if !ys.is_empty() => match points.iter().find(|(seen, _)| seen == x) {
                Some(_) => return Err(ShamirError::DuplicateShare),
                None if *x == 0 => return Err(ShamirError::ZeroShare),
                None => points.push((*x, ys)),
            },
            _ => return Err(ShamirError::TooShort { found: len }),
        }
    }
    let mut secret = Zeroizing::new(vec![0; len - 1]);
    for &(x, ys) in &points {
        let others = points.iter().filter(|(other, _)| *other != x);
        let weight = others
            .fold(1, |weight, &(other, _)| multiply(weight, multiply(other, invert(other ^ x))));
        for (byte, &y) in secret.iter_mut().zip(ys) {
            *byte ^= multiply(y, weight);
        }
    }
    Ok(secret)
}

/// The product in GF(2^8), in a time that does not depend on the factors.
fn multiply(a: u8, b: u8) -> u8 {
    (0..8).rev().fold(0_u8, |product, bit| {
        let reduced = (product >> 7).wrapping_neg() & 0x1b;
        let added = (b >> bit & 1).wrapping_neg() & a;
        (product << 1) ^ reduced ^ added
    })
}

/// The inverse in GF(2^8): the 254th power; of 0 it is 0.
fn invert(a: u8) -> u8 {
    // 254 = 0b1111_1110: square and multiply, seven times, then square once more.
    let product = (0..6).fold(a, |power, _| multiply(multiply(power, power), a));
    multiply(product, product)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_field_is_that_of_aes() {
        assert_eq!(multiply(0x57, 0x83), 0xc1);
        assert_eq!(multiply(3, 7), 9);
        for a in 1..=u8::MAX {
            assert_eq!(multiply(a, invert(a)), 1, "{a}");
        }
        assert_eq!(invert(0), 0);
    }

    #[test]
    fn impossible_shares_are_refused() {
        assert_eq!(split(b"", 2, 2), Err(ShamirError::EmptySecret));
        for (shares, threshold) in [(2, 1), (2, 3), (256, 2), (0, 0)] {
            assert_eq!(
                split(b"x", shares, threshold),
                Err(ShamirError::Threshold { shares, threshold })
            );
        }
        let none: [&[u8]; 0] = [];
        assert_eq!(combine(&none), Err(ShamirError::TooFew { found: 0 }));
        assert_eq!(combine(&[b"ab"]), Err(ShamirError::TooFew { found: 1 }));
        assert_eq!(combine(&[b"a", b"b"]), Err(ShamirError::TooShort { found: 1 }));
        assert_eq!(combine(&[b"", b""]), Err(ShamirError::TooShort { found: 0 }));
        assert_eq!(combine(&[&b"ab"[..], b"abc"]), Err(ShamirError::Lengths));
        assert_eq!(combine(&[b"ab", b"cb"]), Err(ShamirError::DuplicateShare));
        assert_eq!(combine(&[b"a\0", b"cb"]), Err(ShamirError::ZeroShare));
    }

    #[test]
    fn shares_made_by_sops_combine() {
        // Made by shamir.Split of sops 3.13.2 from this secret with 3 shares and threshold 2.
        let shares = SOPS_SHARES.map(|share| share.to_vec());
        for pair in [[0, 1], [0, 2], [2, 1]] {
            let picked = pair.map(|n| shares[n].as_slice());
            assert_eq!(*combine(&picked).unwrap(), b"hostward");
        }
        assert_eq!(*combine(&shares).unwrap(), b"hostward");
    }

    const SOPS_SHARES: [[u8; 9]; 3] = [
        [144, 44, 17, 223, 90, 148, 69, 33, 1],
        [131, 233, 183, 57, 45, 144, 28, 238, 2],
        [123, 170, 213, 146, 0, 101, 43, 171, 3],
    ];

    proptest! {
        #[test]
        fn any_threshold_of_the_shares_gives_the_secret(
            secret in prop::collection::vec(any::<u8>(), 1..40),
            (shares, threshold) in (2_usize..12).prop_flat_map(|n| (Just(n), 2..=n)),
            start in 0_usize..12,
        ) {
            let parts = split(&secret, shares, threshold).unwrap();
            let picked: Vec<_> =
                (0..threshold).map(|n| parts[(start + n) % shares].as_slice()).collect();
            prop_assert_eq!(&*combine(&picked).unwrap(), &secret);
            prop_assert!(parts.iter().all(|part| part.len() == secret.len() + 1));
        }
    }
}
