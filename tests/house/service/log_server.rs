//! The trail at a log server: all of it, in order, again what was lost, and not a byte in clear where TLS is wanted (S-78).

use std::time::Duration;

use netraven::service::{
    Core,
    audit::{self, LOG_SERVER_AUTHORITIES, SendError},
    silence,
};

use crate::support::{house::House, log_server::LogServer, process::until, sql, stock};

async fn point(core: &Core, way: &str, server: &LogServer) {
    stock::set(core, "audit.log_server.host", "127.0.0.1").await;
    stock::set(core, "audit.log_server.port", &server.address.port().to_string()).await;
    stock::set(core, "audit.log_server.way", way).await;
}

/// Three lines in the trail.
async fn three(core: &Core) {
    for name in ["a", "b", "c"] {
        stock::schedule(core, name, "60").await;
    }
}

async fn lines(core: &Core) -> i64 {
    sql::number(core, "SELECT max(seq) FROM audit_events").await
}

/// What is told as silent.
async fn silent(core: &Core) -> String {
    silence::tell(core).await.unwrap();
    sql::texts(core, "SELECT text AS value FROM notices").await.join("\n")
}

fn numbers(server: &LogServer) -> Vec<i64> {
    server.told().iter().map(|line| line["number"].as_i64().unwrap()).collect()
}

#[tokio::test]
async fn the_whole_trail_goes_there_in_order_and_then_what_is_new() {
    let house = House::new().await;
    let (core, server) = (&house.core, LogServer::tcp().await);
    stock::schedule(core, "before\r\n<0>1", "60").await;
    // More than goes over one connection.
    let more = (0..600).map(|number| format!("INSERT INTO audit_events (at, actor, event, object, seq, mac) VALUES ('2026-03-01 12:00:00', 'olga', 'signed_in', 'x', {}, '')", number + 2));
    sql::run(core, &more.collect::<Vec<_>>().join(";")).await;
    sql::run(core, "UPDATE audit_heads SET seq = 601").await;
    assert_eq!(audit::send_new(core).await.unwrap(), 0, "there is no log server yet");
    assert_eq!(audit::unsent(core, &stock::grant()).await.unwrap(), None);
    point(core, "tcp", &server).await;
    let all = lines(core).await;
    assert_eq!(audit::unsent(core, &stock::grant()).await.unwrap(), Some(all));
    assert_eq!(audit::send_new(core).await.unwrap(), usize::try_from(all).unwrap());
    assert_eq!(numbers(&server), (1..=all).collect::<Vec<_>>());
    assert!(server.taken().iter().all(|message| message.starts_with("<110>1 20")), "{:?}", server.taken());
    assert!(server.told()[0]["object"].as_str().unwrap().starts_with("before"));
    assert_eq!(audit::unsent(core, &stock::grant()).await.unwrap(), Some(0));
    assert_eq!(audit::send_new(core).await.unwrap(), 0);
    stock::schedule(core, "after", "60").await;
    assert_eq!(audit::send_new(core).await.unwrap(), 1);
    assert_eq!(server.told().last().unwrap()["object"], "after");
    // Off: nothing goes, and what came meanwhile goes when it is on again.
    stock::set(core, "audit.log_server.way", "off").await;
    three(core).await;
    assert_eq!(audit::send_new(core).await.unwrap(), 0);
    stock::set(core, "audit.log_server.way", "tcp").await;
    assert_eq!(audit::send_new(core).await.unwrap(), 3);
    assert_eq!(numbers(&server), (1..=lines(core).await).collect::<Vec<_>>());
}

#[tokio::test]
async fn what_the_server_did_not_take_is_sent_again_and_told_after_a_quarter_of_an_hour() {
    let house = House::new().await;
    let (core, server) = (&house.core, LogServer::tcp().await);
    server.reset(true);
    point(core, "tcp", &server).await;
    three(core).await;
    let sent = audit::send_new(core).await;
    assert!(matches!(sent, Err(SendError::Server(_))), "{sent:?}");
    let all = lines(core).await;
    assert_eq!(audit::unsent(core, &stock::grant()).await.unwrap(), Some(all));
    assert!(!silent(core).await.contains("log server"));
    house.clock.advance(Duration::from_mins(16));
    let told = silent(core).await;
    assert!(told.contains("3 lines of the audit trail not at the log server"), "{told}");
    server.reset(false);
    assert_eq!(audit::send_new(core).await.unwrap(), usize::try_from(all).unwrap());
    assert_eq!(numbers(&server), (1..=all).collect::<Vec<_>>());
    // One that is not there at all.
    drop(server);
    stock::set(core, "audit.log_server.port", &crate::support::process::free_port().to_string()).await;
    stock::schedule(core, "late", "60").await;
    assert!(matches!(audit::send_new(core).await, Err(SendError::Server(_))));
    assert_eq!(audit::unsent(core, &stock::grant()).await.unwrap(), Some(1));
}

#[tokio::test]
async fn over_tls_only_a_server_with_a_trusted_certificate_gets_anything() {
    let house = House::new().await;
    let (core, server) = (&house.core, LogServer::tls().await);
    point(core, "tls", &server).await;
    three(core).await;
    let refused = audit::send_new(core).await.unwrap_err().to_string();
    assert!(refused.contains("certificate"), "{refused}");
    let file = core.data_dir.join(LOG_SERVER_AUTHORITIES);
    std::fs::write(&file, "nothing of the kind").unwrap();
    let refused = audit::send_new(core).await.unwrap_err().to_string();
    assert!(refused.contains(LOG_SERVER_AUTHORITIES), "{refused}");
    assert_eq!(server.taken(), Vec::<String>::new());
    std::fs::write(&file, &server.certificate).unwrap();
    assert_eq!(audit::send_new(core).await.unwrap(), 3);
    assert_eq!(numbers(&server), [1, 2, 3]);
}

#[tokio::test]
async fn datagrams_go_where_they_are_wanted() {
    let house = House::new().await;
    let (core, server) = (&house.core, LogServer::udp().await);
    point(core, "udp", &server).await;
    three(core).await;
    assert_eq!(audit::send_new(core).await.unwrap(), 3);
    let came = async || (server.taken().len() == 3).then_some(());
    until(10, came, || format!("{:?}", server.taken())).await;
    assert_eq!(numbers(&server), [1, 2, 3]);
}
