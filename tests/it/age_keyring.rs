//! Which key is tried when: nobody is asked without need, nobody twice, and nothing broken blocks.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use hostward::crypto::Header;
use hostward::crypto::Identity;
use hostward::crypto::IdentityError;
use hostward::crypto::Keyring;
use hostward::crypto::NoUnlock;
use hostward::crypto::OpenError;
use hostward::crypto::Recipient;
use hostward::crypto::RecipientKind;
use hostward::crypto::Sealer;
use hostward::crypto::Unlock;
use hostward::crypto::Verdict;
use hostward::crypto::generate_ssh_ed25519;
use hostward::crypto::generate_x25519;
use hostward::crypto::open;
use rayon::prelude::*;
use tempfile::TempDir;

use crate::agekit::Counting;
use crate::agekit::Made;
use crate::agekit::age_keygen;
use crate::agekit::keyring;
use crate::agekit::keyring_asking;
use crate::agekit::run;
use crate::agekit::sealer;
use crate::agekit::ssh_keygen;
use crate::peer::fetched_peer;
use crate::peer::peer;

const PASSPHRASE: &str = "correct horse";

#[test]
fn an_encrypted_ssh_key_is_asked_for_once_over_many_files_and_threads() {
    let dir = tempfile::tempdir().unwrap();
    let Some(locked) = locked(&dir, "locked") else { return };
    let recipients =
        [locked.recipient(), generate_x25519().public, generate_ssh_ed25519("other").public];
    let sealer = sealer(&recipients);
    let files: Vec<Vec<u8>> =
        (0..40).map(|number: u32| sealer.seal(&number.to_le_bytes()).unwrap()).collect();
    let unlock = Counting::new(Some(PASSPHRASE));
    let keyring = keyring_asking(&[&locked], unlock.clone());
    files.par_iter().enumerate().for_each(|(number, file)| {
        let plain = open(file, &keyring, "file").unwrap();
        assert_eq!(plain.as_bytes(), u32::try_from(number).unwrap().to_le_bytes());
    });
    assert_eq!(unlock.asked(), 1);
}

#[test]
fn nobody_is_asked_when_the_header_does_not_need_it() {
    let dir = tempfile::tempdir().unwrap();
    let Some(locked) = locked(&dir, "locked") else { return };
    let Some(locked_rsa) = ssh_keygen(&dir, "locked-rsa", &["-t", "rsa"], PASSPHRASE) else {
        return;
    };
    let Some(open_key) = ssh_keygen(&dir, "open", &["-t", "ed25519"], "") else { return };
    let person = generate_x25519();
    let unlock = Counting::new(Some(PASSPHRASE));
    let mut ring = keyring_asking(&[&locked, &locked_rsa, &open_key], unlock.clone());
    ring.add_bytes("person", person.secret.as_bytes());
    // For the open key, for the age key, for both, and for the locked keys too.
    for recipients in [
        vec![open_key.recipient()],
        vec![person.public.clone()],
        vec![locked.recipient(), locked_rsa.recipient(), open_key.recipient()],
        vec![locked.recipient(), person.public.clone()],
        vec![open_key.recipient().derived_age().unwrap(), locked.recipient()],
    ] {
        let sealed = sealer(&recipients).seal(b"x").unwrap();
        assert!(open(&sealed, &ring, "file").is_ok());
    }
    // For somebody else with SSH keys of every kind: the tags say so.
    let Some(other_rsa) = ssh_keygen(&dir, "other-rsa", &["-t", "rsa"], "") else { return };
    let others = [generate_ssh_ed25519("other").public, other_rsa.recipient()];
    let sealed = sealer(&others).seal(b"x").unwrap();
    assert!(matches!(open(&sealed, &ring, "file"), Err(OpenError::NoMatch(_))));
    assert_eq!(unlock.asked(), 0);
}

#[test]
fn a_locked_ssh_key_opens_what_is_for_its_derived_age_key() {
    let dir = tempfile::tempdir().unwrap();
    let Some(locked) = locked(&dir, "locked") else { return };
    let derived = locked.recipient().derived_age().unwrap();
    let sealed = sealer(&[derived]).seal(b"derived").unwrap();
    let unlock = Counting::new(Some(PASSPHRASE));
    let keyring = keyring_asking(&[&locked], unlock.clone());
    for _ in 0..3 {
        assert!(open(&sealed, &keyring, "file").unwrap().as_bytes() == b"derived");
    }
    assert_eq!(unlock.asked(), 1);
    assert_eq!(keyring.recipients().len(), 2);
}

