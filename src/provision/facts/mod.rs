//! What is known about a machine: one model, filled from a probe document (one
//! file per source here) or from a nixos-facter report (`facter.rs`). It states
//! what the machine said and draws no conclusion from it; that is the work of
//! `hardware`. What could not be read is a [`Gap`], never an error.

pub mod block;
pub mod cpu;
pub mod devices;
pub mod firmware;
pub mod mounts;
pub mod net;
pub mod pci;
pub mod ssh;
pub mod storage;
pub mod swaps;
pub mod system;
pub mod usb;

use serde::Serialize;

use super::document::Document;
use super::document::Gap;

/// Everything that was read about one machine.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Facts {
    /// Name, kernel, operating system, virtualisation.
    pub system: system::System,
    /// The first processor; the others are taken to be its equals.
    pub cpu: cpu::Cpu,
    /// DMI names and EFI.
    pub firmware: firmware::Firmware,
    /// PCI devices, by slot.
    pub pci: Vec<pci::PciDevice>,
    /// USB interfaces, by name.
    pub usb: Vec<usb::UsbInterface>,
    /// Block devices: disks, partitions, device-mapper, md, loop, by name.
    pub block: Vec<block::BlockDevice>,
    /// Modules of the controllers that are no PCI devices: MMC hosts, virtio.
    pub controller_modules: Vec<String>,
    /// Network interfaces, by name.
    pub net: Vec<net::NetInterface>,
    /// Device nodes and the names that lead to them.
    pub devices: devices::Devices,
    /// Mounts, in the order of mountinfo.
    pub mounts: Vec<mounts::Mount>,
    /// Active swap, in the order of `/proc/swaps`.
    pub swaps: Vec<swaps::Swap>,
    /// Members of zfs, btrfs and bcachefs file systems.
    pub storage: storage::Storage,
    /// SSH host public keys, without their comments.
    pub ssh_host_keys: Vec<String>,
    /// What could not be read.
    pub gaps: Vec<Gap>,
}

impl Facts {
    /// Reads all facts of a probe document.
    #[must_use]
    pub fn read(document: &Document) -> Self {
        let mut gaps = document.gaps().to_vec();
        let cpu = cpu::read(document);
        let firmware = firmware::read(document);
        let mut pci = pci::read(document, &mut gaps);
        let mut usb = usb::read(document, &mut gaps);
        let mut block = block::read(document);
        let mut mounts = mounts::read(document, &mut gaps);
        let mut net = net::read(document);
        let mut swaps = swaps::read(document, &mut gaps);
        bound("pci", &mut pci, &mut gaps);
        bound("usb", &mut usb, &mut gaps);
        bound("block", &mut block, &mut gaps);
        bound("mounts", &mut mounts, &mut gaps);
        bound("net", &mut net, &mut gaps);
        bound("swaps", &mut swaps, &mut gaps);
        let mut facts = Self {
            system: system::read(document, &cpu, &firmware, &pci),
            usb,
            block,
            controller_modules: block::controller_modules(document),
            net,
            devices: devices::read(document),
            mounts,
            swaps,
            storage: storage::read(document),
            ssh_host_keys: ssh::read(document, &mut gaps),
            cpu,
            firmware,
            pci,
            gaps: Vec::new(),
        };
        facts.gaps = gaps;
        facts
    }

    /// The block device with this kernel name.
    #[must_use]
    pub fn block_named(&self, name: &str) -> Option<&block::BlockDevice> {
        let found = self.block.binary_search_by(|device| device.name.as_str().cmp(name));
        found.ok().and_then(|index| self.block.get(index))
    }

    /// The block device that a device path leads to.
    #[must_use]
    pub fn block_at(&self, path: &str) -> Option<&block::BlockDevice> {
        let number = self.devices.number(path)?;
        self.block.iter().find(|device| device.number == Some(number))
    }

