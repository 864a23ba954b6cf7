//! PCI devices, from `/sys/bus/pci/devices`.

use serde::Serialize;

use super::super::document::Document;
use super::super::document::Gap;
use super::gap;
use super::hex;
use super::module_of;

/// One PCI function.
#[derive(Clone, Debug, Default, Serialize)]
pub struct PciDevice {
    /// Slot, for example `0000:00:1f.2`.
    pub slot: String,
    /// Vendor id.
    pub vendor: u32,
    /// Device id.
    pub device: u32,
    /// Class: base, sub and programming interface, one byte each.
    pub class: u32,
    /// Module of the bound driver.
    pub module: Option<String>,
}

const DIR: &str = "/sys/bus/pci/devices";

pub(super) fn read(document: &Document, gaps: &mut Vec<Gap>) -> Vec<PciDevice> {
    let device = |slot: &str| {
        let path = format!("{DIR}/{slot}");
        let number = |name: &str| document.value(&format!("{path}/{name}")).and_then(hex);
        let (vendor, device, class) = (number("vendor")?, number("device")?, number("class")?);
        let module = module_of(document, &path);
        Some(PciDevice { slot: slot.to_owned(), vendor, device, class, module })
    };
    let mut found = Vec::new();
    for slot in document.entries(DIR) {
        match device(slot) {
            Some(device) => found.push(device),
            None => gaps.push(gap(format!("{DIR}/{slot}"), "no usable vendor, device or class")),
        }
    }
    found
}
