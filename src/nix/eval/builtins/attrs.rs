//! Sets.

use std::collections::HashMap;
use std::rc::Rc;

use super::super::Result;
use super::super::error::ErrorKind;
use super::super::session::Evaluator;
use super::super::value::{Attrs, Entry, List, Slot, Value};
use super::{Builtin, list, set};
use crate::nix::syntax::expr::Parameter;
use crate::nix::syntax::source::Pos;
use crate::nix::syntax::symbol::{Symbol, known};

pub(super) const TABLE: &[Builtin] = &[
    Builtin { name: "attrNames", arity: 1, run: attr_names },
    Builtin { name: "attrValues", arity: 1, run: attr_values },
    Builtin { name: "catAttrs", arity: 2, run: cat_attrs },
    Builtin { name: "functionArgs", arity: 1, run: function_args },
    Builtin { name: "getAttr", arity: 2, run: get_attr },
    Builtin { name: "hasAttr", arity: 2, run: has_attr },
    Builtin { name: "intersectAttrs", arity: 2, run: intersect_attrs },
    Builtin { name: "listToAttrs", arity: 1, run: list_to_attrs },
    Builtin { name: "mapAttrs", arity: 2, run: map_attrs },
    Builtin { name: "removeAttrs", arity: 2, run: remove_attrs },
    Builtin { name: "unsafeGetAttrPos", arity: 2, run: attr_position },
    Builtin { name: "zipAttrsWith", arity: 2, run: zip_attrs_with },
];

fn set_argument(nix: &Evaluator, slot: &Slot, at: Pos) -> Result<Rc<Attrs>> {
    let value = nix.force(slot)?;
    nix.set(&value, at)
}

fn list_argument(nix: &Evaluator, slot: &Slot, at: Pos) -> Result<List> {
    let value = nix.force(slot)?;
    nix.list(&value, at)
}

fn name_argument(nix: &Evaluator, slot: &Slot, at: Pos) -> Result<Symbol> {
    let value = nix.force(slot)?;
    let name = nix.string(&value, at)?;
    Ok(nix.symbols.intern_string(&name))
}

fn name_value(nix: &Evaluator, name: Symbol) -> Slot {
    Slot::Done(Value::String(nix.symbols.name(name)))
}

fn attr_names(nix: &Evaluator, arguments: &[Slot], at: Pos) -> Result<Value> {
    let attrs = set_argument(nix, &arguments[0], at)?;
    let names = nix.by_name(&attrs).into_iter().map(|entry| name_value(nix, entry.name));
    Ok(list(names.collect()))
}

fn attr_values(nix: &Evaluator, arguments: &[Slot], at: Pos) -> Result<Value> {
    let attrs = set_argument(nix, &arguments[0], at)?;
    Ok(list(nix.by_name(&attrs).into_iter().map(|entry| entry.slot.clone()).collect()))
}

fn cat_attrs(nix: &Evaluator, arguments: &[Slot], at: Pos) -> Result<Value> {
    let name = name_argument(nix, &arguments[0], at)?;
    let mut found = Vec::new();
    for item in list_argument(nix, &arguments[1], at)?.iter() {
        found.extend(set_argument(nix, &item, at)?.slot(name).cloned());
    }
    Ok(list(found))
}

fn function_args(nix: &Evaluator, arguments: &[Slot], at: Pos) -> Result<Value> {
    let closure = match nix.force(&arguments[0])? {
        Value::Lambda(closure) => closure,
        Value::Builtin(_) => return Ok(set([])),
        other => return Err(nix.wrong(&other, "a function", at)),
    };
    let Parameter::Pattern { formals, .. } = &closure.lambda.parameter else { return Ok(set([])) };
    let entry = |formal: &crate::nix::syntax::expr::Formal| Entry {
        name: formal.name,
        at: formal.at,
        slot: Slot::Done(Value::Bool(formal.default.is_some())),
    };
    Ok(Value::Attrs(Rc::new(Attrs::new(formals.iter().map(entry).collect(), Pos::NONE))))
}

fn get_attr(nix: &Evaluator, arguments: &[Slot], at: Pos) -> Result<Value> {
    let name = name_argument(nix, &arguments[0], at)?;
    let attrs = set_argument(nix, &arguments[1], at)?;
    match attrs.slot(name) {
        Some(slot) => nix.force(slot),
        None => Err(nix.missing_attribute(&attrs, name, at)),
    }
}

