//! S-37: who sees only some devices changes no schedule and no black-out that reaches beyond them.

use netraven::{
    domain::{
        access::{Actor, Grant, ManageSchedules, Role, Scope, ViewDevices},
        id::{DeviceId, UserId},
        schedule::{NewBlackout, NewSchedule, Recurrence, Targets, Window},
    },
    service::{
        blackouts::{self, SaveBlackoutError},
        schedules::{self, AddDevicesError, SaveScheduleError},
    },
};

use crate::support::{
    house::{House, PASSWORD},
    sql, stock,
};

/// An operator who sees the devices of one tag, of which there is one.
async fn limited(house: &House) -> (Actor, DeviceId) {
    let (core, name) = (&house.core, house.person(Role::Operator).await);
    let device = stock::device(core, "edge-1").await;
    let tag = stock::tag(core, "edge").await;
    netraven::service::tags::assign(core, &stock::grant(), &[device], &[tag], true).await.unwrap();
    let id = sql::number(core, &format!("SELECT id FROM users WHERE username = '{name}'")).await;
    let give = format!(
        "UPDATE users SET scope = 'tags' WHERE id = {id}; \
         INSERT INTO user_tags (user_id, tag_id) VALUES ({id}, {tag})"
    );
    sql::run(core, &give).await;
    let user = UserId(id);
    let actor = Actor {
        user: Some(user),
        name,
        role: Role::Operator,
        scope: Scope::TagsOf(user),
        ..Actor::console()
    };
    (actor, device)
}

fn hourly(name: &str) -> NewSchedule {
    NewSchedule::new(name, Recurrence::every("60").unwrap())
}

#[tokio::test]
async fn only_ones_own_schedules_are_changed() {
    let house = House::new().await;
    let core = &house.core;
    let (actor, own) = limited(&house).await;
    let by: Grant<ManageSchedules> = actor.clone().grant().unwrap();
    let foreign = stock::device(core, "core-1").await;
    let everything = stock::schedule(core, "nightly", "60").await;
    let mut named = hourly("named");
    named.targets = Targets::Devices(vec![foreign]);
    let named = schedules::create(core, &stock::grant(), &named).await.unwrap();
    let before = sql::everything(core).await;
    for id in [everything, named] {
        let refused = schedules::update(core, &by, (id, 1), &hourly("mine")).await;
        assert!(matches!(refused, Err(SaveScheduleError::Scope)), "{refused:?}");
        let refused = schedules::set_enabled(core, &by, id, false).await;
        assert!(matches!(refused, Err(SaveScheduleError::Scope)), "{refused:?}");
        let refused = schedules::delete(core, &by, id).await;
        assert!(matches!(refused, Err(SaveScheduleError::Scope)), "{refused:?}");
        let refused = schedules::add_devices(core, &by, id, &[own]).await;
        assert!(matches!(refused, Err(AddDevicesError::Scope(_))), "{refused:?}");
    }
    assert!(sql::everything(core).await == before, "nothing was changed");
    assert_eq!(schedules::by_device(core, &by).await.unwrap(), []);
    // Their own have their own rights, so they reach no further than they see.
    let mine = schedules::create(core, &by, &hourly("mine")).await.unwrap();
    let view: Grant<ViewDevices> = Actor::console().grant().unwrap();
    schedules::update(core, &by, (mine, 1), &hourly("still mine")).await.unwrap();
    schedules::set_enabled(core, &by, mine, false).await.unwrap();
    assert!(!schedules::find(core, &view, mine).await.unwrap().unwrap().is_enabled);
    // Who sees everything may take it over, and then it is theirs no more.
    schedules::update(core, &stock::grant(), (mine, 3), &hourly("ours")).await.unwrap();
    let refused = schedules::delete(core, &by, mine).await;
    assert!(matches!(refused, Err(SaveScheduleError::Scope)), "{refused:?}");
}

#[tokio::test]
async fn only_ones_own_schedules_are_blacked_out() {
    let house = House::new().await;
    let core = &house.core;
    let (actor, _) = limited(&house).await;
    let by: Grant<ManageSchedules> = actor.grant().unwrap();
    let all = stock::blackout(core, "freeze", &["0"], ("08:00", "18:00")).await;
    let nightly = stock::schedule(core, "nightly", "60").await;
    let mine = schedules::create(core, &by, &hourly("mine")).await.unwrap();
    let window = || Window::parse(&["1".to_owned()], ("08:00", "18:00"), "UTC").unwrap();
    let new = |schedule| NewBlackout { name: "quiet".to_owned(), schedule, window: window() };
    for schedule in [None, Some(nightly)] {
        let refused = blackouts::create(core, &by, &new(schedule)).await;
        assert!(matches!(refused, Err(SaveBlackoutError::Scope)), "{refused:?}");
    }
    let own = blackouts::create(core, &by, &new(Some(mine))).await.unwrap();
    // Neither is one of all made one's own, nor one's own one of all.
    for (id, schedule) in [(all, Some(mine)), (own, None), (own, Some(nightly))] {
        let refused = blackouts::update(core, &by, id, &new(schedule)).await;
        assert!(matches!(refused, Err(SaveBlackoutError::Scope)), "{refused:?}");
    }
    let refused = blackouts::delete(core, &by, all).await;
    assert!(matches!(refused, Err(SaveBlackoutError::Scope)), "{refused:?}");
    assert!(blackouts::delete(core, &by, own).await.unwrap());
    assert_eq!(sql::number(core, "SELECT count(*) FROM blackouts").await, 1);
}

#[tokio::test]
async fn pages_offer_nothing_that_is_refused() {
    let house = House::new().await;
    let core = &house.core;
    stock::schedule(core, "nightly", "60").await;
    stock::blackout(core, "freeze", &["0"], ("08:00", "18:00")).await;
    limited(&house).await;
    let operator = house.visitor();
    operator.post("/login", &[("username", "operator"), ("password", PASSWORD)]).await;
    let page = operator.page("/schedules/1").await;
    assert!(page.contains("you can change only the schedules that you saved yourself"), "{page}");
    for offer in ["/schedules/1/edit", "/schedules/1/delete", "/schedules/1/toggle"] {
        assert!(!page.contains(offer), "{offer}");
    }
    assert!(!operator.page("/blackouts").await.contains("href=\"/blackouts/1\""));
    assert!(!operator.page("/blackouts/new").await.contains("All schedules"));
    let before = sql::everything(core).await;
    for address in ["/schedules/1/edit", "/schedules/1/delete", "/blackouts/1", "/blackouts/1/delete"] {
        assert_eq!(operator.get(address).await.status(), reqwest::StatusCode::SEE_OTHER, "{address}");
        assert_eq!(operator.post(address, &[]).await.status(), reqwest::StatusCode::SEE_OTHER, "{address}");
    }
    operator.post("/schedules/1/toggle", &[("to", "off")]).await;
    let after = sql::everything(core).await;
    for table in ["schedules", "blackouts", "audit_events"] {
        assert_eq!(after[table], before[table], "{table}");
    }
}
