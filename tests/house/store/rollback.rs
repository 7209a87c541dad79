//! Store functions never commit: what each of them does in a transaction that is dropped is seen in it, by nobody else,
//! and by nobody afterwards.

use std::collections::BTreeMap;

use netraven::{
    domain::{
        access::Role,
        entry::{Entry, Level},
        host_key::HostKey,
        id::{BackupId, DeviceId, JobId, UserId},
        job::{JobKind, Priority},
        key::KeyState,
        notice::{NewNotice, NoticeEvent, Rhythm, Wishes},
        rule::{self, NewRule},
        schedule::{NewBlackout, NewSchedule, Owner, Recurrence, Targets, Window},
        tag::{Color, NewTag},
    },
    store::{self, Conn, StoreError, Tx, batches::NewBatch, jobs::Order, sessions::Browser},
};

use crate::support::{house::House, second::Second, stock};

/// What is in the house.
struct Ids {
    device: DeviceId,
    job: JobId,
    version: BackupId,
    user: UserId,
}

/// A house with something in most tables, and the connection that only sees what is committed.
struct Outside {
    house: House,
    second: Second,
    queries: Vec<(String, String)>,
    before: BTreeMap<String, Vec<String>>,
    ids: Ids,
}

async fn outside() -> Outside {
    let house = House::new().await;
    let core = &house.core;
    house.person(Role::Admin).await;
    let device = stock::device(core, "core-1").await;
    let version = stock::version(core, device, "hostname core-1\nend\n").await;
    stock::suspect(core, device, "hostname\n").await;
    stock::rule(core, "cores", "core", "name starts core-").await;
    stock::import(core, "hostname,address,platform\nbranch-1,192.0.2.200,frr\nbranch 2,,\n").await;
    stock::shared(core, "tacacs").await;
    let other = stock::device(core, "core-2").await;
    let job = stock::claimed(core, other).await.id;
    let mut second = Second::open(&house.places.database_url).await;
    let queries = second.queries().await;
    let before = second.everything(&queries).await;
    let ids = Ids { device, job, version, user: UserId(1) };
    Outside { house, second, queries, before, ids }
}

/// How many rows a table has, or what a row says, as somebody within the transaction sees it.
async fn within(tx: &mut Tx, query: &str) -> Vec<String> {
    use diesel::{QueryableByName, sql_query, sql_types::Text};
    use diesel_async::RunQueryDsl;
    #[derive(QueryableByName)]
    struct Line {
        #[diesel(sql_type = Text)]
        value: String,
    }
    let lines: Vec<Line> = match &mut **tx {
        Conn::Sqlite(c) => sql_query(query).load(c).await.unwrap(),
        Conn::Postgres(c) => sql_query(query).load(c).await.unwrap(),
    };
    lines.into_iter().map(|line| line.value).collect()
}

impl Outside {
    async fn nothing_happened(&mut self, name: &str, when: &str) {
        let now = self.second.everything(&self.queries).await;
        for (table, rows) in &self.before {
            assert_eq!(&now[table], rows, "{name}: {table} is not as it was {when}");
        }
    }

    /// `name` as `table.function`: the table in which it must be seen within its transaction.
    async fn unit<T>(&mut self, name: &str, act: impl AsyncFnOnce(&mut Tx, &Ids) -> Result<T, StoreError>) {
        let table = name.split('.').next().unwrap();
        let query = self.queries.iter().find(|(of, _)| of == table).unwrap().1.clone();
        let mut tx = self.house.core.db.begin().await.unwrap();
        act(&mut tx, &self.ids).await.unwrap_or_else(|why| panic!("{name}: {why}"));
        assert_ne!(within(&mut tx, &query).await, self.before[table], "{name} does nothing");
        self.nothing_happened(name, "before the commit").await;
        drop(tx);
        self.nothing_happened(name, "after the transaction was dropped").await;
    }
}

fn key() -> HostKey {
    HostKey {
        algorithm: "ssh-ed25519".to_owned(),
        fingerprint: "SHA256:x".to_owned(),
        public_key: "ssh-ed25519 AAAA".to_owned(),
    }
}

