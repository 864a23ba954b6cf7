//! The payload of an age file (C2SP `age`, STREAM): ChaCha20-Poly1305 over chunks of 64 KiB, a batch of
//! chunks at a time on all cores, in place, in memory that does not grow with the file. It refuses to
//! release a chunk that did not authenticate; what was written before an error is not the whole file,
//! so the caller must throw it away.

use std::io;
use std::io::BufRead;
use std::io::Read;
use std::io::Write;

use chacha20poly1305::AeadInPlace;
use chacha20poly1305::ChaCha20Poly1305;
use chacha20poly1305::KeyInit;
use chacha20poly1305::Nonce;
use chacha20poly1305::Tag;
use rayon::prelude::*;
use zeroize::Zeroizing;

use super::secret::Secret;

/// Plaintext bytes of a chunk.
const CHUNK: usize = 64 << 10;
/// Bytes of a chunk in the file.
const SEALED_CHUNK: usize = CHUNK + TAG;
/// Chunks in flight: 4 MiB a buffer.
const BATCH: usize = 64;
const TAG: usize = 16;

/// Why a payload was not written or read to its end.
pub(crate) enum StreamError {
    /// This chunk, counted from 0, is cut off, corrupt, or not followed by what must follow.
    Chunk(u64),
    Read(io::Error),
    Write(io::Error),
}

/// Encrypts all of `input`. Returns the number of plaintext bytes.
pub(crate) fn encrypt(
    key: &[u8; 32],
    mut input: impl BufRead,
    mut output: impl Write,
) -> Result<u64, StreamError> {
    let cipher = ChaCha20Poly1305::new(key.into());
    // While one batch is sealed on all cores, the one before it is written and the next one read.
    let mut sealing = Zeroizing::new(Vec::new());
    let mut reading = Zeroizing::new(Vec::new());
    let mut writing = Zeroizing::new(Vec::new());
    let mut total = 0;
    let mut index = 0;
    let mut batch = Some(Batch::fill(&mut input, &mut sealing, CHUNK).map_err(StreamError::Read)?);
    while let Some(now) = batch.take() {
        let sealed_len = now.bytes() + now.count * TAG;
        let (written, next) = rayon::in_place_scope(|scope| {
            let (sealed, cipher, now) = (&mut sealing[..sealed_len], &cipher, &now);
            scope.spawn(move |_| {
                for_each_chunk(sealed, |number, chunk| {
                    let is_last = now.at_end && number + 1 == now.count;
                    seal_chunk(cipher, &nonce(index + number as u64, is_last), chunk);
                    true
                });
            });
            let written = output.write_all(&writing);
            let next = (!now.at_end).then(|| Batch::fill(&mut input, &mut reading, CHUNK));
            (written, next)
        });
        written.map_err(StreamError::Write)?;
        total += now.bytes() as u64;
        index += now.count as u64;
        std::mem::swap(&mut writing, &mut sealing);
        std::mem::swap(&mut sealing, &mut reading);
        writing.truncate(sealed_len);
        batch = next.transpose().map_err(StreamError::Read)?;
    }
    output.write_all(&writing).map_err(StreamError::Write)?;
    Ok(total)
}

/// Encrypts `plain` and appends the chunks to `out`.
pub(crate) fn encrypt_slice(key: &[u8; 32], plain: &[u8], out: &mut Vec<u8>) {
    let cipher = ChaCha20Poly1305::new(key.into());
    let start = out.len();
    let count = plain.len().div_ceil(CHUNK).max(1);
    out.resize(start + plain.len() + count * TAG, 0);
    for_each_chunk(&mut out[start..], |number, chunk| {
        let from = number * CHUNK;
        let len = chunk.len() - TAG;
        chunk[..len].copy_from_slice(&plain[from..from + len]);
        seal_chunk(&cipher, &nonce(number as u64, number + 1 == count), chunk);
        true
    });
}

/// Decrypts `input` to its end. Returns the number of plaintext bytes. Every chunk before the first bad
/// one is written.
pub(crate) fn decrypt(
    key: &[u8; 32],
    mut input: impl BufRead,
    mut output: impl Write,
) -> Result<u64, StreamError> {
    let cipher = ChaCha20Poly1305::new(key.into());
    let mut buffer = Zeroizing::new(Vec::new());
    let mut total = 0;
    let mut index = 0;
    loop {
        let batch =
            Batch::fill(&mut input, &mut buffer, SEALED_CHUNK).map_err(StreamError::Read)?;
        let sealed = &mut buffer[..batch.bytes()];
        let good = for_each_chunk(sealed, |number, chunk| {
            let is_last = batch.at_end && number + 1 == batch.count;
            open_chunk(&cipher, index + number as u64, is_last, chunk)
        });
        // A full chunk that is the last one but should not be, or the reverse, is authentic all the same.
        let misplaced = sealed.chunks_mut(SEALED_CHUNK).nth(good).is_some_and(|chunk| {
            let is_last = batch.at_end && good + 1 == batch.count;
            chunk.len() == SEALED_CHUNK && open_chunk(&cipher, index + good as u64, !is_last, chunk)
        });
        let released = good + usize::from(misplaced);
        for chunk in sealed.chunks(SEALED_CHUNK).take(released) {
            let plain = &chunk[..chunk.len() - TAG];
            output.write_all(plain).map_err(StreamError::Write)?;
            total += plain.len() as u64;
        }
        if good < batch.count {
            return Err(StreamError::Chunk(index + good as u64));
        }
        index += batch.count as u64;
        if batch.at_end {
            return Ok(total);
        }
    }
}

