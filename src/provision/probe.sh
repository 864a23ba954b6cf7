# hostward's hardware probe: prints one bounded, checksummed text document about
# this machine (format: document.rs) and changes nothing. It needs a POSIX shell;
# every tool beyond that which is missing leaves a named gap in the document.
#
# HOSTWARD_ROOT     read sys, proc, dev, etc below this directory instead of /
# HOSTWARD_SERIALS  1: also print serial numbers, DMI UUIDs and disk ids
#
# All of it is functions, called by the last line: a script cut off on its way
# here defines half of them and runs none.

tab='	'

# esc TEXT: sets E to TEXT with `%` and all but tabs and printable ASCII as %xx.
esc() {
    E=$1
    case $E in *%* | *[!"$tab"\ -~]*) esc_slowly "$E" ' ' ;; esac
}

# escp PATH: the same for a field that ends at a blank.
escp() {
    E=$1
    case $E in *%* | *[!!-~]*) esc_slowly "$E" '' ;; esac
}

# esc_slowly TEXT KEEP: byte by byte, for the rare text that needs it. A text
# with more than 4096 bytes is cut, so that odd data can not take minutes.
esc_slowly() {
    rest=$1 E='' left=4096
    while [ -n "$rest" ] && [ $left -gt 0 ]; do
        c=${rest%"${rest#?}"} rest=${rest#?} left=$((left - 1))
        case $c in
        [!%\ ]) ;;
        ' ') if [ -n "$2" ]; then E="$E "; else E=$E%20; fi; continue ;;
        *) E=$E%25; continue ;;
        esac
        case $c in
        [\!-~]) E=$E$c ;;
        "$tab") if [ -n "$2" ]; then E=$E$c; else E=$E%09; fi ;;
        *) n=$(printf %d "'$c") && E=$E$(printf '%%%02x' $((n & 255))) ;;
        esac
    done
}

out() { printf '%s\n' "$1"; }

# gap WHAT WHY: a fact that could not be read.
gap() {
    escp "$1"; g=$E
    esc "$2"; out "gap $g $E"
}

# value PATH: a one-line attribute, if it is there.
value() {
    [ -f "$R$1" ] || return 0
    if [ ! -r "$R$1" ]; then gap "$1" 'permission denied'; return 0; fi
    v=''
    IFS= read -r v <"$R$1" || [ -n "$v" ] || return 0
    escp "$1"; p=$E
    esc "$v"; out "value $p $E"
}

# values DIR NAME…: several attributes of one directory.
values() {
    at=$1; shift
    for name in "$@"; do value "$at/$name"; done
}

# link PATH: where a path that is a directory really is.
link() {
    [ -d "$R$1" ] || return 0
    t=$(cd -P -- "$R$1" && pwd -P) || return 0
    escp "$1"; p=$E
    escp "${t#"$R"}"; out "link $p $E"
}

# driver DIR: the bound driver and the module it lives in.
driver() {
    link "$1/driver"
    link "$1/driver/module"
}

# lines PATH MAX [KEEP]: a text file; KEEP is a function that says which lines.
lines() {
    [ -f "$R$1" ] || return 0
    if [ ! -r "$R$1" ]; then gap "$1" 'permission denied'; return 0; fi
    escp "$1"; out "file $E"
    n=0
    while IFS= read -r l || [ -n "$l" ]; do
        if [ -n "$3" ]; then "$3" "$l" || { [ $? = 1 ] && continue; break; }; fi
        n=$((n + 1))
        if [ $n -gt "$2" ]; then gap "$1" "more than $2 lines"; break; fi
        esc "$l"; out "|$E"
    done <"$R$1"
}

# Line filters: 0 keep, 1 skip, 2 stop.
first_cpu() {
    case $1 in
    '') return 2 ;;
    vendor_id* | 'model name'* | 'cpu cores'* | siblings* | flags* | 'CPU impl'* | 'CPU part'* | Features*) ;;
    *) return 1 ;;
    esac
}
memory_total() { case $1 in MemTotal:* | SwapTotal:*) ;; *) return 1 ;; esac; }
os_name() {
    case $1 in ID=* | NAME=* | VERSION_ID=* | VARIANT_ID=* | PRETTY_NAME=*) ;; *) return 1 ;; esac
}
udev_type() {
    case $1 in E:ID_FS_TYPE=* | E:ID_PART_TABLE_TYPE=* | E:ID_FS_USAGE=*) ;; *) return 1 ;; esac
}

