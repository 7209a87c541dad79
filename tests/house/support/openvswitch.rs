//! A real Open vSwitch database behind a real OpenSSH server; without the switch itself, which needs a kernel's help.

use std::{path::PathBuf, process::Command};

use tempfile::TempDir;

use super::{
    openssh::{Sshd, SshdOptions},
    process::{Daemon, need, need_root, open_folder, run, set_mode, until, write},
};

/// A running `ovsdb-server` in a folder of its own; ended when dropped.
pub struct OpenVSwitch {
    _daemon: Daemon,
    folder: TempDir,
}

impl OpenVSwitch {
    /// Starts it with an empty database; `ovs-vsctl` reaches it when this returns.
    pub async fn start() -> Self {
        need_root("Open vSwitch");
        need(&["/usr/bin/ovs-vsctl"], "openvswitch-switch");
        let server = need(&["/usr/sbin/ovsdb-server"], "openvswitch-switch");
        let folder = open_folder();
        let here = folder.path();
        let at = |name: &str| here.join(name).display().to_string();
        run(Command::new("/usr/bin/ovsdb-tool").args([
            "create",
            &at("conf.db"),
            "/usr/share/openvswitch/vswitch.ovsschema",
        ]));
        let args = [
            at("conf.db"),
            format!("--remote=punix:{}", at("db.sock")),
            format!("--unixctl={}", at("ctl")),
            format!("--pidfile={}", at("pid")),
        ];
        let daemon = Daemon::start(&server, args.to_vec(), &here.join("log"));
        // As a login shell: it finds its database where this one is.
        let shell =
            format!("#!/bin/sh\nOVS_RUNDIR={}\nexport OVS_RUNDIR\nexec /bin/sh \"$@\"\n", here.display());
        write(&here.join("shell"), &shell);
        set_mode(&here.join("shell"), 0o755);
        let socket = here.join("db.sock");
        until(15, async || socket.exists().then_some(()), || "ovsdb-server opens no socket".to_owned()).await;
        set_mode(&socket, 0o777);
        let switch = Self { _daemon: daemon, folder };
        switch.set("init");
        switch
    }

    /// What a command of the shell prints.
    pub fn run(&self, command: &str) -> String {
        run(Command::new(self.shell()).args(["-c", command]))
    }

    /// Changes the database.
    pub fn set(&self, arguments: &str) {
        self.run(&format!("ovs-vsctl --no-wait {arguments}"));
    }

    fn shell(&self) -> PathBuf {
        self.folder.path().join("shell")
    }

    /// A real OpenSSH server whose account finds this database.
    pub async fn sshd(&self) -> Sshd {
        Sshd::start(SshdOptions { shell: self.shell(), ..SshdOptions::default() }).await
    }
}
