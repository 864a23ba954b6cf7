# A PROPOSAL by `hostward scan --disko`, not a finished layout. disko erases every
# disk that is named here: read each line before you use it.
#
# nvme0n1: WD_BLACK SN850X 1000GB, 1024 GB
# nvme1n1: WD_BLACK SN850X 1000GB, 1024 GB
{
  disko.devices = {
    disk = {
      one = {
        type = "disk";
        device = "/dev/nvme0n1";
        content.type = "gpt";
        content.partitions = {
          ESP = {
            size = "1G";
            type = "EF00";
            content = {
              type = "mdraid";
              name = "boot";
            };
          };
          root = {
            size = "100%";
          };
        };
      };
      two = {
        type = "disk";
        device = "/dev/nvme1n1";
        content.type = "gpt";
        content.partitions = {
          ESP = {
            size = "1G";
            type = "EF00";
            content = {
              type = "mdraid";
              name = "boot";
            };
          };
          root = {
            size = "100%";
            content = {
              type = "btrfs";
              extraArgs = [ "-f" "-d raid1" "-m raid1" "/dev/disk/by-partlabel/disk-one-root" ];
              subvolumes = {
                "/home" = {
                  mountpoint = "/home";
                  mountOptions = [ "compress=zstd" "noatime" ];
                };
                "/nix" = {
                  mountpoint = "/nix";
                  mountOptions = [ "compress=zstd" "noatime" ];
                };
                "/root" = {
                  mountpoint = "/";
                  mountOptions = [ "compress=zstd" "noatime" ];
                };
              };
            };
          };
        };
      };
    };
    mdadm = {
      boot = {
        type = "mdadm";
        level = 1;
        metadata = "1.0";
        content = {
          type = "filesystem";
          format = "vfat";
          mountpoint = "/boot";
          mountOptions = [ "umask=0077" ];
        };
      };
    };
  };
}
# note: /dev/nvme0n1: is mounted now
# note: /dev/nvme0n1: has no stable path: the kernel may give this name to another disk
# note: /dev/nvme1n1: is not empty
# note: /dev/nvme1n1: has no stable path: the kernel may give this name to another disk