    /// Whole disks that hold data, biggest first: no partitions, no layers, no
    /// optical or empty drives.
    #[must_use]
    pub fn disks(&self) -> Vec<&block::BlockDevice> {
        let mut disks: Vec<_> = self.block.iter().filter(|device| device.is_disk()).collect();
        disks.sort_by(|a, b| b.bytes.cmp(&a.bytes).then_with(|| a.name.cmp(&b.name)));
        disks
    }
}

/// The most devices, mounts or interfaces of one kind that are looked at; the
/// probe prints fewer, a hostile document may hold any number.
const MOST: usize = 2000;

fn bound<T>(about: &str, list: &mut Vec<T>, gaps: &mut Vec<Gap>) {
    if list.len() > MOST {
        gaps.push(gap(about, format!("only {MOST} of {} were looked at", list.len())));
        list.truncate(MOST);
    }
}

pub(super) fn gap(about: impl Into<String>, reason: impl Into<String>) -> Gap {
    Gap { about: about.into(), reason: reason.into() }
}

/// A name for people: no control characters, no blanks around it, not endless.
pub(super) fn label(text: &str) -> Option<String> {
    let clean: String = text
        .trim()
        .chars()
        .map(|c| if c.is_control() { '\u{fffd}' } else { c })
        .take(200)
        .collect();
    (!clean.is_empty()).then_some(clean)
}

/// A hexadecimal number as sysfs writes it, with or without `0x`.
fn hex(text: &str) -> Option<u32> {
    u32::from_str_radix(text.strip_prefix("0x").unwrap_or(text), 16).ok()
}

/// Undoes the octal escapes (`\040`) of mountinfo and swaps; all of them, where
/// nixos-generate-config knows two.
fn unescape_octal(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let octal = match (first, after) {
            (b'\\', [a @ b'0'..=b'3', b @ b'0'..=b'7', c @ b'0'..=b'7', ..]) => {
                Some((a - b'0') * 64 + (b - b'0') * 8 + (c - b'0'))
            }
            _ => None,
        };
        bytes.push(octal.unwrap_or(first));
        rest = if octal.is_some() { &after[3..] } else { after };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The module of the driver bound to a sysfs device. A driver that is built into
/// the running kernel names no module; NixOS kernels build these as modules, so
/// the well-known ones are translated.
fn module_of(document: &Document, device: &str) -> Option<String> {
    if let Some(module) = document.link_name(&format!("{device}/driver/module")) {
        return Some(module.to_owned());
    }
    let driver = document.link_name(&format!("{device}/driver"))?;
    let known = BUILT_IN.iter().find(|(name, _)| *name == driver);
    known.map(|(_, module)| (*module).to_owned())
}

/// Drivers that some distributions build in, and their modules elsewhere.
const BUILT_IN: [(&str, &str); 19] = [
    ("ahci", "ahci"),
    ("ata_piix", "ata_piix"),
    ("e1000e", "e1000e"),
    ("ehci-pci", "ehci_pci"),
    ("hv_storvsc", "hv_storvsc"),
    ("mmcblk", "mmc_block"),
    ("mpt3sas", "mpt3sas"),
    ("nvme", "nvme"),
    ("ohci-pci", "ohci_pci"),
    ("sd", "sd_mod"),
    ("sdhci-pci", "sdhci_pci"),
    ("sr", "sr_mod"),
    ("uas", "uas"),
    ("uhci_hcd", "uhci_hcd"),
    ("usb-storage", "usb_storage"),
    ("usbhid", "usbhid"),
    ("virtio-pci", "virtio_pci"),
    ("virtio_blk", "virtio_blk"),
    ("xhci_hcd", "xhci_pci"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn octal_escapes() {
        assert_eq!(unescape_octal(r"/a\040b\011c\134040"), "/a b\tc\\040");
        assert_eq!(unescape_octal(r"\04"), r"\04");
        assert_eq!(unescape_octal(r"\400"), r"\400");
        assert_eq!(unescape_octal(r"\303\251"), "é");
    }
}
