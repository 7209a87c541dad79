//! What the trail keeps of an act on many devices, and who reads it.

use netraven::{
    domain::{
        access::{Actor, Grant, Role, Scope, ViewAudit},
        audit::{AuditFilter, AuditLine, ObjectKind},
        id::{DeviceId, UserId},
        page::PageRequest,
    },
    service::{audit, devices, tags},
};

use crate::support::{house::House, sql, stock};

async fn lines(house: &House, by: &Grant<ViewAudit>, device: Option<DeviceId>) -> Vec<AuditLine> {
    let filter = AuditFilter {
        kind: device.map(|_| ObjectKind::Device),
        object_id: device.map(|id| id.0),
        ..AuditFilter::default()
    };
    audit::list(&house.core, by, &filter, PageRequest::first(500)).await.unwrap().rows
}

/// The changes of a line: field, before, after.
fn changes(line: &AuditLine) -> Vec<(&str, &str, &str)> {
    let changes = line.changes.0.iter();
    let told = changes.map(|one| (one.field.as_str(), one.before.as_deref(), one.after.as_deref()));
    told.map(|(field, before, after)| (field, before.unwrap_or_default(), after.unwrap_or_default()))
        .collect()
}

#[tokio::test]
async fn every_device_of_an_act_on_many_has_its_line_with_before_and_after() {
    let house = House::new().await;
    let core = &house.core;
    let mut ids = Vec::new();
    for number in 0..25 {
        ids.push(stock::device(core, &format!("core-{number:02}")).await);
    }
    let (tag, shared) = (stock::tag(core, "site").await, stock::shared(core, "tacacs").await);
    devices::set_enabled(core, &stock::grant(), &ids[..1], false).await.unwrap();
    devices::set_enabled(core, &stock::grant(), &ids, false).await.unwrap();
    devices::set_login(core, &stock::grant(), &ids, Some(shared)).await.unwrap();
    tags::assign(core, &stock::grant(), &ids, &[tag], true).await.unwrap();
    devices::delete_many(core, &stock::grant(), &ids).await.unwrap();
    for id in &ids {
        let lines = lines(&house, &stock::grant(), Some(*id)).await;
        let told: Vec<_> = lines.iter().rev().skip(1).flat_map(changes).collect();
        assert_eq!(
            told,
            [
                ("is_enabled", "true", "false"),
                ("credential", "its own", "tacacs"),
                ("tags", "default", "default site")
            ],
            "{id}"
        );
        assert_eq!(lines[0].event.as_str(), "device_deleted");
    }
    let together = sql::texts(
        core,
        "SELECT object AS value FROM audit_events WHERE event = 'devices_changed' ORDER BY id",
    )
    .await;
    assert_eq!(together, ["core-00", "24 devices", "25 devices", "25 devices", "25 devices"]);
    let verdict = audit::verify(core, &stock::grant()).await.unwrap();
    assert!(verdict.first_bad.is_none(), "{verdict:?}");
}

// S-37: an auditor with a scope reads of the devices that they see, and what they did themselves.
#[tokio::test]
async fn the_trail_is_read_within_the_readers_scope() {
    let house = House::new().await;
    let core = &house.core;
    let name = house.person(Role::Auditor).await;
    let (own, foreign) = (stock::device(core, "edge-1").await, stock::device(core, "core-1").await);
    let tag = stock::tag(core, "edge").await;
    tags::assign(core, &stock::grant(), &[own], &[tag], true).await.unwrap();
    for id in [own, foreign] {
        stock::version(core, id, "hostname x\nend\n").await;
    }
    let id = sql::number(core, &format!("SELECT id FROM users WHERE username = '{name}'")).await;
    let give = format!(
        "UPDATE users SET scope = 'tags' WHERE id = {id}; \
         INSERT INTO user_tags (user_id, tag_id) VALUES ({id}, {tag})"
    );
    sql::run(core, &give).await;
    let user = UserId(id);
    let actor =
        Actor { user: Some(user), name, role: Role::Auditor, scope: Scope::TagsOf(user), ..Actor::console() };
    let by: Grant<ViewAudit> = actor.grant().unwrap();
    let read = lines(&house, &by, None).await;
    assert!(!read.is_empty());
    assert!(read.iter().all(|line| line.target == Some((ObjectKind::Device, own.0))), "{read:#?}");
    assert!(lines(&house, &by, Some(foreign)).await.is_empty());
    let all = lines(&house, &stock::grant(), None).await;
    assert!(all.len() > read.len());
    for line in &all {
        let found = audit::find(core, &by, line.id).await.unwrap();
        assert_eq!(found.is_some(), read.iter().any(|one| one.id == line.id), "{line:?}");
    }
    let mut export = audit::export(core, &by, AuditFilter::default(), "csv").await.unwrap();
    let taken = export.next().await.unwrap();
    // What they did themselves is theirs to read: the export itself.
    assert_eq!(taken.len(), read.len() + 1, "{taken:#?}");
}
