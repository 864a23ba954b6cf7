//! Opening whole age files (C2SP `age`) with a keyring, in memory or streamed. After an error the output
//! of a stream is not the file: the caller writes to a temporary one and throws it away.

use std::io::BufRead;
use std::io::Write;

use super::envelope;
use super::error::OpenError;
use super::filekey::FileKey;
use super::header::Header;
use super::keyring::Keyring;
use super::secret::Secret;

/// How often the passphrase of a file may be mistyped.
const ATTEMPTS: u32 = 3;

/// Decrypts a whole file in memory. `name` is for questions.
pub fn open(sealed: &[u8], keyring: &Keyring, name: &str) -> Result<Secret, OpenError> {
    envelope::open_slice(sealed, |header| find_key(header, keyring, name))
}

/// Decrypts `input` to its end. Returns the number of plaintext bytes. `name` is for questions.
///
/// # Errors
///
/// What was written before an error is good plaintext, but not all of it.
pub fn open_stream(
    input: impl BufRead,
    output: impl Write,
    keyring: &Keyring,
    name: &str,
) -> Result<u64, OpenError> {
    envelope::open_reader(input, output, |header| find_key(header, keyring, name))
}

fn find_key(header: &Header, keyring: &Keyring, name: &str) -> Result<FileKey, OpenError> {
    if header.is_passphrase() {
        ask_for_key(header, keyring, name)
    } else {
        keyring.file_key(header)
    }
}

fn ask_for_key(header: &Header, keyring: &Keyring, name: &str) -> Result<FileKey, OpenError> {
    let mut error = OpenError::NoPassphrase;
    for attempt in 0..ATTEMPTS {
        let Some(passphrase) = keyring.file_passphrase(name, attempt) else {
            break;
        };
        match envelope::passphrase_key(header, &passphrase) {
            Err(OpenError::WrongPassphrase) => error = OpenError::WrongPassphrase,
            result => return result,
        }
    }
    Err(error)
}
