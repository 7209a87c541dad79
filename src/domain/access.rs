//! Who may do what: roles, permissions, and the proof of a permission.

use std::marker::PhantomData;

use chrono::{DateTime, Duration, Utc};

use super::{
    id::{SessionId, UserId},
    text_enum,
};

text_enum! {
    /// What a person is here to do.
    pub enum Role {
        /// Looks.
        Viewer = "viewer",
        /// Looks after devices and backups.
        Operator = "operator",
        /// Does everything.
        Admin = "admin",
        /// Looks, and reads the audit trail.
        Auditor = "auditor",
    }
}

/// Something that a role may or may not do.
pub trait Permission: 'static {
    /// The name in messages and in the route table.
    const NAME: &'static str;
    /// The roles that have it.
    const ROLES: &'static [Role];
}

macro_rules! permissions {
    ($($(#[$meta:meta])* $name:ident: $($role:ident),+;)+) => {
        $(
            $(#[$meta])*
            #[derive(Debug)]
            pub struct $name;

            impl Permission for $name {
                const NAME: &'static str = stringify!($name);
                const ROLES: &'static [Role] = &[$(Role::$role),+];
            }
        )+

        /// Every permission's name with the roles that have it.
        pub const PERMISSIONS: &[(&str, &[Role])] = &[$(($name::NAME, $name::ROLES)),+];
    };
}

permissions! {
    /// See devices, their versions (masked) and the jobs.
    ViewDevices: Viewer, Operator, Admin, Auditor;
    /// Add, change and delete devices and their credentials.
    ManageDevices: Operator, Admin;
    /// Start and cancel backups.
    RunBackups: Operator, Admin;
    /// Read configurations with their secrets.
    ReadRaw: Operator, Admin;
    /// Add, change and delete schedules.
    ManageSchedules: Operator, Admin;
    /// Pin versions and write notes on them.
    NoteBackups: Operator, Admin;
    /// Delete versions.
    DeleteBackups: Admin;
    /// Delete job logs.
    DeleteJobs: Admin;
    /// Add, change and delete tags and the rules that assign them.
    ManageTags: Operator, Admin;
    /// See which credentials there are, where they are used and how they fare; never a secret.
    ViewCredentials: Operator, Admin;
    /// Add, change, rotate and delete shared credentials.
    ManageCredentials: Admin;
    /// Change the rules by which devices of a kind are talked to, judged and masked.
    ManagePlatforms: Admin;
    /// Accept a device's changed host key.
    AcceptHostKeys: Admin;
    /// Choose a transport for a device that sends passwords in clear text.
    AllowClearText: Admin;
    /// Add and disable people.
    ManageUsers: Admin;
    /// Change what the whole installation goes by.
    ManageSettings: Admin;
    /// Rotate the keys that seal secrets.
    ManageKeys: Admin;
    /// Read the audit trail.
    ViewAudit: Admin, Auditor;
}

text_enum! {
    /// How far a person's sight goes, as it is kept.
    pub enum Range {
        /// Every device.
        All = "all",
        /// Those with the person's tags, and the person's own.
        Tags = "tags",
    }
}

/// Which devices somebody sees; all else is as if it were not there (S-37).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Every device.
    All,
    /// Those that this person owns, and those with one of the person's tags.
    TagsOf(UserId),
}

impl Scope {
    /// Whether it has every device, and otherwise whose tags and ownership count; `0` is nobody.
    pub fn parts(self) -> (bool, i64) {
        match self {
            Self::All => (true, 0),
            Self::TagsOf(user) => (false, user.0),
        }
    }
}

/// Who acts: a person in a browser, a person at the console, or NetRaven itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// The person; `None` for the console and for NetRaven.
    pub user: Option<UserId>,
    /// The name in the audit trail.
    pub name: String,
    /// What it may do.
    pub role: Role,
    /// To which devices.
    pub scope: Scope,
    /// Where the request came from; `None` when not over the network.
    pub address: Option<String>,
    /// The request in whose service this happens.
    pub request: Option<String>,
    /// The session that the request came in; `None` for the console, for NetRaven and before somebody is signed in.
    pub session: Option<SessionId>,
}

impl Actor {
    /// NetRaven itself: the planner and the workers.
    pub fn system() -> Self {
        Self {
            user: None,
            name: "netraven".to_owned(),
            role: Role::Admin,
            scope: Scope::All,
            address: None,
            request: None,
            session: None,
        }
    }

    /// Whoever can start the program with its data folder: may do everything.
    pub fn console() -> Self {
        Self { name: "console".to_owned(), ..Self::system() }
    }

    /// Whether the role has permission `P`.
    pub fn may<P: Permission>(&self) -> bool {
        P::ROLES.contains(&self.role)
    }

    /// The proof that this actor may do `P`; the only way to get one.
    pub fn grant<P: Permission>(self) -> Result<Grant<P>, Denied> {
        if self.may::<P>() {
            Ok(Grant { actor: self, permission: PhantomData })
        } else {
            Err(Denied { actor: self.name, permission: P::NAME })
        }
    }
}

/// Proof that an actor may do `P`.
#[derive(Debug)]
pub struct Grant<P> {
    actor: Actor,
    permission: PhantomData<fn() -> P>,
}

impl<P> Grant<P> {
    /// Which devices it extends to.
    pub fn scope(&self) -> Scope {
        self.actor.scope
    }

    /// Who was granted it.
    pub fn actor(&self) -> &Actor {
        &self.actor
    }
}

/// A refusal.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{actor} lacks the permission {permission}")]
pub struct Denied {
    /// Who asked.
    pub actor: String,
    /// What was missing.
    pub permission: &'static str,
}

/// A signed-in browser.
#[derive(Debug, Clone)]
pub struct Session {
    /// The session's row.
    pub id: SessionId,
    /// Who is signed in.
    pub actor: Actor,
    /// When the person last proved who it is beyond signing in.
    pub confirmed_at: Option<DateTime<Utc>>,
}

impl Session {
    /// How long a confirmation holds (S-27).
    pub const CONFIRMED_FOR: Duration = Duration::minutes(5);

    /// Whether the person proved who it is within the last five minutes.
    pub fn is_confirmed(&self, now: DateTime<Utc>) -> bool {
        self.confirmed_at.is_some_and(|at| now < at + Self::CONFIRMED_FOR)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_grant_is_minted_only_for_roles_that_have_the_permission() {
        let viewer = Actor { role: Role::Viewer, ..Actor::console() };
        assert!(viewer.clone().grant::<ViewDevices>().is_ok());
        let denied = viewer.grant::<ManageUsers>().unwrap_err();
        assert_eq!(denied.to_string(), "console lacks the permission ManageUsers");
    }
}
