//! How long a person waits for a page of a large house: the time to the first byte of every page that can be looked at,
//! and how often it asks the database.
//!
//! `cargo bench --bench pages [-- DEVICES [VERSIONS [JOBS [ASKS]]]]` fills a fresh database, 10,000 devices with 200
//! versions each and 50,000 jobs where nothing else is said, signs in, and asks for each page, by itself, one request
//! after another, each time for another device, version or job. It runs on `SQLite`, and on the `PostgreSQL` that
//! `TEST_DATABASE_URL` names where it is set. Budgets: 100 ms for a detail page, 200 ms for a list, at the 95th of 100.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a benchmark that cannot run should say so and stop"
)]

mod ask;
mod inventory;

#[path = "../../tests/house/support/postgres.rs"]
mod postgres;
#[expect(dead_code, reason = "the tests use all of it")]
#[path = "../../tests/house/support/sql.rs"]
mod sql;
#[expect(dead_code, reason = "the tests use all of it")]
#[path = "../../tests/house/support/stock.rs"]
mod stock;

use std::{env, net::SocketAddr, time::Instant};

use netraven::{
    app::{self, House, Places},
    config::Config,
};

/// How much there is.
#[derive(Debug, Clone, Copy)]
struct Size {
    devices: i64,
    versions: i64,
    jobs: i64,
    asks: usize,
}

#[tokio::main]
async fn main() {
    let arguments: Vec<String> = env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let number =
        |at: usize, usual: i64| arguments.get(at).and_then(|text| text.parse().ok()).unwrap_or(usual);
    let asks = usize::try_from(number(3, 100)).unwrap();
    let size = Size { devices: number(0, 10_000), versions: number(1, 200), jobs: number(2, 50_000), asks };
    // What goes wrong is told; a page that fails ends the run.
    tracing_subscriber::fmt().with_max_level(tracing::Level::ERROR).with_writer(std::io::stderr).init();
    ask::count_queries();
    measure("SQLite", None, size).await;
    match postgres::database_url().await {
        Some(url) => measure("PostgreSQL", Some(url), size).await,
        None => println!("\nPostgreSQL: not measured, TEST_DATABASE_URL is not set"),
    }
}

async fn measure(database: &str, database_url: Option<String>, size: Size) {
    let folder = tempfile::tempdir().unwrap();
    let config = Config { listen: SocketAddr::from(([127, 0, 0, 1], 0)), database_url, ..Config::default() };
    let places = Places::new(folder.path(), &config);
    let core = app::open(&places).await.unwrap();
    let began = Instant::now();
    inventory::fill(&core, size).await;
    println!(
        "\n{database}: {} devices, {} versions, {} jobs, filled in {:.0} s",
        size.devices,
        sql::number(&core, "SELECT count(*) FROM backups").await,
        sql::number(&core, "SELECT count(*) FROM jobs").await,
        began.elapsed().as_secs_f64(),
    );
    let house = House::start(core.clone(), &config, None).await.unwrap();
    ask::every_page(&core, house.address(), size).await;
    house.stop().await;
}
