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
    { device = "/dev/disk/by-uuid/3fb4e1ef-cec7-4b76-83ac-006c5764d728";
      fsType = "btrfs";
      options = [ "subvol=@" "compress=zstd:3" "noatime" ];
    };

  fileSystems."/boot" =
    { device = "/dev/disk/by-uuid/A6AB-7F45";
      fsType = "vfat";
      options = [ "fmask=0022" "dmask=0022" ];
    };

  fileSystems."/comma" =
    { device = "/dev/disk/by-uuid/3fb4e1ef-cec7-4b76-83ac-006c5764d728";
      fsType = "btrfs";
      options = [ "subvol=@a,b" "compress=zstd:3" "noatime" ];
    };

  fileSystems."/home" =
    { device = "/dev/disk/by-uuid/3fb4e1ef-cec7-4b76-83ac-006c5764d728";
      fsType = "btrfs";
      options = [ "subvol=@home" "compress=zstd:3" "noatime" ];
    };

  fileSystems."/nix" =
    { device = "/dev/disk/by-uuid/3fb4e1ef-cec7-4b76-83ac-006c5764d728";
      fsType = "btrfs";
      options = [ "subvol=@nix" "compress=zstd:3" "noatime" ];
    };

  fileSystems."/srv/my data" =
    { device = "/dev/disk/by-uuid/3fb4e1ef-cec7-4b76-83ac-006c5764d728";
      fsType = "btrfs";
      options = [ "subvol=@my data" "compress=zstd:3" "noatime" ];
    };

  fileSystems."/top" =
    { device = "/dev/disk/by-uuid/3fb4e1ef-cec7-4b76-83ac-006c5764d728";
      fsType = "btrfs";
      options = [ "compress=zstd:3" ];
    };

  fileSystems."/var/log" =
    { device = "/persist/log";
      fsType = "none";
      options = [ "bind" ];
    };

  swapDevices = [ ];

  # DHCP on every interface; with systemd-networkd, prefer a line for each.
  networking.useDHCP = lib.mkDefault true;
  # networking.interfaces.eth0.useDHCP = lib.mkDefault true;

  nixpkgs.hostPlatform = lib.mkDefault "x86_64-linux";
}
