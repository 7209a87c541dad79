//! The start page, and how one gets in and out.

/// The start page.
pub fn dashboard() -> &'static str {
    "/"
}

/// Sign-in.
pub fn login() -> &'static str {
    "/login"
}

/// The answer to the question for the password (POST).
pub fn confirm() -> &'static str {
    "/confirm"
}

/// Sign-out (POST).
pub fn logout() -> &'static str {
    "/logout"
}

/// Making the first admin.
pub fn setup() -> &'static str {
    "/setup"
}

/// Sign-in, and back to `next` afterwards.
pub fn login_then(next: &str) -> String {
    let query = serde_html_form::to_string([("next", next)]).unwrap_or_default();
    format!("{}?{query}", login())
}

/// The question for the password before something that cannot be taken back, and on to `next` afterwards.
pub fn confirm_then(next: &str) -> String {
    let query = serde_html_form::to_string([("next", next)]).unwrap_or_default();
    format!("{}?{query}", confirm())
}
