//! A person at a terminal, played by tmux: editors with a screen, questions, passphrases.

use std::fs;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;
use std::thread::sleep;
use std::time::Duration;
use std::time::Instant;

use crate::agekit::run;
use crate::fleetkit::Fleet;
use crate::fleetkit::HOSTWARD;
use crate::peer::peer;

/// A terminal of its own server, with one command in it.
struct Terminal {
    socket: PathBuf,
    tmux: PathBuf,
}

impl Terminal {
    /// Runs a line of shell in which `$HW` is the program; what follows its end is `exit=` and its status.
    fn start(fleet: &Fleet, line: &str) -> Option<Self> {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let socket = format!("tmux-{}", COUNT.fetch_add(1, Ordering::Relaxed));
        let terminal = Self { socket: fleet.tmp().join(socket), tmux: peer("tmux")? };
        let line = format!(
            "trap : INT; {line}; echo exit=$?; stty -a | tr ' ' '\\n' | grep 'echo;*$'; sleep 600"
        );
        let mut tmux =
            terminal.command(&["-f", "/dev/null", "new-session", "-d", "-x", "120", "-y", "40"]);
        tmux.arg(line).current_dir(fleet.repo()).env_clear().envs(fleet.environment());
        run(tmux.env("HW", HOSTWARD).env("SHELL", "/bin/sh").env("TERM", "xterm"));
        Some(terminal)
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(&self.tmux);
        command.arg("-S").arg(&self.socket).args(args);
        command
    }

    /// All that is on the screen.
    fn screen(&self) -> String {
        let screen = run(&mut self.command(&["capture-pane", "-p", "-J"]));
        let screen = String::from_utf8(screen).unwrap();
        let lines: Vec<&str> = screen.trim_end().lines().map(str::trim_end).collect();
        lines.join("\n")
    }

    /// Waits until the screen shows `text`, and returns the screen.
    #[track_caller]
    fn shows(&self, text: &str) -> String {
        let deadline = Instant::now() + Duration::from_secs(30);
        loop {
            let screen = self.screen();
            if screen.contains(text) {
                return screen;
            }
            assert!(Instant::now() < deadline, "no `{text}` on\n{screen}");
            sleep(Duration::from_millis(20));
        }
    }

    /// Types text as it is.
    fn types(&self, text: &str) -> &Self {
        run(&mut self.command(&["send-keys", "-l", "--", text]));
        self
    }

    /// Presses keys by tmux's names for them.
    fn presses(&self, keys: &[&str]) -> &Self {
        run(self.command(&["send-keys"]).args(keys));
        self
    }

    /// Waits for the end of the command. The terminal echoes again then.
    #[track_caller]
    fn ends(&self, code: i32) -> String {
        self.shows("echo");
        let screen = self.shows("exit=");
        assert!(screen.contains(&format!("exit={code}\n")), "{screen}");
        assert!(!self.screen().contains("-echo"), "{screen}");
        screen
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.command(&["kill-server"]).output();
    }
}

/// Files below a directory that hold `word`.
fn holders(dir: &Path, word: &str) -> Vec<PathBuf> {
    let files = walkdir::WalkDir::new(dir).into_iter().filter_map(Result::ok);
    let files = files.filter(|entry| entry.file_type().is_file());
    let holds = |path: &PathBuf| {
        let bytes = fs::read(path).unwrap_or_default();
        memchr::memmem::find(&bytes, word.as_bytes()).is_some()
    };
    files.map(walkdir::DirEntry::into_path).filter(holds).collect()
}

#[track_caller]
fn nothing_is_left(fleet: &Fleet, words: &[&str]) {
    let deadline = Instant::now() + Duration::from_secs(20);
    while fs::read_dir(fleet.runtime()).unwrap().count() > 0 {
        assert!(Instant::now() < deadline, "the directory of the editor is left");
        sleep(Duration::from_millis(20));
    }
    for word in words {
        assert_eq!(holders(fleet.home().parent().unwrap(), word), [""; 0].map(PathBuf::from));
    }
}

/// A configuration that spreads copies all over the home directory.
const VIMRC: &str = "
set swapfile directory=$HOME/copies// updatecount=1 updatetime=50
set backup writebackup backupdir=$HOME/copies//
if has('persistent_undo') | set undofile undodir=$HOME/copies// | endif
if has('viminfo') | set viminfo='100,<100,n$HOME/copies/viminfo | endif
";

