//! `hostward rekey`.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use super::error::CliError;
use super::session::Session;
use super::target;
use crate::crypto::Recipient;
use crate::fleet::Fleet;
use crate::fleet::Secret;
use crate::fleet::Standing;
use crate::plan::rekey;
use crate::plan::rekey::Due;
use crate::text::escape;
use crate::text::prose;
use crate::ui::progress::Progress;

/// Encrypt anew what differs from the rules: all of it, or none
///
/// Only secrets whose files are encrypted to other recipients than their rules name are touched. Of recipients that a
/// header does not name (age1… keys) only the number can be compared; --all rekeys those files too.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  hostward rekey --dry-run\n  hostward rekey --host web\n  hostward rekey --check   # in CI: exit status 1 when a rekey is due"
)]
pub(super) struct RekeyArgs {
    /// Only these secrets, or those in these directories
    paths: Vec<PathBuf>,
    /// Only what this host can read, or should
    #[arg(long, value_name = "NAME")]
    host: Option<String>,
    /// Only what this recipient can read, or should: a name, a fingerprint or a key
    #[arg(long, value_name = "KEY")]
    recipient: Option<String>,
    /// Change nothing; exit with 1 if something is due
    #[arg(long, conflicts_with_all = ["dry_run", "all"])]
    check: bool,
    /// Show what would be written, and write nothing
    #[arg(long)]
    dry_run: bool,
    /// Also what is as the rules say, or cannot be proven
    #[arg(long)]
    all: bool,
    /// Remember in hostward.lock whom each file is encrypted to, where its header cannot tell
    #[arg(long)]
    record: bool,
    /// Threads; all cores without it
    #[arg(short, long, value_name = "N")]
    jobs: Option<NonZeroUsize>,
}

pub(super) fn run(session: &Session<'_>, args: &RekeyArgs) -> Result<ExitCode, CliError> {
    if let Some(jobs) = args.jobs {
        // Before the first use of the pool there is none to be in the way.
        let _ = rayon::ThreadPoolBuilder::new().num_threads(jobs.get()).build_global();
    }
    let fleet = session.fleet()?;
    let selected = select(session, &fleet, args)?;
    let due = Due::of(&fleet, selected);
    if args.check {
        return check(session, &fleet, &due);
    }
    refuse_broken(&fleet, &due)?;
    for secret in &due.plain {
        let shown = fleet.root.display(&secret.path);
        session.ui.warn(format_args!("`{shown}` is not encrypted: hostward encrypt {shown}"));
    }

    let mut todo: Vec<&Secret> = due.drifted.iter().map(|(secret, _)| *secret).collect();
    if args.all {
        todo.extend(due.fine.iter().chain(&due.unprovable));
        todo.sort_by_key(|secret| &secret.path);
    }
    rekey::one_name_each(&fleet, &mut todo)?;
    if todo.is_empty() {
        session.ui.status(nothing_to_do(&due));
        return Ok(ExitCode::SUCCESS);
    }
    let keyring = session.keyring()?;
    let progress = Progress::start(&session.ui, "rekeying", todo.len());
    let mut plan = rekey::plan(&fleet, &todo, keyring, session.unlock(), &|| progress.step())?;
    drop(progress);
    plan.extend(rekey::record_change(&fleet, &plan, args.record));
    let verify = |change: &crate::plan::Change, bytes: &[u8]| {
        let secret = fleet.secrets.get(change.path());
        secret.map_or(Ok(()), |secret| rekey::verifies(secret, bytes, keyring))
    };
    if session.carry_out(&fleet.root, &plan, args.dry_run, &verify)?.is_some() {
        session.ui.status(summary(&fleet, &todo));
    }
    Ok(ExitCode::SUCCESS)
}

