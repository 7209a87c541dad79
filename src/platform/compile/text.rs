//! What a file says of the lines of a configuration, joined into few expressions.

use regex::Regex;

use super::Compiler;
use crate::platform::{
    PlatformError,
    file::{self, Pattern},
    judge::{Evidence, GENERIC_DENIED, GENERIC_ERRORS},
    mask::{Masker, SecretBlock},
};

/// Lines joined into one alternation may use this much memory once compiled.
const SIZE_LIMIT: usize = 32 << 20;

impl Compiler<'_> {
    pub(super) fn evidence(
        &self,
        complete: file::Complete,
        errors: &[Pattern],
        denied: &[Pattern],
    ) -> Result<Evidence, PlatformError> {
        let line = |field: &str, pattern: Option<Pattern>| {
            pattern.map(|pattern| self.text(field, &pattern)).transpose()
        };
        Ok(Evidence {
            first_line: line("complete.first_line", complete.first_line)?,
            last_line: line("complete.last_line", complete.last_line)?,
            last_line_shape: line("complete.last_line_shape", complete.last_line_shape)?,
            holds: line("complete.holds", complete.holds)?,
            balanced_braces: complete.balanced_braces,
            min_lines: complete.min_lines,
            xml_root: complete.xml_root,
            exit_status: complete.exit_status,
            pairs: complete
                .pairs
                .iter()
                .map(|(open, close)| {
                    Ok((self.text("complete.pairs", open)?, self.text("complete.pairs", close)?))
                })
                .collect::<Result<_, PlatformError>>()?,
            quotes_span_lines: complete.quotes_span_lines,
            errors: self.line_starts("text.errors", errors, GENERIC_ERRORS)?,
            denied: self.line_starts("text.denied", denied, GENERIC_DENIED)?,
        })
    }

    /// One expression that finds a whole line, its end included, when any pattern matches at its start.
    pub(super) fn dropped_lines(&self, patterns: &[Pattern]) -> Result<Option<Regex>, PlatformError> {
        if patterns.is_empty() {
            return Ok(None);
        }
        let all = self.alternation("text.volatile", patterns, &[])?;
        self.joined("text.volatile", &format!(r"(?m)^(?:{all})[^\n]*(?:\n|\z)")).map(Some)
    }

    /// One expression that finds the start of a line where any pattern matches.
    fn line_starts(&self, field: &str, own: &[Pattern], generic: &[&str]) -> Result<Regex, PlatformError> {
        let all = self.alternation(field, own, generic)?;
        self.joined(field, &format!(r"(?m)^(?:{all})[^\n]*"))
    }

    /// One expression that finds a whole line, its end left out, when any pattern matches at its start.
    pub(super) fn lines(&self, field: &str, patterns: &[Pattern]) -> Result<Option<Regex>, PlatformError> {
        if patterns.is_empty() { Ok(None) } else { self.line_starts(field, patterns, &[]).map(Some) }
    }

    pub(super) fn masker(&self, field: &str, patterns: &[Pattern]) -> Result<Option<Masker>, PlatformError> {
        if patterns.is_empty() {
            return Ok(None);
        }
        for pattern in patterns {
            if self.text(field, pattern)?.captures_len() < 2 {
                return Err(self.pattern(field, pattern, "has no group around what is to be covered"));
            }
        }
        let all = self.alternation(field, patterns, &[])?;
        self.joined(field, &format!("(?m)(?:{all})")).map(|all| Some(Masker::new(all)))
    }

    pub(super) fn secret_blocks(
        &self,
        blocks: &[file::SecretBlock],
    ) -> Result<Vec<SecretBlock>, PlatformError> {
        let mut compiled = Vec::new();
        for block in blocks {
            let whole =
                self.alternation("text.secret_block.block", std::slice::from_ref(&block.block), &[])?;
            let secret = std::slice::from_ref(&block.secret);
            if let Some(inside) = self.masker("text.secret_block.secret", secret)? {
                let block = self.joined("text.secret_block.block", &format!("(?m){whole}"))?;
                compiled.push(SecretBlock { block, inside });
            }
        }
        Ok(compiled)
    }

    pub(super) fn alternation(
        &self,
        field: &str,
        own: &[Pattern],
        generic: &[&str],
    ) -> Result<String, PlatformError> {
        let mut all = Vec::new();
        for pattern in own {
            self.text(field, pattern)?;
            all.push(pattern.get_ref().as_str());
        }
        all.extend(generic);
        Ok(format!("(?:{})", all.join(")|(?:")))
    }

    fn joined(&self, field: &str, all: &str) -> Result<Regex, PlatformError> {
        let built = regex::RegexBuilder::new(all).size_limit(SIZE_LIMIT).dfa_size_limit(SIZE_LIMIT).build();
        built.map_err(|error| self.value(field, &error.to_string()))
    }
}
