//! Columns of text, aligned by what a terminal shows and not by bytes. Cells may hold ANSI styles;
//! it measures past them. It prints nothing itself.

use unicode_width::UnicodeWidthStr;

/// Rows of cells, laid out with two spaces between columns and no trailing blanks.
#[derive(Debug, Default)]
pub struct Table {
    rows: Vec<Vec<String>>,
    indent: usize,
}

impl Table {
    /// An empty table whose lines start with `indent` spaces.
    pub fn indented(indent: usize) -> Self {
        Self { rows: Vec::new(), indent }
    }

    /// Adds one row; rows may have different lengths.
    pub fn row<I, S>(&mut self, cells: I)
    where
        I: IntoIterator<Item = S>,
        S: Into<String>,
    {
        self.rows.push(cells.into_iter().map(Into::into).collect());
    }

    /// Whether no row was added.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The table as lines, each ended by a newline.
    pub fn render(&self) -> String {
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        let mut widths = vec![0; columns];
        for row in &self.rows {
            // The last cell of a row may be long prose: it must not push the others apart.
            for (width, cell) in widths.iter_mut().zip(&row[..row.len().saturating_sub(1)]) {
                *width = (*width).max(shown_width(cell));
            }
        }
        let mut out = String::new();
        for row in &self.rows {
            let mut line = " ".repeat(self.indent);
            for (i, cell) in row.iter().enumerate() {
                line.push_str(cell);
                if i + 1 < row.len() {
                    line.push_str(&" ".repeat(widths[i].saturating_sub(shown_width(cell)) + 2));
                }
            }
            out.push_str(line.trim_end());
            out.push('\n');
        }
        out
    }
}

/// Columns that a terminal uses for the text, ANSI styles left out.
pub fn shown_width(text: &str) -> usize {
    if text.contains('\u{1b}') {
        let plain = anstream::adapter::strip_str(text).to_string();
        return plain.width();
    }
    text.width()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up_past_styles_and_wide_characters() {
        let mut table = Table::indented(2);
        table.row(["a", "bb", "c"]);
        table.row(["\u{1b}[1mlonger\u{1b}[0m", "é", ""]);
        table.row(["日本", "x", "y"]);
        assert_eq!(
            table.render(),
            "  a       bb  c\n  \u{1b}[1mlonger\u{1b}[0m  é\n  日本    x   y\n"
        );
    }
}
