# Written by `hostward scan` from what the machine itself reports. The next scan
# replaces only what it wrote and nobody changed; put your own settings in
# configuration.nix all the same.
{ config, lib, pkgs, modulesPath, ... }:

{
  imports =
    [ (modulesPath + "/profiles/qemu-guest.nix")
    ];

  boot.initrd.availableKernelModules = [ "nvme" "ahci" ];
  boot.initrd.kernelModules = [ ];
  boot.kernelModules = [ "kvm-amd" ];
  boot.extraModulePackages = [ ];

  fileSystems."/" =
    { device = "/dev/disk/by-uuid/3204de50-2913-4b72-b0ae-7f4a6dad0681";
      fsType = "ext4";
      options = [ "discard" "data=journal" ];
    };

  swapDevices =
    [ { device = "/dev/disk/by-uuid/c82707a9-830c-46e3-88f2-1d0cfddb8108"; }
    ];

  nixpkgs.hostPlatform = lib.mkDefault "x86_64-linux";
  boot.swraid.enable = true;
}
