//! File systems, swap and what must be opened before them. Mounts that the
//! running system made for itself (containers, live images, the kernel's own)
//! are left out, each mount point is written once, and the order is that of
//! the paths.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use super::super::facts::Facts;
use super::super::facts::block::BlockDevice;
use super::super::facts::mounts::Mount;
use super::super::facts::swaps::Swap;
use super::Compat;
use super::Notes;
use super::Options;
use super::literal;
use super::note;
use super::options;
use super::stack;
use crate::text::escape;

/// The parts of the file that are about storage.
#[derive(Debug, Default)]
pub(super) struct Filesystems {
    /// `fileSystems` and `boot.initrd.luks` bindings.
    pub(super) text: String,
    /// Elements of `swapDevices`.
    pub(super) swap_devices: Vec<String>,
    /// Does anything sit on an md array.
    pub(super) md: bool,
}

/// One `fileSystems` entry.
struct Entry {
    device: String,
    fs_type: String,
    options: Vec<String>,
    stratis_pool: Option<String>,
    needs: Vec<String>,
}

pub(super) fn collect(facts: &Facts, options: &Options, notes: &mut Notes) -> Filesystems {
    let mut writer = Writer { facts, compat: options.compat, opened: BTreeSet::new(), md: false };
    let mut text = String::new();
    for (point, entry) in &entries(facts, options, notes) {
        if is_unstable(&entry.device) {
            note(notes, &*entry.device, "may be another disk after the next boot: it has no UUID");
        }
        text += &entry.text(point);
        text += &writer.layers(&entry.needs, notes);
    }
    let mut swap_devices = Vec::new();
    for swap in &facts.swaps {
        if let Some(element) = swap_element(facts, options.compat, swap, notes) {
            text += &writer.layers(std::slice::from_ref(&swap.path), notes);
            swap_devices.push(element);
        }
    }
    Filesystems { text, swap_devices, md: writer.md }
}

/// The entries by mount point, relative to the root.
fn entries(facts: &Facts, options: &Options, notes: &mut Notes) -> BTreeMap<String, Entry> {
    let mut entries = BTreeMap::new();
    if is_container(&facts.system.virtualisation) {
        note(notes, "fileSystems", "left out: a container does not mount its own");
        return entries;
    }
    let mut seen: Vec<(&Mount, String)> = Vec::new();
    let mut automounts = BTreeSet::new();
    for mount in facts.mounts.iter().filter(|mount| mount.directory) {
        let Some(point) = relative(&mount.point, options.root.as_deref()) else { continue };
        if left_out(mount, &point) {
            continue;
        }
        if mount.fs_type == "autofs" {
            automounts.insert(point);
            continue;
        }
        if let Some(reason) = unwanted(mount, &point) {
            note(notes, &*point, reason);
            continue;
        }
        match entry(facts, options.compat, mount, &seen) {
            Ok(entry) => {
                let names = point.chars().chain(entry.device.chars());
                if names.into_iter().any(|c| escape::is_hostile(c) && !"\n\r\t".contains(c)) {
                    note(notes, &*point, "holds characters that Nix can't write: correct it");
                }
                // what is mounted last hides what was there before
                entries.insert(point.clone(), entry);
                seen.push((mount, point));
            }
            Err(reason) => note(notes, &*point, reason),
        }
    }
    for (point, entry) in &mut entries {
        if automounts.contains(point) {
            entry.options.extend(["noauto", "x-systemd.automount"].map(str::to_owned));
        }
    }
    entries
}

/// The mount point as the new system will see it.
fn relative(point: &str, root: Option<&str>) -> Option<String> {
    let root = root.unwrap_or_default().trim_end_matches('/');
    match point.strip_prefix(root)? {
        "" => Some("/".to_owned()),
        rest if rest.starts_with('/') => Some(rest.to_owned()),
        _ => None,
    }
}

