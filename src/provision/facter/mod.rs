//! The report of nixos-facter (`pkg/facter/facter.go`, versions 1 and 2): read
//! into the same facts as a probe document, and written from them. A report
//! knows no file systems, no LUKS and no SSH keys; what is missing in it is a
//! gap. It writes nothing that the schema has no place for.

mod read;
mod write;

pub use self::read::FacterError;
pub use self::read::read;
pub use self::write::write;

/// Classes of hwinfo that a report files PCI devices under, by the start of
/// their class code: name, code, bits of the code that do not count.
const PCI_CLASSES: [(&str, u32, u32); 7] = [
    ("firewire_controller", 0x000c_0000, 8),
    ("usb_controller", 0x000c_0300, 8),
    ("storage_controller", 0x0001_0000, 16),
    ("network_controller", 0x0002_0000, 16),
    ("graphics_card", 0x0003_0000, 16),
    ("sound", 0x0004_0000, 16),
    ("bridge", 0x0006_0000, 16),
];

/// `bus_type` values of hwinfo (`hd.h`).
mod bus {
    pub(super) const PCI: u64 = 4;
    pub(super) const SCSI: u64 = 132;
    pub(super) const IDE: u64 = 133;
    pub(super) const USB: u64 = 134;
    pub(super) const VIRTIO: u64 = 143;
    pub(super) const MMC: u64 = 145;
    pub(super) const NVME: u64 = 150;
}
