//! Signing in: what it answers, what it keeps, where it leads (S-12, S-14, S-21, S-22, S-23, S-29).

use netraven::{config::Config, domain::access::Role, service::users};
use reqwest::{Response, StatusCode};

use super::{is_signed_in, location, sign_in};
use crate::support::{
    house::{House, PASSWORD},
    sql,
};

fn cookie(reply: &Response, name: &str) -> Option<String> {
    let mut set = reply
        .headers()
        .get_all("set-cookie")
        .iter()
        .map(|value| value.to_str().unwrap());
    set.find(|line| line.starts_with(&format!("{name}=")))
        .map(str::to_owned)
}

fn value(cookie: &str) -> &str {
    cookie.split(['=', ';']).nth(1).unwrap()
}

// S-14: nobody learns from the answer which of name and password was wrong.
#[tokio::test]
async fn a_refused_sign_in_looks_the_same_whatever_was_wrong() {
    let house = House::new().await;
    house.person(Role::Admin).await;
    house.person(Role::Viewer).await;
    users::disable(&house.core, &house.grant(), &"viewer".parse().unwrap())
        .await
        .unwrap();
    let mut answers = Vec::new();
    for (name, password) in [
        ("nobody", PASSWORD),
        ("admin", "wrong wrong wrong"),
        ("viewer", PASSWORD),
        ("", ""),
    ] {
        let visitor = house.visitor();
        let token = visitor.token().await;
        let fields = [
            ("csrf", token.as_str()),
            ("username", name),
            ("password", password),
        ];
        let reply = visitor.post_bare("/login", &fields).await;
        let status = reply.status();
        let mut headers: Vec<String> = reply
            .headers()
            .iter()
            .filter(|(name, _)| !["date", "content-length"].contains(&name.as_str()))
            .map(|(name, value)| format!("{name}: {}", value.to_str().unwrap()))
            .collect();
        headers.sort();
        let typed = format!("value=\"{name}\"");
        let body = reply
            .text()
            .await
            .unwrap()
            .replace(&token, "TOKEN")
            .replace(&typed, "value=\"NAME\"");
        assert!(
            !body.contains(password) || password.is_empty(),
            "the password came back"
        );
        answers.push((status, headers, body));
    }
    assert_eq!(answers[0].0, StatusCode::UNPROCESSABLE_ENTITY);
    for other in &answers[1..] {
        assert_eq!(other, &answers[0]);
    }
}

// S-12, S-21: what the database holds opens nothing.
#[tokio::test]
async fn the_database_knows_neither_cookie_nor_password() {
    let house = House::new().await;
    house.person(Role::Admin).await;
    let visitor = house.visitor();
    let reply = visitor
        .post("/login", &[("username", "admin"), ("password", PASSWORD)])
        .await;
    let cookie = cookie(&reply, "nr").unwrap();
    let token = value(&cookie);
    assert!(
        token.len() >= 43,
        "256 bits need 43 characters of base64: {token}"
    );
    for (table, rows) in sql::everything(&house.core).await {
        for row in rows {
            assert!(!row.contains(token) && !row.contains(PASSWORD), "{table}: {row}");
        }
    }
    let hashes = sql::texts(&house.core, "SELECT password_hash AS value FROM users").await;
    assert!(
        hashes.iter().all(|hash| hash.starts_with("$argon2id$v=19$m=")),
        "{hashes:?}"
    );
    assert!(!location(&reply).contains(token));
}

