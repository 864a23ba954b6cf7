//! Edits, recipients and hostile input of sops files: what changes, what does not, and what is refused.

use std::time::{Duration, SystemTime};

use hostward::backend::sops::{Setup, SopsError, SopsFile, Wanted, encrypt};
use hostward::format::{Change, Document, Format, Step, Value};

use crate::sops_kit::{Key, Random, extension, open, seal, seal_with, values, wrap};

fn later() -> SystemTime {
    SystemTime::now() + Duration::from_secs(3600)
}

/// Sets `path` in an encrypted file.
fn set(format: Format, bytes: &[u8], key: &Key, path: &[Step], value: Value) -> Vec<u8> {
    let file = SopsFile::parse(format, bytes.to_vec()).unwrap();
    let opened = file.open(&key.unlock(&file), false).unwrap();
    let plain = Document::parse(format, opened.plain.to_vec()).unwrap();
    let plain = plain.change(0, path, &Change::Set(value)).unwrap();
    file.seal(&opened, plain.bytes(), later()).unwrap()
}

/// The lines of `new` that `old` has not, and the other way.
fn changed_lines(old: &[u8], new: &[u8]) -> Vec<String> {
    let (old, new) = (String::from_utf8_lossy(old), String::from_utf8_lossy(new));
    assert_eq!(old.lines().count(), new.lines().count());
    old.lines().zip(new.lines()).filter(|(a, b)| a != b).map(|(_, b)| b.trim().to_owned()).collect()
}

#[test]
fn one_value_changes_three_lines() {
    let key = Key::new();
    let mut plain = String::from("# a long file\n");
    for n in 0..300 {
        plain.push_str(&format!("# about {n}\nkey{n}:   'value {n}'  # behind\n\n"));
    }
    let sealed = seal(Format::Yaml, plain.as_bytes(), &key);
    let edited = set(Format::Yaml, &sealed, &key, &["key150".into()], Value::str("other"));
    let lines = changed_lines(&sealed, &edited);
    assert_eq!(lines.len(), 3, "{lines:#?}");
    assert!(lines[0].starts_with("key150:   ENC["), "{lines:#?}");
    assert!(lines[1].starts_with("lastmodified:"));
    assert!(lines[2].starts_with("mac:"));
}

#[test]
fn an_edit_without_change_changes_nothing() {
    let key = Key::new();
    for (format, seed) in
        [Format::Dotenv, Format::Ini, Format::Json, Format::Yaml].into_iter().zip(50..)
    {
        for seed in [seed, seed + 10, seed + 20] {
            let mut random = Random::new(seed);
            let plain = match format {
                Format::Dotenv => random.dotenv(40),
                Format::Ini => random.ini(40),
                Format::Json => random.json(40),
                _ => random.yaml(40),
            };
            let sealed = seal(format, plain.as_bytes(), &key);
            let file = SopsFile::parse(format, sealed.clone()).unwrap();
            let opened = file.open(&key.unlock(&file), false).unwrap();
            let again = file.seal(&opened, &opened.plain, later()).unwrap();
            let name = extension(format);
            assert_eq!(String::from_utf8_lossy(&again), String::from_utf8_lossy(&sealed), "{name}");
        }
    }
}

#[test]
fn comments_and_layout_change_no_mac() {
    let key = Key::new();
    let sealed = seal(Format::Yaml, b"a: 1 # note\nb: 2\n", &key);
    let file = SopsFile::parse(Format::Yaml, sealed.clone()).unwrap();
    let opened = file.open(&key.unlock(&file), false).unwrap();
    let edited = file.seal(&opened, b"a:    1 # other\n\nb: 2\n", later()).unwrap();
    let line = |bytes: &[u8], key: &str| {
        let text = String::from_utf8_lossy(bytes).into_owned();
        text.lines().find(|line| line.trim_start().starts_with(key)).unwrap().to_owned()
    };
    assert_eq!(line(&sealed, "mac"), line(&edited, "mac"));
    assert_eq!(line(&sealed, "lastmodified"), line(&edited, "lastmodified"));
    assert_eq!(line(&sealed, "b:"), line(&edited, "b:"));
    assert_eq!(open(Format::Yaml, &edited, &key).0, b"a:    1 # other\n\nb: 2\n");
}

