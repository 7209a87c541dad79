//! People, as administrators see them.

mod edit;
mod invitations;
mod removal;

pub use edit::{disable, enable, end_sessions, reset_password, set_enabled, update};
pub use invitations::{LINK_LIFE, accept, invite, invited};
pub use removal::{UserGoes, delete, what_goes};

use chrono::{DateTime, Utc};

use super::{
    Core, Fault, audit,
    sign_in::{self, SignInError},
};
use crate::{
    crypt::token,
    domain::{
        access::{Grant, ManageUsers, Range, Scope},
        audit::{Act, AuditEvent, Changes, ObjectKind},
        id::{TagId, UserId},
        page::{Page, PageRequest},
        secret::Secret,
        user::{Email, NewUser, OpenSession, PasswordPolicy, User, UserEdit, UserFilter, WeakPassword},
    },
    store::{self, Conn, StoreError},
};

/// Why a person was not added or changed.
#[derive(Debug, thiserror::Error)]
pub enum SaveUserError {
    /// Somebody has this name.
    #[error("there is somebody with the name \"{0}\" already")]
    NameTaken(String),
    /// Somebody has this mail address.
    #[error("somebody has the mail address \"{0}\" already")]
    EmailTaken(String),
    /// Nobody has this name.
    #[error("there is nobody with the name \"{0}\"")]
    Unknown(String),
    /// The person has been deleted.
    #[error("this person has been deleted")]
    Gone,
    /// Somebody else saved the person in the meantime.
    #[error("somebody else has changed this person in the meantime")]
    Changed,
    /// The password will not do.
    #[error(transparent)]
    Password(#[from] WeakPassword),
    /// Nobody could administer any more (S-40).
    #[error("\"{0}\" is the last enabled admin who sees everything; make another one first")]
    LastAdmin(String),
    /// Nobody disables or deletes the own account.
    #[error("nobody can disable or delete the own account; ask another admin")]
    Oneself,
    /// Who sees a part of the devices only could give others more.
    #[error("only accounts that see all devices may administer people")]
    Scope,
    /// Nobody would look after these devices.
    #[error("{0} devices belong to this person; choose who takes them over")]
    OwnsDevices(i64),
    /// The link is not one, was used, or has expired.
    #[error("this link has been used or has expired; ask for a new one")]
    WrongLink,
    /// Too many hashes at once.
    #[error("too many sign-ins at once")]
    Busy,
    /// A fault of ours.
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<StoreError> for SaveUserError {
    fn from(error: StoreError) -> Self {
        Self::Fault(error.into())
    }
}

/// The hash of a new password that the policy accepts.
pub(super) async fn hashed(core: &Core, password: &Secret) -> Result<String, SaveUserError> {
    core.passwords.hash(password).await.map_err(|e| match SignInError::from(e) {
        SignInError::Fault(fault) => SaveUserError::Fault(fault),
        SignInError::Busy | SignInError::Refused => SaveUserError::Busy,
    })
}

/// Administering people with a part of the devices in sight would be a way to see the rest.
fn needs_all(by: &Grant<ManageUsers>) -> Result<(), SaveUserError> {
    if by.scope() == Scope::All { Ok(()) } else { Err(SaveUserError::Scope) }
}

/// Refuses a name or mail address that another than `id` has. The database refuses it too, without saying which.
pub(super) async fn is_free(
    conn: &mut Conn,
    id: Option<UserId>,
    username: Option<&crate::domain::user::Username>,
    email: Option<&Email>,
) -> Result<(), SaveUserError> {
    if let Some(username) = username {
        let other = store::users::find_to_sign_in(conn, &username.key()).await?;
        if other.is_some_and(|(user, _)| Some(user.id) != id) {
            return Err(SaveUserError::NameTaken(username.as_str().to_owned()));
        }
    }
    if let Some(email) = email {
        let other = store::users::find_by_email(conn, &email.key()).await?;
        if other.is_some_and(|user| Some(user.id) != id) {
            return Err(SaveUserError::EmailTaken(email.as_str().to_owned()));
        }
    }
    Ok(())
}

fn taken(error: StoreError, edit: &UserEdit) -> SaveUserError {
    match error {
        StoreError::Conflict => SaveUserError::NameTaken(edit.username.as_str().to_owned()),
        other @ (StoreError::Unavailable(_) | StoreError::Query(_) | StoreError::Unreadable { .. }) => {
            SaveUserError::Fault(other.into())
        }
    }
}

fn listed(tags: &[TagId]) -> String {
    let mut numbers: Vec<i64> = tags.iter().map(|tag| tag.0).collect();
    numbers.sort_unstable();
    numbers.iter().map(i64::to_string).collect::<Vec<_>>().join(" ")
}

fn changes(old: Option<(&User, &[TagId])>, new: &UserEdit) -> Changes {
    let user = old.map(|(user, _)| user);
    let text = |of: fn(&User) -> String| user.map(of).unwrap_or_default();
    Changes::default()
        .field("username", text(|user| user.username.clone()), new.username.as_str())
        .field("full_name", text(|user| user.full_name.clone()), new.full_name.as_str())
        .field(
            "email",
            text(|user| user.email.clone().unwrap_or_default()),
            new.email.as_ref().map_or("", Email::as_str),
        )
        .field("role", text(|user| user.role.to_string()), new.role)
        .field("scope", text(|user| user.range.to_string()), new.range)
        .field("tags", old.map(|(_, tags)| listed(tags)).unwrap_or_default(), listed(&new.tags))
}

/// Adds a person; without a password nobody can sign in as that person until a link was used.
pub async fn create(core: &Core, by: &Grant<ManageUsers>, new: NewUser) -> Result<User, SaveUserError> {
    needs_all(by)?;
    let password = match new.password {
        Some(password) => {
            PasswordPolicy::of(&core.settings.now()).judge(&password, &new.edit.username)?;
            password
        }
        // Nobody knows this one.
        None => token::new().map_err(Fault::from)?,
    };
    let hash = hashed(core, &password).await?;
    let now = core.now();
    let mut tx = core.db.begin().await?;
    is_free(&mut tx, None, Some(&new.edit.username), new.edit.email.as_ref()).await?;
    let user = store::users::insert(&mut tx, &new.edit, &hash, now).await.map_err(|e| taken(e, &new.edit))?;
    let act = Act::new(AuditEvent::UserCreated, &user.username).on(ObjectKind::User, user.id.0);
    audit::append(core, &mut tx, by.actor(), act.changes(changes(None, &new.edit))).await?;
    tx.commit().await?;
    Ok(user)
}

/// A page of the people who match, by name.
pub async fn list(
    core: &Core,
    _by: &Grant<ManageUsers>,
    filter: &UserFilter,
    request: PageRequest,
) -> Result<Page<User>, Fault> {
    Ok(store::users::list(&mut core.db.read().await?, filter, request).await?)
}

/// A person with what hangs on the account.
#[derive(Debug)]
pub struct UserDetail {
    /// The person.
    pub user: User,
    /// The tags whose devices the person sees; empty when all.
    pub tags: Vec<TagId>,
    /// How many devices belong to the person.
    pub devices: i64,
    /// Where the person is signed in.
    pub sessions: Vec<OpenSession>,
    /// Until when a link is good through which the person can choose a password, and who made it.
    pub link: Option<(DateTime<Utc>, String)>,
}

/// The person with this id, if there is one.
pub async fn find(core: &Core, _by: &Grant<ManageUsers>, id: UserId) -> Result<Option<UserDetail>, Fault> {
    let sessions = sign_in::open_sessions(core, id).await?;
    let mut conn = core.db.read().await?;
    let Some(user) = store::users::find(&mut conn, id).await? else {
        return Ok(None);
    };
    let tags = if user.range == Range::All { Vec::new() } else { store::users::tags(&mut conn, id).await? };
    let devices = store::users::devices_of(&mut conn, id).await?;
    let link = store::users::invitations::of(&mut conn, id, core.now()).await?;
    Ok(Some(UserDetail { user, tags, devices, sessions, link }))
}

/// The person with this name, in any case.
pub async fn find_by_name(core: &Core, _by: &Grant<ManageUsers>, name: &str) -> Result<Option<User>, Fault> {
    let key = name.trim().to_lowercase();
    let found = store::users::find_to_sign_in(&mut core.db.read().await?, &key).await?;
    Ok(found.map(|(user, _)| user))
}

/// The person with this mail address, in any case.
pub async fn find_by_email(
    core: &Core,
    _by: &Grant<ManageUsers>,
    email: &str,
) -> Result<Option<User>, Fault> {
    let key = email.trim().to_lowercase();
    Ok(store::users::find_by_email(&mut core.db.read().await?, &key).await?)
}
