//! Writes hardware-configuration.nix from facts: what nixos-generate-config
//! would write for the same machine, without its defects. It decides nothing
//! that belongs in configuration.nix (boot loader, network, users), and it
//! writes nothing to disk.

mod filesystems;
mod modules;
mod options;
pub(super) mod stack;

use super::document::Gap;
use super::facts::Facts;
use super::literal;

/// Which generation of nixos-generate-config to agree with.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Compat {
    /// The rules of today.
    #[default]
    Current,
    /// The rules of NixOS 24.05.
    V24_05,
}

/// What to write.
#[derive(Clone, Debug)]
pub struct Options {
    /// Generation of the rules.
    pub compat: Compat,
    /// Write file systems, swap and LUKS; not wanted next to disko.
    pub filesystems: bool,
    /// Platform to write instead of the one of the running kernel.
    pub platform: Option<String>,
    /// Where the new system is mounted, for a scan from an installer; mounts
    /// outside are left out. `None`: the running system itself.
    pub root: Option<String>,
}

/// A generated file.
#[derive(Clone, Debug)]
pub struct Generated {
    /// The Nix text.
    pub text: String,
    /// What was left out or could not be known, for the user to read.
    pub notes: Vec<Gap>,
}

/// A hint why generated text may be less than it seems.
type Notes = Vec<Gap>;

impl Default for Options {
    fn default() -> Self {
        Self { compat: Compat::default(), filesystems: true, platform: None, root: None }
    }
}

impl std::str::FromStr for Compat {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        match text {
            "current" => Ok(Self::Current),
            "24.05" => Ok(Self::V24_05),
            _ => Err(()),
        }
    }
}

/// Writes hardware-configuration.nix.
#[must_use]
pub fn generate(facts: &Facts, options: &Options) -> Generated {
    let mut notes = Notes::new();
    let boot = modules::collect(facts, options, &mut notes);
    let mut attributes = boot.attributes;
    let mut storage = String::new();
    if options.filesystems {
        let found = filesystems::collect(facts, options, &mut notes);
        storage = format!(
            "\n{}  swapDevices ={};\n",
            found.text,
            literal::lines("    ", &found.swap_devices)
        );
        if found.md {
            attributes.push("boot.swraid.enable = true;".to_owned());
        }
    }
    let strings = |list: &[String]| {
        list.iter().map(|name| format!(" {}", literal::string(name))).collect::<String>()
    };
    let plain = |list: &[String]| list.iter().map(|name| format!(" {name}")).collect::<String>();
    let mut text = HEADER.to_owned();
    text += &format!("  imports ={};\n\n", literal::lines("    ", &boot.imports));
    text += &format!(
        "  boot.initrd.availableKernelModules = [{} ];\n",
        strings(&boot.initrd_available)
    );
    text += &format!("  boot.initrd.kernelModules = [{} ];\n", strings(&boot.initrd));
    text += &format!("  boot.kernelModules = [{} ];\n", strings(&boot.kernel));
    text += &format!("  boot.extraModulePackages = [{} ];\n", plain(&boot.packages));
    text += &storage;
    if options.compat == Compat::V24_05 {
        text += &dhcp(facts);
    }
    if !attributes.is_empty() {
        text += "\n";
    }
    for attribute in &attributes {
        text += &format!("  {attribute}\n");
    }
    text += "}\n";
    Generated { text, notes }
}

const HEADER: &str = "\
# Written by `hostward scan` from what the machine itself reports. The next scan
# replaces only what it wrote and nobody changed; put your own settings in
# configuration.nix all the same.
{ config, lib, pkgs, modulesPath, ... }:

{
";

/// 24.05 asked for DHCP here. Only interfaces with hardware behind them are
/// named: bridges and container links come and go.
fn dhcp(facts: &Facts) -> String {
    let mut text =
        "\n  # DHCP on every interface; with systemd-networkd, prefer a line for each.\n  \
                    networking.useDHCP = lib.mkDefault true;\n"
            .to_owned();
    for interface in facts.net.iter().filter(|interface| interface.physical) {
        let name = literal::attribute(&interface.name);
        // a comment ends at a line break
        if !name.contains(char::is_control) {
            text += &format!("  # networking.interfaces.{name}.useDHCP = lib.mkDefault true;\n");
        }
    }
    text
}

fn note(notes: &mut Notes, about: impl Into<String>, reason: impl Into<String>) {
    notes.push(Gap { about: about.into(), reason: reason.into() });
}
