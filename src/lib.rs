//! Secrets and provisioning for NixOS fleets.
