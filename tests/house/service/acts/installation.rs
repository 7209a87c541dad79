use std::time::Duration;

use netraven::{
    domain::{
        access::{Actor, Role},
        audit::AuditFilter,
        failure::{Failure, FailureClass, Stage},
        id::DataKeyId,
        job::Ended,
        node::{Beat, NodeKind},
        setting::{Storage, Wanted},
    },
    service::{
        audit,
        capture::{self, Brought},
        keys, nodes, notices,
        settings::{self, Reset},
        silence,
        storage::{
            self, relocate,
            verify::{self, Share},
        },
    },
};
use tokio_util::sync::CancellationToken;

use super::{OTHER, Table};
use crate::support::{house::House, log_server::LogServer, smtp::Smtp, sql, stock};

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
    // The first key stays for what is derived from it; the second may go when a third has taken its place.
    keys::rotate(core, &stock::grant()).await.unwrap();
    house.clock.advance(Duration::from_secs(11));
    while keys::advance(core, &Actor::system()).await.unwrap() {}
    house.clock.advance(Duration::from_hours(2));
    let remove = async || keys::remove(core, &stock::grant(), DataKeyId(2)).await;
    table.act("keys::remove", (&state(2), ""), remove).await;

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

#[tokio::test]
async fn the_trail_on_its_way() {
    let house = House::new().await;
    let (core, mut table) = (&house.core, Table::beside(&house).await);
    let server = LogServer::tcp().await;
    stock::set(core, "audit.log_server.host", "127.0.0.1").await;
    stock::set(core, "audit.log_server.port", &server.address.port().to_string()).await;
    stock::set(core, "audit.log_server.way", "tcp").await;
    stock::schedule(core, "nightly", "60").await;
    let sent = "SELECT coalesce(sent_seq, 0) FROM audit_heads";
    table.quiet("audit/stream::send_new", (sent, "1"), async || audit::send_new(core).await).await;
}

#[tokio::test]
async fn nodes_and_what_is_silent() {
    let house = House::new().await;
    let (core, mut table) = (&house.core, Table::beside(&house).await);
    let beat =
        Beat { name: "one".to_owned(), kind: NodeKind::Serve, running: 0, places: 5, is_stopping: false };
    let count = "SELECT count(*) FROM nodes";
    table.quiet("nodes::beat", (count, "1"), async || nodes::beat(core, &beat).await).await;
    let held = "SELECT max(held_until) FROM duties";
    table.quiet("nodes::let_go", (held, OTHER), async || nodes::let_go(core, "one").await).await;
    table.quiet("nodes::leave", (count, "0"), async || nodes::leave(core, "one").await).await;
    // Nobody has planned anything for years.
    sql::run(core, "UPDATE duties SET taken_at = '2020-01-01 00:00:00', done_at = '2020-01-01 00:00:00'")
        .await;
    let told = "SELECT count(*) FROM notices WHERE event = 'silence'";
    table.quiet("silence::tell", (told, "1"), async || silence::tell(core).await).await;
}

#[tokio::test]
async fn contents_and_where_they_are_kept() {
    let house = House::new().await;
    let (core, mut table) = (&house.core, Table::beside(&house).await);
    let device = stock::device(core, "core-1").await;
    stock::version(core, device, "hostname core-1\nend\n").await;
    let target = "SELECT target FROM storage_work WHERE kind = 'move'";
    let begin = async || relocate::begin(core, &stock::grant(), Storage::Directory).await;
    table.act("storage/relocate::begin", (target, "directory"), begin).await;
    // A step takes its lease before it carries anything; that it may be cut off anywhere: `service::storage`.
    let there = "SELECT count(*) FROM contents WHERE place = 'directory'";
    table.quiet("storage/relocate::step", (there, "1"), async || relocate::step(core).await).await;

    keys::rotate(core, &stock::grant()).await.unwrap();
    house.clock.advance(Duration::from_secs(11));
    assert!(keys::advance(core, &Actor::system()).await.unwrap());
    let key = "SELECT key_id FROM contents";
    table.quiet("storage/reseal::reseal", (key, "2"), async || storage::reseal(core, 2).await).await;

    // What was found is written down as it is found, and told at the end.
    let told = "SELECT count(*) FROM audit_events WHERE event = 'storage_verified'";
    let stop = CancellationToken::new();
    let run = async || verify::run(core, &Actor::console(), (Share::All, None), &stop, |_| {}).await;
    table.quiet("storage/verify::run", (told, "1"), run).await;
    let nights = "SELECT count(*) FROM storage_work WHERE kind = 'verify' AND finished_at IS NOT NULL";
    table.quiet("storage/verify::nightly", (nights, "1"), async || verify::nightly(core).await).await;
    sql::run(core, "UPDATE contents SET is_damaged = TRUE").await;
    let sha256 = table.seen("SELECT sha256 FROM contents").await;
    let damaged = "SELECT count(*) FROM contents WHERE is_damaged";
    let whole = async || verify::verdict(core, &Actor::console(), &sha256, None).await;
    table.act("storage/verify::verdict", (damaged, "0"), whole).await;
}
