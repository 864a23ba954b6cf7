//! The C2SP CCTV test vectors for age, all of them: what opens, what does not, and why not.

use std::collections::BTreeMap;
use std::env;
use std::io::BufReader;
use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;
use std::sync::Mutex;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use hostward::crypto::Header;
use hostward::crypto::HeaderError;
use hostward::crypto::Keyring;
use hostward::crypto::NoUnlock;
use hostward::crypto::OpenError;
use hostward::crypto::Question;
use hostward::crypto::Secret;
use hostward::crypto::Unlock;
use hostward::crypto::open;
use hostward::crypto::open_stream;
use rayon::prelude::*;
use sha2::Digest;
use sha2::Sha256;

use crate::peer::fetched_peer;
use crate::peer::peer;

/// Prints every vector as `name<TAB>base64 of its head<TAB>base64 of its file`, uncompressed.
const DUMP: &str = r#"
import { pathToFileURL } from "node:url";
import { inflateSync } from "node:zlib";
const vectors = await import(pathToFileURL(process.argv[1] + "/index.js"));
for (const [name, bytes] of Object.entries(vectors.default ?? vectors)) {
    const all = Buffer.from(bytes), cut = all.indexOf("\n\n");
    const head = all.subarray(0, cut + 1);
    let file = all.subarray(cut + 2);
    if (head.includes("\ncompressed: zlib\n")) file = inflateSync(file);
    console.log([name, head.toString("base64"), file.toString("base64")].join("\t"));
}
"#;

pub(crate) struct Vector {
    pub(crate) name: String,
    pub(crate) head: BTreeMap<String, Vec<String>>,
    pub(crate) file: Vec<u8>,
}

impl Vector {
    pub(crate) fn all(&self, key: &str) -> &[String] {
        self.head.get(key).map_or(&[], Vec::as_slice)
    }

    pub(crate) fn one(&self, key: &str) -> &str {
        self.all(key).first().map_or("", String::as_str)
    }
}

/// The vectors, or nothing if their package or node is missing.
pub(crate) fn vectors() -> Option<Vec<Vector>> {
    let package = match env::var_os("HOSTWARD_CCTV") {
        Some(path) => PathBuf::from(path),
        None => fetched_peer("node_modules/cctv-age")?,
    };
    let output = Command::new(peer("node")?)
        .args(["--input-type=module", "-e", DUMP])
        .arg(package)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    Some(text.lines().map(parse).collect())
}

#[test]
fn every_vector_ends_as_it_says() {
    let Some(vectors) = vectors() else { return };
    let wrong: Vec<String> = vectors.par_iter().filter_map(|vector| check(vector).err()).collect();
    println!("cctv: {} of {} vectors", vectors.len() - wrong.len(), vectors.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(vectors.len() >= 143);
}

fn parse(line: &str) -> Vector {
    let mut parts = line.split('\t');
    let name = parts.next().unwrap().to_owned();
    let mut decoded = parts.map(|part| BASE64_STANDARD.decode(part).unwrap());
    let text = String::from_utf8(decoded.next().unwrap()).unwrap();
    let mut head: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for line in text.lines() {
        let (key, value) = line.split_once(": ").unwrap();
        head.entry(key.to_owned()).or_default().push(value.to_owned());
    }
    Vector { name, head, file: decoded.next().unwrap() }
}

fn check(vector: &Vector) -> Result<(), String> {
    let fail = |what: String| Err(format!("{}: {what}", vector.name));
    let expected = vector.one("expect");
    let mut plain = Vec::new();
    let result =
        open_stream(BufReader::new(&vector.file[..]), &mut plain, &keyring(vector), "vector");
    let class = class_of(&result.as_ref().map(|_| ()), vector);
    if class != expected {
        return fail(format!("expected {expected}, is {class}: {result:?}"));
    }
    let hash: String = Sha256::digest(&plain).iter().map(|byte| format!("{byte:02x}")).collect();
    let is_payload = matches!(expected, "success" | "payload failure");
    if is_payload && hash != vector.one("payload") {
        return fail(format!("{} plaintext bytes are not those expected", plain.len()));
    }
    // In memory the answer is the same, all or nothing.
    let whole = open(&vector.file, &keyring(vector), "vector");
    let class = class_of(&whole.as_ref().map(|_| ()), vector);
    if class != expected {
        return fail(format!("in memory, expected {expected}, is {class}"));
    }
    if whole.is_ok_and(|whole| whole.as_bytes() != plain) {
        return fail("in memory, the plaintext is another one".to_owned());
    }
    check_header(vector).or_else(fail)
}

/// A header that opens is read without a key too; one that is malformed, mostly is not.
fn check_header(vector: &Vector) -> Result<(), String> {
    match (vector.one("expect"), Header::read(&vector.file[..])) {
        ("success" | "no match" | "HMAC failure" | "payload failure", Err(error)) => {
            Err(format!("the header is refused: {error}"))
        }
        ("success", Ok(header)) if header.is_armored() != (vector.one("armored") == "yes") => {
            Err("the armor is not noticed".to_owned())
        }
        _ => Ok(()),
    }
}

fn class_of(result: &Result<(), &OpenError>, vector: &Vector) -> &'static str {
    match result {
        // We are not told that a file is armored: without the first line, it is no age file to us.
        Err(OpenError::Header(HeaderError::NotAge)) if vector.name == "armor_garbage_leading" => {
            "armor failure"
        }
        Ok(()) => "success",
        Err(OpenError::BadMac) => "HMAC failure",
        Err(OpenError::Header(HeaderError::Armor { .. })) => "armor failure",
        Err(OpenError::Header(_)) => "header failure",
        Err(OpenError::NoMatch(_) | OpenError::WrongPassphrase | OpenError::NoPassphrase) => {
            "no match"
        }
        Err(OpenError::Payload { .. }) => "payload failure",
        Err(_) => "other",
    }
}

fn keyring(vector: &Vector) -> Keyring {
    let passphrases = vector.all("passphrase").to_vec();
    let mut keyring = if passphrases.is_empty() {
        Keyring::new(Arc::new(NoUnlock))
    } else {
        Keyring::new(Arc::new(Passphrases(Mutex::new(passphrases))))
    };
    for identity in vector.all("identity") {
        keyring.add_bytes("vector", identity.as_bytes());
    }
    assert!(keyring.broken().is_empty());
    keyring
}

/// Gives one passphrase after the other.
struct Passphrases(Mutex<Vec<String>>);

impl Unlock for Passphrases {
    fn passphrase(&self, _: Question<'_>, _: u32) -> Option<Secret> {
        self.0.lock().unwrap().pop().map(Secret::from)
    }

    fn display_message(&self, _: &str) {}

    fn confirm(&self, _: &str, _: &str, _: Option<&str>) -> Option<bool> {
        None
    }

    fn request_public_string(&self, _: &str) -> Option<String> {
        None
    }
}
