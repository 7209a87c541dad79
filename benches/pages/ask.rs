//! Asking for pages, and what it took.

use std::{
    net::SocketAddr,
    sync::atomic::{AtomicUsize, Ordering},
    time::{Duration, Instant},
};

use diesel::connection::{InstrumentationEvent, set_default_instrumentation};
use netraven::{service::Core, web::routes::ROUTES};
use reqwest::{Client, redirect::Policy};

use crate::{Size, inventory::PASSWORD, sql};

static ASKED: AtomicUsize = AtomicUsize::new(0);

/// Counts the statements of every connection that is opened from here on.
pub fn count_queries() {
    set_default_instrumentation(|| {
        Some(Box::new(|event: InstrumentationEvent<'_>| {
            if let InstrumentationEvent::StartQuery { .. } = event {
                ASKED.fetch_add(1, Ordering::Relaxed);
            }
        }))
    })
    .unwrap();
}

/// Searches and filters that people use, besides the plain lists. `{n}` is another number each time.
const SEARCHES: &[&str] = &[
    "/devices?q=dev-{n}",
    "/devices?q=rack",
    "/devices?tag=site-7",
    "/devices?standing=failing",
    "/devices?sort=stalest&page=150",
    "/devices/{d}/backups?page=4",
    "/backups?device=dev-{n}",
    "/backups?tag=site-7",
    "/backups?text=portfast",
    "/backups?text=nowhere+to+be+found",
    "/backups?page=9999",
    "/jobs?state=failed",
    "/jobs?device={d}",
    "/jobs?class=unreachable",
    "/jobs?page=900",
    "/compare?old={b}&new={c}",
    "/compare.patch?old={b}&new={c}",
    "/audit?object=dev-{n}",
    "/audit?page=900",
];

/// Addresses at which these ids have nothing: a failed job's recording, a deleted device, and no versions to compare.
const ELSEWHERE: &[&str] = &["/compare.patch", "/devices/{id}/purge", "/jobs/{id}/transcript"];

/// Files that are read whole: no page that somebody waits for with a budget.
const FILES: &[&str] = &["/devices.csv", "/healthz"];

/// What the addresses may be about.
struct Ids {
    devices: i64,
    backups: (i64, i64),
    jobs: (i64, i64),
    /// The shared one.
    credential: i64,
}

impl Ids {
    async fn load(core: &Core, size: Size) -> Self {
        let number = async |sql: &str| sql::number(core, sql).await;
        Self {
            devices: size.devices,
            backups: (
                number("SELECT min(id) FROM backups WHERE device_id > 1").await,
                number("SELECT max(id) FROM backups").await,
            ),
            jobs: (number("SELECT min(id) + 100 FROM jobs").await, number("SELECT max(id) FROM jobs").await),
            credential: number("SELECT max(id) FROM credentials WHERE name IS NOT NULL").await,
        }
    }

    /// The address of the turn's request: each time about another device, version and job.
    fn fill(&self, pattern: &str, turn: usize) -> String {
        let turn = i64::try_from(turn).unwrap();
        // Far apart, so that no request profits from the one before.
        let between = |(first, last): (i64, i64), salt: i64| {
            first + (turn * 7_919 + salt * 104_729) % (last - first).max(1)
        };
        let device = between((2, self.devices), 3).to_string();
        let of_path = if pattern.starts_with("/devices/") {
            device.clone()
        } else if pattern.starts_with("/credentials/") {
            self.credential.to_string()
        } else if pattern.starts_with("/backups/") {
            between(self.backups, 5).to_string()
        } else if pattern.starts_with("/jobs/") {
            between(self.jobs, 7).to_string()
        } else {
            "1".to_owned()
        };
        pattern
            .replace("{id}", &of_path)
            .replace("{key}", "cisco_ios")
            .replace("{d}", &device)
            .replace("{n}", &device)
            .replace("{b}", &between(self.backups, 11).to_string())
            .replace("{c}", &between(self.backups, 13).to_string())
    }
}

/// Signs in, asks for every page, and prints a table.
pub async fn every_page(core: &Core, address: SocketAddr, size: Size) {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = Client::builder().cookie_store(true).redirect(Policy::none()).build().unwrap();
    let base = format!("http://{address}");
    sign_in(&client, &base).await;
    let ids = Ids::load(core, size).await;
    let pages = ROUTES.iter().filter(|route| route.method == "GET").map(|route| route.path);
    let pages = pages.filter(|path| !path.starts_with("/static") && !path.ends_with("/events"));
    let pages = pages.filter(|path| !ELSEWHERE.contains(path));
    println!("\n| page | p50 ms | p95 ms | queries | answer | budget ms |");
    println!("|---|--:|--:|--:|--:|--:|");
    let mut over = 0;
    for pattern in pages.chain(SEARCHES.iter().copied()) {
        let asked = ask(&client, &base, &ids, (pattern, size.asks)).await;
        let budget = match pattern {
            file if FILES.contains(&file) => None,
            detail if detail.contains("{id}") && !detail.contains("backups?") => Some(100.0),
            _ => Some(200.0),
        };
        let is_over = budget.is_some_and(|budget| asked.p95 > budget);
        over += usize::from(is_over);
        println!(
            "| `{pattern}` | {:.1} | {:.1} | {} | {} | {}{} |",
            asked.p50,
            asked.p95,
            asked.queries,
            asked.status,
            budget.map_or("–".to_owned(), |budget| budget.to_string()),
            if is_over { " **over**" } else { "" }
        );
    }
    println!("\n{over} over budget");
}

async fn sign_in(client: &Client, base: &str) {
    let token = async |path: &str| {
        let page = client.get(format!("{base}{path}")).send().await.unwrap().text().await.unwrap();
        let (_, rest) = page.split_once("name=\"csrf\" value=\"").unwrap();
        rest.split('"').next().unwrap().to_owned()
    };
    let fields =
        [("csrf", token("/login").await), ("username", "admin".into()), ("password", PASSWORD.into())];
    let reply = client.post(format!("{base}/login")).form(&fields).send().await.unwrap();
    assert_eq!(reply.status(), 303, "sign-in");
    // Some pages ask once more who it is.
    let fields = [("csrf", token("/").await), ("password", PASSWORD.into()), ("next", "/".into())];
    let reply = client.post(format!("{base}/confirm")).form(&fields).send().await.unwrap();
    assert_eq!(reply.status(), 303, "confirmation");
}

struct Asked {
    p50: f64,
    p95: f64,
    queries: usize,
    status: u16,
}

/// Asks for one page again and again. The time ends with the first byte of the answer.
async fn ask(client: &Client, base: &str, ids: &Ids, (pattern, asks): (&str, usize)) -> Asked {
    let (mut times, mut queries, mut status) = (Vec::new(), 0, 0);
    for turn in 0..asks {
        let address = format!("{base}{}", ids.fill(pattern, turn));
        let (before, began) = (ASKED.load(Ordering::Relaxed), Instant::now());
        let reply = client.get(&address).send().await.unwrap();
        times.push(began.elapsed());
        status = reply.status().as_u16();
        assert!(status < 500, "{address}: {status}");
        reply.bytes().await.unwrap();
        queries = queries.max(ASKED.load(Ordering::Relaxed) - before);
    }
    times.sort_unstable();
    let at = |hundredth: usize| times[(times.len() * hundredth / 100).min(times.len() - 1)];
    let ms = |time: Duration| time.as_secs_f64() * 1_000.0;
    Asked { p50: ms(at(50)), p95: ms(at(95)), queries, status }
}
