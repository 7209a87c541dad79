//! The real program, run in a data folder of its own.

use std::{
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use serde_json::Value;
use tempfile::TempDir;

use super::process::{Daemon, until};

/// The program that was built with the tests.
pub const NETRAVEN: &str = env!("CARGO_BIN_EXE_netraven");

/// A data folder, and the program on it.
pub struct Program {
    folder: TempDir,
}

/// How a command ended.
#[derive(Debug)]
pub struct Said {
    pub code: i32,
    pub out: String,
    pub errors: String,
    /// Standard output as it came.
    pub bytes: Vec<u8>,
}

impl Program {
    /// A program that has not run yet.
    pub fn new() -> Self {
        // Whoever asks the program over HTTP has no house in this process that would have chosen one.
        let _ = rustls::crypto::ring::default_provider().install_default();
        Self { folder: tempfile::tempdir().unwrap() }
    }

    /// A place beside the data folder.
    pub fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Its data folder.
    pub fn data(&self) -> PathBuf {
        self.file("data")
    }

    /// The command, ready to run.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(NETRAVEN);
        // What the tests' own environment says is not for the program.
        for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("NETRAVEN_")) {
            command.env_remove(name);
        }
        command.current_dir(self.folder.path()).env("NETRAVEN_DATA_DIR", self.data()).args(args);
        command
    }

    /// Runs it to its end.
    pub fn run(&self, args: &[&str]) -> Said {
        Said::from(self.command(args).stdin(Stdio::null()).output().unwrap())
    }

    /// Runs it with this standard input.
    pub fn run_with(&self, args: &[&str], input: &str) -> Said {
        let mut command = self.command(args);
        let mut child =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        Said::from(child.wait_with_output().unwrap())
    }

    /// Runs it to its end, which must be good; gives its standard output.
    pub fn well(&self, args: &[&str]) -> String {
        let said = self.run(args);
        assert_eq!(said.code, 0, "{args:?}: {said:?}");
        said.out
    }

    /// Keeps it running, `netraven ARGS…` with this data folder.
    pub fn start(&self, args: &[&str], log: &str) -> Daemon {
        let data = self.data().display().to_string();
        let all: Vec<&str> = args.iter().copied().chain(["--data-dir", &data]).collect();
        Daemon::start(Path::new(NETRAVEN), all, &self.file(log))
    }

    /// Starts simulated devices, and gives them with their inventory.
    pub async fn fleet(&self, args: &[&str], name: &str) -> (Daemon, PathBuf) {
        let csv = self.file(&format!("{name}.csv"));
        let path = csv.display().to_string();
        let mut all = vec!["simulate"];
        all.extend(args);
        all.extend(["--inventory", &path]);
        let fleet = self.start(&all, &format!("{name}.log"));
        let written =
            async || std::fs::read_to_string(&csv).is_ok_and(|text| text.ends_with('\n')).then_some(());
        until(20, written, || format!("no inventory: {}", fleet.log())).await;
        (fleet, csv)
    }
}

impl From<Output> for Said {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            errors: String::from_utf8_lossy(&output.stderr).into_owned(),
            bytes: output.stdout,
        }
    }
}

impl Said {
    /// One JSON object per line of standard output, and nothing else.
    pub fn json(&self) -> Vec<Value> {
        let read =
            |line: &str| serde_json::from_str(line).unwrap_or_else(|e| panic!("{line:?}: {e} in {self:?}"));
        let lines: Vec<Value> = self.out.lines().map(read).collect();
        assert!(lines.iter().all(Value::is_object), "{self:?}");
        lines
    }

    /// One line on standard error that begins with the program's name; it says all of `parts`.
    pub fn tells(&self, code: i32, parts: &[&str]) {
        let lines: Vec<&str> = self.errors.lines().filter(|line| line.starts_with("netraven: ")).collect();
        assert_eq!((self.code, lines.len()), (code, 1), "{self:?}");
        for part in parts {
            assert!(lines[0].contains(part), "`{part}` is not in `{}`", lines[0]);
        }
        assert!(!self.errors.contains("panicked") && !self.errors.contains("Error {"), "{self:?}");
    }
}
