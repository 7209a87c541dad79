//! Rules follow every field that they may look at, whatever changes it.

use netraven::{
    domain::{
        access::{ManageUsers, Range, Role},
        failure::{Failure, FailureClass, Stage},
        id::{DeviceId, UserId},
        job::Ended,
        user::{FullName, UserEdit},
    },
    service::{
        Core,
        capture::{self, Brought},
        devices, jobs, users,
    },
};

use crate::support::{house::House, sql, stock};

async fn held(core: &Core) -> Vec<String> {
    let sql = "SELECT devices.name || ' ' || tags.name AS value FROM device_tags \
               JOIN devices ON devices.id = device_id JOIN tags ON tags.id = tag_id \
               WHERE NOT tags.is_default ORDER BY 1";
    sql::texts(core, sql).await
}

/// Ends a check of the device's reachability.
async fn checked(core: &Core, device: DeviceId, is_reachable: bool) {
    jobs::check(core, &stock::grant(), jobs::Which::These(vec![device])).await.unwrap().unwrap();
    let job = stock::claim(core, "test", 1).await.remove(0);
    let ended = if is_reachable {
        Ended::Answered("It answers.".to_owned())
    } else {
        Ended::Failed(Failure::new(FailureClass::Unreachable, Stage::Connect, "no answer"))
    };
    let brought = Brought {
        job: &job,
        platform: None,
        known: None,
        ended,
        lines: Vec::new(),
        duration_ms: 1,
        transcript: None,
        accepted: None,
    };
    capture::record(core, brought).await.unwrap();
}

#[tokio::test]
async fn a_rule_follows_what_a_check_finds() {
    let house = House::new().await;
    let core = &house.core;
    let device = stock::device(core, "core-1").await;
    stock::rule(core, "gone", "gone", "reachable equals no").await;
    stock::rule(core, "there", "there", "reachable equals yes").await;
    assert_eq!(held(core).await, Vec::<String>::new());
    checked(core, device, false).await;
    assert_eq!(held(core).await, ["core-1 gone"]);
    checked(core, device, true).await;
    assert_eq!(held(core).await, ["core-1 there"]);
}

// Checks write down only forward in time, and so do jobs; what the device has now is another matter.
#[tokio::test]
async fn marks_move_forward_in_time_only_and_the_current_version_with_what_is_kept() {
    let house = House::new().await;
    let core = &house.core;
    let device = stock::device(core, "core-1").await;
    checked(core, device, true).await;
    stock::version(core, device, "hostname core-1\nend\n").await;
    let marks = "SELECT CAST(last_job_at AS TEXT) || ' ' || CAST(last_good_at AS TEXT) || ' ' || \
                 CAST(reachability_at AS TEXT) || ' ' || CAST(last_job_id AS TEXT) AS value FROM devices";
    let before = sql::texts(core, marks).await;
    house.clock.back(std::time::Duration::from_hours(1));
    checked(core, device, false).await;
    let newest = stock::version(core, device, "hostname core-1\n!\nend\n").await;
    assert_eq!(sql::texts(core, marks).await, before, "not back in time");
    assert_eq!(sql::number(core, "SELECT count(*) FROM devices WHERE is_reachable").await, 1);
    // the next capture is compared with what was kept last, or it would be kept again and again.
    let found = devices::find(core, &stock::grant(), device).await.unwrap().unwrap().device;
    assert_eq!(found.current_backup, Some(newest));
    house.clock.advance(std::time::Duration::from_hours(2));
    checked(core, device, false).await;
    assert_eq!(sql::number(core, "SELECT count(*) FROM devices WHERE is_reachable").await, 0);
    assert_ne!(sql::texts(core, marks).await, before);
}

#[tokio::test]
async fn a_rule_follows_the_owner_through_a_new_name_and_a_transfer() {
    let house = House::new().await;
    let core = &house.core;
    for role in [Role::Operator, Role::Viewer] {
        house.person(role).await;
    }
    let id = async |name: &str| {
        UserId(sql::number(core, &format!("SELECT id FROM users WHERE username = '{name}'")).await)
    };
    let (operator, viewer) = (id("operator").await, id("viewer").await);
    let mut new = stock::new_device("core-1", "core-1.example.net", "p");
    new.owner = Some(operator);
    devices::create(core, &stock::grant(), new).await.unwrap();
    stock::rule(core, "of olga", "olga", "owner equals olga").await;
    stock::rule(core, "of viewer", "looked-at", "owner equals viewer").await;
    assert_eq!(held(core).await, Vec::<String>::new());
    let by = stock::grant::<ManageUsers>();
    let known = users::find(core, &by, operator).await.unwrap().unwrap().user;
    let edit = UserEdit {
        username: "olga".parse().unwrap(),
        full_name: FullName::default(),
        email: None,
        role: known.role,
        range: Range::All,
        tags: Vec::new(),
    };
    users::update(core, &by, (operator, known.version), &edit).await.unwrap();
    assert_eq!(held(core).await, ["core-1 olga"]);
    users::delete(core, &by, operator, Some(viewer)).await.unwrap();
    assert_eq!(held(core).await, ["core-1 looked-at"]);
}
