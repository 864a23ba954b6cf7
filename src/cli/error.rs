//! How a command fails: the one place that turns library errors into an exit status and into hints,
//! which name the next command to type.

use std::error::Error;
use std::fmt;
use std::io;
use std::process::ExitCode;

use crate::apply::ApplyError;
use crate::apply::RecoverError;
use crate::backend::agenix::rules::RulesError;
use crate::crypto::OpenError;
use crate::crypto::SealError;
use crate::fleet::FleetError;
use crate::nix::ErrorKind;
use crate::nix::EvalError;
use crate::plan::rekey::RekeyError;
use crate::plan::seal::WriteError;
use crate::repo::lock::LockError;
use crate::repo::root::ResolveError;
use crate::repo::root::RootError;
use crate::repo::store::StoreError;
use crate::ui::Ui;
use crate::ui::editor::EditorError;
use crate::ui::excerpt;

/// Why a command did not do what it was asked to.
#[derive(Debug)]
pub(super) struct CliError {
    error: Box<dyn Error + Send + Sync>,
    hints: Vec<String>,
    kind: Kind,
    /// The expression that was typed, when the error may point into it.
    typed: Option<String>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Kind {
    Failed,
    Usage,
}

impl CliError {
    /// A failure that is only words.
    pub(super) fn failed(message: impl fmt::Display) -> Self {
        Self::from_error(Plain(message.to_string()))
    }

    /// The command was called in a way that makes no sense.
    pub(super) fn usage(message: impl fmt::Display) -> Self {
        Self { kind: Kind::Usage, ..Self::failed(message) }
    }

    pub(super) fn from_error(error: impl Error + Send + Sync + 'static) -> Self {
        Self { error: Box::new(error), hints: Vec::new(), kind: Kind::Failed, typed: None }
    }

    /// Says what was being done when the error happened.
    pub(super) fn context(self, message: impl fmt::Display) -> Self {
        let Self { error: source, hints, kind, typed } = self;
        let error = Box::new(Context { message: message.to_string(), source });
        Self { error, hints, kind, typed }
    }

    /// Remembers the expression that places may lie in.
    pub(super) fn typed(mut self, text: &str) -> Self {
        self.typed = Some(text.to_owned());
        self
    }

    /// Adds what to do next.
    #[must_use]
    pub(super) fn hint(mut self, hint: impl fmt::Display) -> Self {
        self.hints.push(hint.to_string());
        self
    }

    pub(super) fn exit_code(&self) -> ExitCode {
        match self.kind {
            Kind::Failed => ExitCode::from(3),
            Kind::Usage => ExitCode::from(2),
        }
    }

    /// Whether the reader of our stdout went away, which is no failure of ours.
    pub(super) fn is_broken_pipe(&self) -> bool {
        let mut cause: Option<&(dyn Error + 'static)> = Some(self.error.as_ref());
        while let Some(error) = cause {
            let io = error.downcast_ref::<io::Error>();
            if io.is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe) {
                return true;
            }
            cause = error.source();
        }
        false
    }

    pub(super) fn show(&self, ui: &Ui) {
        let mut causes = Vec::new();
        let mut excerpts = Vec::new();
        let mut cause: Option<&(dyn Error + 'static)> = Some(self.error.as_ref());
        let mut said = String::new();
        while let Some(error) = cause {
            let words = error.to_string();
            // A transparent wrapper says the same as what it wraps, and some say their cause in full.
            if !said.is_empty() && !said.contains(&words) {
                causes.push(words.clone());
            }
            if said.is_empty() || !said.contains(&words) {
                said = words;
            }
            if let Some(error) = error.downcast_ref::<EvalError>() {
                excerpts.extend(excerpt::of_eval_error(error, self.typed.as_deref()));
            }
            cause = error.source();
        }
        ui.error(&self.error, &causes);
        for excerpt in excerpts {
            ui.talk(excerpt);
        }
        ui.hints(&self.hints);
    }
}

#[derive(Debug)]
struct Plain(String);

impl fmt::Display for Plain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Error for Plain {}

#[derive(Debug)]
struct Context {
    message: String,
    source: Box<dyn Error + Send + Sync>,
}

impl fmt::Display for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl Error for Context {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(self.source.as_ref())
    }
}

impl From<ApplyError> for CliError {
    fn from(error: ApplyError) -> Self {
        let hint = match &error {
            ApplyError::Changed(_) => Some("nothing was written; run the command again"),
            ApplyError::Interrupted { .. }
            | ApplyError::Unsettled { .. }
            | ApplyError::Unfinished(_) => Some("hostward status finishes or undoes it"),
            _ => Some("nothing was changed"),
        };
        hint.into_iter().fold(Self::from_error(error), Self::hint)
    }
}

impl From<EditorError> for CliError {
    fn from(error: EditorError) -> Self {
        let hint = match &error {
            EditorError::BadCommand { .. } | EditorError::NoEditor | EditorError::Start { .. } => {
                "set EDITOR, or use --editor COMMAND; --stdin takes the content from a pipe"
            }
            EditorError::NoRam => {
                "give the content with --stdin; an editor needs XDG_RUNTIME_DIR or /dev/shm on tmpfs"
            }
            EditorError::TooLarge { .. } => "the secret is unchanged; --max-size raises the limit",
            EditorError::Left { .. } => "remove it by hand; the secret is unchanged",
            EditorError::Failed { .. } | EditorError::Gone { .. } | EditorError::Io { .. } => {
                "the secret is unchanged"
            }
        };
        Self::from_error(error).hint(hint)
    }
}

impl From<EvalError> for CliError {
    fn from(error: EvalError) -> Self {
        let hint = eval_hint(&error);
        hint.into_iter().fold(Self::from_error(error), Self::hint)
    }
}

fn eval_hint(error: &EvalError) -> Option<&'static str> {
    match &error.kind {
        ErrorKind::OutOfReach => {
            Some("with nix-instantiate on the PATH, --nix auto evaluates it there")
        }
        ErrorKind::Refused { .. } => Some("reads stay inside the repository; --root widens it"),
        _ => None,
    }
}

