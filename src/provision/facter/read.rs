//! Report → facts. Every field may be absent; one of another kind than the
//! schema says counts as absent.

use serde_json::Value;

use super::super::document::DevNum;
use super::super::facts::Facts;
use super::super::facts::block::BlockDevice;
use super::super::facts::block::Bus;
use super::super::facts::cpu::Cpu;
use super::super::facts::firmware::Firmware;
use super::super::facts::gap;
use super::super::facts::label;
use super::super::facts::net::NetInterface;
use super::super::facts::pci::PciDevice;
use super::super::facts::swaps::Swap;
use super::super::facts::usb::UsbInterface;
use super::bus;

/// The largest report that is read, in bytes. Real ones are below 300 kB.
const MAX_BYTES: usize = 8 << 20;
/// The most devices of one kind that are looked at.
const MOST: usize = 2000;

/// Sub class of radios in hwinfo.
const WLAN: u32 = 0x82;

/// Why a file is not a report.
#[derive(Debug, thiserror::Error)]
pub enum FacterError {
    /// Not JSON.
    #[error("the report is not JSON")]
    Json(#[source] serde_json::Error),
    /// JSON of another kind, often a log in front of an empty file.
    #[error("this is not a report of nixos-facter: it has no `{field}`")]
    NotAReport {
        /// The first field that is missing.
        field: &'static str,
    },
    /// Larger than any machine needs.
    #[error("the report is larger than {MAX_BYTES} bytes")]
    TooLarge,
    /// A version of the schema that came after this program.
    #[error("the report has version {found}, this program reads 1 and 2")]
    Version {
        /// The version it says.
        found: u64,
    },
}

/// Reads a report.
///
/// # Errors
/// If it is no JSON, no report, or of an unknown version.
pub fn read(bytes: &[u8]) -> Result<Facts, FacterError> {
    if bytes.len() > MAX_BYTES {
        return Err(FacterError::TooLarge);
    }
    let report: Value = serde_json::from_slice(bytes).map_err(FacterError::Json)?;
    let version = report["version"].as_u64().ok_or(FacterError::NotAReport { field: "version" })?;
    if !(1..=2).contains(&version) {
        return Err(FacterError::Version { found: version });
    }
    let hardware = &report["hardware"];
    if !hardware.is_object() {
        return Err(FacterError::NotAReport { field: "hardware" });
    }
    let mut facts = Facts {
        cpu: cpu(hardware),
        firmware: firmware(&report),
        pci: pci(hardware),
        usb: usb(hardware),
        block: disks(hardware),
        controller_modules: controllers(hardware),
        net: net(hardware),
        swaps: devices(&report, "swap").filter_map(swap).collect(),
        ..Facts::default()
    };
    facts.system.platform = report["system"].as_str().and_then(label);
    let word = report["virtualisation"].as_str().unwrap_or("none");
    facts.system.virtualisation = word.replace('_', "-");
    facts.gaps = vec![
        gap("mounts", "a nixos-facter report has no file systems"),
        gap("ssh", "a nixos-facter report has no SSH host keys"),
    ];
    Ok(facts)
}

/// The entries of a class; some are a list, some a single object.
fn devices<'a>(of: &'a Value, class: &str) -> impl Iterator<Item = &'a Value> + use<'a> {
    let entries = match &of[class] {
        Value::Array(entries) => entries.as_slice(),
        object @ Value::Object(_) => std::slice::from_ref(object),
        _ => &[],
    };
    entries.iter().take(MOST)
}

fn all(hardware: &Value) -> impl Iterator<Item = &Value> {
    let classes = hardware.as_object().into_iter().flatten();
    classes.flat_map(|(_, entries)| entries.as_array().into_iter().flatten()).take(4 * MOST)
}

fn text(value: &Value, field: &str) -> Option<String> {
    value[field].as_str().and_then(label)
}

/// Version 1 writes an id as an object, version 2 sometimes as a name alone.
fn id(device: &Value, field: &str) -> Option<u32> {
    device[field]["value"].as_u64().and_then(|value| u32::try_from(value).ok())
}

