//! Mails: what is told to whom, gathered by cause, sent by a real mail server, and never lost.

use std::time::Duration;

use netraven::{
    domain::{
        access::{Role, Session},
        credential::Accepted,
        failure::{Failure, FailureClass, Stage},
        id::{DeviceId, SessionId},
        job::Ended,
        notice::{GATHERED_FOR, NoticeEvent, QUIET_FOR, Rhythm, Wishes},
        page::PageRequest,
        secret::Secret,
        setting::Wanted,
    },
    service::{
        Core,
        capture::{self, Brought},
        credentials,
        notices::{self, MailError},
        settings, users,
    },
};

use crate::support::{house::House, smtp::Smtp, sql, stock};

/// A house whose mails go to this server, with a person per role who has an address.
async fn posted(roles: &[Role]) -> (House, Smtp) {
    let house = House::new().await;
    let smtp = Smtp::start().await;
    for role in roles {
        let name = house.person(*role).await;
        let sql = format!("UPDATE users SET email = '{name}@example.net' WHERE username = '{name}'");
        sql::run(&house.core, &sql).await;
    }
    for (key, value) in [
        ("enabled", "true".to_owned()),
        ("smtp_server", "127.0.0.1".to_owned()),
        ("smtp_port", smtp.address.port().to_string()),
        ("smtp_use_tls", "false".to_owned()),
        ("from_address", "raven@example.net".to_owned()),
    ] {
        stock::set(&house.core, &format!("notification.email.{key}"), &value).await;
    }
    (house, smtp)
}

async fn fail(core: &Core, device: DeviceId) {
    let job = stock::claimed(core, device).await;
    let failure = Failure::new(FailureClass::Unreachable, Stage::Connect, "no answer");
    let brought = Brought {
        job: &job,
        platform: None,
        known: None,
        ended: Ended::Failed(failure),
        lines: Vec::new(),
        duration_ms: 1,
        transcript: None,
        accepted: None,
    };
    capture::record(core, brought).await.unwrap();
}

/// Waits until nothing grows any more, writes the mails and sends them.
async fn post(house: &House) -> usize {
    notices::gather(&house.core).await.unwrap();
    house.clock.advance(QUIET_FOR.to_std().unwrap());
    notices::gather(&house.core).await.unwrap();
    notices::send_due(&house.core).await.unwrap()
}

fn subject(text: &str) -> &str {
    text.lines().find_map(|line| line.strip_prefix("Subject: ")).unwrap()
}

async fn wish(house: &House, name: &str, rhythm: Rhythm, events: &[NoticeEvent]) {
    let user = users::find_by_name(&house.core, &stock::grant(), name).await.unwrap().unwrap();
    let mut actor = netraven::domain::access::Actor::console();
    actor.user = Some(user.id);
    let session = Session { id: SessionId(1), actor, confirmed_at: None };
    notices::set_wishes(&house.core, &session, &Wishes { rhythm, events: events.to_vec() }).await.unwrap();
}

// Three hundred failures of one cause are one mail; a failure is told once, and again after a day; then the recovery.
#[tokio::test]
async fn failures_are_told_once_a_day_and_the_recovery_once() {
    let (house, smtp) = posted(&[Role::Admin]).await;
    let core = &house.core;
    let mut devices = Vec::new();
    for number in 0..30 {
        devices.push(stock::device(core, &format!("core-{number:02}")).await);
    }
    for device in &devices {
        fail(core, *device).await;
    }
    assert_eq!(post(&house).await, 1);
    let mail = smtp.taken().remove(0);
    assert_eq!((mail.from.as_str(), mail.to.as_str()), ("raven@example.net", "admin@example.net"));
    assert_eq!(subject(&mail.text), "[NetRaven] 30 devices failed: unreachable");
    assert!(mail.text.contains("core-00") && mail.text.contains("no answer"), "{}", mail.text);
    fail(core, devices[0]).await;
    assert_eq!(post(&house).await, 0, "known already");
    house.clock.advance(Duration::from_hours(24));
    fail(core, devices[0]).await;
    assert_eq!(post(&house).await, 1);
    assert_eq!(subject(&smtp.taken()[1].text), "[NetRaven] 1 device still failing: unreachable");
    stock::version(core, devices[0], "hostname core-00\nend\n").await;
    assert_eq!(post(&house).await, 1);
    assert_eq!(subject(&smtp.taken()[2].text), "[NetRaven] 1 device recovered");
    assert_eq!(post(&house).await, 0);
}

