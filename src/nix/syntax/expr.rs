//! The tree that is evaluated: names resolved to places in the scope, strings unescaped, attribute paths
//! merged. Holds no values and knows no builtins beyond their numbers.

use std::rc::Rc;

use super::source::Pos;
use super::string::NixString;
use super::symbol::Symbol;

/// An expression and its span. Shared, because thunks keep the part of the tree they still have to evaluate.
pub(crate) type ExprRef = Rc<Expr>;

pub(crate) struct Expr {
    pub(crate) kind: ExprKind,
    pub(crate) at: Pos,
}

pub(crate) enum ExprKind {
    /// `f a b`: all arguments of one application.
    Apply {
        function: ExprRef,
        arguments: Box<[ExprRef]>,
    },
    Assert {
        condition: ExprRef,
        body: ExprRef,
    },
    Attrs(AttrsExpr),
    Binary {
        operator: Binary,
        left: ExprRef,
        right: ExprRef,
    },
    /// Interpolation (`string`: the result is a string) and `+` (the first part decides).
    Concat {
        parts: Box<[ExprRef]>,
        string: bool,
    },
    CurPos,
    Float(f64),
    /// A builtin, by its number in the list given to the parser.
    Global(u32),
    HasAttr {
        base: ExprRef,
        path: Box<[AttrName]>,
    },
    If {
        condition: ExprRef,
        then: ExprRef,
        otherwise: ExprRef,
    },
    Int(i64),
    Lambda(Rc<LambdaExpr>),
    Let {
        bindings: AttrsExpr,
        body: ExprRef,
    },
    List(Box<[ExprRef]>),
    Negate(ExprRef),
    Not(ExprRef),
    /// What cannot be known here, and why; an error when it is evaluated.
    OutOfReach(&'static str),
    /// An absolute path in canonical form.
    Path(Rc<NixString>),
    Select {
        base: ExprRef,
        path: Box<[AttrName]>,
        default: Option<ExprRef>,
    },
    String(Rc<NixString>),
    Variable(Variable),
    With {
        namespace: ExprRef,
        body: ExprRef,
        outer: Option<u32>,
    },
    /// A name that only a `with` can have brought in; `depth` leads to the innermost one.
    WithVariable {
        depth: u32,
        name: Symbol,
    },
}

/// A lexical variable: `depth` scopes up, then the slot.
#[derive(Clone, Copy)]
pub(crate) struct Variable {
    pub(crate) depth: u32,
    pub(crate) slot: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Binary {
    And,
    Append,
    Divide,
    Equal,
    Greater,
    GreaterOrEqual,
    Implies,
    Less,
    LessOrEqual,
    Multiply,
    NotEqual,
    Or,
    Subtract,
    Update,
}

/// `{ … }`, `rec { … }` or the bindings of a `let`. When recursive, the scope holds one slot per definition in
/// order, then one per `inherit (from)` source.
pub(crate) struct AttrsExpr {
    pub(crate) recursive: bool,
    /// Sources of `inherit (from)`; each is evaluated at most once.
    pub(crate) from: Box<[ExprRef]>,
    /// Sorted by symbol.
    pub(crate) definitions: Box<[Definition]>,
    pub(crate) dynamic: Box<[DynamicDefinition]>,
    /// The slot of `__overrides`, which an old `rec` honours.
    pub(crate) overrides: Option<u32>,
}

pub(crate) struct Definition {
    pub(crate) name: Symbol,
    pub(crate) at: Pos,
    pub(crate) value: DefinitionValue,
}

pub(crate) enum DefinitionValue {
    /// `a = e`, in the scope of the set.
    Inner(ExprRef),
    /// `inherit a`, in the scope around the set.
    Outer(ExprRef),
    /// `inherit (from) a`, the number of the source.
    From(u32),
}

pub(crate) struct DynamicDefinition {
    pub(crate) name: ExprRef,
    pub(crate) at: Pos,
    pub(crate) value: ExprRef,
}

/// One step of an attribute path.
pub(crate) enum AttrName {
    Static(Symbol),
    Dynamic(ExprRef),
}

pub(crate) struct LambdaExpr {
    /// The attribute or variable it was bound to, for traces.
    pub(crate) name: Option<Symbol>,
    pub(crate) parameter: Parameter,
    pub(crate) body: ExprRef,
    pub(crate) at: Pos,
}

pub(crate) enum Parameter {
    Name(Symbol),
    /// `{ a, b ? c, ... }@all`: slot 0 is `all` if there is one, then one slot per formal, sorted by symbol.
    Pattern {
        bind: Option<Symbol>,
        formals: Box<[Formal]>,
        ellipsis: bool,
    },
}

pub(crate) struct Formal {
    pub(crate) name: Symbol,
    pub(crate) at: Pos,
    pub(crate) default: Option<ExprRef>,
}
