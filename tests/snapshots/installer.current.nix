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
    { device = "/dev/disk/by-uuid/80be0835-adfa-4f4b-b904-a9161833ebd0";
      fsType = "ext4";
    };

  fileSystems."/boot" =
    { device = "/dev/disk/by-uuid/63E0-F4C5";
      fsType = "vfat";
      options = [ "fmask=0027" "dmask=0027" ];
    };

  swapDevices =
    [ { device = "/dev/disk/by-uuid/d0752846-a75e-4e6c-90d4-d8e05a4e505a"; }
    ];

  nixpkgs.hostPlatform = lib.mkDefault "x86_64-linux";
}
