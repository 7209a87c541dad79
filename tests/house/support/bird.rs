//! A real BIRD behind a real OpenSSH server.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use tempfile::TempDir;

use super::{
    openssh::{Sshd, SshdOptions},
    process::{Daemon, need, need_root, open_folder, run, set_mode, until, write},
};

/// Harmless: no neighbour that is asked, nothing that enters the kernel's routes.
const CONFIG: &str = "router id 198.51.100.1;
protocol device {
}
protocol bgp upstream {
  disabled;
  description \"transit\";
  local 198.51.100.1 as 64512;
  neighbor 198.51.100.2 as 64513;
  password \"bgp-session-secret\";
  ipv4 {
    import none;
    export none;
  };
}
";

/// A running daemon in a folder of its own; ended when dropped.
pub struct Bird {
    _daemon: Daemon,
    folder: TempDir,
}

impl Bird {
    /// Starts it; `birdc` reaches it when this returns.
    pub async fn start() -> Self {
        need_root("BIRD");
        let program = need(&["/usr/sbin/bird"], "bird2");
        let folder = open_folder();
        let here = folder.path();
        write(&here.join("bird.conf"), CONFIG);
        let at = |name: &str| here.join(name).display().to_string();
        let args = ["-f".to_owned(), "-c".to_owned(), at("bird.conf"), "-s".to_owned(), at("ctl")];
        let daemon = Daemon::start(&program, args, &here.join("log"));
        // As a login shell: it finds its files and its socket where this one has them.
        let shell = format!(
            "#!/bin/sh\nBIRD_CONF={0}/bird.conf\nBIRD_SOCKET={0}/ctl\nexport BIRD_CONF BIRD_SOCKET\nPATH=$PATH:/usr/sbin\nexec /bin/sh \"$@\"\n",
            here.display()
        );
        write(&here.join("shell"), &shell);
        set_mode(&here.join("shell"), 0o755);
        let socket = here.join("ctl");
        until(15, async || socket.exists().then_some(()), || "bird opens no socket".to_owned()).await;
        set_mode(&socket, 0o777);
        Self { _daemon: daemon, folder }
    }

    /// What a command of the shell prints.
    pub fn run(&self, command: &str) -> String {
        run(Command::new(self.shell()).args(["-c", command]))
    }

    /// Its file.
    pub fn file(&self) -> PathBuf {
        self.folder.path().join("bird.conf")
    }

    /// Whether the daemon finds its file right.
    pub fn accepts(&self, file: &Path) -> bool {
        self.run(&format!("birdc -s \"$BIRD_SOCKET\" 'configure check \"{}\"'", file.display()))
            .contains("Configuration OK")
    }

    fn shell(&self) -> PathBuf {
        self.folder.path().join("shell")
    }

    /// A real OpenSSH server whose account finds this daemon.
    pub async fn sshd(&self) -> Sshd {
        Sshd::start(SshdOptions { shell: self.shell(), ..SshdOptions::default() }).await
    }
}
