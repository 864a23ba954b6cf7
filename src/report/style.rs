//! What kinds of words look like in reports; removed again where nobody would see it.

use std::fmt::Display;

use anstyle::AnsiColor;
use anstyle::Style;

const BAD: Style = AnsiColor::Red.on_default();
const DIM: Style = Style::new().dimmed();
const GOOD: Style = AnsiColor::Green.on_default();
const HEADING: Style = Style::new().bold();
const UNSURE: Style = AnsiColor::Yellow.on_default();

pub(super) fn bad(text: impl Display) -> String {
    format!("{BAD}{text}{BAD:#}")
}

pub(super) fn dim(text: impl Display) -> String {
    format!("{DIM}{text}{DIM:#}")
}

pub(super) fn good(text: impl Display) -> String {
    format!("{GOOD}{text}{GOOD:#}")
}

pub(super) fn heading(text: impl Display) -> String {
    format!("{HEADING}{text}{HEADING:#}")
}

pub(super) fn unsure(text: impl Display) -> String {
    format!("{UNSURE}{text}{UNSURE:#}")
}
