//! Links through which a person chooses a password: once, and within a day (S-28).

use chrono::Duration;

use super::{SaveUserError, hashed, needs_all};
use crate::{
    crypt::token,
    domain::{
        access::{Actor, Grant, ManageUsers, Scope},
        audit::{Act, AuditEvent, ObjectKind},
        id::UserId,
        secret::Secret,
        user::{PasswordPolicy, User, WeakPassword},
    },
    service::{
        Core, Fault, audit,
        throttle::{Attempt, Verifier},
    },
    store,
};

/// How long a link is good.
pub const LINK_LIFE: Duration = Duration::hours(24);

/// Makes a link for a person, in place of an earlier one; gives the token in it, which is kept nowhere. The password
/// that the person has stays until the link is used.
pub async fn invite(
    core: &Core,
    by: &Grant<ManageUsers>,
    id: UserId,
) -> Result<(User, Secret), SaveUserError> {
    needs_all(by)?;
    let now = core.now();
    let token = token::new().map_err(Fault::from)?;
    let mut tx = core.db.begin().await?;
    let Some(user) = store::users::find(&mut tx, id).await? else {
        return Err(SaveUserError::Gone);
    };
    let hash = token::hash(token.expose());
    let name = &by.actor().name;
    store::users::invitations::put(&mut tx, (id, &hash), name, (now, now + LINK_LIFE)).await?;
    let act = Act::new(AuditEvent::InvitationCreated, &user.username).on(ObjectKind::User, id.0);
    audit::append(core, &mut tx, by.actor(), act).await?;
    tx.commit().await?;
    Ok((user, token))
}

/// Whom a link is for, if it still opens anything.
pub async fn invited(core: &Core, token: &Secret, address: Option<&str>) -> Result<Option<User>, Fault> {
    let mut conn = core.db.read().await?;
    if Attempt::new(Verifier::Link, "", address).is_blocked(core, &mut conn).await? {
        return Ok(None);
    }
    let hash = token::hash(token.expose());
    let Some(id) = store::users::invitations::find(&mut conn, &hash, core.now()).await? else {
        return Ok(None);
    };
    Ok(store::users::find(&mut conn, id).await?.filter(|user| user.is_enabled))
}

/// Sets the password of whom the link is for. The link opens nothing afterwards, and all sessions end.
pub async fn accept(
    core: &Core,
    token: &Secret,
    password: &Secret,
    (address, request): (Option<String>, Option<String>),
) -> Result<User, SaveUserError> {
    let attempt = Attempt::new(Verifier::Link, "", address.as_deref());
    let Some(user) = invited(core, token, address.as_deref()).await? else {
        let mut tx = core.db.begin().await?;
        attempt.failed(core, &mut tx).await?;
        tx.commit().await?;
        return Err(SaveUserError::WrongLink);
    };
    let username = user.username.parse().map_err(|_| SaveUserError::Password(WeakPassword::Common))?;
    PasswordPolicy::of(&core.settings.now()).judge(password, &username)?;
    let hash = hashed(core, password).await?;
    let now = core.now();
    let mut tx = core.db.begin().await?;
    let whose = store::users::invitations::take(&mut tx, &token::hash(token.expose()), now).await?;
    if whose != Some(user.id) {
        return Err(SaveUserError::WrongLink);
    }
    store::users::set_password(&mut tx, user.id, &hash, now).await?;
    store::sessions::delete_of(&mut tx, user.id).await?;
    let actor = Actor {
        user: Some(user.id),
        name: user.username.clone(),
        role: user.role,
        scope: Scope::TagsOf(user.id),
        address,
        request,
        session: None,
    };
    let act = Act::new(AuditEvent::PasswordChanged, &user.username).on(ObjectKind::User, user.id.0);
    audit::append(core, &mut tx, &actor, act.detail("through a link")).await?;
    tx.commit().await?;
    Ok(user)
}
