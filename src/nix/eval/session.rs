//! The evaluator as its users see it: options in, values, data and text out.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::rc::{Rc, Weak};
use std::sync::Arc;

use super::Result;
use super::builtins::{self, Globals};
use super::data::{Data, DataAttr, DataKind};
use super::env::Env;
use super::error::{ErrorKind, EvalError};
use super::io::{ConfinedFiles, Files};
use super::limits::Limits;
use super::thunk::{Started, Thunk, Work};
use super::value::{Attrs, Slot, Value};
use crate::nix::memory::{self, Charge};
use crate::nix::pure::paths;
use crate::nix::syntax;
use crate::nix::syntax::expr::ExprRef;
use crate::nix::syntax::source::{Place, Pos, SourceMap};
use crate::nix::syntax::symbol::{Interner, Symbol};

/// What an evaluation may see and cost.
#[derive(Clone, Debug)]
pub struct Options {
    /// Trees that may be read.
    pub roots: Vec<PathBuf>,
    /// Whether any file may be read.
    pub allow_all_reads: bool,
    /// The search path of `<name>`: prefix (may be empty) and directory, as in `NIX_PATH`.
    pub nix_path: Vec<(String, PathBuf)>,
    /// Bounds on steps, depth and memory.
    pub limits: Limits,
    /// What `builtins.getEnv` and `~/` (as `HOME`) see; all else is the empty string.
    pub env: BTreeMap<String, String>,
    /// `builtins.currentSystem`; without it, it does not exist, as in pure evaluation.
    pub current_system: Option<String>,
    /// `builtins.currentTime`, seconds since 1970; without it, it does not exist.
    pub current_time: Option<i64>,
    /// Whether `<nixpkgs>` and `<nixpkgs/lib>`, where `nix_path` has none, are our model of nixpkgs' `lib`.
    pub nixpkgs_lib: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            roots: Vec::new(),
            allow_all_reads: false,
            nix_path: Vec::new(),
            limits: Limits::default(),
            env: BTreeMap::new(),
            current_system: None,
            current_time: None,
            nixpkgs_lib: true,
        }
    }
}

/// Evaluates Nix. One evaluator reads each file once; it and its values stay on one thread, best one with a
/// deep stack ([`with_stack`](crate::nix::with_stack)).
pub struct Evaluator {
    pub(super) symbols: Interner,
    pub(super) sources: SourceMap,
    pub(super) options: Options,
    pub(super) files: Box<dyn Files>,
    read: RefCell<(Vec<PathBuf>, HashSet<PathBuf>)>,
    pub(super) globals: Globals,
    pub(super) imports: RefCell<HashMap<PathBuf, Slot>>,
    pub(super) depth: Cell<usize>,
    pub(super) traces: RefCell<Vec<Trace>>,
    steps: Cell<u64>,
    running: RefCell<Vec<(*const Thunk, Pos)>>,
    recursive: RefCell<Recursive>,
}

/// What `builtins.trace` or `builtins.warn` said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trace {
    /// True for `warn`.
    pub warning: bool,
    /// The message.
    pub message: String,
    /// The call.
    pub place: Option<Place>,
}

/// An attribute of a set, not evaluated yet.
#[derive(Clone)]
pub struct Attr {
    /// Its name.
    pub name: String,
    /// Where the name is written.
    pub at: Option<Place>,
    /// Its value, see [`Evaluator::force`].
    pub slot: Slot,
}

/// Environments that hold themselves, to be taken apart in the end.
#[derive(Default)]
struct Recursive {
    envs: Vec<Weak<Env>>,
    sweep_at: usize,
}

impl Evaluator {
    /// An evaluator that has read nothing yet, of the files below the roots in `options`.
    pub fn new(options: Options) -> Self {
        let files = ConfinedFiles::new(&options.roots, options.allow_all_reads);
        Self::with_files(options, Box::new(files))
    }

    /// An evaluator of other files; the roots in `options` say nothing about these.
    pub fn with_files(options: Options, files: Box<dyn Files>) -> Self {
        let symbols = Interner::new();
        let globals = builtins::globals(&symbols, &options);
        Self {
            sources: SourceMap::new(),
            files,
            read: RefCell::default(),
            globals,
            imports: RefCell::default(),
            depth: Cell::new(0),
            traces: RefCell::default(),
            steps: Cell::new(0),
            running: RefCell::default(),
            recursive: RefCell::default(),
            symbols,
            options,
        }
    }

