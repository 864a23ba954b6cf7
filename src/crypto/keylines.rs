//! Several keys in one text: lines of `authorized_keys`, `known_hosts`, `ssh-keyscan`, `*.pub` and age
//! recipient files, in any mix (sshd(8), age(1)). Each key keeps its place in the text. One bad line
//! never hides the others; keys that a line marks as revoked or as a certificate authority are refused.

use std::collections::HashMap;
use std::ops::Range;
use std::str::FromStr;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use hmac::Hmac;
use hmac::Mac;
use sha1::Sha1;

use super::error::RecipientError;
use super::excerpt::excerpt;
use super::recipient::Recipient;
use super::sshpublic;

/// Option words of `authorized_keys`; the others contain `=`.
const OPTIONS: [&str; 14] = [
    "agent-forwarding",
    "cert-authority",
    "no-agent-forwarding",
    "no-port-forwarding",
    "no-pty",
    "no-touch-required",
    "no-user-rc",
    "no-x11-forwarding",
    "port-forwarding",
    "pty",
    "restrict",
    "user-rc",
    "verify-required",
    "x11-forwarding",
];

/// One key, or one line that should have been one.
#[derive(Debug)]
pub struct ParsedKey {
    /// The hosts that a `known_hosts` line is for, as written: names, patterns, `[host]:port`, hashes.
    pub hosts: Vec<String>,
    /// The whole line, without white space around it: bytes of the text.
    pub line: Range<usize>,
    /// The options of an `authorized_keys` line, as written.
    pub options: Option<String>,
    /// The key, or why there is none.
    pub recipient: Result<Recipient, RecipientError>,
    /// The key itself, without hosts, options or comment: bytes of the text. The line if there is none.
    pub span: Range<usize>,
}

impl ParsedKey {
    /// Whether a `known_hosts` line is for `host` (or `[host]:port`), hashed or not. Patterns are not
    /// expanded.
    pub fn is_for_host(&self, host: &str) -> bool {
        self.hosts.iter().any(|entry| {
            entry.eq_ignore_ascii_case(host) || is_hash_of(entry, host).unwrap_or(false)
        })
    }
}

/// Reads every key of `text`. Blank lines and lines that start with `#` are skipped.
pub fn parse_keys(text: &str) -> Vec<ParsedKey> {
    KeyCache::default().parse_keys(text)
}

/// Keys seen before. Checking a key is arithmetic on curves, and so is preparing it for encryption: a fleet
/// has thousands of places that name a few dozen keys, so read them all through one cache.
#[derive(Default)]
pub struct KeyCache(HashMap<String, Recipient>);

impl KeyCache {
    /// [`parse_keys`], in which equal keys share their work.
    pub fn parse_keys(&mut self, text: &str) -> Vec<ParsedKey> {
        let mut keys = Vec::new();
        let mut start = 0;
        for line in text.split_inclusive('\n') {
            let trimmed = line.trim();
            let from = start + (line.len() - line.trim_start().len());
            if !trimmed.is_empty() && !trimmed.starts_with('#') {
                keys.push(self.parse_line(trimmed, from));
            }
            start += line.len();
        }
        keys
    }

    /// The key that `words` spell, without a comment.
    fn recipient(
        &mut self,
        words: &str,
        parse: impl FnOnce() -> Result<Recipient, RecipientError>,
    ) -> Result<Recipient, RecipientError> {
        if let Some(known) = self.0.get(words) {
            return Ok(known.clone());
        }
        let recipient = parse()?;
        self.0.insert(words.to_owned(), recipient.clone());
        Ok(recipient)
    }

    fn parse_line(&mut self, line: &str, from: usize) -> ParsedKey {
        let mut words = Words { rest: line };
        let mut key = ParsedKey {
            hosts: Vec::new(),
            line: from..from + line.len(),
            options: None,
            recipient: Err(RecipientError::Empty),
            span: from..from + line.len(),
        };
        let Found { base64, kind, marker } = match find_key(line, &mut words, &mut key) {
            Ok(found) => found,
            Err(error) => {
                key.recipient = Err(error);
                return key;
            }
        };
        let start = kind.as_ptr().addr() - line.as_ptr().addr();
        let end = base64.map_or(start + kind.len(), |word| {
            word.as_ptr().addr() - line.as_ptr().addr() + word.len()
        });
        key.span = from + start..from + end;
        let shown = &line[start..end];
        key.recipient = match base64 {
            _ if marker.is_some() => Err(RecipientError::Refused {
                text: excerpt(shown),
                reason: marker.unwrap_or_default(),
                instead: "the host's own current key",
            }),
            Some(base64) => self.recipient(shown, || parse_ssh(kind, base64, shown)),
            None => self.recipient(kind, || Recipient::from_bech32(kind)),
        };
        let rest = words.rest.trim_start();
        let comment = match (base64, rest.strip_prefix('#')) {
            (Some(_), _) => rest,
            (None, Some(comment)) => comment,
            (None, None) if rest.is_empty() => rest,
            (None, None) => {
                key.recipient = Err(RecipientError::Malformed {
                    text: excerpt(line),
                    reason: "there is text after the key; a comment starts with `#`",
                });
                return key;
            }
        };
        key.recipient = key.recipient.map(|found| found.with_comment(Some(comment)));
        key
    }
}

