//! Which values of a file are encrypted (`sops.go` `shouldBeEncrypted`): by a suffix or pattern on any
//! key on the way, or by a pattern on the comments before. Refuses nothing: a pattern in a file that
//! does not compile matches nothing, as in sops.

use super::error::SopsError;
use crate::format::regex2::Pattern;

/// Written when nothing else was chosen.
const DEFAULT_SUFFIX: &str = "_unencrypted";

/// The one rule of a file.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Selection {
    EncryptedCommentRegex(String),
    EncryptedRegex(String),
    EncryptedSuffix(String),
    UnencryptedCommentRegex(String),
    UnencryptedRegex(String),
    UnencryptedSuffix(String),
}

impl Default for Selection {
    fn default() -> Self {
        Self::UnencryptedSuffix(DEFAULT_SUFFIX.to_owned())
    }
}

impl Selection {
    /// The rule written under the metadata or rule key `key`.
    #[must_use]
    pub fn of_key(key: &str, text: &str) -> Option<Self> {
        let text = text.to_owned();
        Some(match key {
            "encrypted_comment_regex" => Self::EncryptedCommentRegex(text),
            "encrypted_regex" => Self::EncryptedRegex(text),
            "encrypted_suffix" => Self::EncryptedSuffix(text),
            "unencrypted_comment_regex" => Self::UnencryptedCommentRegex(text),
            "unencrypted_regex" => Self::UnencryptedRegex(text),
            "unencrypted_suffix" => Self::UnencryptedSuffix(text),
            _ => return None,
        })
    }

    /// Its key and text in metadata and rules.
    #[must_use]
    pub fn key(&self) -> (&'static str, &str) {
        match self {
            Self::EncryptedCommentRegex(text) => ("encrypted_comment_regex", text),
            Self::EncryptedRegex(text) => ("encrypted_regex", text),
            Self::EncryptedSuffix(text) => ("encrypted_suffix", text),
            Self::UnencryptedCommentRegex(text) => ("unencrypted_comment_regex", text),
            Self::UnencryptedRegex(text) => ("unencrypted_regex", text),
            Self::UnencryptedSuffix(text) => ("unencrypted_suffix", text),
        }
    }

    /// Does its pattern, if it has one, compile?
    ///
    /// # Errors
    /// `Pattern`.
    pub fn check(&self) -> Result<(), SopsError> {
        match self {
            Self::EncryptedSuffix(_) | Self::UnencryptedSuffix(_) => Ok(()),
            _ => {
                let (_, text) = self.key();
                let bad = |error: crate::format::regex2::PatternError| SopsError::Pattern {
                    pattern: text.to_owned(),
                    reason: error.to_string(),
                };
                Pattern::new(text).map(drop).map_err(bad)
            }
        }
    }

    pub(super) fn ready(&self) -> Selector {
        let (_, text) = self.key();
        let kind = match self {
            Self::EncryptedSuffix(_) | Self::UnencryptedSuffix(_) => Test::Suffix(text.to_owned()),
            _ => Test::Pattern(Pattern::new(text).ok()),
        };
        Selector {
            test: kind,
            encrypts: matches!(
                self,
                Self::EncryptedCommentRegex(_) | Self::EncryptedRegex(_) | Self::EncryptedSuffix(_)
            ),
            on_comments: matches!(
                self,
                Self::EncryptedCommentRegex(_) | Self::UnencryptedCommentRegex(_)
            ),
        }
    }
}

enum Test {
    Pattern(Option<Pattern>),
    Suffix(String),
}

/// A selection with its pattern compiled.
pub(super) struct Selector {
    test: Test,
    /// Does a match encrypt, or does it leave plain?
    encrypts: bool,
    pub(super) on_comments: bool,
}

impl Selector {
    /// Is a value (or, with `is_comment`, the last comment of `comments`) at `path` encrypted?
    /// `comments` are those before it, for each level from the top.
    pub(super) fn encrypts(
        &self,
        path: &[String],
        comments: &[Vec<Vec<u8>>],
        is_comment: bool,
    ) -> bool {
        if !self.on_comments {
            return path.iter().any(|key| self.matches(key.as_bytes())) == self.encrypts;
        }
        let last = comments.len().wrapping_sub(1);
        let matched = comments.iter().enumerate().any(|(level, lines)| {
            lines.iter().enumerate().any(|(n, line)| {
                // The comment that switches encryption on stays readable itself.
                let own = self.encrypts && is_comment && level == last && n + 1 == lines.len();
                !own && self.matches(line)
            })
        });
        matched == self.encrypts
    }

    pub(super) fn matches(&self, text: &[u8]) -> bool {
        match &self.test {
            // An empty suffix is no rule at all.
            Test::Suffix(suffix) => !suffix.is_empty() && text.ends_with(suffix.as_bytes()),
            Test::Pattern(pattern) => pattern.as_ref().is_some_and(|p| p.is_match_bytes(text)),
        }
    }

    /// Would this text, standing as a comment, leave what follows plain?
    pub(super) fn spares(&self, comment: &[u8]) -> bool {
        self.on_comments && !self.encrypts && self.matches(comment)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encrypts(
        selection: &Selection,
        path: &[&str],
        comments: &[&[&str]],
        is_comment: bool,
    ) -> bool {
        let path: Vec<String> = path.iter().map(|&key| key.to_owned()).collect();
        let comments: Vec<Vec<Vec<u8>>> = comments
            .iter()
            .map(|lines| lines.iter().map(|line| line.as_bytes().to_vec()).collect())
            .collect();
        selection.ready().encrypts(&path, &comments, is_comment)
    }

    #[test]
    fn keys_on_the_way_decide() {
        let default = Selection::default();
        assert!(encrypts(&default, &["a", "b"], &[], false));
        assert!(!encrypts(&default, &["a_unencrypted", "b"], &[], false));
        let suffix = Selection::EncryptedSuffix("_s".into());
        assert!(encrypts(&suffix, &["a_s", "b"], &[], false));
        assert!(!encrypts(&suffix, &["a", "b"], &[], false));
        let regex = Selection::EncryptedRegex("^pass".into());
        assert!(encrypts(&regex, &["x", "password"], &[], false));
        assert!(!encrypts(&regex, &["bypass"], &[], false));
        let regex = Selection::UnencryptedRegex("^meta$".into());
        assert!(!encrypts(&regex, &["meta", "x"], &[], false));
        let broken = Selection::EncryptedRegex("(".into());
        assert!(!encrypts(&broken, &["("], &[], false));
        assert!(broken.check().is_err());
    }

    #[test]
    fn comments_before_decide() {
        let on = Selection::EncryptedCommentRegex("sops:enc".into());
        assert!(encrypts(&on, &["a"], &[&[" sops:enc"]], false));
        assert!(!encrypts(&on, &["a"], &[&["other"]], false));
        assert!(!encrypts(&on, &[], &[&["sops:enc"]], true));
        assert!(encrypts(&on, &[], &[&["sops:enc", "next"]], true));
        assert!(encrypts(&on, &["a", "b"], &[&["sops:enc"], &[]], false));
        let off = Selection::UnencryptedCommentRegex("plain".into());
        assert!(!encrypts(&off, &["a"], &[&["plain"]], false));
        assert!(!encrypts(&off, &[], &[&["plain"]], true));
        assert!(encrypts(&off, &["a"], &[&[]], false));
    }
}
