//! Evaluation of each kind of expression. The arms of [`Evaluator::eval`] are functions of their own so that
//! its stack frame, which every nested evaluation pays for, stays small.

use std::rc::Rc;

use super::Result;
use super::env::{Env, EnvRef};
use super::error::ErrorKind;
use super::session::Evaluator;
use super::value::{Attrs, Closure, Entry, List, Slot, Value};
use crate::nix::syntax::expr::{
    AttrName, AttrsExpr, Binary, DefinitionValue, Expr, ExprKind, ExprRef, Variable,
};
use crate::nix::syntax::source::Pos;
use crate::nix::syntax::symbol::{Symbol, known};

impl Evaluator {
    /// The value of an expression in a scope.
    pub(super) fn eval(&self, env: &EnvRef, expr: &Expr) -> Result<Value> {
        self.step(expr.at)?;
        match &expr.kind {
            ExprKind::Apply { function, arguments } => {
                self.eval_apply(env, function, arguments, expr.at)
            }
            ExprKind::Assert { condition, body } => self.eval_assert(env, condition, body, expr.at),
            ExprKind::Attrs(attrs) => self.eval_attrs(env, attrs, expr.at),
            ExprKind::Binary { operator, left, right } => {
                self.eval_binary(env, *operator, left, right, expr.at)
            }
            ExprKind::Concat { parts, string } => self.eval_concat(env, parts, *string, expr.at),
            ExprKind::CurPos => Ok(self.position(expr.at)),
            ExprKind::Float(number) => Ok(Value::Float(*number)),
            ExprKind::Global(number) => self.force(self.globals.slot(*number)),
            ExprKind::HasAttr { base, path } => self.eval_has_attr(env, base, path),
            ExprKind::If { condition, then, otherwise } => {
                let condition = self.eval_bool(env, condition)?;
                self.eval(env, if condition { then } else { otherwise })
            }
            ExprKind::Int(number) => Ok(Value::Int(*number)),
            ExprKind::Lambda(lambda) => {
                let closure = Closure { lambda: Rc::clone(lambda), env: Rc::clone(env) };
                Ok(Value::Lambda(Rc::new(closure)))
            }
            ExprKind::Let { bindings, body } => {
                let env = self.recursive_env(env, bindings);
                self.eval(&env, body)
            }
            ExprKind::List(items) => {
                let items = items.iter().map(|item| self.slot(env, item)).collect();
                Ok(Value::List(List::new(items, expr.at)))
            }
            ExprKind::Negate(operand) => self.eval_negate(env, operand, expr.at),
            ExprKind::Not(operand) => Ok(Value::Bool(!self.eval_bool(env, operand)?)),
            ExprKind::OutOfReach(why) => Err(self.error(ErrorKind::OutOfReach, *why, expr.at)),
            ExprKind::Path(path) => Ok(Value::Path(Rc::clone(path))),
            ExprKind::Select { base, path, default } => {
                self.eval_select(env, base, path, default.as_ref(), expr.at)
            }
            ExprKind::String(string) => Ok(Value::String(Rc::clone(string))),
            ExprKind::Variable(variable) => {
                let slot = self.lookup(env, *variable, expr.at)?;
                self.force(&slot)
            }
            ExprKind::With { namespace, body, outer } => {
                let namespace = self.slot(env, namespace);
                self.eval(&Env::with(Rc::clone(env), namespace, *outer), body)
            }
            ExprKind::WithVariable { depth, name } => {
                let slot = self.lookup_with(env, *depth, *name, expr.at)?;
                self.force(&slot)
            }
        }
    }

    /// A slot for an expression: its value where that costs nothing, else a thunk.
    pub(super) fn slot(&self, env: &EnvRef, expr: &ExprRef) -> Slot {
        match &expr.kind {
            ExprKind::Float(number) => Slot::Done(Value::Float(*number)),
            ExprKind::Global(number) => self.globals.slot(*number).clone(),
            ExprKind::Int(number) => Slot::Done(Value::Int(*number)),
            ExprKind::Path(path) => Slot::Done(Value::Path(Rc::clone(path))),
            ExprKind::String(string) => Slot::Done(Value::String(Rc::clone(string))),
            ExprKind::Variable(variable) => {
                let found = env.up(variable.depth).and_then(|env| env.get(variable.slot));
                found.unwrap_or_else(|| Slot::expr(env, expr))
            }
            _ => Slot::expr(env, expr),
        }
    }

