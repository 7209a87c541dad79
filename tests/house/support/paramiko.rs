//! A server whose SSH is Paramiko's, which takes the signatures of RSA keys that a test names.

use std::{path::PathBuf, process::Command};

use tempfile::TempDir;

use super::process::{Daemon, free_port, need, open_folder, run};

const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/house/support/paramiko_server.py");

/// Whether a server tells its clients which signatures it takes (RFC 8308).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manner {
    Tells,
    Silent,
}

/// A running server that lets one RSA key in, by any name. Dropping it ends it.
pub struct Paramiko {
    daemon: Daemon,
    /// Where it listens on 127.0.0.1.
    pub port: u16,
    folder: TempDir,
}

impl Paramiko {
    /// Starts one that takes these signatures, as RFC 4253 and RFC 8332 name them.
    pub async fn start(manner: Manner, taken: &[&str]) -> Self {
        let python = need(&["/usr/bin/python3"], "python3");
        need(&["/usr/lib/python3/dist-packages/paramiko/__init__.py"], "python3-paramiko");
        let folder = open_folder();
        for (kind, name) in [("ed25519", "host"), ("rsa", "own")] {
            run(Command::new(need(&["/usr/bin/ssh-keygen"], "openssh-client"))
                .args(["-q", "-N", "", "-t", kind, "-f"])
                .arg(folder.path().join(name)));
        }
        let port = free_port();
        let manner = if manner == Manner::Tells { "tells" } else { "silent" };
        let files = [folder.path().join("host"), folder.path().join("own.pub")];
        let args = [PathBuf::from(SCRIPT), port.to_string().into()].into_iter().chain(files);
        let args = args.chain([manner.into()]).chain(taken.iter().map(PathBuf::from));
        let mut daemon = Daemon::start(&python, args, &folder.path().join("log"));
        daemon.greets_by_ssh(port).await;
        Self { daemon, port, folder }
    }

    /// The key that it lets in.
    pub fn key(&self) -> PathBuf {
        self.folder.path().join("own")
    }

    /// What the server has logged.
    pub fn log(&self) -> String {
        self.daemon.log()
    }
}
