//! The first admin: made once, by whoever holds the token that the console shows (S-16).

use chrono::Duration;

use super::{
    Core, Fault, audit,
    sign_in::{self, Browser, SignInError},
    throttle::{Attempt, Verifier},
};
use crate::{
    crypt::token,
    domain::{
        access::{Actor, Range, Role},
        audit::{Act, AuditEvent, ObjectKind},
        secret::Secret,
        user::{NewUser, PasswordPolicy, UserEdit, WeakPassword},
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
    /// The password will not do.
    #[error(transparent)]
    Password(#[from] WeakPassword),
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
    browser: Browser,
) -> Result<Secret, SetUpError> {
    let Some(password) = new.password else { return Err(SetUpError::Password(WeakPassword::Common)) };
    PasswordPolicy::of(&core.settings.now()).judge(&password, &new.edit.username)?;
    let hash = core.passwords.hash(&password).await.map_err(|e| match SignInError::from(e) {
        SignInError::Busy => SetUpError::Busy,
        SignInError::Fault(fault) => SetUpError::Fault(fault),
        SignInError::Refused => SetUpError::WrongToken,
    })?;
    let now = core.now();
    let attempt = Attempt::new(Verifier::SetUp, "", browser.address.as_deref());
    let mut tx = core.db.begin().await.map_err(Fault::from)?;
    if store::users::has_admin(&mut tx).await.map_err(Fault::from)? {
        return Err(SetUpError::Done);
    }
    // Whoever deletes the token makes the admin; the other of two finds it gone.
    let is_let = !attempt.is_blocked(core, &mut tx).await.map_err(Fault::from)?
        && store::sessions::take_setup(&mut tx, &token::hash(offered.expose()), now)
            .await
            .map_err(Fault::from)?;
    if !is_let {
        attempt.failed(core, &mut tx).await.map_err(Fault::from)?;
        tx.commit().await.map_err(Fault::from)?;
        return Err(SetUpError::WrongToken);
    }
    let edit = UserEdit { role: Role::Admin, range: Range::All, ..new.edit };
    let user = match store::users::insert(&mut tx, &edit, &hash, now).await {
        Err(StoreError::Conflict) => return Err(SetUpError::NameTaken),
        other => other.map_err(Fault::from)?,
    };
    let address = browser.address.clone();
    let actor = Actor { user: Some(user.id), name: user.username.clone(), address, ..Actor::system() };
    let signed_in = async {
        let (session, token) = sign_in::open(core, &mut tx, user.id, &browser).await?;
        let actor = Actor { session: Some(session), ..actor };
        let act = Act::new(AuditEvent::SetUp, &user.username).on(ObjectKind::User, user.id.0);
        audit::append(core, &mut tx, &actor, act).await?;
        Ok::<_, StoreError>(token)
    };
    let token = signed_in.await.map_err(Fault::from)?;
    tx.commit().await.map_err(Fault::from)?;
    Ok(token)
}
