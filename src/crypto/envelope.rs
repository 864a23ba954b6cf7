//! The way through a file from its first byte to its plaintext, whatever finds the file key: header, its
//! authentication code, payload. It refuses a header that the file key does not authenticate, before any
//! of the payload is read.

use std::io::BufRead;
use std::io::Read;
use std::io::Write;

use age_core::primitives::aead_decrypt;
use zeroize::Zeroizing;

use super::error::HeaderError;
use super::error::OpenError;
use super::filekey::FILE_KEY_LEN;
use super::filekey::FileKey;
use super::filekey::NONCE_LEN;
use super::header::Header;
use super::header::MAX_SCRYPT_LOG_N;
use super::header::Source;
use super::header::decode_array;
use super::header::read_error;
use super::secret::Secret;
use super::stream;
use super::stream::StreamError;

const SCRYPT_LABEL: &[u8] = b"age-encryption.org/v1/scrypt";

/// Opens a file in memory with the key that `find_key` finds for its header.
pub(crate) fn open_slice(
    sealed: &[u8],
    find_key: impl FnOnce(&Header) -> Result<FileKey, OpenError>,
) -> Result<Secret, OpenError> {
    let mut source = Source::open(sealed)?;
    let header = Header::read_from(&mut source)?;
    let payload_key = payload_key(&header, &mut source, find_key)?;
    let plain = match source {
        Source::Binary(rest) => stream::decrypt_slice(&payload_key, rest),
        Source::Armored(mut rest) => {
            let mut payload = Vec::with_capacity(sealed.len() / 4 * 3);
            rest.read_to_end(&mut payload).map_err(|error| OpenError::from(read_error(error)))?;
            stream::decrypt_slice(&payload_key, &payload)
        }
    };
    plain.map_err(stream_error)
}

/// Opens a file from a reader. Returns the number of plaintext bytes.
pub(crate) fn open_reader(
    input: impl BufRead,
    mut output: impl Write,
    find_key: impl FnOnce(&Header) -> Result<FileKey, OpenError>,
) -> Result<u64, OpenError> {
    let mut source = Source::open(input)?;
    let header = Header::read_from(&mut source)?;
    let payload_key = payload_key(&header, &mut source, find_key)?;
    let len = stream::decrypt(&payload_key, source, &mut output).map_err(stream_error)?;
    output.flush().map_err(OpenError::Write)?;
    Ok(len)
}

/// Decrypts a file with its passphrase.
pub(crate) fn open_with_passphrase(
    sealed: &[u8],
    passphrase: &Secret,
) -> Result<Secret, OpenError> {
    open_slice(sealed, |header| passphrase_key(header, passphrase))
}

/// The file key of a header that holds one passphrase stanza (C2SP `age`, `scrypt`).
pub(crate) fn passphrase_key(header: &Header, passphrase: &Secret) -> Result<FileKey, OpenError> {
    let malformed =
        |reason| OpenError::Header(HeaderError::Stanza { kind: "scrypt".to_owned(), reason });
    let stanza = header.stanzas().first();
    let (salt, log_n) = match stanza.map(|stanza| stanza.args.as_slice()) {
        Some([salt, log_n]) => (decode_array::<16>(salt), log_n.parse::<u8>()),
        _ => return Err(malformed("the arguments do not fit the type")),
    };
    let (Some(salt), Ok(log_n @ 1..=MAX_SCRYPT_LOG_N)) = (salt, log_n) else {
        return Err(malformed("the work factor is too large"));
    };
    let params = scrypt::Params::new(log_n, 8, 1, 32)
        .map_err(|_| malformed("the work factor is too large"))?;
    let salt = [SCRYPT_LABEL, &salt].concat();
    let mut key = Zeroizing::new([0; 32]);
    scrypt::scrypt(passphrase.as_bytes(), &salt, &params, key.as_mut())
        .expect("32 bytes are a length that scrypt can make");
    let body = stanza.map(|stanza| stanza.body.as_slice()).unwrap_or_default();
    aead_decrypt(&key, FILE_KEY_LEN, body)
        .ok()
        .and_then(FileKey::from_vec)
        .ok_or(OpenError::WrongPassphrase)
}

fn payload_key(
    header: &Header,
    source: &mut impl Read,
    find_key: impl FnOnce(&Header) -> Result<FileKey, OpenError>,
) -> Result<Zeroizing<[u8; 32]>, OpenError> {
    let file_key = find_key(header)?;
    if !header.is_authentic(&file_key) {
        return Err(OpenError::BadMac);
    }
    let mut nonce = [0; NONCE_LEN];
    source.read_exact(&mut nonce).map_err(read_error)?;
    Ok(file_key.payload_key(&nonce))
}

fn stream_error(error: StreamError) -> OpenError {
    match error {
        StreamError::Chunk(chunk) => OpenError::Payload { chunk },
        StreamError::Read(error) => match read_error(error) {
            HeaderError::Read(error) => OpenError::Read(error),
            other => OpenError::Header(other),
        },
        StreamError::Write(error) => OpenError::Write(error),
    }
}
