//! Every address of a page, in one place.

/// The start page.
pub fn dashboard() -> &'static str {
    "/"
}
/// Sign-in.
pub fn login() -> &'static str {
    "/login"
}
/// Sign-in, and back to `next` afterwards.
pub fn login_then(next: &str) -> String {
    let query = serde_html_form::to_string([("next", next)]).unwrap_or_default();
    format!("{}?{query}", login())
}
/// Sign-out (POST).
pub fn logout() -> &'static str {
    "/logout"
}
/// Making the first admin.
pub fn setup() -> &'static str {
    "/setup"
}
/// Light, dark or as the system says (POST).
pub fn theme() -> &'static str {
    "/account/theme"
}
/// The devices.
pub fn devices() -> &'static str {
    "/devices"
}
/// The schedules.
pub fn schedules() -> &'static str {
    "/schedules"
}
/// The jobs.
pub fn jobs() -> &'static str {
    "/jobs"
}
