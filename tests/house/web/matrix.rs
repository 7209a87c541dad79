//! Every route with every role (S-36), from the one table that also mounts them, and what GET may not do (S-34).

use netraven::{
    domain::access::{PERMISSIONS, Role},
    web::routes::{Access, ROUTES, Route},
};
use reqwest::{Response, StatusCode};

use super::{furnished, is_stream, location, path, sign_in};
use crate::support::{
    house::{House, Visitor},
    sql,
};

/// Routes that need no sign-in. Whoever adds one writes it down here as well.
const PUBLIC: &[&str] = &[
    "/account/theme",
    "/healthz",
    "/login",
    "/metrics",
    "/readyz",
    "/setup",
    "/static/{hash}/{name}",
    "/welcome",
];

async fn use_route(visitor: &Visitor, route: &Route, id: &str) -> Response {
    let path = path(route, id);
    if route.method == "GET" { visitor.get(&path).await } else { visitor.post(&path, &[]).await }
}

pub(super) fn may(role: Option<Role>, access: Access) -> bool {
    match (access, role) {
        (Access::Public, _) | (Access::SignedIn, Some(_)) => true,
        (_, None) => false,
        (Access::Needs(name) | Access::Confirmed(name), Some(role)) => {
            let (_, roles) = PERMISSIONS.iter().find(|(known, _)| *known == name).unwrap();
            roles.contains(&role)
        }
    }
}

async fn visitors(house: &House) -> Vec<(Option<Role>, Visitor)> {
    let mut all = vec![(None, house.visitor())];
    for role in Role::ALL {
        let name = if *role == Role::Admin { "admin".to_owned() } else { house.person(*role).await };
        all.push((Some(*role), sign_in(house, &name).await));
    }
    all
}

#[test]
fn only_the_few_routes_that_must_be_are_public() {
    let mut public: Vec<&str> =
        ROUTES.iter().filter(|route| route.access == Access::Public).map(|route| route.path).collect();
    public.sort_unstable();
    public.dedup();
    assert_eq!(public, PUBLIC);
}

// S-36: anonymous visitors go to the sign-in page, wrong roles are refused, right ones are served.
#[tokio::test]
async fn every_route_serves_the_roles_of_the_table_and_nobody_else() {
    let house = furnished().await;
    let visitors = visitors(&house).await;
    let mut cells = 0;
    for route in ROUTES {
        for (role, visitor) in &visitors {
            // What is there may be looked at; what a form would change is asked of an id that is not there.
            let id = if route.method == "GET" { "1" } else { "999" };
            let ended;
            let visitor = match (route.path, role) {
                ("/logout", Some(role)) => {
                    ended = sign_in(&house, role.as_str()).await;
                    &ended
                }
                _ => visitor,
            };
            let reply = use_route(visitor, route, id).await;
            let (status, cell) = (reply.status(), format!("{} {} as {role:?}", route.method, route.path));
            let to_sign_in = status == StatusCode::SEE_OTHER && location(&reply).starts_with("/login");
            match (may(*role, route.access), role) {
                (true, _) => {
                    assert_ne!(status, StatusCode::FORBIDDEN, "{cell}");
                    assert!(!to_sign_in || route.path == "/logout", "{cell} must sign in");
                    assert!(!status.is_server_error(), "{cell}: {status}");
                    let is_page = route.method == "GET" && !route.path.starts_with("/static");
                    // Set-up is over, and a comparison needs two ids.
                    let is_elsewhere = route.path == "/setup" || route.path.starts_with("/compare");
                    let is_there = status != StatusCode::NOT_FOUND;
                    assert!(!is_page || is_elsewhere || is_there, "{cell}: {status}");
                }
                (false, None) => assert!(to_sign_in, "{cell}: {status}"),
                (false, Some(_)) => assert_eq!(status, StatusCode::FORBIDDEN, "{cell}"),
            }
            cells += 1;
        }
    }
    println!("{cells} cells");
}

// S-36: an id that is not there, or is none, is "not found" to whoever may look, and no fault.
#[tokio::test]
async fn ids_that_are_not_there_are_not_found() {
    let house = furnished().await;
    let admin = sign_in(&house, "admin").await;
    admin.confirm().await;
    let pages = ROUTES.iter().filter(|route| route.path.contains("{id}"));
    for route in pages {
        for id in
            ["999", "0", "-1", "9223372036854775807", "9223372036854775808", "abc", "%00", "1%20OR%201=1"]
        {
            let reply = use_route(&admin, route, id).await;
            let status = reply.status();
            let is_fine = status.is_client_error() || (route.method == "POST" && status == StatusCode::SEE_OTHER)
                // Who it is comes before what there is.
                || (matches!(route.access, Access::Confirmed(_)) && status == StatusCode::SEE_OTHER);
            assert!(
                is_fine && status != StatusCode::FORBIDDEN,
                "{} {} with {id}: {status}",
                route.method,
                route.path
            );
        }
    }
}

// S-36, S-41: the refusal tells nothing of the page, and the methods of a page are its own.
#[tokio::test]
async fn unknown_methods_are_refused_with_the_known_ones() {
    let house = House::new().await;
    let admin = house.signed_in(Role::Admin).await;
    for route in ROUTES {
        let has = |method| ROUTES.iter().any(|other| other.path == route.path && other.method == method);
        for method in ["PUT", "PATCH", "DELETE"] {
            let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
            let reply = admin.client().request(method, house.url(&path(route, "1"))).send().await.unwrap();
            assert_eq!(reply.status(), StatusCode::METHOD_NOT_ALLOWED, "{}", route.path);
        }
        if !has("GET") {
            let reply = admin.get(&path(route, "1")).await;
            assert_eq!(reply.status(), StatusCode::METHOD_NOT_ALLOWED, "{}", route.path);
            assert_eq!(reply.headers()["allow"], "POST", "{}", route.path);
        }
    }
}

// S-34
#[tokio::test]
async fn looking_changes_nothing() {
    let house = furnished().await;
    let admin = sign_in(&house, "admin").await;
    let mut before = sql::everything(&house.core).await;
    for route in ROUTES.iter().filter(|route| route.method == "GET" && !is_stream(route)) {
        for query in ["", "?action=delete&confirm=1&_method=POST"] {
            let path = format!("{}{query}", path(route, "1"));
            admin.get(&path).await;
            admin.client().head(house.url(&path)).send().await.unwrap();
        }
    }
    let mut after = sql::everything(&house.core).await;
    for state in [&mut before, &mut after] {
        // Looking at what is secret is written down.
        state.remove("audit_events");
        state.remove("audit_heads");
    }
    assert_eq!(after, before);
}
