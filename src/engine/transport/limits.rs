//! What a device may send before we stop listening.

use crate::domain::failure::{Failure, FailureClass, Stage};

const MIB: usize = 1 << 20;

/// Counts what came and stops a device that prints for ever.
#[derive(Debug, Clone)]
pub struct Limits {
    command: usize,
    line: usize,
    job: usize,
    in_command: usize,
    in_job: usize,
    in_line: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { command: 64 * MIB, line: MIB, job: 256 * MIB, in_command: 0, in_job: 0, in_line: 0 }
    }
}

impl Limits {
    /// A new command begins.
    pub fn start_command(&mut self) {
        self.in_command = 0;
        self.in_line = 0;
    }

    /// This piece of text came.
    pub fn take(&mut self, stage: Stage, text: &[u8]) -> Result<(), Failure> {
        self.in_line = match text.iter().rposition(|&byte| byte == b'\n') {
            Some(feed) => text.len() - feed - 1,
            None => self.in_line.saturating_add(text.len()),
        };
        self.count(stage, text.len(), self.in_line)
    }

    /// `bytes` more came, and the line under way is `line` bytes long.
    pub fn count(&mut self, stage: Stage, bytes: usize, line: usize) -> Result<(), Failure> {
        self.in_command = self.in_command.saturating_add(bytes);
        self.in_job = self.in_job.saturating_add(bytes);
        let (what, limit) = if self.in_command > self.command {
            ("one command", self.command)
        } else if self.in_job > self.job {
            ("one session", self.job)
        } else if line > self.line {
            ("one line", self.line)
        } else {
            return Ok(());
        };
        let message = format!("the device sent more than {} MiB in {what}", limit / MIB);
        Err(Failure::new(FailureClass::OutputLimit, stage, message))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_limit_stops_its_own_excess() {
        let class = |result: Result<(), Failure>| result.map_err(|failure| failure.class);
        let mut limits = Limits::default();
        assert_eq!(limits.count(Stage::Command, 64 * MIB, 10), Ok(()));
        assert_eq!(class(limits.count(Stage::Command, 1, 10)), Err(FailureClass::OutputLimit));
        limits.start_command();
        assert_eq!(limits.count(Stage::Command, 1, MIB), Ok(()));
        assert_eq!(class(limits.count(Stage::Command, 1, MIB + 1)), Err(FailureClass::OutputLimit));
        let mut limits = Limits::default();
        assert_eq!(limits.take(Stage::Command, &b"x".repeat(MIB)), Ok(()));
        assert_eq!(limits.take(Stage::Command, b"\n"), Ok(()));
        assert_eq!(limits.take(Stage::Command, &b"x".repeat(MIB)), Ok(()));
        assert_eq!(class(limits.take(Stage::Command, b"x")), Err(FailureClass::OutputLimit));
        let mut limits = Limits::default();
        for _ in 0..4 {
            limits.start_command();
            assert_eq!(limits.count(Stage::Command, 64 * MIB, 0), Ok(()));
        }
        limits.start_command();
        assert_eq!(class(limits.count(Stage::Command, 1, 0)), Err(FailureClass::OutputLimit));
    }
}
