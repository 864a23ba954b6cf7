//! Small words that make messages read well: counted nouns, lists joined with commas, names in
//! backticks. It knows grammar, not the domain.

use std::fmt::Display;

/// `1 secret`, `2 secrets`: the noun with its count, in the plural where the count asks for it.
pub fn count(n: usize, noun: &str) -> String {
    format!("{n} {}", noun_for(n, noun))
}

/// The noun alone, in the form that `n` of it take.
pub fn noun_for(n: usize, noun: &str) -> String {
    if n == 1 {
        return noun.to_owned();
    }
    let stem = noun.strip_suffix('y').filter(|stem| !stem.ends_with(['a', 'e', 'o', 'u']));
    match stem {
        Some(stem) => format!("{stem}ies"),
        None if noun.ends_with('s') || noun.ends_with("ch") => format!("{noun}es"),
        None => format!("{noun}s"),
    }
}

/// `a`, `a and b`, `a, b and c`.
pub fn and_list<T: Display>(items: impl IntoIterator<Item = T>) -> String {
    let mut words: Vec<String> = items.into_iter().map(|item| item.to_string()).collect();
    match words.len() {
        0 => String::new(),
        1 => words.remove(0),
        _ => {
            let last = words.pop().unwrap_or_default();
            format!("{} and {last}", words.join(", "))
        }
    }
}

/// The first `max` items joined by commas, and how many more there are.
pub fn some_of<T: Display>(items: &[T], max: usize) -> String {
    let shown: Vec<String> = items.iter().take(max).map(ToString::to_string).collect();
    match items.len().saturating_sub(max) {
        0 => and_list(shown),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

/// The name in backticks, as messages quote what a user wrote.
pub fn tick(name: impl Display) -> String {
    format!("`{name}`")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nouns_follow_their_count() {
        assert_eq!(count(1, "secret"), "1 secret");
        assert_eq!(count(0, "secret"), "0 secrets");
        assert_eq!(count(2, "identity"), "2 identities");
        assert_eq!(count(2, "key"), "2 keys");
        assert_eq!(count(3, "alias"), "3 aliases");
    }

    #[test]
    fn lists_read_as_english() {
        assert_eq!(and_list(["a"]), "a");
        assert_eq!(and_list(["a", "b", "c"]), "a, b and c");
        assert_eq!(some_of(&["a", "b", "c"], 2), "a, b and 1 more");
        assert_eq!(some_of(&["a", "b"], 2), "a and b");
    }
}
