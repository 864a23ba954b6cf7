//! What we seal, a real age opens, and the other way round: every kind of recipient, armored and binary,
//! sizes around every boundary, and streams far larger than memory should grow.

use std::io;
use std::io::BufReader;
use std::io::Read;
use std::io::Write;
use std::path::Path;
use std::process::Command;
use std::process::Stdio;

use hostward::crypto::Header;
use hostward::crypto::Keyring;
use hostward::crypto::OpenError;
use hostward::crypto::Recipient;
use hostward::crypto::Verdict;
use hostward::crypto::generate_hybrid;
use hostward::crypto::generate_ssh_ed25519;
use hostward::crypto::generate_x25519;
use hostward::crypto::open;
use hostward::crypto::open_stream;
use sha2::Digest;
use sha2::Sha256;

use crate::agekit::Made;
use crate::agekit::age_decrypt;
use crate::agekit::age_encrypt;
use crate::agekit::age_keygen;
use crate::agekit::keyring;
use crate::agekit::noise;
use crate::agekit::run;
use crate::agekit::sealer;
use crate::agekit::ssh_keygen;
use crate::peer::fetched_peer;
use crate::peer::peer;

const SIZES: [usize; 6] = [0, 1, 65535, 65536, 65537, 1 << 20];
/// For kinds of keys that differ in nothing but the header.
const FEW_SIZES: [usize; 2] = [1, 65537];

#[test]
fn ed25519_both_ways() {
    let dir = tempfile::tempdir().unwrap();
    let Some(age) = peer("age") else { return };
    let Some(key) = ssh_keygen(&dir, "host", &["-t", "ed25519"], "") else { return };
    both_ways(&age, &key, &SIZES);
}

#[test]
fn rsa_both_ways() {
    let dir = tempfile::tempdir().unwrap();
    let Some(age) = peer("age") else { return };
    let Some(key) = ssh_keygen(&dir, "old", &["-t", "rsa", "-b", "2048"], "") else { return };
    both_ways(&age, &key, &FEW_SIZES);
    // The format that OpenSSH wrote before 2018.
    let pem = ["-t", "rsa", "-b", "2048", "-m", "PEM"];
    let Some(key) = ssh_keygen(&dir, "older", &pem, "") else { return };
    both_ways(&age, &key, &FEW_SIZES);
}

#[test]
fn x25519_both_ways() {
    let dir = tempfile::tempdir().unwrap();
    let (Some(age), Some(keygen)) = (peer("age"), peer("age-keygen")) else { return };
    both_ways(&age, &age_keygen(&dir, "person", &keygen, &[]), &SIZES);
}

#[test]
fn post_quantum_both_ways() {
    let dir = tempfile::tempdir().unwrap();
    let Some(age) = fetched_peer("bin/age") else { return };
    let Some(keygen) = fetched_peer("bin/age-keygen") else { return };
    let key = age_keygen(&dir, "strong", &keygen, &["-pq"]);
    both_ways(&age, &key, &FEW_SIZES);
    // The identity as age versions without post-quantum keys hold it.
    let Some(plugin) = fetched_peer("bin/age-plugin-pq") else { return };
    let path = dir.path().join("strong-plugin");
    run(Command::new(plugin).arg("-identity").arg("-o").arg(&path).arg(&key.path));
    let sealed = sealer(&[key.recipient()]).seal(b"secret").unwrap();
    let converted = Made { path, public: key.public };
    assert!(open(&sealed, &keyring(&[&converted]), "file").unwrap().as_bytes() == b"secret");
}

/// Our keys work in a real age: its own idea of the public half is ours too.
#[test]
fn generated_keys_are_real_keys() {
    let dir = tempfile::tempdir().unwrap();
    let (Some(age), Some(keygen)) = (peer("age"), peer("age-keygen")) else { return };
    let pair = generate_x25519();
    let made = write_key(dir.path(), "person", pair.secret.as_bytes(), &pair.public);
    let public = run(Command::new(&keygen).arg("-y").arg(&made.path));
    assert_eq!(String::from_utf8(public).unwrap().trim(), pair.public.canonical());
    both_ways(&age, &made, &FEW_SIZES);

    let pair = generate_ssh_ed25519("root@host\n");
    let made = write_key(dir.path(), "host", pair.secret.as_bytes(), &pair.public);
    let Some(ssh_keygen) = peer("ssh-keygen") else { return };
    let public = run(Command::new(&ssh_keygen).arg("-y").arg("-f").arg(&made.path));
    assert_eq!(String::from_utf8(public).unwrap().trim(), pair.public.to_string());
    assert_eq!(pair.public.comment(), Some("root@host"));
    both_ways(&age, &made, &FEW_SIZES);

    let Some(age) = fetched_peer("bin/age") else { return };
    let pair = generate_hybrid();
    let made = write_key(dir.path(), "strong", pair.secret.as_bytes(), &pair.public);
    both_ways(&age, &made, &FEW_SIZES);
}

