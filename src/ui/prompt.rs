//! Questions to the person at the terminal: yes or no, and passphrases without echo. They go through
//! the controlling terminal, so that stdin and stdout stay free for data.

use std::fs::File;
use std::io;
use std::io::BufRead;
use std::io::BufReader;
use std::io::Write;

use super::Ui;
use super::hidden;
use super::progress;
use crate::crypto::Secret;
use crate::text::escape;

/// Asks a yes-or-no question. `None` when nobody can be asked.
pub fn confirm(ui: &Ui, question: &str) -> Option<bool> {
    let terminal = terminal(ui)?;
    progress::aside(|| ask_to_confirm(terminal, question))
}

fn ask_to_confirm(mut terminal: File, question: &str) -> Option<bool> {
    let mut answers = BufReader::new(terminal.try_clone().ok()?);
    loop {
        write!(terminal, "{} [y/N] ", escape::text(question)).ok()?;
        terminal.flush().ok()?;
        let mut line = String::new();
        if answers.read_line(&mut line).ok()? == 0 {
            return Some(false);
        }
        match line.trim().to_lowercase().as_str() {
            "y" | "yes" => return Some(true),
            "" | "n" | "no" => return Some(false),
            _ => writeln!(terminal, "please answer y or n").ok()?,
        }
    }
}

/// Asks for a passphrase without echo. `None` when nobody can be asked, or nothing was given.
pub fn passphrase(ui: &Ui, what: &str) -> Option<Secret> {
    let mut terminal = terminal(ui)?;
    let line = progress::aside(|| {
        write!(terminal, "{}: ", escape::text(what)).ok()?;
        terminal.flush().ok()?;
        hidden::read_line(&terminal).ok()?
    });
    line.filter(|line| !line.is_empty())
}

/// Asks for one line in the open.
pub fn line(ui: &Ui, question: &str) -> Option<String> {
    let mut terminal = terminal(ui)?;
    let line = progress::aside(|| {
        write!(terminal, "{}: ", escape::text(question)).ok()?;
        terminal.flush().ok()?;
        let mut line = String::new();
        BufReader::new(terminal).read_line(&mut line).ok()?;
        Some(line)
    })?;
    Some(line.trim_end_matches(['\r', '\n']).to_owned())
}

fn terminal(ui: &Ui) -> Option<File> {
    if !ui.may_ask() {
        return None;
    }
    let open: io::Result<File> = File::options().read(true).write(true).open("/dev/tty");
    open.ok()
}
