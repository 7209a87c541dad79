//! How often a page asks the database: not once for each row that it shows (issue 3, source document 003's lesson).

use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicUsize, Ordering},
};

use diesel::connection::{InstrumentationEvent, set_default_instrumentation};
use netraven::{
    domain::{
        access::{ManageCredentials, Role},
        id::{CredentialId, DeviceId},
        secret::Secret,
        user::NewUser,
    },
    service::{credentials, devices, import::staged, tags, users},
    web::routes::ROUTES,
};
use reqwest::StatusCode;

use super::{is_stream, path, sign_in};
use crate::support::{
    house::{House, PASSWORD, Visitor},
    sql, stock,
};

/// The most queries that any page may need, however little or much it shows.
const MOST: usize = 30;

static ASKED: AtomicUsize = AtomicUsize::new(0);

/// Counts the statements of every connection that is opened from here on; a test has its process to itself.
pub fn count_queries() {
    set_default_instrumentation(|| {
        Some(Box::new(|event: InstrumentationEvent<'_>| {
            if let InstrumentationEvent::StartQuery { .. } = event {
                ASKED.fetch_add(1, Ordering::Relaxed);
            }
        }))
    })
    .unwrap();
}

/// The statements so far.
pub fn asked() -> usize {
    ASKED.load(Ordering::Relaxed)
}

async fn add(house: &House, numbers: std::ops::Range<usize>) {
    for number in numbers {
        let shared = stock::shared(&house.core, &format!("tacacs-{number}")).await;
        let by = stock::grant::<ManageCredentials>();
        let tags = tags::named(&house.core, &stock::grant()).await.unwrap();
        credentials::link(&house.core, &by, CredentialId(1), (tags[number].0, 10)).await.ok();
        credentials::link(&house.core, &by, shared, (tags[0].0, 10)).await.unwrap();
        stock::revision(&house.core, &format!("^noise {number}"), None).await;
        stock::jump_host(&house.core, &format!("jump-{number}")).await;
        let device = stock::device(&house.core, &format!("core-{number}")).await;
        stock::version(&house.core, device, &format!("hostname core-{number}\nend\n")).await;
        stock::version(&house.core, device, &format!("hostname core-{number}\n!\nend\n")).await;
        stock::suspect(&house.core, device, "hostname\n").await;
        stock::schedule(&house.core, &format!("every-{number}"), "60").await;
        stock::blackout(&house.core, &format!("night-{number}"), &["0"], ("22:00", "04:00")).await;
        let rule = format!("name starts core-{number}");
        stock::rule(&house.core, &format!("rule-{number}"), &format!("site-{number}"), &rule).await;
        let name = format!("person-{number}").parse().unwrap();
        let person = NewUser::new(name, Role::Viewer, Secret::new(PASSWORD));
        users::create(&house.core, &stock::grant(), person).await.unwrap();
        sign_in(house, "admin").await;
        let gone = stock::device(&house.core, &format!("gone-{number}")).await;
        devices::delete(&house.core, &stock::grant(), gone).await.unwrap();
        let list = format!(
            "hostname,address,platform\nbranch-{number},branch-{number}.example.net,frr\nbad {number},,\n"
        );
        stock::import(&house.core, &list).await;
        // The pages of one device grow as well.
        let first = DeviceId(1);
        stock::version(&house.core, first, &format!("hostname core-0\n! {number}\nend\n")).await;
        stock::suspect(&house.core, first, &format!("hostname {number}\n")).await;
        let at = house.clock.now().naive_utc();
        let more = format!(
            "INSERT INTO mails (recipient, subject, body, created_at, due_at, attempts)
               VALUES ('a@example.net', 'Subject {number}', 'Body', '{at}', '{at}', 0);
             INSERT INTO nodes (name, kind, host, pid, version, started_at, seen_at, ticked_at, running, places, key_id,
                 is_stopping)
               VALUES ('node-{number}', 'serve', 'host-{number}', 1, '1.0', '{at}', '{at}', '{at}', 1, 5, 1, FALSE);
             INSERT INTO entries (job_id, seq, at, level, text) VALUES (1, {number} + 1000, '{at}', 'info', 'a line');"
        );
        sql::run(&house.core, &more).await;
    }
}

/// Lists narrowed down, searched, ordered and further on; the numbers are there in both rounds.
const NARROWED: &[&str] = &[
    "/devices?q=core&sort=stalest",
    "/devices?tag=default&standing=suspect",
    "/devices?platform=cisco_ios&enabled=yes&owner=nobody",
    "/devices.csv?q=core",
    "/devices/1/backups?page=1",
    "/backups?device=core&state=unchecked",
    "/backups?text=hostname",
    "/backups?tag=default&by=console",
    "/backups/export?device=core",
    "/jobs?state=failed&kind=back_up",
    "/jobs?outcome=stored&by=console",
    "/jobs?device=1",
    "/jobs?batch=1",
    "/batches?schedule=1&state=under_way",
    "/storage/move?to=directory",
    "/jobs/1?level=info",
    "/compare?old=1&new=2",
    "/compare?device_old=core",
    "/compare.patch?old=1&new=2",
    "/schedules?kind=interval&enabled=yes&sort=next",
    "/schedules?device=1&owner=console",
    "/credentials?q=tacacs",
    "/tags?q=site",
    "/platforms?q=cisco",
    "/platforms/cisco_ios/edit?volatile=%5Ex",
    "/users?q=person&role=viewer",
    "/audit?object=core&kind=device",
    "/imports/1?show=new",
    "/settings?q=mail",
];

