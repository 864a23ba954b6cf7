//! Documents that were bent: never a panic, never past the bounds, never a control character or a
//! text that is not Nix in what is written.

use std::fs;
use std::sync::OnceLock;
use std::time::Duration;
use std::time::Instant;

use hostward::provision::document;
use hostward::provision::document::Document;
use hostward::provision::facts::Facts;
use hostward::provision::hardware;
use hostward::provision::hardware::Compat;
use hostward::provision::hardware::Options;
use proptest::prelude::*;

use crate::scan_snapshots::snapshots;

/// Words that meant something to one of the parsers, and what people try.
const WORDS: [&str; 24] = [
    "value /a b",
    "file /proc/self/mountinfo",
    "|26 1 8:1 / / rw - ext4 /dev/sda1 rw",
    "|26 1 0:1 /x /a\"b${c} rw - btrfs /dev/sda1 rw,subvol=/${x}",
    "|1 1 254:0 /\\134\\012 /\\000 ro - zfs a rw",
    "dir /a\"b$%7bc}",
    "link /sys/class/block/dm-0/slaves/dm-0 /sys/class/block/dm-0",
    "link /sys/class/block/dm-0/slaves/dm-1 /sys/class/block/dm-1",
    "link /sys/class/block/dm-1/slaves/dm-0 /sys/class/block/dm-0",
    "value /sys/class/block/dm-0/dm/uuid CRYPT-LUKS2-x",
    "value /sys/class/block/dm-0/dm/name %1b[31m\"${x}",
    "value /sys/class/block/sda/size 18446744073709551615",
    "value /sys/class/block/sda/partition 1",
    "dev /dev/sda 4294967295:4294967295",
    "dev /dev/sda 99999999999:1",
    "run detect-virt",
    "|systemd-nspawn",
    "end 0 0",
    "gap %00 %ff",
    "[block]",
    "%",
    "|%zz",
    "value %2e%2e/x y",
    "hostward-probe 1",
];

/// Reads a body as far as it goes; the text must stay plain whatever it was.
fn survives(body: &str) {
    let start = Instant::now();
    let text = document::seal(body);
    if let Ok(document) = Document::parse(text.as_bytes()) {
        let facts = Facts::read(&document);
        for compat in [Compat::Current, Compat::V24_05] {
            let options = Options { compat, root: None, ..Options::default() };
            let generated = hardware::generate(&facts, &options);
            let parsed = rnix::Root::parse(&generated.text);
            assert!(parsed.errors().is_empty(), "{:?}\n{}", parsed.errors(), generated.text);
            assert!(generated.text.len() < 4 * document::MAX_BYTES);
            let harmless = |c: char| c == '\n' || !hostward::text::escape::is_hostile(c);
            assert!(generated.text.chars().all(harmless), "{:?}", generated.text);
        }
    }
    assert!(start.elapsed() < Duration::from_secs(10));
}

fn bodies() -> &'static [String] {
    static BODIES: OnceLock<Vec<String>> = OnceLock::new();
    BODIES.get_or_init(|| {
        let text = |path| fs::read_to_string(path).expect("a snapshot");
        let body = |text: String| text[..text.rfind("\nend ").expect("a trailer") + 1].to_owned();
        snapshots().into_iter().map(|(_, path)| body(text(path))).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn bent_documents_never_panic(
        which in any::<prop::sample::Index>(),
        changes in prop::collection::vec(
            (any::<prop::sample::Index>(), any::<prop::sample::Index>(), 0..5_u8, any::<u8>()),
            1..20,
        ),
    ) {
        let mut lines: Vec<String> =
            which.get(bodies()).lines().map(str::to_owned).collect();
        for (place, word, kind, byte) in changes {
            let at = place.index(lines.len());
            let word = *word.get(&WORDS);
            match kind {
                0 => lines.insert(at.max(1), word.to_owned()),
                1 if lines.len() > 2 => { lines.remove(at.max(1)); }
                2 => lines[at.max(1)].push_str(word),
                3 => {
                    // one byte of the line becomes another printable one
                    let line = &mut lines[at];
                    let cut = place.index(line.len().max(1));
                    if line.is_char_boundary(cut) && cut < line.len() {
                        line.replace_range(cut..=cut, &char::from(b' ' + byte % 95).to_string());
                    }
                }
                _ => { let other = lines.len() - 1 - at; lines.swap(at.max(1), other.max(1)); }
            }
        }
        survives(&(lines.join("\n") + "\n"));
    }

    #[test]
    fn noise_is_refused(bytes in prop::collection::vec(any::<u8>(), 0..2000)) {
        prop_assert!(Document::parse(&bytes).is_err());
    }

    #[test]
    fn every_flipped_byte_is_noticed(place in any::<prop::sample::Index>(), bit in 0..8_u8) {
        let (_, path) = snapshots().remove(0);
        let mut bytes = fs::read(path).expect("a snapshot");
        let at = place.index(bytes.len());
        bytes[at] ^= 1 << bit;
        prop_assert!(Document::parse(&bytes).is_err());
    }
}

#[test]
fn names_are_quoted_wherever_they_come_from() {
    let name = "a%22%24%7bb%7d%5c%0a%1b";
    let raw = r#"a"${b}\134\012\033"#;
    survives(&format!(
        "hostward-probe 1\n[net]\nlink /sys/class/net/{name}/device /x\n[block]\n\
         value /sys/class/block/dm-0/dev 254:0\nvalue /sys/class/block/dm-0/dm/name {name}\n\
         value /sys/class/block/dm-0/dm/uuid CRYPT-LUKS1-{name}\n\
         link /sys/class/block/dm-0/slaves/{name} /x/{name}\ndev /dev/dm-0 254:0\n\
         link /sys/class/block/sda/device/driver/module /sys/module/{name}\n\
         value machine x86_64%22%24%7bx%7d\ndev /dev/mapper/{name} 254:0\n\
         [mounts]\nfile /proc/self/mountinfo\n|1 1 254:0 / /{raw} rw - ext4 /dev/dm-0 rw\n\
         |2 1 0:9 / /x rw - {name} {name} rw\n|3 1 0:10 / /y rw - zfs {raw} rw\n\
         dir /{name}\ndir /x\ndir /y\ndir /%22\n"
    ));
}

#[test]
fn deep_and_circular_stacks_end() {
    let mut body = "hostward-probe 1\n[block]\n".to_owned();
    let count = 20_000;
    for n in 0..count {
        let below = (n + 1) % count;
        body += &format!(
            "value /sys/class/block/dm-{n}/dm/name d{n}\n\
             link /sys/class/block/dm-{n}/slaves/dm-{below} /b/dm-{below}\n"
        );
    }
    body += "value /sys/class/block/dm-0/dev 254:0\ndev /dev/dm-0 254:0\n[mounts]\n\
             file /proc/self/mountinfo\n|1 1 254:0 / / rw - ext4 /dev/dm-0 rw\ndir /\n";
    survives(&body);
}

#[test]
fn many_mounts_of_one_device_end() {
    let mut body = "hostward-probe 1\n[mounts]\nfile /proc/self/mountinfo\n".to_owned();
    for n in 0..20_000 {
        body += &format!("|{n} 1 8:1 /a{n} /m{n} rw - ext4 /dev/sda1 rw\n");
    }
    for n in 0..20_000 {
        body += &format!("dir /m{n}\n");
    }
    survives(&body);
}