    /// The value of a file; of its `default.nix` if it is a directory. Relative paths start from the current
    /// directory.
    pub fn eval_file(&self, path: &Path) -> Result<Value> {
        let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        self.import(&paths::canonical(path.as_os_str().as_bytes()), Pos::NONE)
    }

    /// The value of a text whose relative paths start from `base_dir`.
    pub fn eval_expr(&self, text: &str, base_dir: &Path) -> Result<Value> {
        let base = std::path::absolute(base_dir).unwrap_or_else(|_| base_dir.to_owned());
        let base = paths::canonical(base.as_os_str().as_bytes());
        let name: Arc<Path> = base_dir.join("«string»").into();
        let expr = self.parse(text, &name, &base, false, None)?;
        self.eval(&Env::new(None, Vec::new()), &expr)
    }

    /// Evaluates a slot as far as its outside.
    pub fn force(&self, slot: &Slot) -> Result<Value> {
        match slot {
            Slot::Done(value) => Ok(value.clone()),
            Slot::Thunk(thunk) => self.force_thunk(thunk),
        }
    }

    /// An attribute of a set, evaluated; an error if it is not there or this is not a set.
    pub fn select(&self, value: &Value, name: &str) -> Result<Value> {
        let Value::Attrs(attrs) = value else { return Err(self.wrong(value, "a set", Pos::NONE)) };
        let entry = self.symbols.find(name.as_bytes()).and_then(|symbol| attrs.get(symbol));
        match entry {
            Some(entry) => self.force(&entry.slot).map_err(|error| {
                error.frame(
                    || format!("while evaluating the attribute `{name}`"),
                    self.place(entry.at),
                )
            }),
            None => {
                let symbol = self.symbols.intern(name.as_bytes());
                Err(self.missing_attribute(attrs, symbol, Pos::NONE))
            }
        }
    }

    /// The attributes of a set in the order of their names, none evaluated; `None` if it is not a set.
    pub fn attrs(&self, value: &Value) -> Option<Vec<Attr>> {
        let Value::Attrs(attrs) = value else { return None };
        let attr = |entry: &super::value::Entry| Attr {
            name: self.symbols.text(entry.name),
            at: self.place(entry.at),
            slot: entry.slot.clone(),
        };
        Some(self.by_name(attrs).into_iter().map(attr).collect())
    }

    /// Calls a function with arguments.
    pub fn call(&self, function: &Value, arguments: &[Slot]) -> Result<Value> {
        self.apply(function.clone(), arguments, Pos::NONE)
    }

    /// Calls a function whose pattern needs nothing, as `nix-instantiate` does with what a file holds; gives
    /// back any other value as it is. `arguments` are offered by name, as with `--arg`.
    pub fn auto_call(&self, value: Value, arguments: &BTreeMap<String, Slot>) -> Result<Value> {
        self.call_with_known(value, arguments)
    }

    /// The value evaluated through and through. A function in it is [`DataKind::Function`].
    pub fn to_data(&self, value: &Value) -> Result<Data> {
        self.data(value, Pos::NONE, &mut Charge::default())
    }

    /// What `nix-instantiate --eval` prints, with `--strict` or without; one line without a line end.
    pub fn print(&self, value: &Value, strict: bool) -> Result<String> {
        if strict {
            self.deep_force(value)?;
        }
        Ok(self.printed(value))
    }

    /// What `nix-instantiate --eval --strict --json` means, attributes in order.
    pub fn to_json(&self, value: &Value) -> Result<serde_json::Value> {
        self.json_tree(value, Pos::NONE, &mut Charge::default())
    }

    /// The text of `builtins.toJSON`, which writes floats as Nix does.
    pub fn to_json_text(&self, value: &Value) -> Result<String> {
        let text = self.json_text(value, Pos::NONE)?;
        Ok(String::from_utf8_lossy(&text.bytes).into_owned())
    }

    /// Every file and directory read so far, in the order of first reading.
    pub fn files_read(&self) -> Vec<PathBuf> {
        self.read.borrow().0.clone()
    }