#[test]
fn no_plaintext_is_left_behind() {
    let key = Key::new();
    let plain = b"# COMMENT\na: SECRET # COMMENT\nlist:\n    # COMMENT\n    - SECRET\n    - [SECRET, # COMMENT\n       SECRET]\nblock: | # COMMENT\n    SECRET\n    SECRET\nanchor: &x\n    inner: SECRET\nalias: *x\nmap: {a: SECRET} # COMMENT\n---\n# COMMENT\nz: SECRET\n...\n# COMMENT\n";
    let sealed = seal(Format::Yaml, plain, &key);
    let text = String::from_utf8_lossy(&sealed);
    assert!(!text.contains("SECRET") && !text.contains("COMMENT"), "{text}");
    let ini = b"; COMMENT\n[a]\nb = SECRET ; COMMENT\n; COMMENT\n; COMMENT\nc = \"\"\"SECRET\nSECRET\"\"\"\n; COMMENT\n";
    let sealed = seal(Format::Ini, ini, &key);
    let text = String::from_utf8_lossy(&sealed);
    assert!(!text.contains("SECRET") && !text.contains("COMMENT"), "{text}");
}

#[test]
fn a_new_recipient_changes_metadata_only() {
    let (one, two, three) = (Key::new(), Key::new(), Key::new());
    for format in [Format::Binary, Format::Dotenv, Format::Ini, Format::Json, Format::Yaml] {
        let plain: &[u8] = match format {
            Format::Dotenv => b"A=b\n",
            Format::Ini => b"[s]\na = b\n",
            Format::Json => b"{\"a\": \"b\"}\n",
            _ => b"a: b # c\n",
        };
        let recipients =
            |keys: &[&Key]| Wanted::one(keys.iter().map(|key| key.public.clone()).collect());
        let sealed = seal_with(
            format,
            plain,
            &Setup { wanted: recipients(&[&one, &two]), ..Setup::default() },
        );
        let file = SopsFile::parse(format, sealed.clone()).unwrap();
        let unlocked = one.unlock(&file);
        assert!(file.rewrap(&recipients(&[&two, &one]), &unlocked, &wrap).unwrap().is_none());
        let drift = file.drift(&recipients(&[&two, &three]));
        assert_eq!(
            (drift.added, drift.removed),
            (vec![three.public.clone()], vec![one.public.clone()])
        );

        let added =
            file.rewrap(&recipients(&[&one, &two, &three]), &unlocked, &wrap).unwrap().unwrap();
        let grown = SopsFile::parse(format, added.clone()).unwrap();
        let entry = |file: &SopsFile, n: usize| file.metadata().groups[0].age[n].clone();
        assert_eq!((entry(&file, 0), entry(&file, 1)), (entry(&grown, 0), entry(&grown, 1)));
        assert_eq!(file.values(), grown.values());
        assert_eq!(file.metadata().mac, grown.metadata().mac);
        assert_eq!(open(format, &added, &three).0, plain);
        // What was there is still there, byte for byte, with one entry put in between.
        let (old, new) = (String::from_utf8_lossy(&sealed), String::from_utf8_lossy(&added));
        let kept =
            old.lines().filter(|line| new.contains(line.trim_end_matches(['}', ']', ',']))).count();
        assert_eq!(kept, old.lines().count(), "{old}\n{new}");

        let removed = grown.rewrap(&recipients(&[&two]), &unlocked, &wrap).unwrap().unwrap();
        let shrunk = SopsFile::parse(format, removed.clone()).unwrap();
        assert_eq!(entry(&shrunk, 0), entry(&file, 1));
        assert_eq!(open(format, &removed, &two).0, plain);
        assert!(shrunk.unlock(&mut |entry| one.unwrap(entry)).is_err());

        let opened = shrunk.open(&two.unlock(&shrunk), false).unwrap();
        let rotated = shrunk.rotate(&opened, &recipients(&[&three]), later(), &wrap).unwrap();
        assert_eq!(open(format, &rotated, &three).0, plain);
        assert_ne!(SopsFile::parse(format, rotated).unwrap().values(), shrunk.values());
    }
}

