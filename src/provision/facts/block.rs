//! Block devices, from `/sys/class/block`, and MMC hosts. Loop devices without
//! a file and RAM disks are not looked at.

use std::collections::BTreeSet;

use serde::Serialize;

use super::super::document::DevNum;
use super::super::document::Document;
use super::label;
use super::module_of;

/// One block device of any kind.
#[derive(Clone, Debug, Default, Serialize)]
pub struct BlockDevice {
    /// Kernel name, for example `sda1` or `dm-0`.
    pub name: String,
    /// Device number.
    pub number: Option<DevNum>,
    /// Size in bytes.
    pub bytes: u64,
    /// How it is attached.
    pub bus: Bus,
    /// The device it is a partition of.
    pub partition_of: Option<String>,
    /// Can it be pulled out.
    pub removable: bool,
    /// Is it a spinning disk; many virtual disks say yes.
    pub rotational: bool,
    /// Vendor and model, as the disk says.
    pub model: Option<String>,
    /// Serial number, if it was asked for.
    pub serial: Option<String>,
    /// Module of the driver of the disk.
    pub module: Option<String>,
    /// Name and UUID of a device-mapper device.
    pub dm: Option<DeviceMapper>,
    /// Level of an md array, for example `raid1`.
    pub md: Option<String>,
    /// File behind a loop device.
    pub backing_file: Option<String>,
    /// Kernel names of the devices below this one.
    pub slaves: Vec<String>,
    /// File system or partition table that udev saw on it.
    pub content: Option<String>,
}

/// A device-mapper device.
#[derive(Clone, Debug, Default, Serialize)]
pub struct DeviceMapper {
    /// Its name below `/dev/mapper`.
    pub name: String,
    /// Its UUID; the prefix (`CRYPT-LUKS2-`, `LVM-`, …) says who made it.
    pub uuid: String,
}

/// How a disk is attached.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Bus {
    /// (S)ATA.
    Ata,
    /// MultiMediaCard or SD card.
    Mmc,
    /// NVM Express.
    Nvme,
    /// SCSI, or something that looks like it.
    Scsi,
    /// USB.
    Usb,
    /// virtio.
    Virtio,
    /// Not a device of its own: device-mapper, md, loop, zram.
    Virtual,
    /// Anything else.
    #[default]
    Other,
}

const DIR: &str = "/sys/class/block";

impl BlockDevice {
    /// Is it a whole, present, writable-sized disk.
    #[must_use]
    pub fn is_disk(&self) -> bool {
        self.partition_of.is_none()
            && self.bus != Bus::Virtual
            && self.bytes > 0
            && !["sr", "fd", "nbd"].iter().any(|prefix| self.name.starts_with(prefix))
            && !self.name.contains("boot")
            && !self.name.contains("rpmb")
    }

    /// Is it an opened LUKS container.
    #[must_use]
    pub fn is_luks(&self) -> bool {
        self.dm.as_ref().is_some_and(|dm| dm.uuid.starts_with("CRYPT-LUKS"))
    }

    /// Is it an LVM logical volume.
    #[must_use]
    pub fn is_lvm(&self) -> bool {
        self.dm.as_ref().is_some_and(|dm| dm.uuid.starts_with("LVM-"))
    }
}

pub(super) fn read(document: &Document) -> Vec<BlockDevice> {
    document.entries(DIR).into_iter().map(|name| device(document, name)).collect()
}

/// Modules of the MMC host controllers, from `/sys/class/mmc_host`.
pub(super) fn controller_modules(document: &Document) -> Vec<String> {
    let hosts = document.entries("/sys/class/mmc_host");
    hosts
        .into_iter()
        .filter_map(|name| module_of(document, &format!("/sys/class/mmc_host/{name}/device")))
        .collect()
}

