//! Proposes a disko layout for the disks that were found: one disk or a
//! mirrored pair, ext4, btrfs or zfs, with or without LUKS. It is a proposal
//! and says so: which disk may be erased is for a person to decide, and nothing
//! here touches one. It never proposes swap or more than two disks.

use super::document::Gap;
use super::facts::Facts;
use super::facts::block::BlockDevice;
use super::facts::block::Bus;
use super::hardware::Generated;
use super::hardware::stack;
use super::literal::Nix;
use crate::text::escape;

/// The file system of the root.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum RootFs {
    /// btrfs with a subvolume for each of `/`, `/home` and `/nix`.
    Btrfs,
    /// ext4.
    #[default]
    Ext4,
    /// A zfs pool with a legacy dataset for each of `/`, `/home` and `/nix`.
    Zfs,
}

/// What to propose.
#[derive(Clone, Debug, Default)]
pub struct DiskoOptions {
    /// File system of the root.
    pub root: RootFs,
    /// Encrypt all but the boot partition.
    pub luks: bool,
    /// Mirror two disks.
    pub mirror: bool,
    /// Kernel names of the disks to use, such as `nvme0n1`; empty: choose.
    pub disks: Vec<String>,
}

/// Why there is no proposal.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum DiskoError {
    /// The machine has not enough disks of a useful size.
    #[error("the machine has {found} disks that could be used, the layout needs {needed}")]
    NotEnough {
        /// Disks that could be used.
        found: usize,
        /// Disks that the layout needs.
        needed: usize,
    },
    /// A disk that was asked for is not there.
    #[error("the machine has no disk `{name}`")]
    Unknown {
        /// The name.
        name: String,
    },
    /// The number of disks does not fit the layout.
    #[error("the layout needs {needed} disks, {given} were named")]
    WrongNumber {
        /// Disks that were named.
        given: usize,
        /// Disks that the layout needs.
        needed: usize,
    },
}

impl std::str::FromStr for RootFs {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        match text {
            "btrfs" => Ok(Self::Btrfs),
            "ext4" => Ok(Self::Ext4),
            "zfs" => Ok(Self::Zfs),
            _ => Err(()),
        }
    }
}

/// Writes a proposal.
///
/// # Errors
/// If the disks that were found or named do not fit.
pub fn propose(facts: &Facts, options: &DiskoOptions) -> Result<Generated, DiskoError> {
    let disks = choose(facts, options)?;
    let mut notes = Vec::new();
    for disk in &disks {
        warn(facts, disk, &mut notes);
    }
    if options.root == RootFs::Zfs {
        let reason = "zfs needs `networking.hostId` in configuration.nix";
        notes.push(Gap { about: "zfs".to_owned(), reason: reason.to_owned() });
    }
    let layout = Layout { options, efi: facts.firmware.efi };
    let text = format!(
        "{HEADER}{}{{\n  disko.devices = {};\n}}\n",
        disks.iter().map(|disk| describe(disk)).collect::<String>(),
        layout.devices(facts, &disks).write(2)
    );
    Ok(Generated { text, notes })
}

const HEADER: &str = "\
# A PROPOSAL by `hostward scan --disko`, not a finished layout. disko erases every
# disk that is named here: read each line before you use it.
#
";

/// Below this a NixOS system does not fit well.
const SMALLEST: u64 = 8 << 30;

fn choose<'a>(
    facts: &'a Facts,
    options: &DiskoOptions,
) -> Result<Vec<&'a BlockDevice>, DiskoError> {
    let needed = if options.mirror { 2 } else { 1 };
    let all = facts.disks();
    if !options.disks.is_empty() {
        if options.disks.len() != needed {
            return Err(DiskoError::WrongNumber { given: options.disks.len(), needed });
        }
        let find = |name: &String| {
            let found = all.iter().copied().find(|disk| disk.name == *name);
            found.ok_or_else(|| DiskoError::Unknown { name: name.clone() })
        };
        return options.disks.iter().map(find).collect();
    }
    // what can be pulled out is more likely the installer than the target
    let fixed =
        |disk: &&BlockDevice| !disk.removable && disk.bus != Bus::Usb && disk.bytes >= SMALLEST;
    let fixed: Vec<_> = all.into_iter().filter(fixed).collect();
    // biggest first: the best pair is the one that wastes least
    let pair = fixed.windows(needed).min_by_key(|pair| {
        let sizes = (pair.first().map_or(0, |d| d.bytes), pair.last().map_or(0, |d| d.bytes));
        (sizes.0 - sizes.1, u64::MAX - sizes.0)
    });
    match pair {
        Some(pair) => Ok(pair.to_vec()),
        None => Err(DiskoError::NotEnough { found: fixed.len(), needed }),
    }
}

