# Written by `hostward scan` from what the machine itself reports. The next scan
# replaces only what it wrote and nobody changed; put your own settings in
# configuration.nix all the same.
{ config, lib, pkgs, modulesPath, ... }:

{
  imports =
    [ (modulesPath + "/profiles/qemu-guest.nix")
    ];

  boot.initrd.availableKernelModules = [ "ata_piix" "virtio_pci" "virtio_scsi" "sd_mod" ];
  boot.initrd.kernelModules = [ "dm-snapshot" ];
  boot.kernelModules = [ "kvm-amd" ];
  boot.extraModulePackages = [ ];

  fileSystems."/" =
    { device = "/dev/disk/by-uuid/c4171c6b-626a-44cb-a714-a0613f3b40e6";
      fsType = "ext4";
    };

  boot.initrd.luks.devices."crypt\\x20\\x22root\\x22".device = "/dev/disk/by-uuid/400fa1a3-74c4-4096-a765-5f2343c384a1";
  boot.initrd.luks.devices."crypt\\x20\\x22root\\x22".preLVM = false;

  fileSystems."/boot" =
    { device = "/dev/disk/by-uuid/a1d1993d-2a54-4b37-9590-d7f877092623";
      fsType = "ext4";
    };

  swapDevices = [ ];

  # DHCP on every interface; with systemd-networkd, prefer a line for each.
  networking.useDHCP = lib.mkDefault true;
  # networking.interfaces.eth0.useDHCP = lib.mkDefault true;

  nixpkgs.hostPlatform = lib.mkDefault "x86_64-linux";
}
