//! What lies below a mounted device: LUKS, md and LVM layers down to the disk,
//! through partitions, and the stable path of each device.

use std::collections::BTreeSet;

use super::super::document::DevNum;
use super::super::facts::Facts;
use super::super::facts::block::BlockDevice;
use super::Compat;

/// All devices below (and with) the given ones, lowest layers first, each once.
pub(in crate::provision) fn below<'a>(
    facts: &'a Facts,
    tops: &[&'a BlockDevice],
) -> Vec<&'a BlockDevice> {
    let mut seen = BTreeSet::new();
    let mut order = Vec::new();
    // (device, are its slaves done): depth first without recursion, since the
    // depth comes from the machine
    let mut todo: Vec<(&BlockDevice, bool)> =
        tops.iter().rev().map(|device| (*device, false)).collect();
    while let Some((device, done)) = todo.pop() {
        if done {
            order.push(device);
            continue;
        }
        if !seen.insert(&device.name) {
            continue;
        }
        todo.push((device, true));
        // a partition of an md array or of an opened container hangs below it
        let whole = device.partition_of.iter();
        for name in device.slaves.iter().chain(whole).rev() {
            todo.extend(facts.block_named(name).map(|slave| (slave, false)));
        }
    }
    order
}

/// The path that will still lead to a device after the next boot, or `path` if
/// there is no better one.
pub(super) fn stable_path(facts: &Facts, compat: Compat, path: &str) -> String {
    if !path.starts_with('/') {
        return path.to_owned();
    }
    match facts.devices.number(path) {
        Some(number) => stable_name(facts, compat, number).unwrap_or_else(|| path.to_owned()),
        None => path.to_owned(),
    }
}

/// The same by device number.
pub(super) fn stable_name(facts: &Facts, compat: Compat, number: DevNum) -> Option<String> {
    let dirs: &[&str] = match compat {
        Compat::Current => {
            &["/dev/stratis", "/dev/mapper", "/dev/disk/by-uuid", "/dev/disk/by-label"]
        }
        Compat::V24_05 => {
            &["/dev/stratis", "/dev/disk/by-uuid", "/dev/mapper", "/dev/disk/by-label"]
        }
    };
    let mut dirs = dirs.iter().chain(&["/dev/disk/by-partuuid"]);
    dirs.find_map(|dir| facts.devices.name_below(dir, number)).map(str::to_owned)
}
