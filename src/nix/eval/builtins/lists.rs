//! Lists.

use std::cmp::Ordering;
use std::collections::HashMap;

use super::super::Result;
use super::super::error::{ErrorKind, EvalError};
use super::super::session::Evaluator;
use super::super::value::{List, Slot, Value};
use super::{Builtin, list, set};
use crate::nix::syntax::source::Pos;
use crate::nix::syntax::symbol::{Symbol, known};

pub(super) const TABLE: &[Builtin] = &[
    Builtin { name: "all", arity: 2, run: |nix, it, at| any(nix, it, at, false) },
    Builtin { name: "any", arity: 2, run: |nix, it, at| any(nix, it, at, true) },
    Builtin { name: "concatLists", arity: 1, run: concat_lists },
    Builtin { name: "concatMap", arity: 2, run: concat_map },
    Builtin { name: "elem", arity: 2, run: elem },
    Builtin { name: "elemAt", arity: 2, run: elem_at },
    Builtin { name: "filter", arity: 2, run: filter },
    Builtin { name: "foldl'", arity: 3, run: fold },
    Builtin { name: "genList", arity: 2, run: gen_list },
    Builtin { name: "genericClosure", arity: 1, run: generic_closure },
    Builtin { name: "groupBy", arity: 2, run: group_by },
    Builtin { name: "head", arity: 1, run: head },
    Builtin { name: "length", arity: 1, run: length },
    Builtin { name: "map", arity: 2, run: map },
    Builtin { name: "partition", arity: 2, run: partition },
    Builtin { name: "sort", arity: 2, run: sort },
    Builtin { name: "tail", arity: 1, run: tail },
];

fn list_argument(nix: &Evaluator, slot: &Slot, at: Pos) -> Result<List> {
    let value = nix.force(slot)?;
    nix.list(&value, at)
}

/// Calls a predicate on an item.
fn test(nix: &Evaluator, predicate: &Value, item: Slot, at: Pos) -> Result<bool> {
    let answer = nix.apply(predicate.clone(), &[item], at)?;
    nix.bool(&answer, at)
}

fn any(nix: &Evaluator, arguments: &[Slot], at: Pos, wanted: bool) -> Result<Value> {
    let predicate = nix.function(&arguments[0], at)?;
    for item in list_argument(nix, &arguments[1], at)?.iter() {
        if test(nix, &predicate, item, at)? == wanted {
            return Ok(Value::Bool(wanted));
        }
    }
    Ok(Value::Bool(!wanted))
}

fn concat_lists(nix: &Evaluator, arguments: &[Slot], at: Pos) -> Result<Value> {
    join(nix, list_argument(nix, &arguments[0], at)?.iter().map(|slot| nix.force(&slot)), at)
}

fn concat_map(nix: &Evaluator, arguments: &[Slot], at: Pos) -> Result<Value> {
    let function = nix.function(&arguments[0], at)?;
    let items = list_argument(nix, &arguments[1], at)?;
    join(nix, items.iter().map(|item| nix.apply(function.clone(), &[item], at)), at)
}

fn join(nix: &Evaluator, lists: impl Iterator<Item = Result<Value>>, at: Pos) -> Result<Value> {
    let mut out: Vec<Slot> = Vec::new();
    for inner in lists {
        let inner = nix.list(&inner?, at)?;
        nix.afford(2 * (out.len() + inner.len()) * size_of::<Slot>(), at)?;
        out.extend(inner.iter());
    }
    Ok(list(out))
}

fn elem(nix: &Evaluator, arguments: &[Slot], at: Pos) -> Result<Value> {
    for item in list_argument(nix, &arguments[1], at)?.iter() {
        if nix.equal_slots(&arguments[0], &item, at)? {
            return Ok(Value::Bool(true));
        }
    }
    Ok(Value::Bool(false))
}

fn elem_at(nix: &Evaluator, arguments: &[Slot], at: Pos) -> Result<Value> {
    let items = list_argument(nix, &arguments[0], at)?;
    let index = nix.int(&nix.force(&arguments[1])?, at)?;
    match usize::try_from(index).ok().and_then(|index| items.get(index)) {
        Some(slot) => nix.force(&slot),
        None => {
            let message =
                format!("list index {index} is out of bounds for a list of {}", items.len());
            Err(nix.error(ErrorKind::Value, message, at))
        }
    }
}

