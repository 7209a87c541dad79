//! Signing in and out, and who a cookie stands for.

use std::collections::BTreeMap;

use chrono::{DateTime, Duration, Utc};

use super::{
    Core, Fault, audit,
    throttle::{Attempt, Verifier},
};
use crate::{
    crypt::{
        password::{PasswordError, Verdict},
        token,
    },
    domain::{
        access::{Actor, Role, Scope, Session},
        audit::{Act, AuditEvent, ObjectKind},
        id::{SessionId, UserId},
        secret::Secret,
        user::User,
    },
    store::{self, StoreError, Tx},
};

pub use crate::store::sessions::Browser;

/// Why somebody is not signed in.
#[derive(Debug, thiserror::Error)]
pub enum SignInError {
    /// Wrong name, wrong password, disabled, too many attempts: the same for all (S-14).
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

impl From<StoreError> for SignInError {
    fn from(error: StoreError) -> Self {
        Self::Fault(error.into())
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
    pub browser: Browser,
    /// The request's id.
    pub request: Option<String>,
}

/// How long sessions last, by the settings as they are now.
fn since(core: &Core) -> (DateTime<Utc>, DateTime<Utc>) {
    let settings = core.settings.now();
    let now = core.now();
    (now - Duration::minutes(settings.session_idle_minutes), now - Duration::days(settings.session_days))
}

/// Opens a session for somebody who has proved who it is; gives its row and the token for the cookie.
pub(super) async fn open(
    core: &Core,
    tx: &mut Tx,
    user: UserId,
    browser: &Browser,
) -> Result<(SessionId, Secret), StoreError> {
    let now = core.now();
    let token = token::new().map_err(|error| StoreError::Unavailable(error.to_string()))?;
    let times = (now, now + Duration::days(core.settings.now().session_days));
    let id = store::sessions::insert(tx, &token::hash(token.expose()), user, browser, times).await?;
    Ok((id, token))
}

/// Checks name and password and opens a session; gives the token for the cookie.
pub async fn sign_in(core: &Core, ask: SignIn) -> Result<Secret, SignInError> {
    let key = ask.username.trim().to_lowercase();
    let attempt = Attempt::new(Verifier::Password, &key, ask.browser.address.as_deref());
    let found = store::users::find_to_sign_in(&mut core.db.read().await?, &key).await?;
    // A disabled person's hash is checked all the same, so that the answer takes as long.
    let hash = found.as_ref().map(|(_, hash)| hash.clone());
    let verdict = core.passwords.check(&ask.password, hash).await?;
    let mut actor = Actor {
        user: None,
        name: key.chars().take(64).collect(),
        role: Role::Viewer,
        scope: Scope::TagsOf(UserId(0)),
        address: ask.browser.address.clone(),
        request: ask.request,
        session: None,
    };
    let mut tx = core.db.begin().await?;
    // Asked only now: of many attempts at once no more than the allowed ones are counted before the pause holds.
    let is_blocked = attempt.is_blocked(core, &mut tx).await?;
    let is_right = verdict != Verdict::Wrong && !is_blocked;
    let user = found.map(|(user, _)| user).filter(|user| user.is_enabled && is_right);
    let Some(user) = user else {
        refuse(core, tx, &actor, (&attempt, is_blocked)).await?;
        return Err(SignInError::Refused);
    };
    actor.user = Some(user.id);
    actor.name.clone_from(&user.username);
    let rehashed = match &verdict {
        Verdict::RightAndRehashed(hash) => Some(hash.as_str()),
        Verdict::Right | Verdict::Wrong => None,
    };
    attempt.succeeded(&mut tx).await?;
    Ok(let_in(core, tx, (&actor, &user), (&ask.browser, rehashed)).await?)
}

async fn refuse(
    core: &Core,
    mut tx: Tx,
    actor: &Actor,
    (attempt, is_blocked): (&Attempt, bool),
) -> Result<(), StoreError> {
    let begins = !is_blocked && attempt.failed(core, &mut tx).await?;
    let act = Act::new(AuditEvent::SignInRefused, &actor.name).refused();
    let act = match (is_blocked, begins) {
        (true, _) => act.detail("paused after too many failures"),
        (_, true) => act.detail("too many failures: paused from here on"),
        _ => act,
    };
    audit::append(core, &mut tx, actor, act).await?;
    tx.commit().await
}

async fn let_in(
    core: &Core,
    mut tx: Tx,
    (actor, user): (&Actor, &User),
    (browser, rehashed): (&Browser, Option<&str>),
) -> Result<Secret, StoreError> {
    let now = core.now();
    let (session, token) = open(core, &mut tx, user.id, browser).await?;
    let actor = Actor { session: Some(session), ..actor.clone() };
    store::users::signed_in(&mut tx, user.id, rehashed, now).await?;
    store::sessions::delete_expired(&mut tx, now).await?;
    let act = Act::new(AuditEvent::SignedIn, &user.username).on(ObjectKind::User, user.id.0);
    audit::append(core, &mut tx, &actor, act).await?;
    tx.commit().await?;
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
    let (seen_since, opened_since) = since(core);
    if kept.expires_at <= now || kept.seen_at <= seen_since || kept.created_at <= opened_since {
        return Ok(None);
    }
    // A write for each request would cost more than the page; a minute's precision is enough.
    if is_activity && kept.seen_at + Duration::minutes(1) <= now {
        match store::sessions::touch(&mut core.db.write().await?, kept.id, now).await {
            // A database that can only be read must not keep people from reading.
            Err(StoreError::Unavailable(why)) => core.outage.begins(&why),
            other => other?,
        }
    }
    let actor = Actor {
        user: Some(kept.user),
        name: kept.username,
        role: kept.role,
        scope: kept.scope,
        address: None,
        request: None,
        session: Some(kept.id),
    };
    Ok(Some(Session { id: kept.id, actor, confirmed_at: kept.confirmed_at }))
}

/// Those of these sessions that still stand, with what their persons may now: for streams that outlive the request
/// that opened them (S-24, S-25).
pub(super) async fn alive(
    core: &Core,
    ids: &[SessionId],
) -> Result<BTreeMap<SessionId, (Role, Scope)>, Fault> {
    Ok(store::sessions::alive(&mut core.db.read().await?, ids, core.now(), since(core)).await?)
}

/// The open sessions of a person, the last used first.
pub(super) async fn open_sessions(
    core: &Core,
    user: UserId,
) -> Result<Vec<crate::domain::user::OpenSession>, Fault> {
    Ok(store::sessions::of(&mut core.db.read().await?, user, since(core)).await?)
}

/// Ends the session that a cookie stands for.
pub async fn sign_out(core: &Core, by: &Actor, token: &str) -> Result<(), Fault> {
    let mut tx = core.db.begin().await?;
    if store::sessions::delete(&mut tx, &token::hash(token)).await? {
        audit::append(core, &mut tx, by, Act::new(AuditEvent::SignedOut, &by.name)).await?;
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
    let mut tx = core.db.begin().await?;
    let attempt = Attempt::new(Verifier::Confirmation, &actor.name, actor.address.as_deref());
    let is_let = is_right && !attempt.is_blocked(core, &mut tx).await?;
    let act = if is_let {
        attempt.succeeded(&mut tx).await?;
        store::sessions::confirm(&mut tx, session.id, &token::hash(token.expose()), now).await?;
        Act::new(AuditEvent::Confirmed, &actor.name)
    } else {
        attempt.failed(core, &mut tx).await?;
        Act::new(AuditEvent::ConfirmationRefused, &actor.name).refused()
    };
    audit::append(core, &mut tx, actor, act).await?;
    tx.commit().await?;
    if is_let { Ok(token) } else { Err(SignInError::Refused) }
}

/// Whether this is the person's own password, asked again before something that cannot be taken back (S-27). Wrong
/// ones are counted and told in the trail.
pub async fn is_oneself(core: &Core, actor: &Actor, password: &Secret) -> Result<bool, SignInError> {
    let is_right = is_password_of(core, actor, password).await?;
    let attempt = Attempt::new(Verifier::Confirmation, &actor.name, actor.address.as_deref());
    let mut tx = core.db.begin().await?;
    let is_let = is_right && !attempt.is_blocked(core, &mut tx).await?;
    if is_let {
        attempt.succeeded(&mut tx).await?;
    } else {
        attempt.failed(core, &mut tx).await?;
        let act = Act::new(AuditEvent::ConfirmationRefused, &actor.name).refused();
        audit::append(core, &mut tx, actor, act).await?;
    }
    tx.commit().await?;
    Ok(is_let)
}

async fn is_password_of(core: &Core, actor: &Actor, password: &Secret) -> Result<bool, SignInError> {
    let key = actor.name.to_lowercase();
    let found = store::users::find_to_sign_in(&mut core.db.read().await?, &key).await?;
    Ok(core.passwords.check(password, found.map(|(_, hash)| hash)).await? != Verdict::Wrong)
}
