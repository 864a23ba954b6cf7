//! Files, by way of the evaluator's confined door to the disk, and the search path.

use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::rc::Rc;

use super::super::Result;
use super::super::coerce::Coerce;
use super::super::env::Env;
use super::super::error::{ErrorKind, EvalError};
use super::super::io::{FileError, FileKind};
use super::super::nixpkgs;
use super::super::session::{Evaluator, Options, to_path};
use super::super::value::{Attrs, Entry, Slot, Value};
use super::{Builtin, list, set};
use crate::nix::pure::paths;
use crate::nix::syntax::source::Pos;
use crate::nix::syntax::string::{NixString, Sources};
use crate::nix::syntax::symbol::{Interner, Symbol, known};

pub(super) const TABLE: &[Builtin] = &[
    Builtin { name: "findFile", arity: 2, run: find_file },
    Builtin { name: "getEnv", arity: 1, run: get_env },
    Builtin { name: "import", arity: 1, run: import },
    Builtin { name: "path", arity: 1, run: source_path },
    Builtin { name: "pathExists", arity: 1, run: path_exists },
    Builtin { name: "readDir", arity: 1, run: read_dir },
    Builtin { name: "readFile", arity: 1, run: read_file },
    Builtin { name: "readFileType", arity: 1, run: read_file_type },
    Builtin { name: "scopedImport", arity: 2, run: scoped_import },
];

/// A file may link to a file that links to a file; not for ever.
const MAX_LINKS: usize = 64;

/// `builtins.nixPath`.
pub(super) fn search_path(symbols: &Interner, options: &Options) -> Value {
    debug_assert_eq!(symbols.find(b"prefix"), Some(known::PREFIX));
    let entry = |(prefix, path): &(String, std::path::PathBuf)| {
        let path = Value::text(path.as_os_str().as_bytes());
        Slot::Done(set([(known::PREFIX, Value::text(prefix).into()), (known::PATH, path.into())]))
    };
    list(options.nix_path.iter().map(entry).collect())
}

impl Evaluator {
    /// The value of a file or of the `default.nix` in a directory, evaluated once.
    pub(in super::super) fn import(&self, path: &[u8], at: Pos) -> Result<Value> {
        let path = self.resolve_expression(path, at)?;
        let known = self.imports.borrow().get(&to_path(&path)).cloned();
        let slot = match known {
            Some(slot) => slot,
            None => {
                let expr = self.parse_file(&path, None, at)?;
                let slot = Slot::expr(&Env::new(None, Vec::new()), &expr);
                self.imports.borrow_mut().insert(to_path(&path), slot.clone());
                slot
            }
        };
        self.force(&slot)
    }

    fn parse_file(
        &self,
        path: &[u8],
        outer: Option<&[Symbol]>,
        at: Pos,
    ) -> Result<crate::nix::syntax::expr::ExprRef> {
        let name = to_path(path);
        let bytes = match nixpkgs::file(path) {
            Some(text) => text.as_bytes().to_vec(),
            None => self.read(&name, at)?,
        };
        let text = String::from_utf8(bytes).map_err(|error| {
            let start = error.utf8_error().valid_up_to();
            let place = super::super::Place { file: name.clone().into(), span: start..start + 1 };
            EvalError::new(ErrorKind::Syntax, "the file is not UTF-8", Some(place))
        })?;
        let base =
            path.iter().rposition(|byte| *byte == b'/').map_or(&b"/"[..], |end| &path[..end]);
        let base = if base.is_empty() { b"/" } else { base };
        self.parse(&text, &name.into(), base, true, outer)
    }

    /// Where the expression that `path` names really is: through symlinks and into directories.
    fn resolve_expression(&self, path: &[u8], at: Pos) -> Result<Vec<u8>> {
        let mut path = path.to_vec();
        if let Some(path) = nixpkgs::resolve(&path).filter(|_| self.options.nixpkgs_lib) {
            return Ok(path);
        }
        for _ in 0..MAX_LINKS {
            match self.kind(&to_path(&path), false, at)? {
                Some(FileKind::Symlink) => {
                    let name = to_path(&path);
                    let link = self.files.read_link(&name).map_err(|it| self.file_error(it, at))?;
                    let parent = name.parent().unwrap_or(Path::new("/"));
                    path =
                        paths::absolute(link.as_os_str().as_bytes(), parent.as_os_str().as_bytes());
                }
                Some(FileKind::Directory) => {
                    path.extend_from_slice(b"/default.nix");
                    path = paths::canonical(&path);
                    return Ok(path);
                }
                _ => return Ok(path),
            }
        }
        let message = format!("too many symlinks at `{}`", to_path(&path).display());
        Err(self.error(ErrorKind::File, message, at))
    }

