//! What names a Nix file gives to its texts, by syntax alone: string literals with the attribute path
//! they are bound to, and lists with the names of their members. It evaluates nothing; names are for
//! people, never for deciding who may read what.

use std::ops::Range;

use rnix::ast;
use rnix::ast::AstToken;
use rnix::ast::HasEntry;
use rowan::ast::AstNode;

use super::syntax;

/// A string literal and where it is bound.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct BoundString {
    /// Names of the bindings around the literal, outermost first: `["hosts", "web"]`.
    pub path: Vec<String>,
    /// Whether it is an item of a list, which is what its path names then.
    pub in_list: bool,
    /// Bytes of the literal in the file, quotes included.
    pub span: Range<usize>,
    /// The text, with escapes resolved and interpolations left out.
    pub value: String,
    /// A comment that follows on the same line, as keys in lists are often named.
    pub comment: Option<String>,
}

/// A list, and the names it mentions: `hosts = [ web keys.db ]`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct BoundList {
    pub path: Vec<String>,
    /// Identifiers and the last names of selections, in order.
    pub members: Vec<String>,
}

/// All that a file binds.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Bindings {
    pub lists: Vec<BoundList>,
    pub strings: Vec<BoundString>,
}

impl Bindings {
    /// Reads as much as can be parsed; a file that is no Nix has no bindings.
    pub fn scan(text: &str) -> Self {
        let mut bindings = Self::default();
        if syntax::check(text).is_err() {
            return bindings;
        }
        let root = rnix::Root::parse(text).tree();
        for node in root.syntax().descendants() {
            if let Some(string) = ast::Str::cast(node.clone()) {
                bindings.strings.extend(bound_string(&string));
            } else if let Some(list) = ast::List::cast(node) {
                let members = list.items().filter_map(member).collect();
                bindings.lists.push(BoundList { path: path_of(list.syntax()), members });
            }
        }
        bindings
    }
}

fn bound_string(string: &ast::Str) -> Option<BoundString> {
    let inside_name = string.syntax().ancestors().any(|node| ast::Attrpath::can_cast(node.kind()));
    if inside_name {
        return None;
    }
    let value = string
        .normalized_parts()
        .into_iter()
        .filter_map(|part| match part {
            ast::InterpolPart::Literal(text) => Some(text),
            ast::InterpolPart::Interpolation(_) => None,
        })
        .collect();
    let range = string.syntax().text_range();
    let parents = string.syntax().ancestors().skip(1);
    let mut outer = parents.skip_while(|node| ast::Paren::can_cast(node.kind()));
    Some(BoundString {
        in_list: outer.next().is_some_and(|node| ast::List::can_cast(node.kind())),
        path: path_of(string.syntax()),
        span: range.start().into()..range.end().into(),
        value,
        comment: comment_after(string.syntax()),
    })
}

/// The names of the bindings that enclose a node, outermost first.
fn path_of(node: &rnix::SyntaxNode) -> Vec<String> {
    let mut groups: Vec<Vec<String>> = node
        .ancestors()
        .filter_map(ast::AttrpathValue::cast)
        .filter_map(|binding| binding.attrpath())
        .map(|path| path.attrs().filter_map(|attr| attr_name(&attr)).collect())
        .collect();
    groups.reverse();
    groups.concat()
}

fn attr_name(attr: &ast::Attr) -> Option<String> {
    match attr {
        ast::Attr::Ident(ident) => ident.ident_token().map(|token| token.text().to_owned()),
        ast::Attr::Str(string) => match string.normalized_parts().as_slice() {
            [ast::InterpolPart::Literal(text)] => Some(text.clone()),
            _ => None,
        },
        ast::Attr::Dynamic(_) => None,
    }
}

fn member(item: ast::Expr) -> Option<String> {
    match item {
        ast::Expr::Ident(ident) => ident.ident_token().map(|token| token.text().to_owned()),
        ast::Expr::Select(select) => attr_name(&select.attrpath()?.attrs().last()?),
        _ => None,
    }
}

/// The `# …` between a node (and its `;`) and the end of its line.
fn comment_after(node: &rnix::SyntaxNode) -> Option<String> {
    let mut token = node.last_token()?;
    while let Some(next) = token.next_token() {
        if let Some(comment) = ast::Comment::cast(next.clone()) {
            return Some(comment.text().trim().to_owned()).filter(|text| !text.is_empty());
        }
        let text = next.text();
        if text.contains('\n') || !(text.trim().is_empty() || text == ";") {
            return None;
        }
        token = next;
    }
    None
}

/// Whether a parsed file is a set of bindings at its top, past `let … in`, `rec` and `with`.
pub fn top_level_names(text: &str) -> Vec<String> {
    let mut expr = rnix::Root::parse(text).tree().expr();
    while let Some(current) = expr {
        expr = match current {
            ast::Expr::LetIn(inner) => inner.body(),
            ast::Expr::With(inner) => inner.body(),
            ast::Expr::Paren(inner) => inner.expr(),
            ast::Expr::AttrSet(set) => {
                return set
                    .attrpath_values()
                    .filter_map(|binding| binding.attrpath()?.attrs().next())
                    .filter_map(|attr| attr_name(&attr))
                    .collect();
            }
            _ => None,
        };
    }
    Vec::new()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_know_their_names() {
        let text = r#"let alice = "k1"; hosts = { web = "k2"; "db.x" = ''k3''; };
in { "a.age".publicKeys = [ alice hosts.web "k4" # laptop
]; }"#;
        let found = Bindings::scan(text);
        let named: Vec<(String, &str, Option<&str>)> = found
            .strings
            .iter()
            .map(|s| (s.path.join("/"), s.value.as_str(), s.comment.as_deref()))
            .collect();
        assert_eq!(
            named,
            [
                ("alice".to_owned(), "k1", None),
                ("hosts/web".to_owned(), "k2", None),
                ("hosts/db.x".to_owned(), "k3", None),
                ("a.age/publicKeys".to_owned(), "k4", Some("laptop")),
            ]
        );
        assert_eq!(&text[found.strings[1].span.clone()], "\"k2\"");
        assert!(found.strings[3].in_list && !found.strings[1].in_list);
        assert_eq!(found.lists[0].members, ["alice", "web"]);
        assert_eq!(top_level_names(text), ["a.age"]);
    }

    #[test]
    fn broken_files_bind_what_can_be_read() {
        assert_eq!(Bindings::scan(""), Bindings::default());
        Bindings::scan("{ a = \"x; ''${ [ ");
    }
}
