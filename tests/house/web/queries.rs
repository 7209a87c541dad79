//! How often a page asks the database: not once for each row that it shows (issue 3, source document 003's lesson).

use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicUsize, Ordering},
};

use diesel::connection::{InstrumentationEvent, set_default_instrumentation};
use netraven::{
    domain::{
        access::{ManageCredentials, Role},
        id::CredentialId,
        secret::Secret,
        user::NewUser,
    },
    service::{credentials, devices, import::staged, tags, users},
    web::routes::ROUTES,
};

use super::{is_stream, path, sign_in};
use crate::support::{
    house::{House, PASSWORD},
    stock,
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
    }
}

/// The number of queries of each page.
async fn counted(house: &House) -> BTreeMap<String, usize> {
    let admin = sign_in(house, "admin").await;
    admin.confirm().await;
    let mut counts = BTreeMap::new();
    for route in ROUTES.iter().filter(|route| route.method == "GET" && !is_stream(route)) {
        let path = path(route, "1");
        // Once for what is looked up only the first time.
        admin.get(&path).await;
        let before = ASKED.load(Ordering::Relaxed);
        admin.get(&path).await;
        counts.insert(path, ASKED.load(Ordering::Relaxed) - before);
    }
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