/// Lists with a second page, once there is enough for one: the address of the first page, and of the second.
const LONG: &[(&str, &str)] = &[
    ("/devices?size=25", "/devices?size=25&page=2"),
    ("/jobs", "/jobs?page=2"),
    ("/batches", "/batches?page=2"),
    ("/backups", "/backups?page=2"),
    ("/audit", "/audit?page=2"),
];

/// Pages that are another one, or none, for the admin of this house: `core-0` is not deleted, set-up is over.
const ELSEWHERE: &[(&str, StatusCode)] = &[
    ("/login", StatusCode::SEE_OTHER),
    ("/setup", StatusCode::NOT_FOUND),
    ("/welcome", StatusCode::GONE),
    ("/backups/1/diff", StatusCode::SEE_OTHER),
    ("/settings/reset", StatusCode::SEE_OTHER),
    ("/devices/1/purge", StatusCode::NOT_FOUND),
    ("/jobs/1/transcript", StatusCode::NOT_FOUND),
    ("/compare.patch", StatusCode::NOT_FOUND),
];

/// How often the second look at a page asks, and what it gives.
async fn look_twice(visitor: &Visitor, path: &str) -> (usize, StatusCode, String) {
    // Once for what is looked up only the first time.
    visitor.get(path).await;
    let before = asked();
    let reply = visitor.get(path).await;
    let (status, count) = (reply.status(), asked() - before);
    (count, status, String::from_utf8_lossy(&reply.bytes().await.unwrap()).into_owned())
}

/// The number of queries of each page, each of which must be there.
async fn counted(house: &House) -> BTreeMap<String, usize> {
    let admin = sign_in(house, "admin").await;
    admin.confirm().await;
    let (mut counts, mut wrong) = (BTreeMap::new(), Vec::new());
    let pages = ROUTES.iter().filter(|route| route.method == "GET" && !is_stream(route));
    let pages = pages.filter(|route| !route.path.starts_with("/static")).map(|route| path(route, "1"));
    for path in pages.chain(NARROWED.iter().map(|path| (*path).to_owned())) {
        let (count, status, _) = look_twice(&admin, &path).await;
        let wanted = ELSEWHERE.iter().find(|(page, _)| *page == path).map_or(StatusCode::OK, |(_, is)| *is);
        if status != wanted {
            wrong.push(format!("{path} gives {status}"));
        }
        counts.insert(path, count);
    }
    assert!(wrong.is_empty(), "{wrong:?}");
    counts
}

#[tokio::test]
async fn no_page_asks_once_for_each_row() {
    count_queries();
    let house = House::new().await;
    house.person(Role::Admin).await;
    add(&house, 0..2).await;
    let few = counted(&house).await;
    add(&house, 2..20).await;
    let many = counted(&house).await;
    for (page, count) in &many {
        println!("{page}: {count}");
        assert!(*count <= few[page], "{page} asks {count} times for 20 rows and {} times for 2", few[page]);
        assert!(*count <= MOST, "{page} asks {count} times");
    }
    assert!(many.values().sum::<usize>() > many.len(), "queries are not counted");
    let admin = sign_in(&house, "admin").await;
    for (first, second) in LONG {
        let (count, status, text) = look_twice(&admin, second).await;
        assert_eq!(status, StatusCode::OK, "{second}");
        assert!(text.matches("<tr>").count() > 2, "{second} shows no rows");
        let (of_first, ..) = look_twice(&admin, first).await;
        assert!(count <= of_first, "{second} asks {count} times, its first page {of_first}");
    }
}

/// A list with so many devices.
fn list(prefix: &str, count: usize) -> String {
    let row = |n: usize| format!("{prefix}-{n},{prefix}{n}.example.net,frr,backup,pw{n},{prefix}\n");
    let rows: String = (0..count).map(row).collect();
    format!("hostname,address,platform,username,password,tags\n{rows}")
}

#[tokio::test]
async fn an_import_asks_as_often_for_many_rows_as_for_few() {
    count_queries();
    let house = House::new().await;
    house.person(Role::Admin).await;
    let admin = sign_in(&house, "admin").await;
    let mut counts = Vec::new();
    for (few, prefix) in [(2, "few"), (90, "many")] {
        let waiting = list(&format!("w{prefix}"), few);
        let id = staged::stage(&house.core, &stock::grant(), waiting.as_bytes()).await.unwrap();
        let done = stock::import(&house.core, &list(prefix, few)).await;
        // Known devices are compared with their tags and secrets.
        let again = list(prefix, few).replace("backup,", "other,");
        let again = staged::stage(&house.core, &stock::grant(), again.as_bytes()).await.unwrap();
        let mut count = Vec::new();
        for id in [id, done, again] {
            let path = format!("/imports/{id}");
            admin.get(&path).await;
            let before = ASKED.load(Ordering::Relaxed);
            assert!(admin.get(&path).await.status().is_success());
            count.push(ASKED.load(Ordering::Relaxed) - before);
        }
        counts.push(count);
    }
    println!("{counts:?}");
    assert_eq!(counts[0], counts[1]);
}
