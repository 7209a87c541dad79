//! Versions: who sees which, finding, caring for and deleting them, archives, comparisons.

mod archives;
mod care;
mod lists;

use netraven::{
    domain::{
        access::{Actor, Grant, Permission, Role, Scope},
        id::{DeviceId, UserId},
    },
    service::Core,
};

use crate::support::{house::House, sql, stock};

/// A person whose scope is the tag `site-a`, and a device with that tag: everything else is foreign.
async fn scoped(house: &House, device: DeviceId) -> UserId {
    house.person(Role::Operator).await;
    let core: &Core = &house.core;
    sql::run(core, "INSERT INTO tags (name, created_at) VALUES ('site-a', CURRENT_TIMESTAMP)").await;
    sql::run(
        core,
        &format!(
            "INSERT INTO device_tags (device_id, tag_id) SELECT {device}, id FROM tags WHERE name = 'site-a'"
        ),
    )
    .await;
    sql::run(core, "UPDATE users SET scope = 'tags' WHERE username = 'operator'").await;
    sql::run(
        core,
        "INSERT INTO user_tags (user_id, tag_id) SELECT users.id, tags.id FROM users, tags \
         WHERE users.username = 'operator' AND tags.name = 'site-a'",
    )
    .await;
    UserId(sql::number(core, "SELECT id FROM users WHERE username = 'operator'").await)
}

/// A grant that extends to that person's devices only.
fn within<P: Permission>(user: UserId) -> Grant<P> {
    let actor = Actor { user: Some(user), scope: Scope::TagsOf(user), ..Actor::console() };
    actor.grant().unwrap()
}

/// Two devices with a version each, of which the first is seen by the person.
async fn two(house: &House) -> (DeviceId, DeviceId, UserId) {
    let own = stock::device(&house.core, "own").await;
    let foreign = stock::device(&house.core, "foreign").await;
    stock::version(&house.core, own, "hostname own\nend\n").await;
    stock::version(&house.core, foreign, "hostname foreign\nend\n").await;
    let user = scoped(house, own).await;
    (own, foreign, user)
}
