//! The audit trail: whole, in order, only added to (S-76, S-77, S-78).

use std::{collections::BTreeMap, sync::Arc};

use futures_util::future::join_all;
use netraven::{
    crypt::{
        Keyring, Place,
        sealed::{Key, seal_with, unseal_with},
    },
    domain::{
        audit::{AuditEvent, AuditFilter, AuditOutcome, EventGroup, ObjectKind},
        page::PageRequest,
    },
    service::{
        Core,
        audit::{self, Break, Verdict},
        backups, settings,
    },
};

use crate::support::{house::House, sql, stock};

/// Takes the triggers away, as somebody with the database's password would.
async fn disarm(core: &Core) {
    let statements = if sql::is_sqlite(core).await {
        "DROP TRIGGER audit_events_no_update; DROP TRIGGER audit_events_no_delete"
    } else {
        "ALTER TABLE audit_events DISABLE TRIGGER ALL"
    };
    sql::run(core, statements).await;
}

async fn verified(core: &Core) -> Verdict {
    audit::verify(core, &stock::grant()).await.unwrap()
}

async fn first_bad(core: &Core) -> Option<Break> {
    verified(core).await.first_bad
}

async fn schedules(core: &Core, names: &[&str]) {
    for name in names {
        stock::schedule(core, name, "60").await;
    }
}

/// A house with eight lines in its trail, whose end was written down at the sixth, and without triggers.
async fn eight() -> House {
    let house = House::new().await;
    schedules(&house.core, &["a", "b", "c", "d", "e", "f"]).await;
    audit::anchor(&house.core).await.unwrap();
    schedules(&house.core, &["g", "h"]).await;
    let verdict = verified(&house.core).await;
    assert_eq!((verdict.lines, verdict.anchors, verdict.first_bad), (8, 1, None));
    disarm(&house.core).await;
    house
}

#[tokio::test]
async fn a_changed_line_is_found() {
    for column in
        ["actor = 'mallory'", "object = 'x'", "detail = NULL", "at = '2026-01-01 00:00:00'", "changes = '[]'"]
    {
        let house = eight().await;
        sql::run(&house.core, &format!("UPDATE audit_events SET {column} WHERE seq = 3")).await;
        assert_eq!(first_bad(&house.core).await, Some(Break::Changed(3)), "{column}");
    }
}

#[tokio::test]
async fn a_removed_line_is_found() {
    let house = eight().await;
    sql::run(&house.core, "DELETE FROM audit_events WHERE seq = 4").await;
    assert_eq!(first_bad(&house.core).await, Some(Break::Missing(4)));
    // Closing the gap does not help.
    sql::run(&house.core, "UPDATE audit_events SET seq = 4 WHERE seq = 5").await;
    assert_eq!(first_bad(&house.core).await, Some(Break::Changed(4)));
}

#[tokio::test]
async fn lines_in_another_order_are_found() {
    let house = eight().await;
    let swap = "UPDATE audit_events SET seq = 99 WHERE seq = 2; UPDATE audit_events SET seq = 2 WHERE seq = 3; \
                UPDATE audit_events SET seq = 3 WHERE seq = 99";
    sql::run(&house.core, swap).await;
    assert_eq!(first_bad(&house.core).await, Some(Break::Changed(2)));
    let house = eight().await;
    // The order that the list shows is that of the ids.
    sql::run(&house.core, "UPDATE audit_events SET id = 1000 WHERE seq = 2").await;
    assert_eq!(first_bad(&house.core).await, Some(Break::Moved(3)));
}

#[tokio::test]
async fn a_tail_that_was_cut_off_is_found() {
    let house = eight().await;
    sql::run(&house.core, "DELETE FROM audit_events WHERE seq > 4").await;
    assert_eq!(first_bad(&house.core).await, Some(Break::Cut(5)), "the head remembers");
    let back = "UPDATE audit_heads SET seq = 4, mac = (SELECT mac FROM audit_events WHERE seq = 4)";
    sql::run(&house.core, back).await;
    assert_eq!(first_bad(&house.core).await, Some(Break::Cut(5)), "the file remembers");
}

#[tokio::test]
async fn a_trail_that_was_written_anew_is_found() {
    let house = eight().await;
    let back = "DELETE FROM audit_events WHERE seq > 4; \
                UPDATE audit_heads SET seq = 4, mac = (SELECT mac FROM audit_events WHERE seq = 4)";
    sql::run(&house.core, back).await;
    // Lines by NetRaven itself: every seal is right, and still it is not what was written down.
    schedules(&house.core, &["x", "y", "z"]).await;
    assert!(matches!(first_bad(&house.core).await, Some(Break::Rewritten(6, _))));
}