#[test]
fn a_wrong_or_missing_passphrase_is_not_asked_for_again() {
    let dir = tempfile::tempdir().unwrap();
    let Some(locked) = locked(&dir, "locked") else { return };
    let sealed = sealer(&[locked.recipient()]).seal(b"x").unwrap();
    for (answer, times, reason) in
        [(Some("wrong"), 3, "is wrong"), (None, 1, "no passphrase was given")]
    {
        let unlock = Counting::new(answer);
        let keyring = keyring_asking(&[&locked], unlock.clone());
        for _ in 0..3 {
            let error = open(&sealed, &keyring, "file").err().unwrap().to_string();
            assert!(error.contains(reason) && error.contains("`locked`"), "{error}");
        }
        assert_eq!(unlock.asked(), times);
    }
}

#[test]
fn every_cipher_of_ssh_keygen_unlocks() {
    let dir = tempfile::tempdir().unwrap();
    for cipher in [
        "aes128-ctr",
        "aes192-ctr",
        "aes256-ctr",
        "aes256-cbc",
        "aes128-gcm@openssh.com",
        "aes256-gcm@openssh.com",
        "chacha20-poly1305@openssh.com",
    ] {
        for kind in ["ed25519", "rsa"] {
            let name = format!("{kind}-{}", cipher.split('@').next().unwrap());
            let args = ["-t", kind, "-Z", cipher, "-a", "1"];
            let Some(key) = ssh_keygen(&dir, &name, &args, PASSPHRASE) else { return };
            let sealed = sealer(&[key.recipient()]).seal(b"x").unwrap();
            let keyring = keyring_asking(&[&key], Counting::new(Some(PASSPHRASE)));
            let plain = open(&sealed, &keyring, "file");
            assert!(plain.is_ok_and(|plain| plain.as_bytes() == b"x"), "{name}");
        }
    }
}

#[test]
fn a_broken_identity_does_not_block_a_good_one() {
    let person = generate_x25519();
    let sealed = sealer(&[person.public]).seal(b"x").unwrap();
    let mut keyring = Keyring::new(Arc::new(NoUnlock));
    keyring.add_bytes("empty", b"");
    keyring.add_bytes("garbage", b"\xff\xfe\x00");
    keyring.add_bytes("cut off", b"-----BEGIN OPENSSH PRIVATE KEY-----\nb3Blbn\n");
    keyring.add_bytes(
        "bogus",
        b"-----BEGIN RSA PRIVATE KEY-----\nMII\n-----END RSA PRIVATE KEY-----\n",
    );
    let failing = "AGE-PLUGIN-MISSINGPROGRAM-1QYQSZQGPQYQSZQGPQYQSZQGPQYQSZQGPTKU5XX";
    keyring.add_bytes("plugin", failing.as_bytes());
    let before = open(&sealed, &keyring, "file").err().unwrap().to_string();
    for name in ["`empty`", "`garbage`", "`cut off`", "`bogus`"] {
        assert!(before.contains(name), "{before}");
    }
    keyring.add_bytes("good", person.secret.as_bytes());
    assert!(open(&sealed, &keyring, "file").unwrap().as_bytes() == b"x");
}

/// `age -p` and rage write identity files under a passphrase; ours are made by age-plugin-batchpass, which
/// gives age a passphrase without a terminal.
#[test]
fn an_encrypted_identity_file_is_opened_once_and_only_if_needed() {
    let dir = tempfile::tempdir().unwrap();
    let Some(file) = encrypted_identity(&dir) else { return };
    let Some(host) = ssh_keygen(&dir, "host", &["-t", "ed25519"], "") else { return };
    let unlock = Counting::new(Some(PASSPHRASE));
    let keyring = keyring_asking(&[&file, &host], unlock.clone());
    let for_host = sealer(&[host.recipient()]).seal(b"x").unwrap();
    assert!(open(&for_host, &keyring, "file").is_ok());
    assert_eq!(unlock.asked(), 0);
    let for_person = sealer(&[file.recipient()]).seal(b"y").unwrap();
    for _ in 0..3 {
        assert!(open(&for_person, &keyring, "file").unwrap().as_bytes() == b"y");
    }
    assert_eq!(unlock.asked(), 1);
    let wrong = keyring_asking(&[&file], Counting::new(Some("wrong")));
    let error = open(&for_person, &wrong, "file").err().unwrap().to_string();
    assert!(error.contains("the passphrase for `person.age` is wrong"), "{error}");
}

