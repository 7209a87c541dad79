//! A real telnet server: Debian's `inetutils-telnetd` and `login`, in front of a shell that talks like a router.

use std::{
    os::fd::OwnedFd,
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex},
};

use tempfile::TempDir;
use tokio::{net::TcpListener, task::JoinHandle};

use super::{
    accounts::Account,
    process::{need, need_root, open_folder, set_mode, write},
};

/// What its configuration is, with a byte in it that is a command to telnet.
pub const CONFIG: &[u8] = b"version 17.9\n!\nhostname r1\n!\nbanner motd x\xffy\n!\ninterface lo\n!\nend\n";

/// A router's shell, as a login shell.
const SHELL: &str = r"#!/bin/bash
printf 'r1#'
while IFS= read -r line; do
  case $line in
    'show running-config') cat CONFIG ;;
    show*) echo 'Cisco IOS Software, Version 17.9' ;;
    exit) exit 0 ;;
  esac
  printf 'r1#'
done
";

type Running = Arc<Mutex<Vec<Child>>>;

/// A server on a port of 127.0.0.1. Dropping it ends it, then removes the account, then the files.
pub struct Telnetd {
    serving: JoinHandle<()>,
    running: Running,
    /// Who is let in.
    pub account: Account,
    /// Where it listens.
    pub port: u16,
    _folder: TempDir,
}

impl Telnetd {
    /// Makes the account and listens.
    pub async fn start() -> Self {
        need_root("a telnet server that logs in a throw-away account");
        let program = need(&["/usr/sbin/telnetd"], "inetutils-telnetd");
        need(&["/bin/login"], "login");
        let folder = open_folder();
        let config = folder.path().join("config");
        std::fs::write(&config, CONFIG).unwrap();
        set_mode(&config, 0o644);
        let shell = folder.path().join("shell");
        write(&shell, &SHELL.replace("CONFIG", config.to_str().unwrap()));
        set_mode(&shell, 0o755);
        let home = folder.path().join("home");
        std::fs::create_dir(&home).unwrap();
        // No greeting of the machine's.
        std::fs::write(home.join(".hushlogin"), "").unwrap();
        let account = Account::new(&home, &shell, &[]);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let running = Running::default();
        let serving = tokio::spawn(serve(listener, program, running.clone()));
        Self { serving, running, account, port, _folder: folder }
    }
}

impl Drop for Telnetd {
    fn drop(&mut self) {
        self.serving.abort();
        for child in self.running.lock().unwrap().iter_mut() {
            // Its terminal goes with it, and with that login and shell.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// Does what inetd did: a process for each connection, which is its input and output.
async fn serve(listener: TcpListener, program: PathBuf, running: Running) {
    while let Ok((stream, _)) = listener.accept().await {
        let stream = stream.into_std().unwrap();
        stream.set_nonblocking(false).unwrap();
        let socket = OwnedFd::from(stream);
        let output = Stdio::from(socket.try_clone().unwrap());
        let mut command = Command::new(&program);
        command.stdin(Stdio::from(socket)).stdout(output).stderr(Stdio::null());
        running.lock().unwrap().push(command.spawn().unwrap());
    }
}