    /// The bytes of a file.
    pub(in super::super) fn read(&self, path: &Path, at: Pos) -> Result<Vec<u8>> {
        let room = self.options.limits.memory / 4;
        let bytes = self.files.read(path, room).map_err(|error| self.file_error(error, at))?;
        self.was_read(path);
        Ok(bytes)
    }

    fn kind(&self, path: &Path, follow: bool, at: Pos) -> Result<Option<FileKind>> {
        self.files.kind(path, follow).map_err(|error| self.file_error(error, at))
    }

    fn file_error(&self, error: FileError, at: Pos) -> EvalError {
        let message = error.to_string();
        let kind = match error {
            FileError::Refused { path } => ErrorKind::Refused { path },
            FileError::TooLarge { .. } => ErrorKind::Limit,
            FileError::Io { .. } | FileError::Kind { .. } => ErrorKind::File,
        };
        self.error(kind, message, at)
    }
}

fn import(nix: &Evaluator, arguments: &[Slot], at: Pos) -> Result<Value> {
    let path = nix.path_bytes(&nix.force(&arguments[0])?, at)?;
    nix.import(&path, at).map_err(|error| {
        let shown = || format!("while importing `{}`", to_path(&path).display());
        error.frame(shown, nix.place(at))
    })
}

/// Evaluates a file with further names in scope; never remembered.
fn scoped_import(nix: &Evaluator, arguments: &[Slot], at: Pos) -> Result<Value> {
    let scope = nix.force(&arguments[0])?;
    let scope = nix.set(&scope, at)?;
    let path = nix.path_bytes(&nix.force(&arguments[1])?, at)?;
    let path = nix.resolve_expression(&path, at)?;
    let names: Vec<Symbol> = scope.entries().iter().map(|entry| entry.name).collect();
    let expr = nix.parse_file(&path, Some(&names), at)?;
    let slots = scope.entries().iter().map(|entry| entry.slot.clone()).collect();
    nix.eval(&Env::new(None, slots), &expr)
}

fn read_file(nix: &Evaluator, arguments: &[Slot], at: Pos) -> Result<Value> {
    let path = nix.path_of(&nix.force(&arguments[0])?, at)?;
    let bytes = nix.read(&path, at)?;
    if bytes.contains(&0) {
        let message = format!("`{}` holds NUL bytes and cannot be a string", path.display());
        return Err(nix.error(ErrorKind::File, message, at));
    }
    nix.afford(bytes.len(), at)?;
    Ok(Value::String(Rc::new(NixString::new(bytes, Sources::default(), at))))
}

fn read_dir(nix: &Evaluator, arguments: &[Slot], at: Pos) -> Result<Value> {
    let path = nix.path_of(&nix.force(&arguments[0])?, at)?;
    let found = nix.files.read_dir(&path).map_err(|error| nix.file_error(error, at))?;
    nix.was_read(&path);
    let entries = found.into_iter().map(|(name, kind)| Entry {
        name: nix.symbols.intern(name.as_bytes()),
        at: Pos::NONE,
        slot: Value::text(kind.word()).into(),
    });
    Ok(Value::Attrs(Rc::new(Attrs::new(entries.collect(), Pos::NONE))))
}

fn read_file_type(nix: &Evaluator, arguments: &[Slot], at: Pos) -> Result<Value> {
    let path = nix.path_of(&nix.force(&arguments[0])?, at)?;
    match nix.kind(&path, false, at)? {
        Some(kind) => Ok(Value::text(kind.word())),
        None => {
            let message = format!("path `{}` does not exist", path.display());
            Err(nix.error(ErrorKind::File, message, at))
        }
    }
}

