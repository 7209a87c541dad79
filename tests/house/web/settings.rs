//! The page of settings: every control from its declaration, nothing typed lost, nothing secret shown.

use netraven::domain::{access::Role, setting::SETTINGS};
use reqwest::StatusCode;

use super::location;
use crate::support::{
    house::{House, Visitor},
    sql,
};

const PASSWORD: &str = "notification.email.smtp_password";

/// The hidden field that says what the page was made from.
async fn seen(visitor: &Visitor, category: &str) -> String {
    let page = visitor.page(&format!("/settings?category={category}")).await;
    let (_, rest) = page.split_once("name=\"seen\" value=\"").unwrap();
    rest.split('"').next().unwrap().to_owned()
}

const SYSTEM: &[(&str, &str)] = &[
    ("category", "system"),
    ("q", ""),
    ("system.general.application_name", "NetRaven"),
    ("system.jobs.max_concurrent_jobs", "5"),
    ("system.backup.enabled", "true"),
    ("system.backup.frequency_hours", "24"),
    ("system.backup.retention_days", "30"),
    ("system.backup.storage_type", "local"),
    ("system.jobs.log_retention_days", "30"),
];

fn with<'a>(seen: &'a str, changes: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let is_changed = |name: &str| changes.iter().any(|(other, _)| *other == name);
    let mut fields: Vec<_> = SYSTEM.iter().filter(|(name, _)| !is_changed(name)).copied().collect();
    fields.extend(changes);
    fields.push(("seen", seen));
    fields
}

#[tokio::test]
async fn every_setting_is_a_control_of_its_tab() {
    let house = House::new().await;
    let admin = house.signed_in(Role::Admin).await;
    for spec in SETTINGS {
        let page = admin.page(&format!("/settings?category={}", spec.category)).await;
        assert!(page.contains(&format!("name=\"{}\"", spec.key)), "{}", spec.key);
        assert!(page.contains(spec.label), "{}", spec.key);
    }
    let found = admin.page("/settings?q=superseded").await;
    assert!(found.contains("system.backup.retention_days") && !found.contains("system.backup.enabled"));
    assert!(found.contains("0 versions would go"), "the dry run stands beside the setting");
    let none = admin.page("/settings?q=nothing-has-this-name").await;
    assert!(none.contains("No setting matches") && none.contains("Show all settings"));
}

// system.general.application_name
#[tokio::test]
async fn saving_says_what_changed_and_the_name_shows_everywhere() {
    let house = House::new().await;
    let admin = house.signed_in(Role::Admin).await;
    let seen_now = seen(&admin, "system").await;
    let changes =
        [("system.general.application_name", "Ravens & <Co>"), ("system.jobs.max_concurrent_jobs", "7")];
    let reply = admin.post("/settings", &with(&seen_now, &changes)).await;
    assert_eq!((reply.status(), location(&reply)), (StatusCode::SEE_OTHER, "/settings?category=system"));
    let page = admin.page("/settings?category=system").await;
    assert!(page.contains("Jobs at once: 5 → 7"), "{page}");
    assert!(page.contains("Changed by admin"));
    for path in ["/", "/devices"] {
        let page = admin.page(path).await;
        assert!(page.contains("Ravens &#38; &#60;Co&#62;") && !page.contains("<Co>"), "{path}");
        assert!(page.contains("· Ravens &#38; &#60;Co&#62;</title>"), "{path}");
    }
    let stranger = house.visitor().page("/login").await;
    assert!(stranger.contains("Ravens"), "before sign-in as well");
    assert_eq!(house.core.settings.now().max_concurrent_jobs, 7);
    let again = admin.post("/settings", &with(&seen(&admin, "system").await, &changes)).await;
    assert_eq!(again.status(), StatusCode::SEE_OTHER);
    assert!(admin.page("/settings").await.contains("nothing was changed"));
}

