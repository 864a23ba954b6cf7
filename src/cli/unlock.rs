//! Questions of keys, answered by the person at the terminal.

use crate::crypto::Question;
use crate::crypto::Secret;
use crate::crypto::Unlock;
use crate::ui::Ui;
use crate::ui::prompt;

/// Asks at the terminal, when asking is allowed and there is one.
pub(super) struct AskUser {
    ui: Ui,
}

impl AskUser {
    pub(super) fn new(ui: Ui) -> Self {
        Self { ui }
    }
}

impl Unlock for AskUser {
    fn passphrase(&self, question: Question<'_>, attempt: u32) -> Option<Secret> {
        if attempt > 0 {
            self.ui.warn("that passphrase is wrong");
        }
        match question {
            Question::File { name } | Question::IdentityFile { name } => {
                prompt::passphrase(&self.ui, &format!("passphrase for {name}"))
            }
            Question::Plugin { message } => prompt::passphrase(&self.ui, message),
            Question::SshKey { name, fingerprint } => {
                prompt::passphrase(&self.ui, &format!("passphrase for {name} ({fingerprint})"))
            }
        }
    }

    fn display_message(&self, message: &str) {
        self.ui.warn(crate::text::escape::text(message));
    }

    fn confirm(&self, message: &str, yes: &str, no: Option<&str>) -> Option<bool> {
        let choices = match no {
            Some(no) => format!("{message} (y: {yes}, n: {no})"),
            None => format!("{message} (y: {yes})"),
        };
        prompt::confirm(&self.ui, &choices)
    }

    fn request_public_string(&self, description: &str) -> Option<String> {
        prompt::line(&self.ui, description)
    }
}
