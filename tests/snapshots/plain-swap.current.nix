# Written by `hostward scan` from what the machine itself reports. The next scan
# replaces only what it wrote and nobody changed; put your own settings in
# configuration.nix all the same.
{ config, lib, pkgs, modulesPath, ... }:

{
  imports =
    [ (modulesPath + "/profiles/qemu-guest.nix")
    ];

  boot.initrd.availableKernelModules = [ "ata_piix" "sd_mod" ];
  boot.initrd.kernelModules = [ ];
  boot.kernelModules = [ "kvm-amd" ];
  boot.extraModulePackages = [ ];

  fileSystems."/" =
    { device = "/dev/disk/by-uuid/0c7e1a73-de86-4f0b-99ba-a5c1e6297847";
      fsType = "ext4";
    };

  boot.initrd.luks.devices."hibernate".device = "/dev/disk/by-uuid/373a1fc9-3472-41df-9eba-96f87c282ad8";

  swapDevices =
    [ { device = "/dev/disk/by-partuuid/1c5080b2-39f4-ee42-9a88-fa6cd99d8b14"; randomEncryption.enable = true; }
      { device = "/dev/mapper/hibernate"; priority = 1; }
    ];

  nixpkgs.hostPlatform = lib.mkDefault "x86_64-linux";
}
# note: "/swapfile": left out: a swap file belongs in configuration.nix
