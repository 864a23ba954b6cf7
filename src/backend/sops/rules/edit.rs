//! Edits of `.sops.yaml`: a recipient added, replaced or removed, with its anchor and all its aliases.
//! Each edit is a few splices; the result is parsed again and must say what was meant.

use super::RulesFile;
use crate::backend::sops::error::SopsError;
use crate::backend::sops::keys::same_recipient;
use crate::format::yaml::YamlNode;
use crate::format::{Change, Document, Format, Splice, Step, Value};

/// A recipient to write.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Key {
    pub recipient: String,
    /// The anchor it is declared with, where the file declares its keys in a list of anchors.
    pub name: Option<String>,
}

/// A text in the file that names a recipient, alone or between commas.
struct Spot {
    path: Vec<Step>,
    alias: bool,
    /// Is it one of several in a string with commas?
    shared: bool,
    in_list: bool,
    span: std::ops::Range<usize>,
    text: String,
}

impl RulesFile {
    /// The text with `old` replaced by `new` wherever it is named; aliases follow their anchor.
    /// `None` if `old` is nowhere.
    ///
    /// # Errors
    /// `Format`, `Readback`.
    pub fn replaced(&self, old: &str, new: &str) -> Result<Option<Vec<u8>>, SopsError> {
        let doc = self.document()?;
        let splices: Vec<Splice> = self
            .spots(old)
            .into_iter()
            .filter(|spot| !spot.alias)
            .filter_map(|spot| {
                let source = &self.text()[spot.span.clone()];
                // In a string with commas only the piece changes.
                let piece =
                    spot.text.split(',').map(str::trim).find(|piece| same_recipient(piece, old))?;
                let at = spot.span.start + source.find(piece)?;
                Some(Splice::new(at..at + piece.len(), new))
            })
            .collect();
        if splices.is_empty() {
            return Ok(None);
        }
        let edited = doc.splice(splices)?;
        let meant: Vec<Value> =
            doc.tree()?.to_values().iter().map(|value| swapped(value, old, new)).collect();
        if edited.tree()?.to_values() != meant {
            return Err(SopsError::Readback);
        }
        Ok(Some(edited.bytes().to_vec()))
    }

    /// The text without `recipient`: out of every rule, then out of the list of anchors. `None` if it
    /// is nowhere.
    ///
    /// # Errors
    /// `Format`, `Readback`.
    pub fn removed(&self, recipient: &str) -> Result<Option<Vec<u8>>, SopsError> {
        let mut text: Option<Vec<u8>> = None;
        loop {
            let file = match &text {
                Some(text) => Self::parse(text)?,
                None => Self::parse(self.text().as_bytes())?,
            };
            // Aliases first: an anchor must not go before them.
            let spots = file.spots(recipient);
            let spot = spots.iter().rfind(|spot| spot.alias).or_else(|| spots.last());
            let Some(spot) = spot else { return Ok(text) };
            text = Some(file.without(spot, recipient)?);
        }
    }

    fn without(&self, spot: &Spot, recipient: &str) -> Result<Vec<u8>, SopsError> {
        let doc = self.document()?;
        if !spot.shared {
            if spot.in_list {
                return Ok(doc.change(0, &spot.path, &Change::Unset)?.bytes().to_vec());
            }
            // The only key of a string: the string stays, empty.
            return Ok(doc.change(0, &spot.path, &Change::Set(Value::str("")))?.bytes().to_vec());
        }
        let source = &self.text()[spot.span.clone()];
        let piece =
            spot.text.split(',').map(str::trim).find(|piece| same_recipient(piece, recipient));
        let piece = piece.ok_or(SopsError::Readback)?;
        let start = source.find(piece).ok_or(SopsError::Readback)?;
        let end = start + piece.len();
        // With the comma and white space behind it, or else those before it.
        let (before, behind) = (&source[..start], &source[end..]);
        let cut = match behind.trim_start().strip_prefix(',') {
            Some(rest) => start..source.len() - rest.trim_start().len(),
            None => {
                let kept = before.trim_end();
                kept.strip_suffix(',').unwrap_or(kept).len()..end
            }
        };
        let splice = Splice::cut(spot.span.start + cut.start..spot.span.start + cut.end);
        Ok(doc.splice(vec![splice])?.bytes().to_vec())
    }

