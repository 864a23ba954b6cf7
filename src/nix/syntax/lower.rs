//! From rnix's tree to [`Expr`]: resolves names, reads literals, and refuses what rnix lets through but Nix
//! does not (a missing bracket, an unparenthesised function as an operand).

use std::ops::Range;
use std::rc::Rc;

use rnix::SyntaxKind as K;
use rowan::{GreenNodeData, NodeOrToken};

use super::bindings::{Step, Tree, Value};
use super::expr::{
    AttrName, AttrsExpr, Binary, Definition, DefinitionValue, DynamicDefinition, Expr, ExprKind,
    ExprRef, Formal, LambdaExpr, Parameter,
};
use super::green::Node;
use super::scope::{Found, Level, Scope};
use super::source::Pos;
use super::string::{NixString, Sources};
use super::symbol::{Symbol, known};
use super::{Context, SyntaxError, strings};
use crate::nix::memory;
use crate::nix::pure::paths;

const NO_HOME: &str = "the home directory of `~/` is not known here";

type Result<T> = std::result::Result<T, SyntaxError>;

/// Lowers the root of a tree without parse errors.
pub(super) fn lower(tree: &GreenNodeData, context: &Context<'_>) -> Result<ExprRef> {
    let lower = Lower { context };
    let root = Node::root(tree);
    let body = lower.child(root, 0)?;
    match context.outer {
        None => lower.expr(body, None),
        Some(sorted) => {
            let level = Level::Names { first: None, sorted };
            lower.expr(body, Some(&Scope { up: None, level }))
        }
    }
}

pub(super) struct Lower<'a> {
    context: &'a Context<'a>,
}

type Env<'s> = Option<&'s Scope<'s>>;

