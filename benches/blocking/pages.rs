//! Somebody who looks at a page all the time.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use netraven::{
    domain::{access::Role, secret::Secret, user::NewUser},
    service::{Core, users},
};
use reqwest::{Client, redirect::Policy};
use tokio::{sync::oneshot, task::JoinHandle};

const PASSWORD: &str = "correct horse battery staple";

/// The one who looks.
pub struct Look {
    enough: oneshot::Sender<()>,
    asking: JoinHandle<Vec<Duration>>,
}

/// Signs in and begins to look: at the devices and at the jobs in turn, fifty times a second.
pub async fn look(core: &Core, address: SocketAddr) -> Look {
    let admin = NewUser::new("admin".parse().unwrap(), Role::Admin, Secret::new(PASSWORD));
    users::create(core, &super::grant(), admin).await.unwrap();
    let client = Client::builder().cookie_store(true).redirect(Policy::none()).build().unwrap();
    let base = format!("http://{address}");
    let page = client.get(format!("{base}/login")).send().await.unwrap().text().await.unwrap();
    let (_, rest) = page.split_once("name=\"csrf\" value=\"").unwrap();
    let token = rest.split('"').next().unwrap().to_owned();
    let fields = [("csrf", token), ("username", "admin".into()), ("password", PASSWORD.into())];
    let reply = client.post(format!("{base}/login")).form(&fields).send().await.unwrap();
    assert_eq!(reply.status(), 303, "sign-in");
    let (enough, mut told) = oneshot::channel();
    let asking = tokio::spawn(async move {
        let mut times = Vec::new();
        let mut beat = tokio::time::interval(Duration::from_millis(20));
        beat.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        for path in ["/devices", "/jobs"].into_iter().cycle() {
            tokio::select! {
                _ = &mut told => break,
                _ = beat.tick() => {}
            }
            let began = Instant::now();
            let reply = client.get(format!("{base}{path}")).send().await.unwrap();
            assert_eq!(reply.status(), 200, "{path}");
            reply.bytes().await.unwrap();
            times.push(began.elapsed());
        }
        times
    });
    Look { enough, asking }
}

impl Look {
    /// Ends looking; of a hundred pages, ninety-five took no longer (ms).
    pub async fn p95(self) -> f64 {
        self.enough.send(()).unwrap();
        let mut times = self.asking.await.unwrap();
        times.sort_unstable();
        let at = (times.len() * 95 / 100).min(times.len().saturating_sub(1));
        times.get(at).map_or(0.0, |time| time.as_secs_f64() * 1_000.0)
    }
}
