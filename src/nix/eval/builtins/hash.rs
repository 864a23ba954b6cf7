//! Hashes.

use super::super::Result;
use super::super::error::ErrorKind;
use super::super::session::Evaluator;
use super::super::value::{Slot, Value};
use super::Builtin;
use crate::nix::pure::hashes::{self, Algorithm, Encoding, Hash};
use crate::nix::syntax::source::Pos;
use crate::nix::syntax::symbol::{Symbol, known};

pub(super) const TABLE: &[Builtin] = &[
    Builtin { name: "convertHash", arity: 1, run: convert_hash },
    Builtin { name: "hashFile", arity: 2, run: hash_file },
    Builtin { name: "hashString", arity: 2, run: hash_string },
    Builtin { name: "placeholder", arity: 1, run: placeholder },
];

fn algorithm(nix: &Evaluator, slot: &Slot, at: Pos) -> Result<Algorithm> {
    let value = nix.force(slot)?;
    let name = nix.string(&value, at)?;
    hashes::algorithm_from_name(&name.text())
        .map_err(|error| nix.error(ErrorKind::Value, error.to_string(), at))
}

fn hash_string(nix: &Evaluator, arguments: &[Slot], at: Pos) -> Result<Value> {
    let algorithm = algorithm(nix, &arguments[0], at)?;
    let value = nix.force(&arguments[1])?;
    let text = nix.string(&value, at)?;
    Ok(Value::text(hashes::encode16(&algorithm.digest(text.bytes()))))
}

fn hash_file(nix: &Evaluator, arguments: &[Slot], at: Pos) -> Result<Value> {
    let algorithm = algorithm(nix, &arguments[0], at)?;
    let path = nix.path_of(&nix.force(&arguments[1])?, at)?;
    let bytes = nix.read(&path, at)?;
    Ok(Value::text(hashes::encode16(&algorithm.digest(&bytes))))
}

fn convert_hash(nix: &Evaluator, arguments: &[Slot], at: Pos) -> Result<Value> {
    let value = nix.force(&arguments[0])?;
    let attrs = nix.set(&value, at)?;
    let text = |name: Symbol| -> Result<Option<String>> {
        let Some(slot) = attrs.slot(name) else { return Ok(None) };
        let value = nix.force(slot)?;
        Ok(Some(nix.string(&value, at)?.text().into_owned()))
    };
    let required =
        |name: Symbol| text(name)?.ok_or_else(|| nix.missing_attribute(&attrs, name, at));
    let algorithm = text(known::HASH_ALGO)?;
    let hash = required(known::HASH)?;
    let format = required(known::TO_HASH_FORMAT)?;
    hashes::convert(&hash, algorithm.as_deref(), &format)
        .map(Value::text)
        .map_err(|error| nix.error(ErrorKind::Value, error.to_string(), at))
}

/// The path that stands for an output inside of its own derivation.
fn placeholder(nix: &Evaluator, arguments: &[Slot], at: Pos) -> Result<Value> {
    let value = nix.force(&arguments[0])?;
    let name = nix.string(&value, at)?;
    let digest = Algorithm::Sha256.digest(&[b"nix-output:", name.bytes()].concat());
    let hash = Hash::new(Algorithm::Sha256, digest).map(|hash| hash.encode(Encoding::Nix32));
    Ok(Value::text(format!("/{}", hash.unwrap_or_default())))
}
