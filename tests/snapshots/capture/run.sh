#!/bin/sh
# Captures snapshots in virtual machines; see README.md.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
probe=$here/../../../src/provision/probe.sh
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
kernel=$(ls /boot/vmlinuz-* | sort -V | tail -n 1)
release=${kernel#/boot/vmlinuz-}

initramfs() {
    root=$work/root
    mkdir -p "$root/bin" "$root/lib/modules/$release" "$root/proc" "$root/sys" "$root/dev" \
        "$root/run" "$root/tmp" "$root/target" "$root/etc" "$root/cases" "$root/lib/udev/rules.d"
    ln -s . "$root/usr"
    ln -s bin "$root/sbin"
    ln -s lib "$root/lib64"
    cp /bin/busybox "$root/bin/"
    for tool in /usr/lib/systemd/systemd-udevd /bin/udevadm /usr/bin/systemd-detect-virt \
        /sbin/blkid /sbin/mkfs.ext4 /sbin/mkfs.btrfs /bin/btrfs /sbin/mkfs.vfat /sbin/mkfs.xfs \
        /sbin/mkfs.f2fs /sbin/cryptsetup /sbin/lvm /sbin/dmsetup /sbin/mdadm /sbin/sfdisk \
        /sbin/mkswap /sbin/swapon /bin/mount /bin/kmod /usr/bin/cksum /bin/dash; do
        cp -L "$tool" "$root/bin/"
        ldd "$tool" | sed -n 's/.*=> \([^ ]*\) .*/\1/p; s/^\t\(\/[^ ]*\) .*/\1/p' |
            while read -r library; do cp -Ln "$library" "$root/lib/" 2>/dev/null || :; done
    done
    # libraries that are loaded by name
    cp -L /lib/x86_64-linux-gnu/libgcc_s.so.1 "$root/lib/"
    cp -r /usr/lib/udev/rules.d/. "$root/lib/udev/rules.d/"
    cp /usr/lib/udev/*_id "$root/lib/udev/"
    for name in drivers/ata drivers/block drivers/nvme drivers/scsi drivers/usb drivers/mmc \
        drivers/virtio drivers/md drivers/hid drivers/net/ethernet/intel drivers/net/virtio_net.ko \
        drivers/net/net_failover.ko net/core block crypto arch/x86/crypto lib fs; do
        (cd "/lib/modules/$release/kernel" && find "$name" -name '*.ko*' 2>/dev/null) |
            while read -r module; do
                mkdir -p "$root/lib/modules/$release/kernel/${module%/*}"
                cp "/lib/modules/$release/kernel/$module" \
                    "$root/lib/modules/$release/kernel/$module"
            done
    done
    cp /lib/modules/"$release"/modules.order /lib/modules/"$release"/modules.builtin* \
        "$root/lib/modules/$release/"
    depmod -b "$root" "$release"
    cp "$here/init" "$root/init"
    chmod +x "$root/init"
    cp "$probe" "$root/probe.sh"
    cp "$here"/cases/* "$root/cases/"
    (cd "$root" && find . | cpio -o -H newc --quiet | gzip -1) >"$work/initrd"
}

capture() {
    for disk in d0 d1 d2 d3; do
        rm -f "$work/$disk"
        truncate -s 512M "$work/$disk"
    done
    # shellcheck disable=SC2046  # the line holds words
    (cd "$work" && timeout 300 qemu-system-x86_64 -accel tcg -cpu max -m 1024 -smp 2 \
        -display none -nodefaults -no-reboot -serial "file:$work/log" \
        -kernel "$kernel" -initrd "$work/initrd" \
        -append "console=ttyS0 quiet panic=-1 case=$1 disks=$(grep -o if=none "$here/cases/$1" | wc -l)" \
        $(sed -n '1s/^# qemu: //p' "$here/cases/$1"))
    tr -d '\r' <"$work/log" | sed -n '/^hostward-probe 1$/,/^end /p' >"$work/text"
    if ! grep -q '^end ' "$work/text"; then
        cat "$work/log" >&2
        echo "no document from $1" >&2
        exit 1
    fi
    cp "$work/log" "${TMPDIR:-/tmp}/$1.log"
    cp "$work/text" "$here/../$1.txt"
    echo "$1: $(wc -c <"$work/text") bytes" >&2
}

initramfs
for name in "$@"; do capture "$name"; done