fn warn(facts: &Facts, disk: &BlockDevice, notes: &mut Vec<Gap>) {
    let mut note = |reason: &str| {
        notes.push(Gap { about: format!("/dev/{}", disk.name), reason: reason.to_owned() });
    };
    let on_disk = |number| {
        let holder = facts.block.iter().find(|device| device.number == Some(number));
        holder.is_some_and(|holder| {
            stack::below(facts, &[holder]).iter().any(|below| below.name == disk.name)
        })
    };
    let parts = || facts.block.iter().any(|part| part.partition_of.as_ref() == Some(&disk.name));
    if facts.mounts.iter().filter_map(|mount| mount.number).any(on_disk) {
        note("is mounted now");
    } else if disk.content.is_some() || parts() {
        note("is not empty");
    }
    if stable_path(facts, disk).is_none() {
        note("has no stable path: the kernel may give this name to another disk");
    }
}

/// A path that names the place of the disk or, if serial numbers were asked
/// for, the disk itself.
fn stable_path<'a>(facts: &'a Facts, disk: &BlockDevice) -> Option<&'a str> {
    let number = disk.number?;
    let dirs = ["/dev/disk/by-id", "/dev/disk/by-path"];
    dirs.iter().find_map(|dir| facts.devices.name_below(dir, number))
}

fn describe(disk: &BlockDevice) -> String {
    let model = disk.model.as_deref().unwrap_or("no model");
    let size = disk.bytes / 1_000_000_000;
    format!("# {}: {model}, {size} GB\n", escape::text(&disk.name))
}

struct Layout<'a> {
    options: &'a DiskoOptions,
    efi: bool,
}

