//! File systems that span several devices: which devices hold them, and where
//! zfs itself mounts its datasets.

use std::collections::BTreeMap;

use serde::Serialize;

use super::super::document::Document;

/// Members of zfs pools, btrfs and bcachefs file systems.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Storage {
    /// zfs pool → device paths. `None` if the machine could not say.
    pub zfs_pools: Option<BTreeMap<String, Vec<String>>>,
    /// zfs dataset → its `mountpoint` property. `None` if it could not be read.
    pub zfs_mountpoints: Option<BTreeMap<String, String>>,
    /// btrfs file systems, each the kernel names of its devices.
    pub btrfs: Vec<Vec<String>>,
    /// bcachefs UUID → kernel names of its devices.
    pub bcachefs: BTreeMap<String, Vec<String>>,
}

pub(super) fn read(document: &Document) -> Storage {
    Storage {
        zfs_pools: document.output("zpool-list").map(pools),
        zfs_mountpoints: document.output("zfs-mountpoint").map(mountpoints),
        btrfs: members(document, "/sys/fs/btrfs", "devices").into_values().collect(),
        bcachefs: members(document, "/sys/fs/bcachefs", ""),
    }
}

/// `zpool list -vHPL`: pools at the margin, their devices after a tab.
fn pools(lines: &[String]) -> BTreeMap<String, Vec<String>> {
    let mut pools = BTreeMap::<String, Vec<String>>::new();
    let mut pool = None;
    for line in lines {
        let name = line.trim_start_matches('\t').split('\t').next().unwrap_or_default();
        if !line.starts_with('\t') {
            pool = Some(name);
            pools.entry(name.to_owned()).or_default();
        } else if let (Some(pool), true) = (pool, name.starts_with('/')) {
            pools.entry(pool.to_owned()).or_default().push(name.to_owned());
        }
    }
    pools
}

/// `zfs get -H -o name,value,source mountpoint`.
fn mountpoints(lines: &[String]) -> BTreeMap<String, String> {
    let fields = lines.iter().filter_map(|line| {
        let mut fields = line.split('\t');
        Some((fields.next()?.to_owned(), fields.next()?.to_owned()))
    });
    fields.collect()
}

/// `dir/UUID/…/below/LINK` → kernel names by UUID.
fn members(document: &Document, dir: &str, below: &str) -> BTreeMap<String, Vec<String>> {
    let mut found = BTreeMap::<String, Vec<String>>::new();
    for (path, target) in document.links_below(dir) {
        let mut parts = path[dir.len() + 1..].split('/');
        let (Some(uuid), Some(second)) = (parts.next(), parts.next()) else { continue };
        let device = target.rsplit('/').next().unwrap_or_default();
        if below.is_empty() || second == below {
            found.entry(uuid.to_owned()).or_default().push(device.to_owned());
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zpool_lists() {
        let text = "rpool\t960G\t1\n\tmirror-0\t960G\n\t/dev/sda3\t-\n\t/dev/dm-1\t-\nlogs\t-\nboot\t1G\n\t/dev/sda2";
        let lines: Vec<String> = text.lines().map(str::to_owned).collect();
        let pools = pools(&lines);
        assert_eq!(pools["rpool"], ["/dev/sda3", "/dev/dm-1"]);
        assert_eq!(pools["boot"], ["/dev/sda2"]);
    }
}