#[tokio::test]
async fn a_forged_line_is_found_wherever_it_is_put() {
    let house = eight().await;
    let columns = "at, actor, event, object, object_kind, outcome";
    let forged = "'2026-03-01 12:00:00', 'olga', 'schedule_deleted', 'a', '', 'done'";
    sql::run(&house.core, &format!("INSERT INTO audit_events ({columns}) VALUES ({forged})")).await;
    assert!(matches!(first_bad(&house.core).await, Some(Break::Beside(1, _))));
    sql::run(&house.core, "DELETE FROM audit_events WHERE seq IS NULL").await;
    assert_eq!(first_bad(&house.core).await, None);
    let end = format!("INSERT INTO audit_events (seq, mac, {columns}) VALUES (9, 'ab', {forged})");
    sql::run(&house.core, &end).await;
    assert_eq!(first_bad(&house.core).await, Some(Break::Changed(9)));
}

// S-76
#[tokio::test]
async fn the_databases_refuse_changes_and_removals() {
    let house = House::new().await;
    schedules(&house.core, &["a"]).await;
    let before = sql::everything(&house.core).await;
    for statement in ["UPDATE audit_events SET actor = 'x'", "DELETE FROM audit_events"] {
        let core = house.core.clone();
        let refused = tokio::spawn(async move { sql::run(&core, statement).await }).await;
        let why = refused.unwrap_err().into_panic().downcast::<String>().unwrap();
        assert!(why.contains("the audit trail can only be added to"), "{why}");
    }
    assert_eq!(sql::everything(&house.core).await, before);
}

// S-76: no gap and no fork, whoever writes at the same time.
#[tokio::test(flavor = "multi_thread")]
async fn twenty_who_write_at_once_make_one_chain() {
    let house = House::new().await;
    let done = join_all((0..20).map(|n| {
        let core = house.core.clone();
        tokio::spawn(async move { stock::device(&core, &format!("d-{n}")).await })
    }))
    .await;
    assert!(done.into_iter().all(|done| done.is_ok()));
    let lines = sql::number(&house.core, "SELECT count(*) FROM audit_events").await;
    assert!(lines >= 20);
    assert_eq!(sql::number(&house.core, "SELECT max(seq) FROM audit_events").await, lines);
    assert_eq!(sql::number(&house.core, "SELECT count(DISTINCT mac) FROM audit_events").await, lines);
    let verdict = verified(&house.core).await;
    assert_eq!((verdict.lines, verdict.unsealed, verdict.first_bad), (lines, 0, None));
}

#[tokio::test]
async fn lines_from_before_the_chain_are_counted_and_lines_without_a_key_are_told() {
    let house = House::new().await;
    let old = "INSERT INTO audit_events (at, actor, event, object) VALUES ('2026-01-01 00:00:00', 'olga', 'signed_in', 'olga')";
    sql::run(&house.core, old).await;
    schedules(&house.core, &["a"]).await;
    let sealed = Core { keyring: Arc::new(Keyring::sealed("no master key")), ..house.core.clone() };
    schedules(&sealed, &["b", "c"]).await;
    schedules(&house.core, &["d"]).await;
    let verdict = verified(&house.core).await;
    assert_eq!((verdict.lines, verdict.unsealed, verdict.before, verdict.first_bad), (4, 2, 1, None));
    assert!(audit::verify(&sealed, &stock::grant()).await.is_err(), "without a key nothing can be proven");
    // A seal that is taken away breaks the one after.
    disarm(&house.core).await;
    sql::run(&house.core, "UPDATE audit_events SET mac = '', actor = 'x' WHERE seq = 1").await;
    assert_eq!(first_bad(&house.core).await, Some(Break::Changed(4)));
}

#[tokio::test]
async fn the_chain_outlives_its_data_keys() {
    let house = House::new().await;
    let (old, new) = (Key::new([7; 32]), Key::new([8; 32]));
    let ring = |keys: &[(i64, &Key)]| {
        let keys: BTreeMap<i64, Key> = keys.iter().map(|(id, key)| (*id, (*key).clone())).collect();
        Core { keyring: Arc::new(Keyring::open(keys)), ..house.core.clone() }
    };
    let first = ring(&[(1, &old)]);
    schedules(&first, &["a", "b"]).await;
    let both = ring(&[(1, &old), (2, &new)]);
    schedules(&both, &["c"]).await;
    // What rotation does: open with the old key, seal with the new one. Then the old one goes.
    let place = Place { table: "audit_heads", column: "sealed_key", row: "1" };
    let head = netraven::store::audit::chain::head(&mut house.core.db.read().await.unwrap()).await.unwrap();
    let plain = unseal_with(&old, place, &head.sealed_key.unwrap()).unwrap();
    let sealed = seal_with(&new, 2, place, &plain).unwrap();
    netraven::store::audit::chain::set_key(&mut house.core.db.write().await.unwrap(), &sealed).await.unwrap();
    let second = ring(&[(2, &new)]);
    schedules(&second, &["d"]).await;
    let verdict = verified(&second).await;
    assert_eq!((verdict.lines, verdict.first_bad), (4, None));
    // A keyring that cannot open it refuses to act rather than to write lines that nobody can prove (S-77).
    let name = netraven::domain::schedule::Recurrence::every("60").unwrap();
    let schedule = netraven::domain::schedule::NewSchedule::new("e", name);
    assert!(netraven::service::schedules::create(&first, &stock::grant(), &schedule).await.is_err());
    assert_eq!(verified(&second).await.lines, 4);
}