    pub(super) fn eval_bool(&self, env: &EnvRef, expr: &Expr) -> Result<bool> {
        let value = self.eval(env, expr)?;
        self.bool(&value, expr.at)
    }

    #[inline(never)]
    fn lookup(&self, env: &EnvRef, variable: Variable, at: Pos) -> Result<Slot> {
        let found = env.up(variable.depth).and_then(|env| env.get(variable.slot));
        // Only a scope whose evaluator is gone has lost its variables.
        let gone = || self.error(ErrorKind::Value, "value of an evaluator that is gone", at);
        found.ok_or_else(gone)
    }

    #[inline(never)]
    fn lookup_with(&self, env: &EnvRef, depth: u32, name: Symbol, at: Pos) -> Result<Slot> {
        let mut with = env.up(depth);
        while let Some(current) = with {
            let Some(namespace) = current.get(0) else { break };
            match self.force(&namespace)? {
                Value::Attrs(attrs) => {
                    if let Some(slot) = attrs.slot(name) {
                        return Ok(slot.clone());
                    }
                }
                other => return Err(self.wrong(&other, "a set", at)),
            }
            with = current.outer_with.and_then(|levels| current.up(levels));
        }
        let name = self.symbols.text(name);
        Err(self.error(ErrorKind::UndefinedVariable, format!("undefined variable `{name}`"), at))
    }

    #[inline(never)]
    fn eval_apply(
        &self,
        env: &EnvRef,
        function: &Expr,
        arguments: &[ExprRef],
        at: Pos,
    ) -> Result<Value> {
        let function = self.eval(env, function)?;
        match arguments {
            [one] => self.apply(function, &[self.slot(env, one)], at),
            _ => {
                let slots: Vec<Slot> = arguments.iter().map(|it| self.slot(env, it)).collect();
                self.apply(function, &slots, at)
            }
        }
    }

    #[inline(never)]
    fn eval_assert(
        &self,
        env: &EnvRef,
        condition: &ExprRef,
        body: &Expr,
        at: Pos,
    ) -> Result<Value> {
        if !self.eval_bool(env, condition)? {
            let at = condition.at.or(at);
            return Err(self.error(ErrorKind::Assertion, "assertion failed", at));
        }
        self.eval(env, body)
    }

    #[inline(never)]
    fn eval_attrs(&self, env: &EnvRef, attrs: &AttrsExpr, at: Pos) -> Result<Value> {
        let mut entries;
        let inner;
        if attrs.recursive {
            inner = self.recursive_env(env, attrs);
            if let Some(slot) = attrs.overrides {
                self.override_recursive(&inner, attrs, slot)?;
            }
            entries = Vec::with_capacity(attrs.definitions.len() + attrs.dynamic.len());
            for (number, definition) in attrs.definitions.iter().enumerate() {
                let number = u32::try_from(number).expect("fewer definitions than bytes of text");
                let slot = self.lookup(&inner, Variable { depth: 0, slot: number }, at)?;
                entries.push(Entry { name: definition.name, at: definition.at, slot });
            }
            if let Some(slot) = attrs.overrides
                && let Some(Value::Attrs(overrides)) = inner.get(slot).and_then(|slot| slot.peek())
            {
                entries = Attrs::sorted(entries, at).update(&overrides, at).entries().to_vec();
            }
        } else {
            inner = Rc::clone(env);
            let from = attrs.from.iter().map(|source| Slot::expr(env, source)).collect::<Vec<_>>();
            entries = Vec::with_capacity(attrs.definitions.len() + attrs.dynamic.len());
            for definition in &attrs.definitions {
                let slot = match &definition.value {
                    DefinitionValue::Inner(expr) | DefinitionValue::Outer(expr) => {
                        self.slot(env, expr)
                    }
                    DefinitionValue::From(source) => {
                        let from = from[*source as usize].clone();
                        Slot::select(from, definition.name, definition.at)
                    }
                };
                entries.push(Entry { name: definition.name, at: definition.at, slot });
            }
        }
        if !attrs.dynamic.is_empty() {
            self.add_dynamic(&inner, attrs, &mut entries)?;
        }
        Ok(Value::Attrs(Rc::new(Attrs::new(entries, at))))
    }

