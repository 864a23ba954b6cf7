//! Go's grammar (`regexp/syntax/parse.go` with the flags of `regexp.Compile`), read piece by piece and
//! spelled for the regex crate. Each piece carries the flags it stands under, so the spelling has none
//! of its own. Refuses what Go refuses, with the place.

use super::Fault;
use super::MAX_DEPTH;
use super::PatternError;
use super::classes::NEVER;
use super::classes::PERL;
use super::classes::POSIX;
use super::classes::range;
use super::classes::unicode_table;

/// Most copies of one thing that repetitions may ask for.
const MAX_COPIES: u32 = 1000;

#[derive(Clone, Copy, Default)]
struct Flags {
    fold: bool,
    multi_line: bool,
    dot_newline: bool,
    ungreedy: bool,
}

/// A translated piece that a repetition would apply to.
struct Atom {
    text: String,
    /// Most copies of something in it.
    copies: u32,
    depth: usize,
}

/// A group being read; the whole pattern is the outermost.
struct Group {
    /// Where its parenthesis stands.
    offset: usize,
    /// The flags to return to.
    flags: Flags,
    /// Alternatives that are complete, with a `|` behind each.
    done: String,
    copies: u32,
    depth: usize,
    atoms: Vec<Atom>,
}

impl Group {
    fn new(offset: usize, flags: Flags) -> Self {
        Self { offset, flags, done: String::new(), copies: 1, depth: 0, atoms: Vec::new() }
    }

    /// Moves the current alternative into the done ones.
    fn flush(&mut self) {
        for atom in self.atoms.drain(..) {
            self.done.push_str(&atom.text);
            self.copies = self.copies.max(atom.copies);
            self.depth = self.depth.max(atom.depth);
        }
    }
}

/// A pattern being read.
pub(super) struct Parser<'p> {
    pattern: &'p str,
    at: usize,
    flags: Flags,
    outer: Vec<Group>,
    group: Group,
    /// Was the last thing read a repetition?
    repeated: bool,
}

impl<'p> Parser<'p> {
    pub(super) fn new(pattern: &'p str) -> Self {
        let flags = Flags::default();
        let group = Group::new(0, flags);
        Self { pattern, at: 0, flags, outer: Vec::new(), group, repeated: false }
    }

    /// The whole pattern, spelled for the regex crate.
    pub(super) fn run(mut self) -> Result<String, PatternError> {
        while let Some(c) = self.peek() {
            let repeated = std::mem::take(&mut self.repeated);
            match c {
                '(' => self.open()?,
                ')' => self.close()?,
                '|' => {
                    self.at += 1;
                    self.group.flush();
                    self.group.done.push('|');
                }
                '^' => self.sign(if self.flags.multi_line { "(?m:^)" } else { "\\A" }),
                '$' => self.sign(if self.flags.multi_line { "(?m:$)" } else { "\\z" }),
                '.' => self.sign(if self.flags.dot_newline { "(?s:.)" } else { "[^\\n]" }),
                '[' => self.class()?,
                '*' | '+' | '?' => self.repeat_sign(c, repeated)?,
                '{' => self.repeat_counted(repeated)?,
                '\\' => self.backslash()?,
                _ => {
                    self.at += c.len_utf8();
                    self.literal(c as u32);
                }
            }
        }
        if !self.outer.is_empty() {
            return Err(fault(Fault::MissingParen, self.group.offset));
        }
        self.group.flush();
        Ok(self.group.done)
    }

    fn rest(&self) -> &'p str {
        &self.pattern[self.at..]
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn push(&mut self, text: String) {
        self.group.atoms.push(Atom { text, copies: 1, depth: 0 });
    }

    /// A construct of one byte.
    fn sign(&mut self, text: &str) {
        self.at += 1;
        self.push(text.to_owned());
    }

    fn literal(&mut self, code: u32) {
        let text = match char::from_u32(code) {
            Some(c) => {
                let text = regex::escape(c.encode_utf8(&mut [0; 4]));
                if self.flags.fold { format!("(?i:{text})") } else { text }
            }
            // A surrogate, which no text has.
            None => NEVER.to_owned(),
        };
        self.push(text);
    }

