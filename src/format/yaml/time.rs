//! The four timestamp spellings yaml.v3 takes, printed back as Go prints `RFC3339Nano`. Calendar
//! arithmetic beyond checking a date is not done here.

/// The timestamp in `text`, as `2006-01-02T15:04:05.9Z`; `None` if it is no timestamp.
pub(crate) fn parse(text: &str) -> Option<String> {
    let mut at = Cursor { rest: text };
    let year = at.digits(4, 4)?;
    at.literal('-')?;
    let month = at.digits(1, 2)?;
    at.literal('-')?;
    let day = at.digits(1, 2)?;
    if !(1..=12).contains(&month) || day < 1 || day > days(year, month) {
        return None;
    }
    if at.rest.is_empty() {
        return Some(format!("{year:04}-{month:02}-{day:02}T00:00:00Z"));
    }
    let zoned = match at.next()? {
        'T' | 't' => true,
        ' ' => false,
        _ => return None,
    };
    let hour = at.digits(1, 2)?;
    at.literal(':')?;
    let minute = at.digits(1, 2)?;
    at.literal(':')?;
    let second = at.digits(1, 2)?;
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let fraction = at.fraction();
    let zone = if zoned { at.zone()? } else { "Z".to_owned() };
    at.rest.is_empty().then(|| {
        format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{fraction}{zone}")
    })
}

fn days(year: u32, month: u32) -> u32 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => {
            29
        }
        2 => 28,
        _ => 31,
    }
}

struct Cursor<'t> {
    rest: &'t str,
}

impl Cursor<'_> {
    fn next(&mut self) -> Option<char> {
        let c = self.rest.chars().next()?;
        self.rest = &self.rest[c.len_utf8()..];
        Some(c)
    }

    fn literal(&mut self, want: char) -> Option<()> {
        self.rest = self.rest.strip_prefix(want)?;
        Some(())
    }

    fn digits(&mut self, least: usize, most: usize) -> Option<u32> {
        let len = self.rest.bytes().take(most).take_while(u8::is_ascii_digit).count();
        if len < least {
            return None;
        }
        let number = self.rest[..len].parse().ok();
        self.rest = &self.rest[len..];
        number
    }

    /// `.` or `,` and digits, cut to nanoseconds and without trailing zeros.
    fn fraction(&mut self) -> String {
        let Some(body) = self.rest.strip_prefix(['.', ',']) else { return String::new() };
        let len = body.bytes().take_while(u8::is_ascii_digit).count();
        if len == 0 {
            return String::new();
        }
        self.rest = &body[len..];
        match body[..len.min(9)].trim_end_matches('0') {
            "" => String::new(),
            digits => format!(".{digits}"),
        }
    }

    fn zone(&mut self) -> Option<String> {
        let sign = self.next()?;
        if sign == 'Z' {
            return Some("Z".to_owned());
        }
        if sign != '+' && sign != '-' {
            return None;
        }
        let hours = self.digits(2, 2)?;
        self.literal(':')?;
        let minutes = self.digits(2, 2)?;
        if hours > 24 || minutes > 60 {
            return None;
        }
        if hours == 0 && minutes == 0 {
            return Some("Z".to_owned());
        }
        Some(format!("{sign}{hours:02}:{minutes:02}"))
    }
}
