//! A real Dropbear server, as small devices have it, with a throw-away account.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use tempfile::TempDir;

use super::{
    accounts::Account,
    process::{Daemon, free_port, need, need_root, open_folder, run},
};

/// A running server. Dropping it ends it, then removes the account, then the files.
pub struct Dropbear {
    daemon: Daemon,
    /// Who is let in, by password.
    pub account: Account,
    /// Where it listens on 127.0.0.1.
    pub port: u16,
    _folder: TempDir,
}

impl Dropbear {
    /// Makes the account and starts a server with one host key of this type, as `dropbearkey -t` names it.
    pub async fn start(kind: &str) -> Self {
        need_root("a Dropbear server that logs in a throw-away account");
        let program = need(&["/usr/sbin/dropbear"], "dropbear-bin");
        let keys = need(&["/usr/bin/dropbearkey"], "dropbear-bin");
        let folder = open_folder();
        let home = folder.path().join("home");
        std::fs::create_dir(&home).unwrap();
        let account = Account::new(&home, Path::new("/bin/sh"), &[]);
        let key = folder.path().join("host");
        run(Command::new(keys).args(["-t", kind, "-f"]).arg(&key));
        let port = free_port();
        let daemon = launch(&program, &folder, (&key, port)).await;
        Self { daemon, account, port, _folder: folder }
    }

    /// What the server has logged, for messages of failure.
    pub fn log(&self) -> String {
        self.daemon.log()
    }
}

async fn launch(program: &Path, folder: &TempDir, (key, port): (&PathBuf, u16)) -> Daemon {
    let args = ["-F".to_owned(), "-E".to_owned(), "-p".to_owned(), format!("127.0.0.1:{port}")];
    let files = ["-r".into(), key.clone(), "-P".into(), folder.path().join("pid")];
    let args = args.into_iter().map(PathBuf::from).chain(files);
    let mut daemon = Daemon::start(program, args, &folder.path().join("dropbear.log"));
    daemon.greets_by_ssh(port).await;
    daemon
}