fn is_below(point: &str, dir: &str) -> bool {
    point.strip_prefix(dir).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// A name that the kernel gives in the order in which it finds disks.
fn is_unstable(device: &str) -> bool {
    ["/dev/mmcblk", "/dev/nvme", "/dev/sd", "/dev/vd"].iter().any(|name| device.starts_with(name))
}

/// The words of systemd-detect-virt for containers.
fn is_container(word: &str) -> bool {
    ["docker", "lxc", "lxc-libvirt", "openvz", "podman", "proot", "rkt", "systemd-nspawn", "wsl"]
        .contains(&word)
}

/// Mounts that no configuration ever holds.
fn left_out(mount: &Mount, point: &str) -> bool {
    ["/dev", "/proc", "/run", "/sys"].iter().any(|dir| is_below(point, dir))
        || point == "/var/lib/nfs/rpc_pipefs"
        || (point == "/tmp" && mount.fs_type == "tmpfs")
        // NixOS makes its store read-only by a mount of its own
        || (point == "/nix/store" && mount.super_has("rw") && mount.has("ro"))
}

/// Why a mount is left out although a configuration could hold it.
fn unwanted(mount: &Mount, point: &str) -> Option<&'static str> {
    let machine_made = [
        "/snap",
        "/var/lib/containers",
        "/var/lib/containerd",
        "/var/lib/docker",
        "/var/lib/kubelet",
        "/var/snap",
    ];
    // somebody gave the engine a disk of its own: that is a choice
    let own_disk = mount.root == "/" && mount.number.is_some_and(|n| n.major != 0 && n.major != 7);
    let inside = |dir: &&str| point != *dir && is_below(point, dir);
    if !own_disk && machine_made.iter().any(inside) {
        return Some("left out: made by a container engine");
    }
    match mount.fs_type.as_str() {
        "overlay" | "aufs" | "unionfs" => Some("left out: an overlay has no device to name"),
        "fuse.mergerfs" | "fuse.sshfs" => None,
        "fuse" | "fuseblk" => Some("left out: FUSE does not say how it was mounted"),
        "fuse.lxcfs" | "fuse.snapfuse" => Some("left out: made by a container engine"),
        name if name.starts_with("fuse.") => Some("left out: FUSE does not say how it was mounted"),
        "squashfs" if is_below(point, "/snap") || is_below(point, "/nix/.ro-store") => {
            Some("left out: part of a live image")
        }
        "iso9660" if point == "/iso" => Some("left out: part of a live image"),
        "tmpfs" if is_below(point, "/nix/.rw-store") => Some("left out: part of a live image"),
        _ => None,
    }
}

fn entry(
    facts: &Facts,
    compat: Compat,
    mount: &Mount,
    seen: &[(&Mount, String)],
) -> Result<Entry, String> {
    if let Some(device) = bind_source(mount, seen)? {
        let mut options = vec!["bind".to_owned()];
        if mount.has("ro") && mount.super_has("rw") {
            options.push("ro".to_owned());
        }
        return Ok(Entry {
            device,
            fs_type: "none".to_owned(),
            options,
            stratis_pool: None,
            needs: Vec::new(),
        });
    }
    let mut entry = Entry {
        device: device(facts, compat, mount),
        fs_type: mount.fs_type.clone(),
        options: Vec::new(),
        stratis_pool: None,
        needs: needs(facts, mount),
    };
    let source = facts.block_at(&mount.source);
    if let Some(file) = source.and_then(|device| device.backing_file.as_ref()) {
        entry.device.clone_from(file);
        entry.options.push("loop".to_owned());
        entry.needs.clear();
    }
    if let Some(subvolume) = &mount.subvolume {
        let subvolume = subvolume.trim_start_matches('/');
        if !subvolume.is_empty() {
            entry.options.push(format!("subvol={subvolume}"));
        }
    }
    if mount.fs_type == "zfs" {
        let property =
            facts.storage.zfs_mountpoints.as_ref().and_then(|all| all.get(&mount.source));
        if property.is_some_and(|property| property != "legacy") {
            entry.options.push("zfsutil".to_owned());
        }
    }
    entry.options.extend(options::chosen(mount));
    if entry.device.starts_with("/dev/stratis/") {
        entry.stratis_pool = source.and_then(stratis_pool);
    }
    Ok(entry)
}

