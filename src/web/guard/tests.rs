use actix_web::{
    App, HttpResponse,
    http::{
        Method, StatusCode,
        header::{self, HeaderMap},
    },
    middleware::from_fn,
    test::{self, TestRequest},
    web::{self, Data},
};

use super::*;
use crate::domain::access::ViewDevices;
use crate::web::{csrf::Key, form::Form, form::Nothing, routes, session::SignedIn};

const SITE: &str = "https://nr.example.net";

async fn panics() -> &'static str {
    panic!("at the disco")
}

async fn ask(request: TestRequest) -> (StatusCode, HeaderMap, String) {
    let site = Data::new(Site::new(Some(SITE), Key::new([3; 32])));
    let app = test::init_service(
        App::new()
            .app_data(site)
            .configure(routes::mount)
            .route(
                "/fault",
                web::get().to(|| async {
                    Err::<String, _>(PageError::Internal("SELECT secret FROM users".into()))
                }),
            )
            .route("/panic", web::get().to(panics))
            .route("/private", web::get().to(|_: SignedIn| async { "" }))
            .route("/gate/signed-in", routes::signed_in(web::get().to(|| async { "" })))
            .route("/gate/permitted", routes::needs::<ViewDevices>(web::get().to(|| async { "" })))
            .route("/button", web::post().to(|_: Form<Nothing>| async { HttpResponse::Ok().body("pressed") }))
            .wrap(from_fn(guard)),
    )
    .await;
    match test::try_call_service(&app, request.to_request()).await {
        Ok(answer) => {
            let (status, headers) = (answer.status(), answer.headers().clone());
            (status, headers, String::from_utf8(test::read_body(answer).await.to_vec()).unwrap())
        }
        Err(error) => {
            let answer = error.error_response();
            let (status, headers) = (answer.status(), answer.headers().clone());
            let body = actix_web::body::to_bytes(answer.into_body()).await.ok().unwrap();
            (status, headers, String::from_utf8(body.to_vec()).unwrap())
        }
    }
}

fn press(token: &str) -> TestRequest {
    TestRequest::post()
        .uri("/button")
        .insert_header((header::CONTENT_TYPE, "application/x-www-form-urlencoded"))
        .insert_header((header::COOKIE, "__Host-nr-visitor=abc"))
        .set_payload(format!("csrf={token}"))
}

fn token() -> String {
    Key::new([3; 32]).token(csrf::Seed::Visitor("abc"))
}

#[actix_web::test]
async fn every_status_carries_the_headers() {
    let big = "x".repeat(BODY_LIMIT + 1);
    let requests = [
        (TestRequest::get().uri(crate::web::assets::url("favicon.svg")), 200),
        (TestRequest::default().method(Method::HEAD).uri(crate::web::assets::url("favicon.svg")), 200),
        (TestRequest::get().uri(crate::web::assets::url("app.css")), 200),
        (TestRequest::get().uri("/nothing"), 404),
        (TestRequest::get().uri("/static/000000000000/app.css"), 404),
        (TestRequest::get().uri("/account/theme"), 405),
        (TestRequest::default().method(Method::TRACE).uri("/healthz"), 405),
        (TestRequest::default().method(Method::OPTIONS).uri("/nothing"), 405),
        (TestRequest::default().method(Method::from_bytes(b"BREW").unwrap()).uri("/healthz"), 405),
        (TestRequest::post().uri("/healthz"), 403),
        (press(&token()).set_payload(big), 413),
        (TestRequest::get().uri("/fault"), 500),
        (TestRequest::get().uri("/panic"), 500),
        (TestRequest::get().uri("/private?a=1&b=2"), 303),
        (TestRequest::get().uri("/gate/signed-in"), 303),
        (TestRequest::get().uri("/gate/permitted"), 303),
        (press(&token()), 200),
    ];
    for (request, expected) in requests {
        let (status, headers, body) = ask(request).await;
        assert_eq!(status.as_u16(), expected, "{body}");
        for (name, _) in HEADERS {
            assert!(headers.contains_key(*name), "{expected} without {name}");
        }
        assert_eq!(headers.get(header::CONTENT_SECURITY_POLICY).unwrap(), POLICY);
        assert!(headers.contains_key(header::STRICT_TRANSPORT_SECURITY));
        if status.is_client_error() || status.is_server_error() {
            assert!(body.contains("<h1>") && body.contains("Reference <code>"), "{expected}: {body}");
        }
        assert!(!body.contains("SELECT") && !body.contains("disco"), "{body}");
    }
}

#[actix_web::test]
async fn sign_in_comes_back_to_the_page() {
    let (_, headers, _) = ask(TestRequest::get().uri("/private?a=1&b=2")).await;
    assert_eq!(headers.get(header::LOCATION).unwrap(), "/login?next=%2Fprivate%3Fa%3D1%26b%3D2");
}

