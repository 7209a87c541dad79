//! People: one name and one mail address each, an admin always left, and nothing lost when somebody goes.

use netraven::{
    domain::{
        access::{Actor, ManageUsers, Range, Role, Scope},
        id::UserId,
        job::JobState,
        page::PageRequest,
        secret::Secret,
        user::{NewUser, User, UserEdit, UserFilter},
    },
    service::{
        Core, devices, jobs,
        users::{self, SaveUserError},
    },
};

use crate::support::{
    house::{House, PASSWORD},
    sql, stock,
};

fn new(name: &str, role: Role) -> NewUser {
    NewUser::new(name.parse().unwrap(), role, Secret::new(PASSWORD))
}

async fn person(core: &Core, name: &str, role: Role) -> User {
    users::create(core, &stock::grant(), new(name, role)).await.unwrap()
}

fn edit_of(user: &User) -> UserEdit {
    UserEdit {
        username: user.username.parse().unwrap(),
        full_name: user.full_name.parse().unwrap(),
        email: user.email.as_ref().map(|mail| mail.parse().unwrap()),
        role: user.role,
        range: user.range,
        tags: Vec::new(),
    }
}

#[tokio::test]
async fn names_and_mail_addresses_are_taken_once_in_any_case() {
    let house = House::new().await;
    let (core, by) = (&house.core, stock::grant::<ManageUsers>());
    let mut olga = new("Olga", Role::Viewer);
    olga.edit.email = Some("Olga@Example.net".parse().unwrap());
    let olga = users::create(core, &by, olga).await.unwrap();
    let again = users::create(core, &by, new("oLGA", Role::Viewer)).await;
    assert!(matches!(again, Err(SaveUserError::NameTaken(name)) if name == "oLGA"));
    let mut other = new("piet", Role::Viewer);
    other.edit.email = Some("olga@example.NET".parse().unwrap());
    assert!(matches!(users::create(core, &by, other).await, Err(SaveUserError::EmailTaken(_))));
    assert_eq!(users::find_by_name(core, &by, " OLGA ").await.unwrap().unwrap().id, olga.id);
    assert_eq!(users::find_by_email(core, &by, "OLGA@example.net").await.unwrap().unwrap().id, olga.id);
    assert!(users::find_by_email(core, &by, "nobody@example.net").await.unwrap().is_none());
    let piet = person(core, "piet", Role::Viewer).await;
    let mut edit = edit_of(&piet);
    edit.username = "OLGA".parse().unwrap();
    let taken = users::update(core, &by, (piet.id, piet.version), &edit).await;
    assert!(matches!(taken, Err(SaveUserError::NameTaken(_))));
}

#[tokio::test]
async fn people_are_found_by_word_role_and_state_page_by_page() {
    let house = House::new().await;
    let (core, by) = (&house.core, stock::grant::<ManageUsers>());
    for (name, role) in
        [("anna", Role::Admin), ("bert", Role::Viewer), ("carl", Role::Viewer), ("dora", Role::Auditor)]
    {
        let mut new = new(name, role);
        new.edit.full_name = format!("{name} Müller").parse().unwrap();
        new.edit.email = Some(format!("{name}@example.net").parse().unwrap());
        users::create(core, &by, new).await.unwrap();
    }
    users::disable(core, &by, &"carl".parse().unwrap()).await.unwrap();
    let found = async |filter: UserFilter, size| {
        let page = users::list(core, &by, &filter, PageRequest::first(size)).await.unwrap();
        (page.rows.into_iter().map(|user| user.username).collect::<Vec<_>>().join(" "), page.total)
    };
    assert_eq!(found(UserFilter::default(), 9).await, ("anna bert carl dora".into(), 4));
    assert_eq!(found(UserFilter::default(), 2).await, ("anna bert".into(), 4));
    let text = |text: &str| UserFilter { text: text.to_owned(), ..UserFilter::default() };
    assert_eq!(found(text("bert@"), 9).await.0, "bert");
    assert_eq!(found(text("dora m"), 9).await.0, "dora");
    assert_eq!(found(text("%"), 9).await.1, 0);
    let viewers = UserFilter { role: Some(Role::Viewer), ..UserFilter::default() };
    assert_eq!(found(viewers.clone(), 9).await.0, "bert carl");
    assert_eq!(found(UserFilter { is_enabled: Some(false), ..viewers }, 9).await.0, "carl");
}