    fn open(&mut self) -> Result<(), PatternError> {
        let start = self.at;
        let flags = self.flags;
        if self.rest().starts_with("(?") {
            if !self.perl_group()? {
                return Ok(());
            }
        } else {
            self.at += 1;
        }
        if self.outer.len() == MAX_DEPTH {
            return Err(fault(Fault::TooDeep, start));
        }
        let outer = std::mem::replace(&mut self.group, Group::new(start, flags));
        self.outer.push(outer);
        Ok(())
    }

    /// Reads `(?name>`, `(?flags:` or `(?flags)`; is it a group that opens?
    fn perl_group(&mut self) -> Result<bool, PatternError> {
        let start = self.at;
        let rest = self.rest();
        let name = match rest.strip_prefix("(?P<").or_else(|| rest.strip_prefix("(?<")) {
            Some(name) if !name.is_empty() => Some(name),
            _ => None,
        };
        if let Some(name) = name {
            let end = name.find('>').filter(|&end| end > 0);
            let word = |c: char| c == '_' || c.is_ascii_alphanumeric();
            let end = end.filter(|&end| name[..end].chars().all(word));
            let end = end.ok_or(fault(Fault::GroupName, start))?;
            self.at = self.pattern.len() - name.len() + end + 1;
            return Ok(true);
        }
        self.at += 2;
        let mut flags = self.flags;
        let mut on = true;
        let mut any = false;
        while let Some(c) = self.peek() {
            self.at += c.len_utf8();
            match c {
                'i' => flags.fold = on,
                'm' => flags.multi_line = on,
                's' => flags.dot_newline = on,
                'U' => flags.ungreedy = on,
                '-' if on => {
                    on = false;
                    any = false;
                    continue;
                }
                ':' | ')' if on || any => {
                    self.flags = flags;
                    return Ok(c == ':');
                }
                _ => break,
            }
            any = true;
        }
        Err(fault(Fault::GroupOp, start))
    }

    fn close(&mut self) -> Result<(), PatternError> {
        let outer = self.outer.pop().ok_or(fault(Fault::UnexpectedParen, self.at))?;
        self.at += 1;
        let mut group = std::mem::replace(&mut self.group, outer);
        group.flush();
        self.flags = group.flags;
        let atom = Atom {
            text: format!("(?:{})", group.done),
            copies: group.copies,
            depth: self.deeper(group.depth, group.offset)?,
        };
        self.group.atoms.push(atom);
        Ok(())
    }

    fn deeper(&self, depth: usize, offset: usize) -> Result<usize, PatternError> {
        if depth == MAX_DEPTH { Err(fault(Fault::TooDeep, offset)) } else { Ok(depth + 1) }
    }

    fn repeat_sign(&mut self, sign: char, repeated: bool) -> Result<(), PatternError> {
        let start = self.at;
        self.at += 1;
        self.repeat(sign.encode_utf8(&mut [0; 4]), 1, start, repeated)
    }

    fn repeat_counted(&mut self, repeated: bool) -> Result<(), PatternError> {
        let start = self.at;
        let Some((min, max, len)) = counts(self.rest()) else {
            self.at += 1;
            self.literal('{' as u32);
            return Ok(());
        };
        self.at += len;
        if min > MAX_COPIES || max.is_some_and(|max| max > MAX_COPIES || min > max) {
            return Err(fault(Fault::RepeatSize, start));
        }
        let copies = max.unwrap_or(min);
        let text = match max {
            Some(max) => format!("{{{min},{max}}}"),
            None => format!("{{{min},}}"),
        };
        self.repeat(&text, copies, start, repeated)?;
        let last = self.group.atoms.last().map_or(0, |atom| atom.copies);
        if copies >= 2 && last > MAX_COPIES {
            return Err(fault(Fault::RepeatSize, start));
        }
        Ok(())
    }