impl Lower<'_> {
    fn expr(&self, node: Node<'_>, scope: Env<'_>) -> Result<ExprRef> {
        self.named_expr(node, scope, None)
    }

    /// `name` is what the expression is bound to.
    fn named_expr(&self, node: Node<'_>, scope: Env<'_>, name: Option<Symbol>) -> Result<ExprRef> {
        self.room(node)?;
        let node = self.bare(node)?;
        let kind = match node.kind() {
            K::NODE_APPLY => self.apply(node, scope)?,
            K::NODE_ASSERT => ExprKind::Assert {
                condition: self.expr(self.child(node, 0)?, scope)?,
                body: self.expr(self.child(node, 1)?, scope)?,
            },
            K::NODE_ATTR_SET => {
                self.closed(node, K::TOKEN_R_BRACE)?;
                ExprKind::Attrs(self.attrs(&Tree::collect(self, node)?, scope)?)
            }
            K::NODE_BIN_OP => return self.binary(node, scope),
            K::NODE_CUR_POS => ExprKind::CurPos,
            K::NODE_HAS_ATTR => ExprKind::HasAttr {
                base: self.operand(self.child(node, 0)?, scope)?,
                path: self.attr_path(self.child(node, 1)?, scope)?,
            },
            K::NODE_IDENT => self.variable(self.symbol(node)?, node.span(), scope)?,
            K::NODE_IF_ELSE => ExprKind::If {
                condition: self.expr(self.child(node, 0)?, scope)?,
                then: self.expr(self.child(node, 1)?, scope)?,
                otherwise: self.expr(self.child(node, 2)?, scope)?,
            },
            K::NODE_LAMBDA => self.lambda(node, scope, name)?,
            K::NODE_LEGACY_LET => self.old_let(node, scope)?,
            K::NODE_LET_IN => self.let_in(node, scope)?,
            K::NODE_LIST => {
                self.closed(node, K::TOKEN_R_BRACK)?;
                let items = node.nodes().map(|item| self.operand(item, scope));
                ExprKind::List(items.collect::<Result<_>>()?)
            }
            K::NODE_LITERAL => self.literal(node)?,
            K::NODE_PATH_ABS | K::NODE_PATH_REL | K::NODE_PATH_HOME => self.path(node, scope)?,
            K::NODE_PATH_SEARCH => self.search_path(node, scope)?,
            K::NODE_SELECT => ExprKind::Select {
                base: self.operand(self.child(node, 0)?, scope)?,
                path: self.attr_path(self.child(node, 1)?, scope)?,
                default: match node.nodes().nth(2) {
                    Some(default) => Some(self.operand(default, scope)?),
                    None => None,
                },
            },
            K::NODE_STRING => self.string(node, scope)?,
            K::NODE_UNARY_OP => {
                let operand = self.operand(self.child(node, 0)?, scope)?;
                match node.first_token().map(|token| token.kind()) {
                    Some(K::TOKEN_SUB) => ExprKind::Negate(operand),
                    _ => ExprKind::Not(operand),
                }
            }
            K::NODE_WITH => {
                let namespace = self.expr(self.child(node, 0)?, scope)?;
                let inner = Scope { up: scope, level: Level::With };
                let body = self.expr(self.child(node, 1)?, Some(&inner))?;
                // One scope up from the `with` itself is where its surroundings begin.
                let outer = scope.and_then(Scope::nearest_with).map(|depth| depth + 1);
                ExprKind::With { namespace, body, outer }
            }
            _ => return Err(SyntaxError::new("syntax error", wide(node.span()))),
        };
        Ok(self.made(kind, node))
    }

    /// The part of an operator, application or list: only in parentheses may it be a function, `if`, `let` ….
    fn operand(&self, node: Node<'_>, scope: Env<'_>) -> Result<ExprRef> {
        if matches!(
            node.kind(),
            K::NODE_LAMBDA | K::NODE_LET_IN | K::NODE_IF_ELSE | K::NODE_ASSERT | K::NODE_WITH
        ) {
            let message = "syntax error: this must be put in parentheses";
            return Err(SyntaxError::new(message, wide(node.span())));
        }
        self.expr(node, scope)
    }

    fn made(&self, kind: ExprKind, node: Node<'_>) -> ExprRef {
        Rc::new(Expr { kind, at: self.pos(node) })
    }

    fn apply(&self, node: Node<'_>, scope: Env<'_>) -> Result<ExprKind> {
        let mut arguments = Vec::new();
        let mut function = node;
        while function.kind() == K::NODE_APPLY {
            arguments.push(self.operand(self.child(function, 1)?, scope)?);
            function = self.child(function, 0)?;
        }
        arguments.reverse();
        let function = self.operand(function, scope)?;
        Ok(ExprKind::Apply { function, arguments: arguments.into() })
    }

    fn binary(&self, node: Node<'_>, scope: Env<'_>) -> Result<ExprRef> {
        let left = self.operand(self.child(node, 0)?, scope)?;
        let right = self.operand(self.child(node, 1)?, scope)?;
        let token = node.first_token().map(|token| token.kind());
        let operator = match token {
            Some(K::TOKEN_ADD) => {
                let parts = [left, right].into();
                return Ok(self.made(ExprKind::Concat { parts, string: false }, node));
            }
            Some(K::TOKEN_PIPE_RIGHT) => {
                let kind = ExprKind::Apply { function: right, arguments: [left].into() };
                return Ok(self.made(kind, node));
            }
            Some(K::TOKEN_PIPE_LEFT) => {
                let kind = ExprKind::Apply { function: left, arguments: [right].into() };
                return Ok(self.made(kind, node));
            }
            Some(K::TOKEN_AND_AND) => Binary::And,
            Some(K::TOKEN_CONCAT) => Binary::Append,
            Some(K::TOKEN_DIV) => Binary::Divide,
            Some(K::TOKEN_EQUAL) => Binary::Equal,
            Some(K::TOKEN_IMPLICATION) => Binary::Implies,
            Some(K::TOKEN_LESS) => Binary::Less,
            Some(K::TOKEN_LESS_OR_EQ) => Binary::LessOrEqual,
            Some(K::TOKEN_MORE) => Binary::Greater,
            Some(K::TOKEN_MORE_OR_EQ) => Binary::GreaterOrEqual,
            Some(K::TOKEN_MUL) => Binary::Multiply,
            Some(K::TOKEN_NOT_EQUAL) => Binary::NotEqual,
            Some(K::TOKEN_OR_OR) => Binary::Or,
            Some(K::TOKEN_SUB) => Binary::Subtract,
            Some(K::TOKEN_UPDATE) => Binary::Update,
            _ => return Err(SyntaxError::new("unknown operator", wide(node.span()))),
        };
        Ok(self.made(ExprKind::Binary { operator, left, right }, node))
    }

    fn variable(&self, name: Symbol, span: Range<u32>, scope: Env<'_>) -> Result<ExprKind> {
        let found = scope.map_or(Found::Nothing, |scope| scope.find(name));
        if let Found::Variable(variable) = found {
            return Ok(ExprKind::Variable(variable));
        }
        if let Some(global) = (self.context.global)(name) {
            return Ok(ExprKind::Global(global));
        }
        match found {
            Found::With(depth) => Ok(ExprKind::WithVariable { depth, name }),
            _ => {
                let name = self.context.symbols.text(name);
                Err(SyntaxError::new(format!("undefined variable `{name}`"), wide(span)))
            }
        }
    }

    fn attrs(&self, tree: &Tree<'_>, scope: Env<'_>) -> Result<AttrsExpr> {
        if tree.recursive {
            let names: Vec<Symbol> = tree.named.keys().copied().collect();
            let level = Level::Names { first: None, sorted: &names };
            self.attrs_in(tree, scope, Some(&Scope { up: scope, level }))
        } else {
            self.attrs_in(tree, scope, scope)
        }
    }

    fn attrs_in(&self, tree: &Tree<'_>, outer: Env<'_>, inner: Env<'_>) -> Result<AttrsExpr> {
        let from = tree.from.iter().map(|source| self.expr(*source, inner));
        let from = from.collect::<Result<_>>()?;
        let mut definitions = Vec::with_capacity(tree.named.len());
        for (name, entry) in &tree.named {
            let value = match &entry.value {
                Value::From(source) => DefinitionValue::From(*source),
                Value::Inherit => {
                    let kind = self.variable(*name, entry.span.clone(), outer)?;
                    DefinitionValue::Outer(Rc::new(Expr { kind, at: entry.at }))
                }
                value => DefinitionValue::Inner(self.value(value, entry.at, inner, Some(*name))?),
            };
            definitions.push(Definition { name: *name, at: entry.at, value });
        }
        let mut dynamic = Vec::with_capacity(tree.dynamic.len());
        for (name, entry) in &tree.dynamic {
            dynamic.push(DynamicDefinition {
                name: self.expr(*name, inner)?,
                at: entry.at,
                value: self.value(&entry.value, entry.at, inner, None)?,
            });
        }
        let overrides = definitions.iter().position(|it| it.name == known::OVERRIDES);
        Ok(AttrsExpr {
            recursive: tree.recursive,
            from,
            definitions: definitions.into(),
            dynamic: dynamic.into(),
            overrides: overrides.and_then(|index| u32::try_from(index).ok()),
        })
    }

    fn value(
        &self,
        value: &Value<'_>,
        at: Pos,
        scope: Env<'_>,
        name: Option<Symbol>,
    ) -> Result<ExprRef> {
        match value {
            Value::Node(node) => self.named_expr(*node, scope, name),
            Value::Set(tree) => {
                Ok(Rc::new(Expr { kind: ExprKind::Attrs(self.attrs(tree, scope)?), at }))
            }
            Value::From(_) | Value::Inherit => unreachable!("inherited names are never dynamic"),
        }
    }

    fn let_in(&self, node: Node<'_>, scope: Env<'_>) -> Result<ExprKind> {
        let mut tree = Tree::collect(self, node)?;
        tree.recursive = true;
        if let Some((_, entry)) = tree.dynamic.first() {
            let message = "dynamic attributes are not allowed in `let`";
            return Err(SyntaxError::new(message, wide(entry.span.clone())));
        }
        let names: Vec<Symbol> = tree.named.keys().copied().collect();
        let inner = Scope { up: scope, level: Level::Names { first: None, sorted: &names } };
        let bindings = self.attrs_in(&tree, scope, Some(&inner))?;
        let is_body =
            |child: &Node<'_>| !matches!(child.kind(), K::NODE_ATTRPATH_VALUE | K::NODE_INHERIT);
        let Some(body) = node.nodes().find(is_body) else {
            return Err(SyntaxError::new("`let` without a body", wide(node.span())));
        };
        Ok(ExprKind::Let { bindings, body: self.expr(body, Some(&inner))? })
    }

    /// `let { x = 1; body = x; }` is `(rec { x = 1; body = x; }).body`.
    fn old_let(&self, node: Node<'_>, scope: Env<'_>) -> Result<ExprKind> {
        self.closed(node, K::TOKEN_R_BRACE)?;
        let mut tree = Tree::collect(self, node)?;
        tree.recursive = true;
        let base = self.made(ExprKind::Attrs(self.attrs(&tree, scope)?), node);
        let path = [AttrName::Static(known::BODY)].into();
        Ok(ExprKind::Select { base, path, default: None })
    }

    fn lambda(&self, node: Node<'_>, scope: Env<'_>, name: Option<Symbol>) -> Result<ExprKind> {
        let parameter = self.child(node, 0)?;
        let body = self.child(node, 1)?;
        let at = self.pos(node);
        if parameter.kind() == K::NODE_IDENT_PARAM {
            let argument = self.symbol(self.child(parameter, 0)?)?;
            let inner = Scope { up: scope, level: Level::Name(argument) };
            let body = self.expr(body, Some(&inner))?;
            let parameter = Parameter::Name(argument);
            return Ok(ExprKind::Lambda(Rc::new(LambdaExpr { name, parameter, body, at })));
        }
        let bind = match parameter.node(K::NODE_PAT_BIND) {
            Some(bind) => Some(self.symbol(self.child(bind, 0)?)?),
            None => None,
        };
        let mut entries = Vec::new();
        for entry in parameter.nodes().filter(|child| child.kind() == K::NODE_PAT_ENTRY) {
            entries.push((self.symbol(self.child(entry, 0)?)?, entry));
        }
        entries.sort_by_key(|(name, _)| *name);
        let sorted: Vec<Symbol> = entries.iter().map(|(name, _)| *name).collect();
        let doubled = entries.windows(2).find(|pair| pair[0].0 == pair[1].0).map(|pair| pair[1]);
        let shadowed = entries.iter().find(|(name, _)| bind == Some(*name)).copied();
        if let Some((name, entry)) = doubled.or(shadowed) {
            let name = self.context.symbols.text(name);
            let message = format!("duplicate formal function argument `{name}`");
            return Err(SyntaxError::new(message, wide(entry.span())));
        }
        let inner = Scope { up: scope, level: Level::Names { first: bind, sorted: &sorted } };
        let mut formals = Vec::with_capacity(entries.len());
        for (name, entry) in entries {
            let default = match entry.nodes().nth(1) {
                Some(default) => Some(self.expr(default, Some(&inner))?),
                None => None,
            };
            formals.push(Formal { name, at: self.pos(entry), default });
        }
        let body = self.expr(body, Some(&inner))?;
        let ellipsis = parameter.has_token(K::TOKEN_ELLIPSIS);
        let parameter = Parameter::Pattern { bind, formals: formals.into(), ellipsis };
        Ok(ExprKind::Lambda(Rc::new(LambdaExpr { name, parameter, body, at })))
    }

    fn literal(&self, node: Node<'_>) -> Result<ExprKind> {
        let Some(token) = node.first_token() else {
            return Err(SyntaxError::new("syntax error", wide(node.span())));
        };
        let text = token.text();
        let bad =
            |what| Err(SyntaxError::new(format!("invalid {what} `{text}`"), wide(token.span())));
        match token.kind() {
            K::TOKEN_INTEGER => {
                text.parse().map_or_else(|_| bad("integer"), |n| Ok(ExprKind::Int(n)))
            }
            K::TOKEN_FLOAT => match text.parse::<f64>() {
                Ok(number) if number.is_finite() => Ok(ExprKind::Float(number)),
                _ => bad("float"),
            },
            _ => Ok(ExprKind::String(self.text(text.as_bytes(), self.pos(node)))),
        }
    }

    fn string(&self, node: Node<'_>, scope: Env<'_>) -> Result<ExprKind> {
        let at = self.pos(node);
        let mut pieces = self.pieces(node)?;
        if let [] | [Ok(_)] = pieces.as_slice() {
            let text = pieces.pop().and_then(std::result::Result::ok).unwrap_or_default();
            return Ok(ExprKind::String(self.text(text.as_bytes(), at)));
        }
        let part = |piece| match piece {
            Ok(text) => {
                let text: String = text;
                let kind = ExprKind::String(self.text(text.as_bytes(), at));
                Ok(Rc::new(Expr { kind, at }))
            }
            Err(interpolation) => self.expr(self.child(interpolation, 0)?, scope),
        };
        let parts = pieces.into_iter().map(part).collect::<Result<_>>()?;
        Ok(ExprKind::Concat { parts, string: true })
    }

    /// The texts and interpolations of a string literal, unescaped; texts that came out empty are left out.
    fn pieces<'t>(&self, node: Node<'t>) -> Result<Vec<strings::Piece<Node<'t>>>> {
        let indented = node.first_token().is_some_and(|token| token.text() == "''");
        let mut pieces = Vec::new();
        for child in node.children() {
            match child {
                NodeOrToken::Token(token) if token.kind() == K::TOKEN_STRING_CONTENT => {
                    pieces.push(Ok(if indented {
                        token.text().to_owned()
                    } else {
                        strings::unescape(token.text())
                    }));
                }
                NodeOrToken::Token(_) => {}
                NodeOrToken::Node(child) => pieces.push(Err(child)),
            }
        }
        if indented {
            pieces = strings::strip_indentation(pieces);
        }
        pieces.retain(|piece| !matches!(piece, Ok(text) if text.is_empty()));
        Ok(pieces)
    }

    fn path(&self, node: Node<'_>, scope: Env<'_>) -> Result<ExprKind> {
        let at = self.pos(node);
        let mut parts = Vec::new();
        for child in node.children() {
            match child {
                NodeOrToken::Token(token) if parts.is_empty() => {
                    let kind = self.path_start(token.text(), node);
                    let kind = kind.map_or(ExprKind::OutOfReach(NO_HOME), ExprKind::Path);
                    parts.push(Rc::new(Expr { kind, at }));
                }
                NodeOrToken::Token(token) => {
                    let kind = ExprKind::String(self.text(token.text().as_bytes(), Pos::NONE));
                    parts.push(Rc::new(Expr { kind, at }));
                }
                NodeOrToken::Node(child) => parts.push(self.expr(self.child(child, 0)?, scope)?),
            }
        }
        match parts.as_slice() {
            [one] => match &one.kind {
                ExprKind::Path(path) => Ok(ExprKind::Path(Rc::clone(path))),
                ExprKind::OutOfReach(why) => Ok(ExprKind::OutOfReach(why)),
                _ => Err(SyntaxError::new("syntax error", wide(node.span()))),
            },
            _ => Ok(ExprKind::Concat { parts: parts.into(), string: false }),
        }
    }

    /// The literal start of a path, absolute; `None` if it starts from an unknown home. A slash before an
    /// interpolation is kept.
    fn path_start(&self, text: &str, node: Node<'_>) -> Option<Rc<NixString>> {
        let text = text.as_bytes();
        let mut absolute = match text.strip_prefix(b"~/") {
            None => paths::absolute(text, self.context.base),
            Some(rest) => paths::absolute(rest, self.context.home?),
        };
        if text.len() > 1 && text.ends_with(b"/") && !absolute.ends_with(b"/") {
            absolute.push(b'/');
        }
        Some(self.text(&absolute, self.pos(node)))
    }

    /// `<name>` is `__findFile __nixPath "name"`, with whatever these names mean here.
    fn search_path(&self, node: Node<'_>, scope: Env<'_>) -> Result<ExprKind> {
        let text = node.first_token().map_or("", |token| token.text());
        let name = text.trim_start_matches('<').trim_end_matches('>');
        let find = self.made(self.variable(known::FIND_FILE, node.span(), scope)?, node);
        let paths = self.made(self.variable(known::NIX_PATH, node.span(), scope)?, node);
        let name = self.text(name.as_bytes(), self.pos(node));
        let name = self.made(ExprKind::String(name), node);
        Ok(ExprKind::Apply { function: find, arguments: [paths, name].into() })
    }

    fn attr_path(&self, node: Node<'_>, scope: Env<'_>) -> Result<Box<[AttrName]>> {
        let name = |step| match step {
            Step::Static(name) => Ok(AttrName::Static(name)),
            Step::Dynamic(node) => Ok(AttrName::Dynamic(self.expr(node, scope)?)),
        };
        self.steps(node)?.into_iter().map(name).collect()
    }

    pub(super) fn steps<'t>(&self, path: Node<'t>) -> Result<Vec<Step<'t>>> {
        path.nodes().map(|node| self.step(node)).collect()
    }

    /// A name in an attribute path. `${"a"}` and `"a"` are as static as `a`.
    pub(super) fn step<'t>(&self, node: Node<'t>) -> Result<Step<'t>> {
        let string = match node.kind() {
            K::NODE_IDENT => return Ok(Step::Static(self.symbol(node)?)),
            K::NODE_STRING => node,
            _ => {
                let inner = self.bare(self.child(node, 0)?)?;
                if inner.kind() != K::NODE_STRING {
                    return Ok(Step::Dynamic(inner));
                }
                inner
            }
        };
        match self.pieces(string)?.as_slice() {
            [] => Ok(Step::Static(self.context.symbols.intern(b""))),
            [Ok(text)] => Ok(Step::Static(self.context.symbols.intern(text.as_bytes()))),
            _ => Ok(Step::Dynamic(string)),
        }
    }

    /// The node inside any parentheses, which must be closed.
    pub(super) fn bare<'t>(&self, mut node: Node<'t>) -> Result<Node<'t>> {
        while node.kind() == K::NODE_PAREN {
            self.closed(node, K::TOKEN_R_PAREN)?;
            node = self.child(node, 0)?;
        }
        Ok(node)
    }

    /// Refuses to go deeper than the stack.
    pub(super) fn room(&self, node: Node<'_>) -> Result<()> {
        if memory::stack_is_low() {
            return Err(SyntaxError::new("expression is nested too deeply", wide(node.span())));
        }
        Ok(())
    }

    /// Refuses a bracket that rnix closed with whatever came.
    pub(super) fn closed(&self, node: Node<'_>, bracket: K) -> Result<()> {
        if node.has_token(bracket) {
            return Ok(());
        }
        Err(SyntaxError::new("unclosed bracket", wide(node.span())))
    }

    pub(super) fn child<'t>(&self, node: Node<'t>, index: usize) -> Result<Node<'t>> {
        let missing = || SyntaxError::new("syntax error", wide(node.span()));
        node.nodes().nth(index).ok_or_else(missing)
    }

    fn symbol(&self, node: Node<'_>) -> Result<Symbol> {
        match node.first_token() {
            Some(token) => Ok(self.context.symbols.intern(token.text().as_bytes())),
            None => Err(SyntaxError::new("syntax error", wide(node.span()))),
        }
    }

    pub(super) fn doubled(
        &self,
        path: &[Step<'_>],
        span: &Range<u32>,
        first: &Range<u32>,
    ) -> SyntaxError {
        let names: Vec<String> = path
            .iter()
            .map(|step| match step {
                Step::Static(name) => self.context.symbols.text(*name),
                Step::Dynamic(_) => "${…}".to_owned(),
            })
            .collect();
        SyntaxError {
            message: format!("attribute `{}` is already defined", names.join(".")),
            span: wide(span.clone()),
            related: Some(wide(first.clone())),
        }
    }

    pub(super) fn pos(&self, node: Node<'_>) -> Pos {
        self.context.sources.add_span(self.context.file, node.span())
    }

    fn text(&self, text: &[u8], at: Pos) -> Rc<NixString> {
        Rc::new(NixString::new(text, Sources::default(), at))
    }
}

pub(super) fn wide(span: Range<u32>) -> Range<usize> {
    span.start as usize..span.end as usize
}