/// An ssh-ed25519 key opens what is for the age key derived from it; a real age opens it with the derived
/// identity alone.
#[test]
fn one_ssh_key_is_two_recipients() {
    let dir = tempfile::tempdir().unwrap();
    let (Some(age), Some(keygen)) = (peer("age"), peer("age-keygen")) else { return };
    let Some(host) = ssh_keygen(&dir, "host", &["-t", "ed25519"], "") else { return };
    let derived = host.recipient().derived_age().unwrap();
    let identities = hostward::crypto::Identity::parse("host", &host.bytes()).unwrap();
    let pair = hostward::crypto::derive_age_identity(&identities[0]).unwrap();
    assert!(pair.public == derived);
    let made = write_key(dir.path(), "derived", pair.secret.as_bytes(), &pair.public);
    let public = run(Command::new(&keygen).arg("-y").arg(&made.path));
    assert_eq!(String::from_utf8(public).unwrap().trim(), derived.canonical());

    let sealed = age_encrypt(&age, &[derived.canonical()], b"for the host", false);
    assert!(open(&sealed, &keyring(&[&host]), "file").unwrap().as_bytes() == b"for the host");
    assert_eq!(age_decrypt(&age, &made.path, &sealed).unwrap(), b"for the host");
    // The derived identity does not open what is for the SSH key itself.
    let native = age_encrypt(&age, &[&host.public], b"native", false);
    assert!(matches!(open(&native, &keyring(&[&made]), "file"), Err(OpenError::NoMatch(_))));
}

/// Hardware keys cannot be had here, but what a real age makes for them can be recognised.
#[test]
fn tagged_stanzas_of_a_real_age_are_proven() {
    let Some(age) = fetched_peer("bin/age") else { return };
    let tag = "age1tag1qt8lw0ual6avlwmwatk888yqnmdamm7xfd0wak53ut6elz5c4swx2yqdj4e";
    let other = generate_x25519().public;
    let sealed = age_encrypt(&age, &[tag, other.canonical()], b"x", true);
    let recipients = [Recipient::parse(tag).unwrap(), other];
    let comparison = Header::read(&sealed[..]).unwrap().compare(&recipients);
    assert_eq!(comparison.verdicts, [Verdict::Proven, Verdict::Unprovable]);
    assert!(!comparison.is_drift());
    // And ours look the same to us.
    let ours = sealer(&recipients).seal(b"x").unwrap();
    let comparison = Header::read(&ours[..]).unwrap().compare(&recipients[..1]);
    assert_eq!(comparison.verdicts, [Verdict::Proven]);
    assert!(comparison.is_drift());
}

#[test]
fn damaged_files_do_not_open() {
    let pair = generate_x25519();
    let mut keyring = Keyring::new(std::sync::Arc::new(hostward::crypto::NoUnlock));
    keyring.add_bytes("key", pair.secret.as_bytes());
    let plain = noise(3 * 65536 + 5);
    let sealed = sealer(&[pair.public]).seal(&plain).unwrap();
    assert!(open(&sealed, &keyring, "file").unwrap().as_bytes() == plain);
    for cut in [1, 15, 16, 17, 21, 22, 65552, 65573, sealed.len() - 100] {
        let result = open(&sealed[..sealed.len() - cut], &keyring, "file");
        assert!(result.is_err(), "cut off by {cut}");
        let mut out = Vec::new();
        let cut_off = BufReader::new(&sealed[..sealed.len() - cut]);
        assert!(open_stream(cut_off, &mut out, &keyring, "file").is_err());
        assert!(out.len() < plain.len() && plain.starts_with(&out));
    }
    for at in (0..sealed.len()).step_by(977) {
        let mut damaged = sealed.clone();
        damaged[at] ^= 1;
        assert!(open(&damaged, &keyring, "file").is_err(), "changed at {at}");
    }
    let mut longer = sealed.clone();
    longer.push(0);
    assert!(open(&longer, &keyring, "file").is_err());
}

/// Reading that fails half-way is told apart from damage.
#[test]
fn failing_readers_and_writers_are_errors() {
    struct Failing;
    impl Read for Failing {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::other("no more"))
        }
    }
    impl Write for Failing {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::Error::other("full"))
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    use hostward::crypto::SealError;
    let pair = generate_x25519();
    let mut keyring = Keyring::new(std::sync::Arc::new(hostward::crypto::NoUnlock));
    keyring.add_bytes("key", pair.secret.as_bytes());
    let sealer = sealer(&[pair.public]);
    let input = noise(100_000).as_slice().to_vec();
    let half = || input.as_slice().chain(Failing);
    assert!(matches!(sealer.seal_stream(half(), Vec::new()), Err(SealError::Read(_))));
    assert!(matches!(sealer.seal_stream(&input[..], Failing), Err(SealError::Write(_))));
    let sealed = sealer.seal(&input).unwrap();
    let half = BufReader::new(sealed[..90_000].chain(Failing));
    assert!(matches!(open_stream(half, Vec::new(), &keyring, "file"), Err(OpenError::Read(_))));
    let whole = BufReader::new(&sealed[..]);
    assert!(matches!(open_stream(whole, Failing, &keyring, "file"), Err(OpenError::Write(_))));
}

