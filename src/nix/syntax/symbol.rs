//! Interned names. A name is compared and hashed once, as bytes, and is a small number from then on. Knows
//! no Nix: it refuses nothing and keeps every name until the evaluator is dropped.

use std::borrow::Borrow;
use std::cell::RefCell;
use std::collections::HashMap;
use std::hash::{Hash, Hasher};
use std::rc::Rc;

use super::string::NixString;

/// A name known to one [`Interner`]. The order of symbols is the order of first sight, not of spelling.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Symbol(pub(crate) u32);

/// The table of names of one evaluator.
pub(crate) struct Interner {
    inner: RefCell<Table>,
}

#[derive(Default)]
struct Table {
    map: HashMap<Key, Symbol>,
    names: Vec<Rc<NixString>>,
}

struct Key(Rc<NixString>);

impl Interner {
    /// A table that already knows the names of [`known`], each under its constant.
    pub(crate) fn new() -> Self {
        let interner = Self { inner: RefCell::default() };
        for name in known::NAMES {
            interner.intern(name.as_bytes());
        }
        interner
    }

    pub(crate) fn intern(&self, name: &[u8]) -> Symbol {
        let mut table = self.inner.borrow_mut();
        if let Some(symbol) = table.map.get(name) {
            return *symbol;
        }
        table.insert(Rc::new(NixString::plain(name)))
    }

    /// As `intern`, but shares the string when it is new and carries nothing besides its bytes.
    pub(crate) fn intern_string(&self, name: &Rc<NixString>) -> Symbol {
        if name.sources().is_empty() {
            let mut table = self.inner.borrow_mut();
            if let Some(symbol) = table.map.get(name.bytes()) {
                return *symbol;
            }
            return table.insert(Rc::clone(name));
        }
        self.intern(name.bytes())
    }

    /// The symbol of a name if it was ever seen; an unseen name is in no attribute set.
    pub(crate) fn find(&self, name: &[u8]) -> Option<Symbol> {
        self.inner.borrow().map.get(name).copied()
    }

    pub(crate) fn name(&self, symbol: Symbol) -> Rc<NixString> {
        Rc::clone(&self.inner.borrow().names[symbol.0 as usize])
    }

    /// The name for a message; bytes that are not UTF-8 are replaced.
    pub(crate) fn text(&self, symbol: Symbol) -> String {
        self.name(symbol).text().into_owned()
    }

    /// Sorts by spelling, byte by byte, as Nix orders attribute names.
    pub(crate) fn sort_by_name<T>(&self, items: &mut [T], symbol: impl Fn(&T) -> Symbol) {
        let table = self.inner.borrow();
        let name = |item: &T| table.names[symbol(item).0 as usize].bytes();
        items.sort_unstable_by(|a, b| name(a).cmp(name(b)));
    }
}

impl Table {
    fn insert(&mut self, name: Rc<NixString>) -> Symbol {
        let symbol = Symbol(u32::try_from(self.names.len()).expect("memory limit is hit first"));
        self.names.push(Rc::clone(&name));
        self.map.insert(Key(name), symbol);
        symbol
    }
}

impl Borrow<[u8]> for Key {
    fn borrow(&self) -> &[u8] {
        self.0.bytes()
    }
}

impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.bytes().hash(state);
    }
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        self.0.bytes() == other.0.bytes()
    }
}

impl Eq for Key {}

/// Names the evaluator itself asks for.
pub(crate) mod known {
    use super::Symbol;

    macro_rules! known {
        ($($constant:ident = $name:literal,)*) => {
            pub(super) const NAMES: &[&str] = &[$($name),*];
            known!(@number 0; $($constant)*);
        };
        (@number $n:expr; $head:ident $($tail:ident)*) => {
            pub(crate) const $head: Symbol = Symbol($n);
            known!(@number $n + 1; $($tail)*);
        };
        (@number $n:expr;) => {};
    }

    known! {
        OUT_PATH = "outPath",
        TO_STRING = "__toString",
        FUNCTOR = "__functor",
        TYPE = "type",
        NAME = "name",
        VALUE = "value",
        BODY = "body",
        FIND_FILE = "__findFile",
        NIX_PATH = "__nixPath",
        FILE = "file",
        LINE = "line",
        COLUMN = "column",
        SUCCESS = "success",
        KEY = "key",
        START_SET = "startSet",
        OPERATOR = "operator",
        RIGHT = "right",
        WRONG = "wrong",
        PATH = "path",
        PREFIX = "prefix",
        OVERRIDES = "__overrides",
        HASH = "hash",
        HASH_ALGO = "hashAlgo",
        TO_HASH_FORMAT = "toHashFormat",
        VERSION = "version",
        DRV_PATH = "drvPath",
    }
}
