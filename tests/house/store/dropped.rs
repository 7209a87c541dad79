//! Clients that go away in the middle of a request (R-39, finding 0.3).

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use netraven::domain::access::Role;
use reqwest::StatusCode;
use tokio::{io::AsyncWriteExt, net::TcpStream};

use crate::support::{house::House, sql};

/// Two hundred browsers send a form that writes, and hang up at moments of their own; every other one by a reset.
#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_clients_that_hang_up_leave_no_open_transaction() {
    let house = House::new().await;
    house.person(Role::Admin).await;
    let visit = reqwest::get(house.url("/login")).await.unwrap();
    let cookie = visit.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
    let page = visit.text().await.unwrap();
    let token = page.split_once("name=\"csrf\" value=\"").unwrap().1.split('"').next().unwrap().to_owned();
    let body = format!("csrf={token}&username=admin&password=wrong+wrong+wrong");
    let address = house.url("").trim_start_matches("http://").to_owned();
    let request = format!(
        "POST /login HTTP/1.1\r\nHost: {address}\r\nCookie: {cookie}\r\nContent-Type: \
         application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let clients = (0..200_u64).map(|i| {
        let (address, request) = (address.clone(), request.clone());
        tokio::spawn(async move {
            let mut stream = TcpStream::connect(&address).await.unwrap();
            // Some never finish their form.
            let cut = if i % 5 == 0 { request.len() - 10 } else { request.len() };
            stream.write_all(&request.as_bytes()[..cut]).await.unwrap();
            tokio::time::sleep(Duration::from_micros(i * 131 % 12_000)).await;
            if i % 2 == 0 {
                stream.set_zero_linger().unwrap();
            }
        })
    });
    join_all(clients).await;
    // Every worker of the server answers, for reading and for writing, and does not wait for a dead one.
    let began = Instant::now();
    for _ in 0..20 {
        let visitor = house.visitor();
        let reply = visitor.post("/login", &[("username", "admin"), ("password", "wrong wrong wrong")]).await;
        assert_eq!(reply.status(), StatusCode::UNPROCESSABLE_ENTITY);
    }
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
    if !sql::is_sqlite(&house.core).await {
        let idle = "SELECT count(*) FROM pg_stat_activity WHERE state LIKE 'idle in transaction%' \
                    AND datname = current_database()";
        assert_eq!(sql::number(&house.core, idle).await, 0);
    }
    // And somebody can still write.
    sql::run(&house.core, "DELETE FROM sessions").await;
}