impl Layout<'_> {
    fn devices(&self, facts: &Facts, disks: &[&BlockDevice]) -> Nix {
        let names: &[&'static str] = if self.options.mirror { &["one", "two"] } else { &["main"] };
        let disk = |(name, disk): (&&'static str, &&BlockDevice)| {
            let path = stable_path(facts, disk).map(str::to_owned);
            let path = path.unwrap_or_else(|| format!("/dev/{}", disk.name));
            (*name, self.disk(name, path))
        };
        let mut devices = vec![("disk", Nix::Set(names.iter().zip(disks).map(disk).collect()))];
        if self.options.mirror {
            let mut arrays = vec![("boot", array(Some("1.0"), self.boot()))];
            if self.options.root == RootFs::Ext4 {
                arrays.push(("root", array(None, self.sealed("crypted", ext4("/")))));
            }
            devices.push(("mdadm", Nix::Set(arrays)));
        }
        if self.options.root == RootFs::Zfs {
            devices.push(("zpool.zroot", self.pool()));
        }
        Nix::Set(devices)
    }

    fn disk(&self, name: &'static str, path: String) -> Nix {
        let mut partitions = Vec::new();
        let (boot, kind) = if self.efi { ("ESP", "EF00") } else { ("boot", "8300") };
        if !self.efi {
            partitions
                .push(("grub", set([("size", Nix::text("1M")), ("type", Nix::text("EF02"))])));
        }
        let content = if self.options.mirror { member("boot") } else { self.boot() };
        partitions.push((
            boot,
            set([("size", Nix::text("1G")), ("type", Nix::text(kind)), ("content", content)]),
        ));
        let mut root = vec![("size", Nix::text("100%"))];
        root.extend(self.root_on(name).map(|content| ("content", content)));
        partitions.push(("root", Nix::Set(root)));
        set([
            ("type", Nix::text("disk")),
            ("device", Nix::Text(path)),
            ("content.type", Nix::text("gpt")),
            ("content.partitions", Nix::Set(partitions)),
        ])
    }

    fn boot(&self) -> Nix {
        let format = if self.efi { "vfat" } else { "ext4" };
        let mut boot = vec![
            ("type", Nix::text("filesystem")),
            ("format", Nix::text(format)),
            ("mountpoint", Nix::text("/boot")),
        ];
        if self.efi {
            boot.push(("mountOptions", Nix::List(vec![Nix::text("umask=0077")])));
        }
        Nix::Set(boot)
    }

    /// What the root partition of one disk holds, if that is said there.
    fn root_on(&self, disk: &str) -> Option<Nix> {
        let container = match disk {
            "one" => "crypted-one",
            "two" => "crypted-two",
            _ => "crypted",
        };
        Some(match (self.options.root, disk) {
            (RootFs::Ext4, "main") => self.sealed(container, ext4("/")),
            // the array is sealed, not its members
            (RootFs::Ext4, _) => member("root"),
            (RootFs::Zfs, _) => self
                .sealed(container, set([("type", Nix::text("zfs")), ("pool", Nix::text("zroot"))])),
            (RootFs::Btrfs, "main") => self.sealed(container, btrfs(&["-f"])),
            // disko works by name: the file system is made on the disk that
            // comes last, when the first is there
            (RootFs::Btrfs, "one") if self.options.luks => luks(container, None),
            (RootFs::Btrfs, "one") => return None,
            (RootFs::Btrfs, _) => {
                let first = match self.options.luks {
                    true => "/dev/mapper/crypted-one",
                    false => "/dev/disk/by-partlabel/disk-one-root",
                };
                self.sealed(container, btrfs(&["-f", "-d raid1", "-m raid1", first]))
            }
        })
    }

    fn sealed(&self, name: &str, content: Nix) -> Nix {
        if self.options.luks { luks(name, Some(content)) } else { content }
    }

    fn pool(&self) -> Nix {
        let dataset = |mountpoint: &str| {
            set([
                ("type", Nix::text("zfs_fs")),
                ("mountpoint", Nix::text(mountpoint)),
                ("options.mountpoint", Nix::text("legacy")),
            ])
        };
        set([
            ("type", Nix::text("zpool")),
            ("mode", Nix::text(if self.options.mirror { "mirror" } else { "" })),
            ("options.ashift", Nix::text("12")),
            (
                "rootFsOptions",
                set([
                    ("acltype", Nix::text("posixacl")),
                    ("atime", Nix::text("off")),
                    ("compression", Nix::text("zstd")),
                    ("mountpoint", Nix::text("none")),
                    ("xattr", Nix::text("sa")),
                ]),
            ),
            (
                "datasets",
                set([("home", dataset("/home")), ("nix", dataset("/nix")), ("root", dataset("/"))]),
            ),
        ])
    }
}

fn set<const N: usize>(entries: [(&'static str, Nix); N]) -> Nix {
    Nix::Set(entries.into())
}

fn ext4(mountpoint: &str) -> Nix {
    set([
        ("type", Nix::text("filesystem")),
        ("format", Nix::text("ext4")),
        ("mountpoint", Nix::text(mountpoint)),
    ])
}

fn btrfs(arguments: &[&str]) -> Nix {
    let subvolume = |mountpoint: &str| {
        let options = ["compress=zstd", "noatime"].map(Nix::text);
        set([("mountpoint", Nix::text(mountpoint)), ("mountOptions", Nix::List(options.into()))])
    };
    set([
        ("type", Nix::text("btrfs")),
        ("extraArgs", Nix::List(arguments.iter().map(|text| Nix::text(*text)).collect())),
        (
            "subvolumes",
            set([
                ("\"/home\"", subvolume("/home")),
                ("\"/nix\"", subvolume("/nix")),
                ("\"/root\"", subvolume("/")),
            ]),
        ),
    ])
}

/// disko asks for the passphrase when it formats.
fn luks(name: &str, content: Option<Nix>) -> Nix {
    let mut luks = vec![("type", Nix::text("luks")), ("name", Nix::text(name))];
    luks.push(("settings.allowDiscards", Nix::Bool(true)));
    luks.extend(content.map(|content| ("content", content)));
    Nix::Set(luks)
}

fn member(array: &str) -> Nix {
    set([("type", Nix::text("mdraid")), ("name", Nix::text(array))])
}

fn array(metadata: Option<&str>, content: Nix) -> Nix {
    let mut array = vec![("type", Nix::text("mdadm")), ("level", Nix::Number(1))];
    array.extend(metadata.map(|version| ("metadata", Nix::text(version))));
    array.push(("content", content));
    Nix::Set(array)
}