impl From<FleetError> for CliError {
    fn from(error: FleetError) -> Self {
        let hint = match &error {
            FleetError::Outside { .. } => Some("--root DIR names the repository that holds it"),
            FleetError::NoRules { .. } => {
                Some("a rule looks like `\"x.age\".publicKeys = [ \"ssh-ed25519 …\" ];`")
            }
            FleetError::Rules(RulesError::Eval { source, .. }) => eval_hint(source),
            _ => None,
        };
        hint.into_iter().fold(Self::from_error(error), Self::hint)
    }
}

impl From<io::Error> for CliError {
    fn from(error: io::Error) -> Self {
        Self::from_error(error)
    }
}

impl From<LockError> for CliError {
    fn from(error: LockError) -> Self {
        Self::from_error(error).hint("wait until the other hostward is done")
    }
}

impl From<OpenError> for CliError {
    fn from(error: OpenError) -> Self {
        let hint = match &error {
            OpenError::NoMatch(none) if none.identities == 0 => {
                Some("give a key with -i FILE, or set HOSTWARD_IDENTITY")
            }
            OpenError::NoMatch(_) => {
                Some("give another key with -i FILE; hostward access PATH shows who can read it")
            }
            _ => None,
        };
        hint.into_iter().fold(Self::from_error(error), Self::hint)
    }
}

impl From<RecoverError> for CliError {
    fn from(error: RecoverError) -> Self {
        let hint = match &error {
            RecoverError::Lock(_) => "wait until the other hostward is done",
            RecoverError::Touched(_) => {
                "compare the file with version control, then remove the journal to accept the tree as it is"
            }
            _ => "mend the cause and run the command again",
        };
        Self::from_error(error).hint(hint)
    }
}

impl From<RekeyError> for CliError {
    fn from(error: RekeyError) -> Self {
        if let RekeyError::Closed { failed, .. } = &error {
            let mut lines: Vec<String> =
                failed.iter().take(5).map(|(path, why)| format!("{path}: {why}")).collect();
            if failed.len() > 5 {
                lines.push(format!("… and {} more", failed.len() - 5));
            }
            let error = Self { kind: Kind::Failed, ..Self::from_error(error) };
            let error = lines.into_iter().fold(error, Self::because);
            return error
                .hint("give a key that opens them with -i FILE, or name the paths to rekey");
        }
        Self::from_error(error)
    }
}

impl CliError {
    /// Adds a cause below the message.
    fn because(self, cause: String) -> Self {
        let message = format!("{}\n  caused by: {cause}", self.error);
        Self { error: Box::new(Plain(message)), ..self }
    }
}

impl From<ResolveError> for CliError {
    fn from(error: ResolveError) -> Self {
        Self::from_error(error).hint("--root DIR names another repository")
    }
}

impl From<RootError> for CliError {
    fn from(error: RootError) -> Self {
        Self::from_error(error).hint(
            "go to the repository, or name it with --root DIR; hostward demo shows an example",
        )
    }
}

impl From<SealError> for CliError {
    fn from(error: SealError) -> Self {
        Self::from_error(error)
    }
}

impl From<StoreError> for CliError {
    fn from(error: StoreError) -> Self {
        Self::from_error(error)
    }
}

impl From<WriteError> for CliError {
    fn from(error: WriteError) -> Self {
        let hint = match &error {
            WriteError::NoRule { path } => Some(format!(
                "add a rule to secrets.nix: \"{}\".publicKeys = [ … ];",
                path.rsplit('/').next().unwrap_or(path)
            )),
            WriteError::Rule { .. } => {
                Some("mend the rule; hostward status shows all that is wrong".to_owned())
            }
            WriteError::Seal { .. } => None,
        };
        hint.into_iter().fold(Self::from_error(error), Self::hint)
    }
}
