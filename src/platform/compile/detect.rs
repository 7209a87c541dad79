//! How a file says that devices of its platform are told from others.

use super::Compiler;
use crate::platform::{
    PlatformError, SAFE,
    detect::{Detect, USUALLY_SURE},
    file::{self, Pattern},
};

impl Compiler<'_> {
    pub(super) fn detect(&self, detect: file::Detect) -> Result<Detect, PlatformError> {
        let sign = |field: &str, pattern: Option<Pattern>| {
            pattern.map(|pattern| self.text(field, &pattern)).transpose()
        };
        let says = match (detect.command, sign("detect.says", detect.says)?) {
            (Some(command), _) if !SAFE.contains(&command.as_str()) => {
                let message = format!("`{command}` is none of those that may be sent: {}", SAFE.join(", "));
                return Err(self.value("detect.command", &message));
            }
            (Some(command), Some(says)) => Some((command, says)),
            (None, None) => None,
            (Some(_), None) => return Err(self.value("detect.says", "is missing beside `command`")),
            (None, Some(_)) => return Err(self.value("detect.command", "is missing beside `says`")),
        };
        let sure = detect.sure.unwrap_or(USUALLY_SURE);
        if !(1..=99).contains(&sure) {
            return Err(self.value("detect.sure", "is a number of percent from 1 to 99"));
        }
        Ok(Detect {
            identification: sign("detect.identification", detect.identification)?,
            greeting: sign("detect.greeting", detect.greeting)?,
            complains: sign("detect.complains", detect.complains)?,
            says,
            sure,
        })
    }
}
