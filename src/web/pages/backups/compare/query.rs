//! The address of a comparison.

use serde::Deserialize;

use crate::{
    domain::id::BackupId,
    web::{error::PageError, href},
};

/// Which versions, and how they are shown.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct CompareQuery {
    pub(super) old: String,
    pub(super) new: String,
    pub(super) mode: String,
    /// How many equal lines are shown around a change.
    pub(super) context: String,
    /// The one context of the two versions that is compared.
    pub(super) context_name: String,
    pub(super) device_old: String,
    pub(super) device_new: String,
}

impl CompareQuery {
    pub(super) fn ids(&self) -> Result<(BackupId, BackupId), PageError> {
        let id = |raw: &str| raw.trim().parse().map_err(|_| PageError::NotFound);
        Ok((id(&self.old)?, id(&self.new)?))
    }

    pub(super) fn is_split(&self) -> bool {
        self.mode == "split"
    }

    /// Equal lines around a change: three, as many as asked for, or all.
    pub(super) fn context(&self) -> Option<usize> {
        match self.context.as_str() {
            "all" => None,
            raw => Some(raw.parse().map_or(3, |lines: usize| lines.min(1_000))),
        }
    }

    /// The name of the one context that is compared, where not all is.
    pub(super) fn name(&self) -> Option<&str> {
        Some(self.context_name.as_str()).filter(|name| !name.is_empty())
    }

    fn href((old, new): (&str, &str), (mode, context, name): (&str, &str, &str)) -> String {
        let fields = [
            ("old", old),
            ("new", new),
            ("mode", if mode == "split" { mode } else { "" }),
            ("context", if context == "3" { "" } else { context }),
            ("context_name", name),
        ];
        href::with(href::compare(), &fields)
    }

    /// The same page with another view or context; what is usual is left out.
    pub(super) fn shown(&self, mode: &str, context: &str) -> String {
        Self::href((&self.old, &self.new), (mode, context, &self.context_name))
    }

    /// The same page in the other order.
    pub(super) fn swapped(&self) -> String {
        Self::href((&self.new, &self.old), (&self.mode, &self.context, &self.context_name))
    }

    /// The same page with this context only; with everything where the name is empty.
    pub(super) fn only(&self, name: &str) -> String {
        Self::href((&self.old, &self.new), (&self.mode, &self.context, name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(text: &str) -> CompareQuery {
        serde_html_form::from_str(text).unwrap()
    }

    #[test]
    fn nonsense_in_the_address_is_not_found_or_the_usual() {
        assert!(query("old=x&new=2").ids().is_err());
        assert!(query("old=1").ids().is_err());
        assert_eq!(query("context=many").context(), Some(3));
        assert_eq!(query("context=99999999").context(), Some(1_000));
        assert_eq!(query("context_name=").name(), None);
    }

    #[test]
    fn every_link_keeps_the_context_that_is_compared() {
        let query = query("old=1&new=2&context_name=b%201");
        assert_eq!(query.shown("split", "3"), "/compare?old=1&new=2&mode=split&context_name=b+1");
        assert_eq!(query.swapped(), "/compare?old=2&new=1&context_name=b+1");
        assert_eq!(query.only(""), "/compare?old=1&new=2");
    }
}