    #[inline(never)]
    fn add_dynamic(&self, env: &EnvRef, attrs: &AttrsExpr, entries: &mut Vec<Entry>) -> Result<()> {
        for dynamic in &attrs.dynamic {
            let name = match self.eval(env, &dynamic.name)? {
                Value::Null => continue,
                name => self.attr_name(&name, dynamic.name.at)?,
            };
            if let Some(old) = entries.iter().find(|entry| entry.name == name) {
                let name = self.symbols.text(name);
                let message = format!("dynamic attribute `{name}` is already defined");
                let error = self.error(ErrorKind::Value, message, dynamic.at);
                return Err(error.related("first defined here", self.place(old.at)));
            }
            entries.push(Entry { name, at: dynamic.at, slot: self.slot(env, &dynamic.value) });
        }
        Ok(())
    }

    /// The scope of a `rec` set or `let`, whose thunks see it themselves.
    #[inline(never)]
    fn recursive_env(&self, outer: &EnvRef, attrs: &AttrsExpr) -> EnvRef {
        let count = attrs.definitions.len() + attrs.from.len();
        let env = Env::new(Some(Rc::clone(outer)), Vec::with_capacity(count));
        let from: Vec<Slot> = attrs.from.iter().map(|it| Slot::expr(&env, it)).collect();
        for definition in &attrs.definitions {
            // One at a time: a name for an earlier variable is that variable, not a thunk for it.
            env.push(match &definition.value {
                // What may be overridden must be looked up when it is needed.
                DefinitionValue::Inner(expr) if attrs.overrides.is_some() => Slot::expr(&env, expr),
                DefinitionValue::Inner(expr) => self.slot(&env, expr),
                DefinitionValue::Outer(expr) => self.slot(outer, expr),
                DefinitionValue::From(source) => {
                    let from = from[*source as usize].clone();
                    Slot::select(from, definition.name, definition.at)
                }
            });
        }
        from.into_iter().for_each(|slot| env.push(slot));
        self.recursive(&env);
        env
    }

    /// `rec { __overrides = { a = …; }; }`: what is overridden is seen by the other attributes.
    #[inline(never)]
    fn override_recursive(&self, env: &EnvRef, attrs: &AttrsExpr, slot: u32) -> Result<()> {
        let at = attrs.definitions[slot as usize].at;
        let overrides = self.lookup(env, Variable { depth: 0, slot }, at)?;
        let overrides = self.force(&overrides)?;
        let overrides = self.set(&overrides, at)?;
        for (index, definition) in attrs.definitions.iter().enumerate() {
            if let Some(slot) = overrides.slot(definition.name) {
                env.set(index, slot.clone());
            }
        }
        Ok(())
    }

    /// The symbol of one step of a path.
    fn step_name(&self, env: &EnvRef, name: &AttrName) -> Result<Symbol> {
        match name {
            AttrName::Static(symbol) => Ok(*symbol),
            AttrName::Dynamic(expr) => {
                let value = self.eval(env, expr)?;
                self.attr_name(&value, expr.at)
            }
        }
    }

    #[inline(never)]
    fn eval_select(
        &self,
        env: &EnvRef,
        base: &Expr,
        path: &[AttrName],
        default: Option<&ExprRef>,
        at: Pos,
    ) -> Result<Value> {
        let mut value = self.eval(env, base)?;
        for step in path {
            let name = self.step_name(env, step)?;
            let entry = match &value {
                Value::Attrs(attrs) => attrs.get(name),
                _ => None,
            };
            let Some(entry) = entry else {
                return match (default, &value) {
                    (Some(default), _) => self.eval(env, default),
                    (None, Value::Attrs(attrs)) => Err(self.missing_attribute(attrs, name, at)),
                    (None, other) => {
                        let error = self.wrong(other, "a set", at);
                        let name = self.symbols.text(name);
                        Err(error.frame(|| format!("while selecting `{name}`"), self.place(at)))
                    }
                };
            };
            let inner = self.force(&entry.slot).map_err(|error| {
                let name = self.symbols.text(name);
                error.frame(
                    || format!("while evaluating the attribute `{name}`"),
                    self.place(entry.at),
                )
            })?;
            value = inner;
        }
        Ok(value)
    }

