//! USB interfaces, from `/sys/bus/usb/devices`. Devices without an interface
//! say nothing about the driver that is needed and are left out.

use serde::Serialize;

use super::super::document::Document;
use super::super::document::Gap;
use super::gap;
use super::hex;
use super::module_of;

/// One USB interface.
#[derive(Clone, Debug, Default, Serialize)]
pub struct UsbInterface {
    /// Name, for example `1-4:1.0`.
    pub name: String,
    /// `bInterfaceClass`: 3 input, 8 storage.
    pub class: u32,
    /// `bInterfaceProtocol`: 1 keyboard where the class is input.
    pub protocol: u32,
    /// Module of the bound driver.
    pub module: Option<String>,
}

const DIR: &str = "/sys/bus/usb/devices";

pub(super) fn read(document: &Document, gaps: &mut Vec<Gap>) -> Vec<UsbInterface> {
    let interface = |name: &str| {
        let path = format!("{DIR}/{name}");
        let number = |name: &str| document.value(&format!("{path}/{name}")).and_then(hex);
        let (class, protocol) = (number("bInterfaceClass")?, number("bInterfaceProtocol")?);
        let module = module_of(document, &path);
        Some(UsbInterface { name: name.to_owned(), class, protocol, module })
    };
    let mut found = Vec::new();
    for name in document.entries(DIR) {
        match interface(name) {
            Some(interface) => found.push(interface),
            None => gaps.push(gap(format!("{DIR}/{name}"), "no usable interface class")),
        }
    }
    found
}
