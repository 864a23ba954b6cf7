//! Age file headers, read without any key (C2SP `age`): one pass, line by line, bounded in size, binary
//! or armored. It refuses whatever the C2SP test vectors call a header or armor failure, also in the
//! stanzas of native types that no identity will be tried on; it never reads past the header.

use std::io;
use std::io::BufRead;
use std::io::BufReader;
use std::io::Read;

use age::armor::ArmoredReader;
use age_core::format::Stanza;
use base64::Engine;
use base64::prelude::BASE64_STANDARD_NO_PAD;
use sha2::Digest;
use sha2::Sha256;

use super::error::HeaderError;
use super::error::MAX_HEADER_LEN;
use super::excerpt::excerpt;
use super::filekey::FileKey;
use super::hybrid;

/// The largest scrypt work factor that is tried, as in Go's age: 4 GiB of memory.
pub(crate) const MAX_SCRYPT_LOG_N: u8 = 22;

const ARMOR_BEGIN: &[u8] = b"-----BEGIN AGE ENCRYPTED FILE-----";
const BODY_COLUMNS: usize = 64;
const MAX_SPACE: usize = 64 << 10;
const VERSION_LINE: &[u8] = b"age-encryption.org/v1\n";
const VERSION_PREFIX: &[u8] = b"age-encryption.org/";
/// A file key with its authentication tag.
const WRAPPED_KEY_LEN: usize = 32;

/// The header of one age file.
#[derive(Debug)]
pub struct Header {
    armored: bool,
    bytes: Vec<u8>,
    mac: [u8; 32],
    stanzas: Vec<Stanza>,
}

impl Header {
    /// Reads a header from the start of `input`, armored or not.
    ///
    /// # Errors
    ///
    /// [`HeaderError::Read`] if `input` fails, otherwise what is wrong with the header.
    pub fn read(input: impl BufRead) -> Result<Self, HeaderError> {
        Self::read_from(&mut Source::open(input)?)
    }

    /// The stanzas in the order of the file, `*-grease` included.
    pub fn stanzas(&self) -> &[Stanza] {
        &self.stanzas
    }

    /// The authentication code on the last line. Only the file key tells whether it is right.
    pub fn mac(&self) -> &[u8; 32] {
        &self.mac
    }

    /// The length of the binary header, from the version line through the line of the code.
    pub fn bytes_len(&self) -> usize {
        self.bytes.len()
    }

    /// Whether the file is ASCII-armored.
    pub fn is_armored(&self) -> bool {
        self.armored
    }

    /// Whether the file opens with a passphrase instead of a key.
    pub fn is_passphrase(&self) -> bool {
        self.stanzas.iter().any(|stanza| stanza.tag == "scrypt")
    }

    /// A stable name for exactly this header: the SHA-256 of its binary form. Re-encryption changes it,
    /// armoring does not.
    pub fn id(&self) -> [u8; 32] {
        Sha256::digest(&self.bytes).into()
    }

    pub(crate) fn read_from<R: BufRead>(source: &mut Source<R>) -> Result<Self, HeaderError> {
        let mut lines = Lines::new(source);
        let version = lines.next()?;
        if version != VERSION_LINE {
            return Err(version_error(version));
        }
        let mut stanzas = Vec::new();
        let mac = loop {
            let line = lines.next()?;
            if let Some(arguments) = line.strip_prefix(b"-> ") {
                let arguments = parse_arguments(arguments).ok_or(lines.malformed(
                    "a stanza starts with `->`, a type and arguments, one space apart",
                ))?;
                stanzas.push(read_stanza(arguments, &mut lines)?);
            } else if let Some(mac) = line.strip_prefix(b"---") {
                if stanzas.is_empty() {
                    return Err(lines.malformed("there is no stanza"));
                }
                break parse_mac(mac).ok_or(lines.malformed(
                    "the last line is `---`, a space and 43 characters of canonical base64",
                ))?;
            } else {
                return Err(lines.malformed("neither a stanza nor the last line"));
            }
        };
        let bytes = lines.bytes;
        check_stanzas(&stanzas)?;
        Ok(Self { armored: source.is_armored(), bytes, mac, stanzas })
    }

    /// Whether `key` authenticates this header.
    pub(crate) fn is_authentic(&self, key: &FileKey) -> bool {
        let covered = self.bytes.len() - " \n".len() - encoded_len(self.mac.len());
        key.verifies(&self.bytes[..covered], &self.mac)
    }
}

