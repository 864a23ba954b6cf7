//! Facts → report, version 1. Numbers of hwinfo that only it gives out
//! (`attached_to`, resources other than sizes) are left out.

use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use super::super::facts::Facts;
use super::super::facts::block::BlockDevice;
use super::super::facts::block::Bus;
use super::super::facts::net::NetInterface;
use super::super::facts::pci::PciDevice;
use super::PCI_CLASSES;
use super::bus;

/// Writes a report: what the schema has a place for, as indented JSON.
#[must_use]
pub fn write(facts: &Facts) -> String {
    let mut report = Map::new();
    let mut set = |name: &str, value: Value| {
        report.insert(name.to_owned(), value);
    };
    set("version", json!(1));
    if let Some(platform) = &facts.system.platform {
        set("system", json!(platform));
    }
    set("virtualisation", json!(facts.system.virtualisation.replace('-', "_")));
    if facts.firmware.efi {
        set("uefi", json!({ "supported": true, "platform_size": facts.firmware.efi_bits }));
    }
    set("hardware", hardware(facts));
    set("smbios", smbios(facts));
    if !facts.swaps.is_empty() {
        let swap = facts.swaps.iter().map(|swap| {
            let kind = if swap.file { "file" } else { "partition" };
            json!({
                "type": kind,
                "path": swap.path,
                "size": swap.kib,
                "used": 0,
                "priority": swap.priority,
            })
        });
        set("swap", swap.collect());
    }
    format!("{:#}\n", Value::Object(report))
}

fn hardware(facts: &Facts) -> Value {
    let mut hardware = Hardware { classes: Map::new(), count: 0 };
    let cpu = json!({
        "architecture": facts.system.platform.as_deref().and_then(|name| name.split('-').next()),
        "vendor_name": facts.cpu.vendor.as_deref().unwrap_or_default(),
        "model_name": facts.cpu.model,
        "features": facts.cpu.features,
        "siblings": facts.cpu.count,
    });
    hardware.classes.insert("cpu".to_owned(), json!([cpu]));
    for device in &facts.pci {
        let class = PCI_CLASSES.iter().find(|(_, code, bits)| device.class >> bits == code >> bits);
        hardware.add(class.map_or("pci", |(name, ..)| name), pci(facts, device));
    }
    for interface in &facts.usb {
        let class = match interface.class {
            3 if interface.protocol == 1 => "keyboard",
            8 => "storage_controller",
            _ => continue,
        };
        let mut device = named(&interface.name, bus::USB, "USB");
        drivers(&mut device, interface.module.as_deref());
        hardware.add(class, device);
    }
    for module in &facts.controller_modules {
        let mut device = Map::new();
        drivers(&mut device, Some(module));
        hardware.add("mmc_controller", device);
    }
    let real = |device: &&BlockDevice| device.is_disk() || device.module.is_some();
    for device in facts.block.iter().filter(real) {
        let class = if device.name.starts_with("sr") { "cdrom" } else { "disk" };
        hardware.add(class, disk(device));
    }
    for interface in &facts.net {
        hardware.add("network_interface", net(interface));
    }
    if let Some(kib) = facts.cpu.memory_kib {
        let resource = json!({ "type": "phys_mem", "range": kib.saturating_mul(1024) });
        let memory = json!({ "model": "Main Memory", "resources": [resource] });
        if let Value::Object(memory) = memory {
            hardware.add("memory", memory);
        }
    }
    Value::Object(hardware.classes)
}

struct Hardware {
    classes: Map<String, Value>,
    count: usize,
}

impl Hardware {
    fn add(&mut self, class: &str, device: Map<String, Value>) {
        self.count += 1;
        let mut entry = Map::new();
        entry.insert("index".to_owned(), json!(self.count));
        entry.insert("class_list".to_owned(), json!([class]));
        entry.extend(device);
        let list = self.classes.entry(class).or_insert_with(|| json!([]));
        if let Value::Array(list) = list {
            list.push(Value::Object(entry));
        }
    }
}

