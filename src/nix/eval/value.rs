//! What an expression is worth: values, lists and sets, and the slots that hold what may not be evaluated yet.
//! A value is sixteen bytes and cheap to clone. Values belong to the thread and evaluator that made them.

use std::cell::RefCell;
use std::rc::Rc;

use super::builtins::Builtin;
use super::env::EnvRef;
use super::thunk::Thunk;
use crate::nix::memory;
use crate::nix::syntax::expr::LambdaExpr;
use crate::nix::syntax::source::Pos;
use crate::nix::syntax::string::NixString;
use crate::nix::syntax::symbol::Symbol;

/// A value in weak head normal form: its outside is known, its parts are slots.
#[derive(Clone)]
pub enum Value {
    /// `{ … }`.
    Attrs(Rc<Attrs>),
    /// `true`, `false`.
    Bool(bool),
    /// A function of ours, with the arguments it got so far.
    Builtin(Rc<Partial>),
    /// A 64-bit float.
    Float(f64),
    /// A 64-bit integer.
    Int(i64),
    /// A function of the user's.
    Lambda(Rc<Closure>),
    /// `[ … ]`.
    List(List),
    /// `null`.
    Null,
    /// An absolute path.
    Path(Rc<NixString>),
    /// A string.
    String(Rc<NixString>),
}

/// Something that may still have to be evaluated; see `Evaluator::force`.
#[derive(Clone)]
pub enum Slot {
    /// A value.
    Done(Value),
    /// A computation shared by all who hold it, and done at most once.
    Thunk(Rc<Thunk>),
}

/// A set: attributes sorted by symbol.
pub struct Attrs {
    entries: Vec<Entry>,
    /// Where the set was written, if it was.
    pub(crate) at: Pos,
}

/// One attribute.
#[derive(Clone)]
pub(crate) struct Entry {
    pub(crate) name: Symbol,
    pub(crate) at: Pos,
    pub(crate) slot: Slot,
}

/// A list: a window on a buffer that may be shared, so that `tail` and repeated `++ [ x ]` copy nothing.
#[derive(Clone)]
pub struct List(Rc<Window>);

struct Window {
    buffer: Rc<Buffer>,
    start: usize,
    length: usize,
    at: Pos,
}

struct Buffer {
    items: RefCell<Vec<Slot>>,
}

/// A function and the scope it was made in.
pub struct Closure {
    pub(crate) lambda: Rc<LambdaExpr>,
    pub(crate) env: EnvRef,
}

/// A builtin and the arguments it has got so far.
pub struct Partial {
    pub(crate) builtin: &'static Builtin,
    pub(crate) arguments: Vec<Slot>,
}

impl Value {
    /// A string from nowhere in particular.
    pub(crate) fn text(text: impl AsRef<[u8]>) -> Self {
        Self::String(Rc::new(NixString::plain(text.as_ref())))
    }

    /// The kind of value as messages and `builtins.typeOf` name it: `set`, `lambda`, ….
    pub fn type_name(&self) -> &'static str {
        match self {
            Self::Attrs(_) => "set",
            Self::Bool(_) => "bool",
            Self::Builtin(_) | Self::Lambda(_) => "lambda",
            Self::Float(_) => "float",
            Self::Int(_) => "int",
            Self::List(_) => "list",
            Self::Null => "null",
            Self::Path(_) => "path",
            Self::String(_) => "string",
        }
    }

    /// The same with an article, for messages.
    pub(crate) fn describe(&self) -> &'static str {
        match self {
            Self::Attrs(_) => "a set",
            Self::Bool(_) => "a Boolean",
            Self::Builtin(_) | Self::Lambda(_) => "a function",
            Self::Float(_) => "a float",
            Self::Int(_) => "an integer",
            Self::List(_) => "a list",
            Self::Null => "null",
            Self::Path(_) => "a path",
            Self::String(_) => "a string",
        }
    }
}

impl From<Value> for Slot {
    fn from(value: Value) -> Self {
        Self::Done(value)
    }
}

impl Slot {
    /// Whether both are the same computation or the same shared part, and so equal without a look.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Thunk(a), Self::Thunk(b)) => Rc::ptr_eq(a, b),
            (Self::Done(Value::Attrs(a)), Self::Done(Value::Attrs(b))) => Rc::ptr_eq(a, b),
            (Self::Done(Value::List(a)), Self::Done(Value::List(b))) => Rc::ptr_eq(&a.0, &b.0),
            (Self::Done(Value::Lambda(a)), Self::Done(Value::Lambda(b))) => Rc::ptr_eq(a, b),
            (Self::Done(Value::Builtin(a)), Self::Done(Value::Builtin(b))) => Rc::ptr_eq(a, b),
            _ => false,
        }
    }
}

impl Attrs {
    /// A set of entries in any order with distinct names.
    pub(crate) fn new(mut entries: Vec<Entry>, at: Pos) -> Self {
        if !entries.is_sorted_by_key(|entry| entry.name) {
            entries.sort_unstable_by_key(|entry| entry.name);
        }
        Self::sorted(entries, at)
    }