    /// Repeats the last atom; `start` is where the operator begins.
    fn repeat(
        &mut self,
        operator: &str,
        copies: u32,
        start: usize,
        repeated: bool,
    ) -> Result<(), PatternError> {
        let mut lazy = self.flags.ungreedy;
        if self.peek() == Some('?') {
            self.at += 1;
            lazy = !lazy;
        }
        if repeated {
            return Err(fault(Fault::RepeatOp, start));
        }
        let Some(atom) = self.group.atoms.pop() else {
            return Err(fault(Fault::MissingRepeatArgument, start));
        };
        let depth = self.deeper(atom.depth, start)?;
        self.group.atoms.push(Atom {
            text: format!("(?:{}){operator}{}", atom.text, if lazy { "?" } else { "" }),
            copies: atom.copies.saturating_mul(copies).max(1),
            depth,
        });
        self.repeated = true;
        Ok(())
    }

    fn backslash(&mut self) -> Result<(), PatternError> {
        let start = self.at;
        let rest = self.rest();
        let look = match rest.as_bytes().get(1) {
            Some(b'A') => "\\A",
            Some(b'b') => "(?-u:\\b)",
            Some(b'B') => "(?-u:\\B)",
            Some(b'z') => "\\z",
            Some(b'Q') => {
                let quoted = &rest[2..];
                let end = quoted.find("\\E");
                for c in quoted[..end.unwrap_or(quoted.len())].chars() {
                    self.literal(c as u32);
                }
                self.at = end.map_or(self.pattern.len(), |end| start + 2 + end + 2);
                return Ok(());
            }
            _ => {
                if let Some(item) = self.class_escape()? {
                    let class = format!("[{item}]");
                    self.push(if self.flags.fold { format!("(?i:{class})") } else { class });
                } else {
                    let code = self.escape()?;
                    self.literal(code);
                }
                return Ok(());
            }
        };
        self.at += 2;
        self.push(look.to_owned());
        Ok(())
    }

    /// A `\d`, `\p{…}` and the like as an item of a bracketed class, if one begins here.
    fn class_escape(&mut self) -> Result<Option<String>, PatternError> {
        let start = self.at;
        let rest = self.rest();
        let Some(&letter) = rest.as_bytes().get(1).filter(|_| rest.starts_with('\\')) else {
            return Ok(None);
        };
        if matches!(letter, b'p' | b'P') {
            return self.unicode_class(letter == b'P', start).map(Some);
        }
        let Some(&(_, set)) = PERL.iter().find(|(name, _)| *name == letter.to_ascii_lowercase())
        else {
            return Ok(None);
        };
        self.at += 2;
        Ok(Some(if letter.is_ascii_uppercase() { format!("[^{set}]") } else { set.to_owned() }))
    }

    fn unicode_class(&mut self, negated: bool, start: usize) -> Result<String, PatternError> {
        let unknown = fault(Fault::CharRange, start);
        let rest = &self.rest()[2..];
        let (name, len) = match rest.strip_prefix('{') {
            Some(braced) => {
                let end = braced.find('}').ok_or(unknown.clone())?;
                (&braced[..end], end + 2)
            }
            None => {
                let len = rest.chars().next().map_or(0, char::len_utf8);
                (&rest[..len], len)
            }
        };
        self.at += 2 + len;
        let (name, negated) = match name.strip_prefix('^') {
            Some(name) => (name, !negated),
            None => (name, negated),
        };
        unicode_table(name, negated).ok_or(unknown)
    }

    /// An escape that stands for one code point (`parseEscape`).
    fn escape(&mut self) -> Result<u32, PatternError> {
        let start = self.at;
        let unknown = fault(Fault::Escape, start);
        self.at += 1;
        let c = self.peek().ok_or(fault(Fault::TrailingBackslash, start))?;
        self.at += c.len_utf8();
        let octal = |c: char| c.to_digit(8);
        Ok(match c {
            '1'..='7' if self.peek().and_then(octal).is_none() => return Err(unknown),
            '0'..='7' => {
                let mut code = c as u32 - '0' as u32;
                for _ in 0..2 {
                    let Some(digit) = self.peek().and_then(octal) else { break };
                    code = code * 8 + digit;
                    self.at += 1;
                }
                code
            }
            'x' => return self.hexadecimal().ok_or(unknown),
            'a' => 0x07,
            'f' => 0x0c,
            'n' => 0x0a,
            'r' => 0x0d,
            't' => 0x09,
            'v' => 0x0b,
            _ if c.is_ascii() && !c.is_ascii_alphanumeric() => c as u32,
            _ => return Err(unknown),
        })
    }