fn filter(nix: &Evaluator, arguments: &[Slot], at: Pos) -> Result<Value> {
    let items = list_argument(nix, &arguments[1], at)?;
    if items.is_empty() {
        return Ok(Value::List(items));
    }
    let predicate = nix.function(&arguments[0], at)?;
    let mut kept = Vec::new();
    for item in items.iter() {
        if test(nix, &predicate, item.clone(), at)? {
            kept.push(item);
        }
    }
    Ok(if kept.len() == items.len() { Value::List(items) } else { list(kept) })
}

fn fold(nix: &Evaluator, arguments: &[Slot], at: Pos) -> Result<Value> {
    let operation = nix.function(&arguments[0], at)?;
    let items = list_argument(nix, &arguments[2], at)?;
    let mut result = arguments[1].clone();
    for item in items.iter() {
        nix.step(at)?;
        result = nix.apply(operation.clone(), &[result, item], at)?.into();
    }
    nix.force(&result)
}

fn gen_list(nix: &Evaluator, arguments: &[Slot], at: Pos) -> Result<Value> {
    let length = nix.int(&nix.force(&arguments[1])?, at)?;
    let Ok(count) = usize::try_from(length) else {
        let message = format!("cannot create a list of {length} items");
        return Err(nix.error(ErrorKind::Value, message, at));
    };
    // A thunk, its argument and the slot.
    nix.afford(count.saturating_mul(128), at)?;
    let function = &arguments[0];
    let item = |index| {
        let index = Slot::Done(Value::Int(index));
        Slot::apply(function.clone(), [index], at)
    };
    Ok(list((0..length).map(item).collect()))
}

fn generic_closure(nix: &Evaluator, arguments: &[Slot], at: Pos) -> Result<Value> {
    let value = nix.force(&arguments[0])?;
    let attrs = nix.set(&value, at)?;
    let required = |name: Symbol| match attrs.slot(name) {
        Some(slot) => nix.force(slot),
        None => Err(nix.missing_attribute(&attrs, name, at)),
    };
    let start = nix.list(&required(known::START_SET)?, at)?;
    if start.is_empty() {
        return Ok(Value::List(start));
    }
    let operator = required(known::OPERATOR)?;
    let mut waiting: std::collections::VecDeque<Slot> = start.iter().collect();
    let mut seen = Keys::default();
    let mut out = Vec::new();
    while let Some(item) = waiting.pop_front() {
        nix.step(at)?;
        let value = nix.force(&item)?;
        let attrs = nix.set(&value, at)?;
        let Some(key) = attrs.slot(known::KEY) else {
            return Err(nix.missing_attribute(&attrs, known::KEY, at));
        };
        if !seen.insert(nix, nix.force(key)?, at)? {
            continue;
        }
        out.push(item.clone());
        let next = nix.apply(operator.clone(), &[item], at)?;
        waiting.extend(nix.list(&next, at)?.iter());
    }
    Ok(list(out))
}

/// The keys of a closure, kept sorted.
#[derive(Default)]
struct Keys {
    sorted: Vec<Value>,
    strings: std::collections::HashSet<Box<[u8]>>,
}

