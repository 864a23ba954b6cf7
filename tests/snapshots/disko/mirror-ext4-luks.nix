# A PROPOSAL by `hostward scan --disko`, not a finished layout. disko erases every
# disk that is named here: read each line before you use it.
#
# sda: ST1000NM0055, 1000 GB
# sdb: ST2000NM0055, 2000 GB
{
  disko.devices = {
    disk = {
      one = {
        type = "disk";
        device = "/dev/sda";
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
              type = "mdraid";
              name = "root";
            };
          };
        };
      };
      two = {
        type = "disk";
        device = "/dev/sdb";
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
              type = "mdraid";
              name = "root";
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
      root = {
        type = "mdadm";
        level = 1;
        content = {
          type = "luks";
          name = "crypted";
          settings.allowDiscards = true;
          content = {
            type = "filesystem";
            format = "ext4";
            mountpoint = "/";
          };
        };
      };
    };
  };
}
# note: /dev/sda: is mounted now
# note: /dev/sda: has no stable path: the kernel may give this name to another disk
# note: /dev/sdb: is mounted now
# note: /dev/sdb: has no stable path: the kernel may give this name to another disk