    fn hexadecimal(&mut self) -> Option<u32> {
        let rest = self.rest();
        let (digits, len) = match rest.strip_prefix('{') {
            Some(braced) => {
                let end = braced.find('}')?;
                (&braced[..end], end + 2)
            }
            None => (rest.get(..2)?, 2),
        };
        let valid = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_hexdigit());
        let code = valid.then(|| u32::from_str_radix(digits.trim_start_matches('0'), 16));
        self.at += len;
        match code? {
            Ok(code) => (code <= char::MAX as u32).then_some(code),
            // Nothing but zeros.
            Err(error) => (*error.kind() == std::num::IntErrorKind::Empty).then_some(0),
        }
    }

    fn class(&mut self) -> Result<(), PatternError> {
        let start = self.at;
        self.at += 1;
        let mut set = String::from("[");
        if self.peek() == Some('^') {
            self.at += 1;
            set.push('^');
        }
        // An empty class is no syntax of the regex crate: this adds nothing but stands for something.
        set.push_str(NEVER);
        let mut first = true;
        while first || self.peek() != Some(']') {
            first = false;
            if let Some(item) = self.posix_class()? {
                set.push_str(&item);
                continue;
            }
            if let Some(item) = self.class_escape()? {
                set.push_str(&item);
                continue;
            }
            let from = self.at;
            let low = self.class_char(start)?;
            let mut high = low;
            let rest = self.rest().as_bytes();
            if rest.len() >= 2 && rest[0] == b'-' && rest[1] != b']' {
                self.at += 1;
                high = self.class_char(start)?;
                if high < low {
                    return Err(fault(Fault::CharRange, from));
                }
            }
            range(&mut set, low, high);
        }
        self.at += 1;
        set.push(']');
        self.push(if self.flags.fold { format!("(?i:{set})") } else { set });
        Ok(())
    }

    fn class_char(&mut self, class: usize) -> Result<u32, PatternError> {
        match self.peek() {
            None => Err(fault(Fault::MissingBracket, class)),
            Some('\\') => self.escape(),
            Some(c) => {
                self.at += c.len_utf8();
                Ok(c as u32)
            }
        }
    }

    /// A `[:alpha:]` and the like inside a class.
    fn posix_class(&mut self) -> Result<Option<String>, PatternError> {
        let start = self.at;
        let Some(rest) = self.rest().strip_prefix("[:") else { return Ok(None) };
        let Some(end) = rest.find(":]") else { return Ok(None) };
        let (name, negated) = match rest[..end].strip_prefix('^') {
            Some(name) => (name, true),
            None => (&rest[..end], false),
        };
        let known = POSIX.iter().find(|(posix, _)| *posix == name);
        let (_, set) = known.ok_or(fault(Fault::CharRange, start))?;
        self.at += 2 + end + 2;
        Ok(Some(if negated { format!("[^{set}]") } else { (*set).to_owned() }))
    }
}

fn fault(fault: Fault, offset: usize) -> PatternError {
    PatternError { fault, offset }
}

/// The counts and length of a `{n}`, `{n,}` or `{n,m}`; `None` if the brace is a literal one. Numbers
/// too large to read come out as the largest.
fn counts(text: &str) -> Option<(u32, Option<u32>, usize)> {
    let end = text.find('}')?;
    let number = |digits: &str| {
        let plain = digits.bytes().all(|b| b.is_ascii_digit()) && !digits.is_empty();
        let leading = digits.len() > 1 && digits.starts_with('0');
        (plain && !leading).then(|| digits.parse().unwrap_or(u32::MAX))
    };
    let inner = &text[1..end];
    let (min, max) = match inner.split_once(',') {
        None => {
            let count = number(inner)?;
            (count, Some(count))
        }
        Some((min, "")) => (number(min)?, None),
        Some((min, max)) => (number(min)?, Some(number(max)?)),
    };
    Some((min, max, end + 1))
}
