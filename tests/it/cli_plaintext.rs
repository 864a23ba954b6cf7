//! However an editing session ends, its plaintext is nowhere afterwards; and no other command writes plaintext at all.

use std::fs;
use std::path::Path;
use std::path::PathBuf;
use std::process::Stdio;
use std::thread::sleep;
use std::time::Duration;
use std::time::Instant;
use std::time::SystemTime;

use rustix::process::Pid;
use rustix::process::Signal;
use rustix::process::kill_process;
use rustix::process::kill_process_group;

use crate::fleetkit::Fleet;
use crate::fleetkit::HOSTWARD;
use crate::fleetkit::Ran;
use crate::peer::peer;

/// Bytes of a file that may hold plaintext.
const LIMIT: u64 = 64 << 20;

/// A fleet with one secret, and two words that stand in no file: the old content and half of the new one.
struct Watch {
    began: SystemTime,
    fleet: Fleet,
    half: String,
    old: String,
}

impl Watch {
    fn new(name: &str) -> Self {
        let began = SystemTime::now() - Duration::from_secs(1);
        let word = |kind: &str| format!("{kind}-{name}-{}", std::process::id());
        let (old, half) = (word("old"), word("new"));
        let fleet = Fleet::new().me("alice").secret("db.age", &["alice"], format!("{old}{old}"));
        Self { began, fleet, half, old }
    }

    /// What must not be found on any disk: the words stand there twice in a row.
    fn words(&self) -> [Vec<u8>; 2] {
        [&self.old, &self.half].map(|word| word.repeat(2).into_bytes())
    }

    /// `edit` with an editor script that knows the new content as `$HALF$HALF`.
    fn edit(&self, script: &str) -> crate::fleetkit::Run {
        let editor = self.fleet.editor(script);
        self.fleet.command(["edit", "db.age"]).editor(&editor).env("HALF", &self.half)
    }

    /// What the editor wrote about where it was.
    fn report(&self) -> PathBuf {
        self.fleet.tmp().join("report")
    }

    /// Nothing is left where files may be.
    #[track_caller]
    fn nothing_is_left(&self, what: &str) {
        let left: Vec<_> = fs::read_dir(self.fleet.runtime()).unwrap().collect();
        assert!(left.is_empty(), "{what}: {left:?}");
        let uid = rustix::process::getuid().as_raw();
        let base = self.fleet.home().parent().unwrap().to_owned();
        let mut places: Vec<PathBuf> = vec![base, std::env::temp_dir(), "/dev/shm".into()];
        places.extend(["/tmp".into(), "/var/tmp".into(), format!("/run/user/{uid}").into()]);
        for place in places {
            let found: Vec<PathBuf> =
                holders(&place, &self.words(), self.began).into_iter().collect();
            assert!(found.is_empty(), "{what}: plaintext in {found:?}");
        }
    }

    #[track_caller]
    fn is_old(&self) {
        assert_eq!(self.fleet.opened("db.age", "alice").unwrap(), self.words()[0]);
    }

    #[track_caller]
    fn is_new(&self) {
        let new = format!("{}{}", self.half, self.half);
        assert_eq!(self.fleet.opened("db.age", "alice").unwrap(), new.as_bytes());
    }
}

/// Files below `place`, newer than the test, that hold one of the words.
fn holders(place: &Path, words: &[Vec<u8>], began: SystemTime) -> Vec<PathBuf> {
    // What other tests make and remove meanwhile is no concern of this one.
    let entries = walkdir::WalkDir::new(place).into_iter().filter_map(Result::ok);
    let holds = |path: &Path| {
        let fresh = path.symlink_metadata().is_ok_and(|data| {
            data.is_file() && data.len() < LIMIT && data.modified().is_ok_and(|at| at >= began)
        });
        let bytes = if fresh { fs::read(path).unwrap_or_default() } else { Vec::new() };
        words.iter().any(|word| memchr::memmem::find(&bytes, word).is_some())
    };
    let files = entries.filter(|entry| entry.file_type().is_file());
    files.map(walkdir::DirEntry::into_path).filter(|path| holds(path)).collect()
}

