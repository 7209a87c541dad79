//! Forms about jobs, host keys, data keys and notices, each sent as a browser sends it.

use std::time::Duration;

use netraven::{
    domain::{
        access::{Actor, Role},
        failure::{Failure, FailureClass, Stage},
        job::Ended,
        transcript::{Piece, Transcript, Way},
    },
    service::{
        capture::{self, Brought},
        keys,
    },
};
use reqwest::StatusCode;

use super::{location, sign_in};
use crate::support::{
    house::{House, PASSWORD},
    sql, stock,
};

#[tokio::test]
async fn a_job_is_checked_canceled_and_its_session_revealed_with_a_line_in_the_trail() {
    let house = House::new().await;
    let operator = house.signed_in(Role::Operator).await;
    let device = stock::device(&house.core, "core-1").await;
    operator.post("/devices/check", &[]).await;
    assert!(operator.page("/devices").await.contains("select at least one device"));
    let reply = operator.post("/devices/check", &[("devices", "1")]).await;
    let job = location(&reply).to_owned();
    assert_eq!((reply.status(), job.as_str()), (StatusCode::SEE_OTHER, "/jobs/1"));
    assert!(operator.page(&job).await.contains("The check has been started."));
    operator.post("/jobs/1/cancel", &[]).await;
    assert!(operator.page(&job).await.contains("The job is canceled."));
    assert_eq!(sql::texts(&house.core, "SELECT state AS value FROM jobs").await, ["canceled"]);
    operator.post("/jobs/1/cancel", &[]).await;
    assert!(operator.page(&job).await.contains("The job was over already."));

    let claimed = stock::claimed(&house.core, device).await;
    let pieces = vec![Piece { way: Way::Received, text: "core-1# canary".to_owned() }];
    let brought = Brought {
        job: &claimed,
        platform: None,
        known: None,
        ended: Ended::Failed(Failure::new(FailureClass::HostKeyChanged, Stage::Connect, "no")),
        lines: Vec::new(),
        duration_ms: 1,
        transcript: Some(Transcript { pieces, was_truncated: false }),
        accepted: None,
    };
    capture::record(&house.core, brought).await.unwrap();
    let path = format!("/jobs/{}/transcript", claimed.id);
    let asked = operator.post(&path, &[]).await;
    assert!(location(&asked).starts_with("/confirm?next="), "S-27: {}", location(&asked));
    operator.confirm().await;
    assert_eq!(operator.post("/jobs/1/transcript", &[]).await.status(), StatusCode::NOT_FOUND);
    let reveals = "SELECT count(*) FROM audit_events WHERE event = 'transcript_read'";
    let before = sql::number(&house.core, reveals).await;
    let reply = operator.post(&path, &[]).await;
    assert_eq!(reply.status(), StatusCode::OK);
    let disposition = reply.headers()["content-disposition"].to_str().unwrap().to_owned();
    assert!(disposition.starts_with("attachment"), "{disposition}");
    assert_eq!(reply.text().await.unwrap(), "< core-1# canary\n");
    assert_eq!(sql::number(&house.core, reveals).await, before + 1);
}

