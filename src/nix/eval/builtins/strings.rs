//! Strings, versions, regular expressions, and the names of paths.

use std::rc::Rc;

use super::super::Result;
use super::super::coerce::{Coerce, Joined};
use super::super::error::ErrorKind;
use super::super::session::Evaluator;
use super::super::value::{List, Slot, Value};
use super::{Builtin, list, set};
use crate::nix::pure::regex_posix::{Groups, Pattern, Piece};
use crate::nix::pure::{paths, versions};
use crate::nix::syntax::source::Pos;
use crate::nix::syntax::string::{NixString, Sources};
use crate::nix::syntax::symbol::known;

pub(super) const TABLE: &[Builtin] = &[
    Builtin { name: "appendContext", arity: 2, run: |nix, it, _| nix.force(&it[0]) },
    Builtin { name: "baseNameOf", arity: 1, run: base_name_of },
    Builtin { name: "compareVersions", arity: 2, run: compare_versions },
    Builtin { name: "concatStringsSep", arity: 2, run: concat_strings_sep },
    Builtin { name: "dirOf", arity: 1, run: dir_of },
    Builtin { name: "getContext", arity: 1, run: get_context },
    Builtin { name: "hasContext", arity: 1, run: has_context },
    Builtin { name: "match", arity: 2, run: matches },
    Builtin { name: "parseDrvName", arity: 1, run: parse_drv_name },
    Builtin { name: "replaceStrings", arity: 3, run: replace_strings },
    Builtin { name: "split", arity: 2, run: split },
    Builtin { name: "splitVersion", arity: 1, run: split_version },
    Builtin { name: "stringLength", arity: 1, run: string_length },
    Builtin { name: "substring", arity: 3, run: substring },
    Builtin {
        name: "unsafeDiscardOutputDependency",
        arity: 1,
        run: |nix, it, at| Ok(Value::String(coerced(nix, &it[0], at)?)),
    },
    Builtin { name: "unsafeDiscardStringContext", arity: 1, run: discard_context },
];

/// A string, or what interpolation would make of the argument.
fn coerced(nix: &Evaluator, slot: &Slot, at: Pos) -> Result<Rc<NixString>> {
    let value = nix.force(slot)?;
    nix.coerce(&value, Coerce::Interpolate, at)
}

fn string(nix: &Evaluator, slot: &Slot, at: Pos) -> Result<Rc<NixString>> {
    let value = nix.force(slot)?;
    nix.string(&value, at)
}

fn list_argument(nix: &Evaluator, slot: &Slot, at: Pos) -> Result<List> {
    let value = nix.force(slot)?;
    nix.list(&value, at)
}

/// A string with the place and sources of the one it was cut from.
fn cut(from: &NixString, bytes: &[u8]) -> Value {
    Value::String(Rc::new(NixString::new(bytes, from.sources().clone(), from.at())))
}

fn base_name_of(nix: &Evaluator, arguments: &[Slot], at: Pos) -> Result<Value> {
    let value = nix.force(&arguments[0])?;
    let text = nix.coerce(&value, Coerce::Plain, at)?;
    Ok(cut(&text, paths::base_name(text.bytes())))
}

fn dir_of(nix: &Evaluator, arguments: &[Slot], at: Pos) -> Result<Value> {
    let value = nix.force(&arguments[0])?;
    if let Value::Path(path) = &value {
        let directory = paths::dir_of_path(path.bytes());
        let path = NixString::new(directory, Sources::default(), at);
        return Ok(Value::Path(Rc::new(path)));
    }
    let text = nix.coerce(&value, Coerce::Plain, at)?;
    Ok(cut(&text, paths::dir_of_string(text.bytes())))
}

fn compare_versions(nix: &Evaluator, arguments: &[Slot], at: Pos) -> Result<Value> {
    let (a, b) = (string(nix, &arguments[0], at)?, string(nix, &arguments[1], at)?);
    Ok(Value::Int(versions::compare(nix.utf8(&a, at)?, nix.utf8(&b, at)?) as i64))
}

fn split_version(nix: &Evaluator, arguments: &[Slot], at: Pos) -> Result<Value> {
    let text = string(nix, &arguments[0], at)?;
    let parts = versions::components(nix.utf8(&text, at)?).map(|part| Value::text(part).into());
    Ok(list(parts.collect()))
}

fn parse_drv_name(nix: &Evaluator, arguments: &[Slot], at: Pos) -> Result<Value> {
    let text = string(nix, &arguments[0], at)?;
    let (name, version) = versions::parse_drv_name(nix.utf8(&text, at)?);
    Ok(set([
        (known::NAME, Value::text(name).into()),
        (known::VERSION, Value::text(version).into()),
    ]))
}

