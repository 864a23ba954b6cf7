//! Reports of nixos-facter: what we write holds the same machine, and no JSON can break the reader.

use std::collections::BTreeSet;

use hostward::provision::capture;
use hostward::provision::capture::CaptureOptions;
use hostward::provision::facter;
use hostward::provision::facter::FacterError;
use hostward::provision::facts::Facts;
use hostward::provision::hardware;
use hostward::provision::hardware::Options;
use proptest::prelude::*;
use serde_json::Value;
use serde_json::json;

use crate::scan_snapshots::snapshots;

/// The generated lines, each list as a set: a report has another order of devices.
fn rules(facts: &Facts) -> BTreeSet<String> {
    let options = Options { filesystems: false, ..Options::default() };
    let text = hardware::generate(facts, &options).text;
    let lines = text.lines().skip(4).flat_map(|line| match line.split_once(" = [") {
        Some((name, list)) => {
            list.split_ascii_whitespace().map(|item| format!("{name} {item}")).collect()
        }
        None => vec![line.trim_start_matches("    [").trim().to_owned()],
    });
    lines.collect()
}

#[test]
fn a_written_report_is_the_same_machine() {
    for (name, path) in snapshots() {
        let document = capture::snapshot(&path, &CaptureOptions::default()).unwrap();
        let facts = Facts::read(&document);
        let report = facter::write(&facts);
        let again = facter::read(report.as_bytes()).unwrap();
        // what a report has no place for: bcache nodes and the names of LVM volumes
        let mut expected = rules(&facts);
        expected.retain(|line| !line.contains("bcache") && !line.contains("dm-snapshot"));
        assert_eq!(rules(&again), expected, "{name}");
        assert_eq!(again.disks().len(), facts.disks().len(), "{name}");
        assert_eq!(again.net.len(), facts.net.len(), "{name}");
        let second = facter::read(facter::write(&again).as_bytes()).unwrap();
        assert_eq!(rules(&second), rules(&again), "{name}");
        let value: Value = serde_json::from_str(&report).unwrap();
        assert!(!report.contains("serial"), "{name}");
        assert!(value["hardware"]["cpu"][0]["vendor_name"].is_string(), "{name}");
    }
}

#[test]
fn both_versions_are_read() {
    // version 2 has ids without `hex`, and names where version 1 has objects
    for version in [1, 2] {
        let report = json!({
            "version": version, "system": "x86_64-linux", "virtualisation": "systemd_nspawn",
            "uefi": { "supported": true, "platform_size": 64 },
            "hardware": {
                "cpu": [{ "vendor_name": "GenuineIntel", "features": ["vmx"], "siblings": 4 }],
                "storage_controller": [
                    { "bus_type": { "value": 4 }, "sysfs_bus_id": "0000:00:1f.2", "slot": 0,
                      "base_class": { "value": 1 }, "sub_class": { "value": 6 },
                      "vendor": { "value": 32902 }, "device": { "value": 10530 },
                      "driver_module": "ahci", "driver_modules": ["ahci"] },
                    { "bus_type": { "value": 143 }, "vendor": "Virtio", "device": "Storage 0",
                      "driver_modules": ["virtio_blk"] }
                ],
                "disk": [{ "unix_device_name": "/dev/sda", "driver_modules": ["sd_mod", "ahci"],
                    "unix_device_number": { "type": 98, "major": 8, "minor": 0 },
                    "resources": [{ "type": "size", "value_1": 2048, "value_2": 512 }] }],
                "keyboard": [{ "bus_type": { "value": 134 }, "sysfs_bus_id": "1-1:1.0",
                    "driver_modules": ["usbhid"] }],
                "system": { "form_factor": "laptop" }
            },
            "swap": [{ "type": "partition", "path": "/dev/sda2", "size": 1, "used": 0, "priority": -2 }]
        });
        let facts = facter::read(report.to_string().as_bytes()).unwrap();
        assert_eq!(facts.system.virtualisation, "systemd-nspawn");
        assert!(facts.firmware.efi && facts.firmware.efi_bits == Some(64));
        assert_eq!(facts.pci[0].class, 0x01_0600);
        assert_eq!((facts.disks()[0].bytes, facts.swaps[0].priority), (1 << 20, -2));
        let text = hardware::generate(&facts, &Options::default()).text;
        for module in ["ahci", "virtio_blk", "sd_mod", "usbhid", "kvm-intel"] {
            assert!(text.contains(&format!("\"{module}\"")), "{module}: {text}");
        }
    }
}

#[test]
fn what_is_no_report_is_refused() {
    let error = |text: &str| facter::read(text.as_bytes()).unwrap_err();
    assert!(matches!(error(""), FacterError::Json(_)));
    assert!(matches!(error("warning: x\n{}"), FacterError::Json(_)));
    assert!(matches!(error("{}"), FacterError::NotAReport { field: "version" }));
    assert!(matches!(error("{\"version\":1}"), FacterError::NotAReport { field: "hardware" }));
    assert!(matches!(error("{\"version\":3}"), FacterError::Version { found: 3 }));
    assert!(matches!(error(&"[".repeat(100_000)), FacterError::Json(_)));
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        "[a-z\\p{Cc}\"$\\{/]{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 64, 6, |inner| {
        let keys = prop::sample::select(vec![
            "value",
            "bus_type",
            "base_class",
            "vendor",
            "device",
            "sysfs_bus_id",
            "resources",
            "driver_modules",
            "driver_module",
            "unix_device_name",
            "disk",
            "cpu",
            "type",
            "range",
            "value_1",
            "value_2",
            "keyboard",
            "features",
            "network_interface",
            "storage_controller",
        ]);
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::btree_map(keys, inner, 0..8).prop_map(|map| {
                map.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
            }),
        ]
    })
}

proptest! {
    #[test]
    fn no_json_breaks_the_reader(hardware in any_json(), other in any_json()) {
        let report = json!({
            "version": 1, "hardware": hardware, "swap": other.clone(), "smbios": other,
        });
        if let Ok(facts) = facter::read(report.to_string().as_bytes()) {
            let text = hardware::generate(&facts, &Options::default()).text;
            prop_assert!(rnix::Root::parse(&text).errors().is_empty(), "{}", text);
            facter::read(facter::write(&facts).as_bytes()).unwrap();
        }
    }
}