impl Keys {
    /// False if the key was there already. Keys of kinds that do not compare are an error.
    fn insert(&mut self, nix: &Evaluator, key: Value, at: Pos) -> Result<bool> {
        // By far the most keys are strings; only one kind can be in the set.
        if let Value::String(text) = &key
            && self.sorted.is_empty()
        {
            return Ok(self.strings.insert(text.bytes().into()));
        }
        if let Some(text) = self.strings.iter().next() {
            nix.less(&Value::text(text), &key, at)?;
        }
        let (mut low, mut high) = (0, self.sorted.len());
        while low < high {
            let middle = usize::midpoint(low, high);
            if nix.less(&self.sorted[middle], &key, at)? {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        if low < self.sorted.len() && !nix.less(&key, &self.sorted[low], at)? {
            return Ok(false);
        }
        self.sorted.insert(low, key);
        Ok(true)
    }
}

fn group_by(nix: &Evaluator, arguments: &[Slot], at: Pos) -> Result<Value> {
    let function = nix.function(&arguments[0], at)?;
    let mut groups: HashMap<Symbol, Vec<Slot>> = HashMap::new();
    for item in list_argument(nix, &arguments[1], at)?.iter() {
        let name = nix.apply(function.clone(), std::slice::from_ref(&item), at)?;
        groups.entry(nix.attr_name(&name, at)?).or_default().push(item);
    }
    Ok(set(groups.into_iter().map(|(name, items)| (name, list(items).into()))))
}

fn head(nix: &Evaluator, arguments: &[Slot], at: Pos) -> Result<Value> {
    match list_argument(nix, &arguments[0], at)?.get(0) {
        Some(slot) => nix.force(&slot),
        None => Err(nix.error(ErrorKind::Value, "`builtins.head` called on an empty list", at)),
    }
}

fn length(nix: &Evaluator, arguments: &[Slot], at: Pos) -> Result<Value> {
    let length = list_argument(nix, &arguments[0], at)?.len();
    Ok(Value::Int(i64::try_from(length).unwrap_or(i64::MAX)))
}

fn map(nix: &Evaluator, arguments: &[Slot], at: Pos) -> Result<Value> {
    let items = list_argument(nix, &arguments[1], at)?;
    if items.is_empty() {
        return Ok(Value::List(items));
    }
    let function = Slot::Done(nix.function(&arguments[0], at)?);
    let item = |item| Slot::apply(function.clone(), [item], at);
    Ok(list(items.iter().map(item).collect()))
}

fn partition(nix: &Evaluator, arguments: &[Slot], at: Pos) -> Result<Value> {
    let predicate = nix.function(&arguments[0], at)?;
    let (mut right, mut wrong) = (Vec::new(), Vec::new());
    for item in list_argument(nix, &arguments[1], at)?.iter() {
        if test(nix, &predicate, item.clone(), at)? {
            right.push(item);
        } else {
            wrong.push(item);
        }
    }
    let entry = |items: Vec<Slot>| Slot::Done(list(items));
    Ok(set([(known::RIGHT, entry(right)), (known::WRONG, entry(wrong))]))
}

fn sort(nix: &Evaluator, arguments: &[Slot], at: Pos) -> Result<Value> {
    let items = list_argument(nix, &arguments[1], at)?;
    if items.is_empty() {
        return Ok(Value::List(items));
    }
    let comparator = nix.function(&arguments[0], at)?;
    let plain = matches!(&comparator, Value::Builtin(it)
        if it.arguments.is_empty() && it.builtin.name == "lessThan");
    let less = |a: &Slot, b: &Slot| {
        if plain {
            return nix.less(&nix.force(a)?, &nix.force(b)?, at);
        }
        let answer = nix.apply(comparator.clone(), &[a.clone(), b.clone()], at)?;
        nix.bool(&answer, at)
    };
    for item in items.iter() {
        nix.force(&item)?;
    }
    merge_sort(items.to_vec(), &less).map(list)
}

/// A stable sort that takes any nonsense the comparator says and stops at its first error.
fn merge_sort(
    mut items: Vec<Slot>,
    less: &impl Fn(&Slot, &Slot) -> Result<bool>,
) -> std::result::Result<Vec<Slot>, EvalError> {
    if items.len() <= 1 {
        return Ok(items);
    }
    let right = items.split_off(items.len() / 2);
    let left = merge_sort(items, less)?;
    let right = merge_sort(right, less)?;
    let mut out = Vec::with_capacity(left.len() + right.len());
    let (mut left, mut right) = (left.into_iter().peekable(), right.into_iter().peekable());
    while let (Some(a), Some(b)) = (left.peek(), right.peek()) {
        let order = if less(b, a)? { Ordering::Greater } else { Ordering::Less };
        out.extend(if order == Ordering::Greater { right.next() } else { left.next() });
    }
    out.extend(left);
    out.extend(right);
    Ok(out)
}

fn tail(nix: &Evaluator, arguments: &[Slot], at: Pos) -> Result<Value> {
    match list_argument(nix, &arguments[0], at)?.tail() {
        Some(rest) => Ok(Value::List(rest)),
        None => Err(nix.error(ErrorKind::Value, "`builtins.tail` called on an empty list", at)),
    }
}
