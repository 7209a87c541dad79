//! A real network operating system: zebra and bgpd of FRR, with a shell of its own, behind a real OpenSSH server.

use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use super::openssh::{Sshd, SshdOptions};
use super::process::{Daemon, need, need_root, open_folder, run, set_mode, until, write};

/// Harmless: no listening port, no neighbour that is not shut down, nothing that would enter the kernel's routes.
const ZEBRA: &str = "hostname netraven-frr
log file /dev/null
password zebra-line-secret
interface lo
 description loopback of the test router
exit
ip prefix-list CUSTOMERS seq 5 permit 203.0.113.0/24 le 32
ip prefix-list CUSTOMERS seq 10 deny any
";
const BGPD: &str = "hostname netraven-frr
ip prefix-list CUSTOMERS seq 5 permit 203.0.113.0/24 le 32
ip prefix-list CUSTOMERS seq 10 deny any
route-map CUSTOMER-IN permit 10
 match ip address prefix-list CUSTOMERS
 set local-preference 200
exit
router bgp 64512
 bgp router-id 198.51.100.1
 neighbor 198.51.100.2 remote-as 64513
 neighbor 198.51.100.2 description customer with a password
 neighbor 198.51.100.2 password bgp-session-secret
 neighbor 198.51.100.2 shutdown
exit
";

/// Running daemons of FRR in a folder of their own; ended when dropped.
pub struct Frr {
    _daemons: Vec<Daemon>,
    folder: TempDir,
}

impl Frr {
    /// Starts zebra and bgpd; `vtysh` reaches both when this returns.
    pub async fn start() -> Self {
        need_root("FRR");
        need(&["/usr/bin/vtysh"], "frr");
        let folder = open_folder();
        let here = folder.path();
        for name in ["etc", "vty"] {
            std::fs::create_dir(here.join(name)).expect("a folder");
        }
        write(&here.join("etc/vtysh.conf"), "hostname netraven-frr\n");
        write(&here.join("etc/zebra.conf"), ZEBRA);
        write(&here.join("etc/bgpd.conf"), BGPD);
        // As a login shell: `-c COMMAND` from sshd's exec, nothing at all for an interactive session.
        write(
            &here.join("shell"),
            &format!(
                "#!/bin/sh\nexec /usr/bin/vtysh --vty_socket {0}/vty --config_dir {0}/etc \"$@\"\n",
                here.display()
            ),
        );
        set_mode(&here.join("shell"), 0o755);
        run(Command::new("chown").args(["-R", "frr:frr"]).arg(here));
        let mut daemons = vec![launch(here, "zebra", &[])];
        wait_for(here, &mut daemons, &["zserv.api", "vty/zebra.vty"]).await;
        // bgpd without its listening port; -n keeps its routes out of the kernel.
        daemons.push(launch(here, "bgpd", &["-n", "-p", "0"]));
        wait_for(here, &mut daemons, &["vty/bgpd.vty"]).await;
        let frr = Self { _daemons: daemons, folder };
        until(
            15,
            async || frr.run("show running-config").contains("neighbor 198.51.100.2 password").then_some(()),
            || format!("FRR does not show its configuration:\n{}", frr.run("show running-config")),
        )
        .await;
        frr
    }

    /// What `vtysh -c COMMAND` prints.
    pub fn run(&self, command: &str) -> String {
        run(Command::new(self.shell()).args(["-c", command]))
    }

    /// Enters lines in configuration mode.
    pub fn configure(&self, lines: &[&str]) {
        let mut command = Command::new(self.shell());
        command.args(["-c", "configure terminal"]);
        for line in lines {
            command.args(["-c", line]);
        }
        let said = run(&mut command);
        assert!(!said.contains('%'), "FRR refused {lines:?}: {said}");
    }

    /// A program that is this router's `vtysh`, to be an account's login shell.
    pub fn shell(&self) -> PathBuf {
        self.folder.path().join("shell")
    }

    /// A real OpenSSH server whose account lands in this router's `vtysh`.
    pub async fn sshd(&self) -> Sshd {
        Sshd::start(SshdOptions {
            shell: self.shell(),
            groups: vec!["frrvty".to_owned()],
            ..SshdOptions::default()
        })
        .await
    }
}

fn launch(here: &Path, name: &str, further: &[&str]) -> Daemon {
    let program = need(&[&format!("/usr/lib/frr/{name}")], "frr");
    let path = |tail: String| here.join(tail).display().to_string();
    let mut args = vec![
        "-f".to_owned(),
        path(format!("etc/{name}.conf")),
        "-i".to_owned(),
        path(format!("{name}.pid")),
        "--vty_socket".to_owned(),
        path("vty".to_owned()),
        "-z".to_owned(),
        path("zserv.api".to_owned()),
        "-P".to_owned(),
        "0".to_owned(),
        "--log".to_owned(),
        "stdout".to_owned(),
    ];
    args.extend(further.iter().map(ToString::to_string));
    Daemon::start(&program, args, &here.join(format!("{name}.log")))
}

async fn wait_for(here: &Path, daemons: &mut [Daemon], sockets: &[&str]) {
    let last = daemons.last_mut().expect("a daemon was started");
    until(
        15,
        async || {
            assert!(!last.has_ended(), "FRR ended at once:\n{}", last.log());
            sockets.iter().all(|socket| here.join(socket).exists()).then_some(())
        },
        || format!("FRR does not open {sockets:?} in {}", here.display()),
    )
    .await;
}