fn has_attr(nix: &Evaluator, arguments: &[Slot], at: Pos) -> Result<Value> {
    let name = name_argument(nix, &arguments[0], at)?;
    Ok(Value::Bool(set_argument(nix, &arguments[1], at)?.get(name).is_some()))
}

fn intersect_attrs(nix: &Evaluator, arguments: &[Slot], at: Pos) -> Result<Value> {
    let names = set_argument(nix, &arguments[0], at)?;
    let values = set_argument(nix, &arguments[1], at)?;
    let entries: Vec<Entry> = if names.len() < values.len() {
        names.entries().iter().filter_map(|entry| values.get(entry.name)).cloned().collect()
    } else {
        let shared = values.entries().iter().filter(|entry| names.get(entry.name).is_some());
        shared.cloned().collect()
    };
    Ok(Value::Attrs(Rc::new(Attrs::sorted(entries, values.at))))
}

fn list_to_attrs(nix: &Evaluator, arguments: &[Slot], at: Pos) -> Result<Value> {
    let items = list_argument(nix, &arguments[0], at)?;
    let mut entries = Vec::with_capacity(items.len());
    for item in items.iter() {
        let pair = set_argument(nix, &item, at)?;
        let Some(name) = pair.get(known::NAME) else {
            return Err(nix.missing_attribute(&pair, known::NAME, at));
        };
        let name_text = nix.force(&name.slot)?;
        let symbol = nix.attr_name(&name_text, name.at.or(at))?;
        let Some(value) = pair.get(known::VALUE) else {
            return Err(nix.missing_attribute(&pair, known::VALUE, at));
        };
        entries.push(Entry { name: symbol, at: value.at, slot: value.slot.clone() });
    }
    // The first of several with one name wins; the sort is stable.
    entries.sort_by_key(|entry| entry.name);
    entries.dedup_by_key(|entry| entry.name);
    Ok(Value::Attrs(Rc::new(Attrs::sorted(entries, Pos::NONE))))
}

fn map_attrs(nix: &Evaluator, arguments: &[Slot], at: Pos) -> Result<Value> {
    let attrs = set_argument(nix, &arguments[1], at)?;
    let mapped = attrs.entries().iter().map(|entry| {
        let arguments_of = [name_value(nix, entry.name), entry.slot.clone()];
        let slot = Slot::apply(arguments[0].clone(), arguments_of, at);
        Entry { name: entry.name, at: entry.at, slot }
    });
    Ok(Value::Attrs(Rc::new(Attrs::sorted(mapped.collect(), attrs.at))))
}

fn remove_attrs(nix: &Evaluator, arguments: &[Slot], at: Pos) -> Result<Value> {
    let attrs = set_argument(nix, &arguments[0], at)?;
    let mut names = Vec::new();
    for item in list_argument(nix, &arguments[1], at)?.iter() {
        names.push(name_argument(nix, &item, at)?);
    }
    names.sort_unstable();
    let kept = attrs.entries().iter().filter(|entry| names.binary_search(&entry.name).is_err());
    Ok(Value::Attrs(Rc::new(Attrs::sorted(kept.cloned().collect(), attrs.at))))
}

fn attr_position(nix: &Evaluator, arguments: &[Slot], at: Pos) -> Result<Value> {
    let name = name_argument(nix, &arguments[0], at)?;
    let attrs = set_argument(nix, &arguments[1], at)?;
    Ok(attrs.get(name).map_or(Value::Null, |entry| nix.position(entry.at)))
}

fn zip_attrs_with(nix: &Evaluator, arguments: &[Slot], at: Pos) -> Result<Value> {
    let mut found: HashMap<Symbol, Vec<Slot>> = HashMap::new();
    for item in list_argument(nix, &arguments[1], at)?.iter() {
        for entry in set_argument(nix, &item, at)?.entries() {
            found.entry(entry.name).or_default().push(entry.slot.clone());
        }
    }
    if found.len() > 10_000_000 {
        return Err(nix.error(ErrorKind::Limit, "too many attributes", at));
    }
    Ok(set(found.into_iter().map(|(name, values)| {
        let values = Slot::Done(list(values));
        (name, Slot::apply(arguments[0].clone(), [name_value(nix, name), values], at))
    })))
}
