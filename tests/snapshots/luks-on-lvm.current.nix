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
    { device = "/dev/mapper/crypt\\x20\\x22root\\x22";
      fsType = "ext4";
    };

  boot.initrd.luks.devices."crypt\\x20\\x22root\\x22".device = "/dev/mapper/pool-root";
  boot.initrd.luks.devices."crypt\\x20\\x22root\\x22".preLVM = false;

  fileSystems."/boot" =
    { device = "/dev/mapper/pool-boot";
      fsType = "ext4";
    };

  swapDevices = [ ];

  nixpkgs.hostPlatform = lib.mkDefault "x86_64-linux";
}