/// The secrets that the arguments choose.
fn select<'a>(
    session: &Session<'_>,
    fleet: &'a Fleet,
    args: &RekeyArgs,
) -> Result<Vec<&'a Secret>, CliError> {
    let mut selected: Vec<&Secret> = Vec::new();
    for path in &args.paths {
        let below = fleet.below(path);
        if below.is_empty() {
            target::ruled_secret(session, fleet, path)?;
        }
        selected.extend(below);
    }
    if args.paths.is_empty() {
        selected.extend(fleet.secrets.values());
    }
    selected.sort_by_key(|secret| &secret.path);
    selected.dedup_by_key(|secret| &secret.path);
    for wanted in args.host.iter().chain(&args.recipient) {
        let keys = target::recipients(fleet, wanted)?;
        selected.retain(|secret| keys.iter().any(|key| concerns(secret, key)));
    }
    Ok(selected)
}

/// Whether a key may read the secret, or should.
fn concerns(secret: &Secret, key: &Recipient) -> bool {
    use crate::crypto::Verdict;
    secret.wanted().contains(&key) || secret.verdict(key) == Some(Verdict::Proven)
}

fn check(session: &Session<'_>, fleet: &Fleet, due: &Due<'_>) -> Result<ExitCode, CliError> {
    let mut table = crate::text::table::Table::default();
    let shown = |secret: &Secret| fleet.root.display(&secret.path);
    for (secret, why) in due.broken.iter().chain(&due.drifted) {
        table.row([shown(secret), escape::text(why).into_owned()]);
    }
    for secret in &due.plain {
        table.row([shown(secret), "not encrypted".to_owned()]);
    }
    session.ui.answer(table.render())?;
    if !due.unprovable.is_empty() {
        session.ui.status(format_args!(
            "{} checked by number of readers only, as headers do not name age1… keys",
            prose::count(due.unprovable.len(), "secret")
        ));
    }
    Ok(if table.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(1) })
}

fn refuse_broken(fleet: &Fleet, due: &Due<'_>) -> Result<(), CliError> {
    let Some((first, why)) = due.broken.first() else { return Ok(()) };
    let shown = fleet.root.display(&first.path);
    let error = match due.broken.len() {
        1 => CliError::failed(format_args!("`{shown}` cannot be rekeyed: {why}")),
        n => CliError::failed(format_args!("{n} secrets cannot be rekeyed; `{shown}`: {why}")),
    };
    Err(error.hint("nothing was changed; mend it, or name the paths to rekey without it"))
}

fn nothing_to_do(due: &Due<'_>) -> String {
    let n = due.fine.len() + due.unprovable.len();
    let mut text = match n {
        0 => "there is nothing to rekey".to_owned(),
        n => format!("{} as the rules say; nothing to rekey", prose::count(n, "secret")),
    };
    if !due.unprovable.is_empty() {
        text.push_str(&format!(
            " ({} by number of readers only; --all rekeys them too)",
            due.unprovable.len()
        ));
    }
    text
}

/// What changed for whom.
fn summary(fleet: &Fleet, done: &[&Secret]) -> String {
    let mut gained: BTreeMap<String, usize> = BTreeMap::new();
    let mut lost: BTreeMap<String, usize> = BTreeMap::new();
    for secret in done {
        if let Standing::Drifted(drift) = secret.standing(&fleet.names) {
            drift.missing.into_iter().for_each(|name| *gained.entry(name).or_default() += 1);
            drift.extra.into_iter().for_each(|name| *lost.entry(name).or_default() += 1);
        }
    }
    let mut text = format!("rekeyed {}", prose::count(done.len(), "secret"));
    let mut add = |verb: &str, who: BTreeMap<String, usize>| {
        if !who.is_empty() {
            let who: Vec<String> =
                who.into_iter().map(|(name, n)| format!("{} ({n})", escape::text(&name))).collect();
            text.push_str(&format!("; {verb} {}", prose::some_of(&who, 8)));
        }
    };
    add("now readable by", gained);
    add("no longer by", lost);
    text
}
