//! `status`: the fleet at a glance and what to do next.

use serde::Serialize;

use super::style;
use crate::fleet::Fleet;
use crate::fleet::Role;
use crate::fleet::Secret;
use crate::plan::rekey::Due;
use crate::text::escape;
use crate::text::prose;
use crate::text::table::Table;

/// The fleet at a glance. Paths are relative to the root in JSON and to the working directory in text.
#[derive(Debug, Serialize)]
pub struct Status {
    pub rules: Vec<RulesView>,
    pub recipients: Vec<RecipientView>,
    pub secrets: Vec<SecretView>,
    /// What could not be understood, in words.
    pub problems: Vec<String>,
    /// The command that helps most now, if there is something to do.
    pub next: Option<Next>,
}

/// A rules file.
#[derive(Debug, Serialize)]
pub struct RulesView {
    pub path: String,
    pub secrets: usize,
    #[serde(skip)]
    shown: String,
}

/// A key of the fleet.
#[derive(Debug, Serialize)]
pub struct RecipientView {
    pub name: String,
    pub role: &'static str,
    pub kind: String,
    pub key: String,
    pub fingerprint: Option<String>,
    #[serde(skip)]
    sort: Role,
}

/// A secret and how it stands.
#[derive(Debug, Serialize)]
pub struct SecretView {
    pub path: String,
    /// `fine`, `drifted`, `unprovable`, `missing`, `plain`, `broken` or `no-rule`.
    pub state: &'static str,
    /// Why, in words; empty where there is nothing to say.
    pub detail: String,
    #[serde(skip)]
    shown: String,
}

/// What to do next.
#[derive(Debug, Serialize)]
pub struct Next {
    pub command: String,
    pub why: String,
}

impl Status {
    /// Looks at the whole fleet.
    pub fn of(fleet: &Fleet) -> Self {
        let due = Due::of(fleet, fleet.secrets.values());
        let root = &fleet.root;
        let mut secrets = Vec::with_capacity(fleet.secrets.len());
        let mut push = |state: &'static str, secret: &Secret, detail: &str| {
            secrets.push(SecretView {
                path: secret.path.to_text(),
                state,
                detail: detail.to_owned(),
                shown: root.display(&secret.path),
            });
        };
        due.broken.iter().for_each(|(secret, why)| push("broken", secret, why));
        due.plain.iter().for_each(|secret| push("plain", secret, "not encrypted"));
        due.drifted.iter().for_each(|(secret, how)| push("drifted", secret, how));
        due.missing.iter().for_each(|secret| push("missing", secret, ""));
        due.without_rule.iter().for_each(|secret| push("no-rule", secret, ""));
        due.unprovable.iter().for_each(|secret| push("unprovable", secret, ""));
        due.fine.iter().for_each(|secret| push("fine", secret, ""));
        Self {
            rules: rules(fleet),
            recipients: recipients(fleet),
            problems: fleet.problems.iter().map(|problem| problem.describe(root)).collect(),
            next: next(fleet, &due),
            secrets,
        }
    }

    /// Secrets in one state.
    fn in_state(&self, state: &str) -> Vec<&SecretView> {
        self.secrets.iter().filter(|secret| secret.state == state).collect()
    }

    /// The report as text with styles.
    pub fn text(&self) -> String {
        let mut out = String::new();
        let mut head = Table::default();
        let rules: Vec<String> = self
            .rules
            .iter()
            .map(|rules| format!("{} ({})", rules.shown, prose::count(rules.secrets, "rule")))
            .collect();
        let rules =
            if rules.is_empty() { "none found".to_owned() } else { prose::some_of(&rules, 4) };
        head.row([style::heading("rules"), rules]);
        head.row([style::heading("recipients"), self.recipients_line()]);
        head.row([style::heading("secrets"), self.secrets_line()]);
        out.push_str(&head.render());

        for (state, title) in LISTED {
            let listed = self.in_state(state);
            if listed.is_empty() {
                continue;
            }
            out.push_str(&format!("\n{}\n", style::heading(title)));
            let mut table = Table::indented(2);
            for secret in listed.iter().take(SHOWN) {
                table.row([escape::text(&secret.shown), escape::text(&secret.detail)]);
            }
            out.push_str(&table.render());
            if listed.len() > SHOWN {
                out.push_str(&format!("  … and {} more\n", listed.len() - SHOWN));
            }
        }
        for (i, problem) in self.problems.iter().enumerate() {
            let start = if i == 0 { "\n" } else { "" };
            out.push_str(&format!(
                "{start}{} {}\n",
                style::bad("problem:"),
                escape::lines(problem)
            ));
        }
        if !self.in_state("unprovable").is_empty() {
            let why = "an age1… reader is not named in a header: there only the number of readers can be checked";
            out.push_str(&format!("\n{}\n", style::dim(why)));
        }
        if let Some(next) = &self.next {
            out.push_str(&format!(
                "\nnext: {}  {}\n",
                style::heading(&next.command),
                style::dim(&next.why)
            ));
        }
        out
    }

    fn recipients_line(&self) -> String {
        let mut parts = Vec::new();
        for role in [Role::Host, Role::Person, Role::Backup, Role::Other] {
            let names: Vec<_> = self
                .recipients
                .iter()
                .filter(|recipient| recipient.sort == role)
                .map(|recipient| escape::text(&recipient.name))
                .collect();
            if !names.is_empty() {
                let noun = match role {
                    Role::Person if names.len() > 1 => format!("{} people", names.len()),
                    _ => prose::count(names.len(), role.noun()),
                };
                parts.push(format!("{noun} ({})", prose::some_of(&names, 6)));
            }
        }
        if parts.is_empty() { "none".to_owned() } else { parts.join(", ") }
    }

    fn secrets_line(&self) -> String {
        let mut parts = Vec::new();
        for (state, words) in STATES {
            let n = self.in_state(state).len();
            if n > 0 {
                let text = format!("{n} {words}");
                parts.push(match state {
                    "fine" => style::good(text),
                    "unprovable" | "missing" | "no-rule" => style::unsure(text),
                    _ => style::bad(text),
                });
            }
        }
        match self.secrets.len() {
            0 => "none".to_owned(),
            n => format!("{n}: {}", parts.join(", ")),
        }
    }
}

