//! Which scope a name belongs to, decided once when a file is read. As in C++ Nix a lexical name, builtins
//! included, always beats `with`, and an inner `with` beats an outer one.

use super::expr::Variable;
use super::symbol::Symbol;

/// A chain of scopes, innermost first. Each level is one environment at run time.
#[derive(Clone, Copy)]
pub(super) struct Scope<'s> {
    pub(super) up: Option<&'s Self>,
    pub(super) level: Level<'s>,
}

#[derive(Clone, Copy)]
pub(super) enum Level<'s> {
    /// One variable in slot 0.
    Name(Symbol),
    /// `first` in slot 0 if there is one, the others, sorted, in the slots after it.
    Names { first: Option<Symbol>, sorted: &'s [Symbol] },
    /// A `with`.
    With,
}

/// What a name turned out to be.
pub(super) enum Found {
    Variable(Variable),
    /// The innermost `with`, this many scopes up, may hold it.
    With(u32),
    Nothing,
}

impl Scope<'_> {
    pub(super) fn find(&self, name: Symbol) -> Found {
        let mut with = None;
        let mut depth = 0;
        let mut scope = Some(self);
        while let Some(current) = scope {
            match current.level {
                Level::With => with = with.or(Some(depth)),
                level => {
                    if let Some(slot) = level.slot(name) {
                        return Found::Variable(Variable { depth, slot });
                    }
                }
            }
            depth += 1;
            scope = current.up;
        }
        with.map_or(Found::Nothing, Found::With)
    }

    /// How many scopes up the nearest `with` is, this one included.
    pub(super) fn nearest_with(&self) -> Option<u32> {
        let mut depth = 0;
        let mut scope = Some(self);
        while let Some(current) = scope {
            if matches!(current.level, Level::With) {
                return Some(depth);
            }
            depth += 1;
            scope = current.up;
        }
        None
    }
}

impl Level<'_> {
    fn slot(self, name: Symbol) -> Option<u32> {
        match self {
            Self::Name(only) => (only == name).then_some(0),
            Self::Names { first, sorted } => {
                let shift = u32::from(first.is_some());
                match sorted.binary_search(&name) {
                    Ok(index) => Some(u32::try_from(index).ok()? + shift),
                    Err(_) => (first == Some(name)).then_some(0),
                }
            }
            Self::With => None,
        }
    }
}
