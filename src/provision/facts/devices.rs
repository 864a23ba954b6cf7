//! Device nodes: which path leads to which device number, from `/dev`.

use std::collections::BTreeMap;

use serde::Serialize;

use super::super::document::DevNum;
use super::super::document::Document;

/// Paths below `/dev` and the block devices they lead to.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Devices {
    paths: BTreeMap<String, DevNum>,
}

impl Devices {
    /// The number behind a path, if there is such a node.
    #[must_use]
    pub fn number(&self, path: &str) -> Option<DevNum> {
        self.paths.get(path).copied()
    }

    /// The first path below `dir` that leads to this device.
    #[must_use]
    pub fn name_below(&self, dir: &str, number: DevNum) -> Option<&str> {
        let from = format!("{dir}/");
        self.paths
            .range(from.clone()..)
            .take_while(|(path, _)| path.starts_with(&from))
            .find(|(_, found)| **found == number)
            .map(|(path, _)| path.as_str())
    }

    /// Does any path start with `prefix` and go on with a digit.
    #[must_use]
    pub fn any_numbered(&self, prefix: &str) -> bool {
        self.paths.keys().any(|path| {
            path.strip_prefix(prefix)
                .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
        })
    }
}

pub(super) fn read(document: &Document) -> Devices {
    let paths = document.devs_below("/dev").map(|(path, number)| (path.to_owned(), number));
    Devices { paths: paths.collect() }
}
