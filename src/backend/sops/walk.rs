//! Goes through the tree of a document in the order of sops, telling for each leaf and comment the
//! key path it is bound to and whether it is encrypted.

use super::select::Selector;
use crate::format::{Comment, Item, Leaf, Node};

/// One leaf or comment.
pub(super) enum Visit<'t> {
    Comment(&'t Comment),
    Leaf(&'t Leaf),
}

/// What is visited, and where.
pub(super) struct Stop<'t, 'w> {
    pub(super) visit: Visit<'t>,
    /// The keys on the way; a comment has those of what holds it.
    pub(super) path: &'w [String],
    pub(super) encrypted: bool,
    /// Is it an item of a list?
    pub(super) in_list: bool,
}

/// Visits all of `items`, the content of one document.
pub(super) fn walk<'t, E>(
    items: &'t [Item],
    selector: &Selector,
    visit: &mut dyn FnMut(Stop<'t, '_>) -> Result<(), E>,
) -> Result<(), E> {
    let mut walk = Walk { selector, path: Vec::new(), comments: Vec::new(), visit };
    walk.items(items, false)
}

struct Walk<'t, 'w, E> {
    selector: &'w Selector,
    path: Vec<String>,
    /// For each level, the comments since the last thing that was none.
    comments: Vec<Vec<Vec<u8>>>,
    visit: &'w mut dyn FnMut(Stop<'t, '_>) -> Result<(), E>,
}

impl<'t, E> Walk<'t, '_, E> {
    fn items(&mut self, items: &'t [Item], in_list: bool) -> Result<(), E> {
        self.comments.push(Vec::new());
        for item in items {
            match item {
                Item::Comment(comment) => {
                    if self.selector.on_comments
                        && let Some(level) = self.comments.last_mut()
                    {
                        level.push(comment.text.as_bytes().to_vec());
                    }
                    self.stop(Visit::Comment(comment), in_list)?;
                }
                Item::Entry { key, node } => {
                    if !in_list {
                        self.path.push(key.clone());
                    }
                    match node {
                        Node::Leaf(leaf) => self.stop(Visit::Leaf(leaf), in_list)?,
                        Node::List(items) => self.items(items, true)?,
                        Node::Map(items) => self.items(items, false)?,
                    }
                    if !in_list {
                        self.path.pop();
                    }
                    if let Some(level) = self.comments.last_mut() {
                        level.clear();
                    }
                }
            }
        }
        self.comments.pop();
        Ok(())
    }

    fn stop(&mut self, visit: Visit<'t>, in_list: bool) -> Result<(), E> {
        let is_comment = matches!(visit, Visit::Comment(_));
        let encrypted = self.selector.encrypts(&self.path, &self.comments, is_comment);
        (self.visit)(Stop { visit, path: &self.path, encrypted, in_list })
    }
}
