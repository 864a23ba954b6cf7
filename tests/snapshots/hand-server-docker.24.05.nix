# Written by `hostward scan` from what the machine itself reports. The next scan
# replaces only what it wrote and nobody changed; put your own settings in
# configuration.nix all the same.
{ config, lib, pkgs, modulesPath, ... }:

{
  imports =
    [ (modulesPath + "/installer/scan/not-detected.nix")
    ];

  boot.initrd.availableKernelModules = [ "ahci" "megaraid_sas" "sd_mod" ];
  boot.initrd.kernelModules = [ ];
  boot.kernelModules = [ "kvm-intel" ];
  boot.extraModulePackages = [ ];

  fileSystems."/" =
    { device = "none";
      fsType = "tmpfs";
      options = [ "size=2097152k" "mode=755" ];
    };

  fileSystems."/home/me/remote" =
    { device = "me@host:/data";
      fsType = "fuse.sshfs";
      options = [ "nosuid" "nodev" ];
    };

  fileSystems."/nas" =
    { device = "10.0.0.2:/export/nas";
      fsType = "nfs4";
      options = [ "noauto" "x-systemd.automount" ];
    };

  fileSystems."/nix" =
    { device = "/dev/disk/by-uuid/99999999-9999-4999-8999-999999999999";
      fsType = "xfs";
      options = [ "noatime" ];
    };

  fileSystems."/var/lib" =
    { device = "/nix/persist/var/lib";
      fsType = "none";
      options = [ "bind" ];
    };

  fileSystems."/var/lib/docker/volumes/big" =
    { device = "/dev/disk/by-uuid/99999999-9999-4999-8999-99999999aaaa";
      fsType = "ext4";
    };

  swapDevices = [ ];

  # DHCP on every interface; with systemd-networkd, prefer a line for each.
  networking.useDHCP = lib.mkDefault true;
  # networking.interfaces.eno1.useDHCP = lib.mkDefault true;

  nixpkgs.hostPlatform = lib.mkDefault "x86_64-linux";
  hardware.cpu.intel.updateMicrocode = lib.mkDefault config.hardware.enableRedistributableFirmware;
}
# note: "/var/lib/docker/overlay2/4f/merged": left out: made by a container engine
# note: "/var/lib/docker/containers/4f/mounts/shm": left out: made by a container engine
# note: "/snap/core20/2318": left out: made by a container engine
# note: "/home/me/secrets": left out: FUSE does not say how it was mounted
# note: "/mnt/win": left out: FUSE does not say how it was mounted
# note: "/var/lib/lxcfs": left out: made by a container engine
# note: "/swap/file": left out: a swap file belongs in configuration.nix
