//! Function application: the user's functions, ours, and sets with `__functor`.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::Result;
use super::env::{Env, EnvRef};
use super::error::{ErrorKind, EvalError};
use super::session::Evaluator;
use super::value::{Attrs, Closure, Entry, Partial, Slot, Value};
use crate::nix::syntax::expr::{Formal, LambdaExpr, Parameter};
use crate::nix::syntax::source::Pos;
use crate::nix::syntax::symbol::{Symbol, known};

impl Evaluator {
    /// Calls `function` with arguments, one after the other.
    pub(super) fn apply(&self, function: Value, arguments: &[Slot], at: Pos) -> Result<Value> {
        let depth = self.depth.get();
        if depth >= self.options.limits.depth {
            let message = format!(
                "stack overflow: function calls are nested more than {} deep",
                self.options.limits.depth
            );
            return Err(self.error(ErrorKind::Limit, message, at));
        }
        self.depth.set(depth + 1);
        let result = self.apply_all(function, arguments, at);
        self.depth.set(depth);
        result
    }

    fn apply_all(&self, mut function: Value, mut arguments: &[Slot], at: Pos) -> Result<Value> {
        while let Some((first, rest)) = arguments.split_first() {
            function = match &function {
                Value::Lambda(closure) => {
                    arguments = rest;
                    self.apply_lambda(closure, first, at)?
                }
                Value::Builtin(partial) => {
                    let missing = partial.builtin.arity - partial.arguments.len();
                    let taken = missing.min(arguments.len());
                    let (now, later) = arguments.split_at(taken);
                    arguments = later;
                    self.apply_builtin(partial, now, at)?
                }
                Value::Attrs(attrs) if attrs.get(known::FUNCTOR).is_some() => {
                    self.functor(&function, attrs, at)?
                }
                other => {
                    let what = other.describe();
                    let message =
                        format!("attempt to call something which is not a function but {what}");
                    return Err(self.error(ErrorKind::Type, message, at));
                }
            };
        }
        Ok(function)
    }

    /// The function that a set with `__functor` stands for.
    fn functor(&self, value: &Value, attrs: &Attrs, at: Pos) -> Result<Value> {
        let Some(slot) = attrs.slot(known::FUNCTOR) else { return Ok(value.clone()) };
        let functor = self.force(slot)?;
        self.apply(functor, &[Slot::Done(value.clone())], at)
    }

    #[inline(never)]
    fn apply_lambda(&self, closure: &Closure, argument: &Slot, at: Pos) -> Result<Value> {
        let lambda = &closure.lambda;
        let env = match &lambda.parameter {
            Parameter::Name(_) => Env::new(Some(Rc::clone(&closure.env)), vec![argument.clone()]),
            Parameter::Pattern { bind, formals, ellipsis } => {
                self.bind_pattern(closure, *bind, formals, *ellipsis, argument, at)?
            }
        };
        self.eval(&env, &lambda.body).map_err(|error| {
            error.frame(|| format!("while calling {}", self.lambda_name(lambda)), self.place(at))
        })
    }

    #[inline(never)]
    fn bind_pattern(
        &self,
        closure: &Closure,
        bind: Option<Symbol>,
        formals: &[Formal],
        ellipsis: bool,
        argument: &Slot,
        at: Pos,
    ) -> Result<EnvRef> {
        let lambda = &closure.lambda;
        let given = match self.force(argument)? {
            Value::Attrs(given) => given,
            other => {
                let error = self.wrong(&other, "a set", at);
                let what = || format!("while passing an argument to {}", self.lambda_name(lambda));
                return Err(error.frame(what, self.place(lambda.at)));
            }
        };
        let slots = Vec::with_capacity(formals.len() + usize::from(bind.is_some()));
        let env = Env::new(Some(Rc::clone(&closure.env)), slots);
        if bind.is_some() {
            env.push(argument.clone());
        }
        let mut used = 0;
        let mut own = false;
        for formal in formals {
            if let Some(slot) = given.slot(formal.name) {
                used += 1;
                env.push(slot.clone());
            } else if let Some(default) = &formal.default {
                own = true;
                env.push(self.slot(&env, default));
            } else {
                return Err(self.missing_argument(lambda, formal, at));
            }
        }
        if !ellipsis && used != given.len() {
            return Err(self.unexpected_argument(lambda, formals, &given, at));
        }
        if own {
            self.recursive(&env);
        }
        Ok(env)
    }

