# A PROPOSAL by `hostward scan --disko`, not a finished layout. disko erases every
# disk that is named here: read each line before you use it.
#
# sda: HTS545016B9SA02, 160 GB
{
  disko.devices = {
    disk = {
      main = {
        type = "disk";
        device = "/dev/sda";
        content.type = "gpt";
        content.partitions = {
          grub = {
            size = "1M";
            type = "EF02";
          };
          boot = {
            size = "1G";
            type = "8300";
            content = {
              type = "filesystem";
              format = "ext4";
              mountpoint = "/boot";
            };
          };
          root = {
            size = "100%";
            content = {
              type = "zfs";
              pool = "zroot";
            };
          };
        };
      };
    };
    zpool.zroot = {
      type = "zpool";
      mode = "";
      options.ashift = "12";
      rootFsOptions = {
        acltype = "posixacl";
        atime = "off";
        compression = "zstd";
        mountpoint = "none";
        xattr = "sa";
      };
      datasets = {
        home = {
          type = "zfs_fs";
          mountpoint = "/home";
          options.mountpoint = "legacy";
        };
        nix = {
          type = "zfs_fs";
          mountpoint = "/nix";
          options.mountpoint = "legacy";
        };
        root = {
          type = "zfs_fs";
          mountpoint = "/";
          options.mountpoint = "legacy";
        };
      };
    };
  };
}
# note: /dev/sda: is mounted now
# note: /dev/sda: has no stable path: the kernel may give this name to another disk
# note: zfs: zfs needs `networking.hostId` in configuration.nix
