//! Tags and their rules through the front door: added, put on devices, changed, refused with all that is wrong, deleted.

use netraven::domain::access::Role;
use reqwest::StatusCode;

use super::location;
use crate::support::{house::House, sql, stock};

#[tokio::test]
async fn a_tag_is_added_put_on_a_device_taken_off_changed_and_deleted() {
    let house = House::new().await;
    let operator = house.signed_in(Role::Operator).await;
    stock::device(&house.core, "core-1").await;
    let long = "d".repeat(201);
    let wrong = [("name", "b!d <x>"), ("color", "blue-ish"), ("description", long.as_str())];
    let reply = operator.post("/tags/new", &wrong).await;
    assert_eq!(reply.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let page = reply.text().await.unwrap();
    assert!(page.contains("3 things to correct") && page.contains("value=\"b!d &#60;x&#62;\""), "{page}");
    assert!(page.contains(&long), "what was typed stays");
    assert_eq!(sql::number(&house.core, "SELECT count(*) FROM tags").await, 1, "the default one");

    let reply = operator.post("/tags/new", &[("name", "Site-A"), ("color", "#112233")]).await;
    let tag = location(&reply).to_owned();
    assert!(reply.status() == StatusCode::SEE_OTHER && tag.starts_with("/tags/"), "{tag}");
    let taken = operator.post("/tags/new", &[("name", "site-a"), ("color", "#112233")]).await;
    assert_eq!(taken.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert!(taken.text().await.unwrap().contains("value=\"site-a\""));

    let id = tag.trim_start_matches("/tags/");
    let held = format!("SELECT count(*) FROM device_tags WHERE tag_id = {id}");
    let reply = operator.post(&format!("{tag}/attach"), &[("device", "nobody")]).await;
    assert_eq!(location(&reply), tag);
    assert!(operator.page(&tag).await.contains("There is no device named"));
    operator.post(&format!("{tag}/attach"), &[("device", " CORE-1 ")]).await;
    assert_eq!(sql::number(&house.core, &held).await, 1);
    assert!(operator.page(&tag).await.contains("core-1"));
    operator.post(&format!("{tag}/detach"), &[]).await;
    assert!(operator.page(&tag).await.contains("Select the devices first."));
    operator.post(&format!("{tag}/detach"), &[("devices", "1")]).await;
    assert_eq!(sql::number(&house.core, &held).await, 0);

    let edit = format!("{tag}/edit");
    assert!(operator.page(&edit).await.contains("value=\"#112233\""));
    let reply =
        operator.post(&edit, &[("name", ""), ("color", "#445566"), ("description", "kept words")]).await;
    assert_eq!(reply.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert!(reply.text().await.unwrap().contains("value=\"kept words\""));
    let reply = operator.post(&edit, &[("name", "site-b"), ("color", "#445566")]).await;
    assert_eq!(location(&reply), tag);
    assert!(operator.page("/tags").await.contains("site-b"));
    assert!(operator.page(&format!("{tag}/delete")).await.contains("site-b"));
    let reply = operator.post(&format!("{tag}/delete"), &[]).await;
    assert_eq!(location(&reply), "/tags");
    assert_eq!(operator.get(&tag).await.status(), StatusCode::NOT_FOUND);
    // The tag that every device has stays.
    operator.post("/tags/1/delete", &[]).await;
    assert_eq!(sql::number(&house.core, "SELECT count(*) FROM tags WHERE is_default").await, 1);
}

#[tokio::test]
async fn a_rule_is_looked_at_added_changed_and_deleted_and_told_all_that_is_wrong() {
    let house = House::new().await;
    let operator = house.signed_in(Role::Operator).await;
    stock::device(&house.core, "lab-1").await;
    stock::device(&house.core, "core-1").await;
    let tag = stock::tag(&house.core, "lab").await.to_string();
    let wrong = [("name", ""), ("tag", ""), ("criteria", "name sounds_like \"lab\""), ("enabled", "on")];
    let reply = operator.post("/rules/new", &wrong).await;
    assert_eq!(reply.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let page = reply.text().await.unwrap();
    assert!(page.contains("3 things to correct") && page.contains("name sounds_like"), "{page}");

    let rule = |criteria, version, intent| {
        vec![
            ("name", "Labs"),
            ("tag", tag.as_str()),
            ("criteria", criteria),
            ("enabled", "on"),
            ("version", version),
            ("intent", intent),
        ]
    };
    let seen = operator.post("/rules/new", &rule("name starts lab-", "", "preview")).await;
    assert_eq!(seen.status(), StatusCode::OK);
    let page = seen.text().await.unwrap();
    assert!(page.contains("1 of 2 devices") && page.contains("lab-1"), "{page}");
    assert_eq!(sql::number(&house.core, "SELECT count(*) FROM tag_rules").await, 0);

    let held = format!("SELECT count(*) FROM device_tags WHERE tag_id = {tag}");
    let reply = operator.post("/rules/new", &rule("name starts lab-", "", "save")).await;
    assert_eq!(reply.status(), StatusCode::SEE_OTHER);
    assert_eq!(sql::number(&house.core, &held).await, 1);
    let id = sql::number(&house.core, "SELECT id FROM tag_rules").await;
    let path = format!("/rules/{id}");
    assert!(operator.page(&path).await.contains("name starts lab-"));
    let reply = operator.post(&path, &rule("name starts (", "1", "save")).await;
    assert_eq!(reply.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert!(reply.text().await.unwrap().contains("name starts ("));
    operator.post(&path, &rule("platform equals cisco_ios", "1", "save")).await;
    assert_eq!(sql::number(&house.core, &held).await, 2);
    let stale = operator.post(&path, &rule("name starts x", "1", "save")).await;
    assert_eq!(stale.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(sql::number(&house.core, &held).await, 2, "a stale edit changes nothing");
    assert!(operator.page(&format!("{path}/delete")).await.contains("Labs"));
    let reply = operator.post(&format!("{path}/delete"), &[]).await;
    assert_eq!(reply.status(), StatusCode::SEE_OTHER);
    assert_eq!(sql::number(&house.core, &held).await, 0);
    assert_eq!(operator.get(&path).await.status(), StatusCode::NOT_FOUND);
}