    /// A set of entries already sorted by symbol.
    pub(crate) fn sorted(mut entries: Vec<Entry>, at: Pos) -> Self {
        entries.shrink_to_fit();
        memory::charge(entries.len() * size_of::<Entry>() + size_of::<Self>());
        Self { entries, at }
    }

    pub(crate) fn get(&self, name: Symbol) -> Option<&Entry> {
        let entries = &self.entries;
        if entries.len() <= 8 {
            return entries.iter().find(|entry| entry.name == name);
        }
        let index = entries.binary_search_by_key(&name, |entry| entry.name).ok()?;
        entries.get(index)
    }

    pub(crate) fn slot(&self, name: Symbol) -> Option<&Slot> {
        self.get(name).map(|entry| &entry.slot)
    }

    /// In the order of symbols, which is not that of names.
    pub(crate) fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// How many attributes there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether it is `{ }`.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// `self // other`.
    pub(crate) fn update(&self, other: &Self, at: Pos) -> Self {
        let (mut left, mut right) =
            (self.entries.iter().peekable(), other.entries.iter().peekable());
        let mut entries = Vec::with_capacity(self.len() + other.len());
        loop {
            let next = match (left.peek(), right.peek()) {
                (Some(a), Some(b)) => {
                    if a.name < b.name {
                        left.next()
                    } else {
                        left.next_if(|a| a.name == b.name);
                        right.next()
                    }
                }
                (Some(_), None) => left.next(),
                (None, _) => right.next(),
            };
            let Some(entry) = next else { break };
            entries.push(entry.clone());
        }
        Self::sorted(entries, at)
    }
}

impl Drop for Attrs {
    fn drop(&mut self) {
        memory::discharge(self.entries.len() * size_of::<Entry>() + size_of::<Self>());
        if memory::drop_is_deep() {
            memory::defer(Box::new(std::mem::take(&mut self.entries)));
        }
    }
}

impl List {
    pub(crate) fn new(items: Vec<Slot>, at: Pos) -> Self {
        let length = items.len();
        memory::charge(length * size_of::<Slot>() + size_of::<Window>());
        let buffer = Rc::new(Buffer { items: RefCell::new(items) });
        Self(Rc::new(Window { buffer, start: 0, length, at }))
    }

    /// Where the list was written, if it was.
    pub(crate) fn at(&self) -> Pos {
        self.0.at
    }

    /// How many items there are.
    pub fn len(&self) -> usize {
        self.0.length
    }

    /// Whether it is `[ ]`.
    pub fn is_empty(&self) -> bool {
        self.0.length == 0
    }

    /// What tells this list from others while it lives.
    pub(crate) fn identity(&self) -> usize {
        Rc::as_ptr(&self.0).addr()
    }

    /// The item at `index` from 0.
    pub fn get(&self, index: usize) -> Option<Slot> {
        if index >= self.0.length {
            return None;
        }
        self.0.buffer.items.borrow().get(self.0.start + index).cloned()
    }

    /// The items in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = Slot> + use<> {
        let list = self.clone();
        (0..self.len()).map(move |index| list.get(index).expect("windows lie within their buffer"))
    }

    pub(crate) fn to_vec(&self) -> Vec<Slot> {
        let items = self.0.buffer.items.borrow();
        items[self.0.start..self.0.start + self.0.length].to_vec()
    }

    /// All but the first item.
    pub(crate) fn tail(&self) -> Option<Self> {
        let length = self.0.length.checked_sub(1)?;
        let buffer = Rc::clone(&self.0.buffer);
        Some(Self::window(buffer, self.0.start + 1, length, self.0.at))
    }

    /// `self ++ other`. A list that ends where its buffer does grows in place; earlier windows do not see it.
    pub(crate) fn append(&self, other: &Self) -> Self {
        if other.is_empty() {
            return self.clone();
        }
        if self.is_empty() {
            return other.clone();
        }
        let (start, length) = (self.0.start, self.0.length + other.len());
        let more = other.to_vec();
        let buffer = &self.0.buffer;
        let at_end = buffer.items.borrow().len() == start + self.0.length;
        if at_end && self.0.length >= more.len() {
            memory::charge(more.len() * size_of::<Slot>());
            buffer.items.borrow_mut().extend(more);
            return Self::window(Rc::clone(buffer), start, length, self.0.at);
        }
        let mut items = Vec::with_capacity(length);
        items.extend_from_slice(&buffer.items.borrow()[start..start + self.0.length]);
        items.extend(more);
        Self::new(items, self.0.at.or(other.0.at))
    }

    fn window(buffer: Rc<Buffer>, start: usize, length: usize, at: Pos) -> Self {
        memory::charge(size_of::<Window>());
        Self(Rc::new(Window { buffer, start, length, at }))
    }
}

impl Drop for Window {
    fn drop(&mut self) {
        memory::discharge(size_of::<Self>());
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        let items = self.items.get_mut();
        memory::discharge(items.len() * size_of::<Slot>());
        if memory::drop_is_deep() {
            memory::defer(Box::new(std::mem::take(items)));
        }
    }
}
