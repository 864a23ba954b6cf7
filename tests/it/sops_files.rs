//! Edits, recipients and hostile input of sops files, without the real sops.