/// The directory that a bind mount shows, or `None` if this is a mount of its
/// own.
fn bind_source(mount: &Mount, seen: &[(&Mount, String)]) -> Result<Option<String>, String> {
    let Some(number) = mount.number else { return Ok(None) };
    let earlier = || seen.iter().filter(|(there, _)| there.number == Some(number)).rev();
    if let Some(subvolume) = &mount.subvolume {
        if mount.root == *subvolume {
            return Ok(None);
        }
    } else if earlier().next().is_none() && (mount.root == "/" || number.major == 0) {
        return Ok(None);
    }
    // the mount that shows the longest part of the same tree
    let same_tree = earlier().filter(|(there, _)| there.subvolume == mount.subvolume);
    let best = same_tree
        .filter_map(|(there, point)| Some((point, relative(&mount.root, Some(&there.root))?)))
        .min_by_key(|(_, rest)| rest.len());
    match best {
        Some((point, rest)) => {
            let point = point.trim_end_matches('/');
            let rest = if rest == "/" { "" } else { &rest };
            let device = format!("{point}{rest}");
            Ok(Some(if device.is_empty() { "/".to_owned() } else { device }))
        }
        None => Err(format!(
            "left out: it shows `{}` of a file system that is not mounted elsewhere",
            mount.root
        )),
    }
}

fn device(facts: &Facts, compat: Compat, mount: &Mount) -> String {
    if mount.fs_type == "bcachefs" {
        return bcachefs(facts, mount);
    }
    if !mount.source.starts_with('/') {
        return mount.source.clone();
    }
    // /dev/root is no node; the number is right where one device holds all
    let number = facts.devices.number(&mount.source);
    let number = number.or(mount.number.filter(|number| number.major != 0));
    let known = |number: &_| facts.block.iter().any(|device| device.number == Some(*number));
    match number.filter(known) {
        Some(number) => stack::stable_name(facts, compat, number)
            .unwrap_or_else(|| real_path(facts, &mount.source, number)),
        None => mount.source.clone(),
    }
}

fn real_path(facts: &Facts, source: &str, number: super::super::document::DevNum) -> String {
    if facts.devices.number(source).is_some() {
        return source.to_owned();
    }
    let device = facts.block.iter().find(|device| device.number == Some(number));
    device.map_or_else(|| source.to_owned(), |device| format!("/dev/{}", device.name))
}

/// bcachefs is found by the UUID of the whole, whichever members it has.
fn bcachefs(facts: &Facts, mount: &Mount) -> String {
    let members: Vec<&str> = mount.source.split(':').collect();
    let first = members.first().and_then(|path| facts.devices.number(path));
    let name = first.and_then(|number| facts.devices.name_below("/dev/disk/by-uuid", number));
    let uuid = name.and_then(|name| name.rsplit('/').next()).or_else(|| {
        let names: BTreeSet<&str> =
            members.iter().filter_map(|path| path.rsplit('/').next()).collect();
        let mut all = facts.storage.bcachefs.iter();
        all.find(|(_, held)| held.iter().any(|name| names.contains(name.as_str())))
            .map(|(uuid, _)| uuid.as_str())
    });
    uuid.map_or_else(|| mount.source.clone(), |uuid| format!("UUID={uuid}"))
}