    #[inline(never)]
    fn eval_has_attr(&self, env: &EnvRef, base: &Expr, path: &[AttrName]) -> Result<Value> {
        let mut slot = Slot::Done(self.eval(env, base)?);
        for step in path {
            let value = self.force(&slot)?;
            let name = self.step_name(env, step)?;
            let Value::Attrs(attrs) = value else { return Ok(Value::Bool(false)) };
            match attrs.slot(name) {
                Some(inner) => slot = inner.clone(),
                None => return Ok(Value::Bool(false)),
            }
        }
        Ok(Value::Bool(true))
    }

    #[inline(never)]
    fn eval_negate(&self, env: &EnvRef, operand: &Expr, at: Pos) -> Result<Value> {
        let value = self.eval(env, operand)?;
        self.subtract(&Value::Int(0), &value, at)
    }

    #[inline(never)]
    fn eval_binary(
        &self,
        env: &EnvRef,
        operator: Binary,
        left: &ExprRef,
        right: &ExprRef,
        at: Pos,
    ) -> Result<Value> {
        match operator {
            Binary::And => {
                return Ok(Value::Bool(self.eval_bool(env, left)? && self.eval_bool(env, right)?));
            }
            Binary::Or => {
                return Ok(Value::Bool(self.eval_bool(env, left)? || self.eval_bool(env, right)?));
            }
            Binary::Implies => {
                return Ok(Value::Bool(!self.eval_bool(env, left)? || self.eval_bool(env, right)?));
            }
            _ => {}
        }
        // Nix defines `>` and `<=` by `<` with the operands swapped, and so evaluates them in that order.
        let (a, b) = match operator {
            Binary::Greater | Binary::LessOrEqual => {
                let right = self.eval(env, right)?;
                (self.eval(env, left)?, right)
            }
            _ => {
                let left = self.eval(env, left)?;
                (left, self.eval(env, right)?)
            }
        };
        Ok(match operator {
            Binary::Append => {
                let (a, b) = (self.list(&a, left.at)?, self.list(&b, right.at)?);
                self.afford((a.len() + b.len()) * size_of::<Slot>(), at)?;
                Value::List(a.append(&b))
            }
            Binary::Divide => self.divide(&a, &b, at)?,
            Binary::Equal => Value::Bool(self.equal(&a, &b, at)?),
            Binary::Greater => Value::Bool(self.less(&b, &a, at)?),
            Binary::GreaterOrEqual => Value::Bool(!self.less(&a, &b, at)?),
            Binary::Less => Value::Bool(self.less(&a, &b, at)?),
            Binary::LessOrEqual => Value::Bool(!self.less(&b, &a, at)?),
            Binary::Multiply => self.multiply(&a, &b, at)?,
            Binary::NotEqual => Value::Bool(!self.equal(&a, &b, at)?),
            Binary::Subtract => self.subtract(&a, &b, at)?,
            Binary::Update => {
                let (a, b) = (self.set(&a, left.at)?, self.set(&b, right.at)?);
                self.afford((a.len() + b.len()) * size_of::<Entry>(), at)?;
                if b.is_empty() {
                    Value::Attrs(a)
                } else if a.is_empty() {
                    Value::Attrs(b)
                } else {
                    Value::Attrs(Rc::new(a.update(&b, at)))
                }
            }
            Binary::And | Binary::Or | Binary::Implies => unreachable!("returned above"),
        })
    }

    /// `{ file; line; column; }`, or null for text that is in no file.
    pub(super) fn position(&self, at: Pos) -> Value {
        let Some((Some(file), line, column)) = self.sources.line_column(at) else {
            return Value::Null;
        };
        let number = |n: usize| Slot::Done(Value::Int(i64::try_from(n).unwrap_or(i64::MAX)));
        let entry = |name, slot| Entry { name, at: Pos::NONE, slot };
        use std::os::unix::ffi::OsStrExt;
        let entries = vec![
            entry(known::FILE, Value::text(file.as_os_str().as_bytes()).into()),
            entry(known::LINE, number(line)),
            entry(known::COLUMN, number(column)),
        ];
        Value::Attrs(Rc::new(Attrs::new(entries, Pos::NONE)))
    }
}
