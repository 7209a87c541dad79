//! Throw-away system accounts: `OpenSSH` logs in real ones only.

use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use super::process::{need, need_root, run};

static COUNT: AtomicU32 = AtomicU32::new(0);

/// An account of this machine that is removed when dropped. Its name holds the number of the test's process, so
/// that `tests/run` can remove what a killed test left.
pub struct Account {
    name: String,
    password: String,
}

impl Account {
    /// Makes an account with a home and login shell, in further groups.
    pub fn new(home: &Path, shell: &Path, groups: &[String]) -> Self {
        need_root("a throw-away system account");
        need(&["/usr/sbin/useradd"], "passwd");
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("nrt{}x{count}", std::process::id());
        let account = Self { password: format!("Password of {name}!"), name };
        let _guard = lock();
        let mut command = Command::new("/usr/sbin/useradd");
        command.args(["--no-create-home", "--comment", "netraven test", "--home-dir"]).arg(home);
        command.arg("--shell").arg(shell);
        if !groups.is_empty() {
            command.args(["--groups", &groups.join(",")]);
        }
        run(command.arg(&account.name));
        account.set_password();
        run(Command::new("chown").arg(&account.name).arg(home));
        account
    }

    fn set_password(&self) {
        let mut child = Command::new("/usr/sbin/chpasswd").stdin(Stdio::piped()).spawn().expect("chpasswd");
        let line = format!("{}:{}\n", self.name, self.password);
        child.stdin.take().expect("its input").write_all(line.as_bytes()).expect("a line for chpasswd");
        assert!(child.wait().expect("chpasswd ends").success(), "chpasswd refused {}", self.name);
    }

    /// The login name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The password.
    pub fn password(&self) -> &str {
        &self.password
    }
}

impl Drop for Account {
    fn drop(&mut self) {
        let _guard = lock();
        drop(Command::new("/usr/sbin/userdel").args(["--force", &self.name]).stderr(Stdio::null()).status());
    }
}

/// One change of `/etc/passwd` at a time: useradd gives up at once when another holds its lock.
fn lock() -> File {
    let file = File::create(std::env::temp_dir().join("netraven-accounts.lock")).expect("a lock file");
    file.lock().expect("the lock on accounts");
    file
}
