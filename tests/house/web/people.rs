//! The pages of people and of the own account.

use netraven::{domain::access::Role, service::users};
use reqwest::StatusCode;

use super::{is_signed_in, location, sign_in};
use crate::support::{
    house::{House, PASSWORD},
    sql, stock,
};

const FORM: [(&str, &str); 6] = [
    ("username", "olga"),
    ("full_name", "Olga Müller"),
    ("email", "olga@example.net"),
    ("role", "operator"),
    ("scope", "all"),
    ("password", ""),
];

// From a name to a person who signs in, without anybody else knowing the password.
#[tokio::test]
async fn a_person_is_added_chooses_a_password_through_a_link_and_signs_in() {
    let house = House::new().await;
    let admin = house.signed_in(Role::Admin).await;
    assert!(location(&admin.get("/users/new").await).starts_with("/confirm"), "S-27");
    admin.confirm().await;
    let reply = admin.post("/users/new", &FORM).await;
    assert_eq!(location(&reply), "/users/2/link");
    assert!(admin.page("/users/2/link").await.contains("Make the link"));
    let reply = admin.post("/users/2/link", &[]).await;
    assert_eq!(reply.headers()["cache-control"], "no-store");
    let page = reply.text().await.unwrap();
    let link = page.split_once("value=\"http").unwrap().1.split('"').next().unwrap();
    let path = &link[link.find("/welcome").unwrap()..];
    let olga = house.visitor();
    assert!(olga.page(path).await.contains("olga"));
    let token = path.split_once('=').unwrap().1;
    let differ = [("token", token), ("password", PASSWORD), ("again", "other")];
    assert_eq!(olga.post("/welcome", &differ).await.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let reply = olga.post("/welcome", &[("token", token), ("password", PASSWORD), ("again", PASSWORD)]).await;
    assert_eq!(location(&reply), "/login");
    assert_eq!(olga.get(path).await.status(), StatusCode::GONE);
    let olga = sign_in(&house, "OLGA").await;
    assert!(olga.page("/account").await.contains("olga@example.net"));
    let page = admin.page("/users?q=m%C3%BCller").await;
    assert!(page.contains("olga") && !page.contains("/users/1\""), "the filter");
    assert!(admin.page("/users/2").await.contains("operator"));
}

#[tokio::test]
async fn everything_wrong_with_a_person_is_told_at_once_and_what_was_typed_stays() {
    let house = House::new().await;
    let admin = house.signed_in(Role::Admin).await;
    admin.confirm().await;
    let form = [
        ("username", "o"),
        ("full_name", "Olga"),
        ("email", "nowhere"),
        ("role", "king"),
        ("scope", "tags"),
        ("password", "secretly typed"),
    ];
    let reply = admin.post("/users/new", &form).await;
    assert_eq!(reply.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let page = reply.text().await.unwrap();
    for field in ["username", "email", "role", "tags"] {
        assert!(page.contains(&format!("id=\"{field}-complaint\"")), "{field}");
    }
    assert!(page.contains("value=\"Olga\"") && page.contains("value=\"nowhere\""));
    assert!(!page.contains("secretly typed"), "the password came back");
    let taken = FORM.map(|(name, value)| if name == "username" { (name, "ADMIN") } else { (name, value) });
    let reply = admin.post("/users/new", &taken).await;
    assert!(reply.text().await.unwrap().contains("Somebody has this name already"));
}

#[tokio::test]
async fn a_person_is_edited_and_what_changed_is_in_the_trail() {
    let house = House::new().await;
    house.person(Role::Viewer).await;
    let admin = house.signed_in(Role::Admin).await;
    admin.confirm().await;
    let page = admin.page("/users/1/edit").await;
    assert!(page.contains("value=\"viewer\"") && !page.contains("name=\"password\""), "{page}");
    let version =
        page.split_once("name=\"version\" value=\"").unwrap().1.split('"').next().unwrap().to_owned();
    let form = [
        ("username", "vera"),
        ("full_name", "Vera Brandt"),
        ("email", "vera@example.net"),
        ("role", "operator"),
        ("scope", "all"),
        ("version", version.as_str()),
    ];
    let reply = admin.post("/users/1/edit", &form).await;
    assert_eq!(location(&reply), "/users/1");
    let page = admin.page("/users/1").await;
    assert!(
        page.contains("vera") && page.contains("Vera Brandt") && page.contains("vera@example.net"),
        "{page}"
    );
    let vera = sign_in(&house, "vera").await;
    assert!(vera.page("/account").await.contains("Vera Brandt"));
    let told = "SELECT changes AS value FROM audit_events WHERE event = 'user_changed'";
    let told = sql::texts(&house.core, told).await.join(" ");
    assert!(["viewer", "vera", "operator"].iter().all(|word| told.contains(word)), "{told}");
    // The form of before is out of date now: nothing is changed, and what was typed stays.
    let late = [
        ("full_name", "Vera Late"),
        ("username", "vera"),
        ("role", "viewer"),
        ("scope", "all"),
        ("version", &version),
    ];
    let reply = admin.post("/users/1/edit", &late).await;
    assert_eq!(reply.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert!(reply.text().await.unwrap().contains("Vera Late"));
    assert!(admin.page("/users/1").await.contains("Vera Brandt"));
}

#[tokio::test]
async fn a_person_is_disabled_enabled_signed_out_and_deleted_by_buttons() {
    let house = House::new().await;
    let admin = house.signed_in(Role::Admin).await;
    let viewer = house.signed_in(Role::Viewer).await;
    admin.post("/users/2/sessions", &[]).await;
    assert!(!is_signed_in(&viewer).await);
    let viewer = sign_in(&house, "viewer").await;
    admin.post("/users/2/toggle", &[]).await;
    assert!(!is_signed_in(&viewer).await);
    assert!(admin.page("/users?state=disabled").await.contains("viewer"));
    admin.post("/users/2/toggle", &[]).await;
    sign_in(&house, "viewer").await;
    admin.post("/users/1/toggle", &[]).await;
    assert!(admin.page("/users/1").await.contains("nobody can disable or delete the own account"));
    admin.confirm().await;
    let mut device = stock::new_device("core-1", "192.0.2.1", "p");
    device.owner = Some(netraven::domain::id::UserId(2));
    netraven::service::devices::create(&house.core, &stock::grant(), device).await.unwrap();
    let page = admin.page("/users/2/delete").await;
    assert!(page.contains("1 device") && page.contains("<option value=\"1\">admin</option>"), "{page}");
    let reply = admin.post("/users/2/delete", &[("heir", "")]).await;
    assert_eq!(reply.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let reply = admin.post("/users/2/delete", &[("heir", "1")]).await;
    assert_eq!(location(&reply), "/users");
    assert_eq!(admin.get("/users/2").await.status(), StatusCode::NOT_FOUND);
}

// S-38: role and scope are not of the own form.
#[tokio::test]
async fn the_own_profile_takes_name_and_mail_and_nothing_else() {
    let house = House::new().await;
    let viewer = house.signed_in(Role::Viewer).await;
    for field in ["role", "scope", "is_enabled", "id", "username", "tags"] {
        let reply = viewer.post("/account", &[("full_name", "V"), (field, "admin")]).await;
        assert_eq!(reply.status(), StatusCode::BAD_REQUEST, "{field}");
    }
    let reply = viewer.post("/account", &[("full_name", "Vera"), ("email", "vera@example.net")]).await;
    assert_eq!(location(&reply), "/account");
    let user = users::find_by_name(&house.core, &stock::grant(), "viewer").await.unwrap().unwrap();
    assert_eq!((user.full_name.as_str(), user.role), ("Vera", Role::Viewer));
    let reply = viewer.post("/account", &[("full_name", "Vera"), ("email", "vera")]).await;
    assert_eq!(reply.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert!(reply.text().await.unwrap().contains("value=\"vera\""));
}

// S-22, S-26
#[tokio::test]
async fn a_new_password_ends_the_other_sessions_and_renews_this_one() {
    let house = House::new().await;
    let here = house.signed_in(Role::Viewer).await;
    let there = sign_in(&house, "viewer").await;
    let tokens = "SELECT token_hash AS value FROM sessions ORDER BY id";
    let before = sql::texts(&house.core, tokens).await;
    let new = "another horse battery";
    let wrong = [("old", new), ("password", new), ("again", new), ("everywhere", "on")];
    let reply = here.post("/account/password", &wrong).await;
    assert_eq!(reply.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert!(reply.text().await.unwrap().contains("This is not your password"));
    let weak = [("old", PASSWORD), ("password", "short"), ("again", "short")];
    assert_eq!(here.post("/account/password", &weak).await.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert!(is_signed_in(&there).await);
    let right = [("old", PASSWORD), ("password", new), ("again", new), ("everywhere", "on")];
    assert_eq!(location(&here.post("/account/password", &right).await), "/account");
    assert!(is_signed_in(&here).await && !is_signed_in(&there).await);
    let after = sql::texts(&house.core, tokens).await;
    assert!(after.len() == 1 && !before.contains(&after[0]), "the session's id is the old one");
    let reply = house.visitor().post("/login", &[("username", "viewer"), ("password", new)]).await;
    assert_eq!(reply.status(), StatusCode::SEE_OTHER);
}

// S-26: the own sessions, one by one and all but this; never somebody else's.
#[tokio::test]
async fn people_see_their_sessions_and_end_them() {
    let house = House::new().await;
    let here = house.signed_in(Role::Viewer).await;
    let (one, two) = (sign_in(&house, "viewer").await, sign_in(&house, "viewer").await);
    let admin = house.signed_in(Role::Admin).await;
    let page = here.page("/account").await;
    assert!(page.contains("this one") && page.matches("127.0.0.1").count() >= 3, "{page}");
    here.post("/account/sessions", &[("id", "4")]).await;
    assert!(is_signed_in(&admin).await, "somebody else's session");
    here.post("/account/sessions", &[("id", "2")]).await;
    assert!(!is_signed_in(&one).await && is_signed_in(&two).await);
    here.post("/account/sessions", &[]).await;
    assert!(is_signed_in(&here).await && !is_signed_in(&two).await && is_signed_in(&admin).await);
}

// S-41, S-37
#[tokio::test]
async fn refusals_are_told_in_the_trail() {
    let house = House::new().await;
    let viewer = house.signed_in(Role::Viewer).await;
    assert_eq!(viewer.get("/users/7").await.status(), StatusCode::FORBIDDEN);
    assert_eq!(viewer.get("/devices/7").await.status(), StatusCode::NOT_FOUND);
    let told = "SELECT actor || ' ' || object || ': ' || coalesce(detail, '') AS value FROM audit_events \
                WHERE event = 'access_refused' AND outcome = 'refused'";
    assert_eq!(
        sql::texts(&house.core, told).await,
        ["viewer GET /users/7: viewer lacks the permission ManageUsers"]
    );
    sql::run(&house.core, "UPDATE users SET scope = 'tags'").await;
    assert_eq!(viewer.get("/devices/7").await.status(), StatusCode::NOT_FOUND);
    let told = sql::texts(&house.core, told).await;
    assert_eq!(told[1], "viewer GET /devices/7: not there for this account");
}
