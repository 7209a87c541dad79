//! The pages of administration, looked at as all others are; with script and without a walk from nothing to the trail.

use netraven::{
    domain::{access::Role, id::DeviceId},
    service::{credentials, import::staged, tags, users},
};

use super::{
    as_admin,
    pages::inspect,
    photo::{Look, take},
};
use crate::support::{chromium::Browser, house::House, sql, stock};

/// A house with a few of everything that administrators look after.
async fn kept() -> House {
    let house = House::new().await;
    let core = &house.core;
    house.person(Role::Viewer).await;
    house.person(Role::Operator).await;
    sql::run(
        core,
        "UPDATE users SET full_name = 'Vera Meer', email = 'vera@example.net', scope = 'tags' WHERE id = 1",
    )
    .await;
    users::invite(core, &stock::grant(), netraven::domain::id::UserId(2)).await.unwrap();
    let shared = stock::shared(core, "TACACS read-only").await;
    stock::jump_host(core, "jump-1").await;
    let tag = stock::tag(core, "berlin").await;
    sql::run(core, &format!("INSERT INTO user_tags (user_id, tag_id) VALUES (1, {tag})")).await;
    credentials::link(core, &stock::grant(), shared, (tag, 100)).await.unwrap();
    let devices: Vec<DeviceId> =
        vec![stock::device(core, "core-1").await, stock::device(core, "core-2").await];
    tags::assign(core, &stock::grant(), &devices, &[tag], true).await.unwrap();
    netraven::service::devices::set_login(core, &stock::grant(), &devices, None).await.unwrap();
    stock::rule(core, "labs", "lab", "name starts lab-").await;
    stock::import(core, LIST).await;
    let more = LIST
        .replace("br-", "fra-")
        .replace("192.0.2", "198.51.100")
        .replace("core-1,core-1", "core-1,core-9");
    staged::stage(core, &stock::grant(), more.as_bytes()).await.unwrap();
    house
}

const LIST: &str = "Name,IP,Type,User,Password,Site,Rack\n\
    br-01,192.0.2.1,ios,backup,secret-1,berlin,A1\n\
    br-02,192.0.2.2,eos,backup,secret-2,berlin;dc,A2\n\
    core-1,core-1.example.net,ios,,,dc,A3\n\
    br-02,192.0.2.3,ios,,,,A4\n\
    br 04,192.0.2.400,vrp,,secret-3,,A5\n";

const PAGES: [(&str, &str); 34] = [
    ("imports", "/imports"),
    ("import-new", "/imports/new"),
    ("import-waiting", "/imports/2"),
    ("import-done", "/imports/1"),
    ("import-undo", "/imports/1/undo"),
    ("people", "/users"),
    ("person", "/users/1"),
    ("person-new", "/users/new"),
    ("person-edit", "/users/1/edit"),
    ("person-link", "/users/2/link"),
    ("person-delete", "/users/1/delete"),
    ("account", "/account"),
    ("credentials", "/credentials"),
    ("credential", "/credentials/1"),
    ("credential-new", "/credentials/new"),
    ("credential-edit", "/credentials/1/edit"),
    ("credential-delete", "/credentials/1/delete"),
    ("jump-hosts", "/jump-hosts"),
    ("jump-host", "/jump-hosts/1"),
    ("jump-host-new", "/jump-hosts/new"),
    ("jump-host-delete", "/jump-hosts/1/delete"),
    ("mails", "/mails"),
    ("tag", "/tags/2"),
    ("rules", "/rules"),
    ("settings", "/settings?category=notification"),
    ("storage settings", "/settings?category=storage"),
    ("kept contents", "/storage"),
    ("move kept contents", "/storage/move?to=directory"),
    ("keys", "/keys"),
    ("device-with-shared-credential", "/devices/1"),
    ("device-clone", "/devices/1/clone"),
    ("audit", "/audit"),
    ("deleted-devices", "/devices/deleted"),
    ("devices", "/devices"),
];

#[tokio::test(flavor = "multi_thread")]
async fn the_pages_of_administration_are_as_good() {
    let house = kept().await;
    let browser = Browser::start().await;
    as_admin(&browser, &house).await;
    sql::run(&house.core, "UPDATE sessions SET confirmed_at = seen_at").await;
    let mut wrong = Vec::new();
    for (what, path) in PAGES {
        browser.goto(&house.url(path)).await;
        assert!(!browser.url().await.contains("/confirm"), "{what} asks for the password");
        inspect(&browser, what, &mut wrong).await;
    }
    for (what, path) in PAGES.iter().take(14) {
        for look in [Look::Light, Look::Dark, Look::Phone] {
            take(&browser, &house.url(path), what, look).await;
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    house.close().await;
}
