//! DMI names and EFI. Serial numbers and UUIDs are there only if they were
//! asked for.

use serde::Serialize;

use super::super::document::Document;
use super::label;

/// What the firmware says about the machine.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Firmware {
    /// Was it booted by EFI.
    pub efi: bool,
    /// Word size of the EFI firmware: 32 or 64.
    pub efi_bits: Option<u32>,
    /// Is there a `/boot/extlinux`, as on many ARM boards.
    pub extlinux: bool,
    /// Maker of the machine.
    pub vendor: Option<String>,
    /// Name of the machine.
    pub product: Option<String>,
    /// Version or, with some makers, the better name.
    pub version: Option<String>,
    /// Maker and name of the board.
    pub board: Option<String>,
    /// Maker, version and date of the firmware.
    pub bios: Option<String>,
    /// Serial number of the machine.
    pub serial: Option<String>,
    /// UUID of the machine.
    pub uuid: Option<String>,
}

pub(super) fn read(document: &Document) -> Firmware {
    let dmi = |name: &str| document.value(&format!("/sys/class/dmi/id/{name}")).and_then(label);
    let joined = |names: &[&str]| {
        let words: Vec<String> = names.iter().filter_map(|name| dmi(name)).collect();
        label(&words.join(" "))
    };
    let bits = document.value("/sys/firmware/efi/fw_platform_size");
    Firmware {
        efi: document.is_dir("/sys/firmware/efi"),
        efi_bits: bits.and_then(|bits| bits.parse().ok()),
        extlinux: document.is_dir("/boot/extlinux"),
        vendor: dmi("sys_vendor"),
        product: dmi("product_name"),
        version: dmi("product_version"),
        board: joined(&["board_vendor", "board_name"]),
        bios: joined(&["bios_vendor", "bios_version", "bios_date"]),
        serial: dmi("product_serial"),
        uuid: dmi("product_uuid"),
    }
}
