//! New content for one secret: what `edit` and `encrypt` would write.

use std::sync::Arc;

use super::Change;
use super::Expect;
use crate::crypto::SealError;
use crate::crypto::Sealer;
use crate::crypto::Unlock;
use crate::fleet::OnDisk;
use crate::fleet::Secret;
use crate::text::prose;

/// Bytes of an encrypted file that are edited or rekeyed, which happens in memory.
pub const MAX_FILE: u64 = 1 << 30;

/// Why a secret cannot be written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WriteError {
    #[error("no rule says who may read `{path}`")]
    NoRule { path: String },
    /// Writing it for the rest would leave someone out in silence.
    #[error("the rule for `{path}` cannot be used: {problem}")]
    Rule { path: String, problem: String },
    #[error("cannot encrypt `{path}`")]
    Seal { path: String, source: SealError },
}

/// Encrypts for everyone that the secret's rule names.
///
/// # Errors
///
/// When there is no rule, something is wrong with it, or a recipient cannot be used.
pub fn sealer(secret: &Secret, unlock: &Arc<dyn Unlock>) -> Result<Sealer, WriteError> {
    let path = || secret.path.to_string();
    let Some(rule) = &secret.rule else {
        return Err(WriteError::NoRule { path: path() });
    };
    if let Some(problem) = rule.rule().first_problem() {
        return Err(WriteError::Rule { path: path(), problem });
    }
    let armored = match (&secret.on_disk, rule.rule().armor) {
        (_, Some(armor)) => armor,
        (OnDisk::Sealed(sealed), None) => sealed.armored,
        (_, None) => false,
    };
    Sealer::new(secret.wanted(), unlock)
        .map(|sealer| sealer.armored(armored))
        .map_err(|source| WriteError::Seal { path: path(), source })
}

/// The change that gives a secret its new plaintext. `old` are the file's bytes as they were read.
///
/// # Errors
///
/// As [`sealer`].
pub fn change(
    secret: &Secret,
    plain: &[u8],
    old: Option<Arc<[u8]>>,
    unlock: &Arc<dyn Unlock>,
) -> Result<Change, WriteError> {
    let sealer = sealer(secret, unlock)?;
    let new = sealer
        .seal(plain)
        .map_err(|source| WriteError::Seal { path: secret.path.to_string(), source })?;
    let about = format!("encrypted to {}", prose::count(sealer.recipients().len(), "recipient"));
    Ok(Change::write(secret.path.clone(), new, Expect::read(old), about))
}