#[test]
fn nothing_is_left_of_a_session_that_ends_by_itself() {
    for (name, script, code) in [
        ("done", "printf %s \"$HALF$HALF\" > \"$1\"", 0),
        ("kept", "true", 0),
        ("failed", "printf %s \"$HALF$HALF\" > \"$1\"; exit 1", 3),
        ("killed", "printf %s \"$HALF$HALF\" > \"$1\"; kill -KILL $$", 3),
        ("gone", "rm \"$1\"", 3),
        ("empty", "cp \"$1\" \"$1~\"; : > \"$1\"", 3),
        ("large", "printf %s \"$HALF$HALF\" > \"$1\"; truncate -s 99M \"$1\"", 3),
        (
            "copies",
            "cp \"$1\" \"$1~\"; cp \"$1\" \"$(dirname \"$1\")/.x.swp\"; cp \"$1\" \"$TMPDIR/copy\"",
            0,
        ),
        (
            "deep",
            "mkdir -p \"$1.d/e\"; cp \"$1\" \"$1.d/e/f\"; printf %s \"$HALF$HALF\" > \"$1\"",
            0,
        ),
        (
            "linked",
            "ln -s / \"$1.root\"; ln -s \"$HOME\" \"$1.home\"; printf %s \"$HALF$HALF\" > \"$1\"",
            0,
        ),
    ] {
        let watch = Watch::new(name);
        let ran = watch.edit(script).run().exits(code);
        watch.nothing_is_left(name);
        assert!(watch.fleet.home().exists(), "links are not followed");
        match script.contains("> \"$1\"") && ran.status.success() {
            true => watch.is_new(),
            false => watch.is_old(),
        }
    }
}

#[test]
fn the_editor_works_in_a_private_directory_in_memory() {
    let watch = Watch::new("private");
    let look = "dir=$(dirname \"$1\"); stat -f -c %T \"$dir\" > report; stat -c %a \"$dir\" \"$1\" >> report
        echo \"$dir\" >> report; basename \"$1\" >> report; ulimit -c >> report; env >> report";
    watch
        .edit(look)
        .within("../tmp")
        .env("RULES", watch.fleet.file("secrets.nix"))
        .run()
        .ok()
        .says("unchanged");
    let report = fs::read_to_string(watch.report()).unwrap();
    let lines: Vec<&str> = report.lines().collect();
    assert_eq!(lines[..3], ["tmpfs", "700", "600"], "{report}");
    assert!(lines[3].starts_with(watch.fleet.runtime().to_str().unwrap()), "{report}");
    assert_eq!(lines[4], "db", "the name tells an editor the kind of content");
    assert_eq!(lines[5], "0", "no core dumps");
    assert!(!report.contains(&watch.old), "nothing in the environment");
    watch.nothing_is_left("private");
}

#[test]
fn without_a_runtime_directory_shared_memory_serves() {
    let watch = Watch::new("shared");
    let look = "stat -f -c %T \"$1\" > report; printf %s \"$HALF$HALF\" > \"$1\"";
    let rules = watch.fleet.file("secrets.nix");
    let edit = || watch.edit(look).within("../tmp").env("RULES", &rules);
    // A directory on a disk is not good enough, whatever its name.
    for run in
        [edit().without("XDG_RUNTIME_DIR"), edit().env("XDG_RUNTIME_DIR", watch.fleet.home())]
    {
        run.run().ok();
        assert_eq!(fs::read_to_string(watch.report()).unwrap(), "tmpfs\n");
        watch.nothing_is_left("shared");
        watch.is_new();
        watch.fleet.seal("db.age", &["alice"], watch.old.repeat(2));
    }
}

/// Runs an editor that waits, sends a signal when it does, and says how hostward ended.
fn interrupted(watch: &Watch, script: &str, signal: Signal, group: bool) -> Ran {
    let mut run = watch.edit(script).env("REPORT", watch.report());
    let child = run.spawn(Stdio::null());
    let deadline = Instant::now() + Duration::from_secs(20);
    while !watch.report().exists() {
        assert!(Instant::now() < deadline, "the editor does not start");
        sleep(Duration::from_millis(5));
    }
    let pid = Pid::from_child(&child);
    match group {
        true => kill_process_group(pid, signal).unwrap(),
        false => kill_process(pid, signal).unwrap(),
    }
    let output = child.wait_with_output().unwrap();
    let stderr = String::from_utf8(output.stderr).unwrap();
    Ran { status: output.status, stdout: output.stdout, stderr }
}

/// Writes, says that it is ready, and waits; as one process or with one more below.
const WAITING: [&str; 2] = [
    "printf %s \"$HALF$HALF\" > \"$1\"; : > \"$REPORT\"; exec sleep 30",
    "printf %s \"$HALF$HALF\" > \"$1\"; : > \"$REPORT\"; sleep 30 < /dev/null > /dev/null 2>&1; true",
];

#[test]
fn nothing_is_left_after_a_signal() {
    for (name, signal) in [("term", Signal::TERM), ("hup", Signal::HUP)] {
        for group in [false, true] {
            for (at, script) in WAITING.iter().enumerate() {
                let watch = Watch::new(&format!("{name}{at}{group}"));
                interrupted(&watch, script, signal, group).killed_by(signal.as_raw());
                watch.nothing_is_left(name);
                watch.is_old();
            }
        }
    }
}

