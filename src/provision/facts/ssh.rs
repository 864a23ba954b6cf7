//! SSH host public keys, from `/etc/ssh/ssh_host_*_key.pub`. They are as
//! trustworthy as the way the document came here; who may use them is not
//! decided in this file.

use super::super::document::Document;
use super::super::document::Gap;
use super::gap;

const TYPES: [&str; 5] =
    ["ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521", "ssh-ed25519", "ssh-rsa"];

pub(super) fn read(document: &Document, gaps: &mut Vec<Gap>) -> Vec<String> {
    let mut keys = Vec::new();
    for (path, lines) in document.files_below("/etc/ssh") {
        match lines.first().and_then(|line| key(line)) {
            Some(key) => keys.push(key),
            None => gaps.push(gap(path, "not an SSH public key")),
        }
    }
    keys
}

/// Type and key, without the comment.
fn key(line: &str) -> Option<String> {
    let mut fields = line.split_ascii_whitespace();
    let kind = fields.next().filter(|kind| TYPES.contains(kind))?;
    let blob = fields.next().filter(|blob| {
        blob.starts_with("AAAA")
            && blob.len() < 4096
            && blob.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+/=".contains(&byte))
    })?;
    Some(format!("{kind} {blob}"))
}