/// A gibibyte goes from us to us and to a real age at once, in pipes; our memory stays small. That is the memory of a
/// process, so the test runs itself again on its own.
#[test]
#[ignore = "slow without optimisation: `tests/run` includes it"]
fn a_gibibyte_in_little_memory() {
    const MARK: &str = "HOSTWARD_TEST_GIBIBYTE";
    let (Some(age), Some(keygen)) = (peer("age"), peer("age-keygen")) else { return };
    if std::env::var_os(MARK).is_some() {
        stream_a_gibibyte(&age, &keygen);
        return;
    }
    let output = run(Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "age_files::a_gibibyte_in_little_memory", "--nocapture", "--ignored"])
        .env(MARK, "1"));
    print!("{}", String::from_utf8(output).unwrap());
}

fn stream_a_gibibyte(age: &Path, keygen: &Path) {
    const SIZE: u64 = 1 << 30;
    let dir = tempfile::tempdir().unwrap();
    let key = age_keygen(&dir, "person", keygen, &[]);
    let keyring = keyring(&[&key]);
    let sealer = sealer(&[key.recipient()]);
    let mut age = Command::new(age)
        .args(["-d", "-i"])
        .arg(&key.path)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let (to_age, mut from_age) = (age.stdin.take().unwrap(), age.stdout.take().unwrap());
    let (sealed, to_us) = io::pipe().unwrap();
    let mut ours = Hashing::default();
    let (plain, theirs) = std::thread::scope(|scope| {
        let plain = scope.spawn(|| {
            let mut plain = Hashing::default();
            let input = Tee { input: Numbers(0).take(SIZE), copy: &mut plain };
            assert_eq!(sealer.seal_stream(input, to_us).unwrap(), SIZE);
            plain.0.finalize()
        });
        let theirs = scope.spawn(move || {
            let mut theirs = Hashing::default();
            io::copy(&mut from_age, &mut theirs).unwrap();
            theirs.0.finalize()
        });
        let input = BufReader::with_capacity(1 << 16, Tee { input: sealed, copy: to_age });
        assert_eq!(open_stream(input, &mut ours, &keyring, "file").unwrap(), SIZE);
        (plain.join().unwrap(), theirs.join().unwrap())
    });
    assert!(age.wait().unwrap().success());
    assert!(ours.0.finalize() == plain && theirs == plain);
    let peak = peak_memory_kib();
    println!("1 GiB: peak memory {peak} KiB");
    assert!(peak < 64 << 10, "{peak} KiB");
}

fn both_ways(age: &Path, key: &Made, sizes: &[usize]) {
    let recipients = [key.recipient()];
    let keyring = keyring(&[key]);
    for armored in [false, true] {
        let sealer = sealer(&recipients).armored(armored);
        for &size in sizes {
            let plain = noise(size);
            let ours = sealer.seal(&plain).unwrap();
            assert!(age_decrypt(age, &key.path, &ours).unwrap() == plain, "ours, {size} bytes");
            assert!(open(&ours, &keyring, "file").unwrap().as_bytes() == plain);
            let mut streamed = Vec::new();
            let len = sealer.seal_stream(&plain[..], &mut streamed).unwrap();
            assert_eq!(len, size as u64);
            assert!(
                age_decrypt(age, &key.path, &streamed).unwrap() == plain,
                "stream, {size} bytes"
            );

            let theirs = age_encrypt(age, &[&key.public], &plain, armored);
            assert!(
                open(&theirs, &keyring, "file").unwrap().as_bytes() == plain,
                "theirs, {size} bytes"
            );
            let mut out = Vec::new();
            let len = open_stream(BufReader::new(&theirs[..]), &mut out, &keyring, "file").unwrap();
            assert!(out == plain && len == size as u64);
            for file in [&ours, &theirs] {
                let header = Header::read(&file[..]).unwrap();
                assert_eq!(header.is_armored(), armored);
                assert!(!header.compare(&recipients).is_drift());
            }
        }
    }
}

fn write_key(dir: &Path, name: &str, secret: &[u8], public: &Recipient) -> Made {
    use std::os::unix::fs::PermissionsExt;
    let path = dir.join(name);
    std::fs::write(&path, secret).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
    Made { path, public: public.to_string() }
}

fn peak_memory_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

#[derive(Default)]
struct Hashing(Sha256);

impl Write for Hashing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

struct Tee<R, W> {
    input: R,
    copy: W,
}

impl<R: Read, W: Write> Read for Tee<R, W> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let len = self.input.read(out)?;
        self.copy.write_all(&out[..len])?;
        Ok(len)
    }
}

/// Counts without an end: no two chunks are alike.
struct Numbers(u64);

impl Read for Numbers {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        for part in out.chunks_mut(8) {
            self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
            part.copy_from_slice(&self.0.to_le_bytes()[..part.len()]);
        }
        Ok(out.len())
    }
}
