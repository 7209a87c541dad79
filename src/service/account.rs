//! What people see and change of their own account. Whoever is signed in may; no permission is needed.

use super::{
    Core, Fault, audit,
    sign_in::{self, SignInError},
    users::{self, SaveUserError},
};
use crate::{
    crypt::token,
    domain::{
        access::Session,
        audit::{Act, AuditEvent, Changes, ObjectKind},
        id::{SessionId, UserId},
        secret::Secret,
        user::{Email, OpenSession, PasswordPolicy, Profile, User},
    },
    store,
};

/// Why the own account was not changed.
#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    /// Not the password that the person has.
    #[error("this is not your password")]
    WrongPassword,
    /// As with a change by an administrator.
    #[error(transparent)]
    Refused(#[from] SaveUserError),
    /// A fault of ours.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<store::StoreError> for AccountError {
    fn from(error: store::StoreError) -> Self {
        Self::Fault(error.into())
    }
}

fn id(session: &Session) -> UserId {
    session.actor.user.unwrap_or(UserId(0))
}

/// The own account with the browsers in which it is signed in.
pub async fn find(core: &Core, session: &Session) -> Result<Option<(User, Vec<OpenSession>)>, Fault> {
    let sessions = sign_in::open_sessions(core, id(session)).await?;
    let user = store::users::find(&mut core.db.read().await?, id(session)).await?;
    Ok(user.map(|user| (user, sessions)))
}

/// Writes the own name and mail address.
pub async fn update(core: &Core, session: &Session, profile: &Profile) -> Result<(), AccountError> {
    let mut tx = core.db.begin().await?;
    let Some(old) = store::users::find(&mut tx, id(session)).await? else {
        return Err(SaveUserError::Gone.into());
    };
    users::is_free(&mut tx, Some(old.id), None, profile.email.as_ref()).await?;
    store::users::update_profile(&mut tx, old.id, profile, core.now()).await?;
    let changes = Changes::default().field("full_name", &old.full_name, profile.full_name.as_str()).field(
        "email",
        old.email.unwrap_or_default(),
        profile.email.as_ref().map_or("", Email::as_str),
    );
    let act = Act::new(AuditEvent::UserChanged, &old.username).on(ObjectKind::User, old.id.0);
    audit::append(core, &mut tx, &session.actor, act.changes(changes)).await?;
    tx.commit().await?;
    Ok(())
}

/// Sets the own password, and signs out everywhere else unless told otherwise (S-26); gives this session's new token
/// (S-22).
pub async fn change_password(
    core: &Core,
    session: &Session,
    (old, new): (&Secret, &Secret),
    ends_others: bool,
) -> Result<Secret, AccountError> {
    let actor = &session.actor;
    match sign_in::is_oneself(core, actor, old).await {
        Ok(true) => {}
        Ok(false) => return Err(AccountError::WrongPassword),
        Err(SignInError::Fault(fault)) => return Err(fault.into()),
        Err(SignInError::Busy | SignInError::Refused) => return Err(SaveUserError::Busy.into()),
    }
    let username = actor.name.parse().map_err(|_| SaveUserError::Gone)?;
    PasswordPolicy::of(&core.settings.now()).judge(new, &username).map_err(SaveUserError::Password)?;
    let hash = users::hashed(core, new).await?;
    let token = token::new().map_err(Fault::from)?;
    let now = core.now();
    let mut tx = core.db.begin().await?;
    store::users::set_password(&mut tx, id(session), &hash, now).await?;
    store::sessions::confirm(&mut tx, session.id, &token::hash(token.expose()), now).await?;
    if ends_others {
        store::sessions::delete_others(&mut tx, id(session), session.id).await?;
    }
    let act = Act::new(AuditEvent::PasswordChanged, &actor.name).on(ObjectKind::User, id(session).0);
    audit::append(core, &mut tx, actor, act).await?;
    tx.commit().await?;
    Ok(token)
}

/// Ends one of the own sessions, or all but this one; how many that were.
pub async fn end_sessions(core: &Core, session: &Session, one: Option<SessionId>) -> Result<usize, Fault> {
    let mut tx = core.db.begin().await?;
    let count = match one {
        Some(one) => usize::from(store::sessions::delete_one(&mut tx, id(session), one).await?),
        None => store::sessions::delete_others(&mut tx, id(session), session.id).await?,
    };
    if count > 0 {
        let act = Act::new(AuditEvent::SessionsEnded, &session.actor.name);
        let act = act.on(ObjectKind::User, id(session).0);
        audit::append(core, &mut tx, &session.actor, act).await?;
        tx.commit().await?;
    }
    Ok(count)
}
