//! Sealing age files (C2SP `age`) to recipients, in memory or streamed. Refuses to mix post-quantum
//! recipients with others. After an error the output of a stream is not a file: the caller writes to a
//! temporary one and throws it away.

use std::collections::HashSet;
use std::io;
use std::io::BufReader;
use std::io::Read;
use std::io::Write;
use std::sync::Arc;

use age::armor::ArmoredWriter;
use age::armor::Format;
use age_core::format::Stanza;
use base64::Engine;
use base64::prelude::BASE64_STANDARD_NO_PAD;
use rand::RngCore;
use rand::rngs::OsRng;
use zeroize::Zeroizing;

use super::compare::short_hash;
use super::error::SealError;
use super::filekey::FileKey;
use super::filekey::NONCE_LEN;
use super::header::write_header;
use super::plugin::PluginGroup;
use super::recipient::Key;
use super::recipient::Recipient;
use super::stream;
use super::stream::StreamError;
use super::unlock::Unlock;

/// Encrypts any number of files to one set of recipients. Shared by all threads of a run.
pub struct Sealer {
    armored: bool,
    plugins: Vec<PluginGroup>,
    recipients: Vec<Recipient>,
}

impl Sealer {
    /// Checks that the recipients fit together; repeated ones count once. Plugins ask `unlock`.
    pub fn new<'a>(
        recipients: impl IntoIterator<Item = &'a Recipient>,
        unlock: &Arc<dyn Unlock>,
    ) -> Result<Self, SealError> {
        let mut seen = HashSet::new();
        let recipients: Vec<Recipient> =
            recipients.into_iter().filter(|recipient| seen.insert(*recipient)).cloned().collect();
        if recipients.is_empty() {
            return Err(SealError::NoRecipient);
        }
        let strong = recipients.iter().find(|key| key.is_post_quantum() == Some(true));
        let weak = recipients.iter().find(|key| key.is_post_quantum() == Some(false));
        if let (Some(strong), Some(weak)) = (strong, weak) {
            return Err(SealError::Mixed { post_quantum: strong.label(), other: weak.label() });
        }
        Ok(Self { armored: false, plugins: PluginGroup::all(&recipients, unlock)?, recipients })
    }

    /// Whether to write ASCII armor.
    #[must_use]
    pub fn armored(mut self, armored: bool) -> Self {
        self.armored = armored;
        self
    }

    /// The recipients, each once.
    pub fn recipients(&self) -> &[Recipient] {
        &self.recipients
    }

    /// Encrypts `plain` into a new file.
    pub fn seal(&self, plain: &[u8]) -> Result<Vec<u8>, SealError> {
        let (mut file, payload_key) = self.start()?;
        stream::encrypt_slice(&payload_key, plain, &mut file);
        if self.armored {
            let mut writer = ArmoredWriter::wrap_output(Vec::new(), Format::AsciiArmor)
                .map_err(SealError::Write)?;
            writer.write_all(&file).map_err(SealError::Write)?;
            file = writer.finish().map_err(SealError::Write)?;
        }
        Ok(file)
    }

    /// Encrypts all of `input`. Returns the number of plaintext bytes.
    pub fn seal_stream(&self, input: impl Read, mut output: impl Write) -> Result<u64, SealError> {
        let (start, payload_key) = self.start()?;
        let input = BufReader::new(input);
        let write = |start: &[u8], mut output: &mut dyn Write| -> Result<u64, SealError> {
            output.write_all(start).map_err(SealError::Write)?;
            stream::encrypt(&payload_key, input, &mut output).map_err(|error| match error {
                StreamError::Read(error) => SealError::Read(error),
                StreamError::Write(error) => SealError::Write(error),
                StreamError::Chunk(_) => SealError::Write(io::ErrorKind::InvalidData.into()),
            })
        };
        let len = if self.armored {
            let mut writer = ArmoredWriter::wrap_output(&mut output, Format::AsciiArmor)
                .map_err(SealError::Write)?;
            let len = write(&start, &mut writer)?;
            writer.finish().map_err(SealError::Write)?;
            len
        } else {
            write(&start, &mut output)?
        };
        output.flush().map_err(SealError::Write)?;
        Ok(len)
    }

    /// The header and nonce of a new file, and its payload key.
    fn start(&self) -> Result<(Vec<u8>, Zeroizing<[u8; 32]>), SealError> {
        let file_key = FileKey::random();
        let mut stanzas = Vec::with_capacity(self.recipients.len());
        for recipient in &self.recipients {
            stanzas.extend(wrap(recipient, &file_key)?);
        }
        for plugin in &self.plugins {
            stanzas.extend(plugin.wrap(&file_key, &self.recipients)?);
        }
        let mut file = write_header(&stanzas, &file_key);
        let mut nonce = [0; NONCE_LEN];
        OsRng.fill_bytes(&mut nonce);
        file.extend_from_slice(&nonce);
        Ok((file, file_key.payload_key(&nonce)))
    }
}

/// The stanza for a recipient that needs no plugin.
fn wrap(recipient: &Recipient, file_key: &FileKey) -> Result<Vec<Stanza>, SealError> {
    let unusable = || SealError::Unusable { recipient: recipient.label() };
    if let Some(curve) = recipient.curve_wrapping() {
        let (share, body) = curve.wrap(file_key).map_err(|_| unusable())?;
        let share = BASE64_STANDARD_NO_PAD.encode(share);
        let tag = recipient.ssh_blob().map(|blob| BASE64_STANDARD_NO_PAD.encode(short_hash(blob)));
        return Ok(vec![Stanza {
            tag: recipient.kind().stanza().unwrap_or_default().to_owned(),
            args: tag.into_iter().chain([share]).collect(),
            body,
        }]);
    }
    let by_age: &dyn age::Recipient = match recipient.key() {
        Key::Hybrid(public) => {
            let (share, body) = public.wrap(file_key);
            return Ok(vec![Stanza {
                tag: "mlkem768x25519".to_owned(),
                args: vec![BASE64_STANDARD_NO_PAD.encode(share)],
                body,
            }]);
        }
        Key::HybridTag { recipient, .. } => recipient.as_ref(),
        Key::P256Tag { recipient, .. } => recipient.as_ref(),
        Key::SshRsa { recipient, .. } => recipient.as_ref(),
        Key::Plugin(_) | Key::SshEd25519 { .. } | Key::X25519 { .. } => return Ok(Vec::new()),
    };
    let (stanzas, _) = by_age.wrap_file_key(&file_key.to_age()).map_err(|_| unusable())?;
    Ok(stanzas)
}