#[actix_web::test]
async fn a_form_needs_its_token() {
    assert_eq!(ask(press(&token())).await.0, 200);
    assert_eq!(ask(press("wrong")).await.0, 403);
    assert_eq!(ask(press("")).await.0, 403);
    assert_eq!(ask(press(&token()).insert_header((header::COOKIE, "__Host-nr-visitor=other"))).await.0, 403);
    assert_eq!(ask(press(&token()).insert_header(("sec-fetch-site", "cross-site"))).await.0, 403);
    assert_eq!(ask(press(&token()).insert_header(("sec-fetch-site", "same-site"))).await.0, 403);
    assert_eq!(ask(press(&token()).insert_header(("sec-fetch-site", "same-origin"))).await.0, 200);
    assert_eq!(ask(press(&token()).insert_header((header::ORIGIN, "https://evil.example"))).await.0, 403);
    assert_eq!(ask(press(&token()).insert_header((header::ORIGIN, SITE))).await.0, 200);
    assert_eq!(ask(press("").insert_header((csrf::HEADER, token()))).await.0, 200);
    assert_eq!(ask(press(&token()).insert_header((header::CONTENT_TYPE, "text/plain"))).await.0, 403);
    assert_eq!(ask(press(&token()).set_payload(format!("csrf={}&more=1", token()))).await.0, 400);
}

#[actix_web::test]
async fn the_theme_is_remembered_without_script() {
    let request = press(&token())
        .uri("/account/theme")
        .set_payload(format!("csrf={}&theme=dark&next=/devices", token()));
    let (status, headers, _) = ask(request).await;
    assert_eq!(status, 303);
    assert_eq!(headers.get(header::LOCATION).unwrap(), "/devices");
    assert_eq!(
        headers.get(header::SET_COOKIE).unwrap(),
        "nr-theme=dark; SameSite=Lax; Secure; Path=/; Max-Age=31536000"
    );
    let dark = TestRequest::get().uri("/nothing").insert_header((header::COOKIE, "nr-theme=dark"));
    let (_, headers, body) = ask(dark).await;
    assert!(body.contains("data-bs-theme=\"dark\""));
    assert!(headers.get(header::SET_COOKIE).unwrap().to_str().unwrap().starts_with("__Host-nr-visitor="));
}

#[actix_web::test]
async fn a_message_is_shown_once() {
    let site = Site::new(Some(SITE), Key::new([3; 32]));
    let cookie = crate::web::flash::Flash::done("Saved <b>").cookie(&site);
    let request = TestRequest::get()
        .uri("/nothing")
        .insert_header((header::COOKIE, format!("{}={}", cookie.name(), cookie.value())));
    let (_, headers, body) = ask(request).await;
    assert!(body.contains("Saved &#60;b&#62;"), "{body}");
    assert!(
        headers
            .get_all(header::SET_COOKIE)
            .any(|value| value.to_str().unwrap().starts_with("__Host-nr-flash=;"))
    );
}

#[actix_web::test]
async fn static_files_are_packed_and_kept() {
    let request = || TestRequest::get().uri(crate::web::assets::url("tabler.css"));
    let (_, headers, _) = ask(request()).await;
    assert_eq!(headers.get(header::CACHE_CONTROL).unwrap(), "public, max-age=31536000, immutable");
    assert_eq!(headers.get(header::VARY).unwrap(), "Accept-Encoding");
    assert!(!headers.contains_key(header::CONTENT_ENCODING));
    let site = Data::new(Site::new(None, Key::new([3; 32])));
    let app =
        test::init_service(App::new().app_data(site).configure(routes::mount).wrap(from_fn(guard))).await;
    let packed = request().insert_header((header::ACCEPT_ENCODING, "gzip")).to_request();
    let answer = test::call_service(&app, packed).await;
    assert_eq!(answer.headers().get(header::CONTENT_ENCODING).unwrap(), "gzip");
    assert!(!answer.headers().contains_key(header::STRICT_TRANSPORT_SECURITY));
    assert!(test::read_body(answer).await.len() < 30_000);
}

#[actix_web::test]
async fn a_socket_gets_the_same_answers() {
    let site = Data::new(Site::new(None, Key::new([3; 32])));
    let server = actix_web::HttpServer::new(move || {
        App::new()
            .app_data(site.clone())
            .configure(routes::mount)
            .route("/panic", web::get().to(panics))
            .wrap(from_fn(guard))
    })
    .workers(1)
    .bind(("127.0.0.1", 0))
    .unwrap();
    let base = format!("http://{}", server.addrs()[0]);
    let running = server.run();
    let handle = running.handle();
    actix_web::rt::spawn(running);
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::new();
    let big = "x".repeat(2 * BODY_LIMIT);
    let asks = [
        (client.get(format!("{base}/panic")), 500),
        (client.head(format!("{base}/static/none")), 404),
        (client.post(format!("{base}/account/theme")).body(big), 413),
        (client.request(reqwest::Method::TRACE, format!("{base}/healthz")), 405),
        (client.get(format!("{base}/%00%ff")), 404),
    ];
    for (ask, expected) in asks {
        let answer = ask.send().await.unwrap();
        assert_eq!(answer.status().as_u16(), expected);
        assert_eq!(answer.headers()["content-security-policy"], POLICY);
        assert_eq!(answer.headers()["cache-control"], "no-store");
    }
    handle.stop(false).await;
}