/// Secrets listed by name in one state before the rest is only counted.
const SHOWN: usize = 40;

const STATES: [(&str, &str); 7] = [
    ("fine", "as the rules say"),
    ("drifted", "drifted"),
    ("broken", "broken"),
    ("plain", "not encrypted"),
    ("missing", "without a file"),
    ("no-rule", "without a rule"),
    ("unprovable", "as the rules say, as far as headers tell"),
];

const LISTED: [(&str, &str); 5] = [
    ("broken", "broken"),
    ("plain", "not encrypted"),
    ("drifted", "drifted"),
    ("missing", "rules without a file"),
    ("no-rule", "files without a rule"),
];

fn rules(fleet: &Fleet) -> Vec<RulesView> {
    let view = |path: &crate::repo::RepoPath, secrets| RulesView {
        path: path.to_text(),
        secrets,
        shown: fleet.root.display(path),
    };
    fleet.rules.iter().map(|file| view(&file.path, file.rules.len())).collect()
}

fn recipients(fleet: &Fleet) -> Vec<RecipientView> {
    let known = fleet.names.all().into_iter();
    known
        .map(|known| RecipientView {
            name: known.label(),
            role: known.role.noun(),
            kind: known.recipient.kind().to_string(),
            key: known.recipient.canonical().to_owned(),
            fingerprint: known.recipient.fingerprint(),
            sort: known.role,
        })
        .collect()
}

fn next(fleet: &Fleet, due: &Due<'_>) -> Option<Next> {
    let path = |secret: &Secret| shell(&fleet.root.display(&secret.path));
    let step = |command: String, why: &str| Some(Next { command, why: why.to_owned() });
    if let Some(secret) = due.plain.first() {
        return step(format!("hostward encrypt {}", path(secret)), "it is readable by everyone");
    }
    if !due.drifted.is_empty() {
        return step("hostward rekey".to_owned(), "encrypts what drifted to whom the rules name");
    }
    if let Some((_, why)) = due.broken.first() {
        return Some(Next { command: "repair the rule or file".to_owned(), why: why.clone() });
    }
    if let Some(secret) = due.missing.first() {
        return step(format!("hostward edit {}", path(secret)), "gives the rule its file");
    }
    if !due.unprovable.is_empty() && fleet.record == crate::fleet::Record::default() {
        return step(
            "hostward rekey --all --record".to_owned(),
            "remembers whom each file is encrypted to, for a full proof from then on",
        );
    }
    None
}

/// A word as it can be pasted into a shell.
fn shell(word: &str) -> String {
    shlex::try_quote(word).map_or_else(|_| word.to_owned(), std::borrow::Cow::into_owned)
}
