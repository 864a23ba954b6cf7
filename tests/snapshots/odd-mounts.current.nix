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
    { device = "/dev/disk/by-uuid/6a27c855-7b34-40f4-947b-537dfe6548b9";
      fsType = "ext4";
    };

  fileSystems."/a\"b\${c}" =
    { device = "tmpfs";
      fsType = "tmpfs";
    };

  fileSystems."/b'd" =
    { device = "tmpfs";
      fsType = "tmpfs";
    };

  fileSystems."/back\\slash" =
    { device = "tmpfs";
      fsType = "tmpfs";
    };

  fileSystems."/etc/nixos" =
    { device = "/persist/etc";
      fsType = "none";
      options = [ "bind" ];
    };

  fileSystems."/home" =
    { device = "/persist/home";
      fsType = "none";
      options = [ "bind" "ro" ];
    };

  fileSystems."/inner" =
    { device = "/var/cache/deep";
      fsType = "none";
      options = [ "bind" ];
    };

  fileSystems."/new\nline" =
    { device = "tmpfs";
      fsType = "tmpfs";
    };

  fileSystems."/outer" =
    { device = "two";
      fsType = "tmpfs";
    };

  fileSystems."/scratch" =
    { device = "tmpfs";
      fsType = "tmpfs";
      options = [ "size=32768k" "mode=755" "nosuid" "nodev" ];
    };

  fileSystems."/tab\tx" =
    { device = "tmpfs";
      fsType = "tmpfs";
    };

  fileSystems."/var/cache" =
    { device = "/dev/disk/by-uuid/5479f10a-9dc1-4914-afe9-f9ce9e3e9cbf";
      fsType = "ext4";
    };

  swapDevices = [ ];

  nixpkgs.hostPlatform = lib.mkDefault "x86_64-linux";
}
# note: "/over": left out: an overlay has no device to name
# note: "/var/lib/docker/overlay2/0a/merged": left out: made by a container engine
