//! Pages of versions and job logs, as a browser uses them.

use netraven::domain::access::Role;
use reqwest::StatusCode;

use super::{furnished, location};
use crate::support::{house::House, sql, stock};

async fn confirm(house: &House) {
    let at = house.clock.now().naive_utc();
    sql::run(&house.core, &format!("UPDATE sessions SET confirmed_at = '{at}'")).await;
}

#[tokio::test]
async fn the_list_of_versions_filters_searches_and_leads_to_an_archive() {
    let house = furnished().await;
    let viewer = house.signed_in(Role::Viewer).await;
    let page = viewer.page("/backups?device=core&state=unchecked&text=HOSTNAME").await;
    assert!(page.contains("/backups/1") && page.contains("hostname core-1"), "{page}");
    assert!(viewer.page("/backups?device=nothing").await.contains("No version matches"));
    let ask = viewer.page("/backups/export?version=1").await;
    assert!(ask.contains("1 version of 1 device") && !ask.contains("With secrets"), "{ask}");
    let reply = viewer.post("/backups/export", &[("version", "1")]).await;
    assert_eq!(reply.status(), StatusCode::OK);
    assert_eq!(reply.headers()["content-type"], "application/zip");
    let disposition = reply.headers()["content-disposition"].to_str().unwrap();
    assert!(disposition.starts_with("attachment; filename=\"netraven-masked.zip\""), "{disposition}");
    assert!(reply.bytes().await.unwrap().starts_with(b"PK"));
    let none = viewer.post("/backups/export", &[("version", "77")]).await;
    assert_eq!(none.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(viewer.post("/backups/export/raw", &[("version", "1")]).await.status(), StatusCode::FORBIDDEN);
    // S-27: secrets need a fresh proof of who it is.
    let operator = house.signed_in(Role::Operator).await;
    let reply = operator.post("/backups/export/raw", &[("version", "1")]).await;
    assert!(location(&reply).starts_with("/confirm"), "{}", location(&reply));
    assert_eq!(
        sql::number(&house.core, "SELECT count(*) FROM audit_events WHERE event = 'raw_read'").await,
        0
    );
    confirm(&house).await;
    assert_eq!(operator.post("/backups/export/raw", &[("version", "1")]).await.status(), StatusCode::OK);
    assert_eq!(
        sql::number(&house.core, "SELECT count(*) FROM audit_events WHERE event = 'raw_read'").await,
        1
    );
}

// What `patch -p0` makes of the old text is the new one, and no secret is in it.
#[tokio::test]
async fn a_difference_comes_as_a_patch_without_secrets() {
    let house = House::new().await;
    let core = &house.core;
    let device = stock::device(core, "core-1").await;
    let text = |name: &str| format!("hostname {name}\nenable secret 0 Canary-7\nend\n");
    let old = stock::version(core, device, &text("old")).await;
    let new = stock::version(core, device, &text("new")).await;
    let viewer = house.signed_in(Role::Viewer).await;
    let reply = viewer.get(&format!("/compare.patch?old={old}&new={new}")).await;
    assert_eq!(reply.status(), StatusCode::OK);
    let disposition = reply.headers()["content-disposition"].to_str().unwrap().to_owned();
    assert!(
        disposition.starts_with("attachment; filename=\"core-1") && disposition.contains(".patch"),
        "{disposition}"
    );
    let patch = reply.text().await.unwrap();
    assert!(patch.contains("\n-hostname old\n+hostname new\n"), "{patch}");
    assert!(!patch.contains("Canary-7") && patch.contains(" enable secret 0 <secret:"), "{patch}");
    assert_eq!(viewer.get("/compare.patch?old=1&new=77").await.status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_version_is_noted_pinned_checked_and_deleted_on_its_page() {
    let house = furnished().await;
    let operator = house.signed_in(Role::Operator).await;
    let long = "x".repeat(501);
    let reply = operator.post("/backups/1/note", &[("note", &long)]).await;
    assert_eq!(reply.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let page = reply.text().await.unwrap();
    assert!(page.contains(&long) && page.contains("501 characters"), "what was typed stays");
    assert_eq!(
        operator.post("/backups/1/note", &[("note", "the <b>move</b>")]).await.status(),
        StatusCode::SEE_OTHER
    );
    operator.post("/backups/1/pin", &[("pinned", "yes")]).await;
    operator.post("/backups/1/verify", &[]).await;
    let page = operator.page("/backups/1").await;
    for shown in
        ["the &#60;b&#62;move", "Unpin", "Checked", "How to restore by hand", "configure replace", "console"]
    {
        assert!(page.contains(shown), "{shown}");
    }
    let text = operator.get("/backups/1/text").await;
    assert!(text.headers()["content-disposition"].to_str().unwrap().contains("masked.cfg"));
    let admin = super::sign_in(&house, "admin").await;
    assert!(location(&admin.get("/backups/1/delete").await).starts_with("/confirm"));
    confirm(&house).await;
    assert!(admin.page("/backups/1/delete").await.contains("This version is pinned"));
    operator.post("/backups/1/pin", &[("pinned", "no")]).await;
    let refused = admin.post("/backups/1/delete", &[]).await;
    assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let done = admin.post("/backups/1/delete", &[("force", "on")]).await;
    assert_eq!((done.status(), location(&done)), (StatusCode::SEE_OTHER, "/devices/1/backups"));
    assert_eq!(admin.get("/backups/1").await.status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn two_texts_are_chosen_or_pasted_and_compared_without_script() {
    let house = furnished().await;
    let viewer = house.signed_in(Role::Viewer).await;
    let page = viewer.page("/compare?device_old=core").await;
    assert!(page.contains("<option value=\"1\">core-1, 1 Mar 2026"), "{page}");
    let fields = [("old", "1"), ("text_new", "hostname core-2\r\nend\r\n"), ("mode", "split")];
    let reply = viewer.post("/compare", &fields).await;
    assert_eq!(reply.status(), StatusCode::OK);
    let page = reply.text().await.unwrap();
    assert!(page.contains("+1 added") && page.contains("split"), "{page}");
    for wrong in [
        &[("old", "1")][..],
        &[("old", "1"), ("text_old", "a"), ("text_new", "b")],
        &[("old", "77"), ("new", "1")],
    ] {
        let reply = viewer.post("/compare", wrong).await;
        assert_eq!(reply.status(), StatusCode::UNPROCESSABLE_ENTITY, "{wrong:?}");
    }
}

#[tokio::test]
async fn job_logs_are_filtered_counted_and_deleted_on_their_pages() {
    let house = furnished().await;
    let admin = super::sign_in(&house, "admin").await;
    let page = admin.page("/jobs").await;
    assert!(
        page.contains("Last 24 hours") && page.contains("1 stored · 1 suspect") && page.contains("50.0 %"),
        "{page}"
    );
    let page = admin.page("/jobs?text=too+short&by=console&kind=back_up").await;
    assert!(page.contains("/jobs/2") && !page.contains("href=\"/jobs/1\""), "{page}");
    let page = admin.page("/jobs/1?level=error").await;
    assert!(page.contains("0 lines") && page.contains("core-1.example.net:22"), "{page}");
    assert!(admin.page("/jobs/retention").await.contains("There is nothing to do."));
    house.clock.advance(std::time::Duration::from_hours(24 * 31));
    let admin = super::sign_in(&house, "admin").await;
    let page = admin.page("/jobs/retention?days=10").await;
    assert!(page.contains("Delete 2 jobs now") && page.contains("Delete 2 jobs</button>"), "{page}");
    assert_eq!(admin.post("/jobs/older", &[("days", "x")]).await.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(admin.get("/jobs/retention?days=0").await.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let done = admin.post("/jobs/1/delete", &[]).await;
    assert_eq!((done.status(), location(&done)), (StatusCode::SEE_OTHER, "/jobs"));
    admin.post("/jobs/retention", &[]).await;
    assert_eq!(sql::number(&house.core, "SELECT count(*) FROM jobs").await, 0);
    assert_eq!(sql::number(&house.core, "SELECT count(*) FROM backups").await, 1);
}

#[tokio::test]
async fn long_lists_come_in_pages_with_their_filters() {
    let house = furnished().await;
    let viewer = house.signed_in(Role::Viewer).await;
    let device = stock::device(&house.core, "core-2").await;
    for n in 0..60 {
        stock::version(&house.core, device, &format!("hostname core-2\n! {n}\nend\n")).await;
    }
    let page = viewer.page("/backups?device=core").await;
    assert!(page.contains("1–50 of 61") && page.contains("/backups?device=core&#38;page=2"), "{page}");
    assert!(viewer.page("/backups?device=core&page=2").await.contains("51–61 of 61"));
}

#[tokio::test]
async fn a_doubtful_capture_is_accepted_on_its_page_by_whoever_may() {
    let house = furnished().await;
    let viewer = house.signed_in(Role::Viewer).await;
    assert!(!viewer.page("/suspects/1").await.contains("Accept it as right"));
    assert_eq!(viewer.post("/suspects/1/accept", &[]).await.status(), StatusCode::FORBIDDEN);
    let operator = house.signed_in(Role::Operator).await;
    assert!(operator.page("/suspects/1").await.contains("Accept it as right"));
    let reply = operator.post("/suspects/1/accept", &[]).await;
    assert_eq!(location(&reply), "/suspects/1");
    let page = operator.page("/suspects/1").await;
    assert!(page.contains("Accepted as right") && !page.contains("Accept it as right"), "{page}");
}
