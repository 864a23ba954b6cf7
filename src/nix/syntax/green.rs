//! A view of rnix's green tree with absolute offsets. Walking it allocates nothing, unlike the red tree, and
//! its spans are those that splice edits use.

use std::ops::Range;

use rnix::{NixLanguage, SyntaxKind};
use rowan::{GreenNodeData, GreenTokenData, Language, NodeOrToken};

/// A syntax node and where it starts.
#[derive(Clone, Copy)]
pub(super) struct Node<'t> {
    green: &'t GreenNodeData,
    start: u32,
}

/// A token and where it starts.
#[derive(Clone, Copy)]
pub(super) struct Token<'t> {
    green: &'t GreenTokenData,
    start: u32,
}

impl<'t> Node<'t> {
    pub(super) fn root(green: &'t GreenNodeData) -> Self {
        Self { green, start: 0 }
    }

    pub(super) fn kind(self) -> SyntaxKind {
        NixLanguage::kind_from_raw(self.green.kind())
    }

    pub(super) fn span(self) -> Range<u32> {
        self.start..self.start + u32::from(self.green.text_len())
    }

    pub(super) fn children(self) -> impl Iterator<Item = NodeOrToken<Self, Token<'t>>> {
        let mut offset = self.start;
        self.green.children().map(move |child| {
            let start = offset;
            match child {
                NodeOrToken::Node(green) => {
                    offset += u32::from(green.text_len());
                    NodeOrToken::Node(Self { green, start })
                }
                NodeOrToken::Token(green) => {
                    offset += u32::from(green.text_len());
                    NodeOrToken::Token(Token { green, start })
                }
            }
        })
    }

    pub(super) fn nodes(self) -> impl Iterator<Item = Self> {
        self.children().filter_map(NodeOrToken::into_node)
    }

    pub(super) fn tokens(self) -> impl Iterator<Item = Token<'t>> {
        self.children().filter_map(NodeOrToken::into_token)
    }

    pub(super) fn node(self, kind: SyntaxKind) -> Option<Self> {
        self.nodes().find(|node| node.kind() == kind)
    }

    pub(super) fn has_token(self, kind: SyntaxKind) -> bool {
        self.tokens().any(|token| token.kind() == kind)
    }

    /// The first token that is neither space nor comment.
    pub(super) fn first_token(self) -> Option<Token<'t>> {
        self.tokens().find(|token| {
            !matches!(token.kind(), SyntaxKind::TOKEN_WHITESPACE | SyntaxKind::TOKEN_COMMENT)
        })
    }
}

impl<'t> Token<'t> {
    pub(super) fn kind(self) -> SyntaxKind {
        NixLanguage::kind_from_raw(self.green.kind())
    }

    pub(super) fn text(self) -> &'t str {
        self.green.text()
    }

    pub(super) fn span(self) -> Range<u32> {
        self.start..self.start + u32::from(self.green.text_len())
    }
}
