//! Platforms by what other programs call them, as lists and recordings that come from there name them.

use std::{collections::BTreeMap, sync::LazyLock};

use super::{Head, Platforms};

/// The shipped platforms' keys by all of their names.
static SHIPPED: LazyLock<BTreeMap<String, String>> = LazyLock::new(|| {
    let heads = Platforms::shipped().map(|platforms| platforms.heads()).unwrap_or_default();
    heads.iter().flat_map(|head| names(head).map(|name| (name, head.key.clone()))).collect()
});

/// Letters and digits of a name in lower case: `Cisco IOS-XE`, `cisco_ios_xe` and `ciscoiosxe` are one.
fn plain(word: &str) -> String {
    word.to_lowercase().chars().filter(|letter| letter.is_alphanumeric()).collect()
}

/// All names of a platform.
fn names(head: &Head) -> impl Iterator<Item = String> + '_ {
    let others = head.known_as.iter().map(String::as_str);
    [head.key.as_str(), head.title.as_str()].into_iter().chain(others).map(plain)
}

/// The key of the shipped platform that other programs mean by `word`.
pub fn shipped_key(word: &str) -> Option<&'static str> {
    SHIPPED.get(&plain(word)).map(String::as_str)
}

impl Platforms {
    /// The key of the platform that `word` means: its own key, whatever its capitals, else what other programs call it.
    /// What is shipped comes first: a copy of its file has the same names.
    pub fn named(&self, word: &str) -> Option<String> {
        let key = word.to_lowercase();
        if self.has(&key) {
            return Some(key);
        }
        let wanted = plain(word);
        if wanted.is_empty() {
            return None;
        }
        if let Some(key) = SHIPPED.get(&wanted).filter(|key| self.has(key)) {
            return Some(key.clone());
        }
        let means = |head: &Head| names(head).any(|name| name == wanted);
        self.heads().into_iter().find(means).map(|head| head.key)
    }
}
