//! `hostward edit`.

use std::ffi::OsStr;
use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use clap::Args;

use super::decrypt;
use super::error::CliError;
use super::session::Session;
use super::target;
use crate::crypto;
use crate::crypto::Secret as Plain;
use crate::fleet::Fleet;
use crate::fleet::OnDisk;
use crate::fleet::Secret;
use crate::plan::Plan;
use crate::plan::rekey;
use crate::plan::seal;
use crate::repo::store::Store;
use crate::ui::editor::Editor;
use crate::ui::prompt;

/// Edit a secret, or create it
///
/// The plaintext is only ever in memory and in a private directory on a RAM file system, which is removed however the
/// editor ends. Unchanged content leaves the file as it is.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  hostward edit secrets/db.age\n  pwgen 32 1 | hostward edit secrets/db.age --stdin"
)]
pub(super) struct EditArgs {
    /// The secret, new or old
    path: PathBuf,
    /// `-` takes the new content from stdin
    #[arg(value_name = "-", value_parser = ["-"], hide = true)]
    dash: Option<String>,
    /// Take the new content from stdin; the old one need not be readable
    #[arg(long, conflicts_with = "editor")]
    stdin: bool,
    /// The editor, instead of $VISUAL and $EDITOR; `-` is stdin
    #[arg(long, value_name = "COMMAND")]
    editor: Option<String>,
    /// Accept empty content where there was some
    #[arg(long)]
    allow_empty: bool,
    /// Bytes of content that are accepted
    #[arg(long, value_name = "BYTES", default_value_t = 64 << 20)]
    max_size: u64,
    /// Show what would be written, and write nothing
    #[arg(long)]
    dry_run: bool,
}

pub(super) fn run(session: &Session<'_>, args: &EditArgs) -> Result<ExitCode, CliError> {
    let fleet = session.fleet()?;
    let secret = target::ruled_secret(session, &fleet, &args.path)?;
    let shown = fleet.root.display(&secret.path);
    // Whoever cannot be encrypted to should be known before an hour of typing.
    seal::sealer(secret, session.unlock())?;
    let editor = match args.stdin || args.dash.is_some() {
        true => None,
        false => Some(Editor::find(args.editor.as_deref())?).filter(|editor| !editor.is_stdin()),
    };
    if editor.is_none() {
        session.claim_stdin()?;
    }
    let old = Old::read(session, &fleet, secret, editor.is_none())?;
    let new = if let Some(editor) = editor {
        let empty = Plain::default();
        let before = old.plain.as_ref().unwrap_or(&empty);
        let name = editor_name(&secret.path);
        let new = editor.edit(&name, before, args.max_size)?;
        // A new secret that was left empty was not wanted after all.
        new.or_else(|| (old.bytes.is_none() && args.allow_empty).then(Plain::default))
    } else {
        let new = session.ui.read_stdin(args.max_size)?;
        Some(new).filter(|new| old.plain.as_ref() != Some(new))
    };
    let Some(new) = new else {
        session.ui.status(format_args!("`{shown}` is unchanged"));
        return Ok(ExitCode::SUCCESS);
    };
    let had_content = old.bytes.is_some() && old.plain.as_ref().is_none_or(|old| !old.is_empty());
    if new.is_empty() && had_content && !args.allow_empty {
        confirm_empty(session, &shown)?;
    }
    let change = seal::change(secret, new.as_bytes(), old.bytes, session.unlock())?;
    write(session, &fleet, secret, Plan::from_iter([change]), args.dry_run)
}

/// Writes the one secret of a plan, with the record that belongs to it.
pub(super) fn write(
    session: &Session<'_>,
    fleet: &Fleet,
    secret: &Secret,
    mut plan: Plan,
    dry_run: bool,
) -> Result<ExitCode, CliError> {
    plan.extend(rekey::record_change(fleet, &plan, false));
    let keyring = session.keyring()?;
    let verify = |change: &crate::plan::Change, bytes: &[u8]| {
        if *change.path() == secret.path { rekey::verifies(secret, bytes, keyring) } else { Ok(()) }
    };
    let shown = fleet.root.display(&secret.path);
    if session.carry_out(&fleet.root, &plan, dry_run, &verify)?.is_some() {
        let about =
            plan.changes.first().map(|change| change.about().to_owned()).unwrap_or_default();
        session.ui.status(format_args!("wrote `{shown}`, {about}"));
    }
    Ok(ExitCode::SUCCESS)
}

/// What the secret held before.
struct Old {
    bytes: Option<Arc<[u8]>>,
    /// `None` where there is no file, or it could not be opened and need not be.
    plain: Option<Plain>,
}

impl Old {
    fn read(
        session: &Session<'_>,
        fleet: &Fleet,
        secret: &Secret,
        may_stay_closed: bool,
    ) -> Result<Self, CliError> {
        let shown = fleet.root.display(&secret.path);
        match &secret.on_disk {
            OnDisk::Missing => return Ok(Self { bytes: None, plain: None }),
            OnDisk::Sealed(_) => {}
            OnDisk::Plain => {
                return Err(CliError::failed(format_args!("`{shown}` is not encrypted"))
                    .hint(format_args!("hostward encrypt {shown}")));
            }
            OnDisk::Damaged(why) | OnDisk::Unreadable(why) => {
                return Err(CliError::failed(format_args!("`{shown}` cannot be read: {why}"))
                    .hint("restore it from version control, or move it away to start anew"));
            }
        }
        let source = Store::with_limit(&fleet.root, seal::MAX_FILE).read(&secret.path)?;
        let bytes = Some(Arc::clone(source.bytes()));
        let keyring = session.keyring()?;
        if may_stay_closed && keyring.identities().all(|identity| identity.is_locked()) {
            return Ok(Self { bytes, plain: None });
        }
        match crypto::open(source.bytes(), keyring, &shown) {
            Ok(plain) => Ok(Self { bytes, plain: Some(plain) }),
            Err(_) if may_stay_closed => Ok(Self { bytes, plain: None }),
            Err(error) => Err(decrypt::failed(error, &shown)),
        }
    }
}

/// Losing content by accident is what this guards against.
fn confirm_empty(session: &Session<'_>, shown: &str) -> Result<(), CliError> {
    let question = format!("the new content of `{shown}` is empty; replace the old one?");
    if prompt::confirm(&session.ui, &question) == Some(true) {
        return Ok(());
    }
    Err(CliError::failed(format_args!(
        "the new content of `{shown}` is empty; the old one is kept"
    ))
    .hint("use --allow-empty to empty it"))
}

/// The file name that the editor sees: without `.age`, so that it knows what kind of text it is.
fn editor_name(path: &crate::repo::RepoPath) -> OsString {
    let name = path.file_name().unwrap_or(OsStr::new("secret"));
    let stem =
        name.to_str().and_then(|name| name.strip_suffix(".age")).filter(|stem| !stem.is_empty());
    // A leading dash would be an option to the editor, but it gets an absolute path.
    stem.map_or_else(|| name.to_owned(), OsString::from)
}