    /// The text with `key` added to the rules of these numbers, in their first group. Where the file
    /// declares its keys in a list of anchors, the key is declared there and named by alias.
    ///
    /// # Errors
    /// `Format`, `Readback`.
    pub fn added(&self, key: &Key, rules: &[usize]) -> Result<Vec<u8>, SopsError> {
        let declared = self.declarations();
        let mut text = self.text().as_bytes().to_vec();
        let existing = self.spots(&key.recipient).into_iter().find_map(|spot| {
            let path = spot.path.clone();
            let here = declared.as_ref().is_some_and(|list| path.starts_with(list));
            here.then(|| node_at(self, &path).and_then(YamlNode::anchor).map(str::to_owned))
                .flatten()
        });
        let mut name = existing;
        if let (None, Some(list), Some(wanted)) = (&name, &declared, &key.name) {
            let doc = Document::parse(Format::Yaml, text)?;
            let count = self.items_at(list);
            let path: Vec<Step> = list.iter().cloned().chain([Step::Index(count)]).collect();
            let grown = doc.change(0, &path, &Change::Set(Value::str(&key.recipient)))?;
            let file = Self::parse(grown.bytes())?;
            let at = node_at(&file, &path).ok_or(SopsError::Readback)?.span().start;
            let splice = Splice::new(at..at, format!("&{wanted} "));
            text = grown.splice(vec![splice])?.bytes().to_vec();
            name = Some(wanted.clone());
        }
        for rule in rules {
            let file = Self::parse(&text)?;
            text = file.added_to(*rule, &key.recipient, name.as_deref())?;
        }
        Ok(text)
    }

    fn added_to(
        &self,
        rule: usize,
        recipient: &str,
        name: Option<&str>,
    ) -> Result<Vec<u8>, SopsError> {
        let doc = self.document()?;
        let place = self.rules.get(rule).ok_or(SopsError::Readback)?;
        let known = place
            .groups
            .first()
            .is_some_and(|group| group.age.iter().any(|key| same_recipient(&key.key, recipient)));
        if known {
            return Ok(doc.bytes().to_vec());
        }
        let mut path = vec![Step::from("creation_rules"), Step::Index(rule)];
        if place.grouped {
            path.extend([Step::from("key_groups"), Step::Index(0)]);
        }
        path.push(Step::from("age"));
        let list = node_at(self, &path);
        match list {
            Some(node)
                if !node.is_list() && node.text().is_some_and(|text| !text.trim().is_empty()) =>
            {
                if node.alias().is_some() {
                    // A whole shared string: what it says here is spelled out.
                    let text = format!("{},{recipient}", node.text().unwrap_or_default());
                    return Ok(doc
                        .change(0, &path, &Change::Set(Value::str(&text)))?
                        .bytes()
                        .to_vec());
                }
                let source = &self.text()[node.span()];
                let last = node
                    .text()
                    .unwrap_or_default()
                    .split(',')
                    .map(str::trim)
                    .rfind(|p| !p.is_empty());
                let last = last.unwrap_or_default();
                let end = source.rfind(last).ok_or(SopsError::Readback)? + last.len();
                let at = node.span().start + end;
                Ok(doc.splice(vec![Splice::new(at..at, format!(",{recipient}"))])?.bytes().to_vec())
            }
            Some(node) if node.is_list() => {
                path.push(Step::Index(node.items().count()));
                self.appended(&doc, &path, recipient, name)
            }
            _ if place.grouped => {
                path.push(Step::Index(0));
                self.appended(&doc, &path, recipient, name)
            }
            _ => Ok(doc.change(0, &path, &Change::Set(Value::str(recipient)))?.bytes().to_vec()),
        }
    }