/// Writes the binary header of a new file.
pub(crate) fn write_header(stanzas: &[Stanza], key: &FileKey) -> Vec<u8> {
    let mut out = VERSION_LINE.to_vec();
    for stanza in stanzas {
        out.extend_from_slice(b"-> ");
        out.extend_from_slice(stanza.tag.as_bytes());
        for argument in &stanza.args {
            out.push(b' ');
            out.extend_from_slice(argument.as_bytes());
        }
        out.push(b'\n');
        let body = BASE64_STANDARD_NO_PAD.encode(&stanza.body);
        let full = body.len() - body.len() % BODY_COLUMNS;
        for line in body.as_bytes()[..full].chunks(BODY_COLUMNS) {
            out.extend_from_slice(line);
            out.push(b'\n');
        }
        // The last line is short, and empty if need be: it ends the stanza.
        out.extend_from_slice(&body.as_bytes()[full..]);
        out.push(b'\n');
    }
    out.extend_from_slice(b"---");
    let mac = key.header_mac(&out);
    out.push(b' ');
    out.extend_from_slice(BASE64_STANDARD_NO_PAD.encode(mac).as_bytes());
    out.push(b'\n');
    out
}

/// The binary age file inside an input that may be armored.
pub(crate) enum Source<R> {
    Armored(Box<BufReader<ArmoredReader<BufReader<R>>>>),
    Binary(R),
}

impl<R: BufRead> Source<R> {
    /// Looks at the first bytes. White space may stand before armor, and only there.
    pub(crate) fn open(mut input: R) -> Result<Self, HeaderError> {
        let skipped = skip_space(&mut input).map_err(HeaderError::Read)?;
        let start = input.fill_buf().map_err(HeaderError::Read)?;
        let common = start.len().min(ARMOR_BEGIN.len());
        let is_armor = common > 0 && start[..common] == ARMOR_BEGIN[..common];
        if is_armor {
            let armored = BufReader::with_capacity(1 << 16, ArmoredReader::new(input));
            return Ok(Self::Armored(Box::new(armored)));
        }
        if start.starts_with(b"-----") {
            let reason = "the first line is not `-----BEGIN AGE ENCRYPTED FILE-----`".to_owned();
            return Err(HeaderError::Armor { reason });
        }
        if skipped > 0 {
            return Err(HeaderError::NotAge);
        }
        Ok(Self::Binary(input))
    }

    fn is_armored(&self) -> bool {
        matches!(self, Self::Armored(_))
    }
}

impl<R: BufRead> Read for Source<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Armored(inner) => inner.read(out),
            Self::Binary(inner) => inner.read(out),
        }
    }
}

impl<R: BufRead> BufRead for Source<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        match self {
            Self::Armored(inner) => inner.fill_buf(),
            Self::Binary(inner) => inner.fill_buf(),
        }
    }

    fn consume(&mut self, amount: usize) {
        match self {
            Self::Armored(inner) => inner.consume(amount),
            Self::Binary(inner) => inner.consume(amount),
        }
    }
}

/// Skips white space, within reason. Returns how much of it there was.
fn skip_space(input: &mut impl BufRead) -> io::Result<usize> {
    let mut skipped = 0;
    while skipped < MAX_SPACE {
        let buffer = input.fill_buf()?;
        let blanks = buffer.len() - buffer.trim_ascii_start().len();
        if blanks == 0 {
            break;
        }
        input.consume(blanks);
        skipped += blanks;
    }
    Ok(skipped)
}

/// Tells a fault of the armor, which arrives as an I/O error, from a fault of the input.
pub(crate) fn read_error(error: io::Error) -> HeaderError {
    let is_armor = error.get_ref().is_some_and(|inner| inner.is::<age::armor::ArmoredReadError>());
    if is_armor {
        let reason = error.to_string();
        HeaderError::Armor { reason }
    } else if error.kind() == io::ErrorKind::UnexpectedEof {
        HeaderError::Truncated
    } else {
        HeaderError::Read(error)
    }
}

/// Decodes unpadded canonical base64 of exactly `N` bytes.
pub(crate) fn decode_array<const N: usize>(text: &str) -> Option<[u8; N]> {
    if text.len() != encoded_len(N) {
        return None;
    }
    let mut bytes = [0; N];
    let len = BASE64_STANDARD_NO_PAD.decode_slice(text, &mut bytes).ok()?;
    (len == N).then_some(bytes)
}

/// The lines read so far, all in one buffer: it becomes [`Header::bytes`].
struct Lines<'a, R> {
    bytes: Vec<u8>,
    count: usize,
    source: &'a mut Source<R>,
}

impl<'a, R: BufRead> Lines<'a, R> {
    fn new(source: &'a mut Source<R>) -> Self {
        Self { bytes: Vec::with_capacity(1024), count: 0, source }
    }