#[tokio::test]
async fn of_people_and_the_house() {
    let mut of = outside().await;
    let now = of.house.core.now();
    let until = now + chrono::Duration::days(1);
    of.unit("users.set_enabled", async |tx, ids| store::users::set_enabled(tx, ids.user, false, now).await)
        .await;
    of.unit("users.set_password", async |tx, ids| store::users::set_password(tx, ids.user, "x", now).await)
        .await;
    let wishes = Wishes { rhythm: Rhythm::Daily, events: Vec::new() };
    of.unit("users.set_wishes", async |tx, ids| store::notices::set_wishes(tx, ids.user, &wishes).await)
        .await;
    of.unit("users.delete", async |tx, ids| store::users::delete(tx, ids.user).await).await;
    let browser = Browser::default();
    of.unit("sessions.insert", async |tx, ids| {
        store::sessions::insert(tx, "hash", ids.user, &browser, (now, until)).await
    })
    .await;
    of.unit("setup_tokens.offer", async |tx, _| store::sessions::offer_setup(tx, "hash", (now, until)).await)
        .await;
    of.unit("invitations.put", async |tx, ids| {
        store::users::invitations::put(tx, (ids.user, "hash"), "anna", (now, until)).await
    })
    .await;
    of.unit("throttles.count", async |tx, _| store::throttles::count(tx, "key", (now, now)).await).await;
    of.unit("data_keys.insert", async |tx, _| {
        store::keys::insert(tx, 9, (b"x", KeyState::Coming), now).await
    })
    .await;
    of.unit("settings.update", async |tx, _| {
        let key = "system.general.application_name";
        store::settings::update(tx, key, (Some("x"), None), ("anna", now)).await
    })
    .await;
    of.unit("mails.insert", async |tx, ids| {
        store::notices::mails::insert(tx, (ids.user, "a@example.net"), ("s", "b"), now).await
    })
    .await;
    of.unit("notices.insert", async |tx, ids| {
        let new = NewNotice {
            event: NoticeEvent::Changed,
            cause: String::new(),
            device: Some(ids.device),
            job: Some(ids.job),
            text: "x",
        };
        store::notices::insert(tx, &new, now).await
    })
    .await;
}

#[tokio::test]
async fn of_the_inventory() {
    let mut of = outside().await;
    let now = of.house.core.now();
    let new_tag = NewTag {
        name: "lab".parse().unwrap(),
        description: String::new(),
        color: Color::default(),
        most_sessions: None,
    };
    of.unit("tags.insert", async |tx, _| store::tags::insert(tx, &new_tag, now).await).await;
    of.unit("tags.update", async |tx, _| {
        store::tags::update(tx, netraven::domain::id::TagId(1), &new_tag, now).await
    })
    .await;
    let new = stock::new_device("core-9", "core-9.example.net", "pw");
    of.unit("devices.insert", async |tx, _| store::devices::insert(tx, &new, None, now).await).await;
    let by = netraven::domain::access::Actor::console();
    of.unit("devices.hide", async |tx, ids| store::devices::hide(tx, &[ids.device], &by, now).await).await;
    of.unit("device_tags.put", async |tx, _| {
        let tags = store::tags::all(tx).await?;
        let ids: Vec<_> = tags.iter().map(|tag| tag.id).collect();
        let devices: Vec<_> = store::devices::places(tx).await?.into_iter().map(|(id, ..)| id).collect();
        store::tags::put(tx, &devices, &ids, true).await
    })
    .await;
    of.unit("host_keys.pin", async |tx, ids| {
        store::host_keys::pin(tx, ids.device, (&("h".to_owned(), 22), &key()), "anna", now).await
    })
    .await;
    let rule = NewRule {
        name: "labs".to_owned(),
        description: String::new(),
        tag: netraven::domain::id::TagId(1),
        criteria: rule::parse("name starts lab-").unwrap(),
        is_enabled: true,
    };
    of.unit("tag_rules.insert", async |tx, _| store::rules::insert(tx, &rule, now).await).await;
    of.unit("rule_matches.forget", async |tx, _| {
        let rules = store::rules::list(tx).await?;
        store::rules::forget(tx, rules[0].id).await
    })
    .await;
    of.unit("credential_tags.link", async |tx, _| {
        let names = store::credentials::shared::names(tx).await?;
        store::credentials::shared::link(tx, names[0].0, (netraven::domain::id::TagId(1), 10)).await
    })
    .await;
    of.unit("imports.set_undone", async |tx, _| {
        store::imports::set_undone(tx, netraven::domain::id::ImportId(1), now).await
    })
    .await;
    let new = NewSchedule::new("hourly", Recurrence::every("60").unwrap());
    let owner = Owner { user: None, name: "anna".to_owned() };
    of.unit("schedules.insert", async |tx, _| store::schedules::insert(tx, &new, &owner, None, now).await)
        .await;
    of.unit("schedule_devices.set_targets", async |tx, ids| {
        let id = store::schedules::insert(tx, &new, &owner, None, now).await?;
        store::schedules::set_targets(tx, id, &Targets::Devices(vec![ids.device])).await
    })
    .await;
    let window = Window::parse(&["0".to_owned()], ("22:00", "04:00"), "UTC").unwrap();
    let night = NewBlackout { name: "night".to_owned(), schedule: None, window };
    of.unit("blackouts.insert", async |tx, _| store::blackouts::insert(tx, &night, now).await).await;
}

