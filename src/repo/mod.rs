//! The bytes on disk: where the fleet's root is, how its files are named, found and read once, what
//! git knows of them, and the lock that keeps two hostwards apart. Writes nothing but that lock;
//! changes go through `apply`.

pub mod git;
pub mod lock;
pub mod open;
pub mod path;
pub mod root;
pub mod state;
pub mod store;
pub mod walk;

pub use git::Git;
pub use lock::Lock;
pub use lock::Wait;
pub use path::RepoPath;
pub use root::Root;
pub use state::StateDir;
pub use store::Store;
