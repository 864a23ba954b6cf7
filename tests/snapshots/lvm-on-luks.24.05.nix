# Written by `hostward scan` from what the machine itself reports. The next scan
# replaces only what it wrote and nobody changed; put your own settings in
# configuration.nix all the same.
{ config, lib, pkgs, modulesPath, ... }:

{
  imports =
    [ (modulesPath + "/profiles/qemu-guest.nix")
    ];

  boot.initrd.availableKernelModules = [ "ahci" "sd_mod" ];
  boot.initrd.kernelModules = [ "dm-snapshot" ];
  boot.kernelModules = [ "kvm-amd" ];
  boot.extraModulePackages = [ ];

  fileSystems."/" =
    { device = "/dev/disk/by-uuid/7e0fdb34-f59d-410f-b0aa-a6097b10ebb1";
      fsType = "ext4";
    };

  boot.initrd.luks.devices."crypted".device = "/dev/disk/by-uuid/da66520a-565d-4dd1-bf94-2de7007a2b17";

  fileSystems."/boot" =
    { device = "/dev/disk/by-uuid/8EF1-8DBC";
      fsType = "vfat";
      options = [ "fmask=0022" "dmask=0022" ];
    };

  swapDevices =
    [ { device = "/dev/disk/by-uuid/86c93d11-7cd9-42c5-b5aa-f75eeac7bc8a"; }
    ];

  # DHCP on every interface; with systemd-networkd, prefer a line for each.
  networking.useDHCP = lib.mkDefault true;
  # networking.interfaces.eth0.useDHCP = lib.mkDefault true;

  nixpkgs.hostPlatform = lib.mkDefault "x86_64-linux";
}