/// What ^C and ^\ do: the terminal sends them to the editor too, and what it does about them decides.
#[test]
fn keys_of_the_terminal_are_the_editors() {
    for (name, signal) in [("int", Signal::INT), ("quit", Signal::QUIT)] {
        let watch = Watch::new(name);
        interrupted(&watch, WAITING[0], signal, true).killed_by(signal.as_raw());
        watch.nothing_is_left(name);
        watch.is_old();
        let watch = Watch::new(&format!("{name}-ignored"));
        let ignores =
            "trap '' INT QUIT; printf %s \"$HALF$HALF\" > \"$1\"; : > \"$REPORT\"; sleep 0.3";
        interrupted(&watch, ignores, signal, true).ok().says("wrote");
        watch.nothing_is_left(name);
        watch.is_new();
    }
}

/// An editor that does not want to end is made to.
#[test]
fn a_stubborn_editor_is_ended() {
    let watch = Watch::new("stubborn");
    let script =
        "trap '' TERM HUP; printf %s \"$HALF$HALF\" > \"$1\"; : > \"$REPORT\"; exec sleep 30";
    let began = Instant::now();
    interrupted(&watch, script, Signal::TERM, false).killed_by(Signal::TERM.as_raw());
    assert!(began.elapsed() < Duration::from_secs(20));
    watch.nothing_is_left("stubborn");
    watch.is_old();
}

/// A signal at each step of a session, from the making of the directory to its removal.
#[test]
fn nothing_is_left_whenever_the_signal_comes() {
    let Some(strace) = peer("strace") else { return };
    let watch = Watch::new("whenever");
    let editor = watch.fleet.editor("cp \"$1\" \"$1~\"; printf %s \"$HALF$HALF\" > \"$1\"");
    for (call, step) in [
        ("mkdir", 1),
        ("mkdirat", 1),
        ("write", 1),
        ("unlinkat", 1),
        ("unlink", 1),
        ("rmdir", 1),
        ("openat", 9),
    ] {
        for nth in (1..).step_by(step) {
            watch.fleet.seal("db.age", &["alice"], watch.old.repeat(2));
            let signal = if nth % 2 == 0 { "HUP" } else { "TERM" };
            let inject = format!("inject=?{call}:signal={signal}:when={nth}");
            let traced = watch.fleet.program(&strace).arg("-qq").arg("-o/dev/null");
            let traced = traced.arg("-e").arg(inject).arg(HOSTWARD).arg("edit").arg("db.age");
            let ran = traced.editor(&editor).env("HALF", &watch.half).run();
            let what = format!("{signal} at {call} {nth}");
            watch.nothing_is_left(&what);
            let plain = watch.fleet.opened("db.age", "alice");
            assert!(watch.words().map(Some).contains(&plain), "{what}: {plain:?} {ran}");
            if ran.status.success() {
                break;
            }
        }
    }
}

/// All that `edit`, `rekey`, `encrypt` and `show` hand to the system holds ciphertext, but for what `show` was asked to print.
#[test]
fn no_system_call_carries_plaintext_to_a_file() {
    let Some(strace) = peer("strace") else { return };
    let watch = Watch::new("calls");
    let fleet = &watch.fleet;
    let new = watch.half.repeat(2);
    let commands: [(&[&str], bool); 5] = [
        (&["edit", "db.age", "--stdin"], false),
        (&["encrypt", "db.age", "--stdin", "--force"], false),
        (&["rekey", "--all"], false),
        (&["edit", "db.age", "--stdin", "--dry-run"], false),
        (&["show", "db.age"], true),
    ];
    for (args, prints) in commands {
        let trace = fleet.tmp().join("trace");
        let mut traced =
            fleet.program(&strace).arg("-f").arg("-s").arg("1000000").arg("-o").arg(&trace);
        traced = traced.arg("-e").arg("trace=!read,readv,pread64,recvfrom").arg(HOSTWARD);
        traced = args.iter().fold(traced, |traced, arg| traced.arg(arg));
        traced.stdin(&new).run().ok();
        let calls = fs::read_to_string(&trace).unwrap();
        fs::remove_file(&trace).unwrap();
        assert!(calls.contains("openat"), "strace saw it");
        let carrying: Vec<&str> = calls.lines().filter(|line| line.contains(&watch.half)).collect();
        if prints {
            assert!(carrying.iter().all(|line| line.contains("write(1, ")), "{carrying:?}");
        } else {
            assert_eq!(carrying, [""; 0], "{args:?}");
        }
    }
    watch.is_new();
    watch.nothing_is_left("calls");
}