fn device(document: &Document, name: &str) -> BlockDevice {
    let path = format!("{DIR}/{name}");
    let value = |attribute: &str| document.value(&format!("{path}/{attribute}"));
    let real = document.link(&path).unwrap_or_default();
    let parent = real.rsplit('/').nth(1).unwrap_or_default();
    let number: Option<DevNum> = value("dev").and_then(|text| text.parse().ok());
    let model = [value("device/vendor"), value("device/model"), value("device/name")];
    // virtio disks have a PCI vendor id there
    let words: Vec<&str> =
        model.into_iter().flatten().map(str::trim).filter(|word| !word.starts_with("0x")).collect();
    let slaves: BTreeSet<&str> = document
        .links_below(&format!("{path}/slaves"))
        .filter_map(|(link, _)| link.rsplit('/').next())
        .collect();
    BlockDevice {
        name: name.to_owned(),
        number,
        bytes: value("size").and_then(|text| text.parse().ok()).map_or(0, sectors),
        bus: bus(real),
        partition_of: value("partition").map(|_| parent.to_owned()),
        removable: value("removable") == Some("1"),
        rotational: value("queue/rotational") == Some("1"),
        model: label(&words.join(" ")),
        serial: value("device/serial").and_then(label),
        module: module_of(document, &format!("{path}/device")),
        dm: value("dm/name").map(|dm| DeviceMapper {
            name: dm.to_owned(),
            uuid: value("dm/uuid").unwrap_or_default().to_owned(),
        }),
        md: value("md/level").or_else(|| value("md/uuid").map(|_| "unknown")).and_then(label),
        backing_file: value("loop/backing_file").map(str::to_owned),
        slaves: slaves.into_iter().map(str::to_owned).collect(),
        content: number.and_then(|number| content(document, number)),
    }
}

/// sysfs counts in units of 512 bytes, whatever the disk does.
fn sectors(count: u64) -> u64 {
    count.saturating_mul(512)
}

fn content(document: &Document, number: DevNum) -> Option<String> {
    let lines = document.file(&format!("/run/udev/data/b{number}"))?;
    let tagged = |tag: &str| lines.iter().find_map(|line| line.strip_prefix(tag));
    tagged("E:ID_FS_TYPE=").or_else(|| tagged("E:ID_PART_TABLE_TYPE=")).and_then(label)
}

/// The innermost bus of a sysfs device path.
fn bus(real: &str) -> Bus {
    let mut bus = Bus::Other;
    for part in real.split('/') {
        let starts = |prefix: &str| {
            part.strip_prefix(prefix)
                .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
        };
        bus = match part {
            "virtual" => Bus::Virtual,
            // multipath NVMe hangs below /sys/devices/virtual/nvme-subsystem
            "nvme" | "nvme-subsystem" => Bus::Nvme,
            "mmc_host" => Bus::Mmc,
            _ if starts("usb") => Bus::Usb,
            _ if starts("ata") => Bus::Ata,
            _ if starts("virtio") => Bus::Virtio,
            _ if starts("host") && bus == Bus::Other => Bus::Scsi,
            _ => bus,
        };
    }
    bus
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buses() {
        for (path, expected) in [
            (
                "/sys/devices/pci0000:00/0000:00:1f.2/ata1/host0/target0:0:0/0:0:0:0/block/sda",
                Bus::Ata,
            ),
            (
                "/sys/devices/pci0000:00/0000:00:14.0/usb2/2-1/2-1:1.0/host6/target6:0:0/6:0:0:0/block/sdb",
                Bus::Usb,
            ),
            ("/sys/devices/pci0000:00/0000:00:02.0/virtio1/block/vda", Bus::Virtio),
            ("/sys/devices/pci0000:00/0000:01:00.0/nvme/nvme0/nvme0n1", Bus::Nvme),
            ("/sys/devices/virtual/nvme-subsystem/nvme-subsys0/nvme0n1", Bus::Nvme),
            ("/sys/devices/pci0000:00/0000:00:03.0/host2/target2:0:0/2:0:0:0/block/sdc", Bus::Scsi),
            ("/sys/devices/platform/sdhci/mmc_host/mmc0/mmc0:aaaa/block/mmcblk0", Bus::Mmc),
            ("/sys/devices/virtual/block/dm-0", Bus::Virtual),
            ("", Bus::Other),
        ] {
            assert_eq!(bus(path), expected, "{path}");
        }
    }
}