// S-77: what cannot be written down is not given out.
#[tokio::test]
async fn secrets_are_not_read_when_the_trail_cannot_be_written() {
    let house = House::new().await;
    let device = stock::device(&house.core, "core-1").await;
    let id = stock::version(&house.core, device, "hostname core-1\nend\n").await;
    let version = backups::find(&house.core, &stock::grant(), id).await.unwrap().unwrap();
    assert!(backups::download(&house.core, &stock::grant(), &version).await.is_ok());
    let refuse = if sql::is_sqlite(&house.core).await {
        "CREATE TRIGGER no_more BEFORE INSERT ON audit_events BEGIN SELECT RAISE(ABORT, 'full'); END"
    } else {
        "CREATE TRIGGER no_more BEFORE INSERT ON audit_events FOR EACH ROW EXECUTE FUNCTION audit_events_refuse()"
    };
    sql::run(&house.core, refuse).await;
    assert!(backups::download(&house.core, &stock::grant(), &version).await.is_err());
    assert!(audit::export(&house.core, &stock::grant(), AuditFilter::default(), "CSV").await.is_err());
    let wanted = netraven::domain::setting::Wanted::Value("5".into());
    let key = "system.backup.retention_days";
    assert!(settings::set(&house.core, &stock::grant(), key, wanted).await.is_err());
    assert_eq!(house.core.settings.now().backup_days, 30);
}

async fn found(core: &Core, filter: AuditFilter) -> Vec<(AuditEvent, String)> {
    let page = audit::list(core, &stock::grant(), &filter, PageRequest::number(1)).await.unwrap();
    assert_eq!(page.total, i64::try_from(page.rows.len()).unwrap());
    page.rows.into_iter().map(|line| (line.event, line.object)).collect()
}

#[tokio::test]
async fn the_trail_is_narrowed_down_by_everything_it_says() {
    let house = House::new().await;
    let core = &house.core;
    schedules(core, &["nightly"]).await;
    house.clock.advance(std::time::Duration::from_hours(24));
    let key = "system.backup.retention_days";
    settings::set(core, &stock::grant(), key, netraven::domain::setting::Wanted::Value("90".into()))
        .await
        .unwrap();
    let visitor = house.visitor();
    visitor.post("/login", &[("username", "mallory_%"), ("password", "wrong wrong wrong")]).await;
    let all = found(core, AuditFilter::default()).await;
    assert_eq!(all.first().unwrap().0, AuditEvent::SignInRefused);
    assert_eq!(all.last().unwrap().0, AuditEvent::ScheduleCreated);
    let set = vec![(AuditEvent::SettingChanged, key.to_owned())];
    let made = vec![(AuditEvent::ScheduleCreated, "nightly".to_owned())];
    let base = AuditFilter::default;
    let id = settings::find_by_key(core, &stock::grant(), key).await.unwrap().unwrap().id.0;
    for (filter, wanted) in [
        (AuditFilter { events: vec![AuditEvent::SettingChanged], ..base() }, &set),
        (AuditFilter { events: EventGroup::Schedules.events().collect(), ..base() }, &made),
        (AuditFilter { object: Some("RETENTION".into()), ..base() }, &set),
        (AuditFilter { object: Some("60 MINUTES".into()), ..base() }, &made),
        (AuditFilter { kind: Some(ObjectKind::Setting), object_id: Some(id), ..base() }, &set),
        (AuditFilter { kind: Some(ObjectKind::Device), ..base() }, &vec![]),
        (AuditFilter { until: Some(house.clock.now()), ..base() }, &made),
        (AuditFilter { actor: Some("%".into()), object: Some("nightly".into()), ..base() }, &vec![]),
        (AuditFilter { address: Some("192.0.2.".into()), ..base() }, &vec![]),
    ] {
        assert_eq!(&found(core, filter.clone()).await, wanted, "{filter:?}");
    }
    let refused = AuditFilter { outcome: Some(AuditOutcome::Refused), ..base() };
    let from = AuditFilter { from: Some(house.clock.now()), address: Some("127.0.0".into()), ..base() };
    assert!(found(core, refused).await.iter().all(|(event, _)| *event == AuditEvent::SignInRefused));
    assert_eq!(found(core, from).await.len(), 1);
    let page = audit::list(core, &stock::grant(), &base(), PageRequest::number(1)).await.unwrap();
    let line = page.rows.iter().find(|line| line.event == AuditEvent::SettingChanged).unwrap();
    let again = audit::find(core, &stock::grant(), line.id).await.unwrap().unwrap();
    let change = &again.changes.0[0];
    assert_eq!((change.before.as_deref(), change.after.as_deref()), (Some("30"), Some("90")));
}
