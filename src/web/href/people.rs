//! People, and one's own account.

use crate::domain::id::UserId;

/// Light, dark or as the system says (POST).
pub fn theme() -> &'static str {
    "/account/theme"
}

/// The people.
pub fn users() -> &'static str {
    "/users"
}

/// The form for a new person.
pub fn user_new() -> &'static str {
    "/users/new"
}

/// A person.
pub fn user(id: UserId) -> String {
    format!("/users/{id}")
}

/// The form for a person.
pub fn user_edit(id: UserId) -> String {
    format!("/users/{id}/edit")
}

/// Letting a person in or not (POST).
pub fn user_toggle(id: UserId) -> String {
    format!("/users/{id}/toggle")
}

/// A link through which a person chooses a password (POST makes it).
pub fn user_link(id: UserId) -> String {
    format!("/users/{id}/link")
}

/// Signing a person out everywhere (POST).
pub fn user_sessions(id: UserId) -> String {
    format!("/users/{id}/sessions")
}

/// The question before a person is deleted, and the deletion (POST).
pub fn user_delete(id: UserId) -> String {
    format!("/users/{id}/delete")
}

/// Choosing a password through a link.
pub fn welcome() -> &'static str {
    "/welcome"
}

/// The own password (POST).
pub fn account_password() -> &'static str {
    "/account/password"
}

/// What one is told by mail (POST).
pub fn account_notices() -> &'static str {
    "/account/notices"
}

/// Ending own sessions (POST).
pub fn account_sessions() -> &'static str {
    "/account/sessions"
}

/// The person's own account.
pub fn account() -> &'static str {
    "/account"
}