#[test]
fn a_file_with_a_passphrase_asks_for_it() {
    let dir = tempfile::tempdir().unwrap();
    let Some(file) = encrypted_identity(&dir) else { return };
    let unlock = Counting::new(Some(PASSPHRASE));
    let keyring = keyring_asking(&[], unlock.clone());
    let plain = open(&file.bytes(), &keyring, "person.age").unwrap();
    assert!(plain.as_bytes().windows(15).any(|part| part == b"AGE-SECRET-KEY-"));
    assert_eq!(unlock.asked(), 1);
    let silent = keyring_asking(&[], Counting::new(None));
    assert!(matches!(open(&file.bytes(), &silent, "x"), Err(OpenError::NoPassphrase)));
}

#[test]
fn identity_files_hold_several_keys_and_comments() {
    let dir = tempfile::tempdir().unwrap();
    let Some(keygen) = peer("age-keygen") else { return };
    let [one, two] = ["one", "two"].map(|name| age_keygen(&dir, name, &keygen, &[]));
    let both = [b"\n# two people\r\n".as_slice(), &one.bytes(), b"\n\n", &two.bytes()].concat();
    let identities = Identity::parse("both", &both).unwrap();
    let recipients: Vec<Recipient> = identities.iter().flat_map(Identity::recipients).collect();
    assert_eq!(recipients, [one.recipient(), two.recipient()]);
    assert!(identities.iter().all(|identity| !identity.is_locked() && identity.name() == "both"));
}

#[test]
fn what_is_no_identity_says_what_it_is() {
    let public = generate_ssh_ed25519("host").public;
    let age = generate_x25519();
    let secret = age.secret.as_str().unwrap();
    let damaged = secret.replace("AGE-SECRET-KEY-1", "AGE-SECRET-KEY-1Q");
    let parse = |bytes: &[u8]| Identity::parse("key", bytes).err().unwrap();
    assert!(matches!(parse(public.to_string().as_bytes()), IdentityError::Public { .. }));
    assert!(matches!(parse(age.public.canonical().as_bytes()), IdentityError::Public { .. }));
    assert!(matches!(parse(b"# nothing\n"), IdentityError::NoKey { .. }));
    let error = parse(damaged.as_bytes());
    assert!(matches!(error, IdentityError::Line { line: 1, .. }));
    assert!(!format!("{error:?} {error}").contains(&secret[20..30]), "a secret is quoted");
    let sealed = sealer(&[age.public]).seal(b"x").unwrap();
    assert!(matches!(parse(&sealed), IdentityError::EncryptedToKeys { .. }));

    let dir = tempfile::tempdir().unwrap();
    let Some(ecdsa) = ssh_keygen(&dir, "ecdsa", &["-t", "ecdsa"], "") else { return };
    let error = parse(&ecdsa.bytes());
    assert!(matches!(error, IdentityError::Refused { .. }), "{error}");
    let pem = ["-t", "rsa", "-m", "PEM"];
    let Some(old) = ssh_keygen(&dir, "old", &pem, PASSPHRASE) else { return };
    let error = parse(&old.bytes()).to_string();
    assert!(error.contains("ssh-keygen -p"), "{error}");
}

/// A plugin is a program on the search path: here a shell script that speaks the protocol, keeps the file key in
/// the open, asks for a PIN and counts. The search path is the process's own, so the test runs itself again.
#[test]
fn plugins_wrap_and_unwrap() {
    const MARK: &str = "HOSTWARD_TEST_PLUGIN_DIR";
    if let Some(dir) = std::env::var_os(MARK) {
        talk_to_plugin(Path::new(&dir));
        return;
    }
    let Some(bash) = peer("bash") else { return };
    let dir = tempfile::tempdir().unwrap();
    let program = dir.path().join("age-plugin-hostwardtest");
    std::fs::write(&program, format!("#!{}\n{PLUGIN}", bash.display())).unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    let path = std::env::var("PATH").unwrap();
    run(Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "age_keyring::plugins_wrap_and_unwrap"])
        .env("PATH", format!("{}:{path}", dir.path().display()))
        .env(MARK, dir.path()));
}

