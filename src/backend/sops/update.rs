//! Brings the metadata of a document from one value to another with the fewest edits, so that what
//! did not change keeps its bytes, its order and its indentation.

use super::error::SopsError;
use super::flatten::flatten;
use crate::format::{Change, Document, Format, Step, Value};

/// Edits `doc`, which holds the metadata `old`, so that it holds `new`.
pub(super) fn update(doc: Document, old: &Value, new: &Value) -> Result<Document, SopsError> {
    let mut changes = Vec::new();
    match doc.format() {
        Format::Dotenv | Format::Ini => flat(doc.format(), old, new, &mut changes),
        _ => nested(&[Step::from("sops")], old, new, &mut changes),
    }
    let mut doc = doc;
    for (path, change) in changes {
        doc = doc.change(0, &path, &change)?;
    }
    Ok(doc)
}

/// The path of a flat metadata key, and how its value is spelled.
pub(super) fn flat_path(format: Format, key: &str) -> Vec<Step> {
    match format {
        Format::Dotenv => vec![Step::Key(format!("sops_{key}"))],
        _ => vec![Step::from("sops"), Step::from(key)],
    }
}

/// In INI the line breaks of metadata are escaped once more (`MetadataOpts.EscapeNewlines`).
pub(super) fn escaped(format: Format, value: &Value) -> Value {
    match (format, value.as_str()) {
        (Format::Ini, Some(text)) => Value::str(&text.replace('\n', "\\n")),
        _ => value.clone(),
    }
}

fn flat(format: Format, old: &Value, new: &Value, changes: &mut Vec<(Vec<Step>, Change)>) {
    let (old, new) = (flatten(old), flatten(new));
    for (key, value) in &new {
        if !old.iter().any(|(k, v)| k == key && v == value) {
            changes.push((flat_path(format, key), Change::Set(escaped(format, value))));
        }
    }
    for (key, _) in &old {
        if !new.iter().any(|(k, _)| k == key) {
            changes.push((flat_path(format, key), Change::Unset));
        }
    }
}

fn nested(path: &[Step], old: &Value, new: &Value, changes: &mut Vec<(Vec<Step>, Change)>) {
    if old == new {
        return;
    }
    let at = |step: Step| -> Vec<Step> { path.iter().cloned().chain([step]).collect() };
    match (old, new) {
        (Value::Map(before), Value::Map(after)) => {
            for (key, value) in after {
                let path = at(Step::from(key.as_str()));
                match before.iter().find(|(k, _)| k == key) {
                    Some((_, old)) => nested(&path, old, value, changes),
                    None => changes.push((path, Change::Set(value.clone()))),
                }
            }
            for (key, _) in before {
                if !after.iter().any(|(k, _)| k == key) {
                    changes.push((at(Step::from(key.as_str())), Change::Unset));
                }
            }
        }
        (Value::List(before), Value::List(after)) if !before.is_empty() && !after.is_empty() => {
            if before.len() == after.len() {
                for (n, (old, new)) in before.iter().zip(after).enumerate() {
                    nested(&at(Step::Index(n)), old, new, changes);
                }
                return;
            }
            let kept: Vec<&Value> = before.iter().filter(|item| after.contains(item)).collect();
            let begins = kept.len() <= after.len() && kept.iter().zip(after).all(|(a, b)| *a == b);
            if kept.is_empty() || !begins {
                changes.push((path.to_vec(), Change::Set(new.clone())));
                return;
            }
            for (n, item) in after.iter().enumerate().skip(kept.len()) {
                let index = before.len() + n - kept.len();
                changes.push((at(Step::Index(index)), Change::Set(item.clone())));
            }
            for n in (0..before.len()).rev().filter(|n| !after.contains(&before[*n])) {
                changes.push((at(Step::Index(n)), Change::Unset));
            }
        }
        _ => changes.push((path.to_vec(), Change::Set(new.clone()))),
    }
}
