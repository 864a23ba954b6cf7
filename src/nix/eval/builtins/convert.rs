//! To and from other notations: strings, JSON, TOML, XML, flake references.

use std::collections::{BTreeMap, HashSet};
use std::rc::Rc;

use super::super::Result;
use super::super::coerce::Coerce;
use super::super::error::ErrorKind;
use super::super::session::Evaluator;
use super::super::value::{Attrs, Entry, Slot, Value};
use super::{Builtin, list};
use crate::nix::pure::tree::Tree;
use crate::nix::pure::xml::XmlWriter;
use crate::nix::pure::{flakeref, floats, json, toml};
use crate::nix::syntax::expr::Parameter;
use crate::nix::syntax::source::Pos;
use crate::nix::syntax::string::{NixString, Sources};
use crate::nix::syntax::symbol::known;

pub(super) const TABLE: &[Builtin] = &[
    Builtin { name: "flakeRefToString", arity: 1, run: flake_ref_to_string },
    Builtin { name: "fromJSON", arity: 1, run: from_json },
    Builtin { name: "fromTOML", arity: 1, run: from_toml },
    Builtin { name: "parseFlakeRef", arity: 1, run: parse_flake_ref },
    Builtin { name: "toJSON", arity: 1, run: to_json },
    Builtin { name: "toPath", arity: 1, run: to_path },
    Builtin { name: "toString", arity: 1, run: to_string },
    Builtin { name: "toXML", arity: 1, run: to_xml },
];

fn to_string(nix: &Evaluator, arguments: &[Slot], at: Pos) -> Result<Value> {
    let value = nix.force(&arguments[0])?;
    Ok(Value::String(nix.coerce(&value, Coerce::All, at)?))
}

/// A string again, despite its name.
fn to_path(nix: &Evaluator, arguments: &[Slot], at: Pos) -> Result<Value> {
    let value = nix.force(&arguments[0])?;
    let sources = nix.coerce(&value, Coerce::Plain, at)?.sources().clone();
    let path = nix.path_bytes(&value, at)?;
    Ok(Value::String(Rc::new(NixString::new(path, sources, at))))
}

fn text(nix: &Evaluator, slot: &Slot, at: Pos) -> Result<Rc<NixString>> {
    let value = nix.force(slot)?;
    nix.string(&value, at)
}

fn from_json(nix: &Evaluator, arguments: &[Slot], at: Pos) -> Result<Value> {
    let text = text(nix, &arguments[0], at)?;
    match json::parse(nix.utf8(&text, at)?) {
        Ok(tree) => Ok(from_tree(nix, tree, at)),
        Err(error) => Err(nix.error(ErrorKind::Value, format!("not JSON: {error}"), at)),
    }
}

fn from_toml(nix: &Evaluator, arguments: &[Slot], at: Pos) -> Result<Value> {
    let text = text(nix, &arguments[0], at)?;
    match toml::parse(nix.utf8(&text, at)?) {
        Ok(tree) => Ok(from_tree(nix, tree, at)),
        Err(error) => Err(nix.error(ErrorKind::Value, format!("not TOML: {error}"), at)),
    }
}

fn from_tree(nix: &Evaluator, tree: Tree, at: Pos) -> Value {
    match tree {
        Tree::Bool(value) => Value::Bool(value),
        Tree::Float(value) => Value::Float(value),
        Tree::Int(value) => Value::Int(value),
        Tree::List(items) => {
            list(items.into_iter().map(|item| from_tree(nix, item, at).into()).collect())
        }
        Tree::Null => Value::Null,
        Tree::Object(pairs) => {
            let entry = |(name, value): (String, Tree)| Entry {
                name: nix.symbols.intern(name.as_bytes()),
                at: Pos::NONE,
                slot: from_tree(nix, value, at).into(),
            };
            let entries = pairs.into_iter().map(entry).collect();
            Value::Attrs(Rc::new(Attrs::new(entries, Pos::NONE)))
        }
        Tree::String(text) => {
            Value::String(Rc::new(NixString::new(text.into_bytes(), Sources::default(), at)))
        }
    }
}

fn to_json(nix: &Evaluator, arguments: &[Slot], at: Pos) -> Result<Value> {
    let value = nix.force(&arguments[0])?;
    Ok(Value::String(nix.json_text(&value, at)?.finish(at)))
}

fn parse_flake_ref(nix: &Evaluator, arguments: &[Slot], at: Pos) -> Result<Value> {
    let text = text(nix, &arguments[0], at)?;
    let attrs = flakeref::parse(nix.utf8(&text, at)?)
        .map_err(|error| nix.error(ErrorKind::Value, error.to_string(), at))?;
    let entry = |(name, value): (String, flakeref::Attr)| Entry {
        name: nix.symbols.intern(name.as_bytes()),
        at: Pos::NONE,
        slot: Slot::Done(match value {
            flakeref::Attr::Bool(value) => Value::Bool(value),
            flakeref::Attr::Int(value) => Value::Int(value),
            flakeref::Attr::String(value) => Value::text(value),
        }),
    };
    let entries = attrs.into_iter().map(entry).collect();
    Ok(Value::Attrs(Rc::new(Attrs::new(entries, Pos::NONE))))
}