#[tokio::test]
async fn a_changed_host_key_is_accepted_with_ones_password_and_a_device_is_deleted() {
    let house = House::new().await;
    let admin = house.signed_in(Role::Admin).await;
    stock::device(&house.core, "core-1").await;
    sql::run(
        &house.core,
        "INSERT INTO host_keys (device_id, address, port, algorithm, fingerprint, public_key, pinned_at, pinned_by,
             refused_algorithm, refused_fingerprint, refused_public_key, refused_at)
           VALUES (1, 'h', 22, 'ssh-ed25519', 'SHA256:old', 'old', '2026-03-01 12:00:00', 'netraven',
             'ssh-ed25519', 'SHA256:new', 'new', '2026-03-01 12:00:00');",
    )
    .await;
    let pinned = async || sql::texts(&house.core, "SELECT fingerprint AS value FROM host_keys").await;
    let accept = async |fingerprint, password| {
        let form = [("fingerprint", fingerprint), ("password", password)];
        admin.post("/devices/1/host-key", &form).await
    };
    let wrong = accept("SHA256:new", "wrong").await;
    assert_eq!(wrong.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let page = wrong.text().await.unwrap();
    assert!(page.contains("This is not your password.") && page.contains("SHA256:new"), "{page}");
    accept("SHA256:older", PASSWORD).await;
    assert!(admin.page("/devices/1").await.contains("The device has shown another key since."));
    assert_eq!(pinned().await, ["SHA256:old"]);
    assert_eq!(location(&accept("SHA256:new", PASSWORD).await), "/devices/1");
    assert!(admin.page("/devices/1").await.contains("The new host key is pinned."));
    assert_eq!(pinned().await, ["SHA256:new"]);

    let form = admin.page("/devices/1/clone").await;
    assert!(
        form.contains("core-1-copy")
            && form.contains("value=\"cisco_ios\" selected")
            && !form.contains("device password"),
        "{form}"
    );
    assert!(admin.page("/devices/1/delete").await.contains("Delete core-1?"));
    assert_eq!(location(&admin.post("/devices/1/delete", &[]).await), "/devices");
    assert!(admin.page("/devices").await.contains("core-1 has been deleted."));
    assert_eq!(admin.get("/devices/1").await.status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn keys_are_rotated_and_removed_and_a_person_chooses_what_to_be_told() {
    let house = House::new().await;
    let admin = house.signed_in(Role::Admin).await;
    assert!(location(&admin.post("/keys/rotate", &[]).await).starts_with("/confirm"));
    admin.confirm().await;
    assert!(admin.page("/keys/rotate").await.contains("key"));
    let reply = admin.post("/keys/rotate", &[]).await;
    assert_eq!(location(&reply), "/keys");
    let states = async || sql::texts(&house.core, "SELECT state AS value FROM data_keys ORDER BY id").await;
    assert_eq!(states().await, ["active", "coming"]);
    admin.post("/keys/rotate", &[]).await;
    assert_eq!(states().await.len(), 2, "one rotation at a time");
    admin.post("/keys/1/remove", &[]).await;
    assert_eq!(states().await.len(), 2, "it is in use");
    house.clock.advance(Duration::from_secs(11));
    while keys::advance(&house.core, &Actor::system()).await.unwrap() {}
    house.clock.advance(Duration::from_hours(2));
    let admin = sign_in(&house, "admin").await;
    admin.confirm().await;
    assert_eq!(location(&admin.post("/keys/1/remove", &[]).await), "/keys");
    assert_eq!(states().await, ["retired", "active"], "other keys are derived from the first");
    admin.post("/keys/rotate", &[]).await;
    house.clock.advance(Duration::from_secs(11));
    while keys::advance(&house.core, &Actor::system()).await.unwrap() {}
    house.clock.advance(Duration::from_hours(2));
    let admin = sign_in(&house, "admin").await;
    admin.confirm().await;
    assert_eq!(location(&admin.post("/keys/2/remove", &[]).await), "/keys");
    assert_eq!(states().await, ["retired", "active"], "the second is gone");

    let wish = [("rhythm", "daily"), ("events", "changed"), ("events", "recovered")];
    assert_eq!(location(&admin.post("/account/notices", &wish).await), "/account");
    assert!(admin.page("/account").await.contains("What you are told is saved."));
    let kept = "SELECT mail_rhythm || ' ' || mail_events AS value FROM users";
    assert_eq!(sql::texts(&house.core, kept).await, ["daily changed recovered"]);
    let wrong = admin.post("/account/notices", &[("rhythm", "yearly")]).await;
    assert_eq!(wrong.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(sql::texts(&house.core, kept).await, ["daily changed recovered"]);
    admin.post("/mails/test", &[("to", "nobody")]).await;
    assert!(admin.page("/mails").await.contains("Nothing was sent to &#34;nobody&#34;"));
}
