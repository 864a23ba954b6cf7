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
    { device = "/dev/disk/by-uuid/5ae372d3-311e-4aa9-a303-6206aeff5206";
      fsType = "btrfs";
      options = [ "subvol=root" "autodefrag" ];
    };

  boot.initrd.luks.devices."disk0".device = "/dev/disk/by-uuid/bef735bd-2bbd-425d-9fbc-55e9b49b314e";

  boot.initrd.luks.devices."disk1".device = "/dev/disk/by-uuid/53cd3157-25f3-41a8-b4b1-bd1d467becf3";

  swapDevices = [ ];

  # DHCP on every interface; with systemd-networkd, prefer a line for each.
  networking.useDHCP = lib.mkDefault true;

  nixpkgs.hostPlatform = lib.mkDefault "x86_64-linux";
}