    /// The next line with its newline.
    fn next(&mut self) -> Result<&[u8], HeaderError> {
        let start = self.bytes.len();
        let room = MAX_HEADER_LEN.saturating_sub(start) as u64;
        self.count += 1;
        self.source.by_ref().take(room).read_until(b'\n', &mut self.bytes).map_err(read_error)?;
        let line = &self.bytes[start..];
        if line.ends_with(b"\n") {
            Ok(line)
        } else if self.count == 1 && !VERSION_LINE.starts_with(line) {
            Err(version_error(line))
        } else if line.is_empty() && self.count == 1 {
            Err(HeaderError::NotAge)
        } else if line.len() as u64 == room {
            Err(HeaderError::TooLarge)
        } else {
            Err(HeaderError::Truncated)
        }
    }

    fn malformed(&self, reason: &'static str) -> HeaderError {
        HeaderError::Malformed { line: self.count, reason }
    }
}

fn version_error(line: &[u8]) -> HeaderError {
    match line.strip_prefix(VERSION_PREFIX) {
        Some(version) => {
            let version = excerpt(&String::from_utf8_lossy(version));
            HeaderError::Version { version }
        }
        None => HeaderError::NotAge,
    }
}

/// Splits the rest of a stanza's first line; every part is one or more visible ASCII characters.
fn parse_arguments(line: &[u8]) -> Option<(String, Vec<String>)> {
    let line = line.strip_suffix(b"\n")?;
    let mut parts = line.split(|byte| *byte == b' ').map(|part| {
        let visible = !part.is_empty() && part.iter().all(u8::is_ascii_graphic);
        visible.then(|| String::from_utf8_lossy(part).into_owned())
    });
    let kind = parts.next()??;
    Some((kind, parts.collect::<Option<_>>()?))
}

fn read_stanza<R: BufRead>(
    (tag, args): (String, Vec<String>),
    lines: &mut Lines<'_, R>,
) -> Result<Stanza, HeaderError> {
    let mut body = Vec::with_capacity(WRAPPED_KEY_LEN);
    loop {
        let line = lines.next()?;
        let line = &line[..line.len() - 1];
        let is_last = line.len() < BODY_COLUMNS;
        let decoded = line.len() <= BODY_COLUMNS
            && BASE64_STANDARD_NO_PAD.decode_vec(line, &mut body).is_ok();
        if !decoded {
            return Err(lines.malformed(
                "a stanza's body is canonical base64 in lines of 64 characters and a shorter last one",
            ));
        }
        if is_last {
            return Ok(Stanza { tag, args, body });
        }
    }
}

fn parse_mac(rest: &[u8]) -> Option<[u8; 32]> {
    let text = rest.strip_prefix(b" ")?.strip_suffix(b"\n")?;
    decode_array(std::str::from_utf8(text).ok()?)
}

/// The structure of the stanzas whose format is known.
fn check_stanzas(stanzas: &[Stanza]) -> Result<(), HeaderError> {
    for stanza in stanzas {
        check_stanza(stanza)
            .map_err(|reason| HeaderError::Stanza { kind: excerpt(&stanza.tag), reason })?;
    }
    let mixed = stanzas.len() > 1 && stanzas.iter().any(|stanza| stanza.tag == "scrypt");
    if mixed {
        return Err(HeaderError::MixedPassphrase);
    }
    Ok(())
}

fn check_stanza(stanza: &Stanza) -> Result<(), &'static str> {
    let args: Vec<&str> = stanza.args.iter().map(String::as_str).collect();
    let well_formed = match (stanza.tag.as_str(), args.as_slice()) {
        ("X25519", [share]) => decode_array::<32>(share).is_some(),
        ("mlkem768x25519", [share]) => decode_array::<{ hybrid::SHARE_LEN }>(share).is_some(),
        ("scrypt", [salt, log_n]) => {
            if !is_work_factor(log_n) {
                return Err("the work factor is not a number from 1 to 22");
            }
            decode_array::<16>(salt).is_some()
        }
        ("ssh-ed25519", [tag, share]) => {
            decode_array::<4>(tag).is_some() && decode_array::<32>(share).is_some()
        }
        ("ssh-rsa", [tag]) => return decode_array::<4>(tag).map(|_| ()).ok_or(BAD_ARGUMENTS),
        ("X25519" | "mlkem768x25519" | "scrypt" | "ssh-ed25519" | "ssh-rsa", _) => false,
        _ => return Ok(()),
    };
    if !well_formed {
        return Err(BAD_ARGUMENTS);
    }
    if stanza.body.len() != WRAPPED_KEY_LEN {
        return Err("the wrapped file key has the wrong size");
    }
    Ok(())
}

const BAD_ARGUMENTS: &str = "the arguments do not fit the type";

/// Decimal without sign or leading zero.
fn is_work_factor(text: &str) -> bool {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit()) && !text.starts_with('0');
    plain && text.parse().is_ok_and(|log_n: u8| log_n <= MAX_SCRYPT_LOG_N)
}

const fn encoded_len(len: usize) -> usize {
    (len * 4).div_ceil(3)
}
