//! A process that runs for months keeps to few arenas of memory, and stays the process that was started.

use std::path::Path;

use crate::support::{
    process::{Daemon, until},
    program::{NETRAVEN, Program},
};

/// What the running process has of this switch once it serves; `own` is what it was started with.
async fn arenas(own: Option<&str>) -> Option<String> {
    let program = Program::new();
    let (data, own) = (program.data(), own.map(|own| format!("MALLOC_ARENA_MAX={own}")));
    let words = ["-u", "MALLOC_ARENA_MAX"].into_iter().chain(own.as_deref());
    let serve = [NETRAVEN, "serve", "--listen", "127.0.0.1:0", "--data-dir", data.to_str().unwrap()];
    let house = Daemon::start(Path::new("/usr/bin/env"), words.chain(serve), &program.file("serve.log"));
    until(20, async || house.log().contains("NetRaven serves ").then_some(()), || house.log()).await;
    let environment = std::fs::read(format!("/proc/{}/environ", house.id())).unwrap();
    let environment = String::from_utf8(environment).unwrap();
    environment.split('\0').find_map(|pair| pair.strip_prefix("MALLOC_ARENA_MAX=")).map(str::to_owned)
}

#[cfg(target_env = "gnu")]
#[tokio::test(flavor = "multi_thread")]
async fn a_server_begins_with_two_arenas_unless_it_is_told_how_many() {
    assert_eq!(arenas(None).await.as_deref(), Some("2"));
    assert_eq!(arenas(Some("5")).await.as_deref(), Some("5"));
}
