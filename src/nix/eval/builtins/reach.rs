//! What pure evaluation cannot do: builtins that need the store or the network. Each exists, so that code may
//! ask for it (`builtins ? fetchGit`), and says what it needs when it is called.

use std::path::Path;
use std::sync::Arc;

use super::super::Result;
use super::super::env::Env;
use super::super::error::ErrorKind;
use super::super::session::Evaluator;
use super::super::value::{Slot, Value};
use super::Builtin;
use crate::nix::syntax::source::Pos;

pub(super) const TABLE: &[Builtin] = &[
    Builtin { name: "addDrvOutputDependencies", arity: 1, run: |nix, _, at| store(nix, at) },
    Builtin { name: "derivation", arity: 1, run: derivation },
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

/// A derivation is known but for its paths: a set like its argument for each output.
const DERIVATION: &str = "
    given@{ outputs ? [ \"out\" ], ... }:
    let
      paths = derivationStrict given;
      named = builtins.listToAttrs each;
      common = given // named // { all = map (output: output.value) each; drvAttrs = given; };
      output = name: {
        inherit name;
        value = common // {
          drvPath = paths.drvPath;
          outPath = builtins.getAttr name paths;
          outputName = name;
          type = \"derivation\";
        };
      };
      each = map output outputs;
    in
    (builtins.head each).value
";

fn derivation(nix: &Evaluator, arguments: &[Slot], at: Pos) -> Result<Value> {
    let name: Arc<Path> = Path::new("/virtual/derivation.nix").into();
    let function = nix.parse(DERIVATION, &name, b"/virtual", true, None)?;
    let function = nix.eval(&Env::new(None, Vec::new()), &function)?;
    nix.apply(function, arguments, at)
}

fn store(nix: &Evaluator, at: Pos) -> Result<Value> {
    Err(nix.error(ErrorKind::OutOfReach, "this needs a Nix store", at))
}

fn network(nix: &Evaluator, at: Pos) -> Result<Value> {
    Err(nix.error(ErrorKind::OutOfReach, "this needs the network or a Nix store", at))
}
