//! What admins set while the program runs: every control comes from its declaration.

mod field;
pub mod page;
pub mod reset;

use crate::{
    domain::setting::{Category, SettingFilter},
    web::href,
};

/// A tab, for people.
fn title(category: Category) -> &'static str {
    match category {
        Category::Security => "Security",
        Category::System => "System",
        Category::Storage => "Storage",
        Category::Notification => "Mail",
        Category::Audit => "Audit trail",
    }
}

/// Which settings the page shows: those of a tab, or those that a word finds.
#[derive(Debug, Clone)]
struct Shown {
    category: Category,
    q: String,
}

impl Shown {
    /// What an address or a form says; nonsense is the first tab.
    fn new(category: &str, q: &str) -> Self {
        Self { category: category.parse().unwrap_or(Category::Security), q: q.trim().to_owned() }
    }

    fn filter(&self) -> SettingFilter {
        if self.q.is_empty() {
            SettingFilter { category: Some(self.category), text: None }
        } else {
            SettingFilter { category: None, text: Some(self.q.clone()) }
        }
    }

    fn href(&self) -> String {
        let category = if self.q.is_empty() { self.category.as_str() } else { "" };
        href::with(href::settings(), &[("category", category), ("q", &self.q)])
    }
}