impl Recipient {
    /// Parses exactly one key, in any spelling that [`parse_keys`] reads.
    pub fn parse(text: &str) -> Result<Self, RecipientError> {
        let mut keys = parse_keys(text);
        match keys.len() {
            0 => Err(RecipientError::Empty),
            1 => keys.remove(0).recipient,
            count => Err(RecipientError::Several { count }),
        }
    }
}

impl FromStr for Recipient {
    type Err = RecipientError;

    fn from_str(text: &str) -> Result<Self, RecipientError> {
        Self::parse(text)
    }
}

/// Where in a line the key is.
struct Found<'a> {
    base64: Option<&'a str>,
    kind: &'a str,
    marker: Option<&'static str>,
}

fn find_key<'a>(
    line: &'a str,
    words: &mut Words<'a>,
    key: &mut ParsedKey,
) -> Result<Found<'a>, RecipientError> {
    let malformed = |reason| RecipientError::Malformed { text: excerpt(line), reason };
    if is_private(line) {
        return Err(RecipientError::PrivateKey);
    }
    let mut marker = None;
    let mut first = words.next().unwrap_or_default();
    if first.starts_with('@') {
        marker = Some(match first {
            "@cert-authority" => "it signs certificates and is no host's own key",
            "@revoked" => "it is marked as revoked",
            _ => return Err(malformed("the marker is not known")),
        });
        first = words.next().unwrap_or_default();
    }
    let is_age = first.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("age1"));
    if is_age && !words.peek().is_some_and(sshpublic::is_key_type) {
        return Ok(Found { base64: None, kind: first, marker });
    }
    let kind = if sshpublic::is_key_type(first) {
        first
    } else {
        // Hosts or options come first, then the type.
        let kind = words.next().filter(|word| sshpublic::is_key_type(word));
        let Some(kind) = kind else {
            return Err(malformed("it starts neither with `age1` nor with an SSH key type"));
        };
        if is_options(first) {
            let is_authority =
                first.split(',').any(|word| word.eq_ignore_ascii_case("cert-authority"));
            if is_authority {
                marker = Some("it signs certificates and is no one's own key");
            }
            key.options = Some(first.to_owned());
        } else {
            key.hosts = first.split(',').map(str::to_owned).collect();
        }
        kind
    };
    let base64 = words.next().ok_or_else(|| malformed("the SSH key is cut off"))?;
    Ok(Found { base64: Some(base64), kind, marker })
}

fn parse_ssh(kind: &str, base64: &str, shown: &str) -> Result<Recipient, RecipientError> {
    if !matches!(kind, "ssh-ed25519" | "ssh-rsa") {
        return Err(sshpublic::refusal(kind, shown));
    }
    let blob = sshpublic::decode(kind, base64, shown)?;
    Recipient::from_ssh_blob(blob, shown)
}

fn is_private(line: &str) -> bool {
    let start = line.get(..15).unwrap_or(line).to_ascii_uppercase();
    start.starts_with("AGE-SECRET-KEY-")
        || start.starts_with("AGE-PLUGIN-")
        || (line.starts_with("-----BEGIN ") && line.contains("PRIVATE KEY"))
}

fn is_options(word: &str) -> bool {
    word.contains('=') && !word.starts_with('|')
        || word.split(',').all(|option| OPTIONS.contains(&option.to_ascii_lowercase().as_str()))
}

/// Whether a hashed entry, `|1|salt|hash`, is `host`. `None` if the entry is not hashed.
fn is_hash_of(entry: &str, host: &str) -> Option<bool> {
    let (salt, hash) = entry.strip_prefix("|1|")?.split_once('|')?;
    let salt = BASE64_STANDARD.decode(salt).ok()?;
    let hash = BASE64_STANDARD.decode(hash).ok()?;
    let mut mac = <Hmac<Sha1> as Mac>::new_from_slice(&salt).ok()?;
    mac.update(host.to_ascii_lowercase().as_bytes());
    Some(mac.verify_slice(&hash).is_ok())
}

/// Words between blanks; double quotes with `\"` inside keep a word together, as in options.
struct Words<'a> {
    rest: &'a str,
}

impl<'a> Words<'a> {
    fn next(&mut self) -> Option<&'a str> {
        let text = self.rest.trim_start_matches([' ', '\t']);
        let mut quoted = false;
        let mut escaped = false;
        let end = text.find(|c: char| {
            let ends = !quoted && matches!(c, ' ' | '\t');
            if c == '"' && !escaped {
                quoted = !quoted;
            }
            escaped = c == '\\' && !escaped;
            ends
        });
        let (word, rest) = text.split_at(end.unwrap_or(text.len()));
        self.rest = rest;
        (!word.is_empty()).then_some(word)
    }

    fn peek(&self) -> Option<&'a str> {
        Words { rest: self.rest }.next()
    }
}
