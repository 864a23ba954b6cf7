//! What pure evaluation cannot do: builtins that need the store or the network. Each exists, so that code may
//! ask for it (`builtins ? fetchGit`), and says what it needs when it is called.

use super::super::Result;
use super::super::error::ErrorKind;
use super::super::session::Evaluator;
use super::super::value::Value;
use super::Builtin;
use crate::nix::syntax::source::Pos;

pub(super) const TABLE: &[Builtin] = &[
    Builtin { name: "addDrvOutputDependencies", arity: 1, run: |nix, _, at| store(nix, at) },
    Builtin { name: "derivation", arity: 1, run: |nix, _, at| store(nix, at) },
    Builtin { name: "derivationStrict", arity: 1, run: |nix, _, at| store(nix, at) },
    Builtin { name: "fetchClosure", arity: 1, run: |nix, _, at| network(nix, at) },
    Builtin { name: "fetchGit", arity: 1, run: |nix, _, at| network(nix, at) },
    Builtin { name: "fetchMercurial", arity: 1, run: |nix, _, at| network(nix, at) },
    Builtin { name: "fetchTarball", arity: 1, run: |nix, _, at| network(nix, at) },
    Builtin { name: "fetchTree", arity: 1, run: |nix, _, at| network(nix, at) },
    Builtin { name: "fetchurl", arity: 1, run: |nix, _, at| network(nix, at) },
    Builtin { name: "filterSource", arity: 2, run: |nix, _, at| store(nix, at) },
    Builtin { name: "getFlake", arity: 1, run: |nix, _, at| network(nix, at) },
    Builtin { name: "outputOf", arity: 2, run: |nix, _, at| store(nix, at) },
    Builtin { name: "storePath", arity: 1, run: |nix, _, at| store(nix, at) },
    Builtin { name: "toFile", arity: 2, run: |nix, _, at| store(nix, at) },
];

fn store(nix: &Evaluator, at: Pos) -> Result<Value> {
    Err(nix.error(ErrorKind::OutOfReach, "this needs a Nix store", at))
}

fn network(nix: &Evaluator, at: Pos) -> Result<Value> {
    Err(nix.error(ErrorKind::OutOfReach, "this needs the network or a Nix store", at))
}