/// A path that ends in a slash exists only as a directory.
fn path_exists(nix: &Evaluator, arguments: &[Slot], at: Pos) -> Result<Value> {
    let value = nix.force(&arguments[0])?;
    let directory = match &value {
        Value::String(text) => text.bytes().ends_with(b"/") || text.bytes().ends_with(b"/."),
        _ => false,
    };
    let path = nix.path_bytes(&value, at)?;
    if nix.options.nixpkgs_lib && nixpkgs::resolve(&path).is_some() {
        return Ok(Value::Bool(true));
    }
    let kind = nix.kind(&to_path(&path), directory, at)?;
    Ok(Value::Bool(kind.is_some_and(|kind| !directory || kind == FileKind::Directory)))
}

/// `builtins.path { path = ./x; … }`: the path itself, as interpolation has it. What `filter` would leave out
/// and what `name` would call it matters only in a store.
fn source_path(nix: &Evaluator, arguments: &[Slot], at: Pos) -> Result<Value> {
    let value = nix.force(&arguments[0])?;
    let attrs = nix.set(&value, at)?;
    let Some(slot) = attrs.slot(known::PATH) else {
        return Err(nix.missing_attribute(&attrs, known::PATH, at));
    };
    let path = nix.force(slot)?;
    let path =
        Value::Path(Rc::new(NixString::new(nix.path_bytes(&path, at)?, Sources::default(), at)));
    Ok(Value::String(nix.coerce(&path, Coerce::Interpolate, at)?))
}

fn get_env(nix: &Evaluator, arguments: &[Slot], at: Pos) -> Result<Value> {
    let value = nix.force(&arguments[0])?;
    let name = nix.string(&value, at)?;
    let found = nix.options.env.get(&*name.text());
    Ok(Value::text(found.map_or("", String::as_str)))
}

fn find_file(nix: &Evaluator, arguments: &[Slot], at: Pos) -> Result<Value> {
    let entries = nix.force(&arguments[0])?;
    let entries = nix.list(&entries, at)?;
    let wanted = nix.force(&arguments[1])?;
    let wanted = nix.string(&wanted, at)?;
    let wanted = wanted.bytes();
    let found = |path| Ok(Value::Path(Rc::new(NixString::new(path, Sources::default(), at))));
    for entry in entries.iter() {
        let entry = nix.force(&entry)?;
        let entry = nix.set(&entry, at)?;
        let prefix = match entry.slot(known::PREFIX) {
            Some(slot) => nix.string(&nix.force(slot)?, at)?,
            None => Rc::new(NixString::plain(&b""[..])),
        };
        let Some(slot) = entry.slot(known::PATH) else {
            return Err(nix.missing_attribute(&entry, known::PATH, at));
        };
        let Some(suffix) = below(wanted, prefix.bytes()) else { continue };
        let directory = nix.path_bytes(&nix.force(slot)?, at)?;
        let path = paths::canonical(&[&directory, &b"/"[..], suffix].concat());
        if nix.kind(&to_path(&path), true, at)?.is_some() {
            return found(path);
        }
    }
    if nix.options.nixpkgs_lib
        && let Some(suffix) = below(wanted, b"nixpkgs")
    {
        let path = paths::canonical(&[nixpkgs::ROOT, b"/", suffix].concat());
        if nixpkgs::resolve(&path).is_some() {
            return found(path);
        }
        let message = format!("`<{}>` is not modelled", String::from_utf8_lossy(wanted));
        return Err(nix.error(ErrorKind::OutOfReach, message, at));
    }
    let wanted = String::from_utf8_lossy(wanted);
    let message = format!("file `{wanted}` was not found in the Nix search path");
    Err(nix.error(ErrorKind::NotInSearchPath, message, at))
}

/// The rest of a search name below a prefix.
fn below<'a>(name: &'a [u8], prefix: &[u8]) -> Option<&'a [u8]> {
    if prefix.is_empty() {
        return Some(name);
    }
    match name.strip_prefix(prefix)? {
        [] => Some(b""),
        [b'/', rest @ ..] => Some(rest),
        _ => None,
    }
}