// S-22, S-25: what somebody may do from now on holds from now on.
#[tokio::test]
async fn an_edit_is_told_field_by_field_and_a_new_role_ends_the_sessions() {
    let house = House::new().await;
    let (core, by) = (&house.core, stock::grant::<ManageUsers>());
    let visitor = house.signed_in(Role::Viewer).await;
    let viewer = users::find_by_name(core, &by, "viewer").await.unwrap().unwrap();
    let mut edit = edit_of(&viewer);
    edit.full_name = "Vera".parse().unwrap();
    users::update(core, &by, (viewer.id, viewer.version), &edit).await.unwrap();
    assert_eq!(visitor.get("/devices").await.status(), 200, "a name is no reason to sign in again");
    let stale = users::update(core, &by, (viewer.id, viewer.version), &edit).await;
    assert!(matches!(stale, Err(SaveUserError::Changed)));
    let tag = stock::tag(core, "berlin").await;
    edit.role = Role::Operator;
    edit.range = Range::Tags;
    edit.tags = vec![tag];
    users::update(core, &by, (viewer.id, viewer.version + 1), &edit).await.unwrap();
    assert_eq!(visitor.get("/devices").await.status(), 303);
    let found = users::find(core, &by, viewer.id).await.unwrap().unwrap();
    assert_eq!((found.user.role, found.tags.as_slice()), (Role::Operator, [tag].as_slice()));
    let told =
        "SELECT coalesce(changes, '') AS value FROM audit_events WHERE event = 'user_changed' ORDER BY id";
    let told = sql::texts(core, told).await;
    assert!(told[0].contains("full_name") && !told[0].contains("role"), "{told:?}");
    assert!(
        told[1].contains(r#""before":"viewer","after":"operator""#) && told[1].contains("tags"),
        "{told:?}"
    );
    let gone = users::update(core, &by, (UserId(999), 1), &edit).await;
    assert!(matches!(gone, Err(SaveUserError::Gone)));
}

// S-40
#[tokio::test]
async fn the_last_admin_who_sees_everything_stays() {
    let house = House::new().await;
    let (core, by) = (&house.core, stock::grant::<ManageUsers>());
    let anna = person(core, "anna", Role::Admin).await;
    let mut half = new("half", Role::Admin);
    half.edit.range = Range::Tags;
    users::create(core, &by, half).await.unwrap();
    let last = |error| matches!(error, SaveUserError::LastAdmin(name) if name == "anna");
    let demoted = UserEdit { role: Role::Operator, ..edit_of(&anna) };
    assert!(last(users::update(core, &by, (anna.id, anna.version), &demoted).await.unwrap_err()));
    let narrowed = UserEdit { range: Range::Tags, ..edit_of(&anna) };
    assert!(last(users::update(core, &by, (anna.id, anna.version), &narrowed).await.unwrap_err()));
    assert!(last(users::set_enabled(core, &by, anna.id, false).await.unwrap_err()));
    assert!(last(users::delete(core, &by, anna.id, None).await.unwrap_err()));
    person(core, "bert", Role::Admin).await;
    users::set_enabled(core, &by, anna.id, false).await.unwrap();
}

// S-40: of two admins who demote each other at the same time one succeeds.
#[tokio::test]
async fn two_admins_who_demote_each_other_leave_one() {
    for _ in 0..5 {
        let house = House::new().await;
        let core = &house.core;
        let anna = person(core, "anna", Role::Admin).await;
        let bert = person(core, "bert", Role::Admin).await;
        let demote = async |user: &User| {
            let edit = UserEdit { role: Role::Viewer, ..edit_of(user) };
            users::update(core, &stock::grant(), (user.id, user.version), &edit).await
        };
        let (one, two) = tokio::join!(demote(&anna), demote(&bert));
        assert_ne!(one.is_ok(), two.is_ok(), "{one:?} {two:?}");
        let left = "SELECT count(*) FROM users WHERE role = 'admin'";
        assert_eq!(sql::number(core, left).await, 1);
    }
}

#[tokio::test]
async fn whoever_owns_devices_is_deleted_only_when_somebody_takes_them() {
    let house = House::new().await;
    let (core, by) = (&house.core, stock::grant::<ManageUsers>());
    let (anna, bert) = (person(core, "anna", Role::Operator).await, person(core, "bert", Role::Admin).await);
    let mut device = stock::new_device("core-1", "192.0.2.1", "p");
    device.owner = Some(anna.id);
    let device = devices::create(core, &stock::grant(), device).await.unwrap();
    let goes = users::what_goes(core, &by, anna.id).await.unwrap().unwrap();
    assert_eq!((goes.devices, goes.others.len()), (1, 1));
    let refused = users::delete(core, &by, anna.id, None).await;
    assert!(matches!(refused, Err(SaveUserError::OwnsDevices(1))));
    let refused = users::delete(core, &by, anna.id, Some(UserId(999))).await;
    assert!(matches!(refused, Err(SaveUserError::OwnsDevices(1))));
    let refused = users::delete(core, &by, anna.id, Some(anna.id)).await;
    assert!(matches!(refused, Err(SaveUserError::OwnsDevices(1))));
    users::delete(core, &by, anna.id, Some(bert.id)).await.unwrap();
    assert!(users::find(core, &by, anna.id).await.unwrap().is_none());
    let owner = format!("SELECT owner_id FROM devices WHERE id = {device}");
    assert_eq!(sql::number(core, &owner).await, bert.id.0);
    let trail = "SELECT count(*) FROM audit_events WHERE object = 'anna'";
    assert_eq!(sql::number(core, trail).await, 2, "what was told stays");
    let own = Actor { user: Some(bert.id), ..Actor::console() }.grant().unwrap();
    assert!(matches!(users::delete(core, &own, bert.id, None).await, Err(SaveUserError::Oneself)));
    assert!(matches!(users::set_enabled(core, &own, bert.id, false).await, Err(SaveUserError::Oneself)));
}

// S-37: administering people would be a way out of the own scope.
#[tokio::test]
async fn an_admin_of_a_part_administers_nobody() {
    let house = House::new().await;
    let core = &house.core;
    let anna = person(core, "anna", Role::Viewer).await;
    let by = Actor { scope: Scope::TagsOf(UserId(7)), ..Actor::console() }.grant().unwrap();
    let refused = |result: Result<(), SaveUserError>| assert!(matches!(result, Err(SaveUserError::Scope)));
    refused(users::create(core, &by, new("x1", Role::Admin)).await.map(|_| ()));
    refused(users::update(core, &by, (anna.id, 1), &edit_of(&anna)).await);
    refused(users::set_enabled(core, &by, anna.id, false).await.map(|_| ()));
    refused(users::delete(core, &by, anna.id, None).await.map(|_| ()));
    refused(users::invite(core, &by, anna.id).await.map(|_| ()));
}

// S-39: what waits in the name of somebody who may no longer start it does not start, and says why.
#[tokio::test]
async fn jobs_of_somebody_who_was_disabled_do_not_start() {
    let house = House::new().await;
    let core = &house.core;
    let device = stock::device(core, "core-1").await;
    for (number, how) in ["disabled", "demoted", "deleted"].into_iter().enumerate() {
        let user = person(core, how, Role::Operator).await;
        let by = Actor { user: Some(user.id), name: how.to_owned(), ..Actor::console() };
        let which = jobs::Which::These(vec![device]);
        jobs::back_up(core, &by.grant().unwrap(), which).await.unwrap().unwrap();
        let grant = stock::grant::<ManageUsers>();
        match how {
            "disabled" => drop(users::set_enabled(core, &grant, user.id, false).await.unwrap()),
            "demoted" => {
                let edit = UserEdit { role: Role::Viewer, ..edit_of(&user) };
                users::update(core, &grant, (user.id, user.version), &edit).await.unwrap();
            }
            _ => drop(users::delete(core, &grant, user.id, None).await.unwrap()),
        }
        let all = jobs::list(core, &stock::grant(), &jobs_of_all(), PageRequest::first(9)).await.unwrap();
        assert_eq!(all.rows.len(), number + 1);
        let job = &all.rows[0];
        assert_eq!(job.state, JobState::Canceled, "{how}");
        assert!(job.message.as_ref().unwrap().starts_with(&format!("{how} started it")), "{:?}", job.message);
    }
}

fn jobs_of_all() -> netraven::domain::job::JobFilter {
    netraven::domain::job::JobFilter::default()
}

// S-28: once, within a day, and only the newest.
#[tokio::test]
async fn a_link_sets_a_password_once_and_within_a_day() {
    let house = House::new().await;
    let (core, by) = (&house.core, stock::grant::<ManageUsers>());
    let invited = NewUser { password: None, ..new("anna", Role::Viewer) };
    let anna = users::create(core, &by, invited).await.unwrap();
    let (_, old) = users::invite(core, &by, anna.id).await.unwrap();
    let (_, link) = users::invite(core, &by, anna.id).await.unwrap();
    let chosen = Secret::new("another horse battery");
    let accept = async |link: &Secret, password: &Secret| {
        users::accept(core, link, password, (Some("192.0.2.1".to_owned()), None)).await
    };
    assert!(matches!(accept(&old, &chosen).await, Err(SaveUserError::WrongLink)), "an older link");
    let weak = accept(&link, &Secret::new("short")).await;
    assert!(matches!(weak, Err(SaveUserError::Password(_))), "the link is still good after a weak password");
    accept(&link, &chosen).await.unwrap();
    assert!(matches!(accept(&link, &chosen).await, Err(SaveUserError::WrongLink)), "used");
    let reply = house.visitor().post("/login", &[("username", "anna"), ("password", chosen.expose())]).await;
    assert_eq!(reply.status(), 303);
    let (_, late) = users::invite(core, &by, anna.id).await.unwrap();
    house.clock.advance(std::time::Duration::from_hours(24));
    assert!(users::invited(core, &late, None).await.unwrap().is_none(), "a day is over");
    let (_, of_disabled) = users::invite(core, &by, anna.id).await.unwrap();
    users::disable(core, &by, &"anna".parse().unwrap()).await.unwrap();
    assert!(users::invited(core, &of_disabled, None).await.unwrap().is_none());
    for (table, rows) in sql::everything(core).await {
        assert!(rows.iter().all(|row| !row.contains(link.expose())), "{table} holds the link");
    }
}

// Each key of the password policy is honoured at once, wherever a password is chosen.
#[tokio::test]
async fn the_password_policy_is_what_the_settings_say_now() {
    let house = House::new().await;
    let (core, by) = (&house.core, stock::grant::<ManageUsers>());
    person(core, "anna", Role::Viewer).await;
    let anna = "anna".parse().unwrap();
    let prefix = "security.password_policy";
    for (key, value, refused, accepted) in [
        ("min_length", "20", "horse battery stap", "horse battery staple x"),
        ("require_uppercase", "true", "horse battery staple x", "Horse battery staple x"),
        ("require_lowercase", "true", "HORSE BATTERY STAPLE X", "Horse battery staple x"),
        ("require_number", "true", "Horse battery staple x", "Horse battery staple 7"),
        ("require_special", "true", "Horsebatterystaple777", "Horse-battery-staple-7"),
    ] {
        let accepts =
            async |text: &str| users::reset_password(core, &by, &anna, &Secret::new(text)).await.is_ok();
        assert!(accepts(refused).await || key == "require_lowercase", "{key}: {refused} before");
        stock::set(core, &format!("{prefix}.{key}"), value).await;
        assert!(!accepts(refused).await, "{key}: {refused}");
        assert!(accepts(accepted).await, "{key}: {accepted}");
    }
}
