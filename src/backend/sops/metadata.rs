//! The metadata of a sops file, in every layout since 3.7: what is understood is in fields, the rest
//! stays in the document. Refuses contradicting selections and a file without time of change.

use super::error::SopsError;
use super::select::Selection;
use crate::format::{Scalar, Value};

/// One wrapped data key (or part) for an age or SSH recipient.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct AgeEntry {
    pub recipient: String,
    /// An armored age file.
    pub enc: String,
}

/// A key of a kind that is carried through untouched.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ForeignKey {
    /// The metadata key of its list: `pgp`, `kms`, `gcp_kms`, `hckms`, `azure_kv`, `hc_vault`.
    pub kind: &'static str,
    /// What identifies it: a fingerprint, an ARN, a URL.
    pub name: String,
}

/// One key group: any of its keys opens the group's part of the data key.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Group {
    pub age: Vec<AgeEntry>,
    pub foreign: Vec<ForeignKey>,
}

/// The metadata of one file.
#[derive(Clone, Debug, PartialEq)]
pub struct Metadata {
    pub groups: Vec<Group>,
    /// Are the groups under `key_groups`, or is the only one at the top?
    pub grouped: bool,
    /// As in the file; RFC 3339.
    pub last_modified: String,
    /// The encrypted MAC; empty if there is none.
    pub mac: String,
    pub mac_only_encrypted: bool,
    pub selection: Selection,
    pub shamir_threshold: Option<usize>,
    pub version: Option<String>,
}

const FOREIGN: [(&str, &[&str]); 6] = [
    ("azure_kv", &["vault_url", "name"]),
    ("gcp_kms", &["resource_id"]),
    ("hc_vault", &["vault_address", "key_name"]),
    ("hckms", &["key_id"]),
    ("kms", &["arn"]),
    ("pgp", &["fp"]),
];

const SELECTIONS: [&str; 6] = [
    "encrypted_comment_regex",
    "encrypted_regex",
    "encrypted_suffix",
    "unencrypted_comment_regex",
    "unencrypted_regex",
    "unencrypted_suffix",
];

impl Metadata {
    /// Reads the (unflattened) metadata map.
    pub(super) fn read(value: &Value) -> Result<Self, SopsError> {
        let bad = |what: String| SopsError::BadMetadata { what };
        if !matches!(value, Value::Map(_)) {
            return Err(bad("`sops` is not a mapping".to_owned()));
        }
        let groups = match value.get("key_groups") {
            Some(Value::List(groups)) if !groups.is_empty() => groups.iter().map(group).collect(),
            _ => vec![group(value)],
        };
        let grouped =
            matches!(value.get("key_groups"), Some(Value::List(groups)) if !groups.is_empty());
        let mut selection = None;
        for key in SELECTIONS {
            let text = text(value, key).filter(|text| !text.is_empty());
            let Some(found) = text.and_then(|text| Selection::of_key(key, &text)) else { continue };
            if let Some(before) = selection.replace(found) {
                return Err(bad(format!("both `{}` and `{key}`", before.key().0)));
            }
        }
        Ok(Self {
            groups,
            grouped,
            last_modified: text(value, "lastmodified")
                .ok_or_else(|| bad("no `lastmodified`".to_owned()))?,
            mac: text(value, "mac").unwrap_or_default(),
            mac_only_encrypted: text(value, "mac_only_encrypted").is_some_and(|text| {
                matches!(text.as_str(), "true" | "1" | "t" | "T" | "TRUE" | "True")
            }),
            selection: selection.unwrap_or_default(),
            shamir_threshold: text(value, "shamir_threshold")
                .and_then(|text| text.parse().ok())
                .filter(|threshold| *threshold > 0),
            version: text(value, "version"),
        })
    }

    /// The additional data of the MAC: the time of change as sops prints it.
    pub(super) fn mac_aad(&self) -> Result<String, SopsError> {
        mac_aad(&self.last_modified)
    }

    /// How many groups have to be opened.
    #[must_use]
    pub fn needed(&self) -> usize {
        if self.groups.len() < 2 {
            return 1;
        }
        self.shamir_threshold.unwrap_or(self.groups.len()).min(self.groups.len()).max(2)
    }

    /// All age and SSH recipients, in file order.
    pub fn recipients(&self) -> impl Iterator<Item = &str> {
        self.groups.iter().flat_map(|group| &group.age).map(|entry| entry.recipient.as_str())
    }

    /// All keys of other kinds.
    pub fn foreign(&self) -> impl Iterator<Item = &ForeignKey> {
        self.groups.iter().flat_map(|group| &group.foreign)
    }
}

/// Without fractions of a second, an offset of zero as `Z`.
fn mac_aad(time: &str) -> Result<String, SopsError> {
    let bad = || SopsError::BadMetadata { what: "`lastmodified` is not a time".to_owned() };
    let parsed =
        crate::format::yaml::parse_time(time).filter(|_| time.len() > 10).ok_or_else(bad)?;
    Ok(match parsed.split_once('.') {
        Some((seconds, rest)) => {
            format!("{seconds}{}", rest.trim_start_matches(|c: char| c.is_ascii_digit()))
        }
        None => parsed,
    })
}

fn group(value: &Value) -> Group {
    let list = |key: &str| match value.get(key) {
        Some(Value::List(items)) => items.as_slice(),
        _ => &[],
    };
    let age = list("age").iter().map(|entry| AgeEntry {
        recipient: text(entry, "recipient").unwrap_or_default(),
        enc: text(entry, "enc").unwrap_or_default(),
    });
    let foreign = FOREIGN.iter().flat_map(|(kind, names)| {
        list(kind).iter().map(|entry| ForeignKey {
            kind,
            name: names.iter().filter_map(|name| text(entry, name)).collect::<Vec<_>>().join("/"),
        })
    });
    Group { age: age.collect(), foreign: foreign.collect() }
}

/// The text of a leaf, however it is typed.
fn text(value: &Value, key: &str) -> Option<String> {
    let Value::Scalar(scalar) = value.get(key)? else { return None };
    match scalar {
        Scalar::Bool(bool) => Some(bool.to_string()),
        Scalar::Float(float) => Some(float.to_string()),
        Scalar::Int(int) => Some(int.to_string()),
        Scalar::Null => None,
        Scalar::Str(text) => text.as_str().map(str::to_owned),
        Scalar::Time(time) => Some(time.clone()),
    }
}