#[tokio::test]
async fn of_work() {
    let mut of = outside().await;
    let now = of.house.core.now();
    let batch = NewBatch { started_by: "anna", ..NewBatch::default() };
    of.unit("batches.insert", async |tx, _| store::batches::insert(tx, &batch, now).await).await;
    of.unit("jobs.enqueue", async |tx, ids| {
        let batch = store::batches::insert(tx, &batch, now).await?.unwrap();
        let order = Order {
            batch,
            kind: JobKind::BackUp,
            started_by: "anna",
            priority: Priority::URGENT,
            payload: None,
        };
        store::jobs::enqueue(tx, &order, &[(ids.device, "core-1".to_owned())], now).await
    })
    .await;
    of.unit("jobs.cancel", async |tx, ids| store::jobs::cancel(tx, ids.job, now).await).await;
    of.unit("jobs.release", async |tx, _| store::queue::release(tx, "test", now).await).await;
    let late = now + chrono::Duration::hours(1);
    // Later than any lease, whoever's clock it goes by.
    let never = now + chrono::Duration::days(36_500);
    of.unit("jobs.free", async |tx, _| {
        let lost = store::queue::lost(tx, (never, never + chrono::Duration::hours(1))).await?;
        store::queue::free(tx, &lost, never).await
    })
    .await;
    of.unit("jobs.renew", async |tx, ids| store::queue::renew(tx, "test", &[ids.job], late).await).await;
    of.unit("entries.append", async |tx, ids| {
        let line = Entry {
            seq: 1,
            at: now,
            level: Level::Info,
            stage: None,
            text: "x".to_owned(),
            was_truncated: None,
        };
        store::entries::append(tx, &[(ids.job, line)]).await
    })
    .await;
    of.unit("screens.set", async |tx, ids| store::entries::set_screen(tx, ids.job, b"x").await).await;
    of.unit("contents.insert", async |tx, _| {
        use store::contents::{Kept, Place};
        let kept = Kept { place: Place::Database, object: String::new(), sealed: b"x".to_vec(), key: 1 };
        store::contents::insert(tx, "abc", (&kept, 1), now).await
    })
    .await;
    of.unit("backups.pin", async |tx, ids| store::backups::pin(tx, ids.version, true).await).await;
    of.unit("backups.seen_again", async |tx, ids| store::backups::seen_again(tx, ids.version, now).await)
        .await;
    of.unit("backups.delete", async |tx, ids| store::backups::delete(tx, ids.version).await).await;
    of.unit("jobs.delete", async |tx, _| {
        store::jobs::delete(tx, netraven::domain::access::Scope::All, JobId(1)).await
    })
    .await;
}
