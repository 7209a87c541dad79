//! Security headers on every answer (S-01 to S-04, S-35).

use netraven::{config::Config, domain::access::Role};
use reqwest::{Method, Response, StatusCode};

use crate::support::{
    house::{House, Visitor},
    sql,
};

/// Written out once more, so that nobody loosens it by accident.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
                      font-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; \
                      base-uri 'none'; object-src 'none'";

fn header<'a>(reply: &'a Response, name: &str) -> &'a str {
    reply
        .headers()
        .get(name)
        .map_or("", |value| value.to_str().unwrap())
}

fn protected(reply: &Response, what: &str) {
    for (name, wanted) in [
        ("content-security-policy", POLICY),
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "same-origin"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
        ("x-frame-options", "DENY"),
    ] {
        assert_eq!(header(reply, name), wanted, "{what}: {name}");
        assert_eq!(reply.headers().get_all(name).iter().count(), 1, "{what}: {name}");
    }
    let permissions = header(reply, "permissions-policy");
    for feature in ["camera=()", "microphone=()", "geolocation=()", "usb=()"] {
        assert!(permissions.contains(feature), "{what}: {permissions}");
    }
    assert!(!reply.headers().contains_key("server"), "{what}");
    let cors = reply
        .headers()
        .keys()
        .find(|name| name.as_str().starts_with("access-control-"));
    assert_eq!(cors, None, "{what}: S-35");
}

async fn ask(visitor: &Visitor, house: &House, method: &str, path: &str) -> Response {
    let method = Method::from_bytes(method.as_bytes()).unwrap();
    let request = visitor
        .client()
        .request(method, house.url(path))
        .header("origin", "https://evil.example");
    request.send().await.unwrap()
}

async fn asset(visitor: &Visitor) -> String {
    let page = visitor.page("/login").await;
    let (_, rest) = page.split_once("/static/").unwrap();
    format!("/static/{}", rest.split('"').next().unwrap())
}

// S-01, S-02, S-03, S-35
#[tokio::test]
async fn every_answer_carries_the_security_headers_whatever_its_status() {
    let house = House::new().await;
    let admin = house.signed_in(Role::Admin).await;
    let visitor = house.visitor();
    let large = "x".repeat(1_100_000);
    let answers = [
        (200, visitor.get("/login").await),
        (200, visitor.get("/healthz").await),
        (303, visitor.post("/account/theme", &[("theme", "dark")]).await),
        (303, admin.get("/login").await),
        (303, ask(&visitor, &house, "GET", "/").await),
        (
            400,
            admin
                .client()
                .get(house.url("/login?next=%ff%fe"))
                .send()
                .await
                .unwrap(),
        ),
        (403, visitor.post_bare("/login", &[("username", "a")]).await),
        (404, ask(&visitor, &house, "GET", "/nothing/here").await),
        (404, ask(&visitor, &house, "GET", "/static/0/app.css").await),
        (405, ask(&visitor, &house, "DELETE", "/login").await),
        (405, ask(&visitor, &house, "TRACE", "/login").await),
        (405, ask(&visitor, &house, "OPTIONS", "/login").await),
        (405, ask(&visitor, &house, "GET", "/logout").await),
        (413, visitor.post("/login", &[("username", &large)]).await),
        (422, visitor.post("/login", &[("username", "nobody")]).await),
    ];
    for (status, reply) in answers {
        let what = format!("{status} {}", reply.url().path());
        if status == 400 && reply.status() == StatusCode::SEE_OTHER {
            continue;
        }
        assert_eq!(reply.status().as_u16(), status, "{what}");
        protected(&reply, &what);
        assert_eq!(header(&reply, "cache-control"), "no-store", "{what}");
    }
    sql::run(&house.core, "ALTER TABLE users RENAME TO lost").await;
    let reply = ask(&visitor, &house, "GET", "/login").await;
    assert_eq!(reply.status(), StatusCode::INTERNAL_SERVER_ERROR);
    protected(&reply, "500");
}

// S-03
#[tokio::test]
async fn static_files_are_kept_for_ever_under_the_hash_of_their_content() {
    let house = House::new().await;
    let visitor = house.visitor();
    let path = asset(&visitor).await;
    let reply = visitor.get(&path).await;
    assert_eq!(reply.status(), StatusCode::OK, "{path}");
    assert_eq!(
        header(&reply, "cache-control"),
        "public, max-age=31536000, immutable"
    );
    protected(&reply, &path);
    let hash = path.split('/').nth(2).unwrap();
    let other = path.replace(hash, "000000000000");
    assert_eq!(visitor.get(&other).await.status(), StatusCode::NOT_FOUND);
    let conditional = visitor
        .client()
        .get(house.url(&path))
        .header("if-none-match", "*")
        .send()
        .await
        .unwrap();
    protected(&conditional, "a conditional request");
}

// S-04
#[tokio::test]
async fn strict_transport_security_is_promised_over_https_only() {
    let plain = House::new().await;
    for path in ["/login", "/nothing"] {
        assert_eq!(
            header(&plain.visitor().get(path).await, "strict-transport-security"),
            "",
            "{path}"
        );
    }
    let config = Config {
        public_url: Some("https://nr.example.net".to_owned()),
        ..Config::default()
    };
    let secure = House::with(config, None).await;
    for path in ["/login", "/nothing", "/logout"] {
        let reply = secure.visitor().get(path).await;
        assert_eq!(
            header(&reply, "strict-transport-security"),
            "max-age=31536000; includeSubDomains",
            "{path}"
        );
    }
}
