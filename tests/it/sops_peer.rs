//! Held against the real sops, two versions of it: what it encrypts we open, what we encrypt it opens
//! and edits, over thousands of generated values in all five formats.

use std::fs;

use hostward::backend::sops::{Selection, Setup, SopsFile, Wanted};
use hostward::format::{Format, Value};

use crate::sops_kit::{
    Key, Random, comments, count, extension, open, put, seal, seal_with, sops, sopses, values,
};

/// Documents of each format a run makes, and values in each.
const RUNS: usize = 8;
const SIZE: usize = 60;

fn generated(format: Format, seed: usize) -> Vec<u8> {
    let mut random = Random::new(seed as u64 + 1);
    match format {
        Format::Binary => (0..=seed * 7).map(|n| (n * 31) as u8).collect(),
        Format::Dotenv => random.dotenv(SIZE).into_bytes(),
        Format::Ini => random.ini(SIZE).into_bytes(),
        Format::Json => random.json(SIZE).into_bytes(),
        Format::Yaml => random.yaml(SIZE).into_bytes(),
    }
}

const FORMATS: [Format; 5] =
    [Format::Binary, Format::Dotenv, Format::Ini, Format::Json, Format::Yaml];

/// The type of a number and of text is lost where a format has none.
fn same(format: Format, ours: &[Value], theirs: &[Value]) -> bool {
    let text = |value: &Value| format!("{:?}", loose(value));
    match format {
        Format::Yaml => ours.iter().map(text).eq(theirs.iter().map(text)),
        _ => ours.iter().map(text).eq(theirs.iter().map(text)),
    }
}

/// A value as Rust prints it, with secrets readable and whole floats as integers.
fn loose(value: &Value) -> String {
    use hostward::format::Scalar;
    match value {
        Value::List(items) => {
            format!("[{}]", items.iter().map(loose).collect::<Vec<_>>().join(","))
        }
        Value::Map(pairs) => {
            let pairs = pairs.iter().map(|(key, value)| format!("{key:?}:{}", loose(value)));
            format!("{{{}}}", pairs.collect::<Vec<_>>().join(","))
        }
        Value::Scalar(Scalar::Str(text)) => {
            format!("{:?}", String::from_utf8_lossy(text.as_bytes()))
        }
        Value::Scalar(Scalar::Float(float)) => format!("{float}"),
        Value::Scalar(Scalar::Int(int)) => format!("{int}"),
        Value::Scalar(other) => format!("{other:?}"),
    }
}

#[test]
fn what_sops_encrypts_we_open() {
    let key = Key::new();
    for program in sopses() {
        let dir = tempfile::tempdir().unwrap();
        let mut seen = 0;
        for format in FORMATS {
            for run in 0..RUNS {
                let plain = generated(format, run);
                let name = format!("{run}.{}", extension(format));
                put(dir.path(), &name, &plain);
                let sealed = match sops(
                    &program,
                    dir.path(),
                    &key,
                    &["encrypt", "--age", &key.public, &name],
                ) {
                    Ok(sealed) => sealed,
                    Err(error) => panic!("{error}\n{}", String::from_utf8_lossy(&plain)),
                };
                let (opened, ours) = open(format, &sealed, &key);
                if format == Format::Binary {
                    assert_eq!(opened, plain);
                    seen += 1;
                    continue;
                }
                let theirs = values(format, &plain);
                assert!(
                    same(format, &ours, &theirs),
                    "{program:?} {name}\n{}\n{}",
                    ours.iter().map(loose).collect::<String>(),
                    theirs.iter().map(loose).collect::<String>()
                );
                seen += ours.iter().map(count).sum::<usize>();
                // Sealing what was opened gives the very same file.
                let file = SopsFile::parse(format, sealed.clone()).unwrap();
                let opened = file.open(&key.unlock(&file), false).unwrap();
                let again =
                    file.seal(&opened, &opened.plain, std::time::SystemTime::now()).unwrap();
                assert_eq!(
                    String::from_utf8_lossy(&again),
                    String::from_utf8_lossy(&sealed),
                    "{name}"
                );
            }
        }
        println!("{seen} values of {}", program.display());
        assert!(seen > 1000);
    }
}

