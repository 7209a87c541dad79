//! A PostgreSQL of the test's own, to be stopped and started and crippled.

use std::{path::PathBuf, process::Command};

use diesel_async::{AsyncConnection, AsyncPgConnection, SimpleAsyncConnection};
use tempfile::TempDir;

use super::process::{free_port, need, open_folder, run};

/// A server on loopback, stopped when dropped.
pub struct PostgresServer {
    folder: TempDir,
    programs: PathBuf,
    port: u16,
}

impl PostgresServer {
    /// A new server, running.
    pub fn start() -> Self {
        let mut versions: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
            .map(|found| found.filter_map(|entry| Some(entry.ok()?.path().join("bin"))).collect())
            .unwrap_or_default();
        versions.sort();
        let programs = versions.pop().unwrap_or_default();
        need(&[&programs.join("initdb").display().to_string()], "postgresql");
        let server = Self { folder: open_folder(), programs, port: free_port() };
        if is_root() {
            run(Command::new("chown").arg("postgres").arg(server.folder.path()));
        }
        server.program(
            "initdb",
            &["-U", "netraven", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"],
        );
        server.resume();
        server
    }

    /// One of PostgreSQL's programs on this server's data; not as root, which PostgreSQL refuses to be.
    fn program(&self, name: &str, args: &[&str]) {
        let data = self.folder.path().join("data");
        let mut command = Command::new(if is_root() { "runuser" } else { "env" });
        if is_root() {
            command.args(["-u", "postgres", "--"]);
        }
        let (program, folder) = (self.programs.join(name), self.folder.path());
        run(command.arg(program).arg("-D").arg(data).args(args).current_dir(folder));
    }

    fn control(&self, args: &[&str]) {
        let (log, port) = (self.folder.path().join("log"), self.port);
        let options = format!(
            "-p {port} -k {} -c listen_addresses=127.0.0.1 -c fsync=off -c max_connections=60",
            self.folder.path().display()
        );
        let log = log.display().to_string();
        let all: Vec<&str> =
            ["-l", &log, "-w", "-o", &options].into_iter().chain(args.iter().copied()).collect();
        self.program("pg_ctl", &all);
    }

    /// The address of its database.
    pub fn url(&self) -> String {
        format!("postgres://netraven@127.0.0.1:{}/postgres", self.port)
    }

    /// Kills it and starts it again, as after a crash.
    pub fn crash(&self) {
        self.control(&["-m", "immediate", "restart"]);
    }

    /// Kills it.
    pub fn stop(&self) {
        self.program("pg_ctl", &["-m", "immediate", "-w", "stop"]);
    }

    /// Starts it again.
    pub fn resume(&self) {
        self.control(&["start"]);
    }

    /// Lets it be read only, or written again.
    pub async fn read_only(&self, is_read_only: bool) {
        let value = if is_read_only { "on" } else { "off" };
        // Whoever sets it must be able to write.
        let mut c = AsyncPgConnection::establish(&self.url()).await.unwrap();
        for statement in [
            "SET default_transaction_read_only=off".to_owned(),
            format!("ALTER SYSTEM SET default_transaction_read_only={value}"),
            "SELECT pg_reload_conf()".to_owned(),
        ] {
            c.batch_execute(&statement).await.unwrap();
        }
    }
}

fn is_root() -> bool {
    run(Command::new("id").arg("-u")).trim() == "0"
}

impl Drop for PostgresServer {
    fn drop(&mut self) {
        let data = self.folder.path().join("data");
        // It may be stopped already.
        if data.join("postmaster.pid").exists() {
            self.stop();
        }
    }
}
