//! What a browser learns of a fault of ours: a reference, nothing else (S-11).

use netraven::{domain::access::Role, web::routes::ROUTES};
use reqwest::StatusCode;

use super::{furnished, is_stream, path, sign_in};
use crate::support::{house::House, sql};

/// Words that only the inside of the program uses.
const INSIDE: &[&str] = &[
    "no such table",
    "no such column",
    "does not exist",
    "relation",
    "sqlite",
    "diesel",
    "SELECT",
    "INSERT",
    "panicked",
    "src/",
    ".rs",
    "backtrace",
    "/tmp",
    "/work",
    "lost_",
    "master.key",
];

fn says_nothing(body: &str, what: &str) {
    for word in INSIDE {
        assert!(!body.contains(word), "{what} says {word:?}: {body}");
    }
}

// S-11
#[tokio::test]
async fn a_database_fault_shows_a_reference_and_no_cause() {
    let house = House::new().await;
    let visitor = house.visitor();
    let token = visitor.token().await;
    sql::run(&house.core, "ALTER TABLE users RENAME TO lost_users").await;
    let mut references = Vec::new();
    for reply in [
        visitor.get("/login").await,
        visitor.get("/setup?token=abc").await,
        visitor
            .post_bare(
                "/login",
                &[
                    ("csrf", &token),
                    ("username", "olga"),
                    ("password", "secret-canary"),
                ],
            )
            .await,
    ] {
        assert_eq!(reply.status(), StatusCode::INTERNAL_SERVER_ERROR);
        let what = reply.url().path().to_owned();
        let body = reply.text().await.unwrap();
        says_nothing(&body, &what);
        assert!(!body.contains("secret-canary"), "{what}");
        let hex = |word: &&str| word.len() == 16 && word.chars().all(|c| c.is_ascii_hexdigit());
        let reference = body.split(|c: char| !c.is_ascii_alphanumeric()).find(hex);
        references.push(
            reference
                .unwrap_or_else(|| panic!("{what} has no reference: {body}"))
                .to_owned(),
        );
    }
    references.dedup();
    assert_eq!(references.len(), 3, "each request has a reference of its own");
}

// S-11: whichever table fails, whichever page reads it.
#[tokio::test]
async fn no_page_tells_which_table_is_broken() {
    let house = furnished().await;
    let admin = sign_in(&house, "admin").await;
    for table in sql::tables(&house.core).await {
        sql::run(
            &house.core,
            &format!("ALTER TABLE {table} RENAME TO lost_{table}"),
        )
        .await;
        let mut broken = 0;
        for route in ROUTES
            .iter()
            .filter(|route| route.method == "GET" && !is_stream(route))
        {
            let path = path(route, "1");
            let reply = admin.get(&path).await;
            if reply.status().is_server_error() {
                broken += 1;
                says_nothing(&reply.text().await.unwrap(), &format!("{path} without {table}"));
            }
        }
        println!("without {table}: {broken} pages fail");
        sql::run(
            &house.core,
            &format!("ALTER TABLE lost_{table} RENAME TO {table}"),
        )
        .await;
    }
    // The house stands again: a fault of the database is no fault of the program's.
    assert_eq!(admin.get("/login").await.status(), StatusCode::SEE_OTHER);
}

// S-11: what comes in is not echoed.
#[tokio::test]
async fn an_error_page_does_not_echo_the_request() {
    let house = House::new().await;
    let visitor = house.visitor();
    for path in [
        "/%3Cscript%3Ealert(1)%3C/script%3E",
        "/nothing?x=%3Cimg%20onerror%3D1%3E",
        "/devices/abc'--",
    ] {
        let body = visitor.get(path).await.text().await.unwrap();
        assert!(
            !body.contains("<script>alert") && !body.contains("<img onerror") && !body.contains("'--"),
            "{path}: {body}"
        );
    }
    let operator = house.signed_in(Role::Operator).await;
    let body = operator.get("/nothing/%22%3E%3Cb%3E").await.text().await.unwrap();
    assert!(!body.contains("\"><b>"), "{body}");
}
