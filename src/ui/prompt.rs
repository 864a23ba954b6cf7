//! Questions to the person at the terminal: yes or no, and passphrases without echo. They go through
//! the controlling terminal, so that stdin and stdout stay free for data.

use std::fs::File;
use std::io;
use std::io::BufRead;
use std::io::BufReader;
use std::io::Write;

use super::Ui;
use crate::crypto::Secret;
use crate::text::escape;

/// Asks a yes-or-no question. `None` when nobody can be asked.
pub fn confirm(ui: &Ui, question: &str) -> Option<bool> {
    let mut terminal = terminal(ui)?;
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
    terminal(ui)?;
    let text = rpassword::prompt_password(format!("{}: ", escape::text(what))).ok()?;
    (!text.is_empty()).then(|| Secret::from(text))
}

/// Asks for one line in the open.
pub fn line(ui: &Ui, question: &str) -> Option<String> {
    let mut terminal = terminal(ui)?;
    write!(terminal, "{}: ", escape::text(question)).ok()?;
    terminal.flush().ok()?;
    let mut line = String::new();
    BufReader::new(terminal).read_line(&mut line).ok()?;
    Some(line.trim_end_matches(['\r', '\n']).to_owned())
}

fn terminal(ui: &Ui) -> Option<File> {
    if !ui.may_ask() {
        return None;
    }
    let open: io::Result<File> = File::options().read(true).write(true).open("/dev/tty");
    open.ok()
}
