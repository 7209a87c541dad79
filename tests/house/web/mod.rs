//! What a browser gets, whoever holds it: headers, errors, tokens, access, sign-in, forms.

mod audit;
mod backups;
mod bulk_export;
mod confirm;
mod contexts;
mod credentials;
mod csrf;
mod devices;
mod downloads;
mod errors;
mod foreign;
mod forms;
mod headers;
mod imports;
mod jump_hosts;
mod mails;
mod matrix;
mod ops;
mod people;
mod platforms;
mod queries;
mod reach;
mod schedules;
mod scope;
mod sessions;
mod set_up;
mod settings;
mod sign_in;
mod sign_in_time;
mod stream_ends;
mod streams;
mod tags;
mod throttle;
mod work;

use netraven::{domain::access::Role, web::routes::Route};
use reqwest::{Response, StatusCode};

use crate::support::{
    house::{House, PASSWORD, Visitor},
    stock,
};

/// Signs somebody who exists in, in a browser of its own.
async fn sign_in(house: &House, name: &str) -> Visitor {
    let visitor = house.visitor();
    let reply = visitor.post("/login", &[("username", name), ("password", PASSWORD)]).await;
    assert_eq!(reply.status(), StatusCode::SEE_OTHER, "sign-in of {name}");
    visitor
}

/// Whether this browser's session stands: who is signed in is sent on from the sign-in page.
async fn is_signed_in(visitor: &Visitor) -> bool {
    visitor.get("/login").await.status() == StatusCode::SEE_OTHER
}

/// Where a reply sends the browser.
fn location(reply: &Response) -> &str {
    reply.headers().get("location").map_or("", |value| value.to_str().unwrap())
}

/// A house with one of everything that has an id of its own, which is 1.
async fn furnished() -> House {
    let house = House::new().await;
    house.person(Role::Admin).await;
    stock::shared(&house.core, "tacacs").await;
    let device = stock::device(&house.core, "core-1").await;
    stock::version(&house.core, device, "hostname core-1\nend\n").await;
    stock::suspect(&house.core, device, "hostname\n").await;
    stock::schedule(&house.core, "nightly", "60").await;
    stock::rule(&house.core, "labs", "lab", "name starts lab-").await;
    stock::jump_host(&house.core, "jump-1").await;
    stock::blackout(&house.core, "nights", &["0"], ("22:00", "04:00")).await;
    stock::revision(&house.core, "^ntp clock-period ", Some("core-1")).await;
    stock::import(&house.core, "hostname,address,platform\nbranch-1,192.0.2.200,frr\nbranch 2,,\n").await;
    house
}

/// The route's address with `id` in place of its numbers, and a platform's key in place of one.
fn path(route: &Route, id: &str) -> String {
    let pieces = route.path.split('/').map(|piece| match piece {
        "{key}" => "cisco_ios",
        number if number.starts_with('{') => id,
        word => word,
    });
    pieces.collect::<Vec<_>>().join("/")
}

/// Whether a reply never ends by itself.
fn is_stream(route: &Route) -> bool {
    route.path.ends_with("/events")
}