// a link breaks, and the devices behind it time out one after the other, as five places at work find it.
#[tokio::test]
async fn what_fails_for_one_cause_over_minutes_is_one_mail() {
    let (house, smtp) = posted(&[Role::Admin]).await;
    let core = &house.core;
    let mut devices = Vec::new();
    for number in 0..300 {
        devices.push(stock::device(core, &format!("core-{number:03}")).await);
    }
    let mut mails = 0;
    // Ten seconds for each five: ten minutes in all.
    for five in devices.chunks(5) {
        for device in five {
            fail(core, *device).await;
        }
        house.clock.advance(Duration::from_secs(10));
        notices::gather(core).await.unwrap();
        mails += notices::send_due(core).await.unwrap();
    }
    assert_eq!(mails, 0, "it still grows");
    assert_eq!(post(&house).await, 1);
    assert_eq!(subject(&smtp.taken()[0].text), "[NetRaven] 300 devices failed: unreachable");
    // What never ends is told all the same, and another cause does not wait for it.
    let began = house.clock.now();
    let mut told = Vec::new();
    for device in &devices[..60] {
        stock::version(core, *device, "hostname x\nend\n").await;
        house.clock.advance(Duration::from_mins(1));
        notices::gather(core).await.unwrap();
        if notices::send_due(core).await.unwrap() > 0 {
            told.push(house.clock.now() - began);
        }
    }
    assert_eq!(told.first().copied(), Some(GATHERED_FOR), "{told:?}");
    assert!(told.len() <= 3, "{told:?}");
}

// flapping is damped.
#[tokio::test]
async fn a_device_that_flaps_is_two_mails_a_day() {
    let (house, smtp) = posted(&[Role::Admin]).await;
    let core = &house.core;
    wish(&house, "admin", Rhythm::AtOnce, &[NoticeEvent::FirstFailure, NoticeEvent::Recovered]).await;
    let device = stock::device(core, "core-1").await;
    for hour in 0..12 {
        fail(core, device).await;
        post(&house).await;
        stock::version(core, device, &format!("hostname core-1\n! {hour}\nend\n")).await;
        post(&house).await;
        house.clock.advance(Duration::from_hours(1));
    }
    let subjects: Vec<String> = smtp.taken().iter().map(|mail| subject(&mail.text).to_owned()).collect();
    assert_eq!(
        subjects,
        ["[NetRaven] 1 device failed: unreachable", "[NetRaven] 1 device recovered"],
        "once a day"
    );
    fail(core, device).await;
    assert_eq!(post(&house).await, 0);
    house.clock.advance(Duration::from_hours(4));
    fail(core, device).await;
    assert_eq!(post(&house).await, 1, "it fails for good");
}

// the breaker's opening is an alarm: to every admin who sees everything, whatever they wish, and on the first page.
#[tokio::test]
async fn a_stopped_credential_is_told_to_admins_at_once() {
    let (house, smtp) = posted(&[Role::Operator, Role::Viewer]).await;
    let admin = house.signed_in(Role::Admin).await;
    let core = &house.core;
    sql::run(core, "UPDATE users SET email = 'admin@example.net' WHERE username = 'admin'").await;
    wish(&house, "admin", Rhythm::Daily, &[]).await;
    let credential = stock::shared(core, "tacacs").await;
    let of = Accepted {
        row: credential,
        credential,
        revision: 1,
        tag: None,
        name: "the shared credential tacacs".to_owned(),
        is_known: false,
    };
    let mut devices = Vec::new();
    for name in ["a", "b", "c"] {
        devices.push(stock::device(core, name).await);
    }
    // The same device again and again is one device.
    for device in [0, 0, 0, 1, 0, 1] {
        let is_stopped = credentials::refused(core, devices[device], &of, true).await.unwrap();
        assert!(!is_stopped, "two devices");
    }
    assert!(!admin.page("/").await.contains("is stopped"));
    assert!(credentials::refused(core, devices[2], &of, true).await.unwrap());
    notices::gather(core).await.unwrap();
    assert_eq!(notices::send_due(core).await.unwrap(), 1);
    let mail = smtp.taken().remove(0);
    assert_eq!(mail.to, "admin@example.net");
    assert_eq!(subject(&mail.text), "[NetRaven] the shared credential tacacs is stopped");
    let page = admin.page("/").await;
    assert!(page.contains("tacacs</a> is stopped"), "{page}");
}

