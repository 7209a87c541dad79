//! How one talks with a device: its prompt, its questions, its pager, and what it pushes in between.

use regex::{Regex, bytes};

use super::{ANY_PAGER, Compiler};
use crate::platform::{
    Banner, Enable, Login, Paging, PlatformError,
    file::{self, Pattern, PlatformFile},
    login::{ANY_PASSWORD, ANY_REFUSAL, ANY_USERNAME},
};

/// What no line is.
const NO_PROMPT: &str = r"[^\s\S]";

impl Compiler<'_> {
    pub(super) fn login(&self, login: &file::Login) -> Result<Login, PlatformError> {
        let question = |field: &str, own: Option<&Pattern>, usual: &str| match own {
            Some(pattern) => self.bytes(field, pattern),
            None => bytes::Regex::new(usual).map_err(|error| self.value(field, &error.to_string())),
        };
        let mut refused = login
            .refused
            .iter()
            .map(|pattern| self.text("login.refused", pattern))
            .collect::<Result<Vec<_>, _>>()?;
        refused
            .push(Regex::new(ANY_REFUSAL).map_err(|error| self.value("login.refused", &error.to_string()))?);
        Ok(Login {
            username: question("login.username", login.username.as_ref(), ANY_USERNAME)?,
            password: question("login.password", login.password.as_ref(), ANY_PASSWORD)?,
            refused,
        })
    }

    pub(super) fn banners(
        &self,
        field: &str,
        banners: Vec<file::Banner>,
    ) -> Result<Vec<Banner>, PlatformError> {
        let banner = |it: file::Banner| Ok(Banner { when: self.bytes(field, &it.when)?, answer: it.answer });
        banners.into_iter().map(banner).collect()
    }

    pub(super) fn paging(&self, paging: file::Paging) -> Result<Paging, PlatformError> {
        let pager = match paging.pager {
            Some(pattern) => self.bytes("paging.pager", &pattern)?,
            None => bytes::Regex::new(ANY_PAGER)
                .map_err(|error| self.value("paging.pager", &error.to_string()))?,
        };
        let answer = paging.answer.unwrap_or_else(|| " ".to_owned());
        Ok(Paging { off: paging.off, pager, answer, device_wipes: paging.device_wipes })
    }

    pub(super) fn enable(&self, enable: file::Enable) -> Result<Enable, PlatformError> {
        Ok(Enable {
            needed: self.bytes("enable.needed", &enable.needed)?,
            password: self.bytes("enable.password", &enable.password)?,
            reached: self.bytes("enable.reached", &enable.reached)?,
            command: enable.command,
            may_be_empty: enable.may_be_empty,
        })
    }

    pub(super) fn prompt(&self, file: &PlatformFile) -> Result<bytes::Regex, PlatformError> {
        match &file.prompt {
            Some(pattern) => self.bytes("prompt", pattern),
            None if matches!(file.channel, file::Channel::Https | file::Channel::File) => {
                bytes::Regex::new(NO_PROMPT).map_err(|error| self.value("prompt", &error.to_string()))
            }
            None => Err(self.value("prompt", "is missing: what does a prompt look like?")),
        }
    }

    pub(super) fn prompt_varies(&self, patterns: &[Pattern]) -> Result<Option<bytes::Regex>, PlatformError> {
        if patterns.is_empty() {
            return Ok(None);
        }
        let all = self.alternation("prompt_varies", patterns, &[])?;
        bytes::Regex::new(&all).map(Some).map_err(|error| self.value("prompt_varies", &error.to_string()))
    }

    /// One expression for a line that begins as any pattern says.
    pub(super) fn interjected(&self, patterns: &[Pattern]) -> Result<Option<bytes::Regex>, PlatformError> {
        if patterns.is_empty() {
            return Ok(None);
        }
        let all = self.alternation("text.interjected", patterns, &[])?;
        let begins = bytes::Regex::new(&format!("^(?:{all})"));
        begins.map(Some).map_err(|error| self.value("text.interjected", &error.to_string()))
    }
}