fn with_vimrc() -> Fleet {
    let fleet = Fleet::new().me("alice").secret("db.age", &["alice"], "sword-in-the-old-text\n");
    fs::create_dir(fleet.home().join("copies")).unwrap();
    for name in [".vimrc", ".exrc", ".virc"] {
        fs::write(fleet.home().join(name), VIMRC).unwrap();
    }
    fleet
}

#[test]
fn vi_edits_a_secret_and_keeps_no_copy() {
    let Some(_) = peer("vi") else { return };
    for editor in ["vi", "vim"] {
        let fleet = with_vimrc();
        let line = format!("EDITOR={editor} \"$HW\" edit secrets/db.age");
        let Some(terminal) = Terminal::start(&fleet, &line) else { return };
        terminal.shows("sword-in-the-old-text");
        terminal.types("ofish-in-the-").types("new-text yanked").presses(&["Escape"]).types("yy3p");
        terminal.shows("fish-in-the-new-text yanked\nfish-in-the-new-text");
        sleep(Duration::from_millis(200));
        // Not even while it runs.
        let words = ["sword-in-the-old-text", "fish-in-the-new-text"];
        for word in words {
            assert_eq!(holders(&fleet.home(), word), [""; 0].map(PathBuf::from), "{editor}");
        }
        terminal.types(":wq").presses(&["Enter"]);
        terminal.ends(0).contains("wrote `secrets/db.age`").then_some(()).unwrap();
        let content = fleet.opened("db.age", "alice").unwrap();
        assert!(content.starts_with(b"sword-in-the-old-text\nfish-in-the-new-text yanked\n"));
        nothing_is_left(&fleet, &words);
    }
}

#[test]
fn an_editor_that_is_left_without_saving_changes_nothing() {
    let Some(_) = peer("vi") else { return };
    for (quit, code, said) in [(":q!", 0, "is unchanged"), (":cq", 3, "failed")] {
        let fleet = with_vimrc();
        let Some(terminal) = Terminal::start(&fleet, "EDITOR=vi \"$HW\" edit secrets/db.age")
        else {
            return;
        };
        terminal.shows("sword-in-the-old-text");
        terminal.types("ofish").presses(&["Escape"]).types(quit).presses(&["Enter"]);
        let screen = terminal.ends(code);
        assert!(screen.contains(said), "{screen}");
        assert_eq!(fleet.opened("db.age", "alice").unwrap(), b"sword-in-the-old-text\n");
        nothing_is_left(&fleet, &["sword-in-the-old-text"]);
    }
}

#[test]
fn a_terminal_that_is_closed_takes_the_plaintext_with_it() {
    let Some(_) = peer("vi") else { return };
    let fleet = with_vimrc();
    let Some(terminal) = Terminal::start(&fleet, "EDITOR=vi \"$HW\" edit secrets/db.age") else {
        return;
    };
    terminal.shows("sword-in-the-old-text");
    terminal.types("ofish-in-the-new-text").presses(&["Escape"]);
    terminal.shows("fish-in-the-new-text");
    drop(terminal);
    nothing_is_left(&fleet, &["sword-in-the-old-text", "fish-in-the-new-text"]);
    assert_eq!(fleet.opened("db.age", "alice").unwrap(), b"sword-in-the-old-text\n");
}

#[test]
fn nano_edits_a_secret_and_keeps_no_copy() {
    let Some(_) = peer("nano") else { return };
    let fleet = with_vimrc();
    fs::write(
        fleet.home().join(".nanorc"),
        format!("set backup\nset backupdir {:?}\n", fleet.home().join("copies")),
    )
    .unwrap();
    let Some(terminal) = Terminal::start(&fleet, "EDITOR=nano \"$HW\" edit secrets/db.age") else {
        return;
    };
    terminal.shows("sword-in-the-old-text");
    terminal.types("fish-in-the-new-text").presses(&["Enter"]);
    terminal.shows("fish-in-the-new-text\n");
    terminal.presses(&["C-o"]).shows("Name to Write");
    terminal.presses(&["Enter"]).shows("Wrote");
    terminal.presses(&["C-x"]).ends(0);
    let content = fleet.opened("db.age", "alice").unwrap();
    assert_eq!(content, b"fish-in-the-new-text\nsword-in-the-old-text\n");
    nothing_is_left(&fleet, &["sword-in-the-old-text", "fish-in-the-new-text"]);
}

