//! Proposed disk layouts: every combination for every snapshot is Nix and names only disks that
//! are there; three of them are compared word for word.

use std::fs;
use std::path::Path;
use std::process::Command;

use hostward::provision::capture;
use hostward::provision::capture::CaptureOptions;
use hostward::provision::disko;
use hostward::provision::disko::DiskoError;
use hostward::provision::disko::DiskoOptions;
use hostward::provision::disko::RootFs;
use hostward::provision::facts::Facts;

use crate::peer::peer;
use crate::scan_snapshots::snapshots;

fn facts(name: &str) -> Facts {
    let (_, path) = snapshots().into_iter().find(|(there, _)| there == name).unwrap();
    Facts::read(&capture::snapshot(&path, &CaptureOptions::default()).unwrap())
}

fn combinations() -> Vec<DiskoOptions> {
    let mut all = Vec::new();
    for root in [RootFs::Btrfs, RootFs::Ext4, RootFs::Zfs] {
        for luks in [false, true] {
            for mirror in [false, true] {
                all.push(DiskoOptions { root, luks, mirror, disks: Vec::new() });
            }
        }
    }
    all
}

#[test]
fn every_proposal_is_nix_and_names_disks_that_are_there() {
    let nix = peer("nix-instantiate");
    let work = tempfile::tempdir().unwrap();
    let mut files = Vec::new();
    for (name, _) in snapshots() {
        let facts = facts(&name);
        for (index, options) in combinations().into_iter().enumerate() {
            let Ok(proposal) = disko::propose(&facts, &options) else { continue };
            let parsed = rnix::Root::parse(&proposal.text);
            assert!(parsed.errors().is_empty(), "{name}: {}", proposal.text);
            assert!(proposal.text.starts_with("# A PROPOSAL"));
            assert_eq!(
                proposal.text.matches("type = \"disk\"").count(),
                1 + usize::from(options.mirror)
            );
            assert_eq!(proposal.text.contains("\"luks\""), options.luks);
            let file = work.path().join(format!("{name}-{index}.nix"));
            fs::write(&file, &proposal.text).unwrap();
            files.push(file);
        }
    }
    assert!(files.len() > 40, "{}", files.len());
    if let Some(nix) = nix {
        let output = Command::new(nix).arg("--parse").args(&files).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
}

#[test]
fn proposals_word_for_word() {
    let expected = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/snapshots/disko");
    for (file, name, options) in [
        (
            "laptop-btrfs-luks.nix",
            "hand-laptop-intel",
            DiskoOptions { root: RootFs::Btrfs, luks: true, ..DiskoOptions::default() },
        ),
        (
            "mirror-ext4-luks.nix",
            "hand-bcachefs",
            DiskoOptions {
                luks: true,
                mirror: true,
                disks: vec!["sda".to_owned(), "sdb".to_owned()],
                ..DiskoOptions::default()
            },
        ),
        (
            "bios-zfs.nix",
            "hand-old-broadcom",
            DiskoOptions { root: RootFs::Zfs, ..DiskoOptions::default() },
        ),
        (
            "mirror-btrfs.nix",
            "hand-zfs-luks",
            DiskoOptions { root: RootFs::Btrfs, mirror: true, ..DiskoOptions::default() },
        ),
    ] {
        let proposal = disko::propose(&facts(name), &options).unwrap();
        let mut text = proposal.text;
        for note in proposal.notes {
            text += &format!("# note: {}: {}\n", note.about, note.reason);
        }
        let file = expected.join(file);
        if std::env::var_os("UPDATE_SNAPSHOTS").is_some() {
            fs::create_dir_all(&expected).unwrap();
            fs::write(&file, &text).unwrap();
        }
        assert_eq!(text, fs::read_to_string(&file).unwrap(), "{}", file.display());
    }
}

#[test]
fn disks_that_do_not_fit_are_refused() {
    let options = |mirror, disks: &[&str]| DiskoOptions {
        mirror,
        disks: disks.iter().map(|name| (*name).to_owned()).collect(),
        ..DiskoOptions::default()
    };
    let facts = facts("hand-laptop-intel");
    let error = |options| disko::propose(&facts, &options).unwrap_err();
    assert_eq!(error(options(true, &[])), DiskoError::NotEnough { found: 1, needed: 2 });
    assert_eq!(error(options(false, &["sdz"])), DiskoError::Unknown { name: "sdz".to_owned() });
    assert_eq!(error(options(true, &["nvme0n1"])), DiskoError::WrongNumber { given: 1, needed: 2 });
    // partitions and mapped devices are no disks
    assert!(matches!(error(options(false, &["nvme0n1p2"])), DiskoError::Unknown { .. }));
    assert!(matches!(error(options(false, &["dm-0"])), DiskoError::Unknown { .. }));
}
