//! Goes through the tree of a document in the order of sops, telling for each leaf and comment the
//! key path it is bound to and whether it is encrypted.

use super::select::Selector;
use crate::format::{Comment, Item, Leaf, Node, Scalar};

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
    /// Is it the first of a list that has nothing but encrypted comments?
    pub(super) empties: bool,
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
        let empty = in_list && items.iter().all(is_comment);
        for (n, item) in items.iter().enumerate() {
            let empties = empty && n == 0;
            match item {
                Item::Comment(comment) => {
                    if self.selector.on_comments
                        && let Some(level) = self.comments.last_mut()
                    {
                        level.push(comment.text.as_bytes().to_vec());
                    }
                    self.stop(Visit::Comment(comment), in_list, empties)?;
                }
                Item::Entry { key, node } => {
                    if !in_list {
                        self.path.push(key.clone());
                    }
                    match node {
                        Node::Leaf(leaf) => self.stop(Visit::Leaf(leaf), in_list, empties)?,
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

    fn stop(&mut self, visit: Visit<'t>, in_list: bool, empties: bool) -> Result<(), E> {
        let is_comment = matches!(visit, Visit::Comment(_));
        let encrypted = self.selector.encrypts(&self.path, &self.comments, is_comment);
        (self.visit)(Stop { visit, path: &self.path, encrypted, in_list, empties })
    }
}

/// Is it a comment, or one that sops stored as an item?
fn is_comment(item: &Item) -> bool {
    match item {
        Item::Comment(_) => true,
        Item::Entry { node: Node::Leaf(leaf), .. } => is_comment_item(&leaf.scalar),
        Item::Entry { .. } => false,
    }
}

/// Is it the text of an encrypted comment?
pub(super) fn is_comment_item(scalar: &Scalar) -> bool {
    scalar.as_str().is_some_and(|text| text.starts_with("ENC[") && text.ends_with(",type:comment]"))
}
