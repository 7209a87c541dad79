//! Requests that change something come from our own pages (S-31, S-32, S-33).

use netraven::{
    domain::access::Role,
    web::routes::{Access, ROUTES},
};
use reqwest::{Response, StatusCode};

use super::{furnished, path, sign_in};
use crate::support::{
    house::{House, Visitor},
    sql,
};

async fn send(
    house: &House,
    visitor: &Visitor,
    path: &str,
    token: &str,
    headers: &[(&str, &str)],
) -> Response {
    let mut request = visitor
        .client()
        .post(house.url(path))
        .form(&[("theme", "dark"), ("csrf", token)]);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.send().await.unwrap()
}

/// The database without what any request may write: its audit trail.
async fn state(house: &House) -> std::collections::BTreeMap<String, Vec<String>> {
    let mut all = sql::everything(&house.core).await;
    all.remove("audit_events");
    all
}

// S-31
#[tokio::test]
async fn no_form_is_taken_without_the_token_of_its_own_session() {
    let house = furnished().await;
    let visitor = house.visitor();
    let before_sign_in = visitor.token().await;
    let signed_in = [
        ("username", "admin"),
        ("password", crate::support::house::PASSWORD),
    ];
    assert_eq!(
        visitor.post("/login", &signed_in).await.status(),
        StatusCode::SEE_OTHER
    );
    let another = sign_in(&house, "admin").await.token().await;
    let own = visitor.token().await;
    assert!(own != another && own != before_sign_in && another != before_sign_in);
    let before = state(&house).await;
    let wrong = "A".repeat(43);
    for route in ROUTES.iter().filter(|route| route.method == "POST") {
        let path = path(route, "1");
        for (variant, token) in [
            ("no", ""),
            ("a wrong", &*wrong),
            ("another session's", &another),
            ("a visitor's", &before_sign_in),
        ] {
            let reply = send(&house, &visitor, &path, token, &[]).await;
            assert_eq!(
                reply.status(),
                StatusCode::FORBIDDEN,
                "{path} with {variant} token"
            );
        }
        let reply = visitor.post_bare(&path, &[]).await;
        assert_eq!(reply.status(), StatusCode::FORBIDDEN, "{path} without a field");
        // In JSON or plain text, a token in the body is no token: forms of other sites can send those.
        let body = format!("csrf={own}");
        for kind in [
            "text/plain",
            "application/json",
            "multipart/form-data; boundary=x",
        ] {
            let request = visitor
                .client()
                .post(house.url(&path))
                .header("content-type", kind)
                .body(body.clone());
            assert_eq!(
                request.send().await.unwrap().status(),
                StatusCode::FORBIDDEN,
                "{path} as {kind}"
            );
        }
    }
    assert_eq!(state(&house).await, before);
    assert_eq!(
        send(&house, &visitor, "/account/theme", &own, &[]).await.status(),
        StatusCode::SEE_OTHER
    );
}

// S-33: the forms before sign-in are protected too.
#[tokio::test]
async fn forms_before_sign_in_need_the_token_of_their_own_visitor() {
    let house = House::new().await;
    let (visitor, another) = (house.visitor(), house.visitor());
    let (own, foreign) = (visitor.token().await, another.token().await);
    let before = state(&house).await;
    for route in ROUTES
        .iter()
        .filter(|route| route.method == "POST" && route.access == Access::Public)
    {
        for token in ["", "wrong", &foreign] {
            let reply = send(&house, &visitor, route.path, token, &[]).await;
            assert_eq!(
                reply.status(),
                StatusCode::FORBIDDEN,
                "{} with {token:?}",
                route.path
            );
        }
        // A token without its cookie is nobody's.
        let bare = house.visitor();
        let reply = send(&house, &bare, route.path, &own, &[]).await;
        assert_eq!(
            reply.status(),
            StatusCode::FORBIDDEN,
            "{} without cookie",
            route.path
        );
    }
    assert_eq!(state(&house).await, before);
    let reply = visitor
        .post_bare(
            "/login",
            &[("csrf", &own), ("username", "nobody"), ("password", "x")],
        )
        .await;
    assert_eq!(reply.status(), StatusCode::UNPROCESSABLE_ENTITY);
}

// S-32
#[tokio::test]
async fn the_browsers_word_about_the_senders_site_is_heard_before_the_token() {
    let house = House::new().await;
    let admin = house.signed_in(Role::Admin).await;
    let token = admin.token().await;
    let own = house.url("");
    for (headers, is_fine) in [
        (&[("sec-fetch-site", "cross-site")][..], false),
        (&[("sec-fetch-site", "same-site")], false),
        (&[("sec-fetch-site", "cross-site"), ("origin", &own)], false),
        (&[("sec-fetch-site", "nonsense")], false),
        (&[("sec-fetch-site", "same-origin")], true),
        (&[("sec-fetch-site", "none")], true),
        (&[("origin", "https://evil.example")], false),
        (&[("origin", "null")], false),
        (&[("origin", &own)], true),
        (&[], true),
    ] {
        for route in ROUTES.iter().filter(|route| route.method == "POST") {
            let is_theme = route.path == "/account/theme";
            if !is_fine || is_theme {
                let reply = send(&house, &admin, &path(route, "1"), &token, headers).await;
                let wanted = if is_fine {
                    StatusCode::SEE_OTHER
                } else {
                    StatusCode::FORBIDDEN
                };
                assert_eq!(reply.status(), wanted, "{} with {headers:?}", route.path);
            }
        }
    }
}

// S-31: a script may send the token in a header instead.
#[tokio::test]
async fn the_token_counts_in_a_header_too() {
    let house = House::new().await;
    let admin = house.signed_in(Role::Admin).await;
    let token = admin.token().await;
    for (token, status) in [
        (token.as_str(), StatusCode::SEE_OTHER),
        ("wrong", StatusCode::FORBIDDEN),
    ] {
        let request = admin
            .client()
            .post(house.url("/account/theme"))
            .header("x-csrf-token", token);
        assert_eq!(
            request.form(&[("theme", "dark")]).send().await.unwrap().status(),
            status
        );
    }
}