/// The pool UUID is part of the device-mapper name of every stratis device.
fn stratis_pool(device: &BlockDevice) -> Option<String> {
    let name = device.dm.as_ref()?.name.strip_prefix("stratis-1-")?;
    let hex = name.get(..32).filter(|hex| hex.bytes().all(|byte| byte.is_ascii_hexdigit()))?;
    Some([&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-"))
}

/// Paths of the devices that hold a file system.
fn needs(facts: &Facts, mount: &Mount) -> Vec<String> {
    let by_name = |names: &Vec<String>| names.iter().map(|name| format!("/dev/{name}")).collect();
    match mount.fs_type.as_str() {
        "zfs" => {
            let pool = mount.source.split('/').next().unwrap_or_default();
            let pools = facts.storage.zfs_pools.as_ref();
            pools.and_then(|pools| pools.get(pool)).cloned().unwrap_or_default()
        }
        "bcachefs" => mount.source.split(':').map(str::to_owned).collect(),
        "btrfs" => {
            let source = facts.block_at(&mount.source);
            let all = source.and_then(|source| {
                facts.storage.btrfs.iter().find(|names| names.contains(&source.name))
            });
            all.map_or_else(|| vec![mount.source.clone()], by_name)
        }
        _ => {
            let number = mount.number.filter(|number| number.major != 0);
            let held =
                facts.block.iter().find(|device| number.is_some() && device.number == number);
            held.map_or_else(|| vec![mount.source.clone()], |d| vec![format!("/dev/{}", d.name)])
        }
    }
}

fn swap_element(facts: &Facts, compat: Compat, swap: &Swap, notes: &mut Notes) -> Option<String> {
    if swap.file {
        note(notes, &*swap.path, "left out: a swap file belongs in configuration.nix");
        return None;
    }
    if swap.is_zram() {
        note(notes, &*swap.path, "left out: set `zramSwap.enable = true;` in configuration.nix");
        return None;
    }
    if facts.devices.number(&swap.path).is_none() {
        note(notes, &*swap.path, "left out: there is no such device");
        return None;
    }
    let mut path = stack::stable_path(facts, compat, &swap.path);
    let mut fields = String::new();
    let device = facts.block_at(&swap.path);
    let plain = device
        .filter(|device| device.dm.as_ref().is_some_and(|dm| dm.uuid.starts_with("CRYPT-PLAIN")));
    if let Some([slave]) = plain.map(|device| device.slaves.as_slice()) {
        // a new key at each boot: the device below has neither UUID nor label
        let below = format!("/dev/{slave}");
        let number = facts.devices.number(&below);
        let named =
            number.and_then(|number| facts.devices.name_below("/dev/disk/by-partuuid", number));
        path = named.map_or(below, str::to_owned);
        fields += " randomEncryption.enable = true;";
    }
    if swap.priority >= 0 {
        fields += &format!(" priority = {};", swap.priority);
    }
    Some(format!("{{ device = {};{fields} }}", literal::string(&path)))
}

impl Entry {
    fn text(&self, point: &str) -> String {
        let mut text = format!(
            "  fileSystems.{} =\n    {{ device = {};\n      fsType = {};\n",
            literal::string(point),
            literal::string(&self.device),
            literal::string(&self.fs_type),
        );
        if !self.options.is_empty() {
            let options: Vec<String> =
                self.options.iter().map(|option| literal::string(option)).collect();
            text += &format!("      options = [ {} ];\n", options.join(" "));
        }
        if let Some(pool) = &self.stratis_pool {
            text += &format!("      stratis.poolUuid = {};\n", literal::string(pool));
        }
        text + "    };\n\n"
    }
}

/// Writes each layer once, where it is first needed.
struct Writer<'a> {
    facts: &'a Facts,
    compat: Compat,
    opened: BTreeSet<&'a str>,
    md: bool,
}

impl Writer<'_> {
    fn layers(&mut self, paths: &[String], notes: &mut Notes) -> String {
        let tops: Vec<&BlockDevice> =
            paths.iter().filter_map(|path| self.facts.block_at(path)).collect();
        let mut text = String::new();
        for device in stack::below(self.facts, &tops) {
            self.md |= device.md.is_some();
            let Some(dm) = device.dm.as_ref().filter(|_| device.is_luks()) else { continue };
            if !self.opened.insert(&device.name) {
                continue;
            }
            match device.slaves.as_slice() {
                [slave] => {
                    let path =
                        stack::stable_path(self.facts, self.compat, &format!("/dev/{slave}"));
                    let name = literal::string(&dm.name);
                    text += &format!(
                        "  boot.initrd.luks.devices.{name}.device = {};\n",
                        literal::string(&path)
                    );
                    let below = stack::below(self.facts, &[device]);
                    let below = below.iter().filter(|other| other.name != device.name);
                    if below.clone().any(|other| other.is_lvm()) {
                        // the scripted initrd opens LUKS before LVM otherwise
                        text += &format!("  boot.initrd.luks.devices.{name}.preLVM = false;\n");
                    }
                    let outer = below.filter(|other| other.is_luks()).filter_map(|o| o.dm.as_ref());
                    if outer.into_iter().any(|outer| outer.name > dm.name) {
                        note(
                            notes,
                            &*dm.name,
                            "sits in another LUKS device that comes later by name: the scripted \
                             initrd opens them by name, set `boot.initrd.systemd.enable = true;`",
                        );
                    }
                    text.push('\n');
                }
                _ => note(notes, &*dm.name, "left out: a LUKS device without one device below it"),
            }
        }
        text
    }
}
