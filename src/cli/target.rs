//! From what the user typed to what is meant: the secret, the rule, the keys.

use std::path::Path;

use super::error::CliError;
use super::session::Session;
use crate::crypto::Recipient;
use crate::fleet::Fleet;
use crate::fleet::Secret;
use crate::text::prose;

/// The secret at a path that a rule names.
pub(super) fn ruled_secret<'a>(
    session: &Session<'_>,
    fleet: &'a Fleet,
    path: &Path,
) -> Result<&'a Secret, CliError> {
    if let Some(secret) = fleet.find(path).filter(|secret| secret.rule.is_some()) {
        return Ok(secret);
    }
    let typed = session.shown(path);
    let error = CliError::failed(format_args!("no rule names `{typed}`"));
    let similar = fleet.similar(path);
    if !similar.is_empty() {
        let names = similar.iter().map(|path| prose::tick(fleet.root.display(path)));
        return Err(error.hint(format_args!("did you mean {}?", prose::and_list(names))));
    }
    Err(match fleet.rules.first() {
        Some(rules) => {
            let directory = rules.path.parent().unwrap_or_default();
            let name = fleet.root.resolve(path).map(|path| path.relative_to(&directory));
            let name = name.unwrap_or_else(|_| path.to_owned());
            error.hint(format_args!(
                "add it to {}: \"{}\".publicKeys = [ … ];",
                fleet.root.display(&rules.path),
                session.shown(&name)
            ))
        }
        None => error.hint("there is no secrets.nix in this repository; hostward demo shows one"),
    })
}

/// The keys of a host or another recipient, by name, fingerprint or key.
pub(super) fn recipients(fleet: &Fleet, wanted: &str) -> Result<Vec<Recipient>, CliError> {
    let found = fleet.names.find(wanted);
    if !found.is_empty() {
        return Ok(found.into_iter().map(|known| known.recipient.clone()).collect());
    }
    if let Ok(recipient) = Recipient::parse(wanted) {
        return Ok(vec![recipient]);
    }
    let error = CliError::failed(format_args!("no recipient is called `{wanted}`"));
    let similar = fleet.names.similar(wanted);
    Err(if similar.is_empty() {
        error.hint("hostward status lists them; a key or a fingerprint works too")
    } else {
        error.hint(format_args!(
            "did you mean {}?",
            prose::and_list(similar.iter().map(prose::tick))
        ))
    })
}
