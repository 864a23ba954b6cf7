//! A real sshd on loopback.
