//! AES-256-GCM opening with any length of IV (NIST SP 800-38D, 7.1 and 7.2). Values of sops itself
//! have 32 bytes and never come here; this refuses to encrypt.

use aes_gcm::aes::Aes256;
use aes_gcm::aes::Block;
use aes_gcm::aes::cipher::BlockEncrypt;
use aes_gcm::aes::cipher::KeyInit;
use ghash::GHash;
use ghash::universal_hash::UniversalHash;
use zeroize::Zeroizing;

use super::key::DataKey;

/// Bytes in a tag.
pub(super) const TAG_LEN: usize = 16;

/// Opens `sealed` (ciphertext, then tag); `None` if it is not authentic.
pub(super) fn open(
    key: &DataKey,
    iv: &[u8],
    sealed: &[u8],
    aad: &[u8],
) -> Option<Zeroizing<Vec<u8>>> {
    let (data, tag) = sealed.split_at_checked(sealed.len().checked_sub(TAG_LEN)?)?;
    let aes = Aes256::new(key.as_bytes().into());
    let mut hash_key = Zeroizing::new([0; TAG_LEN]);
    aes.encrypt_block(Block::from_mut_slice(hash_key.as_mut_slice()));
    let mut counter = first_counter(&hash_key, iv);

    let mut ghash = GHash::new(hash_key.as_slice().into());
    ghash.update_padded(aad);
    ghash.update_padded(data);
    ghash.update(&[lengths(aad.len(), data.len())]);
    let mut expected = counter;
    aes.encrypt_block(&mut expected);
    for (byte, tag) in expected.iter_mut().zip(tag) {
        *byte ^= tag;
    }
    ghash.verify(&expected).ok()?;

    let mut plain = Zeroizing::new(data.to_vec());
    for chunk in plain.chunks_mut(TAG_LEN) {
        increment(&mut counter);
        let mut stream = Zeroizing::new(<[u8; TAG_LEN]>::from(counter));
        aes.encrypt_block(Block::from_mut_slice(stream.as_mut_slice()));
        for (byte, key) in chunk.iter_mut().zip(stream.iter()) {
            *byte ^= key;
        }
    }
    Some(plain)
}

/// The pre-counter block J0.
fn first_counter(hash_key: &[u8; TAG_LEN], iv: &[u8]) -> Block {
    if iv.len() == 12 {
        let mut block = Block::default();
        block[..12].copy_from_slice(iv);
        block[15] = 1;
        return block;
    }
    let mut ghash = GHash::new(hash_key.into());
    ghash.update_padded(iv);
    ghash.update(&[lengths(0, iv.len())]);
    ghash.finalize()
}

/// Two byte counts as one block of two bit counts.
fn lengths(first: usize, second: usize) -> Block {
    let bits = |bytes: usize| (bytes as u64).wrapping_mul(8).to_be_bytes();
    let mut block = Block::default();
    block[..8].copy_from_slice(&bits(first));
    block[8..].copy_from_slice(&bits(second));
    block
}

/// Adds one to the last 32 bits.
fn increment(block: &mut Block) {
    for byte in block[12..].iter_mut().rev() {
        *byte = byte.wrapping_add(1);
        if *byte != 0 {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use aes_gcm::AesGcm;
    use aes_gcm::aead::Aead;
    use aes_gcm::aead::Payload;
    use aes_gcm::aead::consts::U1;
    use aes_gcm::aead::consts::U12;
    use aes_gcm::aead::consts::U16;
    use aes_gcm::aead::consts::U32;
    use aes_gcm::aead::consts::U60;

    use super::*;

    fn agrees<N: aes_gcm::aead::generic_array::ArrayLength<u8>>(len: usize) {
        let key = DataKey::generate();
        let cipher = AesGcm::<Aes256, N>::new(key.as_bytes().into());
        let iv: Vec<u8> = (0..len).map(|n| n as u8 ^ 0x5a).collect();
        for size in [0, 1, 15, 16, 17, 1000] {
            let msg = vec![0xc3; size];
            for aad in [&b""[..], b"a:b:", b"0123456789abcdef0"] {
                let payload = Payload { msg: &msg, aad };
                let mut sealed = cipher.encrypt(iv.as_slice().into(), payload).unwrap();
                assert_eq!(*open(&key, &iv, &sealed, aad).unwrap(), msg);
                assert!(open(&key, &iv, &sealed, b"x").is_none());
                sealed[size / 2] ^= 1;
                assert!(open(&key, &iv, &sealed, aad).is_none());
            }
        }
    }

    #[test]
    fn opens_what_aes_gcm_sealed() {
        agrees::<U1>(1);
        agrees::<U12>(12);
        agrees::<U16>(16);
        agrees::<U32>(32);
        agrees::<U60>(60);
    }

    #[test]
    fn refuses_what_is_shorter_than_a_tag() {
        assert!(open(&DataKey::generate(), &[0; 12], &[0; 15], b"").is_none());
    }

    #[test]
    fn the_counter_wraps_within_32_bits() {
        let mut block = Block::default();
        block[11] = 7;
        block[12..].copy_from_slice(&[0xff; 4]);
        increment(&mut block);
        assert_eq!(block[11..], [7, 0, 0, 0, 0]);
    }
}