fn flake_ref_to_string(nix: &Evaluator, arguments: &[Slot], at: Pos) -> Result<Value> {
    let value = nix.force(&arguments[0])?;
    let mut attrs = BTreeMap::new();
    for entry in nix.set(&value, at)?.entries() {
        let value = match nix.force(&entry.slot)? {
            Value::Bool(value) => flakeref::Attr::Bool(value),
            Value::Int(value) => flakeref::Attr::Int(value),
            Value::String(value) => flakeref::Attr::String(nix.utf8(&value, at)?.to_owned()),
            other => return Err(nix.wrong(&other, "a string, Boolean or integer", at)),
        };
        attrs.insert(nix.symbols.text(entry.name), value);
    }
    let text = flakeref::to_string(&attrs);
    text.map(Value::text).map_err(|error| nix.error(ErrorKind::Value, error.to_string(), at))
}

fn to_xml(nix: &Evaluator, arguments: &[Slot], at: Pos) -> Result<Value> {
    let value = nix.force(&arguments[0])?;
    let mut xml =
        Xml { writer: XmlWriter::new(), sources: Sources::default(), seen: HashSet::new() };
    xml.value(nix, &value, at)?;
    let text = xml.writer.finish();
    Ok(Value::String(Rc::new(NixString::new(text.into_bytes(), xml.sources, at))))
}

struct Xml {
    writer: XmlWriter,
    sources: Sources,
    /// Derivations written already.
    seen: HashSet<Vec<u8>>,
}

impl Xml {
    fn value(&mut self, nix: &Evaluator, value: &Value, at: Pos) -> Result<()> {
        nix.step(at)?;
        nix.afford(2 * self.writer.written(), at)?;
        match value {
            Value::Attrs(attrs) => self.attrs(nix, attrs, at)?,
            Value::Bool(true) => self.writer.empty("bool", &[("value", "true")]),
            Value::Bool(false) => self.writer.empty("bool", &[("value", "false")]),
            Value::Builtin(_) => self.writer.empty("unevaluated", &[]),
            Value::Float(value) => self.writer.empty("float", &[("value", &floats::print(*value))]),
            Value::Int(value) => self.writer.empty("int", &[("value", &value.to_string())]),
            Value::Lambda(closure) => self.function(nix, &closure.lambda.parameter),
            Value::List(items) => {
                self.writer.open("list", &[]);
                for item in items.iter() {
                    self.value(nix, &nix.force(&item)?, at)?;
                }
                self.writer.close();
            }
            Value::Null => self.writer.empty("null", &[]),
            Value::Path(path) => self.writer.empty("path", &[("value", &path.text())]),
            Value::String(text) => {
                self.sources.join(text.sources());
                self.writer.empty("string", &[("value", &text.text())]);
            }
        }
        Ok(())
    }

    fn attrs(&mut self, nix: &Evaluator, attrs: &Attrs, at: Pos) -> Result<()> {
        let string = |name| match attrs.slot(name).map(|slot| nix.force(slot)) {
            Some(Ok(Value::String(text))) => Ok(Some(text)),
            Some(Err(error)) => Err(error),
            _ => Ok(None),
        };
        if string(known::TYPE)?.is_none_or(|it| it.bytes() != b"derivation") {
            self.writer.open("attrs", &[]);
            self.entries(nix, attrs, at)?;
            self.writer.close();
            return Ok(());
        }
        let drv = string(known::DRV_PATH)?;
        let out = string(known::OUT_PATH)?;
        let (drv_text, out_text) =
            (drv.as_ref().map(|it| it.text()), out.as_ref().map(|it| it.text()));
        let mut attributes = Vec::new();
        attributes.extend(drv_text.as_deref().map(|it| ("drvPath", it)));
        attributes.extend(out_text.as_deref().map(|it| ("outPath", it)));
        self.writer.open("derivation", &attributes);
        let new =
            drv.is_some_and(|it| !it.bytes().is_empty() && self.seen.insert(it.bytes().into()));
        if new {
            self.entries(nix, attrs, at)?;
        } else {
            self.writer.empty("repeated", &[]);
        }
        self.writer.close();
        Ok(())
    }

    fn entries(&mut self, nix: &Evaluator, attrs: &Attrs, at: Pos) -> Result<()> {
        for entry in nix.by_name(attrs) {
            self.writer.open("attr", &[("name", &nix.symbols.text(entry.name))]);
            self.value(nix, &nix.force(&entry.slot)?, at)?;
            self.writer.close();
        }
        Ok(())
    }

    fn function(&mut self, nix: &Evaluator, parameter: &Parameter) {
        self.writer.open("function", &[]);
        match parameter {
            Parameter::Name(name) => {
                self.writer.empty("varpat", &[("name", &nix.symbols.text(*name))]);
            }
            Parameter::Pattern { bind, formals, ellipsis } => {
                let name = bind.map(|bind| nix.symbols.text(bind));
                let mut attributes = Vec::new();
                attributes.extend(ellipsis.then_some(("ellipsis", "1")));
                attributes.extend(name.as_deref().map(|name| ("name", name)));
                self.writer.open("attrspat", &attributes);
                let mut names: Vec<_> = formals.iter().map(|formal| formal.name).collect();
                nix.symbols.sort_by_name(&mut names, |name| *name);
                for name in names {
                    self.writer.empty("attr", &[("name", &nix.symbols.text(name))]);
                }
                self.writer.close();
            }
        }
        self.writer.close();
    }
}
