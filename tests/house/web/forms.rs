//! The form of a device: nothing typed is lost, nothing secret comes back, nothing foreign is taken
//! (S-38, S-48, S-49).

use netraven::{
    domain::{access::Role, id::DeviceId},
    service::devices,
};
use reqwest::StatusCode;

use super::location;
use crate::support::{house::House, sql, stock};

const GOOD: &[(&str, &str)] = &[
    ("name", "core-1"),
    ("address", "core-1.example.net"),
    ("port", "22"),
    ("platform", "cisco_ios"),
    ("transport", "ssh"),
    ("description", "In the cellar"),
    ("is_enabled", "on"),
    ("tags", "core berlin"),
    ("username", "backup"),
    ("password", "canary-password-1"),
    ("enable", "canary-enable-1"),
];

fn with<'a>(changes: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mut fields: Vec<(&str, &str)> =
        GOOD.iter().filter(|(name, _)| changes.iter().all(|(other, _)| other != name)).copied().collect();
    fields.extend(changes);
    fields
}

#[tokio::test]
async fn a_good_form_adds_the_device_and_leads_to_its_page() {
    let house = House::new().await;
    let operator = house.signed_in(Role::Operator).await;
    let reply = operator.post("/devices/new", GOOD).await;
    assert_eq!((reply.status(), location(&reply)), (StatusCode::SEE_OTHER, "/devices/1"));
    let page = operator.page("/devices/1").await;
    for shown in ["core-1", "core-1.example.net", "In the cellar", "core", "berlin", "backup"] {
        assert!(page.contains(shown), "{shown}");
    }
    assert!(!page.contains("canary"), "a secret is on the page");
}