fn concat_strings_sep(nix: &Evaluator, arguments: &[Slot], at: Pos) -> Result<Value> {
    let separator = string(nix, &arguments[0], at)?;
    let mut out = Joined::default();
    out.sources.join(separator.sources());
    for (index, item) in list_argument(nix, &arguments[1], at)?.iter().enumerate() {
        if index > 0 {
            out.push(nix, &separator, at)?;
        }
        out.push(nix, &*coerced(nix, &item, at)?, at)?;
    }
    Ok(Value::String(out.finish(at)))
}

fn string_length(nix: &Evaluator, arguments: &[Slot], at: Pos) -> Result<Value> {
    let length = coerced(nix, &arguments[0], at)?.bytes().len();
    Ok(Value::Int(i64::try_from(length).unwrap_or(i64::MAX)))
}

/// In bytes; a length below zero means the rest.
fn substring(nix: &Evaluator, arguments: &[Slot], at: Pos) -> Result<Value> {
    let start = nix.int(&nix.force(&arguments[0])?, at)?;
    let length = nix.int(&nix.force(&arguments[1])?, at)?;
    if start < 0 {
        return Err(nix.error(ErrorKind::Value, "negative start position in `substring`", at));
    }
    let text = coerced(nix, &arguments[2], at)?;
    let bytes = text.bytes();
    let start = usize::try_from(start).unwrap_or(usize::MAX).min(bytes.len());
    let length = usize::try_from(length).unwrap_or(usize::MAX).min(bytes.len() - start);
    Ok(cut(&text, &bytes[start..start + length]))
}

fn replace_strings(nix: &Evaluator, arguments: &[Slot], at: Pos) -> Result<Value> {
    let from = list_argument(nix, &arguments[0], at)?;
    let to = list_argument(nix, &arguments[1], at)?;
    if from.len() != to.len() {
        let message = "the lists given to `replaceStrings` have different lengths";
        return Err(nix.error(ErrorKind::Value, message, at));
    }
    let from = from.iter().map(|slot| string(nix, &slot, at)).collect::<Result<Vec<_>>>()?;
    let text = string(nix, &arguments[2], at)?;
    let bytes = text.bytes();
    let mut out = Joined::default();
    out.sources.join(text.sources());
    let mut at_byte = 0;
    while at_byte <= bytes.len() {
        let rest = &bytes[at_byte..];
        let found = from.iter().position(|pattern| rest.starts_with(pattern.bytes()));
        let mut used = 0;
        if let Some(index) = found
            && let Some(slot) = to.get(index)
        {
            nix.step(at)?;
            out.push(nix, &*string(nix, &slot, at)?, at)?;
            used = from[index].bytes().len();
        }
        if used == 0 {
            out.bytes.extend(rest.first());
            used = 1;
        }
        at_byte += used;
    }
    Ok(Value::String(out.finish(at)))
}

fn pattern(nix: &Evaluator, slot: &Slot, at: Pos) -> Result<Pattern> {
    Pattern::compile(string(nix, slot, at)?.bytes())
        .map_err(|error| nix.error(ErrorKind::Value, error.to_string(), at))
}

fn groups(groups: Groups<'_>) -> Value {
    let group = |group: Option<&[u8]>| Slot::Done(group.map_or(Value::Null, Value::text));
    list(groups.into_iter().map(group).collect())
}

fn matches(nix: &Evaluator, arguments: &[Slot], at: Pos) -> Result<Value> {
    let pattern = pattern(nix, &arguments[0], at)?;
    let text = string(nix, &arguments[1], at)?;
    Ok(pattern.full_match(text.bytes()).map_or(Value::Null, groups))
}

fn split(nix: &Evaluator, arguments: &[Slot], at: Pos) -> Result<Value> {
    let pattern = pattern(nix, &arguments[0], at)?;
    let text = string(nix, &arguments[1], at)?;
    let piece = |piece| {
        Slot::Done(match piece {
            Piece::Groups(found) => groups(found),
            Piece::Text(part) => cut(&text, part),
        })
    };
    Ok(list(pattern.split(text.bytes()).into_iter().map(piece).collect()))
}

fn has_context(nix: &Evaluator, arguments: &[Slot], at: Pos) -> Result<Value> {
    Ok(Value::Bool(!string(nix, &arguments[0], at)?.sources().is_empty()))
}

/// The paths in a string, as Nix shows sources: by where they are, since they are in no store.
fn get_context(nix: &Evaluator, arguments: &[Slot], at: Pos) -> Result<Value> {
    let text = string(nix, &arguments[0], at)?;
    let entry = |path: &Rc<NixString>| {
        let path = nix.symbols.intern(path.bytes());
        (path, set([(known::PATH, Value::Bool(true).into())]).into())
    };
    Ok(set(text.sources().iter().map(entry)))
}

fn discard_context(nix: &Evaluator, arguments: &[Slot], at: Pos) -> Result<Value> {
    let text = coerced(nix, &arguments[0], at)?;
    if text.sources().is_empty() {
        return Ok(Value::String(text));
    }
    let plain = NixString::new(text.bytes(), Sources::default(), text.at());
    Ok(Value::String(Rc::new(plain)))
}
