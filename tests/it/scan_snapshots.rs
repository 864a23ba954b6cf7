//! Every committed snapshot, read and written as Nix: the text is the expected one, real Nix parses
//! it, and it evaluates to what the module system would get.
//!
//! `UPDATE_SNAPSHOTS=1` writes the expected files; read the difference before you commit it.

use std::fs;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;

use hostward::provision::capture;
use hostward::provision::capture::CaptureOptions;
use hostward::provision::facts::Facts;
use hostward::provision::hardware;
use hostward::provision::hardware::Compat;
use hostward::provision::hardware::Options;

use crate::peer::peer;

fn dir() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/snapshots")
}

/// The snapshot documents, by name.
pub(crate) fn snapshots() -> Vec<(String, PathBuf)> {
    let entries = fs::read_dir(dir()).expect("the snapshots are there");
    let paths = entries.map(|entry| entry.expect("a readable entry").path());
    let documents = paths.filter(|path| path.extension().is_some_and(|kind| kind == "txt"));
    let name = |path: &PathBuf| path.file_stem().expect("a name").to_string_lossy().into_owned();
    let mut found: Vec<_> = documents.map(|path| (name(&path), path)).collect();
    found.sort();
    assert!(found.len() >= 12, "only {} snapshots", found.len());
    found
}

fn facts(path: &Path) -> Facts {
    let document = capture::snapshot(path, &CaptureOptions::default());
    Facts::read(&document.unwrap_or_else(|error| panic!("{}: {error}", path.display())))
}

/// The generated text with its notes as comments at the end.
fn generated(name: &str, facts: &Facts, compat: Compat) -> String {
    let root = (name == "installer").then(|| "/mnt".to_owned());
    let options = Options { compat, root, ..Options::default() };
    let generated = hardware::generate(facts, &options);
    let mut text = generated.text;
    for note in generated.notes {
        text += &format!("# note: {:?}: {}\n", note.about, note.reason);
    }
    text
}

#[test]
fn every_snapshot_gives_its_expected_nix() {
    let mut wrong = Vec::new();
    for (name, path) in snapshots() {
        let facts = facts(&path);
        for (compat, suffix) in [(Compat::Current, "current"), (Compat::V24_05, "24.05")] {
            let text = generated(&name, &facts, compat);
            let expected = dir().join(format!("{name}.{suffix}.nix"));
            if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
                fs::write(&expected, &text).expect("a writable directory");
            } else if fs::read_to_string(&expected).ok().as_deref() != Some(&text) {
                wrong.push(format!("{name}.{suffix}:\n{text}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_same_document_gives_the_same_text() {
    for (name, path) in snapshots() {
        let (first, second) = (facts(&path), facts(&path));
        assert_eq!(
            generated(&name, &first, Compat::Current),
            generated(&name, &second, Compat::Current)
        );
    }
}

#[test]
fn without_file_systems_nothing_of_storage_is_written() {
    for (_, path) in snapshots() {
        let options = Options { filesystems: false, ..Options::default() };
        let text = hardware::generate(&facts(&path), &options).text;
        for word in ["fileSystems", "swapDevices", "luks", "swraid"] {
            assert!(!text.contains(word), "{}: {word}", path.display());
        }
    }
}

/// What a NixOS evaluation hands to the file, as far as the file uses it. Merging is left to
/// attribute sets: a duplicate would be an error of Nix itself.
const STUB: &str = r#"
file: builtins.toJSON (removeAttrs (import file {
  config = {
    hardware.enableRedistributableFirmware = true;
    boot.kernelPackages.broadcom_sta = "broadcom_sta";
  };
  lib = {
    mkDefault = value: value;
    getName = drv: drv.pname;
  };
  pkgs = { };
  modulesPath = "/modules";
}) [ "nixpkgs" ])
"#;

#[test]
fn every_text_parses_and_evaluates() {
    let Some(nix) = peer("nix-instantiate") else { return };
    let work = tempfile::tempdir().expect("a temporary directory");
    let stub = work.path().join("stub.nix");
    fs::write(&stub, STUB).expect("a writable directory");
    for (name, path) in snapshots() {
        let facts = facts(&path);
        for compat in [Compat::Current, Compat::V24_05] {
            let file = work.path().join(format!("{name}.nix"));
            fs::write(&file, generated(&name, &facts, compat)).expect("a writable directory");
            let run = |arguments: &[&str]| {
                let mut command = Command::new(&nix);
                command.args(arguments).env("NIX_STATE_DIR", work.path());
                command.env("NIX_STORE_DIR", work.path().join("store"));
                command.env("NIX_LOG_DIR", work.path());
                let output = command.output().expect("nix-instantiate runs");
                let said = String::from_utf8_lossy(&output.stderr).into_owned();
                assert!(output.status.success(), "{name}: {said}");
                String::from_utf8_lossy(&output.stdout).into_owned()
            };
            run(&["--parse", &file.to_string_lossy()]);
            let expression = format!("({STUB}) {}", file.display());
            let json = run(&["--eval", "--strict", "--json", "-E", &expression]);
            let text: String = serde_json::from_str(&json).expect("a JSON string");
            let value: serde_json::Value = serde_json::from_str(&text).expect("JSON");
            check(&name, &facts, &value);
        }
    }
}

/// What must hold of every evaluated file.
fn check(name: &str, facts: &Facts, value: &serde_json::Value) {
    let empty = serde_json::Map::new();
    let mounted = value["fileSystems"].as_object().unwrap_or(&empty);
    for (point, entry) in mounted {
        assert!(point.starts_with('/'), "{name}: {point}");
        assert!(entry["device"].is_string() && entry["fsType"].is_string(), "{name}: {point}");
        let known = facts.mounts.iter().any(|mount| mount.point.ends_with(point.as_str()));
        assert!(known, "{name}: {point} is not a mount of the machine");
    }
    assert!(value["swapDevices"].is_array() && value["imports"].is_array(), "{name}");
}