fn bus_of(device: &Value) -> Option<u64> {
    device["bus_type"]["value"].as_u64()
}

fn modules(device: &Value) -> impl Iterator<Item = String> {
    let list = device["driver_modules"].as_array().into_iter().flatten();
    let one = device.get("driver_module").filter(|_| !device["driver_modules"].is_array());
    list.chain(one).filter_map(Value::as_str).filter_map(label)
}

fn cpu(hardware: &Value) -> Cpu {
    let first = devices(hardware, "cpu").next().unwrap_or(&Value::Null);
    let features = first["features"].as_array().into_iter().flatten();
    let memory = devices(hardware, "memory").find_map(|memory| {
        let resources = memory["resources"].as_array().into_iter().flatten();
        let physical = resources.into_iter().find(|resource| resource["type"] == "phys_mem");
        physical.and_then(|resource| resource["range"].as_u64())
    });
    let count = devices(hardware, "cpu").count();
    Cpu {
        vendor: text(first, "vendor_name"),
        model: text(first, "model_name"),
        count: first["siblings"]
            .as_u64()
            .map_or(Some(count), |n| usize::try_from(n).ok())
            .and_then(|count| u32::try_from(count).ok())
            .filter(|count| *count > 0),
        features: features.filter_map(Value::as_str).filter_map(label).take(MOST).collect(),
        memory_kib: memory.map(|bytes| bytes / 1024),
    }
}

fn firmware(report: &Value) -> Firmware {
    let part = |name: &str, fields: &[&str]| {
        let part = devices(&report["smbios"], name).next()?;
        let words: Vec<String> = fields.iter().filter_map(|field| text(part, field)).collect();
        label(&words.join(" "))
    };
    Firmware {
        efi: report["uefi"]["supported"] == true,
        efi_bits: id(
            &serde_json::json!({ "n": { "value": report["uefi"]["platform_size"] } }),
            "n",
        ),
        vendor: part("system", &["manufacturer"]),
        product: part("system", &["product"]),
        version: part("system", &["version"]),
        board: part("board", &["manufacturer", "product"]),
        bios: part("bios", &["vendor", "version", "date"]),
        ..Firmware::default()
    }
}

fn pci(hardware: &Value) -> Vec<PciDevice> {
    let mut found: Vec<PciDevice> = Vec::new();
    for device in all(hardware).filter(|device| bus_of(device) == Some(bus::PCI)) {
        let ids = (id(device, "vendor"), id(device, "device"), id(device, "base_class"));
        let (Some(slot), (Some(vendor), Some(model), Some(base))) =
            (text(device, "sysfs_bus_id"), ids)
        else {
            continue;
        };
        let class = |field| match id(device, field).unwrap_or_default() & 0xff {
            // hwinfo's own sub class for radios; PCI says "other"
            WLAN if base == 2 => 0x80,
            byte => byte,
        };
        found.push(PciDevice {
            slot,
            vendor,
            device: model,
            class: (base & 0xff) << 16 | class("sub_class") << 8 | class("pci_interface"),
            module: modules(device).next(),
        });
    }
    found.sort_by(|a, b| a.slot.cmp(&b.slot));
    found.dedup_by(|a, b| a.slot == b.slot);
    found
}

/// Keyboards, and disks that hang on USB: the report has no interfaces.
fn usb(hardware: &Value) -> Vec<UsbInterface> {
    let of_class = |class: &'static str, number: u32, protocol: u32| {
        let on_usb = |device: &&Value| bus_of(device) == Some(bus::USB);
        devices(hardware, class).filter(on_usb).flat_map(move |device| {
            let name = text(device, "sysfs_bus_id").unwrap_or_default();
            modules(device).map(move |module| UsbInterface {
                name: name.clone(),
                class: number,
                protocol,
                module: Some(module),
            })
        })
    };
    let mut found: Vec<_> = of_class("keyboard", 3, 1)
        .chain(of_class("disk", 8, 0x50))
        .chain(of_class("storage_controller", 8, 0x50))
        .collect();
    found.sort_by(|a, b| (&a.name, &a.module).cmp(&(&b.name, &b.module)));
    found.dedup_by(|a, b| a.name == b.name && a.module == b.module);
    found
}

