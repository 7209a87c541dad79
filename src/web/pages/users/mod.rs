//! People, as administrators see them.

pub mod delete;
pub mod detail;
pub mod form;
pub mod link;
pub mod list;

use crate::{
    domain::{access::Role, user::User},
    web::parts::{Badge, Tone},
};

/// May sign in, or not.
fn standing(user: &User) -> Badge {
    if user.is_enabled {
        Badge::new(Tone::Ok, "circle-check", "May sign in")
    } else {
        Badge::new(Tone::Idle, "ban", "Disabled")
    }
}

/// A role with what it is for.
fn told(role: Role) -> &'static str {
    match role {
        Role::Viewer => "viewer: looks at devices, versions (secrets hidden) and jobs",
        Role::Operator => "operator: looks after devices, backups, schedules and tags",
        Role::Admin => "admin: does everything",
        Role::Auditor => "auditor: looks, and reads the audit trail",
    }
}