#[test]
fn show_asks_before_it_prints_to_a_terminal() {
    let fleet = Fleet::new().me("alice").secret("db.age", &["alice"], "swordfish");
    let show = "\"$HW\" show secrets/db.age";
    for (answer, printed) in [("n", false), ("", false), ("y", true), ("what\nyes", true)] {
        let Some(terminal) = Terminal::start(&fleet, show) else { return };
        terminal.shows("show `secrets/db.age` on this terminal? [y/N]");
        terminal.types(answer).presses(&["Enter"]);
        let screen = terminal.ends(0);
        assert_eq!(screen.contains("swordfish\nexit=0"), printed, "{screen}");
    }
    let Some(terminal) = Terminal::start(&fleet, "\"$HW\" show --yes secrets/db.age") else {
        return;
    };
    assert!(terminal.ends(0).starts_with("swordfish\n"));
    drop(terminal);
    let Some(terminal) = Terminal::start(&fleet, "\"$HW\" show --no-input secrets/db.age") else {
        return;
    };
    assert!(!terminal.ends(3).contains("swordfish"));
    drop(terminal);
    let Some(terminal) = Terminal::start(&fleet, "\"$HW\" decrypt secrets/db.age") else { return };
    assert!(terminal.ends(3).contains("a secret is not written to a terminal"));
    drop(terminal);
    // To a pipe nobody is asked, terminal or not.
    let Some(terminal) = Terminal::start(&fleet, "\"$HW\" show secrets/db.age | tr a-z A-Z") else {
        return;
    };
    assert!(terminal.ends(0).starts_with("SWORDFISH"));
    drop(terminal);
    fleet.seal("db.age", &["alice"], b"\0\x1b]0;title\x07");
    let Some(terminal) = Terminal::start(&fleet, "\"$HW\" show -y secrets/db.age") else { return };
    assert!(terminal.ends(3).contains("the secret is binary"));
}

#[test]
fn losing_all_content_is_asked_about() {
    let fleet = Fleet::new().me("alice").secret("db.age", &["alice"], "swordfish");
    let edit = "EDITOR='truncate -s 0' \"$HW\" edit secrets/db.age";
    for (answer, code, left) in [("n", 3, &b"swordfish"[..]), ("y", 0, b"")] {
        let Some(terminal) = Terminal::start(&fleet, edit) else { return };
        terminal.shows("is empty; replace the old one? [y/N]");
        terminal.types(answer).presses(&["Enter"]).ends(code);
        assert_eq!(fleet.opened("db.age", "alice").unwrap(), left);
    }
}

/// Twenty secrets for a key under the passphrase `open sesame`, which is the only one at home.
fn locked() -> Option<Fleet> {
    let ssh_keygen = peer("ssh-keygen")?;
    let fleet =
        Fleet::new().me("alice").host("web").host("other").secret("other.age", &["other"], "");
    let fleet = (0..20).fold(fleet, |fleet, n| {
        let name = format!("{n:02}.age");
        fleet.secret(&name, &["alice"], format!("content {n}")).rule(&name, &["alice", "web"])
    });
    let key = fleet.home().join(".ssh/id_ed25519");
    run(Command::new(ssh_keygen)
        .args(["-q", "-p", "-a", "4", "-P", "", "-N", "open sesame", "-f"])
        .arg(key));
    Some(fleet)
}

const PROMPT: &str = "passphrase for ";

#[test]
fn a_passphrase_is_asked_for_once() {
    let Some(fleet) = locked() else { return };
    let Some(terminal) = Terminal::start(&fleet, "\"$HW\" rekey") else { return };
    let screen = terminal.shows(PROMPT);
    assert!(screen.contains("id_ed25519 (SHA256:"), "{screen}");
    terminal.types("open sesame").presses(&["Enter"]);
    let screen = terminal.ends(0);
    assert_eq!(screen.matches(PROMPT).count(), 1, "{screen}");
    assert!(!screen.contains("sesame"), "{screen}");
    assert!(screen.contains("rekeyed 20 secrets; now readable by web (20)"), "{screen}");
    assert_eq!(fleet.opened("19.age", "web").unwrap(), b"content 19");
    drop(terminal);

    let Some(terminal) =
        Terminal::start(&fleet, "EDITOR='sed -i s/c/C/' \"$HW\" edit secrets/00.age")
    else {
        return;
    };
    terminal.shows(PROMPT);
    terminal.types("open sesame").presses(&["Enter"]);
    let screen = terminal.ends(0);
    assert_eq!(screen.matches(PROMPT).count(), 1, "{screen}");
    assert_eq!(fleet.opened("00.age", "web").unwrap(), b"Content 0");
}