// U-04, S-48: all complaints at once, the input kept, the secrets not.
#[tokio::test]
async fn everything_wrong_is_told_at_once_and_what_was_typed_stays() {
    let house = House::new().await;
    let operator = house.signed_in(Role::Operator).await;
    let bad = [
        ("name", "co re<1>"),
        ("address", "192.0.2.300"),
        ("port", "abc"),
        ("platform", ""),
        ("tags", "a!b"),
        ("description", "kept <as> \"typed\" & shown"),
    ];
    let reply = operator.post("/devices/new", &with(&bad)).await;
    assert_eq!(reply.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let page = reply.text().await.unwrap();
    for wanted in [
        "Use letters, digits, dots, dashes, underscores and slashes only.",
        "neither an IP address",
        "A port is a number from 1 to 65535.",
        "Choose a platform.",
        "A tag is made of letters",
    ] {
        assert!(page.contains(wanted), "{wanted} is not told");
    }
    for typed in ["192.0.2.300", "value=\"abc\"", "a!b"] {
        assert!(page.contains(typed), "{typed} was lost");
    }
    assert!(!page.contains("co re<1>") && !page.contains("kept <as>"), "typed markup is on the page");
    assert!(!page.contains("canary"), "a secret came back");
    assert_eq!(page.matches("aria-invalid=\"true\"").count(), 5, "each wrong field is marked");
    assert_eq!(sql::number(&house.core, "SELECT count(*) FROM devices").await, 0);
}

// A port that is a number and no port, in every form field that takes one: told, never a bare error page.
#[tokio::test]
async fn ports_out_of_range_are_complaints() {
    let house = House::new().await;
    let operator = house.signed_in(Role::Operator).await;
    for port in ["0", "65536", "-1", "22 22", "99999999999999999999"] {
        let reply = operator.post("/devices/new", &with(&[("port", port)])).await;
        assert_eq!(reply.status(), StatusCode::UNPROCESSABLE_ENTITY, "{port}");
    }
}

// S-38
#[tokio::test]
async fn fields_that_the_form_does_not_have_are_refused() {
    let house = House::new().await;
    let operator = house.signed_in(Role::Operator).await;
    for foreign in ["id", "credential_id", "current_backup_id", "created_at", "role", "__proto__"] {
        let reply = operator.post("/devices/new", &with(&[(foreign, "1")])).await;
        assert_eq!(reply.status(), StatusCode::BAD_REQUEST, "{foreign}");
    }
    assert_eq!(sql::number(&house.core, "SELECT count(*) FROM devices").await, 0);
    let login = [("username", "operator"), ("password", "x"), ("role", "admin")];
    assert_eq!(house.visitor().post("/login", &login).await.status(), StatusCode::BAD_REQUEST);
}

// Duplicates, as a field's complaint, before and after.
#[tokio::test]
async fn a_taken_name_or_place_is_told_at_its_field() {
    let house = House::new().await;
    let operator = house.signed_in(Role::Operator).await;
    operator.post("/devices/new", GOOD).await;
    for (change, told) in [
        (("address", "other.example.net"), "There is a device named core-1 already."),
        (("name", "other"), "core-1 is at this address and port already."),
    ] {
        let name = if change.0 == "address" { ("name", "CORE-1") } else { change };
        let reply =
            operator.post("/devices/new", &with(&[change, name][..if name == change { 1 } else { 2 }])).await;
        assert_eq!(reply.status(), StatusCode::UNPROCESSABLE_ENTITY);
        let page = reply.text().await.unwrap();
        assert!(page.contains(told), "{told}");
    }
}

// S-48: an edit form shows that secrets are there, never which; blank keeps them.
#[tokio::test]
async fn secrets_are_written_and_never_shown_and_blank_keeps_them() {
    let house = House::new().await;
    let operator = house.signed_in(Role::Operator).await;
    operator.post("/devices/new", GOOD).await;
    let columns =
        if sql::is_sqlite(&house.core).await { "quote(password)" } else { "CAST(password AS TEXT)" };
    let sql_text = format!("SELECT {columns} AS value FROM credentials");
    let before = sql::texts(&house.core, &sql_text).await;
    let form = operator.page("/devices/1/edit").await;
    assert!(!form.contains("canary"));
    assert!(form.contains("leave blank to keep") || form.contains("Leave blank to keep"), "{form}");
    let version =
        form.split_once("name=\"version\" value=\"").unwrap().1.split('"').next().unwrap().to_owned();
    let edit = with(&[("password", ""), ("enable", ""), ("version", &version), ("description", "Moved")]);
    let reply = operator.post("/devices/1/edit", &edit).await;
    assert_eq!(reply.status(), StatusCode::SEE_OTHER, "{}", reply.text().await.unwrap());
    assert_eq!(sql::texts(&house.core, &sql_text).await, before, "a blank field changed the password");
    let detail = devices::find(&house.core, &stock::grant(), DeviceId(1)).await.unwrap().unwrap();
    assert_eq!(detail.device.description, "Moved");
    assert!(detail.credential.unwrap().has_enable);
    let audit = sql::texts(&house.core, "SELECT coalesce(detail, '') AS value FROM audit_events").await;
    assert!(audit.iter().all(|line| !line.contains("canary")), "{audit:?}");
}

// Two people edit: the second is told, and nothing of the first is lost.
#[tokio::test]
async fn an_edit_that_started_from_an_old_version_is_refused() {
    let house = House::new().await;
    let operator = house.signed_in(Role::Operator).await;
    operator.post("/devices/new", GOOD).await;
    let form = operator.page("/devices/1/edit").await;
    let version =
        form.split_once("name=\"version\" value=\"").unwrap().1.split('"').next().unwrap().to_owned();
    let edit = |text| with(&[("version", &version), ("description", text)]);
    assert_eq!(operator.post("/devices/1/edit", &edit("First")).await.status(), StatusCode::SEE_OTHER);
    let reply = operator.post("/devices/1/edit", &edit("Second")).await;
    assert_eq!(reply.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let page = reply.text().await.unwrap();
    assert!(page.contains("Somebody else has changed this device") && page.contains("Second"));
    for nonsense in ["", "x", "-1", "99"] {
        let edit = with(&[("version", nonsense)]);
        assert_eq!(operator.post("/devices/1/edit", &edit).await.status(), StatusCode::UNPROCESSABLE_ENTITY);
    }
    let detail = devices::find(&house.core, &stock::grant(), DeviceId(1)).await.unwrap().unwrap();
    assert_eq!(detail.device.description, "First");
}
