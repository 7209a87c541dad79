//! What asynchronous database calls bring: the same batch of first backups three times, while somebody looks at pages.
//!
//! * *as built*: the engine.
//! * *asynchronous*: the same dialogues, and the statements of [`statements`] through the store's own pools, one after the
//!   other, each a way to a thread and back.
//! * *blocking*: the same dialogues and the same statements, by blocking diesel: a pool of as many threads as the store has
//!   connections, each with one of its own, that runs a step's statements in one go.
//!
//! The second and the third differ in nothing else, so their difference is the answer; the first says how far the harness
//! is from the real thing, which also applies rules, writes notices and keeps lines while a job runs.
//!
//! `cargo bench --bench blocking [-- SIZES [LATENCY [TURNS]]]`, where nothing is said `1,10,100 20 3`. Each run is a process
//! of its own with a fresh SQLite database; the one in the middle of the turns is told. On PostgreSQL there is nothing to
//! compare: blocking diesel would need libpq, which NetRaven does not have.

#![expect(clippy::unwrap_used, reason = "a benchmark that cannot run should say so and stop")]
#![expect(
    clippy::as_conversions,
    clippy::cast_precision_loss,
    reason = "figures for a table of three digits"
)]

#[expect(dead_code, reason = "the other benchmark uses all of it")]
#[path = "../fleet/cost.rs"]
mod cost;
mod harness;
mod pages;
mod pool;
mod statements;

use std::{
    env, fs,
    net::SocketAddr,
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use netraven::{
    app::{self, House, Places},
    config::Config,
    domain::{
        access::{Actor, Grant, Permission, ViewDevices},
        id::JobId,
    },
    engine::Options,
    service::{Core, import, jobs},
};

const NETRAVEN: &str = env!("CARGO_BIN_EXE_netraven");
const AT_ONCE: usize = 50;
const WAYS: [&str; 3] = ["as built", "asynchronous", "blocking"];

fn main() {
    let arguments: Vec<String> = env::args().skip(1).filter(|argument| argument != "--bench").collect();
    if let [word, way, inventory, data, result] = arguments.as_slice()
        && word == "run"
    {
        let told = run(way, Path::new(inventory), Path::new(data));
        return fs::write(result, told).unwrap();
    }
    let text = |at: usize, usual: &str| arguments.get(at).map_or(usual, String::as_str).to_owned();
    let (sizes, latency, turns) = (text(0, "1,10,100"), text(1, "20"), text(2, "3"));
    println!(
        "First backups of simulated cisco_ios devices that take {latency} ms for an answer, {AT_ONCE} at once, SQLite, the \
         middle of {turns} turns.\n"
    );
    println!(
        "| devices | store | devices per minute | CPU ms per device | p95 of a page meanwhile | peak memory |"
    );
    println!("|--:|---|--:|--:|--:|--:|");
    for size in sizes.split(',') {
        let folder = tempfile::tempdir().unwrap();
        let inventory = folder.path().join("fleet.csv");
        let _fleet = fleet(size, &latency, &inventory);
        for way in WAYS {
            let mut runs: Vec<Measured> =
                (0..turns.parse().unwrap()).map(|_| measured(way, &inventory)).collect();
            runs.sort_by(|a, b| a.wall.total_cmp(&b.wall));
            let Measured { wall, p95, cpu, peak } = runs.swap_remove(runs.len() / 2);
            let devices: f64 = size.parse().unwrap();
            println!(
                "| {size} | {way} | {:.0} | {:.2} | {p95:.1} ms | {:.0} MB |",
                devices * 60.0 / wall,
                cpu * 1_000.0 / devices,
                peak as f64 / 1024.0
            );
        }
    }
}

/// What one run took: seconds for the batch, milliseconds for a page, seconds of CPU of the batch, KiB.
struct Measured {
    wall: f64,
    p95: f64,
    cpu: f64,
    peak: u64,
}

fn measured(way: &str, inventory: &Path) -> Measured {
    let folder = tempfile::tempdir().unwrap();
    let result = folder.path().join("result");
    let mut command = Command::new(env::current_exe().unwrap());
    command.arg("run").arg(way).arg(inventory).arg(folder.path().join("data")).arg(&result);
    let peak = cost::timed(&mut command).peak;
    let told = fs::read_to_string(result).unwrap();
    let numbers: Vec<f64> = told.split(' ').map(|number| number.parse().unwrap()).collect();
    let [wall, p95, cpu]: [f64; 3] = numbers.try_into().unwrap();
    Measured { wall, p95, cpu, peak }
}

struct Fleet(Child);

impl Drop for Fleet {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn fleet(size: &str, latency: &str, inventory: &Path) -> Fleet {
    let fleet = Fleet(
        Command::new(NETRAVEN)
            .args([
                "simulate",
                "cisco_ios",
                "--bytes",
                "50000",
                "--count",
                size,
                "--latency",
                latency,
                "--inventory",
            ])
            .arg(inventory)
            .stdout(Stdio::null())
            .spawn()
            .unwrap(),
    );
    let (begin, devices) = (Instant::now(), size.parse::<usize>().unwrap());
    while fs::read_to_string(inventory).map_or(0, |text| text.lines().count()) <= devices {
        assert!(begin.elapsed() < Duration::from_mins(1), "the fleet does not start");
        std::thread::park_timeout(Duration::from_millis(20));
    }
    fleet
}

fn grant<P: Permission>() -> Grant<P> {
    Actor::console().grant().unwrap()
}

/// One batch, one way.
#[tokio::main]
async fn run(way: &str, inventory: &Path, data: &Path) -> String {
    let config = Config { listen: SocketAddr::from(([127, 0, 0, 1], 0)), ..Config::default() };
    let core = app::open(&Places::new(data, &config)).await.unwrap();
    import::apply(&core, &grant(), &fs::read(inventory).unwrap()).await.unwrap();
    let options = Options { concurrency: Some(AT_ONCE), is_planning: false, ..Options::default() };
    let engine = (way == "as built").then_some(options);
    let house = House::start(core.clone(), &config, engine).await.unwrap();
    let look = pages::look(&core, house.address()).await;
    let places = harness::places(&core).await;
    let (before, began) = (own_cpu(), Instant::now());
    let started = jobs::back_up(&core, &grant(), jobs::Which::All).await.unwrap().unwrap();
    let ids: Vec<JobId> = started.jobs.iter().map(|(job, _)| *job).collect();
    match way {
        "as built" => over(&core, &ids).await,
        "asynchronous" => harness::work(&core, started.jobs, places, harness::Store::Asynchronous).await,
        _ => {
            let pool = pool::Pool::open(&data.join("netraven.db"));
            harness::work(&core, started.jobs, places, harness::Store::Blocking(pool)).await;
        }
    }
    let (wall, cpu) = (began.elapsed().as_secs_f64(), own_cpu() - before);
    assert_eq!(jobs::over(&core, &grant(), &ids).await.unwrap().len(), ids.len(), "{way}: jobs are not over");
    let p95 = look.p95().await;
    house.stop().await;
    format!("{wall} {p95} {cpu}")
}

async fn over(core: &Core, ids: &[JobId]) {
    let by: Grant<ViewDevices> = grant();
    while jobs::over(core, &by, ids).await.unwrap().len() < ids.len() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// CPU seconds of this process: `utime` and `stime` of proc(5), in ticks of 10 ms.
fn own_cpu() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
    let ticks = |at: usize| fields.get(at).and_then(|text| text.parse::<f64>().ok()).unwrap();
    (ticks(11) + ticks(12)) / 100.0
}