#[tokio::test]
async fn everything_wrong_is_told_at_once_what_was_typed_stays_and_secrets_do_not_come_back() {
    let house = House::new().await;
    let admin = house.signed_in(Role::Admin).await;
    let seen_now = seen(&admin, "system").await;
    let bad = [
        ("system.jobs.max_concurrent_jobs", "many<1>"),
        ("system.backup.retention_days", "0"),
        ("system.general.application_name", "kept & shown"),
    ];
    let reply = admin.post("/settings", &with(&seen_now, &bad)).await;
    assert_eq!(reply.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let page = reply.text().await.unwrap();
    assert!(
        page.contains("2 things to correct")
            && page.contains("Jobs at once: Give a whole number from 1 to 5000.")
    );
    assert!(page.contains("many&#60;1&#62;") && page.contains("kept &#38; shown"), "{page}");
    assert_eq!(
        sql::number(&house.core, "SELECT count(*) FROM audit_events WHERE event = 'setting_changed'").await,
        0
    );
    let mail = |seen: &str| {
        [
            ("category".to_owned(), "notification".to_owned()),
            ("seen".to_owned(), seen.to_owned()),
            (PASSWORD.to_owned(), "canary-password-1".to_owned()),
            ("notification.email.smtp_port".to_owned(), "x".to_owned()),
        ]
    };
    let seen_now = seen(&admin, "notification").await;
    let mut form = mail(&seen_now);
    let reply = admin.post("/settings", &pairs(&form)).await;
    assert_eq!(reply.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert!(!reply.text().await.unwrap().contains("canary"));
    form[3].1 = "25".to_owned();
    assert_eq!(admin.post("/settings", &pairs(&form)).await.status(), StatusCode::SEE_OTHER);
    assert_eq!(house.core.settings.now().smtp_password.as_ref().unwrap().expose(), "canary-password-1");
    let page = admin.page("/settings?category=notification").await;
    assert!(
        !page.contains("canary") && page.contains("leave empty to keep it") && page.contains("Remove it")
    );
    let remove = format!("remove.{PASSWORD}");
    let seen_now = seen(&admin, "notification").await;
    let fields = [("category", "notification"), ("seen", &seen_now), (remove.as_str(), "on")];
    assert_eq!(admin.post("/settings", &fields).await.status(), StatusCode::SEE_OTHER);
    assert!(house.core.settings.now().smtp_password.is_none());
}

// S-38
#[tokio::test]
async fn fields_that_are_not_of_the_form_are_refused() {
    let house = House::new().await;
    let admin = house.signed_in(Role::Admin).await;
    let seen_now = seen(&admin, "system").await;
    for foreign in ["security.login.lockout_minutes", "role", "remove.system.backup.enabled", PASSWORD] {
        let reply = admin.post("/settings", &with(&seen_now, &[(foreign, "5")])).await;
        assert_eq!(reply.status(), StatusCode::BAD_REQUEST, "{foreign}");
    }
    assert_eq!(
        admin.post("/settings", SYSTEM).await.status(),
        StatusCode::BAD_REQUEST,
        "without what it was made from"
    );
}

#[tokio::test]
async fn a_reset_asks_first_and_names_what_changes() {
    let house = House::new().await;
    let admin = house.signed_in(Role::Admin).await;
    let fields = with(&seen(&admin, "system").await, &[])
        .iter()
        .map(|(n, v)| (n.to_string(), v.to_string()))
        .collect::<Vec<_>>();
    let changed: Vec<(&str, &str)> =
        fields
            .iter()
            .map(|(n, v)| {
                if n == "system.backup.retention_days" {
                    (n.as_str(), "90")
                } else {
                    (n.as_str(), v.as_str())
                }
            })
            .collect();
    assert_eq!(admin.post("/settings", &changed).await.status(), StatusCode::SEE_OTHER);
    for path in [
        "/settings/reset?key=system.backup.retention_days",
        "/settings/reset?category=system",
        "/settings/reset",
    ] {
        let page = admin.page(path).await;
        assert!(page.contains("Keep superseded versions for: 90 becomes 30"), "{path}");
    }
    assert_eq!(house.core.settings.now().backup_days, 90, "asking changes nothing");
    assert_eq!(admin.get("/settings/reset?key=no.such").await.status(), StatusCode::NOT_FOUND);
    let reply = admin.post("/settings/reset?category=system", &[]).await;
    assert_eq!((reply.status(), location(&reply)), (StatusCode::SEE_OTHER, "/settings?category=system"));
    assert_eq!(house.core.settings.now().backup_days, 30);
    let reply = admin.get("/settings/reset").await;
    assert_eq!(reply.status(), StatusCode::SEE_OTHER, "there is nothing to ask about");
}

fn pairs(form: &[(String, String)]) -> Vec<(&str, &str)> {
    form.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
}