// S-22
#[tokio::test]
async fn signing_in_makes_a_new_session_and_ends_the_one_before() {
    let house = House::new().await;
    house.person(Role::Admin).await;
    let planted = "attackers-choice-attackers-choice-attackers";
    let bare = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .unwrap();
    let visit = bare.get(house.url("/login")).send().await.unwrap();
    let visitor_cookie = cookie(&visit, "nr-visitor").unwrap();
    let page = visit.text().await.unwrap();
    let token = page
        .split_once("name=\"csrf\" value=\"")
        .unwrap()
        .1
        .split('"')
        .next()
        .unwrap()
        .to_owned();
    let visitor = value(&visitor_cookie).to_owned();
    let form = [
        ("csrf", token.as_str()),
        ("username", "admin"),
        ("password", PASSWORD),
    ];
    let reply = bare
        .post(house.url("/login"))
        .header("cookie", format!("nr-visitor={visitor}"))
        .form(&form);
    let first = value(&cookie(&reply.send().await.unwrap(), "nr").unwrap()).to_owned();
    assert_ne!(first, planted);
    let stands = async |session: &str| {
        let request = bare
            .get(house.url("/login"))
            .header("cookie", format!("nr={session}"));
        request.send().await.unwrap().status() == StatusCode::SEE_OTHER
    };
    assert!(!stands(planted).await);
    assert!(stands(&first).await);
    // Signing in again in the same browser ends the session before.
    let request = bare
        .get(house.url("/"))
        .header("cookie", format!("nr={first}; nr-visitor={visitor}"));
    let page = request.send().await.unwrap().text().await.unwrap();
    let token = page
        .split_once("name=\"csrf\" value=\"")
        .unwrap()
        .1
        .split('"')
        .next()
        .unwrap()
        .to_owned();
    let form = [
        ("csrf", token.as_str()),
        ("username", "admin"),
        ("password", PASSWORD),
    ];
    let request = bare
        .post(house.url("/login"))
        .header("cookie", format!("nr={first}"))
        .form(&form);
    let second = value(&cookie(&request.send().await.unwrap(), "nr").unwrap()).to_owned();
    assert_ne!(second, first);
    assert!(stands(&second).await);
    assert!(!stands(&first).await, "the session before is still open");
}

// S-23
#[tokio::test]
async fn the_session_cookie_is_kept_from_scripts_other_sites_and_plain_http() {
    for (public_url, names, ends) in [
        (None, ("nr", "nr-visitor"), "; HttpOnly; SameSite=Lax; Path=/"),
        (
            Some("https://nr.example.net".to_owned()),
            ("__Host-nr", "__Host-nr-visitor"),
            "; HttpOnly; SameSite=Lax; Secure; Path=/",
        ),
    ] {
        let house = House::with(
            Config {
                public_url,
                ..Config::default()
            },
            None,
        )
        .await;
        house.person(Role::Admin).await;
        let bare = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .unwrap();
        let visit = bare.get(house.url("/login")).send().await.unwrap();
        let visitor = cookie(&visit, names.1).unwrap();
        assert!(
            visitor.contains("HttpOnly") && visitor.contains("SameSite"),
            "{visitor}"
        );
        let page = visit.text().await.unwrap();
        let token = page
            .split_once("name=\"csrf\" value=\"")
            .unwrap()
            .1
            .split('"')
            .next()
            .unwrap();
        let form = [("csrf", token), ("username", "admin"), ("password", PASSWORD)];
        let sent = format!("{}={}", names.1, value(&visitor));
        let reply = bare
            .post(house.url("/login"))
            .header("cookie", sent)
            .form(&form)
            .send()
            .await
            .unwrap();
        assert_eq!(reply.status(), StatusCode::SEE_OTHER);
        let session = cookie(&reply, names.0).unwrap();
        assert!(
            session.ends_with(ends) && !session.contains("Domain"),
            "{session}"
        );
    }
}

// S-29
#[tokio::test]
async fn signing_in_leads_to_pages_of_this_house_only() {
    let house = House::new().await;
    house.person(Role::Admin).await;
    for (next, wanted) in [
        ("/devices?page=2", "/devices?page=2"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("https://evil.example/", "/"),
        ("/%2f%2fevil.example", "/"),
        ("javascript:alert(1)", "/"),
        ("/a\r\nSet-Cookie: x=1", "/"),
        ("/@evil.example", "/"),
    ] {
        let visitor = house.visitor();
        let fields = [("username", "admin"), ("password", PASSWORD), ("next", next)];
        let reply = visitor.post("/login", &fields).await;
        assert_eq!(location(&reply), wanted, "{next:?}");
        let query = serde_html_form::to_string([("next", next)]).unwrap();
        assert_eq!(
            location(&visitor.get(&format!("/login?{query}")).await),
            wanted,
            "{next:?}"
        );
    }
}

// Whoever asks for a page without being signed in comes back to it.
#[tokio::test]
async fn the_page_that_was_asked_for_is_remembered_over_the_sign_in() {
    let house = House::new().await;
    house.person(Role::Viewer).await;
    let reply = house.visitor().get("/devices?text=core&page=2").await;
    assert_eq!(reply.status(), StatusCode::SEE_OTHER);
    assert_eq!(
        location(&reply),
        "/login?next=%2Fdevices%3Ftext%3Dcore%26page%3D2"
    );
    assert!(is_signed_in(&sign_in(&house, "viewer").await).await);
}
