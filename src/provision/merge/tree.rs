//! The attributes of a module file with the places of their values: all that a
//! merge needs to know of Nix. It looks through function heads, `let`, `with`
//! and parentheses for the last attribute set, and evaluates nothing.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use rnix::ast;
use rnix::ast::AstToken;
use rnix::ast::HasEntry;
use rowan::ast::AstNode;

use super::Meaning;
use super::span;
use crate::provision::literal;
use crate::text::Span;
use crate::text::edit::Edit;

/// Names from the outermost in.
pub(super) type Path = Vec<String>;

/// The largest file that is read, and the deepest nesting that is followed.
const MAX_BYTES: usize = 1 << 20;
const MAX_DEPTH: usize = 16;

/// A module.
pub(super) struct Tree<'a> {
    pub(super) text: &'a str,
    pub(super) entries: Vec<Entry<'a>>,
    braces: Span,
}

/// One `path = value;`.
pub(super) struct Entry<'a> {
    pub(super) path: Path,
    /// With the semicolon.
    pub(super) span: Span,
    pub(super) source: &'a str,
    pub(super) value: Value<'a>,
}

pub(super) enum Value<'a> {
    Leaf(Leaf<'a>),
    Set { braces: Span, entries: Vec<Entry<'a>> },
}

/// A value that is no attribute set.
#[derive(Clone)]
pub(super) struct Leaf<'a> {
    pub(super) span: Span,
    pub(super) source: &'a str,
    /// The value with the blanks after its `=`.
    pub(super) assigned: Span,
    pub(super) assignment: &'a str,
    tokens: Meaning,
    pub(super) list: Option<List<'a>>,
}

#[derive(Clone)]
pub(super) struct List<'a> {
    brackets: Span,
    pub(super) items: Vec<Item<'a>>,
}

#[derive(Clone)]
pub(super) struct Item<'a> {
    pub(super) span: Span,
    pub(super) source: &'a str,
    pub(super) meaning: String,
}

impl<'a> Tree<'a> {
    /// `None` if the text is no module, or not one that a person would write.
    pub(super) fn read(text: &'a str) -> Option<Self> {
        if text.len() > MAX_BYTES {
            return None;
        }
        let root = rnix::Root::parse(text);
        if !root.errors().is_empty() {
            return None;
        }
        let mut expression = root.tree().expr()?;
        let set = loop {
            expression = match expression {
                ast::Expr::Lambda(lambda) => lambda.body()?,
                ast::Expr::LetIn(let_in) => let_in.body()?,
                ast::Expr::Paren(paren) => paren.expr()?,
                ast::Expr::With(with) => with.body()?,
                ast::Expr::AttrSet(set) => break set,
                _ => return None,
            }
        };
        let (braces, entries) = read_set(text, &set, 0)?;
        Some(Self { text, entries, braces })
    }

    /// All values by their full paths. A path that is defined twice keeps the
    /// last; Nix refuses such a file.
    pub(super) fn leaves(&self) -> BTreeMap<Path, Leaf<'a>> {
        let mut leaves = BTreeMap::new();
        for entry in &self.entries {
            entry.collect(&Path::new(), &mut leaves);
        }
        leaves
    }

    /// Deletes a span with the blanks before it.
    pub(super) fn deletion(&self, span: Span) -> Edit {
        let before = self.text[..span.start].trim_end().len();
        // a comment ends at its line break, which must stay then
        let line = self.text[..before].rsplit('\n').next().unwrap_or_default();
        let start = if line.contains('#') { span.start } else { before };
        Edit::delete(Span::new(start, span.end))
    }

    /// What to write between the last item of a list and a new one.
    pub(super) fn separator(&self, list: &List<'_>) -> String {
        let inside = &self.text[list.brackets.start..list.brackets.end];
        match list.items.last() {
            Some(last) if inside.contains('\n') => self.break_before(last.span.start),
            _ => " ".to_owned(),
        }
    }

    /// Adds a whole entry to the module, beside its kind or at the end.
    pub(super) fn new_entry(&self, path: &Path, source: &str) -> Edit {
        let kin = self.entries.iter().rev().find(|entry| entry.path.first() == path.first());
        let blank = if source.contains('\n') { "\n\n" } else { "\n" };
        match kin.or(self.entries.last()) {
            Some(entry) => Edit::insert(entry.span.end, format!("{blank}  {source}")),
            None => Edit::insert(self.braces.start + 1, format!("\n  {source}\n")),
        }
    }

    /// Adds one value, in the deepest attribute set of the file that can hold it.
    pub(super) fn new_leaf(&self, path: &Path, source: &str) -> Edit {
        let (mut entries, mut braces, mut rest) = (&self.entries, self.braces, path.as_slice());
        'down: loop {
            for entry in entries {
                if let Value::Set { entries: inner, braces: at } = &entry.value {
                    match rest.strip_prefix(entry.path.as_slice()) {
                        Some(below) if !below.is_empty() => {
                            (entries, braces, rest) = (inner, *at, below);
                            continue 'down;
                        }
                        _ => {}
                    }
                }
            }
            break;
        }
        let text = format!("{} = {source};", dotted(rest));
        let inside = &self.text[braces.start..braces.end];
        match entries.last() {
            Some(last) if inside.contains('\n') => {
                Edit::insert(last.span.end, self.break_before(last.span.start) + &text)
            }
            Some(last) => Edit::insert(last.span.end, format!(" {text}")),
            None => Edit::insert(braces.start + 1, format!(" {text} ")),
        }
    }

    /// A line break and as many blanks as stand, or would stand, before `at`.
    fn break_before(&self, at: usize) -> String {
        let line = self.text[..at].rsplit('\n').next().unwrap_or_default();
        format!("\n{}", " ".repeat(line.chars().count().min(80)))
    }
}

