//! `access`: who can read what, by the rules and by what each file's header says.

use serde::Serialize;

use super::style;
use crate::crypto::Recipient;
use crate::crypto::Verdict;
use crate::fleet::Fleet;
use crate::fleet::OnDisk;
use crate::fleet::Secret;
use crate::text::escape;
use crate::text::table::Table;

/// Readers of some secrets.
#[derive(Debug, Serialize)]
pub struct Access {
    pub secrets: Vec<SecretAccess>,
}

/// Readers of one secret.
#[derive(Debug, Serialize)]
pub struct SecretAccess {
    pub path: String,
    /// The rules file that governs it.
    pub rules: Option<String>,
    /// Whether there is a file.
    pub exists: bool,
    pub readers: Vec<Reader>,
    /// Readers that the header shows and nobody knows.
    pub unknown_readers: Vec<String>,
    #[serde(skip)]
    shown: String,
}

/// One reader of one secret.
#[derive(Debug, Serialize)]
pub struct Reader {
    pub name: String,
    pub role: &'static str,
    pub kind: String,
    pub key: String,
    /// The rules name it.
    pub rules: bool,
    /// The header: `yes`, `no`, `unknown`; `None` without a file.
    pub file: Option<&'static str>,
    #[serde(skip)]
    short: String,
}

impl Reader {
    fn differs(&self) -> bool {
        matches!((self.rules, self.file), (true, Some("no")) | (false, Some("yes")))
    }

    /// The name with a sign: `+` reads without a rule, `-` does not read in spite of one, `?` nobody can tell.
    fn marked(&self) -> String {
        let name = escape::text(&self.name);
        match (self.rules, self.file) {
            (true, Some("no")) => style::bad(format!("-{name}")),
            (false, _) => style::bad(format!("+{name}")),
            (true, Some("unknown")) => style::unsure(format!("?{name}")),
            (true, _) => name.into_owned(),
        }
    }
}

impl Access {
    /// Readers of `secrets`; with `only`, just these and the secrets they are readers of.
    pub fn of<'a>(
        fleet: &Fleet,
        secrets: impl IntoIterator<Item = &'a Secret>,
        only: Option<&[Recipient]>,
    ) -> Self {
        let mut views: Vec<SecretAccess> = Vec::new();
        for secret in secrets {
            let mut view = view(fleet, secret);
            if let Some(only) = only {
                view.readers.retain(|reader| only.iter().any(|key| key.canonical() == reader.key));
                view.unknown_readers.clear();
                if view.readers.is_empty() {
                    continue;
                }
            }
            views.push(view);
        }
        Self { secrets: views }
    }

    /// A line for each secret, and what the signs mean where there are any.
    pub fn list(&self) -> String {
        let mut table = Table::default();
        for secret in &self.secrets {
            let unknown = secret.unknown_readers.iter().map(|name| style::bad(format!("+{name}")));
            let readers: Vec<String> =
                secret.readers.iter().map(Reader::marked).chain(unknown).collect();
            let mut line = readers.join(" ");
            if !secret.exists {
                line = format!("{line} {}", style::dim("(no file yet)"));
            }
            table.row([escape::text(&secret.shown).into_owned(), line]);
        }
        let readers = || self.secrets.iter().flat_map(|secret| &secret.readers);
        let mut out = table.render();
        let mut legend = Vec::new();
        if readers().any(|reader| reader.rules && reader.file == Some("no")) {
            legend.push("- by the rules, but the file is not encrypted to it");
        }
        let unknown = self.secrets.iter().any(|secret| !secret.unknown_readers.is_empty());
        if unknown || readers().any(|reader| !reader.rules) {
            legend.push("+ can read the file against the rules");
        }
        if readers().any(|reader| reader.rules && reader.file == Some("unknown")) {
            legend.push("? by the rules; the header cannot prove it");
        }
        if !legend.is_empty() {
            out.push_str(&format!("\n{}\n", style::dim(legend.join("   "))));
        }
        out
    }

    /// A table of readers for each secret.
    pub fn detail(&self) -> String {
        let mut out = String::new();
        for secret in &self.secrets {
            let rules = match &secret.rules {
                Some(rules) => format!("ruled by {}", escape::text(rules)),
                None => "no rule names it".to_owned(),
            };
            let shown = escape::text(&secret.shown);
            out.push_str(&format!("{}  {}\n", style::heading(shown), style::dim(rules)));
            let mut table = Table::indented(2);
            table.row(["reader", "", "key", "by the rules", "by the file"].map(style::dim));
            for reader in &secret.readers {
                let file = match reader.file {
                    Some("unknown") => style::unsure("cannot be proven"),
                    Some(answer) if reader.differs() => style::bad(answer),
                    Some(answer) => answer.to_owned(),
                    None => style::dim("no file yet"),
                };
                table.row([
                    escape::text(&reader.name).into_owned(),
                    reader.role.to_owned(),
                    format!("{} {}", reader.kind, reader.short),
                    if reader.rules { "yes" } else { "no" }.to_owned(),
                    file,
                ]);
            }
            for unknown in &secret.unknown_readers {
                table.row([
                    style::bad(unknown),
                    String::new(),
                    String::new(),
                    "no".into(),
                    "yes".into(),
                ]);
            }
            out.push_str(&table.render());
        }
        out
    }
}

fn view(fleet: &Fleet, secret: &Secret) -> SecretAccess {
    let wanted = secret.wanted();
    let mut readers: Vec<Reader> =
        wanted.iter().map(|key| reader(fleet, secret, key, true)).collect();
    let mut unknown_readers = Vec::new();
    if let OnDisk::Sealed(sealed) = &secret.on_disk {
        let comparison = match &sealed.comparison {
            Some(comparison) => comparison.clone(),
            None => sealed.header.compare([]),
        };
        let mut unnamed = comparison.extras.len();
        if unnamed > 0 || sealed.recorded.is_some() {
            for known in fleet.names.all() {
                let is_wanted = wanted.contains(&&known.recipient);
                if !is_wanted && secret.verdict(&known.recipient) == Some(Verdict::Proven) {
                    readers.push(reader(fleet, secret, &known.recipient, false));
                    unnamed = unnamed.saturating_sub(1);
                }
            }
        }
        if unnamed > 0 {
            let known = readers.iter().filter(|reader| !reader.rules).count();
            let rest = comparison.extras.iter().skip(known);
            unknown_readers.extend(rest.map(|extra| match &extra.tag {
                Some(tag) => format!("{}:{tag}", extra.kind),
                None => extra.kind.clone(),
            }));
        }
        if comparison.passphrase {
            unknown_readers.push("whoever knows the passphrase".to_owned());
        }
    }
    SecretAccess {
        path: secret.path.to_text(),
        rules: secret.rule.as_ref().map(|rule| rule.file().path.to_text()),
        exists: !matches!(secret.on_disk, OnDisk::Missing),
        readers,
        unknown_readers,
        shown: fleet.root.display(&secret.path),
    }
}

fn reader(fleet: &Fleet, secret: &Secret, key: &Recipient, rules: bool) -> Reader {
    let known = fleet.names.get(key);
    Reader {
        name: fleet.names.label(key),
        role: known.map(|known| known.role.noun()).unwrap_or_default(),
        kind: key.kind().to_string(),
        key: key.canonical().to_owned(),
        rules,
        file: secret.verdict(key).map(|verdict| match verdict {
            Verdict::Proven => "yes",
            Verdict::Disproven => "no",
            Verdict::Unprovable => "unknown",
        }),
        short: key.short(),
    }
}
