//! Deleting a person: what belongs to the person goes to somebody else first.

use super::{SaveUserError, edit, needs_all};
use crate::{
    domain::{
        access::{Grant, ManageUsers},
        audit::{Act, AuditEvent, Changes, ObjectKind},
        id::UserId,
        rule::Field,
        user::User,
    },
    service::{Core, Fault, audit, rules},
    store,
};

/// What goes with a person, and what must find somebody else.
#[derive(Debug)]
pub struct UserGoes {
    /// The person.
    pub user: User,
    /// Devices that belong to the person.
    pub devices: i64,
    /// Sessions that end.
    pub sessions: usize,
    /// Who could take the devices over, by name.
    pub others: Vec<(UserId, String)>,
}

/// What would go with a person; `None` when there is none.
pub async fn what_goes(core: &Core, by: &Grant<ManageUsers>, id: UserId) -> Result<Option<UserGoes>, Fault> {
    let Some(found) = super::find(core, by, id).await? else {
        return Ok(None);
    };
    let mut others = store::users::names(&mut core.db.read().await?).await?;
    others.retain(|(other, _)| *other != id);
    Ok(Some(UserGoes { user: found.user, devices: found.devices, sessions: found.sessions.len(), others }))
}

/// Deletes a person. Devices of the person go to `heir`; what the person did stays in the trail, the versions and the
/// job logs under the name.
pub async fn delete(
    core: &Core,
    by: &Grant<ManageUsers>,
    id: UserId,
    heir: Option<UserId>,
) -> Result<User, SaveUserError> {
    needs_all(by)?;
    if by.actor().user == Some(id) {
        return Err(SaveUserError::Oneself);
    }
    let mut tx = core.db.begin().await?;
    store::users::hold_admins(&mut tx).await?;
    let Some(user) = store::users::find(&mut tx, id).await? else {
        return Err(SaveUserError::Gone);
    };
    edit::keep_an_admin(&mut tx, &user).await?;
    let owned = store::users::owned_by(&mut tx, id).await?;
    let devices = i64::try_from(owned.len()).unwrap_or(i64::MAX);
    let heir = match heir.filter(|heir| *heir != id) {
        Some(heir) => store::users::find(&mut tx, heir).await?,
        None => None,
    };
    let mut changes = Changes::default();
    if devices > 0 {
        let Some(heir) = heir else { return Err(SaveUserError::OwnsDevices(devices)) };
        store::users::set_owner(&mut tx, id, Some(heir.id)).await?;
        rules::after_change(&mut tx, Field::Owner, &owned).await?;
        changes = changes.field("owner", format!("{} ({devices} devices)", user.username), &heir.username);
    }
    edit::take_jobs_back(core, &mut tx, &user, "was deleted").await?;
    store::users::delete(&mut tx, id).await?;
    let act = Act::new(AuditEvent::UserDeleted, &user.username).on(ObjectKind::User, id.0);
    audit::append(core, &mut tx, by.actor(), act.changes(changes)).await?;
    tx.commit().await?;
    Ok(user)
}
