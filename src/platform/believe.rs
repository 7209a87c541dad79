//! What a platform believes of what a device sent.

use super::{
    Capture, Doubt, OneContext, Platform,
    compare::decoded,
    judge::{self, Evidence},
};
use crate::domain::{context::Part, failure::FailureClass};

impl Platform {
    /// Whether a capture may be believed: all of its texts, or nothing of it.
    ///
    /// # Errors
    /// The first reason not to believe it.
    pub fn judge(&self, capture: &Capture) -> Result<(), Doubt> {
        let whole = || self.evidence.judge(&capture.raw, capture, self.channel);
        let Some(fetched) = self.fetched() else { return whole() };
        // As many as ours: then all are ours, and what stands between them is the device's.
        if fetched.headings(&capture.raw) != capture.contexts.len() {
            let text =
                "a line of the device's own reads like the heading that NetRaven puts before a context";
            return Err(Doubt::new(FailureClass::ErrorOutput, text));
        }
        if capture.contexts.is_empty() {
            return whole();
        }
        self.each_text(&capture.raw, |evidence, text| evidence.judge(text, capture, self.channel))
    }

    /// Whether a version that is kept would be believed today.
    ///
    /// # Errors
    /// The first reason not to believe it.
    pub fn judge_kept(&self, raw: &[u8]) -> Result<(), Doubt> {
        if self.fetched().is_some() && !self.contexts(raw).is_empty() {
            return self.each_text(raw, Evidence::of_kept);
        }
        self.evidence.of_kept(raw)
    }

    /// Judges each text that was fetched apart.
    fn each_text(
        &self,
        raw: &[u8],
        judge: impl Fn(&Evidence, &[u8]) -> Result<(), Doubt>,
    ) -> Result<(), Doubt> {
        let own = self.fetched().and_then(|fetched| fetched.evidence.as_ref()).unwrap_or(&self.evidence);
        for Part { name, whole, text } in self.contexts(raw).parts() {
            let evidence = if whole == text { &self.evidence } else { own };
            judge(evidence, raw.get(text.clone()).unwrap_or_default())
                .map_err(|doubt| Doubt { context: Some(name.clone()), ..doubt })?;
        }
        Ok(())
    }

    /// A doubt about `raw` as it may be told: a line of the device's in it is covered as a line, because rules for secrets
    /// look at where one begins.
    pub fn told(&self, doubt: &Doubt, raw: &[u8], cover: impl Fn(&str) -> String) -> String {
        let own = doubt.context.as_ref().and_then(|name| self.contexts(raw).bytes_of(raw, name));
        let said = match self.complaint(&decoded(own.as_deref().unwrap_or(raw))) {
            Some(line) => judge::said(cover(line).trim_end()),
            None => cover(&doubt.message),
        };
        match &doubt.context {
            Some(name) => OneContext::told(name, &said),
            None => said,
        }
    }

    /// The first line of `text` that says the device did not do what it was told.
    pub fn complaint<'t>(&self, text: &'t str) -> Option<&'t str> {
        self.evidence.complaint(text)
    }

    /// Whether the text alone bears its marks of being complete, where this platform's texts have any that tell their end.
    /// Lets the dialogue tell a prompt from a line like it.
    pub fn looks_whole(&self, text: &[u8]) -> bool {
        let own = self.fetched().and_then(|fetched| fetched.evidence.as_ref());
        let mut marks = [Some(&self.evidence), own].into_iter().flatten();
        let text = decoded(text);
        marks.any(|evidence| evidence.bears_an_end() && evidence.textual(&text).is_ok())
    }
}
