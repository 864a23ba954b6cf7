//! Text of unknown origin made fit for a message: control and non-ASCII characters escaped, shortened.

/// The longest excerpt, in characters of the original.
const LIMIT: usize = 48;

/// `text` escaped and shortened. Keys differ in the middle and at the end, so both ends are kept.
pub(crate) fn excerpt(text: &str) -> String {
    let text = text.trim();
    let count = text.chars().count();
    if count <= LIMIT {
        return text.escape_debug().to_string();
    }
    let head: String = text.chars().take(LIMIT - 12).collect();
    let tail: String = text.chars().skip(count - 8).collect();
    format!("{}…{}", head.escape_debug(), tail.escape_debug())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_and_shortens() {
        assert_eq!(excerpt(" age1\u{1b}[31m "), "age1\\u{1b}[31m");
        let long = "x".repeat(1000);
        assert!(excerpt(&long).chars().count() < LIMIT);
    }
}