fn named(name: &str, number: u64, bus: &str) -> Map<String, Value> {
    let mut device = Map::new();
    device.insert("bus_type".to_owned(), with_hex(number, Some(bus)));
    device.insert("sysfs_bus_id".to_owned(), json!(name));
    device
}

fn with_hex(value: u64, name: Option<&str>) -> Value {
    match name {
        Some(name) => json!({ "hex": format!("{value:04x}"), "name": name, "value": value }),
        None => json!({ "hex": format!("{value:04x}"), "value": value }),
    }
}

fn drivers(device: &mut Map<String, Value>, module: Option<&str>) {
    if let Some(module) = module {
        device.insert("driver_module".to_owned(), json!(module));
        device.insert("driver_modules".to_owned(), json!([module]));
    }
}

fn pci(facts: &Facts, device: &PciDevice) -> Map<String, Value> {
    let mut entry = named(&device.slot, bus::PCI, "PCI");
    let mut set = |name: &str, value: u32| {
        entry.insert(name.to_owned(), with_hex(u64::from(value), None));
    };
    set("base_class", device.class >> 16);
    let radio = facts.net.iter().any(|net| net.wireless && net.module == device.module);
    // hwinfo tells radios from wires by a sub class that PCI does not have
    let wlan = device.class >> 16 == 2 && radio && device.module.is_some();
    set("sub_class", if wlan { 0x82 } else { device.class >> 8 & 0xff });
    set("pci_interface", device.class & 0xff);
    set("vendor", device.vendor);
    set("device", device.device);
    drivers(&mut entry, device.module.as_deref());
    entry
}

fn disk(device: &BlockDevice) -> Map<String, Value> {
    let (number, name) = match device.bus {
        Bus::Ata => (bus::IDE, "IDE"),
        Bus::Mmc => (bus::MMC, "MMC"),
        Bus::Nvme => (bus::NVME, "NVME"),
        Bus::Usb => (bus::USB, "USB"),
        Bus::Virtio => (bus::VIRTIO, "Virtio"),
        Bus::Scsi | Bus::Virtual | Bus::Other => (bus::SCSI, "SCSI"),
    };
    let mut entry = Map::new();
    let mut set = |name: &str, value: Value| {
        entry.insert(name.to_owned(), value);
    };
    set("bus_type", with_hex(number, Some(name)));
    set("model", json!(device.model.as_deref().unwrap_or("Disk")));
    set("sysfs_id", json!(format!("/class/block/{}", device.name)));
    set("unix_device_name", json!(format!("/dev/{}", device.name)));
    if let Some(number) = device.number {
        let number = json!({ "type": 98, "major": number.major, "minor": number.minor });
        set("unix_device_number", number);
    }
    let sectors = device.bytes / 512;
    let size = json!({ "type": "size", "unit": "sectors", "value_1": sectors, "value_2": 512 });
    set("resources", json!([size]));
    if let Some(serial) = &device.serial {
        set("serial", json!(serial));
    }
    drivers(&mut entry, device.module.as_deref());
    entry
}

fn net(interface: &NetInterface) -> Map<String, Value> {
    let mut entry = Map::new();
    let kind = if interface.name == "lo" { "Loopback" } else { "Ethernet" };
    let number = u64::from(interface.name != "lo");
    let mut set = |name: &str, value: Value| {
        entry.insert(name.to_owned(), value);
    };
    set("sub_class", with_hex(number, Some(kind)));
    set("sysfs_id", json!(format!("/class/net/{}", interface.name)));
    if interface.physical {
        set("sysfs_device_link", json!(format!("/class/net/{}/device", interface.name)));
    }
    set("unix_device_name", json!(interface.name));
    set("unix_device_names", json!([interface.name]));
    drivers(&mut entry, interface.module.as_deref());
    entry
}

fn smbios(facts: &Facts) -> Value {
    let firmware = &facts.firmware;
    json!({
        "bios": { "version": firmware.bios },
        "board": { "product": firmware.board },
        "system": {
            "manufacturer": firmware.vendor,
            "product": firmware.product,
            "version": firmware.version,
        },
    })
}
