//! Kernel modules, imports and settings that follow from processor, PCI, USB,
//! disks and virtualisation: one table or function a rule, in the order of
//! nixos-generate-config. A device without a bound driver asks for nothing.

use super::super::facts::Facts;
use super::super::facts::pci::PciDevice;
use super::Compat;
use super::Notes;
use super::Options;
use super::note;

/// The parts of the file that are not about file systems. No entry twice.
#[derive(Debug, Default)]
pub(super) struct Boot {
    pub(super) imports: Vec<String>,
    pub(super) initrd_available: Vec<String>,
    pub(super) initrd: Vec<String>,
    pub(super) kernel: Vec<String>,
    pub(super) packages: Vec<String>,
    /// Whole bindings, `name = value;`.
    pub(super) attributes: Vec<String>,
}

pub(super) fn collect(facts: &Facts, options: &Options, notes: &mut Notes) -> Boot {
    let mut boot = Boot::default();
    platform(facts, options, &mut boot, notes);
    for (flag, module) in [("vmx", "kvm-intel"), ("svm", "kvm-amd")] {
        if facts.cpu.has(flag) {
            add(&mut boot.kernel, module);
        }
    }
    for device in &facts.pci {
        pci(device, options.compat, &mut boot);
    }
    for interface in &facts.usb {
        // storage, and keyboards for whoever must type a passphrase
        let wanted = interface.class == 8 || (interface.class == 3 && interface.protocol == 1);
        if let (true, Some(module)) = (wanted, &interface.module) {
            add(&mut boot.initrd_available, module);
        }
    }
    let disks = facts.block.iter().filter_map(|device| device.module.as_ref());
    for module in disks.chain(&facts.controller_modules) {
        add(&mut boot.initrd_available, module);
    }
    if facts.devices.any_numbered("/dev/bcache") {
        add(&mut boot.initrd_available, "bcache");
    }
    if facts.block.iter().any(super::super::facts::block::BlockDevice::is_lvm) {
        // a volume with a snapshot can't be opened without it
        add(&mut boot.initrd, "dm-snapshot");
    }
    virtualisation(facts, options.compat, &mut boot);
    boot
}

fn platform(facts: &Facts, options: &Options, boot: &mut Boot, notes: &mut Notes) {
    match options.platform.as_ref().or(facts.system.platform.as_ref()) {
        Some(platform) => {
            let platform = super::literal::string(platform);
            add(&mut boot.attributes, format!("nixpkgs.hostPlatform = lib.mkDefault {platform};"));
        }
        None => note(notes, "nixpkgs.hostPlatform", "the machine did not say what it is"),
    }
}

/// Mass storage, FireWire and USB controllers must be up before the root file
/// system and the keyboard are needed.
fn is_boot_class(class: u32) -> bool {
    class >> 16 == 0x01 || matches!(class >> 8, 0x0c00 | 0x0c03)
}

fn pci(device: &PciDevice, compat: Compat, boot: &mut Boot) {
    if let (true, Some(module)) = (is_boot_class(device.class), &device.module) {
        add(&mut boot.initrd_available, module);
    }
    let is =
        |vendor: u32, devices: &[u32]| device.vendor == vendor && devices.contains(&device.device);
    if compat == Compat::V24_05 && is(BROADCOM, &BROADCOM_STA) {
        add(&mut boot.packages, "config.boot.kernelPackages.broadcom_sta");
        add(&mut boot.kernel, "wl");
    }
    if is(BROADCOM, &BROADCOM_FULLMAC) {
        add(&mut boot.imports, "(modulesPath + \"/hardware/network/broadcom-43xx.nix\")");
    }
    if is(VIRTIO, &VIRTIO_SCSI) {
        add(&mut boot.initrd_available, "virtio_scsi");
    }
    if is(INTEL, &INTEL_2200BG) {
        add(&mut boot.attributes, "networking.enableIntel2200BGFirmware = true;");
    }
    if is(INTEL, &INTEL_3945ABG) {
        add(&mut boot.attributes, "networking.enableIntel3945ABGFirmware = true;");
    }
    if compat == Compat::Current && is(INTEL, &INTEL_NPU) {
        add(&mut boot.attributes, "hardware.cpu.intel.npu.enable = true;");
    }
}

fn virtualisation(facts: &Facts, compat: Compat, boot: &mut Boot) {
    let old = compat == Compat::V24_05;
    let attributes: &[&str] = match facts.system.virtualisation.as_str() {
        "oracle" => &["virtualisation.virtualbox.guest.enable = true;"],
        "parallels" if old => &[
            "hardware.parallels.enable = true;",
            "nixpkgs.config.allowUnfreePredicate = \
             pkg: builtins.elem (lib.getName pkg) [ \"prl-tools\" ];",
        ],
        "parallels" => &[
            "hardware.parallels.enable = true;",
            "nixpkgs.config.allowUnfreePackages = [ \"prl-tools\" ];",
        ],
        "microsoft" => &["virtualisation.hypervGuest.enable = true;"],
        "systemd-nspawn" if old => &["boot.isContainer = true;"],
        "systemd-nspawn" => &["boot.isNspawnContainer = true;"],
        "bochs" | "kvm" | "qemu" => {
            add(&mut boot.imports, "(modulesPath + \"/profiles/qemu-guest.nix\")");
            &[]
        }
        "none" => {
            add(&mut boot.imports, "(modulesPath + \"/installer/scan/not-detected.nix\")");
            match facts.cpu.vendor.as_deref() {
                Some("AuthenticAMD") => &["hardware.cpu.amd.updateMicrocode = \
                     lib.mkDefault config.hardware.enableRedistributableFirmware;"],
                Some("GenuineIntel") => &["hardware.cpu.intel.updateMicrocode = \
                     lib.mkDefault config.hardware.enableRedistributableFirmware;"],
                _ => &[],
            }
        }
        _ => &[],
    };
    for attribute in attributes {
        add(&mut boot.attributes, *attribute);
    }
}

fn add(list: &mut Vec<String>, item: impl Into<String>) {
    let item = item.into();
    if !list.contains(&item) {
        list.push(item);
    }
}

const BROADCOM: u32 = 0x14e4;
const INTEL: u32 = 0x8086;
const VIRTIO: u32 = 0x1af4;

/// Radios that need the firmware of `broadcom-43xx.nix`.
const BROADCOM_FULLMAC: [u32; 16] = [
    0x43a3, 0x43ba, 0x43bb, 0x43bc, 0x43c3, 0x43c4, 0x43c5, 0x43ca, 0x43cb, 0x43cc, 0x43d3, 0x43d9,
    0x43df, 0x43e9, 0x43ec, 0xaa52,
];

/// Radios of the unfree driver that 24.05 still proposed.
const BROADCOM_STA: [u32; 18] = [
    0x4311, 0x4312, 0x4313, 0x4315, 0x4327, 0x4328, 0x4329, 0x432a, 0x432b, 0x432c, 0x432d, 0x4331,
    0x4353, 0x4357, 0x4358, 0x4359, 0x43a0, 0x43b1,
];

const INTEL_2200BG: [u32; 6] = [0x1043, 0x104f, 0x4220, 0x4221, 0x4223, 0x4224];
const INTEL_3945ABG: [u32; 4] = [0x4222, 0x4227, 0x4229, 0x4230];
const INTEL_NPU: [u32; 6] = [0x643e, 0x7d1d, 0xad1d, 0xb03e, 0xd71d, 0xfd3e];
const VIRTIO_SCSI: [u32; 2] = [0x1004, 0x1048];
