//! Benchmarks against the real programs, whole processes side by side in one run: prints what each took
//! and the ratio, and asserts nothing. `cargo bench` runs all, `cargo bench -- rekey` those whose name
//! holds the word. A peer that is missing is said and left out.
#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "a harness that people read")]

mod curve;
mod fleet;
mod measure;

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use fleet::BenchFleet;
use measure::Row;
use measure::find;
use measure::median;
use measure::run;

const HOSTWARD: &str = env!("CARGO_BIN_EXE_hostward");

fn main() {
    let filters: Vec<String> =
        std::env::args().skip(1).filter(|arg| !arg.starts_with('-')).collect();
    let benches: [(&str, fn()); 5] = [
        ("rekey", rekey),
        ("status", status),
        ("start", start),
        ("show", show),
        ("gibibyte", gibibyte),
    ];
    for (name, bench) in benches {
        if filters.is_empty() || filters.iter().any(|filter| name.contains(filter.as_str())) {
            println!("\n{name}");
            bench();
        }
    }
}

/// `rekey --all` of 500 secrets for 4 ssh-ed25519 and one X25519 recipient, durable on disk.
fn rekey() {
    const SECRETS: usize = 500;
    const SAMPLE: usize = 20;
    let fleet = BenchFleet::new(SECRETS);
    let ours = median(7, || {
        run(fleet.command(HOSTWARD, &["rekey", "--all", "--quiet", "-i", "keys/admin"]))
    });
    Row::new("hostward rekey --all, 500 secrets", ours).print();
    println!("  {:<46} {:>9.3} ms", "a secret", ours.as_secs_f64() * 1e3 / SECRETS as f64);
    for (operations, any, base) in [(17, 11, 6), (12, 7, 5)] {
        let bound = median(5, || curve::time(SECRETS, any, base));
        Row::new(&format!("{operations} scalar multiplications each, all cores"), bound)
            .against(ours)
            .print();
    }
    match (find("nix-instantiate"), find("age")) {
        (Some(_), Some(_)) => {
            let sample = median(3, || fleet.agenix_method(SAMPLE));
            let all = sample.mul_f64(SECRETS as f64 / SAMPLE as f64);
            Row::new("agenix's method (20 secrets, scaled)", all).against(ours).print();
        }
        _ => println!("  skipped: nix-instantiate, age"),
    }
    match find("agenix") {
        Some(agenix) => {
            let small = BenchFleet::new(SAMPLE);
            let sample = median(3, || {
                let mut command = small.command(&agenix, &["-r", "-i", "../keys/admin"]);
                run(command.current_dir(small.dir().join("secrets")))
            });
            let all = sample.mul_f64(SECRETS as f64 / SAMPLE as f64);
            Row::new("agenix -r (20 secrets, scaled)", all).against(ours).print();
        }
        None => println!("  skipped: agenix"),
    }
    match find("ragenix") {
        Some(ragenix) => {
            let theirs = median(5, || {
                let mut command = fleet.command(&ragenix, &["--rekey", "--identity", "keys/admin"]);
                run(command.args(["--rules", "./secrets/secrets.nix"]))
            });
            Row::new("ragenix --rekey", theirs).against(ours).print();
        }
        None => println!("  skipped: ragenix"),
    }
}

/// Looking at 10,000 files with nothing to do.
fn status() {
    let fleet = BenchFleet::new(10_000);
    for args in [["rekey", "--check"].as_slice(), &["status"]] {
        let time = median(5, || run(fleet.command(HOSTWARD, args)));
        Row::new(&format!("hostward {}, 10,000 secrets", args.join(" ")), time).print();
    }
}

/// What a shell waits for.
fn start() {
    for args in [["--help"].as_slice(), &["completions", "bash"]] {
        let time = median(21, || run(Command::new(HOSTWARD).args(args)));
        Row::new(&format!("hostward {}", args.join(" ")), time).print();
    }
}

/// One small secret, opened by an SSH key.
fn show() {
    let fleet = BenchFleet::new(1);
    let secret = "secrets/s0.age";
    let ours = median(41, || run(fleet.command(HOSTWARD, &["show", secret, "-i", "keys/admin"])));
    Row::new("hostward show", ours).print();
    match find("age") {
        Some(age) => {
            let theirs =
                median(41, || run(fleet.command(&age, &["-d", "-i", "keys/admin", secret])));
            Row::new("age -d", theirs).against(ours).print();
        }
        None => println!("  skipped: age"),
    }
}

/// 1 GiB through, on a RAM file system, and the memory it takes.
fn gibibyte() {
    let fleet = BenchFleet::in_memory(1);
    fleet.write_plain("plain", 1 << 30);
    let path = |name: &str| fleet.dir().join(name);
    let encrypt = || {
        let args = ["encrypt", "secrets/s0.age", "--from", "plain", "--force", "--quiet"];
        fleet.command(HOSTWARD, &args)
    };
    let decrypt = || {
        let args =
            ["decrypt", "secrets/s0.age", "-o", "out", "--force", "--quiet", "-i", "keys/admin"];
        fleet.command(HOSTWARD, &args)
    };
    // Every program writes a new file: giving back the pages of an old one takes a while too.
    let anew = |name: &str, command: Command| {
        let _ = fs::remove_file(path(name));
        run(command)
    };
    let ours_in = median(3, || anew("secrets/s0.age", encrypt()));
    let ours_out = median(3, || anew("out", decrypt()));
    Row::new("hostward encrypt, 1 GiB", ours_in).print();
    println!("  {:<46} {:>9} KiB", "its peak memory", measure::peak_memory(encrypt()));
    Row::new("hostward decrypt, 1 GiB", ours_out).print();
    println!("  {:<46} {:>9} KiB", "its peak memory", measure::peak_memory(decrypt()));
    assert!(same(&path("plain"), &path("out")), "decrypt(encrypt(x)) is not x");
    for peer in ["rage", "age"] {
        let Some(program) = find(peer) else {
            println!("  skipped: {peer}");
            continue;
        };
        let time: Duration = median(3, || {
            let args = ["-R", "keys/all.pub", "-o", "peer.age", "plain"];
            anew("peer.age", fleet.command(&program, &args))
        });
        Row::new(&format!("{peer} encrypt, 1 GiB"), time).against(ours_in).print();
        let time = median(3, || {
            let args = ["-d", "-i", "keys/admin", "-o", "peer", "peer.age"];
            anew("peer", fleet.command(&program, &args))
        });
        Row::new(&format!("{peer} decrypt, 1 GiB"), time).against(ours_out).print();
    }
}

fn same(a: &Path, b: &Path) -> bool {
    Command::new("cmp").arg(a).arg(b).status().is_ok_and(|status| status.success())
}