const PLUGIN: &str = r#"
say() { printf '%s\n' "-> $1" "$2"; }
# A command and its body, whose last line is short; random commands keep us honest.
hear() {
    IFS= read -r line || exit 1
    body=
    while IFS= read -r part && body=$body$part && [ ${#part} = 64 ]; do :; done
}
state=$1; key=
echo "$state" >> "${0%/*}/talks"
while hear; do
    case $line in
        "-> wrap-file-key") key=$body ;;
        "-> recipient-stanza 0 hostwardtest"*) key=$body ;;
        "-> done") break ;;
    esac
done
if [ "$state" = --age-plugin=recipient-v1 ]; then
    say "recipient-stanza 0 hostwardtest" "$key"; hear
else
    say request-secret UElO; hear
    [ "$body" = MTIzNA ] && [ -n "$key" ] && { say "file-key 0" "$key"; hear; }
fi
say done ""
"#;

fn talk_to_plugin(dir: &Path) {
    let unlock: Arc<dyn Unlock> = Arc::new(NoUnlock);
    let missing = Recipient::parse(&bech32_of("age1hostwardmissing")).unwrap();
    assert_eq!(
        (missing.kind(), missing.plugin()),
        (RecipientKind::Plugin, Some("hostwardmissing"))
    );
    let error = Sealer::new([&missing], &unlock).err().unwrap().to_string();
    assert!(error.contains("`age-plugin-hostwardmissing`"), "{error}");

    let recipient = Recipient::parse(&bech32_of("age1hostwardtest")).unwrap();
    let person = generate_x25519();
    let recipients = [recipient, person.public];
    let sealed = sealer(&recipients).seal(b"x").unwrap();
    let comparison = Header::read(&sealed[..]).unwrap().compare(&recipients);
    assert_eq!(comparison.verdicts, [Verdict::Unprovable, Verdict::Unprovable]);
    assert!(!comparison.is_drift());
    // Without the plugin's key, its stanza is somebody else's.
    let comparison = Header::read(&sealed[..]).unwrap().compare(&recipients[1..]);
    assert_eq!(comparison.extras[0].kind, "hostwardtest");

    let identity = bech32_of("age-plugin-hostwardtest-").to_ascii_uppercase();
    let pin = Counting::new(Some("1234"));
    let mut keyring = Keyring::new(pin.clone());
    keyring.add_bytes("stick", identity.as_bytes());
    assert!(open(&sealed, &keyring, "file").unwrap().as_bytes() == b"x");
    assert_eq!(pin.asked(), 1);
    // A key that opens without a plugin keeps it silent, wherever it stands.
    keyring.add_bytes("person", person.secret.as_bytes());
    assert!(open(&sealed, &keyring, "file").is_ok());
    assert_eq!(pin.asked(), 1);
    let talks = std::fs::read_to_string(dir.join("talks")).unwrap();
    assert_eq!(talks, "--age-plugin=recipient-v1\n--age-plugin=identity-v1\n");
    let mut keyring = Keyring::new(Counting::new(Some("4321")));
    keyring.add_bytes("stick", identity.as_bytes());
    assert!(matches!(open(&sealed, &keyring, "file"), Err(OpenError::NoMatch(_))));
}

fn bech32_of(hrp: &str) -> String {
    bech32::encode::<bech32::Bech32>(bech32::Hrp::parse(hrp).unwrap(), &[7; 16]).unwrap()
}

fn locked(dir: &TempDir, name: &str) -> Option<Made> {
    ssh_keygen(dir, name, &["-t", "ed25519", "-a", "4"], PASSPHRASE)
}

fn encrypted_identity(dir: &TempDir) -> Option<Made> {
    let (age, keygen) = (fetched_peer("bin/age")?, peer("age-keygen")?);
    let plugin = fetched_peer("bin/age-plugin-batchpass")?;
    let key = age_keygen(dir, "person", &keygen, &[]);
    let path = dir.path().join("person.age");
    run(Command::new(age)
        .args(["-e", "-j", "batchpass", "-o"])
        .args([&path, &key.path])
        .env("PATH", plugin.parent().unwrap())
        .env("AGE_PASSPHRASE", PASSPHRASE)
        .env("AGE_PASSPHRASE_WORK_FACTOR", "12"));
    Some(Made { path, public: key.public })
}

#[test]
fn an_empty_keyring_says_so() {
    let sealed = sealer(&[generate_x25519().public]).seal(b"x").unwrap();
    let error = open(&sealed, &keyring(&[]), "file").err().unwrap();
    assert_eq!(error.to_string(), "there is no identity to open it with");
}
