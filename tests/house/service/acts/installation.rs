use std::time::Duration;

use netraven::{
    domain::{
        access::{Actor, Role},
        audit::AuditFilter,
        failure::{Failure, FailureClass, Stage},
        id::DataKeyId,
        job::Ended,
        setting::Wanted,
    },
    service::{
        audit,
        capture::{self, Brought},
        keys, notices,
        settings::{self, Reset},
    },
};

use super::Table;
use crate::support::{house::House, smtp::Smtp, sql, stock};

#[tokio::test]
async fn settings_and_keys() {
    let house = House::new().await;
    let (core, mut table) = (&house.core, Table::beside(&house).await);
    let key = "system.general.application_name";
    let value = format!("SELECT value FROM settings WHERE key = '{key}'");
    let set = async || settings::set(core, &stock::grant(), key, Wanted::Value("Raven".to_owned())).await;
    table.act("settings/change::set", (&value, "Raven"), set).await;
    let wanted = || [(key.to_owned(), Wanted::Value("Crow".to_owned()))];
    let many = async || settings::set_many(core, &stock::grant(), &wanted(), None).await;
    table.act("settings/change::set_many", (&value, "Crow"), many).await;
    let reset = async || settings::reset(core, &stock::grant(), Reset::Key(key)).await;
    table.act("settings/change::reset", (&value, "NetRaven"), reset).await;

    let state = |id: i64| format!("SELECT state FROM data_keys WHERE id = {id}");
    let rotate = async || keys::rotate(core, &stock::grant()).await;
    table.act("keys::rotate", (&state(2), "coming"), rotate).await;
    house.clock.advance(Duration::from_secs(11));
    let advance = async || keys::advance(core, &Actor::system()).await;
    table.quiet("keys::advance", (&state(2), "active"), advance).await;
    while keys::advance(core, &Actor::system()).await.unwrap() {}
    house.clock.advance(Duration::from_hours(2));
    let remove = async || keys::remove(core, &stock::grant(), DataKeyId(1)).await;
    table.act("keys::remove", (&state(1), ""), remove).await;

    let take_out = async || audit::export(core, &stock::grant(), AuditFilter::default(), "all").await;
    let told = "SELECT count(*) FROM audit_events WHERE event = 'exported'";
    table.act("audit/export::export", (told, "1"), take_out).await;
}

#[tokio::test]
async fn notices_and_mails() {
    let house = House::new().await;
    let (core, mut table) = (&house.core, Table::beside(&house).await);
    let smtp = Smtp::start().await;
    house.person(Role::Admin).await;
    sql::run(core, "UPDATE users SET email = 'admin@example.net'").await;
    for (key, value) in [
        ("enabled", "true".to_owned()),
        ("smtp_server", "127.0.0.1".to_owned()),
        ("smtp_port", smtp.address.port().to_string()),
        ("smtp_use_tls", "false".to_owned()),
        ("from_address", "raven@example.net".to_owned()),
    ] {
        stock::set(core, &format!("notification.email.{key}"), &value).await;
    }
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
    let mails = "SELECT count(*) FROM mails";
    table.quiet("notices::gather", (mails, "1"), async || notices::gather(core).await).await;
    let sent = "SELECT count(*) FROM mails WHERE sent_at IS NOT NULL";
    table.quiet("notices/mail::send_due", (sent, "1"), async || notices::send_due(core).await).await;
    let to = "olga@example.net".parse().unwrap();
    let tests = "SELECT count(*) FROM audit_events WHERE event = 'mail_tested'";
    let test = async || notices::test(core, &stock::grant(), &to).await;
    table.act("notices/mail::test", (tests, "1"), test).await;
    house.clock.advance(Duration::from_hours(24 * 31));
    table.quiet("notices::forget", (mails, "0"), async || notices::forget(core).await).await;
}
