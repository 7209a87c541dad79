//! What the address of the list of devices says: filter, order, page.

use serde::Deserialize;

use crate::{domain::device::DeviceFilter, web::href};

/// What the address says.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Asked {
    pub(super) q: String,
    pub(super) platform: String,
    pub(super) tag: String,
    pub(super) standing: String,
    pub(super) enabled: String,
    pub(super) reached: String,
    pub(super) owner: String,
    pub(super) sort: String,
    pub(super) size: String,
    pub(super) page: String,
}

impl Asked {
    pub(super) fn filter(&self) -> DeviceFilter {
        let given = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        DeviceFilter {
            text: given(&self.q),
            platform: given(&self.platform),
            tag: given(&self.tag),
            is_enabled: match self.enabled.as_str() {
                "yes" => Some(true),
                "no" => Some(false),
                _ => None,
            },
            standing: self.standing.parse().ok(),
            is_reachable: match self.reached.as_str() {
                "yes" => Some(Some(true)),
                "no" => Some(Some(false)),
                "never" => Some(None),
                _ => None,
            },
            owner: given(&self.owner),
            order: self.sort.parse().ok(),
        }
    }

    /// The filter as hidden fields of a form that acts on all that match.
    pub(super) fn hidden(&self) -> Vec<(&'static str, String)> {
        let fields = [
            ("q", &self.q),
            ("platform", &self.platform),
            ("tag", &self.tag),
            ("standing", &self.standing),
            ("enabled", &self.enabled),
            ("reached", &self.reached),
            ("owner", &self.owner),
        ];
        fields.into_iter().filter(|(_, value)| !value.is_empty()).map(|(n, v)| (n, v.clone())).collect()
    }

    pub(super) fn is_filtered(&self) -> bool {
        [&self.q, &self.platform, &self.tag, &self.standing, &self.enabled, &self.reached, &self.owner]
            .iter()
            .any(|text| !text.trim().is_empty())
    }

    pub(super) fn href(&self, page: &str) -> String {
        self.address(href::devices(), page)
    }

    pub(super) fn address(&self, path: &str, page: &str) -> String {
        let fields = [
            ("q", self.q.as_str()),
            ("platform", &self.platform),
            ("tag", &self.tag),
            ("standing", &self.standing),
            ("enabled", &self.enabled),
            ("reached", &self.reached),
            ("owner", &self.owner),
            ("sort", &self.sort),
            ("size", &self.size),
            ("page", page),
        ];
        href::with(path, &fields)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::device::{DeviceOrder, Standing};

    #[test]
    fn the_address_holds_everything() {
        let asked: Asked = serde_html_form::from_str(
            "q=+core+&platform=frr&tag=ber&standing=failing&enabled=no&sort=stalest&page=3&other=1",
        )
        .unwrap();
        let filter = asked.filter();
        assert_eq!(filter.text.as_deref(), Some("core"));
        assert_eq!(filter.platform.as_deref(), Some("frr"));
        assert_eq!((filter.standing, filter.is_enabled), (Some(Standing::Failing), Some(false)));
        assert_eq!(filter.order, Some(DeviceOrder::Stalest));
        assert!(asked.is_filtered());
        assert!(asked.href("2").ends_with("&sort=stalest&page=2"), "{}", asked.href("2"));
    }

    #[test]
    fn nonsense_filters_nothing() {
        let asked: Asked = serde_html_form::from_str("standing=happy&sort=up&enabled=maybe").unwrap();
        let filter = asked.filter();
        assert_eq!((filter.standing, filter.order, filter.is_enabled), (None, None, None));
        assert_eq!(Asked::default().href(""), "/devices");
        assert!(!Asked::default().is_filtered());
    }
}