have() { command -v "$1" >/dev/null; }

# run NAME COMMAND…: what a command prints, if it is installed.
run() {
    name=$1; shift
    if [ -n "$R" ]; then return 0; fi
    if ! have "$1"; then gap "$name" "no $1 command"; return 0; fi
    o=$($T "$@" </dev/null)
    if [ $? -ge 124 ]; then gap "$name" "$1 did not finish"; return 0; fi
    out "run $name"
    n=0
    while IFS= read -r l; do
        n=$((n + 1))
        if [ $n -gt 400 ]; then gap "$name" 'more than 400 lines'; break; fi
        esc "$l"; out "|$E"
    done <<END
$o
END
}

# node PATH: a device node and its numbers, found through sysfs.
node() {
    [ -e "$R$1" ] || [ -L "$R$1" ] || return 0
    t=$(readlink -f "$R$1") || t=$R$1
    D='' b=${t##*/}
    case $1 in /dev/cciss/*) b="cciss!$b" ;; esac
    if [ -r "$R/sys/class/block/$b/dev" ]; then
        read -r D <"$R/sys/class/block/$b/dev"
    elif have stat && [ -b "$t" ]; then
        D=$(stat -L -c '%t:%T' "$t") && D=$((0x${D%:*})):$((0x${D#*:}))
    fi
    if [ -z "$D" ]; then
        for d in "$R"/sys/class/block/dm-*; do
            [ -r "$d/dm/name" ] && read -r v <"$d/dm/name" && [ "$v" = "$b" ] &&
                read -r D <"$d/dev"
        done
    fi
    case $D in [0-9]*:[0-9]*) escp "$1"; out "dev $E $D" ;; esac
}

# each MAX FUNCTION PATH…: FUNCTION for each PATH that is there, at most MAX.
each() {
    left=$1 do=$2; shift 2
    for path in "$@"; do
        [ -e "$path" ] || [ -L "$path" ] || continue
        if [ "$left" = 0 ]; then gap "${path#"$R"}" 'too many of them'; break; fi
        left=$((left - 1))
        "$do" "${path#"$R"}"
    done
}

pci() {
    values "$1" vendor device class
    driver "$1"
}

usb() {
    [ -e "$R$1/bInterfaceClass" ] || return 0
    values "$1" bInterfaceClass bInterfaceSubClass bInterfaceProtocol
    driver "$1"
}

block() {
    case $1 in
    */ram*) return 0 ;;
    */loop*) [ -e "$R$1/loop/backing_file" ] || return 0 ;;
    esac
    link "$1"
    values "$1" dev size ro removable partition queue/rotational device/model device/vendor \
        device/name device/type dm/uuid dm/name md/uuid md/level loop/backing_file
    [ "$S" = 1 ] && value "$1/device/serial"
    driver "$1/device"
    for slave in "$R$1"/slaves/*; do link "${slave#"$R"}"; done
    name=${1##*/}
    case $name in *!*) name=${name%%!*}/${name#*!} ;; esac
    node "/dev/$name"
    if [ -r "$R$1/dev" ] && read -r v <"$R$1/dev"; then
        lines "/run/udev/data/b$v" 8 udev_type
    fi
}

mmc() { driver "$1/device"; }

net() {
    link "$1"
    values "$1" address type
    link "$1/device"
    driver "$1/device"
    for kind in wireless bridge bonding; do
        [ -d "$R$1/$kind" ] && { escp "$1/$kind"; out "dir $E"; }
    done
    [ -e "$R$1/tun_flags" ] && value "$1/tun_flags"
}

directory() { [ -d "$R$1" ] && { escp "$1"; out "dir $E"; }; }

key() { lines "$1" 4; }

btrfs() {
    value "$1/label"
    for member in "$R$1"/devices/*; do link "${member#"$R"}"; done
}

bcachefs() {
    for member in "$R$1"/dev-*/block; do link "${member#"$R"}"; done
}

