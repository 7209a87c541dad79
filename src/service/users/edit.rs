//! What administrators change about people.

use super::{SaveUserError, changes, hashed, is_free, needs_all, taken};
use crate::{
    domain::{
        access::{Grant, ManageUsers, Permission, Range, Role, RunBackups},
        audit::{Act, AuditEvent, ObjectKind},
        id::UserId,
        rule::Field,
        secret::Secret,
        user::{PasswordPolicy, User, UserEdit, Username},
    },
    service::{Core, audit, rules},
    store::{self, Conn},
};

/// Whether this person counts as one who can administer everything.
fn is_full_admin(user: &User) -> bool {
    user.role == Role::Admin && user.range == Range::All && user.is_enabled
}

/// Refuses to take the last admin who sees everything away (S-40).
pub(super) async fn keep_an_admin(conn: &mut Conn, user: &User) -> Result<(), SaveUserError> {
    if is_full_admin(user) && store::users::other_admins(conn, user.id).await? == 0 {
        return Err(SaveUserError::LastAdmin(user.username.clone()));
    }
    Ok(())
}

/// Takes back what waits in the name of somebody who may no longer start it (S-39).
pub(super) async fn take_jobs_back(
    core: &Core,
    conn: &mut Conn,
    user: &User,
    why: &str,
) -> Result<(), SaveUserError> {
    let why = format!("{} started it and {why} before it began.", user.username);
    store::jobs::cancel_of_person(conn, user.id, &why, core.now()).await?;
    Ok(())
}

/// Writes an edit. A new role or scope ends the person's sessions (S-22, S-25).
pub async fn update(
    core: &Core,
    by: &Grant<ManageUsers>,
    (id, version): (UserId, i32),
    edit: &UserEdit,
) -> Result<(), SaveUserError> {
    needs_all(by)?;
    let now = core.now();
    let mut tx = core.db.begin().await?;
    store::users::hold_admins(&mut tx).await?;
    let Some(old) = store::users::find(&mut tx, id).await? else {
        return Err(SaveUserError::Gone);
    };
    if old.version != version {
        return Err(SaveUserError::Changed);
    }
    if edit.role != Role::Admin || edit.range != Range::All {
        keep_an_admin(&mut tx, &old).await?;
    }
    is_free(&mut tx, Some(id), Some(&edit.username), edit.email.as_ref()).await?;
    let tags = store::users::tags(&mut tx, id).await?;
    if !store::users::update(&mut tx, (id, version), edit, now).await.map_err(|e| taken(e, edit))? {
        return Err(SaveUserError::Changed);
    }
    if old.username != edit.username.as_str() {
        let owned = store::users::owned_by(&mut tx, id).await?;
        rules::after_change(&mut tx, Field::Owner, &owned).await?;
    }
    let changes = changes(Some((&old, &tags)), edit);
    if changes.0.iter().any(|change| ["role", "scope", "tags"].contains(&change.field.as_str())) {
        store::sessions::delete_of(&mut tx, id).await?;
    }
    if !RunBackups::ROLES.contains(&edit.role) {
        take_jobs_back(core, &mut tx, &old, "lost the right to").await?;
    }
    let act = Act::new(AuditEvent::UserChanged, edit.username.as_str()).on(ObjectKind::User, id.0);
    audit::append(core, &mut tx, by.actor(), act.changes(changes)).await?;
    tx.commit().await?;
    Ok(())
}

/// Lets a person in or not; whoever is let in no longer loses all sessions and what waits in their name.
pub async fn set_enabled(
    core: &Core,
    by: &Grant<ManageUsers>,
    id: UserId,
    is: bool,
) -> Result<User, SaveUserError> {
    needs_all(by)?;
    if !is && by.actor().user == Some(id) {
        return Err(SaveUserError::Oneself);
    }
    let mut tx = core.db.begin().await?;
    store::users::hold_admins(&mut tx).await?;
    let Some(user) = store::users::find(&mut tx, id).await? else {
        return Err(SaveUserError::Gone);
    };
    if user.is_enabled == is {
        return Ok(user);
    }
    if !is {
        keep_an_admin(&mut tx, &user).await?;
        store::sessions::delete_of(&mut tx, id).await?;
        store::users::invitations::delete_of(&mut tx, id).await?;
        take_jobs_back(core, &mut tx, &user, "was disabled").await?;
    }
    store::users::set_enabled(&mut tx, id, is, core.now()).await?;
    let event = if is { AuditEvent::UserEnabled } else { AuditEvent::UserDisabled };
    let act = Act::new(event, &user.username).on(ObjectKind::User, id.0);
    audit::append(core, &mut tx, by.actor(), act).await?;
    tx.commit().await?;
    Ok(User { is_enabled: is, ..user })
}

async fn named(core: &Core, name: &Username) -> Result<User, SaveUserError> {
    let found = store::users::find_to_sign_in(&mut core.db.read().await?, &name.key()).await?;
    found.map(|(user, _)| user).ok_or_else(|| SaveUserError::Unknown(name.as_str().to_owned()))
}

/// Lets the person with this name no longer in.
pub async fn disable(core: &Core, by: &Grant<ManageUsers>, name: &Username) -> Result<(), SaveUserError> {
    let user = named(core, name).await?;
    set_enabled(core, by, user.id, false).await.map(|_| ())
}

/// Lets the person with this name in again.
pub async fn enable(core: &Core, by: &Grant<ManageUsers>, name: &Username) -> Result<(), SaveUserError> {
    let user = named(core, name).await?;
    set_enabled(core, by, user.id, true).await.map(|_| ())
}

/// Sets a person's password and ends all sessions of that person: for whoever holds the machine, when no mail and no
/// other admin helps. Pages give a link instead (S-28).
pub async fn reset_password(
    core: &Core,
    by: &Grant<ManageUsers>,
    name: &Username,
    password: &Secret,
) -> Result<(), SaveUserError> {
    needs_all(by)?;
    PasswordPolicy::of(&core.settings.now()).judge(password, name)?;
    let hash = hashed(core, password).await?;
    let user = named(core, name).await?;
    let mut tx = core.db.begin().await?;
    if !store::users::set_password(&mut tx, user.id, &hash, core.now()).await? {
        return Err(SaveUserError::Gone);
    }
    store::sessions::delete_of(&mut tx, user.id).await?;
    store::users::invitations::delete_of(&mut tx, user.id).await?;
    let act = Act::new(AuditEvent::PasswordReset, &user.username).on(ObjectKind::User, user.id.0);
    audit::append(core, &mut tx, by.actor(), act).await?;
    tx.commit().await?;
    Ok(())
}

/// Signs a person out everywhere; how many sessions that were.
pub async fn end_sessions(core: &Core, by: &Grant<ManageUsers>, id: UserId) -> Result<usize, SaveUserError> {
    needs_all(by)?;
    let mut tx = core.db.begin().await?;
    let user = store::users::find(&mut tx, id).await?.ok_or(SaveUserError::Gone)?;
    let count = store::sessions::delete_of(&mut tx, id).await?;
    let act = Act::new(AuditEvent::SessionsEnded, &user.username).on(ObjectKind::User, id.0);
    audit::append(core, &mut tx, by.actor(), act).await?;
    tx.commit().await?;
    Ok(count)
}
