# Written by `hostward scan` from what the machine itself reports. The next scan
# replaces only what it wrote and nobody changed; put your own settings in
# configuration.nix all the same.
{ config, lib, pkgs, modulesPath, ... }:

{
  imports =
    [ (modulesPath + "/profiles/qemu-guest.nix")
    ];

  boot.initrd.availableKernelModules = [ "virtio_pci" "ahci" "virtio_blk" ];
  boot.initrd.kernelModules = [ ];
  boot.kernelModules = [ "kvm-amd" ];
  boot.extraModulePackages = [ ];

  fileSystems."/" =
    { device = "/dev/disk/by-uuid/c377739d-12fe-4c1a-80cb-fa5e9017c2d0";
      fsType = "ext4";
    };

  fileSystems."/boot" =
    { device = "/dev/disk/by-uuid/85C9-9433";
      fsType = "vfat";
      options = [ "fmask=0027" "dmask=0027" ];
    };

  swapDevices =
    [ { device = "/dev/disk/by-uuid/cd8d7551-b8f5-4015-a941-662f6afd058c"; }
    ];

  nixpkgs.hostPlatform = lib.mkDefault "x86_64-linux";
}
