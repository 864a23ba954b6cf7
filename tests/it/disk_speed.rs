//! What the disk floor costs. Not run by default: it prints numbers, which mean something in an
//! optimized build only.

use std::fs;
use std::path::Path;
use std::time::Duration;
use std::time::Instant;

use hostward::apply::Apply;
use hostward::plan::Change;
use hostward::plan::Expect;
use hostward::plan::Plan;
use hostward::repo::Lock;
use hostward::repo::RepoPath;
use hostward::repo::Root;
use hostward::repo::Store;
use hostward::repo::Wait;
use hostward::repo::walk;

#[test]
#[ignore = "prints numbers"]
fn numbers() {
    let temp = tempfile::Builder::new().tempdir_in(env!("CARGO_MANIFEST_DIR")).unwrap();
    fs::create_dir(temp.path().join(".git")).unwrap();
    let root = Root::at(temp.path(), Path::new("/")).unwrap();
    let name = |n: usize| RepoPath::new(format!("secrets/s{n}.age")).unwrap();
    let content = |n: usize, round: usize| format!("{n:08}-{round:08}").repeat(96).into_bytes();
    let plan = |round: usize, count: usize| -> Plan {
        let old =
            |n| if round == 0 { Expect::Absent } else { Expect::read(Some(content(n, round - 1))) };
        (0..count).map(|n| Change::write(name(n), content(n, round), old(n), "")).collect()
    };
    for count in [1, 50, 500] {
        let mut times = Vec::new();
        for round in 0..6 {
            let plan = plan(round, count);
            let start = Instant::now();
            let lock = Lock::acquire(&root, Wait::No).unwrap();
            Apply::new(&lock).run(&plan).unwrap();
            drop(lock);
            times.push(start.elapsed());
        }
        let create = times.remove(0);
        println!("apply {count} files: create {create:?}, replace {}", spread(&mut times));
        fs::remove_dir_all(temp.path().join("secrets")).unwrap();
    }
    for n in 0..12_000 {
        let dir = temp.path().join(format!("d{}/e{}", n / 1000, n / 100 % 10));
        fs::create_dir_all(&dir).unwrap();
        fs::write(dir.join(format!("f{n}")), content(n, 0)).unwrap();
    }
    let mut times = Vec::new();
    let mut heads = Vec::new();
    for _ in 0..5 {
        let start = Instant::now();
        let walked = walk::files(&root).unwrap();
        times.push(start.elapsed());
        let start = Instant::now();
        let store = Store::new(&root);
        for entry in &walked.entries {
            store.head(&entry.path, 512).unwrap();
        }
        heads.push(start.elapsed());
    }
    println!("walk 12000 files: {}", spread(&mut times));
    println!("head of 12000 files: {}", spread(&mut heads));
}

fn spread(times: &mut [Duration]) -> String {
    times.sort();
    format!("median {:?} ({:?} - {:?})", times[times.len() / 2], times[0], times[times.len() - 1])
}