#[test]
fn what_we_encrypt_sops_opens() {
    let key = Key::new();
    for program in sopses() {
        let dir = tempfile::tempdir().unwrap();
        let mut seen = 0;
        for format in FORMATS {
            for run in 0..RUNS {
                let plain = generated(format, run + 100);
                let name = format!("{run}.{}", extension(format));
                let sealed = seal(format, &plain, &key);
                put(dir.path(), &name, &sealed);
                let theirs = match sops(&program, dir.path(), &key, &["decrypt", &name]) {
                    Ok(theirs) => theirs,
                    Err(error) => {
                        panic!("{program:?} {error}\n{}", String::from_utf8_lossy(&sealed))
                    }
                };
                if format == Format::Binary {
                    assert_eq!(theirs, plain);
                    seen += 1;
                    continue;
                }
                let ours = values(format, &plain);
                seen += ours.iter().map(count).sum::<usize>();
                let shown = String::from_utf8_lossy(&theirs);
                assert!(same(format, &ours, &values(format, &theirs)), "{name}\n{shown}");
                if format != Format::Json && format != Format::Ini {
                    assert_eq!(
                        comments(format, &plain),
                        comments(format, &theirs),
                        "{name}\n{shown}"
                    );
                }
                // And it is the plaintext, byte for byte, that we give back.
                assert!(same(format, &open(format, &sealed, &key).1, &ours));
            }
        }
        println!("{seen} values for {}", program.display());
        assert!(seen > 1000);
    }
}

#[test]
fn sops_edits_what_we_encrypt() {
    let key = Key::new();
    let other = Key::new();
    for program in sopses() {
        let dir = tempfile::tempdir().unwrap();
        let rules = format!("creation_rules:\n  - age: {},{}\n", key.public, other.public);
        put(dir.path(), ".sops.yaml", rules.as_bytes());
        for format in [Format::Yaml, Format::Json] {
            let plain: &[u8] = match format {
                Format::Json => b"{\"a\": {\"b\": [1, 2]}, \"c\": \"x\"}\n",
                _ => b"# top\na:\n  b:\n    - 1\n    - 2\nc: x\n",
            };
            let name = format!("f.{}", extension(format));
            let path = put(dir.path(), &name, &seal(format, plain, &key));
            sops(&program, dir.path(), &key, &["set", &name, "[\"a\"][\"b\"][1]", "\"new\""])
                .unwrap();
            sops(&program, dir.path(), &key, &["updatekeys", "-y", &name]).unwrap();
            sops(&program, dir.path(), &key, &["rotate", "-i", &name]).unwrap();
            let (_, values) = open(format, &fs::read(&path).unwrap(), &other);
            let list = values[0].get("a").and_then(|a| a.get("b")).unwrap();
            assert_eq!(loose(list), "[1,\"new\"]");
        }
    }
}