#[tokio::test]
async fn everybody_is_told_what_they_wish_when_they_wish_and_only_what_they_see() {
    let (house, smtp) = posted(&[Role::Admin, Role::Operator, Role::Viewer, Role::Auditor]).await;
    let core = &house.core;
    wish(&house, "admin", Rhythm::AtOnce, &[NoticeEvent::Changed]).await;
    wish(&house, "operator", Rhythm::Hourly, &[NoticeEvent::Changed, NoticeEvent::FirstFailure]).await;
    wish(&house, "auditor", Rhythm::Daily, &[]).await;
    sql::run(core, "UPDATE users SET scope = 'tags' WHERE username = 'viewer'").await;
    let device = stock::device(core, "core-1").await;
    stock::version(core, device, "hostname core-1\nend\n").await;
    stock::version(core, device, "hostname core-1\n!\nend\n").await;
    assert_eq!(post(&house).await, 1, "the first version is no change");
    assert_eq!(smtp.taken()[0].to, "admin@example.net");
    fail(core, device).await;
    assert_eq!(post(&house).await, 0);
    house.clock.advance(Duration::from_hours(1));
    assert_eq!(post(&house).await, 1);
    let digest = smtp.taken().remove(1);
    assert_eq!(
        (digest.to.as_str(), subject(&digest.text)),
        ("operator@example.net", "[NetRaven] 2 things to know")
    );
    house.clock.advance(Duration::from_hours(24));
    assert_eq!(post(&house).await, 0, "nobody else wished it or sees the device");
}

// what the mail server does not take waits, whatever happens meanwhile; with mail off nothing is lost either.
#[tokio::test]
async fn a_mail_waits_for_the_mail_server() {
    let (house, smtp) = posted(&[Role::Admin]).await;
    let core = &house.core;
    stock::set(core, "notification.email.enabled", "false").await;
    let device = stock::device(core, "core-1").await;
    fail(core, device).await;
    assert_eq!(post(&house).await, 0);
    stock::set(core, "notification.email.enabled", "true").await;
    smtp.refuse(true);
    assert_eq!(post(&house).await, 0);
    let list =
        async || notices::list(core, &stock::grant(), PageRequest::first(9)).await.unwrap().rows.remove(0);
    let mail = list().await;
    assert!(mail.error.as_ref().unwrap().contains("450") && mail.sent_at.is_none(), "{mail:?}");
    smtp.refuse(false);
    assert_eq!(notices::send_due(core).await.unwrap(), 0, "not at once again");
    house.clock.advance(Duration::from_mins(5));
    assert_eq!(post(&house).await, 1);
    let mail = list().await;
    assert!(mail.sent_at.is_some() && mail.error.is_none() && mail.attempts == 2, "{mail:?}");
    assert_eq!(smtp.taken().len(), 1);
}

#[tokio::test]
async fn a_test_mail_says_what_the_server_said_and_no_password_goes_out_readable() {
    let (house, smtp) = posted(&[]).await;
    let (core, to) = (&house.core, "olga@example.net".parse().unwrap());
    stock::set(core, "system.general.application_name", "Raven of Ulm").await;
    notices::test(core, &stock::grant(), &to).await.unwrap();
    let mail = smtp.taken().remove(0);
    assert_eq!((mail.to.as_str(), subject(&mail.text)), ("olga@example.net", "[Raven of Ulm] Test mail"));
    smtp.refuse(true);
    let refused = notices::test(core, &stock::grant(), &to).await.unwrap_err();
    assert!(matches!(refused, MailError::Server(_)), "{refused}");
    let account = Wanted::Secret(Secret::new("raven"));
    settings::set(core, &stock::grant(), "notification.email.smtp_username", account).await.unwrap();
    let plain = notices::test(core, &stock::grant(), &to).await.unwrap_err();
    assert!(matches!(plain, MailError::Plain), "{plain}");
    let told =
        sql::texts(core, "SELECT outcome AS value FROM audit_events WHERE event = 'mail_tested' ORDER BY id")
            .await;
    assert_eq!(told, ["done", "refused", "refused"]);
}
