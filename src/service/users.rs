//! People.

use super::{Core, Fault, audit, sign_in::SignInError};
use crate::{
    domain::{
        access::{Grant, ManageUsers, Role},
        audit::{Act, AuditEvent},
        secret::Secret,
        user::{NewUser, User, Username, WeakPassword, judge_password},
    },
    store::{self, StoreError},
};

/// Why a person was not added or changed.
#[derive(Debug, thiserror::Error)]
pub enum SaveUserError {
    /// Somebody has this name.
    #[error("there is somebody with the name \"{0}\" already")]
    NameTaken(String),
    /// Nobody has this name.
    #[error("there is nobody with the name \"{0}\"")]
    Unknown(String),
    /// The password will not do.
    #[error(transparent)]
    Password(#[from] WeakPassword),
    /// Nobody could administer any more (S-40).
    #[error("\"{0}\" is the last enabled admin; make another one first")]
    LastAdmin(String),
    /// Too many hashes at once.
    #[error("too many sign-ins at once")]
    Busy,
    /// A fault of ours.
    #[error(transparent)]
    Fault(#[from] Fault),
}

async fn hashed(core: &Core, password: &Secret) -> Result<String, SaveUserError> {
    core.passwords.hash(password).await.map_err(|e| match SignInError::from(e) {
        SignInError::Fault(fault) => SaveUserError::Fault(fault),
        SignInError::Busy | SignInError::Refused => SaveUserError::Busy,
    })
}

/// Adds a person.
pub async fn create(core: &Core, by: &Grant<ManageUsers>, new: NewUser) -> Result<User, SaveUserError> {
    judge_password(&new.password, &new.username)?;
    let hash = hashed(core, &new.password).await?;
    let now = core.now();
    let mut tx = core.db.begin().await.map_err(Fault::from)?;
    let user = match store::users::insert(&mut tx, &new, &hash, now).await {
        Err(StoreError::Conflict) => return Err(SaveUserError::NameTaken(new.username.as_str().to_owned())),
        other => other.map_err(Fault::from)?,
    };
    let about = (user.username.as_str(), Some(user.role.as_str()));
    audit::append(core, &mut tx, by.actor(), Act::about(AuditEvent::UserCreated, about))
        .await
        .map_err(Fault::from)?;
    tx.commit().await.map_err(Fault::from)?;
    Ok(user)
}

/// All people, by name.
pub async fn list(core: &Core, _by: &Grant<ManageUsers>) -> Result<Vec<User>, Fault> {
    Ok(store::users::list(&mut core.db.read().await?).await?)
}

/// Lets a person no longer in and ends all sessions of that person.
pub async fn disable(core: &Core, by: &Grant<ManageUsers>, name: &Username) -> Result<(), SaveUserError> {
    let now = core.now();
    let mut tx = core.db.begin().await.map_err(Fault::from)?;
    let done = async {
        let Some((user, _)) = store::users::find_to_sign_in(&mut tx, &name.key()).await? else {
            return Ok(Err(SaveUserError::Unknown(name.as_str().to_owned())));
        };
        if user.role == Role::Admin && store::users::other_admins(&mut tx, user.id).await? == 0 {
            return Ok(Err(SaveUserError::LastAdmin(user.username)));
        }
        store::users::set_enabled(&mut tx, user.id, false, now).await?;
        store::sessions::delete_of(&mut tx, user.id).await?;
        audit::append(
            core,
            &mut tx,
            by.actor(),
            Act::about(AuditEvent::UserDisabled, (&user.username, None)),
        )
        .await?;
        tx.commit().await?;
        Ok::<_, StoreError>(Ok(()))
    };
    done.await.map_err(Fault::from)?
}

/// Sets a person's password and ends all sessions of that person.
pub async fn reset_password(
    core: &Core,
    by: &Grant<ManageUsers>,
    name: &Username,
    password: &Secret,
) -> Result<(), SaveUserError> {
    judge_password(password, name)?;
    let hash = hashed(core, password).await?;
    let now = core.now();
    let mut tx = core.db.begin().await.map_err(Fault::from)?;
    let done = async {
        let Some((user, _)) = store::users::find_to_sign_in(&mut tx, &name.key()).await? else {
            return Ok(Err(SaveUserError::Unknown(name.as_str().to_owned())));
        };
        store::users::set_password(&mut tx, user.id, &hash, now).await?;
        store::sessions::delete_of(&mut tx, user.id).await?;
        audit::append(
            core,
            &mut tx,
            by.actor(),
            Act::about(AuditEvent::PasswordReset, (&user.username, None)),
        )
        .await?;
        tx.commit().await?;
        Ok::<_, StoreError>(Ok(()))
    };
    done.await.map_err(Fault::from)?
}