#[test]
fn partial_encryption_is_that_of_sops() {
    let key = Key::new();
    let plain = b"plain_unencrypted: 1\npassword: two\nmeta:\n    # keep this\n    name: who\n    # sops:secret\n    deep:\n        - 1\n        # and this\n        - 2\n    list_secret: [3, true]\n# sops:secret\nlast: 2024-01-01\n";
    let selections = [
        Selection::UnencryptedSuffix("_unencrypted".into()),
        Selection::EncryptedSuffix("_secret".into()),
        Selection::EncryptedRegex("^pass|deep".into()),
        Selection::UnencryptedRegex("^(meta|last)$".into()),
        Selection::EncryptedCommentRegex("sops:secret".into()),
        Selection::UnencryptedCommentRegex("sops:secret".into()),
    ];
    for program in sopses() {
        for selection in &selections {
            for mac_only_encrypted in [false, true] {
                let dir = tempfile::tempdir().unwrap();
                let (option, text) = selection.key();
                let rules = format!(
                    "creation_rules:\n  - age: {}\n    {option}: '{text}'\n    mac_only_encrypted: {mac_only_encrypted}\n",
                    key.public
                );
                put(dir.path(), ".sops.yaml", rules.as_bytes());
                put(dir.path(), "p.yaml", plain);
                let theirs = sops(&program, dir.path(), &key, &["encrypt", "p.yaml"]).unwrap();
                let (opened, values_of_theirs) = open(Format::Yaml, &theirs, &key);
                assert_eq!(
                    comments(Format::Yaml, &opened),
                    comments(Format::Yaml, plain),
                    "{option}"
                );
                let meant: String = values(Format::Yaml, plain).iter().map(loose).collect();
                assert_eq!(values_of_theirs.iter().map(loose).collect::<String>(), meant);
                let setup = Setup {
                    selection: Some(selection.clone()),
                    mac_only_encrypted,
                    wanted: Wanted::one(vec![key.public.clone()]),
                };
                let ours = seal_with(Format::Yaml, plain, &setup);
                put(dir.path(), "o.yaml", &ours);
                let back = sops(&program, dir.path(), &key, &["decrypt", "o.yaml"]).unwrap();
                assert_eq!(
                    comments(Format::Yaml, &back),
                    comments(Format::Yaml, plain),
                    "{option}"
                );
                assert_eq!(
                    values(Format::Yaml, &back).iter().map(loose).collect::<String>(),
                    meant
                );
                // The same values are left readable.
                let readable = |bytes: &[u8]| {
                    let text = String::from_utf8_lossy(bytes).into_owned();
                    ["two", "name: who", "2024-01-01", "keep this", "and this", "sops:secret"]
                        .map(|needle| text.split("\nsops:\n").next().unwrap().contains(needle))
                };
                assert_eq!(
                    readable(&ours),
                    readable(&theirs),
                    "{option}\n{}\n{}",
                    String::from_utf8_lossy(&ours),
                    String::from_utf8_lossy(&theirs)
                );
            }
        }
    }
}

#[test]
fn key_groups_open_both_ways() {
    let keys = [Key::new(), Key::new(), Key::new()];
    for program in sopses() {
        let dir = tempfile::tempdir().unwrap();
        let groups: String =
            keys.iter().map(|key| format!("      - age: [{}]\n", key.public)).collect();
        let rules = format!("creation_rules:\n  - shamir_threshold: 2\n    key_groups:\n{groups}");
        put(dir.path(), ".sops.yaml", rules.as_bytes());
        put(dir.path(), "p.yaml", b"a: b\n");
        let theirs = sops(&program, dir.path(), &keys[0], &["encrypt", "p.yaml"]).unwrap();
        let file = SopsFile::parse(Format::Yaml, theirs).unwrap();
        assert!(file.unlock(&mut |entry| keys[0].unwrap(entry)).is_err());
        let unlocked = file
            .unlock(&mut |entry| keys[0].unwrap(entry).or_else(|_| keys[2].unwrap(entry)))
            .unwrap();
        assert_eq!(&file.open(&unlocked, false).unwrap().plain[..], b"a: b\n");

        let wanted = Wanted {
            groups: keys.iter().map(|key| vec![key.public.clone()]).collect(),
            threshold: Some(2),
        };
        let ours = seal_with(Format::Yaml, b"a: b\n", &Setup { wanted, ..Setup::default() });
        put(dir.path(), "o.yaml", &ours);
        assert!(sops(&program, dir.path(), &keys[1], &["decrypt", "o.yaml"]).is_err());
        let both = format!("{}\n{}\n", keys[1].secret(), keys[2].secret());
        put(dir.path(), "keys.txt", both.as_bytes());
        let output = std::process::Command::new(&program)
            .args(["decrypt", "o.yaml"])
            .current_dir(dir.path())
            .env_clear()
            .env("HOME", dir.path())
            .env("SOPS_AGE_KEY_FILE", dir.path().join("keys.txt"))
            .output()
            .unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stdout), "a: b\n", "{output:?}");
    }
}