    /// What `builtins.trace` and `builtins.warn` said so far, in order.
    pub fn traces(&self) -> Vec<Trace> {
        self.traces.borrow().clone()
    }

    /// The text of a file that was parsed, for excerpts.
    pub fn source(&self, file: &Path) -> Option<Rc<str>> {
        self.sources.text(file)
    }

    /// Expressions evaluated so far.
    pub fn steps(&self) -> u64 {
        self.steps.get()
    }
}

impl Evaluator {
    pub(super) fn place(&self, at: Pos) -> Option<Place> {
        self.sources.place(at)
    }

    pub(super) fn error(&self, kind: ErrorKind, message: impl Into<String>, at: Pos) -> EvalError {
        EvalError::new(kind, message, self.place(at))
    }

    /// The entries of a set in the order of their names.
    pub(super) fn by_name<'a>(&self, attrs: &'a Attrs) -> Vec<&'a super::value::Entry> {
        let mut entries: Vec<_> = attrs.entries().iter().collect();
        self.symbols.sort_by_name(&mut entries, |entry| entry.name);
        entries
    }

    /// Remembers a file or directory that was read.
    pub(super) fn was_read(&self, path: &Path) {
        let (order, seen) = &mut *self.read.borrow_mut();
        if seen.insert(path.to_owned()) {
            order.push(path.to_owned());
        }
    }

    /// Counts one step, and fails if that or anything else is over its limit.
    #[inline]
    pub(super) fn step(&self, at: Pos) -> Result<()> {
        let steps = self.steps.get() + 1;
        self.steps.set(steps);
        if steps > self.options.limits.steps
            || memory::stack_is_low()
            || memory::live() > self.options.limits.memory
        {
            return Err(self.over_limit(at));
        }
        Ok(())
    }

    /// Fails if `bytes` more would be too much; for builtins that make large things at once.
    pub(super) fn afford(&self, bytes: usize, at: Pos) -> Result<()> {
        if memory::live().saturating_add(bytes) > self.options.limits.memory {
            return Err(self.over_limit(at));
        }
        Ok(())
    }

    #[cold]
    fn over_limit(&self, at: Pos) -> EvalError {
        let limits = &self.options.limits;
        let message = if memory::stack_is_low() {
            "stack overflow: values are nested too deeply, or recursion is infinite".to_owned()
        } else if self.steps.get() > limits.steps {
            format!("evaluation took more than {} steps", limits.steps)
        } else {
            format!("evaluation needs more than {} MiB of memory", limits.memory >> 20)
        };
        self.error(ErrorKind::Limit, message, at)
    }

    pub(super) fn parse(
        &self,
        text: &str,
        name: &Arc<Path>,
        base: &[u8],
        real: bool,
        outer: Option<&[Symbol]>,
    ) -> Result<ExprRef> {
        let file = self.sources.add_file(Arc::clone(name), text.into(), real);
        let context = syntax::Context {
            symbols: &self.symbols,
            sources: &self.sources,
            file,
            base,
            home: self.options.env.get("HOME").map(String::as_bytes),
            global: &|symbol| self.globals.number(symbol),
            outer,
        };
        syntax::parse(text, &context).map_err(|error| {
            let place = |span| Some(Place { file: Arc::clone(name), span });
            let related = error.related.map(place);
            EvalError::new(ErrorKind::Syntax, error.message, place(error.span))
                .related("first defined here", related.flatten())
        })
    }

    fn force_thunk(&self, thunk: &Rc<Thunk>) -> Result<Value> {
        let work = match thunk.start() {
            Started::Done(value) => return Ok(value),
            Started::Failed(error) => return Err(error),
            Started::Cycle => return Err(self.cycle(thunk)),
            Started::Work(work) => work,
        };
        self.running.borrow_mut().push((Rc::as_ptr(thunk), work.at()));
        let result = self.perform(&work);
        self.running.borrow_mut().pop();
        match result {
            Ok(value) => {
                thunk.finish(value.clone());
                Ok(value)
            }
            Err(error) => {
                if error.is_passing() {
                    thunk.restart(work);
                } else {
                    thunk.fail(error.clone());
                }
                Err(error)
            }
        }
    }

    fn perform(&self, work: &Work) -> Result<Value> {
        match work {
            Work::Expr { env, expr } => self.eval(env, expr),
            Work::Apply { function, arguments, at } => {
                self.step(*at)?;
                let function = self.force(function)?;
                self.apply(function, arguments, *at)
            }
            Work::Select { from, name, at } => {
                self.step(*at)?;
                match self.force(from)? {
                    Value::Attrs(attrs) => match attrs.get(*name) {
                        Some(entry) => self.force(&entry.slot),
                        None => Err(self.missing_attribute(&attrs, *name, *at)),
                    },
                    other => Err(self.wrong(&other, "a set", *at)),
                }
            }
        }
    }

    #[cold]
    fn cycle(&self, thunk: &Rc<Thunk>) -> EvalError {
        let running = self.running.borrow();
        let start = running.iter().rposition(|(seen, _)| *seen == Rc::as_ptr(thunk)).unwrap_or(0);
        let cycle = &running[start..];
        let at = cycle.first().map_or(Pos::NONE, |(_, at)| *at);
        let mut error =
            self.error(ErrorKind::InfiniteRecursion, "infinite recursion encountered", at);
        let mut last = at;
        for (_, at) in cycle.iter().skip(1).take(super::error::MAX_FRAMES) {
            if *at != last {
                error = error.related("which needs", self.place(*at));
                last = *at;
            }
        }
        error.related("which needs itself", self.place(at))
    }

    /// Remembers an environment that will hold itself.
    pub(super) fn recursive(&self, env: &Rc<Env>) {
        let mut recursive = self.recursive.borrow_mut();
        if recursive.envs.len() >= recursive.sweep_at {
            recursive.envs.retain(|env| env.strong_count() > 0);
            recursive.sweep_at = 2 * recursive.envs.len() + 1024;
        }
        recursive.envs.push(Rc::downgrade(env));
    }

    fn data(&self, value: &Value, at: Pos, charge: &mut Charge) -> Result<Data> {
        self.step(at)?;
        charge.add(size_of::<DataAttr>());
        let (kind, own) = match value {
            Value::Attrs(attrs) => {
                let mut out = Vec::with_capacity(attrs.len());
                for entry in self.by_name(attrs) {
                    let name = self.symbols.text(entry.name);
                    let inner = self
                        .force(&entry.slot)
                        .and_then(|value| self.data(&value, entry.at, charge));
                    let value = inner.map_err(|error| {
                        let what = || format!("while evaluating the attribute `{name}`");
                        error.frame(what, self.place(entry.at))
                    })?;
                    out.push(DataAttr { name, at: self.place(entry.at), value });
                }
                (DataKind::Attrs(out), attrs.at)
            }
            Value::Bool(value) => (DataKind::Bool(*value), at),
            Value::Builtin(_) => (DataKind::Function, at),
            Value::Float(value) => (DataKind::Float(*value), at),
            Value::Int(value) => (DataKind::Int(*value), at),
            Value::Lambda(closure) => (DataKind::Function, closure.lambda.at),
            Value::List(list) => {
                let mut out = Vec::with_capacity(list.len());
                for (index, slot) in list.iter().enumerate() {
                    let inner =
                        self.force(&slot).and_then(|value| self.data(&value, Pos::NONE, charge));
                    out.push(inner.map_err(|error| {
                        let what = || format!("while evaluating item {index} of a list");
                        error.frame(what, self.place(list.at()))
                    })?);
                }
                (DataKind::List(out), list.at())
            }
            Value::Null => (DataKind::Null, at),
            Value::Path(path) => (DataKind::Path(to_path(path.bytes())), path.at()),
            Value::String(string) => {
                charge.add(string.bytes().len());
                let sources = string.sources().iter().map(|path| to_path(path.bytes())).collect();
                (DataKind::String { text: string.text().into_owned(), sources }, string.at())
            }
        };
        Ok(Data { kind, at: self.place(own.or(at)) })
    }
}

impl Drop for Evaluator {
    fn drop(&mut self) {
        for env in self.recursive.get_mut().envs.drain(..) {
            if let Some(env) = env.upgrade() {
                env.clear();
            }
        }
        self.imports.get_mut().clear();
        self.globals.dissolve();
        memory::settle();
    }
}

/// The bytes of a Nix path as a path of this system.
pub(super) fn to_path(bytes: &[u8]) -> PathBuf {
    PathBuf::from(std::ffi::OsStr::from_bytes(bytes))
}