    #[inline(never)]
    fn apply_builtin(&self, partial: &Partial, arguments: &[Slot], at: Pos) -> Result<Value> {
        let builtin = partial.builtin;
        let have = partial.arguments.len() + arguments.len();
        if have < builtin.arity {
            let arguments = partial.arguments.iter().chain(arguments).cloned().collect();
            return Ok(Value::Builtin(Rc::new(Partial { builtin, arguments })));
        }
        let result = if partial.arguments.is_empty() {
            (builtin.run)(self, arguments, at)
        } else {
            let all: Vec<Slot> = partial.arguments.iter().chain(arguments).cloned().collect();
            (builtin.run)(self, &all, at)
        };
        result.map_err(|error| {
            let error = error.or_at(|| self.place(at));
            error.frame(|| format!("while calling the builtin `{}`", builtin.name), self.place(at))
        })
    }

    pub(super) fn call_with_known(
        &self,
        value: Value,
        known: &BTreeMap<String, Slot>,
    ) -> Result<Value> {
        let value = match &value {
            Value::Attrs(attrs) => self.functor(&value, attrs, Pos::NONE)?,
            _ => value,
        };
        let Value::Lambda(closure) = &value else { return Ok(value) };
        let Parameter::Pattern { formals, ellipsis, .. } = &closure.lambda.parameter else {
            return Ok(value);
        };
        let mut entries = Vec::new();
        let offered = |symbol: Symbol| known.get(self.symbols.text(symbol).as_str());
        for formal in formals {
            match offered(formal.name) {
                Some(slot) if !ellipsis => {
                    entries.push(Entry { name: formal.name, at: Pos::NONE, slot: slot.clone() });
                }
                None if formal.default.is_none() => {
                    let name = self.symbols.text(formal.name);
                    let message = format!(
                        "cannot evaluate a function that has an argument without a value (`{name}`)"
                    );
                    let kind = ErrorKind::Type;
                    return Err(self.error(kind, message, closure.lambda.at));
                }
                _ => {}
            }
        }
        if *ellipsis {
            entries = known
                .iter()
                .map(|(name, slot)| Entry {
                    name: self.symbols.intern(name.as_bytes()),
                    at: Pos::NONE,
                    slot: slot.clone(),
                })
                .collect();
        }
        let argument = Value::Attrs(Rc::new(Attrs::new(entries, Pos::NONE)));
        self.apply(value.clone(), &[argument.into()], closure.lambda.at)
    }

    pub(super) fn lambda_name(&self, lambda: &LambdaExpr) -> String {
        match lambda.name {
            Some(name) => format!("`{}`", self.symbols.text(name)),
            None => "an anonymous function".to_owned(),
        }
    }

    #[cold]
    fn missing_argument(&self, lambda: &LambdaExpr, formal: &Formal, at: Pos) -> EvalError {
        let name = self.symbols.text(formal.name);
        let function = self.lambda_name(lambda);
        let message = format!("{function} called without required argument `{name}`");
        let error = self.error(ErrorKind::Type, message, at);
        error.related("required here", self.place(formal.at))
    }

    #[cold]
    fn unexpected_argument(
        &self,
        lambda: &LambdaExpr,
        formals: &[Formal],
        given: &Attrs,
        at: Pos,
    ) -> EvalError {
        let is_formal = |name| formals.iter().any(|formal| formal.name == name);
        let unexpected = self.by_name(given).into_iter().find(|entry| !is_formal(entry.name));
        let (name, given_at) =
            unexpected.map_or((known::NAME, Pos::NONE), |entry| (entry.name, entry.at));
        let text = self.symbols.text(name);
        let function = self.lambda_name(lambda);
        let mut message = format!("{function} called with unexpected argument `{text}`");
        if let Some(best) = self.similar(&text, formals.iter().map(|formal| formal.name)) {
            message.push_str(&format!(", did you mean `{best}`?"));
        }
        let error = self.error(ErrorKind::Type, message, at);
        error
            .related("given here", self.place(given_at))
            .related("function defined here", self.place(lambda.at))
    }
}
