//! The terminal, and nothing else touches it: answers on stdout, talk on stderr, prompts, progress,
//! source excerpts and the editor. It knows how to say things, not what is true.

pub mod editor;
pub mod excerpt;
mod hidden;
pub mod progress;
pub mod prompt;
mod signals;
pub mod style;

use std::fmt::Display;
use std::io;
use std::io::IsTerminal;
use std::io::Read;
use std::io::Write;

use crate::crypto::Secret;
use crate::text::escape;

/// How to talk: set once from the global options.
#[derive(Clone, Copy, Debug)]
pub struct Ui {
    color: anstream::ColorChoice,
    input: bool,
    quiet: bool,
}

impl Ui {
    /// `quiet` silences [`Ui::status`]; `input` says whether questions may be asked.
    pub fn new(color: anstream::ColorChoice, quiet: bool, input: bool) -> Self {
        Self { color, input, quiet }
    }

    /// The command's answer: stdout, styles removed where nobody would see them.
    ///
    /// # Errors
    ///
    /// Those of stdout, broken pipes among them.
    pub fn answer(&self, text: impl Display) -> io::Result<()> {
        let mut out = anstream::AutoStream::new(io::stdout(), self.color);
        write!(out, "{text}")?;
        out.flush()
    }

    /// The answer as raw bytes, never styled: a decrypted secret, say.
    ///
    /// # Errors
    ///
    /// Those of stdout, broken pipes among them.
    pub fn answer_bytes(&self, bytes: &[u8]) -> io::Result<()> {
        let mut out = self.raw_answer();
        out.write_all(bytes)?;
        out.flush()
    }

    /// Stdout for bytes that are too many to hold.
    pub fn raw_answer(&self) -> impl Write + use<> {
        io::stdout().lock()
    }

    /// One line about what is going on or was done: stderr, silent with `--quiet`.
    pub fn status(&self, line: impl Display) {
        if !self.quiet {
            self.talk(format_args!("{line}\n"));
        }
    }

    /// Something the user should know although the command goes on.
    pub fn warn(&self, line: impl Display) {
        let style = style::WARNING;
        self.talk(format_args!("{style}warning{style:#}: {line}\n"));
    }

    /// An error with its causes.
    pub fn error(&self, error: &dyn Display, causes: &[String]) {
        let red = style::ERROR;
        let mut text = format!("{red}error{red:#}: {}\n", escape::lines(&error.to_string()));
        for cause in causes {
            text.push_str(&format!("  caused by: {}\n", escape::lines(cause)));
        }
        self.talk(text);
    }

    /// What to do next, one line each.
    pub fn hints(&self, hints: &[String]) {
        let style = style::HINT;
        for hint in hints {
            self.talk(format_args!("  {style}hint{style:#}: {}\n", escape::lines(hint)));
        }
    }

    /// Text on stderr as it is, `--quiet` or not.
    pub fn talk(&self, text: impl Display) {
        let mut err = anstream::AutoStream::new(io::stderr(), self.color);
        // Nobody is left to tell when stderr itself is gone.
        let _ = write!(err, "{text}");
    }

    /// Whether a person reads stdout.
    pub fn answers_to_terminal(&self) -> bool {
        io::stdout().is_terminal()
    }

    /// Whether a person can watch progress.
    pub fn shows_progress(&self) -> bool {
        !self.quiet && io::stderr().is_terminal()
    }

    /// Whether a person may be asked.
    pub fn may_ask(&self) -> bool {
        self.input
    }

    /// Stdin for bytes that are too many to hold.
    pub fn stdin(&self) -> impl Read + use<> {
        io::stdin().lock()
    }

    /// All of stdin, at most `limit` bytes.
    ///
    /// # Errors
    ///
    /// Those of stdin, and `InvalidData` past the limit.
    pub fn read_stdin(&self, limit: u64) -> io::Result<Secret> {
        let mut content = Secret::default();
        let read = io::copy(&mut io::stdin().lock().take(limit + 1), &mut content)?;
        if read > limit {
            let message = format!("standard input is larger than {limit} bytes");
            return Err(io::Error::new(io::ErrorKind::InvalidData, message));
        }
        Ok(content)
    }
}
