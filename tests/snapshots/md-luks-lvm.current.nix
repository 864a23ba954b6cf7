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
    { device = "/dev/mapper/vg-root";
      fsType = "xfs";
    };

  boot.initrd.luks.devices."outer".device = "/dev/disk/by-uuid/c96881d0-9c46-45b5-a721-d91afbba2ad2";

  boot.initrd.luks.devices."inner".device = "/dev/mapper/outer";

  fileSystems."/boot" =
    { device = "/dev/disk/by-uuid/1c3e70ca-5534-4626-8c14-fbff81bfad66";
      fsType = "ext4";
    };

  swapDevices = [ ];

  nixpkgs.hostPlatform = lib.mkDefault "x86_64-linux";
  boot.swraid.enable = true;
}
# note: "inner": sits in another LUKS device that comes later by name: the scripted initrd opens them by name, set `boot.initrd.systemd.enable = true;`