#[test]
fn groups_can_grow_and_shrink() {
    let keys = [Key::new(), Key::new(), Key::new()];
    let sealed = seal(Format::Yaml, b"a: b\n", &keys[0]);
    let file = SopsFile::parse(Format::Yaml, sealed).unwrap();
    let unlocked = keys[0].unlock(&file);
    let groups = |n: usize| Wanted {
        groups: keys[..n].iter().map(|key| vec![key.public.clone()]).collect(),
        threshold: Some(2),
    };
    let grown = file.rewrap(&groups(3), &unlocked, &wrap).unwrap().unwrap();
    let grown = SopsFile::parse(Format::Yaml, grown).unwrap();
    assert_eq!(grown.metadata().needed(), 2);
    let two = grown
        .unlock(&mut |entry| keys[2].unwrap(entry).or_else(|_| keys[1].unwrap(entry)))
        .unwrap();
    assert_eq!(&grown.open(&two, false).unwrap().plain[..], b"a: b\n");
    let back =
        grown.rewrap(&Wanted::one(vec![keys[1].public.clone()]), &two, &wrap).unwrap().unwrap();
    assert_eq!(open(Format::Yaml, &back, &keys[1]).0, b"a: b\n");
}

#[test]
fn foreign_keys_and_unknown_metadata_are_carried() {
    let (one, two) = (Key::new(), Key::new());
    let sealed = seal(Format::Yaml, b"a: b\n", &one);
    let text = String::from_utf8(sealed).unwrap();
    let extra = "    pgp:\n        - created_at: \"2024-01-01T00:00:00Z\"\n          enc: xyz\n          fp: ABCD\n    future: [1,  2]   # kept\n";
    let text = text.replace("    unencrypted_suffix", &format!("{extra}    unencrypted_suffix"));
    let file = SopsFile::parse(Format::Yaml, text.clone().into_bytes()).unwrap();
    assert_eq!(file.metadata().foreign().next().unwrap().name, "ABCD");
    let unlocked = one.unlock(&file);
    let wanted = Wanted::one(vec![one.public.clone(), two.public.clone()]);
    let added =
        String::from_utf8(file.rewrap(&wanted, &unlocked, &wrap).unwrap().unwrap()).unwrap();
    assert!(added.contains(extra));
    let edited = set(Format::Yaml, added.as_bytes(), &two, &["a".into()], Value::str("c"));
    assert!(String::from_utf8(edited).unwrap().contains(extra));
    let opened = file.open(&unlocked, false).unwrap();
    let refused = file.rotate(&opened, &wanted, later(), &wrap);
    assert!(matches!(refused, Err(SopsError::ForeignKeys { .. })));
    let foreign_only = text.replace(&one.public, &two.public);
    let file = SopsFile::parse(Format::Yaml, foreign_only.into_bytes()).unwrap();
    let error = file.unlock(&mut |entry| two.unwrap(entry)).err().unwrap().to_string();
    assert!(error.contains("pgp ABCD"), "{error}");
}

#[test]
fn tampering_is_found() {
    let key = Key::new();
    let plain = b"a: one\nb: two\nc_unencrypted: three\n";
    let sealed = String::from_utf8(seal(Format::Yaml, plain, &key)).unwrap();
    let try_open = |text: String| {
        let file = SopsFile::parse(Format::Yaml, text.into_bytes())?;
        file.open(&key.unlock(&file), false).map(drop)
    };
    let a = sealed.lines().next().unwrap();
    let b = sealed.lines().nth(1).unwrap();
    assert!(try_open(sealed.clone()).is_ok());
    let removed = sealed.replace(&format!("{a}\n"), "");
    assert!(matches!(try_open(removed), Err(SopsError::MacMismatch)));
    let moved = sealed.replace(a, &format!("a{}", &b[1..]));
    assert!(matches!(try_open(moved), Err(SopsError::Value { .. })));
    let plain = sealed.replace("three", "four");
    assert!(matches!(try_open(plain), Err(SopsError::MacMismatch)));
    let readable = sealed.replace(a, "a: one");
    assert!(matches!(try_open(readable), Err(SopsError::Value { .. })));
    let later = sealed.replace("lastmodified: \"2", "lastmodified: \"3");
    assert!(matches!(try_open(later), Err(SopsError::MacMismatch)));
    let file = SopsFile::parse(Format::Yaml, sealed.replace("three", "four").into_bytes()).unwrap();
    assert!(file.open(&key.unlock(&file), true).is_ok());
}

