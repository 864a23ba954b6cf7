//! Which mount options are a choice that must survive a reinstall. The kernel
//! prints many more that only repeat its defaults or name this very boot;
//! these are left out.

use super::super::facts::mounts::Mount;

/// The options to write for a mount, without `subvol`, `bind` and the like.
pub(super) fn chosen(mount: &Mount) -> Vec<String> {
    let of_mount = mount.options.iter().filter(|option| MOUNT.contains(&option.as_str()));
    let of_fs = mount.super_options.iter().filter(|option| keeps(&mount.fs_type, option));
    let mut chosen: Vec<String> = Vec::new();
    for option in of_fs.chain(of_mount) {
        if !chosen.contains(option) {
            chosen.push(option.clone());
        }
    }
    chosen
}

/// Options of a mount, whatever the file system.
const MOUNT: [&str; 6] = ["lazytime", "noatime", "nodev", "nodiratime", "noexec", "nosuid"];

/// Options by file system type; one that ends in `=` stands for any value.
const BY_TYPE: [(&str, &[&str]); 8] = [
    ("btrfs", &["autodefrag", "compress-force=", "compress=", "discard", "nodatacow", "nodatasum"]),
    ("ext3", &["data=journal", "data=writeback", "discard", "journal_checksum"]),
    ("ext4", &["data=journal", "data=writeback", "discard", "journal_checksum"]),
    ("f2fs", &["compress_algorithm=", "compress_chksum", "compress_extension="]),
    ("ntfs3", &["dmask=", "fmask=", "gid=", "uid=", "umask=", "windows_names"]),
    ("tmpfs", &["gid=", "huge=", "mode=", "nr_inodes=", "size=", "uid="]),
    ("vfat", &["discard", "dmask=", "fmask=", "gid=", "uid=", "umask="]),
    ("xfs", &["discard", "gquota", "prjquota", "uquota"]),
];

fn keeps(fs_type: &str, option: &str) -> bool {
    let names = BY_TYPE.iter().find(|(name, _)| *name == fs_type).map_or(&[][..], |(_, n)| n);
    names.iter().any(|name| match name.strip_suffix('=') {
        Some(_) => option.starts_with(name),
        None => option == *name,
    })
}
