//! The flat spelling of metadata in INI and dotenv (`stores/flatten.go`): `age__list_0__map_enc`.
//! Refuses lists with holes and keys that are a value and a list at once.

use std::collections::BTreeMap;

use super::error::SopsError;
use crate::format::Value;

const MAP: &str = "__map_";
const LIST: &str = "__list_";

/// `value` (a map) as flat pairs, in order.
pub(super) fn flatten(value: &Value) -> Vec<(String, Value)> {
    let mut out = Vec::new();
    if let Value::Map(pairs) = value {
        for (key, value) in pairs {
            descend(key.clone(), value, &mut out);
        }
    }
    out
}

fn descend(key: String, value: &Value, out: &mut Vec<(String, Value)>) {
    match value {
        Value::List(items) => {
            for (n, item) in items.iter().enumerate() {
                descend(format!("{key}{LIST}{n}"), item, out);
            }
        }
        Value::Map(pairs) => {
            for (name, value) in pairs {
                descend(format!("{key}{MAP}{name}"), value, out);
            }
        }
        Value::Scalar(_) => out.push((key, value.clone())),
    }
}

/// The map that flat `pairs` spell.
pub(super) fn unflatten(pairs: &[(String, Value)]) -> Result<Value, SopsError> {
    let mut root = Place::default();
    for (key, value) in pairs {
        let bad = || SopsError::BadMetadata { what: format!("`{key}` contradicts another key") };
        let mut place = &mut root;
        for token in tokens(key) {
            place = match token {
                Token::Key(name) => {
                    if !place.items.is_empty() {
                        return Err(bad());
                    }
                    let at = place.keys.iter().position(|(key, _)| *key == name);
                    let at = at.unwrap_or_else(|| {
                        place.keys.push((name, Place::default()));
                        place.keys.len() - 1
                    });
                    &mut place.keys[at].1
                }
                Token::Index(n) => {
                    if !place.keys.is_empty() {
                        return Err(bad());
                    }
                    place.items.entry(n).or_default()
                }
            };
        }
        if place.value.replace(value.clone()).is_some()
            || !place.keys.is_empty()
            || !place.items.is_empty()
        {
            return Err(bad());
        }
    }
    root.into_value()
}

#[derive(Default)]
struct Place {
    value: Option<Value>,
    keys: Vec<(String, Self)>,
    items: BTreeMap<usize, Self>,
}

impl Place {
    fn into_value(self) -> Result<Value, SopsError> {
        let bad = |what: &str| SopsError::BadMetadata { what: what.to_owned() };
        if let Some(value) = self.value {
            if !self.keys.is_empty() || !self.items.is_empty() {
                return Err(bad("a flat key is a value and more"));
            }
            return Ok(value);
        }
        if self.items.is_empty() {
            let pairs = self.keys.into_iter().map(|(key, place)| Ok((key, place.into_value()?)));
            return Ok(Value::Map(pairs.collect::<Result<_, SopsError>>()?));
        }
        if self.items.keys().enumerate().any(|(n, index)| n != *index) {
            return Err(bad("a flat list has holes"));
        }
        let items = self.items.into_values().map(Self::into_value);
        Ok(Value::List(items.collect::<Result<_, SopsError>>()?))
    }
}

enum Token {
    Index(usize),
    Key(String),
}

fn tokens(path: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut rest = path;
    let mut list = false;
    loop {
        let next = [rest.find(MAP), rest.find(LIST)].into_iter().flatten().min();
        let piece = &rest[..next.unwrap_or(rest.len())];
        tokens.push(if list {
            Token::Index(piece.parse().unwrap_or(0))
        } else {
            Token::Key(piece.to_owned())
        });
        let Some(next) = next else { return tokens };
        list = rest[next..].starts_with(LIST);
        rest = &rest[next + if list { LIST.len() } else { MAP.len() }..];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flat_and_back() {
        let entry = |n: &str| {
            Value::Map(vec![("enc".into(), Value::str(n)), ("recipient".into(), Value::str("r"))])
        };
        let value = Value::Map(vec![
            ("age".into(), Value::List(vec![entry("a"), entry("b")])),
            ("mac".into(), Value::str("m")),
        ]);
        let flat = flatten(&value);
        assert_eq!(flat[0].0, "age__list_0__map_enc");
        assert_eq!(unflatten(&flat).expect("unflatten"), value);
        let holes = [("a__list_1".to_owned(), Value::str("x"))];
        assert!(unflatten(&holes).is_err());
        let both = [("a".to_owned(), Value::str("x")), ("a__map_b".to_owned(), Value::str("x"))];
        assert!(unflatten(&both).is_err());
    }
}
