//! Signing in and out, and who a cookie stands for.

use chrono::Duration;

use super::{Core, Fault, audit};
use crate::{
    crypt::{
        password::{PasswordError, Verdict},
        token,
    },
    domain::{
        access::{Actor, Role, Scope, Session},
        audit::{Act, AuditEvent},
        id::{SessionId, UserId},
        secret::Secret,
    },
    store,
};

/// A session ends after this long without a request of a person (S-24).
pub const IDLE: Duration = Duration::minutes(30);

/// A session ends after this long in any case (S-24).
pub const ABSOLUTE: Duration = Duration::hours(12);

/// Why somebody is not signed in.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// Wrong name, wrong password, disabled: the same for all (S-14).
    #[error("the name or the password is wrong")]
    Refused,
    /// Too many people sign in at once.
    #[error("too many sign-ins at once")]
    Busy,
    /// A fault of ours.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<PasswordError> for SignInError {
    fn from(error: PasswordError) -> Self {
        match error {
            PasswordError::Busy => Self::Busy,
            other @ PasswordError::Hash(_) => Self::Fault(Fault::Broken(other.into())),
        }
    }
}

/// A request to be signed in.
#[derive(Debug)]
pub struct SignIn {
    /// The name as typed.
    pub username: String,
    /// The password as typed.
    pub password: Secret,
    /// Where the request came from.
    pub address: Option<String>,
    /// The request's id.
    pub request: Option<String>,
}

/// Checks name and password and opens a session; gives the token for the cookie.
pub async fn sign_in(core: &Core, ask: SignIn) -> Result<Secret, SignInError> {
    let key = ask.username.trim().to_lowercase();
    let found = store::users::find_to_sign_in(&mut core.db.read().await.map_err(Fault::from)?, &key)
        .await
        .map_err(Fault::from)?;
    // A disabled person's hash is checked all the same, so that the answer takes as long.
    let hash = found.as_ref().map(|(_, hash)| hash.clone());
    let verdict = core.passwords.check(&ask.password, hash).await?;
    let mut actor = Actor {
        user: None,
        name: key.chars().take(64).collect(),
        role: Role::Viewer,
        scope: Scope::TagsOf(UserId(0)),
        address: ask.address,
        request: ask.request,
    };
    let now = core.now();
    let mut tx = core.db.begin().await.map_err(Fault::from)?;
    let rehashed = match &verdict {
        Verdict::RightAndRehashed(hash) => Some(hash.as_str()),
        Verdict::Right | Verdict::Wrong => None,
    };
    let user = found.map(|(user, _)| user).filter(|user| user.is_enabled && verdict != Verdict::Wrong);
    let Some(user) = user else {
        let name = actor.name.clone();
        audit::append(core, &mut tx, &actor, Act::about(AuditEvent::SignInRefused, (&name, None)))
            .await
            .map_err(Fault::from)?;
        tx.commit().await.map_err(Fault::from)?;
        return Err(SignInError::Refused);
    };
    actor.user = Some(user.id);
    actor.name.clone_from(&user.username);
    let token = token::new().map_err(Fault::from)?;
    let times = (now, now + ABSOLUTE);
    let opened = async {
        store::sessions::insert(
            &mut tx,
            &token::hash(token.expose()),
            user.id,
            actor.address.as_deref(),
            times,
        )
        .await?;
        store::users::signed_in(&mut tx, user.id, rehashed, now).await?;
        store::sessions::delete_expired(&mut tx, now).await?;
        audit::append(core, &mut tx, &actor, Act::about(AuditEvent::SignedIn, (&user.username, None))).await
    };
    opened.await.map_err(Fault::from)?;
    tx.commit().await.map_err(Fault::from)?;
    Ok(token)
}

/// The session that a cookie stands for, if it is one and has not ended.
///
/// `is_activity` says whether a person did this: a page, not a live stream's polling.
pub async fn session(core: &Core, token: &str, is_activity: bool) -> Result<Option<Session>, Fault> {
    let Some(kept) = store::sessions::find(&mut core.db.read().await?, &token::hash(token)).await? else {
        return Ok(None);
    };
    let now = core.now();
    if kept.expires_at <= now || kept.seen_at + IDLE <= now {
        return Ok(None);
    }
    // A write for each request would cost more than the page; a minute's precision is enough.
    if is_activity && kept.seen_at + Duration::minutes(1) <= now {
        store::sessions::touch(&mut core.db.write().await?, kept.id, now).await?;
    }
    let actor = Actor {
        user: Some(kept.user),
        name: kept.username,
        role: kept.role,
        scope: kept.scope,
        address: None,
        request: None,
    };
    Ok(Some(Session { id: kept.id, actor, confirmed_at: kept.confirmed_at }))
}

/// Whether a session still stands, for streams that outlive the request that opened them (S-24, S-25).
pub async fn is_alive(core: &Core, id: SessionId) -> Result<bool, Fault> {
    let now = core.now();
    Ok(store::sessions::is_alive(&mut core.db.read().await?, id, (now, now - IDLE)).await?)
}

/// Ends the session that a cookie stands for.
pub async fn sign_out(core: &Core, by: &Actor, token: &str) -> Result<(), Fault> {
    let mut tx = core.db.begin().await?;
    if store::sessions::delete(&mut tx, &token::hash(token)).await? {
        audit::append(core, &mut tx, by, Act::about(AuditEvent::SignedOut, (&by.name, None))).await?;
    }
    tx.commit().await?;
    Ok(())
}

/// Takes the person's own password again, for what cannot be taken back (S-27); gives the session's new token (S-22).
pub async fn confirm(core: &Core, session: &Session, password: &Secret) -> Result<Secret, SignInError> {
    let actor = &session.actor;
    let is_right = is_password_of(core, actor, password).await?;
    let token = token::new().map_err(Fault::from)?;
    let now = core.now();
    let event = if is_right { AuditEvent::Confirmed } else { AuditEvent::ConfirmationRefused };
    let mut act = Act::new(event, &actor.name);
    if !is_right {
        act = act.refused();
    }
    let mut tx = core.db.begin().await.map_err(Fault::from)?;
    let done = async {
        if is_right {
            store::sessions::confirm(&mut tx, session.id, &token::hash(token.expose()), now).await?;
        }
        audit::append(core, &mut tx, actor, act).await?;
        tx.commit().await
    };
    done.await.map_err(Fault::from)?;
    if is_right { Ok(token) } else { Err(SignInError::Refused) }
}

/// Whether this is the person's own password, asked again before something that cannot be taken back (S-27).
pub async fn is_password_of(core: &Core, actor: &Actor, password: &Secret) -> Result<bool, SignInError> {
    let key = actor.name.to_lowercase();
    let found = store::users::find_to_sign_in(&mut core.db.read().await.map_err(Fault::from)?, &key)
        .await
        .map_err(Fault::from)?;
    Ok(core.passwords.check(password, found.map(|(_, hash)| hash)).await? != Verdict::Wrong)
}