/// Drivers of controllers that are no PCI devices, and those of disks beyond
/// the first.
fn controllers(hardware: &Value) -> Vec<String> {
    let elsewhere = |device: &&Value| !matches!(bus_of(device), Some(bus::PCI | bus::USB));
    let classes = ["storage_controller", "mmc_controller", "firewire_controller"];
    let controllers = classes.into_iter().flat_map(|class| devices(hardware, class));
    let mut found: Vec<String> = controllers.filter(elsewhere).flat_map(modules).collect();
    found.extend(devices(hardware, "disk").flat_map(|disk| modules(disk).skip(1)));
    found.sort();
    found.dedup();
    found
}

fn disks(hardware: &Value) -> Vec<BlockDevice> {
    let mut found: Vec<_> = devices(hardware, "disk").filter_map(disk).collect();
    found.extend(devices(hardware, "cdrom").filter_map(disk));
    found.sort_by(|a, b| a.name.cmp(&b.name));
    found.dedup_by(|a, b| a.name == b.name);
    found
}

fn disk(device: &Value) -> Option<BlockDevice> {
    let name = text(device, "unix_device_name")?.strip_prefix("/dev/")?.to_owned();
    let number = |field: &str| device["unix_device_number"][field].as_u64()?.try_into().ok();
    let resources = device["resources"].as_array().into_iter().flatten();
    let size = resources.into_iter().find(|resource| resource["type"] == "size");
    let bytes = size.and_then(|size| {
        let (count, unit) = (size["value_1"].as_u64()?, size["value_2"].as_u64()?);
        Some(count.saturating_mul(unit))
    });
    Some(BlockDevice {
        bus: match bus_of(device) {
            Some(bus::SCSI) => Bus::Scsi,
            Some(bus::IDE) => Bus::Ata,
            Some(bus::USB) => Bus::Usb,
            Some(bus::VIRTIO) => Bus::Virtio,
            Some(bus::MMC) => Bus::Mmc,
            Some(bus::NVME) => Bus::Nvme,
            _ => by_name(&name),
        },
        name,
        number: number("major").zip(number("minor")).map(|(major, minor)| DevNum { major, minor }),
        bytes: bytes.unwrap_or_default(),
        model: text(device, "model"),
        module: modules(device).next(),
        ..BlockDevice::default()
    })
}

fn by_name(name: &str) -> Bus {
    let buses = [("vd", Bus::Virtio), ("nvme", Bus::Nvme), ("mmcblk", Bus::Mmc), ("sd", Bus::Scsi)];
    let bus = buses.iter().find(|(start, _)| name.starts_with(start));
    bus.map_or(Bus::Other, |(_, bus)| *bus)
}

fn net(hardware: &Value) -> Vec<NetInterface> {
    let radios: Vec<&str> = devices(hardware, "network_controller")
        .filter(|device| id(device, "sub_class") == Some(WLAN))
        .filter_map(|device| device["unix_device_name"].as_str())
        .collect();
    let mut found: Vec<_> = devices(hardware, "network_interface")
        .filter_map(|device| {
            let name = text(device, "unix_device_name")?;
            Some(NetInterface {
                mac: None,
                module: modules(device).next(),
                physical: device["sysfs_device_link"].is_string(),
                wireless: radios.contains(&name.as_str()),
                name,
            })
        })
        .collect();
    found.sort_by(|a, b| a.name.cmp(&b.name));
    found
}

fn swap(entry: &Value) -> Option<Swap> {
    Some(Swap {
        path: text(entry, "path")?,
        file: entry["type"] == "file",
        kib: entry["size"].as_u64().unwrap_or_default(),
        priority: entry["priority"].as_i64().and_then(|n| n.try_into().ok()).unwrap_or(-1),
    })
}