#[test]
fn a_wrong_passphrase_can_be_tried_again() {
    let Some(fleet) = locked() else { return };
    let Some(terminal) = Terminal::start(&fleet, "\"$HW\" show secrets/07.age | cat") else {
        return;
    };
    terminal.shows(PROMPT);
    terminal.types("open barley").presses(&["Enter"]);
    terminal.shows("that passphrase is wrong");
    sleep(Duration::from_millis(50));
    terminal.types("open sesame").presses(&["Enter"]);
    let screen = terminal.ends(0);
    assert!(screen.contains("content 7") && !screen.contains("barley"), "{screen}");
    drop(terminal);

    let Some(terminal) = Terminal::start(&fleet, "\"$HW\" show -y secrets/07.age") else { return };
    for tried in 1..=3 {
        let deadline = Instant::now() + Duration::from_secs(20);
        while terminal.screen().matches(PROMPT).count() < tried {
            assert!(Instant::now() < deadline, "{}", terminal.screen());
            sleep(Duration::from_millis(20));
        }
        sleep(Duration::from_millis(50));
        terminal.types("open barley").presses(&["Enter"]);
    }
    let screen = terminal.ends(3);
    assert!(screen.contains("is wrong"), "{screen}");
}

#[test]
fn nobody_is_asked_for_a_key_that_is_not_needed() {
    let Some(fleet) = locked() else { return };
    for (line, code) in [
        ("\"$HW\" status", 0),
        ("\"$HW\" access", 0),
        ("\"$HW\" rekey --check", 1),
        ("\"$HW\" show secrets/other.age | cat", 0),
        ("echo new | \"$HW\" edit secrets/01.age --stdin", 0),
        ("\"$HW\" rekey --no-input", 3),
        ("\"$HW\" show secrets/02.age -y -i ../keys/alice", 0),
        ("\"$HW\" rekey -i ../keys/alice", 0),
    ] {
        let Some(terminal) = Terminal::start(&fleet, line) else { return };
        let screen = terminal.ends(code);
        assert!(!screen.contains(PROMPT), "{line}: {screen}");
    }
}

#[test]
fn an_interrupted_question_leaves_a_good_terminal() {
    let Some(fleet) = locked() else { return };
    let before = fleet.tree();
    for line in ["\"$HW\" rekey", "\"$HW\" show -y secrets/00.age"] {
        let Some(terminal) = Terminal::start(&fleet, line) else { return };
        terminal.shows(PROMPT);
        terminal.types("open").presses(&["C-c"]).ends(130);
    }
    assert_eq!(fleet.tree(), before);
}

/// An identity file, and a secret, that age itself put under a passphrase.
#[test]
fn what_age_put_under_a_passphrase_opens() {
    let Some(_) = peer("age") else { return };
    let fleet = Fleet::new().age_key("bob").host("web");
    let fleet = ["a.age", "b.age"]
        .iter()
        .fold(fleet, |fleet, name| fleet.secret(name, &["bob"], *name).rule(name, &["bob", "web"]));
    let fleet = fleet.rule("c.age", &["bob"]);
    fs::write(fleet.tmp().join("plain"), "content c").unwrap();
    for (from, to) in [("../keys/bob", "../keys/bob.locked"), ("../tmp/plain", "secrets/c.age")] {
        let Some(terminal) = Terminal::start(&fleet, &format!("age -p -o {to} {from}")) else {
            return;
        };
        terminal.shows("passphrase");
        sleep(Duration::from_millis(100));
        terminal.types("open sesame").presses(&["Enter"]).shows("Confirm");
        sleep(Duration::from_millis(100));
        terminal.types("open sesame").presses(&["Enter"]).ends(0);
    }
    for (line, said) in [
        ("\"$HW\" rekey a.age b.age -i ../keys/bob.locked", "rekeyed 2 secrets"),
        ("\"$HW\" show -y c.age", "content c"),
        ("\"$HW\" rekey c.age -i ../keys/bob", "rekeyed 1 secret"),
    ] {
        let Some(terminal) = Terminal::start(&fleet, line) else { return };
        terminal.shows(PROMPT);
        terminal.types("open sesame").presses(&["Enter"]);
        let screen = terminal.ends(0);
        assert!(screen.contains(said), "{screen}");
        assert_eq!(screen.matches(PROMPT).count(), 1, "{screen}");
    }
    assert_eq!(fleet.opened("b.age", "web").unwrap(), b"b.age");
    assert_eq!(fleet.opened("c.age", "bob").unwrap(), b"content c");
}