# Mount points that are directories. mountinfo writes blanks and the like as
# \040; the octal form `printf %b` knows is \0040.
mount_points() {
    n=0
    while read -r _ _ _ _ point _; do
        n=$((n + 1))
        [ $n -gt 2000 ] && break
        raw=$point
        case $raw in
        *\\*)
            raw='' rest=$point
            while :; do
                case $rest in
                *\\[0-7][0-7][0-7]*) raw=$raw${rest%%\\*}\\0 rest=${rest#*\\} ;;
                *) raw=$raw$rest; break ;;
                esac
            done
            raw=$(printf '%b.' "$raw") raw=${raw%.}
            ;;
        esac
        [ -d "$R$raw" ] && { escp "$raw"; out "dir $E"; }
    done
}

body() {
    out 'hostward-probe 1'
    out '[system]'
    out "value user $(id -u)"
    m=$(uname -m) && esc "$m" && out "value machine $E"
    values /proc/sys/kernel hostname osrelease
    lines /etc/os-release 40 os_name
    value /run/systemd/container
    value /sys/hypervisor/type
    run detect-virt systemd-detect-virt
    for name in proc sys/class sys/bus dev; do
        [ -d "$R/$name" ] || gap "/$name" 'not there'
    done

    out '[cpu]'
    lines /proc/cpuinfo 100 first_cpu
    value /sys/devices/system/cpu/online
    lines /proc/meminfo 10 memory_total

    out '[firmware]'
    values /sys/class/dmi/id sys_vendor product_name product_version product_family board_vendor \
        board_name bios_vendor bios_version bios_date chassis_type
    [ "$S" = 1 ] && values /sys/class/dmi/id product_serial product_uuid board_serial
    directory /sys/firmware/efi
    directory /sys/firmware/efi/efivars
    directory /boot/extlinux
    value /sys/firmware/efi/fw_platform_size

    out '[pci]'
    each 2000 pci "$R"/sys/bus/pci/devices/*
    out '[usb]'
    each 1000 usb "$R"/sys/bus/usb/devices/*
    out '[block]'
    each 2000 block "$R"/sys/class/block/*
    each 100 mmc "$R"/sys/class/mmc_host/*
    out '[net]'
    each 300 net "$R"/sys/class/net/*

    out '[dev]'
    each 500 node "$R"/dev/mapper/*
    each 100 node "$R"/dev/stratis/*/*
    each 2000 node "$R"/dev/disk/by-uuid/*
    each 2000 node "$R"/dev/disk/by-label/*
    each 2000 node "$R"/dev/disk/by-partuuid/*
    each 2000 node "$R"/dev/disk/by-path/*
    [ "$S" = 1 ] && each 2000 node "$R"/dev/disk/by-id/*
    each 100 node "$R"/dev/bcache[0-9]*

    out '[mounts]'
    lines /proc/swaps 200
    lines /proc/self/mountinfo 2000
    if [ -r "$R/proc/self/mountinfo" ]; then mount_points <"$R/proc/self/mountinfo"; fi

    out '[storage]'
    lines /proc/mdstat 200
    each 200 btrfs "$R"/sys/fs/btrfs/*-*
    each 200 bcachefs "$R"/sys/fs/bcachefs/*-*
    if [ -e "$R/sys/module/zfs" ]; then
        run zpool-list zpool list -vHPL
        run zfs-mountpoint zfs get -H -o name,value,source -t filesystem mountpoint
    fi

    out '[ssh]'
    each 8 key "$R"/etc/ssh/ssh_host_*_key.pub
}

main() {
    LC_ALL=C PATH=$PATH:/run/current-system/sw/bin:/usr/sbin:/usr/bin:/sbin:/bin
    export LC_ALL PATH
    unset IFS
    S=${HOSTWARD_SERIALS-} R='' T=''
    if [ -n "${HOSTWARD_ROOT-}" ]; then R=$(cd -P -- "$HOSTWARD_ROOT" && pwd -P) || exit 1; fi
    if timeout 10 true; then T='timeout 10'; fi
    text=$(body)
    size=$((${#text} + 1)) sum=-
    if have cksum; then sum=$(printf '%s\n' "$text" | cksum) && sum=${sum%% *}; fi
    printf '%s\n' "$text" "end $size ${sum:--}"
}

if [ -n "${HOSTWARD_NONCE-}" ]; then printf 'hostward-begin %s\n' "$HOSTWARD_NONCE"; fi
main </dev/null 2>/dev/null
if [ -n "${HOSTWARD_NONCE-}" ]; then printf 'hostward-end %s\n' "$HOSTWARD_NONCE"; fi
