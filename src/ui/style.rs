//! The theme: what each kind of word looks like on a terminal. Nothing else names a colour.

use anstyle::AnsiColor;
use anstyle::Style;

/// Something is wrong.
pub const ERROR: Style = AnsiColor::Red.on_default().bold();
/// What to do next.
pub const HINT: Style = AnsiColor::Cyan.on_default().bold();
/// Something to look at, although work goes on.
pub const WARNING: Style = AnsiColor::Yellow.on_default().bold();
