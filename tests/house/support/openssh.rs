//! A real OpenSSH server with a throw-away account, which logs in by password, by asking, or by key.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use super::accounts::Account;
use super::process::{Daemon, free_port, need, need_root, open_folder, run, set_mode, write};

/// How the server is to be.
pub struct SshdOptions {
    /// The account's login shell.
    pub shell: PathBuf,
    /// Groups the account is in besides its own.
    pub groups: Vec<String>,
    /// Types of host key, as `ssh-keygen -t` names them (`ed25519`, `ecdsa`, `rsa`, `dsa`).
    pub host_keys: Vec<&'static str>,
    /// Is the method `password` offered?
    pub password: bool,
    /// Is the method `keyboard-interactive` offered (PAM asks for the password)?
    pub keyboard_interactive: bool,
    /// Is the method `publickey` offered?
    pub public_key: bool,
    /// Further lines of `sshd_config`, such as `KexAlgorithms diffie-hellman-group14-sha1`.
    pub lines: Vec<String>,
}

impl Default for SshdOptions {
    fn default() -> Self {
        Self {
            shell: PathBuf::from("/bin/sh"),
            groups: Vec::new(),
            host_keys: vec!["ed25519"],
            password: true,
            keyboard_interactive: true,
            public_key: true,
            lines: Vec::new(),
        }
    }
}

/// A running server. Dropping it ends the server and its sessions, then removes the account, then the files.
pub struct Sshd {
    daemon: Daemon,
    account: Account,
    port: u16,
    options: SshdOptions,
    folder: TempDir,
}

impl Sshd {
    /// Makes the account and starts a server on a free port of 127.0.0.1; ready when this returns.
    pub async fn start(options: SshdOptions) -> Self {
        need_root("an OpenSSH server that logs in a throw-away account");
        need(&["/usr/sbin/sshd"], "openssh-server");
        need(&["/usr/bin/ssh-keygen"], "openssh-client");
        std::fs::create_dir_all("/run/sshd").expect("/run/sshd, which sshd demands");
        let folder = open_folder();
        let home = folder.path().join("home");
        std::fs::create_dir(&home).expect("a home");
        let account = Account::new(&home, &options.shell, &options.groups);
        make_key(&folder.path().join("client"), "ed25519");
        std::fs::copy(folder.path().join("client.pub"), folder.path().join("authorized_keys"))
            .expect("a copy");
        set_mode(&folder.path().join("authorized_keys"), 0o644);
        for kind in &options.host_keys {
            make_key(&host_key(folder.path(), kind), kind);
        }
        let port = free_port();
        let daemon = launch(folder.path(), port, &options).await;
        Self { daemon, account, port, options, folder }
    }

    /// Starts the server anew on the same port with new host keys of these types, as an exchanged device would.
    pub async fn change_host_keys(&mut self, kinds: &[&'static str]) {
        for kind in &self.options.host_keys {
            std::fs::remove_file(host_key(self.folder.path(), kind)).expect("the old host key is removed");
            std::fs::remove_file(host_key(self.folder.path(), kind).with_extension("pub"))
                .expect("its public half");
        }
        self.options.host_keys = kinds.to_vec();
        for kind in kinds {
            make_key(&host_key(self.folder.path(), kind), kind);
        }
        self.daemon.stop();
        self.daemon = launch(self.folder.path(), self.port, &self.options).await;
    }

    /// The port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The account that logs in.
    pub fn account(&self) -> &Account {
        &self.account
    }

    /// The private key that logs in, in OpenSSH's format.
    pub fn client_key(&self) -> PathBuf {
        self.folder.path().join("client")
    }

    /// The public host key of a type, as OpenSSH writes it: `ssh-ed25519 AAAA…`.
    pub fn host_key(&self, kind: &str) -> String {
        let file = host_key(self.folder.path(), kind).with_extension("pub");
        let text = std::fs::read_to_string(&file).unwrap_or_else(|why| panic!("{}: {why}", file.display()));
        text.split_whitespace().take(2).collect::<Vec<_>>().join(" ")
    }

    /// What the server has logged, for messages of failure.
    pub fn log(&self) -> String {
        self.daemon.log()
    }

    /// Runs a command with the system's own client, logged in by key, and gives its standard output.
    pub fn ssh(&self, command: &str) -> String {
        self.ssh_by("publickey", command)
    }

    /// The same by one method: `publickey`, `password` or `keyboard-interactive`.
    pub fn ssh_by(&self, method: &str, command: &str) -> String {
        let client = need(&["/usr/bin/ssh"], "openssh-client");
        let ask = self.folder.path().join("ask");
        write(&ask, &format!("#!/bin/sh\necho '{}'\n", self.account.password()));
        set_mode(&ask, 0o755);
        run(Command::new(client)
            .env("SSH_ASKPASS", ask)
            .env("SSH_ASKPASS_REQUIRE", "force")
            .args(["-F", "none", "-o", "LogLevel=ERROR", "-o", "NumberOfPasswordPrompts=1"])
            .args(["-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null"])
            .args(["-o", &format!("PreferredAuthentications={method}")])
            .arg("-i")
            .arg(self.client_key())
            .args(["-p", &self.port.to_string()])
            .arg(format!("{}@127.0.0.1", self.account.name()))
            .arg(command))
    }
}

fn host_key(folder: &Path, kind: &str) -> PathBuf {
    folder.join(format!("host_{kind}"))
}

fn make_key(file: &Path, kind: &str) {
    run(Command::new("/usr/bin/ssh-keygen")
        .args(["-q", "-N", "", "-C", "netraven test", "-t", kind])
        .arg("-f")
        .arg(file));
}

async fn launch(folder: &Path, port: u16, options: &SshdOptions) -> Daemon {
    let config = folder.join("sshd_config");
    write(&config, &configuration(folder, port, options));
    let args = ["-D".as_ref(), "-e".as_ref(), "-f".as_ref(), config.as_os_str()];
    let mut daemon = Daemon::start(Path::new("/usr/sbin/sshd"), args, &folder.join("sshd.log"));
    daemon.greets_by_ssh(port).await;
    daemon
}

fn configuration(folder: &Path, port: u16, options: &SshdOptions) -> String {
    let answer = |yes| if yes { "yes" } else { "no" };
    let here = folder.display();
    let mut text = format!(
        "Port {port}\nListenAddress 127.0.0.1\nPidFile {here}/sshd.pid\nAuthorizedKeysFile {here}/authorized_keys\n\
         StrictModes no\nUsePAM yes\nUseDNS no\nPrintMotd no\nPrintLastLog no\nLogLevel VERBOSE\n\
         MaxStartups 200\nMaxAuthTries 20\n\
         PasswordAuthentication {}\nKbdInteractiveAuthentication {}\nPubkeyAuthentication {}\n",
        answer(options.password),
        answer(options.keyboard_interactive),
        answer(options.public_key),
    );
    for kind in &options.host_keys {
        writeln!(text, "HostKey {}", host_key(folder, kind).display()).expect("a String takes all");
    }
    for line in &options.lines {
        writeln!(text, "{line}").expect("a String takes all");
    }
    text
}