    /// A new list item, as an alias where there is a name for it.
    fn appended(
        &self,
        doc: &Document,
        path: &[Step],
        recipient: &str,
        name: Option<&str>,
    ) -> Result<Vec<u8>, SopsError> {
        let grown = doc.change(0, path, &Change::Set(Value::str(recipient)))?;
        let Some(name) = name else { return Ok(grown.bytes().to_vec()) };
        let file = Self::parse(grown.bytes())?;
        let span = node_at(&file, path).ok_or(SopsError::Readback)?.span();
        let named = grown.splice(vec![Splice::new(span, format!("*{name}"))])?;
        if named.tree()?.to_values() != grown.tree()?.to_values() {
            return Err(SopsError::Readback);
        }
        Ok(named.bytes().to_vec())
    }

    fn document(&self) -> Result<Document, SopsError> {
        Ok(Document::parse(Format::Yaml, self.text().as_bytes().to_vec())?)
    }

    /// The path of the first list outside the rules whose items carry anchors.
    fn declarations(&self) -> Option<Vec<Step>> {
        fn find(node: YamlNode<'_>, path: &mut Vec<Step>, depth: usize) -> bool {
            if depth > 4 {
                return false;
            }
            if node.is_list()
                && node.items().any(|item| item.anchor().is_some() && item.text().is_some())
            {
                return true;
            }
            for (key, value) in node.pairs() {
                let Some(key) = key.text().filter(|key| depth > 0 || *key != "creation_rules")
                else {
                    continue;
                };
                path.push(Step::from(key));
                if find(value, path, depth + 1) {
                    return true;
                }
                path.pop();
            }
            false
        }
        let mut path = Vec::new();
        find(self.yaml.root(0)?, &mut path, 0).then_some(path)
    }

    fn items_at(&self, path: &[Step]) -> usize {
        node_at(self, path).map_or(0, |node| node.items().count())
    }

    /// Everything in the file that names `recipient`, in document order.
    fn spots(&self, recipient: &str) -> Vec<Spot> {
        fn visit(node: YamlNode<'_>, path: &mut Vec<Step>, recipient: &str, spots: &mut Vec<Spot>) {
            if let Some(text) = node.text() {
                let pieces: Vec<&str> =
                    text.split(',').map(str::trim).filter(|p| !p.is_empty()).collect();
                if pieces.iter().any(|piece| same_recipient(piece, recipient)) {
                    spots.push(Spot {
                        path: path.clone(),
                        alias: node.alias().is_some(),
                        shared: pieces.len() > 1,
                        in_list: matches!(path.last(), Some(Step::Index(_))),
                        span: node.span(),
                        text: text.to_owned(),
                    });
                }
                return;
            }
            if node.alias().is_some() {
                // What a collection alias says stands, and is found, at its anchor.
                return;
            }
            for (n, item) in node.items().enumerate() {
                path.push(Step::Index(n));
                visit(item, path, recipient, spots);
                path.pop();
            }
            for (key, value) in node.pairs() {
                if let Some(key) = key.text() {
                    path.push(Step::from(key));
                    visit(value, path, recipient, spots);
                    path.pop();
                }
            }
        }
        let mut spots = Vec::new();
        if let Some(root) = self.yaml.root(0) {
            visit(root, &mut Vec::new(), recipient, &mut spots);
        }
        spots
    }
}

fn node_at<'f>(file: &'f RulesFile, path: &[Step]) -> Option<YamlNode<'f>> {
    path.iter().try_fold(file.yaml.root(0)?, |node, step| match step {
        Step::Index(index) => node.items().nth(*index),
        Step::Key(key) => node.get(key),
    })
}

/// `value` with one recipient for another, also between commas.
fn swapped(value: &Value, old: &str, new: &str) -> Value {
    match value {
        Value::List(items) => {
            Value::List(items.iter().map(|item| swapped(item, old, new)).collect())
        }
        Value::Map(pairs) => Value::Map(
            pairs.iter().map(|(key, value)| (key.clone(), swapped(value, old, new))).collect(),
        ),
        Value::Scalar(_) => match value.as_str() {
            Some(text) => {
                let piece = text.split(',').map(str::trim).find(|piece| same_recipient(piece, old));
                piece.map_or_else(
                    || value.clone(),
                    |piece| Value::str(&text.replacen(piece, new, 1)),
                )
            }
            None => value.clone(),
        },
    }
}
