//! The questions that keys can raise, answered by the caller. Nothing here talks to anyone.

use std::sync::Arc;

use age::Callbacks;
use age_core::secrecy::SecretString;

use super::secret::Secret;

/// What a passphrase is wanted for.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Question<'a> {
    /// A file that is encrypted to a passphrase instead of keys.
    File { name: &'a str },
    /// An age identity file that is protected by a passphrase.
    IdentityFile { name: &'a str },
    /// A PIN or the like; the text is the plugin's.
    Plugin { message: &'a str },
    /// A private SSH key.
    SshKey { name: &'a str, fingerprint: &'a str },
}

/// Answers for keys that need someone. `None` always means: there is no answer, go on without.
pub trait Unlock: Send + Sync {
    /// A passphrase or PIN. `attempt` counts from 0 and grows after each wrong answer to the same question.
    fn passphrase(&self, question: Question<'_>, attempt: u32) -> Option<Secret>;

    /// Shows a plugin's request, such as to touch a hardware key.
    fn display_message(&self, message: &str);

    /// Asks to choose between `yes` and `no`.
    fn confirm(&self, message: &str, yes: &str, no: Option<&str>) -> Option<bool>;

    /// Asks for something that is no secret.
    fn request_public_string(&self, description: &str) -> Option<String>;
}

/// Answers nothing: for runs without anyone at a terminal.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoUnlock;

impl Unlock for NoUnlock {
    fn passphrase(&self, _: Question<'_>, _: u32) -> Option<Secret> {
        None
    }

    fn display_message(&self, _: &str) {}

    fn confirm(&self, _: &str, _: &str, _: Option<&str>) -> Option<bool> {
        None
    }

    fn request_public_string(&self, _: &str) -> Option<String> {
        None
    }
}

/// An [`Unlock`] in the shape that age's plugin protocol wants.
#[derive(Clone)]
pub(crate) struct PluginCallbacks(pub(crate) Arc<dyn Unlock>);

impl Callbacks for PluginCallbacks {
    fn display_message(&self, message: &str) {
        self.0.display_message(message);
    }

    fn confirm(&self, message: &str, yes: &str, no: Option<&str>) -> Option<bool> {
        self.0.confirm(message, yes, no)
    }

    fn request_public_string(&self, description: &str) -> Option<String> {
        self.0.request_public_string(description)
    }

    fn request_passphrase(&self, description: &str) -> Option<SecretString> {
        let question = Question::Plugin { message: description };
        self.0.passphrase(question, 0).and_then(secret_string)
    }
}

/// A passphrase as the age crate takes it; `None` if it is not text.
pub(crate) fn secret_string(secret: Secret) -> Option<SecretString> {
    secret.as_str().map(SecretString::from)
}