/// Decrypts the payload `sealed`, all or nothing.
pub(crate) fn decrypt_slice(key: &[u8; 32], sealed: &[u8]) -> Result<Secret, StreamError> {
    let cipher = ChaCha20Poly1305::new(key.into());
    let count = sealed.len().div_ceil(SEALED_CHUNK).max(1);
    let mut plain = Secret::with_capacity(sealed.len());
    plain.extend(sealed);
    let good = for_each_chunk(plain.as_mut_bytes(), |number, chunk| {
        open_chunk(&cipher, number as u64, number + 1 == count, chunk)
    });
    if sealed.is_empty() || good < count {
        return Err(StreamError::Chunk(good as u64));
    }
    // Close the gaps that the tags leave.
    let mut len = 0;
    for from in (0..sealed.len()).step_by(SEALED_CHUNK) {
        let to = sealed.len().min(from + SEALED_CHUNK) - TAG;
        plain.as_mut_bytes().copy_within(from..to, len);
        len += to - from;
    }
    plain.truncate(len);
    Ok(plain)
}

/// Consecutive chunks in a buffer, each in its own slot of [`SEALED_CHUNK`] bytes.
struct Batch {
    at_end: bool,
    /// At least one.
    count: usize,
    last_len: usize,
    /// The bytes of every chunk but the last.
    part: usize,
}

impl Batch {
    /// Reads chunks of `part` bytes until the batch is full or `input` ends.
    fn fill(
        input: &mut impl BufRead,
        buffer: &mut Zeroizing<Vec<u8>>,
        part: usize,
    ) -> io::Result<Self> {
        let mut count = 0;
        loop {
            let start = count * SEALED_CHUNK;
            if buffer.len() < start + SEALED_CHUNK {
                grow(buffer, count + 1);
            }
            let last_len = read_full(input, &mut buffer[start..start + part])?;
            count += 1;
            let at_end = last_len < part || is_at_end(input)?;
            if at_end || count == BATCH {
                return Ok(Self { at_end, count, last_len, part });
            }
        }
    }

    /// Bytes read.
    fn bytes(&self) -> usize {
        (self.count - 1) * self.part + self.last_len
    }
}

/// Makes room for `count` chunks without leaving plaintext in the memory that the buffer moves out of.
fn grow(buffer: &mut Zeroizing<Vec<u8>>, count: usize) {
    let count = count.next_power_of_two().min(BATCH);
    let mut larger = Zeroizing::new(vec![0; count * SEALED_CHUNK]);
    larger[..buffer.len()].copy_from_slice(buffer);
    std::mem::swap(buffer, &mut larger);
}

fn read_full(input: &mut impl Read, out: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < out.len() {
        match input.read(&mut out[filled..]) {
            Ok(0) => break,
            Ok(len) => filled += len,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

fn is_at_end(input: &mut impl BufRead) -> io::Result<bool> {
    loop {
        match input.fill_buf() {
            Ok(bytes) => return Ok(bytes.is_empty()),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

/// Runs `work` on every chunk of `sealed`, on all cores if there are many. Returns how many chunks from
/// the start succeeded.
fn for_each_chunk(sealed: &mut [u8], work: impl Fn(usize, &mut [u8]) -> bool + Sync) -> usize {
    let count = sealed.len().div_ceil(SEALED_CHUNK);
    if count == 1 {
        return usize::from(work(0, sealed));
    }
    sealed
        .par_chunks_mut(SEALED_CHUNK)
        .enumerate()
        .filter_map(|(number, chunk)| (!work(number, chunk)).then_some(number))
        .min()
        .unwrap_or(count)
}

/// Encrypts all of `chunk` but the room for the tag at its end.
fn seal_chunk(cipher: &ChaCha20Poly1305, nonce: &Nonce, chunk: &mut [u8]) {
    let (plain, tag) = chunk.split_at_mut(chunk.len() - TAG);
    let sealed = cipher
        .encrypt_in_place_detached(nonce, b"", plain)
        .expect("a chunk is far below the limit of the cipher");
    tag.copy_from_slice(&sealed);
}

/// Decrypts `chunk` up to its tag. Only a file without content may have an empty chunk.
fn open_chunk(cipher: &ChaCha20Poly1305, index: u64, is_last: bool, chunk: &mut [u8]) -> bool {
    let Some(len) = chunk.len().checked_sub(TAG) else {
        return false;
    };
    if len == 0 && index > 0 {
        return false;
    }
    let (sealed, tag) = chunk.split_at_mut(len);
    cipher
        .decrypt_in_place_detached(&nonce(index, is_last), b"", sealed, Tag::from_slice(tag))
        .is_ok()
}

/// 11 bytes of counter, 1 byte that marks the last chunk.
fn nonce(index: u64, is_last: bool) -> Nonce {
    let mut nonce = Nonce::default();
    nonce[3..11].copy_from_slice(&index.to_be_bytes());
    nonce[11] = u8::from(is_last);
    nonce
}
