//! Arithmetic, equality and order of values.

use super::Result;
use super::error::{ErrorKind, EvalError};
use super::session::Evaluator;
use super::value::{Slot, Value};
use crate::nix::syntax::source::Pos;
use crate::nix::syntax::symbol::known;

/// Two numbers, made alike.
enum Pair {
    Floats(f64, f64),
    Ints(i64, i64),
}

impl Evaluator {
    pub(super) fn add(&self, a: &Value, b: &Value, at: Pos) -> Result<Value> {
        match self.pair(a, b, at)? {
            Pair::Floats(a, b) => Ok(Value::Float(a + b)),
            Pair::Ints(a, b) => self.checked(a.checked_add(b), a, "+", b, at),
        }
    }

    pub(super) fn subtract(&self, a: &Value, b: &Value, at: Pos) -> Result<Value> {
        match self.pair(a, b, at)? {
            Pair::Floats(a, b) => Ok(Value::Float(a - b)),
            Pair::Ints(a, b) => self.checked(a.checked_sub(b), a, "-", b, at),
        }
    }

    pub(super) fn multiply(&self, a: &Value, b: &Value, at: Pos) -> Result<Value> {
        match self.pair(a, b, at)? {
            Pair::Floats(a, b) => Ok(Value::Float(a * b)),
            Pair::Ints(a, b) => self.checked(a.checked_mul(b), a, "*", b, at),
        }
    }

    pub(super) fn divide(&self, a: &Value, b: &Value, at: Pos) -> Result<Value> {
        match self.pair(a, b, at)? {
            Pair::Floats(_, 0.0) | Pair::Ints(_, 0) => {
                Err(self.error(ErrorKind::Value, "division by zero", at))
            }
            Pair::Floats(a, b) => Ok(Value::Float(a / b)),
            Pair::Ints(a, b) => self.checked(a.checked_div(b), a, "/", b, at),
        }
    }

    fn pair(&self, a: &Value, b: &Value, at: Pos) -> Result<Pair> {
        #[expect(clippy::cast_precision_loss, reason = "Nix converts integers so")]
        match (a, b) {
            (Value::Int(a), Value::Int(b)) => Ok(Pair::Ints(*a, *b)),
            (Value::Int(a), Value::Float(b)) => Ok(Pair::Floats(*a as f64, *b)),
            (Value::Float(a), Value::Int(b)) => Ok(Pair::Floats(*a, *b as f64)),
            (Value::Float(a), Value::Float(b)) => Ok(Pair::Floats(*a, *b)),
            (Value::Int(_) | Value::Float(_), other) | (other, _) => {
                Err(self.wrong(other, "a number", at))
            }
        }
    }

    fn checked(&self, result: Option<i64>, a: i64, sign: &str, b: i64, at: Pos) -> Result<Value> {
        let overflow =
            || self.error(ErrorKind::Value, format!("integer overflow in `{a} {sign} {b}`"), at);
        result.map(Value::Int).ok_or_else(overflow)
    }

    /// `==`. Functions are equal to nothing, but a shared part of two structures is equal to itself.
    pub(super) fn equal(&self, a: &Value, b: &Value, at: Pos) -> Result<bool> {
        self.step(at)?;
        #[expect(clippy::cast_precision_loss, clippy::float_cmp, reason = "Nix compares so")]
        Ok(match (a, b) {
            (Value::Attrs(a), Value::Attrs(b)) => {
                if self.is_derivation(a)?
                    && self.is_derivation(b)?
                    && let (Some(a), Some(b)) = (a.slot(known::OUT_PATH), b.slot(known::OUT_PATH))
                {
                    return self.equal_slots(a, b, at);
                }
                if a.len() != b.len() {
                    return Ok(false);
                }
                for (a, b) in a.entries().iter().zip(b.entries()) {
                    if a.name != b.name || !self.equal_slots(&a.slot, &b.slot, at)? {
                        return Ok(false);
                    }
                }
                true
            }
            (Value::Bool(a), Value::Bool(b)) => a == b,
            (Value::Float(a), Value::Float(b)) => a == b,
            (Value::Float(a), Value::Int(b)) => *a == *b as f64,
            (Value::Int(a), Value::Float(b)) => *a as f64 == *b,
            (Value::Int(a), Value::Int(b)) => a == b,
            (Value::List(a), Value::List(b)) => {
                if a.len() != b.len() {
                    return Ok(false);
                }
                for (a, b) in a.iter().zip(b.iter()) {
                    if !self.equal_slots(&a, &b, at)? {
                        return Ok(false);
                    }
                }
                true
            }
            (Value::Null, Value::Null) => true,
            (Value::Path(a), Value::Path(b)) | (Value::String(a), Value::String(b)) => {
                a.bytes() == b.bytes()
            }
            _ => false,
        })
    }

    pub(super) fn equal_slots(&self, a: &Slot, b: &Slot, at: Pos) -> Result<bool> {
        if a.is_same(b) {
            // Nix forces before it compares places, so what fails still fails.
            self.force(a)?;
            return Ok(true);
        }
        let (a, b) = (self.force(a)?, self.force(b)?);
        self.equal(&a, &b, at)
    }

    fn is_derivation(&self, attrs: &super::value::Attrs) -> Result<bool> {
        let Some(slot) = attrs.slot(known::TYPE) else { return Ok(false) };
        Ok(matches!(self.force(slot)?, Value::String(it) if it.bytes() == b"derivation"))
    }

    /// `<`, for numbers, strings, paths and lists of these.
    pub(super) fn less(&self, a: &Value, b: &Value, at: Pos) -> Result<bool> {
        self.step(at)?;
        #[expect(clippy::cast_precision_loss, reason = "Nix compares so")]
        Ok(match (a, b) {
            (Value::Int(a), Value::Int(b)) => a < b,
            (Value::Int(a), Value::Float(b)) => (*a as f64) < *b,
            (Value::Float(a), Value::Int(b)) => *a < *b as f64,
            (Value::Float(a), Value::Float(b)) => a < b,
            (Value::Path(a), Value::Path(b)) | (Value::String(a), Value::String(b)) => {
                a.bytes() < b.bytes()
            }
            (Value::List(a), Value::List(b)) => {
                for (a, b) in a.iter().zip(b.iter()) {
                    if !self.equal_slots(&a, &b, at)? {
                        return self.less(&self.force(&a)?, &self.force(&b)?, at);
                    }
                }
                a.len() < b.len()
            }
            _ => return Err(self.incomparable(a, b, at)),
        })
    }

    #[cold]
    fn incomparable(&self, a: &Value, b: &Value, at: Pos) -> EvalError {
        let (a, b) = (a.describe(), b.describe());
        self.error(ErrorKind::Type, format!("cannot compare {a} with {b}"), at)
    }
}
