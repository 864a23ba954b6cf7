//! Name, kernel, operating system and virtualisation.

use serde::Serialize;

use super::super::document::Document;
use super::cpu::Cpu;
use super::firmware::Firmware;
use super::label;
use super::pci::PciDevice;

/// The running system.
#[derive(Clone, Debug, Default, Serialize)]
pub struct System {
    /// Host name.
    pub hostname: Option<String>,
    /// The platform as Nix writes it, for example `x86_64-linux`.
    pub platform: Option<String>,
    /// Kernel release.
    pub kernel: Option<String>,
    /// `ID` of os-release, for example `nixos`.
    pub os: Option<String>,
    /// Name of the operating system for people.
    pub os_name: Option<String>,
    /// Is it the NixOS installer.
    pub installer: bool,
    /// Did the probe run as root.
    pub root: bool,
    /// The word that systemd-detect-virt prints: `none`, `kvm`, `oracle`, …
    pub virtualisation: String,
}

pub(super) fn read(
    document: &Document,
    cpu: &Cpu,
    firmware: &Firmware,
    pci: &[PciDevice],
) -> System {
    let kernel = |name: &str| document.value(&format!("/proc/sys/kernel/{name}")).and_then(label);
    let os = |name: &str| os_release(document, name);
    let detected = document.output("detect-virt").and_then(|lines| lines.first());
    let known = |word: &&String| !word.is_empty() && word.bytes().all(|b| b.is_ascii_graphic());
    let virtualisation = match detected.filter(known) {
        Some(word) => word.to_owned(),
        None => guess(document, cpu, firmware, pci).to_owned(),
    };
    System {
        hostname: kernel("hostname"),
        platform: document.value("machine").and_then(platform),
        kernel: kernel("osrelease"),
        os: os("ID"),
        os_name: os("PRETTY_NAME").or_else(|| os("NAME")),
        installer: os("VARIANT_ID").as_deref() == Some("installer"),
        root: document.value("user") == Some("0"),
        virtualisation,
    }
}

/// `uname -m` → the platform of Nix.
fn platform(machine: &str) -> Option<String> {
    let cpu = match machine {
        "aarch64" | "arm64" => "aarch64",
        "armv6l" => "armv6l",
        "armv7l" | "armv8l" => "armv7l",
        "i386" | "i486" | "i586" | "i686" => "i686",
        "loongarch64" | "mips64" | "powerpc64le" | "riscv64" | "s390x" | "x86_64" => machine,
        "ppc64le" => "powerpc64le",
        _ => return None,
    };
    Some(format!("{cpu}-linux"))
}

fn os_release(document: &Document, name: &str) -> Option<String> {
    let lines = document.file("/etc/os-release")?;
    let value = lines.iter().find_map(|line| line.strip_prefix(name)?.strip_prefix('='))?;
    label(value.trim_matches(['"', '\'']))
}

/// What systemd-detect-virt would say, on a machine without it: containers
/// first, then the names that hypervisors give in DMI, then the processor.
fn guess<'a>(document: &'a Document, cpu: &Cpu, firmware: &Firmware, pci: &[PciDevice]) -> &'a str {
    let container = document.value("/run/systemd/container").unwrap_or_default();
    if container.bytes().all(|byte| byte.is_ascii_graphic()) && !container.is_empty() {
        return container;
    }
    let vendor = firmware.vendor.as_deref().unwrap_or_default();
    let product = firmware.product.as_deref().unwrap_or_default();
    let bios = firmware.bios.as_deref().unwrap_or_default();
    let names = [vendor, product, bios];
    let dmi = DMI_NAMES.iter().find(|(start, _)| names.iter().any(|name| name.starts_with(start)));
    if let Some((_, word)) = dmi {
        return word;
    }
    if vendor == "Microsoft Corporation" && product == "Virtual Machine" {
        return "microsoft";
    }
    if document.value("/sys/hypervisor/type") == Some("xen") {
        return "xen";
    }
    let virtio = pci.iter().any(|device| device.vendor == 0x1af4);
    match cpu.has("hypervisor") {
        true if virtio => "kvm",
        true => "vm-other",
        false if virtio => "qemu",
        false => "none",
    }
}

const DMI_NAMES: [(&str, &str); 13] = [
    ("Amazon EC2", "amazon"),
    ("Apple Virtualization", "apple"),
    ("BHYVE", "bhyve"),
    ("Bochs", "bochs"),
    ("Google Compute Engine", "google"),
    ("KVM", "kvm"),
    ("OpenStack", "kvm"),
    ("Parallels", "parallels"),
    ("QEMU", "qemu"),
    ("VMW", "vmware"),
    ("VMware", "vmware"),
    ("VirtualBox", "oracle"),
    ("innotek GmbH", "oracle"),
];
