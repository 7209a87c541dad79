//! Every address of a page, in one place.

mod backups;
mod credentials;
mod devices;
mod entrance;
mod house;
mod jobs;
mod people;
mod platforms;
mod schedules;
mod tags;

pub use backups::*;
pub use credentials::*;
pub use devices::*;
pub use entrance::*;
pub use house::*;
pub use jobs::*;
pub use people::*;
pub use platforms::*;
pub use schedules::*;
pub use tags::*;

/// `path` with those of `fields` that say something as its query.
pub fn with(path: &str, fields: &[(&str, &str)]) -> String {
    let said: Vec<_> = fields.iter().filter(|(_, value)| !value.is_empty()).collect();
    let query = serde_html_form::to_string(said).unwrap_or_default();
    if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
}
