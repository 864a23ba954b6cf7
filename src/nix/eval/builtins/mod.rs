//! The builtins of Nix 2.24, one file per theme. Those that need a store or the network are here too, as
//! errors that say so.

mod attrs;
mod control;
mod convert;
mod files;
mod hash;
mod lists;
mod numbers;
mod reach;
mod strings;
mod types;

use std::collections::HashMap;
use std::rc::Rc;

use super::Result;
use super::session::{Evaluator, Options};
use super::thunk::{Thunk, Work};
use super::value::{Attrs, Entry, List, Partial, Slot, Value};
use crate::nix::syntax::source::Pos;
use crate::nix::syntax::symbol::{Interner, Symbol};

/// A function of ours.
pub struct Builtin {
    pub(super) name: &'static str,
    /// How many arguments it takes, one at least.
    pub(super) arity: usize,
    pub(super) run: Run,
}

/// Gets as many arguments as its arity says, and the place of the call.
pub(super) type Run = fn(&Evaluator, &[Slot], Pos) -> Result<Value>;

/// Names visible without `builtins.`; all others are visible with `__` before them.
const BARE: &[&str] = &[
    "abort",
    "baseNameOf",
    "break",
    "builtins",
    "derivation",
    "derivationStrict",
    "dirOf",
    "false",
    "fetchGit",
    "fetchMercurial",
    "fetchTarball",
    "fetchTree",
    "fromTOML",
    "import",
    "isNull",
    "map",
    "null",
    "placeholder",
    "removeAttrs",
    "scopedImport",
    "throw",
    "toString",
    "true",
];

/// The values that names outside of any scope have.
pub(super) struct Globals {
    numbers: HashMap<Symbol, u32>,
    slots: Vec<Slot>,
    /// `builtins`, which holds itself.
    own: Rc<Thunk>,
}

impl Globals {
    pub(super) fn number(&self, name: Symbol) -> Option<u32> {
        self.numbers.get(&name).copied()
    }

    pub(super) fn slot(&self, number: u32) -> &Slot {
        &self.slots[number as usize]
    }

    /// Takes `builtins` out of itself.
    pub(super) fn dissolve(&self) {
        self.own.finish(Value::Null);
    }
}

/// All builtins, as `options` have them.
pub(super) fn globals(symbols: &Interner, options: &Options) -> Globals {
    let tables = [
        attrs::TABLE,
        control::TABLE,
        convert::TABLE,
        files::TABLE,
        hash::TABLE,
        lists::TABLE,
        numbers::TABLE,
        reach::TABLE,
        strings::TABLE,
        types::TABLE,
    ];
    let functions = tables.into_iter().flatten().map(|builtin| {
        let partial = Partial { builtin, arguments: Vec::new() };
        (builtin.name, Slot::Done(Value::Builtin(Rc::new(partial))))
    });
    let own = Thunk::new(Work::Select { from: Value::Null.into(), name: Symbol(0), at: Pos::NONE });
    let mut all: Vec<(&str, Slot)> = functions.collect();
    all.extend(constants(symbols, options));
    all.push(("builtins", Slot::Thunk(Rc::clone(&own))));

    let mut globals = Globals { numbers: HashMap::new(), slots: Vec::new(), own };
    let mut entries = Vec::with_capacity(all.len());
    for (name, slot) in all {
        let bare = BARE.contains(&name);
        let global = if bare { name.to_owned() } else { format!("__{name}") };
        let number = u32::try_from(globals.slots.len()).expect("a few hundred builtins");
        globals.numbers.insert(symbols.intern(global.as_bytes()), number);
        globals.slots.push(slot.clone());
        entries.push(Entry { name: symbols.intern(name.as_bytes()), at: Pos::NONE, slot });
    }
    globals.own.finish(Value::Attrs(Rc::new(Attrs::new(entries, Pos::NONE))));
    globals
}

fn constants(symbols: &Interner, options: &Options) -> Vec<(&'static str, Slot)> {
    let mut constants = vec![
        ("true", Value::Bool(true)),
        ("false", Value::Bool(false)),
        ("null", Value::Null),
        ("langVersion", Value::Int(6)),
        ("nixVersion", Value::text("2.24.0")),
        ("storeDir", Value::text("/nix/store")),
        ("nixPath", files::search_path(symbols, options)),
    ];
    if let Some(system) = &options.current_system {
        constants.push(("currentSystem", Value::text(system)));
    }
    if let Some(time) = options.current_time {
        constants.push(("currentTime", Value::Int(time)));
    }
    constants.into_iter().map(|(name, value)| (name, Slot::Done(value))).collect()
}

/// A list of values.
fn list(items: Vec<Slot>) -> Value {
    Value::List(List::new(items, Pos::NONE))
}

/// A set of values under names that are known to the evaluator.
fn set(entries: impl IntoIterator<Item = (Symbol, Slot)>) -> Value {
    let entry = |(name, slot)| Entry { name, at: Pos::NONE, slot };
    Value::Attrs(Rc::new(Attrs::new(entries.into_iter().map(entry).collect(), Pos::NONE)))
}