#[test]
fn old_layouts_are_read() {
    let key = Key::new();
    let sealed = String::from_utf8(seal(Format::Yaml, b"a: b\n", &key)).unwrap();
    // 3.7 to 3.9 wrote empty lists for all kinds, the recipient first, and the time unquoted.
    let entry = sealed.find("        - enc").unwrap();
    let recipient = sealed.find("          recipient").unwrap();
    let end = sealed[recipient..].find('\n').unwrap() + recipient + 1;
    let (enc, rest) = (&sealed[entry..recipient], &sealed[end..]);
    let old = format!(
        "{}        - recipient: {}\n{}{}",
        sealed[..entry].replace("sops:\n", "sops:\n    kms: []\n    gcp_kms: []\n    pgp: null\n"),
        key.public,
        enc.replacen("- enc", "  enc", 1),
        rest.replace("lastmodified: \"", "lastmodified: ").replace("Z\"", "Z")
    );
    assert_eq!(open(Format::Yaml, old.as_bytes(), &key).0, b"a: b\n");
    let two = Key::new();
    let file = SopsFile::parse(Format::Yaml, old.clone().into_bytes()).unwrap();
    let wanted = Wanted::one(vec![key.public.clone(), two.public.clone()]);
    let added = file.rewrap(&wanted, &key.unlock(&file), &wrap).unwrap().unwrap();
    let text = String::from_utf8(added).unwrap();
    assert!(
        text.contains(&format!("        - recipient: {}\n          enc: |", two.public)),
        "{text}"
    );
}

#[test]
fn what_cannot_be_encrypted_is_refused() {
    let key = Key::new();
    let setup = Setup { wanted: Wanted::one(vec![key.public.clone()]), ..Setup::default() };
    let refused =
        |format, plain: &[u8]| encrypt(format, plain, &setup, SystemTime::now(), &wrap).is_err();
    for plain in [
        "- a\n",
        "text\n",
        "1: x\n",
        "a: 1\na: 2\n",
        "sops: x\n",
        "a: [",
        "a: 18446744073709551615\n",
    ] {
        assert!(refused(Format::Yaml, plain.as_bytes()), "{plain}");
    }
    assert!(refused(Format::Yaml, b"a: \xff\n"));
    assert!(refused(Format::Json, b"[1]"));
    assert!(refused(Format::Json, b"{\"a\":1,\"a\":2}"));
    assert!(refused(Format::Dotenv, b"sops_mac=x\n"));
    assert!(refused(Format::Dotenv, b"no equals\n"));
    let nobody = Setup { wanted: Wanted::one(Vec::new()), ..Setup::default() };
    assert!(matches!(
        encrypt(Format::Yaml, b"a: b\n", &nobody, SystemTime::now(), &wrap),
        Err(SopsError::EmptyGroup)
    ));
}

#[test]
fn empty_documents_can_be_sealed() {
    let key = Key::new();
    for (format, plain) in [
        (Format::Yaml, "{}\n"),
        (Format::Yaml, "# nothing\n"),
        (Format::Json, "{}\n"),
        (Format::Dotenv, ""),
        (Format::Binary, ""),
        (Format::Ini, ""),
    ] {
        let sealed = seal(format, plain.as_bytes(), &key);
        let (opened, _) = open(format, &sealed, &key);
        if format == Format::Binary {
            assert_eq!(opened, plain.as_bytes());
        } else {
            assert!(
                values(format, &opened)
                    .iter()
                    .all(|value| *value == values(format, plain.as_bytes())[0]
                        || *value == Value::Map(Vec::new())),
                "{plain:?}"
            );
        }
    }
}

#[test]
fn paths_reach_any_depth() {
    let key = Key::new();
    let sealed = seal(Format::Yaml, b"a:\n  - x: 1\n    y: [2, 3]\n", &key);
    let path: [Step; 4] = ["a".into(), 0.into(), "y".into(), 1.into()];
    let edited = set(Format::Yaml, &sealed, &key, &path, Value::str("new"));
    assert_eq!(open(Format::Yaml, &edited, &key).0, b"a:\n  - x: 1\n    y: [2, new]\n");
    let path: [Step; 3] = ["b".into(), "c".into(), 0.into()];
    let edited = set(Format::Yaml, &edited, &key, &path, Value::str("made"));
    let (plain, _) = open(Format::Yaml, &edited, &key);
    assert_eq!(
        String::from_utf8_lossy(&plain),
        "a:\n  - x: 1\n    y: [2, new]\nb:\n    c:\n        - made\n"
    );
}