impl<'a> Entry<'a> {
    pub(super) fn path_below(&self, above: &Path) -> Path {
        above.iter().chain(&self.path).cloned().collect()
    }

    pub(super) fn collect(&self, above: &Path, into: &mut BTreeMap<Path, Leaf<'a>>) {
        let path = self.path_below(above);
        match &self.value {
            Value::Leaf(leaf) => {
                into.insert(path, leaf.clone());
            }
            Value::Set { entries, .. } => {
                for entry in entries {
                    entry.collect(&path, into);
                }
            }
        }
    }
}

impl Leaf<'_> {
    /// The value without its layout.
    pub(super) fn meaning(&self) -> Meaning {
        match &self.list {
            Some(list) => {
                let items: Meaning = list.items.iter().map(|item| item.meaning.clone()).collect();
                List::meaning(&items)
            }
            None => self.tokens.clone(),
        }
    }
}

impl List<'_> {
    pub(super) fn names(&self) -> BTreeSet<String> {
        self.items.iter().map(|item| item.meaning.clone()).collect()
    }

    /// Where a new item goes.
    pub(super) fn end(&self) -> usize {
        self.items.last().map_or(self.brackets.start + 1, |item| item.span.end)
    }

    /// The meaning of a list of these items; a list is no other value.
    pub(super) fn meaning(items: &[String]) -> Meaning {
        let mut meaning = vec!["[".to_owned()];
        meaning.extend_from_slice(items);
        meaning
    }
}

/// A path as Nix writes it.
pub(super) fn dotted(path: &[String]) -> String {
    let names: Vec<String> = path.iter().map(|name| literal::attribute(name)).collect();
    names.join(".")
}

fn read_set<'a>(text: &'a str, set: &ast::AttrSet, depth: usize) -> Option<(Span, Vec<Entry<'a>>)> {
    let mut entries = Vec::new();
    for entry in set.entries() {
        entries.push(match entry {
            ast::Entry::AttrpathValue(entry) => read_entry(text, &entry, depth)?,
            ast::Entry::Inherit(inherit) => {
                let leaf = leaf(text, inherit.syntax());
                let path = vec![format!("inherit {}", leaf.source)];
                Entry { path, span: leaf.span, source: leaf.source, value: Value::Leaf(leaf) }
            }
        });
    }
    Some((span(set.syntax().text_range()), entries))
}

fn read_entry<'a>(text: &'a str, entry: &ast::AttrpathValue, depth: usize) -> Option<Entry<'a>> {
    let path = entry.attrpath()?.attrs().map(name).collect::<Option<Path>>()?;
    let value = entry.value()?;
    let at = span(entry.syntax().text_range());
    let mut value = match &value {
        ast::Expr::AttrSet(set) if set.rec_token().is_none() && depth < MAX_DEPTH => {
            let (braces, entries) = read_set(text, set, depth + 1)?;
            Value::Set { braces, entries }
        }
        ast::Expr::List(list) => {
            let items = list.items().map(|item| {
                let leaf = leaf(text, item.syntax());
                Item { span: leaf.span, source: leaf.source, meaning: leaf.tokens.join(" ") }
            });
            let brackets = span(list.syntax().text_range());
            let list_of = List { brackets, items: items.collect() };
            Value::Leaf(Leaf { list: Some(list_of), ..leaf(text, list.syntax()) })
        }
        other => Value::Leaf(leaf(text, other.syntax())),
    };
    if let (Value::Leaf(leaf), Some(equals)) = (&mut value, entry.assign_token()) {
        let start = span(equals.text_range()).end;
        // a comment between the two stays
        if text[start..leaf.span.start].trim().is_empty() {
            leaf.assigned = Span::new(start, leaf.span.end);
            leaf.assignment = &text[start..leaf.span.end];
        }
    }
    Some(Entry { path, span: at, source: &text[at.start..at.end], value })
}

/// The name of an attribute; one that is computed stands for itself.
fn name(attribute: ast::Attr) -> Option<String> {
    Some(match attribute {
        ast::Attr::Ident(ident) => ident.ident_token()?.text().to_owned(),
        ast::Attr::Str(string) => match string.normalized_parts().as_slice() {
            [] => String::new(),
            [ast::InterpolPart::Literal(text)] => text.clone(),
            _ => string.syntax().text().to_string(),
        },
        ast::Attr::Dynamic(dynamic) => dynamic.syntax().text().to_string(),
    })
}

fn leaf<'a>(text: &'a str, node: &rnix::SyntaxNode) -> Leaf<'a> {
    let at = span(node.text_range());
    let tokens = node.descendants_with_tokens().filter_map(rowan::NodeOrToken::into_token);
    let tokens = tokens.filter(|token| {
        ast::Whitespace::cast(token.clone()).is_none()
            && ast::Comment::cast(token.clone()).is_none()
    });
    let tokens = tokens.map(|token| token.text().to_owned()).collect();
    let source = &text[at.start..at.end];
    Leaf { span: at, source, assigned: at, assignment: source, tokens, list: None }
}
