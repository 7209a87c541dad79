//! Mails over TLS from an account, set on the settings page and seen on the page of mails.

use std::time::Duration;

use netraven::{
    domain::{
        access::Role,
        failure::{Failure, FailureClass, Stage},
        job::Ended,
        secret::Secret,
        setting::Wanted,
    },
    service::{
        Core,
        capture::{self, Brought},
        notices::{self, AUTHORITIES},
        settings,
    },
};

use super::sign_in;
use crate::support::{house::House, smtp::Smtp, sql, stock};

async fn secret(core: &Core, key: &str, value: &str) {
    let wanted = Wanted::Secret(Secret::new(value));
    settings::set(core, &stock::grant(), &format!("notification.email.{key}"), wanted).await.unwrap();
}

/// A house whose mails go to this server over TLS, with an admin who has an address.
async fn posted(smtp: &Smtp) -> House {
    let house = House::new().await;
    house.person(Role::Admin).await;
    sql::run(&house.core, "UPDATE users SET email = 'admin@example.net'").await;
    for (key, value) in [
        ("enabled", "true".to_owned()),
        ("smtp_server", "127.0.0.1".to_owned()),
        ("smtp_port", smtp.address.port().to_string()),
        ("smtp_use_tls", "true".to_owned()),
        ("from_address", "raven@example.net".to_owned()),
    ] {
        stock::set(&house.core, &format!("notification.email.{key}"), &value).await;
    }
    std::fs::write(house.places.data_dir.join(AUTHORITIES), &smtp.certificate).unwrap();
    house
}

/// Asks for a test mail on the page and gives what is said there.
async fn tested(house: &House) -> String {
    let admin = sign_in(house, "admin").await;
    admin.post("/mails/test", &[("to", "olga@example.net")]).await;
    admin.page("/mails").await
}

#[tokio::test]
async fn a_mail_goes_over_tls_from_the_account_and_nothing_of_it_in_clear() {
    let smtp = Smtp::secure(("raven", "mail secret")).await;
    let house = posted(&smtp).await;
    let page = tested(&house).await;
    assert!(page.contains("authentication required"), "without an account: {page}");
    secret(&house.core, "smtp_username", "raven").await;
    secret(&house.core, "smtp_password", "mail secret").await;
    let page = tested(&house).await;
    assert!(page.contains("The mail server took the mail to olga@example.net."), "{page}");
    let taken = smtp.taken();
    assert_eq!((taken.len(), taken[0].account.as_deref()), (1, Some("raven")));
    let heard = smtp.heard_in_clear();
    assert!(heard.iter().all(|line| line.starts_with("EHLO") || line == "STARTTLS"), "{heard:?}");

    // Another server is used from the next mail on, without a restart.
    let other = Smtp::secure(("raven", "mail secret")).await;
    let port = other.address.port().to_string();
    stock::set(&house.core, "notification.email.smtp_port", &port).await;
    let untrusted = tested(&house).await;
    assert!(untrusted.contains("Nothing was sent") && other.taken().is_empty(), "{untrusted}");
    let heard = other.heard_in_clear();
    assert!(heard.iter().all(|line| line.starts_with("EHLO") || line == "STARTTLS"), "{heard:?}");
    let file = house.places.data_dir.join(AUTHORITIES);
    std::fs::write(&file, "no certificate").unwrap();
    let broken = tested(&house).await;
    assert!(broken.contains("mail-ca.pem in the data folder holds no certificates in PEM"), "{broken}");
    std::fs::write(&file, format!("{}{}", smtp.certificate, other.certificate)).unwrap();
    assert!(tested(&house).await.contains("The mail server took the mail"));
    assert_eq!((smtp.taken().len(), other.taken().len()), (1, 1));
}

#[tokio::test]
async fn a_wrong_password_is_told_and_the_mail_is_kept_until_it_is_right() {
    let smtp = Smtp::secure(("raven", "mail secret")).await;
    let house = posted(&smtp).await;
    let core = &house.core;
    secret(core, "smtp_username", "raven").await;
    secret(core, "smtp_password", "wrong secret").await;
    let page = tested(&house).await;
    assert!(page.contains("Nothing was sent") && page.contains("credentials invalid"), "{page}");
    let device = stock::device(core, "core-1").await;
    let job = stock::claimed(core, device).await;
    let brought = Brought {
        job: &job,
        platform: None,
        known: None,
        ended: Ended::Failed(Failure::new(FailureClass::HostKeyChanged, Stage::Connect, "no")),
        lines: Vec::new(),
        duration_ms: 1,
        transcript: None,
        accepted: None,
    };
    capture::record(core, brought).await.unwrap();
    // Long enough for whatever is gathered, however that is timed.
    house.clock.advance(Duration::from_hours(1));
    assert_eq!(notices::gather(core).await.unwrap(), 1);
    assert_eq!(notices::send_due(core).await.unwrap(), 0);
    let admin = sign_in(&house, "admin").await;
    let page = admin.page("/mails").await;
    assert!(page.contains("Tried 1 times") && page.contains("credentials invalid"), "{page}");
    assert!(!page.contains("wrong secret"), "{page}");
    assert!(smtp.taken().is_empty());
    secret(core, "smtp_password", "mail secret").await;
    house.clock.advance(Duration::from_mins(10));
    assert_eq!(notices::send_due(core).await.unwrap(), 1);
    assert_eq!(smtp.taken()[0].account.as_deref(), Some("raven"));
    let admin = sign_in(&house, "admin").await;
    let page = admin.page("/mails").await;
    assert!(page.contains("Sent") && !page.contains("credentials invalid"), "{page}");
}
