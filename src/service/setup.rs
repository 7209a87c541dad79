//! The first admin: made once, by whoever holds the token that the console shows (S-16).

use chrono::Duration;

use super::{
    Core, Fault, audit,
    sign_in::{ABSOLUTE, SignInError},
};
use crate::{
    crypt::token,
    domain::{
        access::{Actor, Role},
        audit::{Act, AuditEvent},
        secret::Secret,
        user::NewUser,
    },
    store::{self, StoreError},
};

/// How long the token opens `/setup`.
pub const LIFE: Duration = Duration::hours(1);

/// Why the first admin was not made.
#[derive(Debug, thiserror::Error)]
pub enum SetUpError {
    /// There is an admin already: the page is gone for good.
    #[error("NetRaven is set up already")]
    Done,
    /// Not the token, or it has expired.
    #[error("the token is wrong or has expired; restart NetRaven for a new one")]
    WrongToken,
    /// Somebody has this name.
    #[error("this name is taken")]
    NameTaken,
    /// Too many hashes at once.
    #[error("too many sign-ins at once")]
    Busy,
    /// A fault of ours.
    #[error(transparent)]
    Fault(#[from] Fault),
}

/// Whether there is no admin yet.
pub async fn is_open(core: &Core) -> Result<bool, Fault> {
    Ok(!store::users::has_admin(&mut core.db.read().await?).await?)
}

/// Makes a token for the console to show, in place of an earlier one; `None` when there is an admin.
pub async fn offer(core: &Core) -> Result<Option<Secret>, Fault> {
    if !is_open(core).await? {
        return Ok(None);
    }
    let token = token::new()?;
    let now = core.now();
    let mut tx = core.db.begin().await?;
    store::sessions::offer_setup(&mut tx, &token::hash(token.expose()), (now, now + LIFE)).await?;
    tx.commit().await?;
    Ok(Some(token))
}

/// Makes the first admin and signs that person in; gives the token for the cookie.
pub async fn claim(
    core: &Core,
    offered: &Secret,
    new: NewUser,
    address: Option<String>,
) -> Result<Secret, SetUpError> {
    let hash = core.passwords.hash(&new.password).await.map_err(|e| match SignInError::from(e) {
        SignInError::Busy => SetUpError::Busy,
        SignInError::Fault(fault) => SetUpError::Fault(fault),
        SignInError::Refused => SetUpError::WrongToken,
    })?;
    let now = core.now();
    let session = token::new().map_err(Fault::from)?;
    let mut tx = core.db.begin().await.map_err(Fault::from)?;
    if store::users::has_admin(&mut tx).await.map_err(Fault::from)? {
        return Err(SetUpError::Done);
    }
    // Whoever deletes the token makes the admin; the other of two finds it gone.
    if !store::sessions::take_setup(&mut tx, &token::hash(offered.expose()), now)
        .await
        .map_err(Fault::from)?
    {
        return Err(SetUpError::WrongToken);
    }
    let new = NewUser { role: Role::Admin, ..new };
    let user = match store::users::insert(&mut tx, &new, &hash, now).await {
        Err(StoreError::Conflict) => return Err(SetUpError::NameTaken),
        other => other.map_err(Fault::from)?,
    };
    let actor = Actor { user: Some(user.id), name: user.username.clone(), address, ..Actor::system() };
    let signed_in = async {
        audit::append(core, &mut tx, &actor, Act::about(AuditEvent::SetUp, (&user.username, None))).await?;
        let times = (now, now + ABSOLUTE);
        store::sessions::insert(
            &mut tx,
            &token::hash(session.expose()),
            user.id,
            actor.address.as_deref(),
            times,
        )
        .await
    };
    signed_in.await.map_err(Fault::from)?;
    tx.commit().await.map_err(Fault::from)?;
    Ok(session)
}
