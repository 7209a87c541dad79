//! Programs that a test starts: found or named as missing, in a process group of their own, ended with the test.

use std::ffi::OsStr;
use std::fs::File;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;
use tokio::{io::AsyncReadExt, net::TcpStream};

/// The first of the paths that exists; panics with the Debian package that brings it.
pub fn need(paths: &[&str], package: &str) -> PathBuf {
    paths.iter().map(PathBuf::from).find(|path| path.exists()).unwrap_or_else(|| {
        panic!(
            "{} is missing: install the Debian package `{package}` (tests/install does it)",
            paths.join(" or ")
        )
    })
}

/// Panics unless the tests run as root, saying what root is needed for.
pub fn need_root(what: &str) {
    let id = run(Command::new("id").arg("-u"));
    assert_eq!(id.trim(), "0", "{what} needs root: run tests/run as root, as CI does");
}

/// Runs a program to its end and gives its standard output; panics with everything it said when it fails.
pub fn run(command: &mut Command) -> String {
    let output = command.stdin(Stdio::null()).output().unwrap_or_else(|why| panic!("{command:?}: {why}"));
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?} ended with {}\n{text}{errors}", output.status);
    text
}

/// A new folder that other accounts may enter.
pub fn open_folder() -> TempDir {
    let folder = tempfile::Builder::new().prefix("netraven-").tempdir().expect("a temporary folder");
    set_mode(folder.path(), 0o755);
    folder
}

/// Sets the permission bits of a file or folder.
pub fn set_mode(path: &Path, mode: u32) {
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).expect("permissions are set");
}

/// Writes a file that every account may read.
pub fn write(path: &Path, text: &str) {
    std::fs::write(path, text).unwrap_or_else(|why| panic!("{}: {why}", path.display()));
    set_mode(path, 0o644);
}

/// A port of 127.0.0.1 that nothing listens on now.
pub fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("its address").port()
}

/// Asks again and again until the answer is `Some`; panics with `explain()` when `seconds` have passed.
pub async fn until<T>(
    seconds: u64,
    mut ask: impl AsyncFnMut() -> Option<T>,
    explain: impl FnOnce() -> String,
) -> T {
    let deadline = Instant::now() + Duration::from_secs(seconds);
    loop {
        if let Some(answer) = ask().await {
            return answer;
        }
        assert!(Instant::now() < deadline, "after {seconds} s: {}", explain());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// A running program, leader of its own process group, whose group ends when this is dropped.
pub struct Daemon {
    child: Child,
    log: PathBuf,
}

impl Daemon {
    /// Starts the program with both outputs in the file `log`.
    pub fn start(program: &Path, args: impl IntoIterator<Item = impl AsRef<OsStr>>, log: &Path) -> Self {
        let file = File::create(log).expect("a log file");
        let child = Command::new(program)
            .args(args)
            .stdin(Stdio::null())
            .stdout(file.try_clone().expect("the log file again"))
            .stderr(file)
            .process_group(0)
            .spawn()
            .unwrap_or_else(|why| panic!("{}: {why}", program.display()));
        Self { child, log: log.to_owned() }
    }

    /// The number of its process.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Has it ended by itself?
    pub fn has_ended(&mut self) -> bool {
        self.child.try_wait().is_ok_and(|status| status.is_some())
    }

    /// Waits until it greets at this port of 127.0.0.1 as SSH servers do; panics with what it printed where it ends before.
    pub async fn greets_by_ssh(&mut self, port: u16) {
        let log = self.log.clone();
        let greets = async || {
            assert!(!self.has_ended(), "it ended at once:\n{}", self.log());
            let mut stream = TcpStream::connect(("127.0.0.1", port)).await.ok()?;
            let mut greeting = [0; 4];
            stream.read_exact(&mut greeting).await.ok()?;
            (&greeting == b"SSH-").then_some(())
        };
        until(15, greets, || format!("nothing answers on port {port}, see {}", log.display())).await;
    }

    /// What it has printed so far.
    pub fn log(&self) -> String {
        String::from_utf8_lossy(&std::fs::read(&self.log).unwrap_or_default()).into_owned()
    }
}

impl Daemon {
    /// Ends the program and everything it started, and waits until it has.
    pub fn stop(&mut self) {
        // By bash, as dash cannot name a group. Whoever ignores TERM for two seconds is killed, so that a test
        // never hangs in its own clean-up.
        let end = format!(
            "kill -TERM -- -{0} || exit 0; n=0; while kill -0 -- -{0} && [ $n -lt 100 ]; \
             do n=$((n+1)); sleep 0.02; done; kill -KILL -- -{0}",
            self.child.id()
        );
        let ender = Command::new("bash").args(["-c", &end]).stderr(Stdio::null()).spawn();
        drop(self.child.wait());
        if let Ok(mut ender) = ender {
            drop(ender.wait());
        }
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        self.stop();
    }
}
