//! What a backup costs: `netraven backup run --all` beside a bare SSH loop that asks the same and keeps nothing, and what
//! a history of versions takes on the disk beside a git repository of the same texts.
//!
//! `cargo bench --bench fleet [-- SIZES [LATENCIES [TURNS [BYTES [VERSIONS]]]]]`, such as `200,1000,5000 0,50 3`: for each
//! number of simulated devices and each latency (milliseconds before every answer) a fleet in a process of its own, and
//! against it, in turns, the loop and NetRaven in a fresh data folder: a first cycle in which every configuration is
//! stored and a second one in which none has changed. The run in the middle of the turns is told. Where nothing is said:
//! 200 devices, no latency, 3 turns, configurations of 50,000 bytes, histories of 30 versions.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a benchmark that cannot run should say so and stop"
)]
#![expect(
    clippy::as_conversions,
    clippy::cast_precision_loss,
    reason = "figures for a table of three digits"
)]

mod bare;
mod cost;
mod history;

#[expect(dead_code, reason = "the tests use all of it")]
#[path = "../../tests/house/support/sql.rs"]
mod sql;
#[expect(dead_code, reason = "the tests use all of it")]
#[path = "../../tests/house/support/stock.rs"]
mod stock;

use std::{
    env, fs,
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use cost::{Cost, median, timed};

const NETRAVEN: &str = env!("CARGO_BIN_EXE_netraven");
const AT_ONCE: usize = 50;

fn main() {
    let arguments: Vec<String> = env::args().skip(1).filter(|argument| argument != "--bench").collect();
    if let [word, inventory] = arguments.as_slice()
        && word == "bare"
    {
        return bare::ask(Path::new(inventory));
    }
    let numbers = |at: usize, usual: &str| -> Vec<usize> {
        let text = arguments.get(at).map_or(usual, String::as_str);
        text.split(',').map(|number| number.parse().unwrap()).collect()
    };
    let number = |at: usize, usual: &str| *numbers(at, usual).first().unwrap();
    let (turns, bytes, versions) = (number(2, "3"), number(3, "50000"), number(4, "30"));
    println!(
        "Simulated cisco_ios devices of {bytes} bytes, {AT_ONCE} at once, the middle of {turns} turns.\n"
    );
    println!(
        "| devices | ms per answer | cycle | devices per minute | CPU ms per device | ratio to the bare loop | peak memory |"
    );
    println!("|--:|--:|---|--:|--:|--:|--:|");
    for devices in numbers(0, "200") {
        for latency in numbers(1, "0") {
            measure(devices, latency, (turns, bytes));
        }
    }
    println!();
    history::compare(versions, bytes);
}

fn measure(devices: usize, latency: usize, (turns, bytes): (usize, usize)) {
    let folder = tempfile::tempdir().unwrap();
    let inventory = folder.path().join("fleet.csv");
    let _fleet = fleet(devices, (latency, bytes), &inventory);
    let (mut loops, mut firsts, mut seconds) = (Vec::new(), Vec::new(), Vec::new());
    for turn in 0..turns {
        loops.push(timed(Command::new(env::current_exe().unwrap()).arg("bare").arg(&inventory)));
        let data = folder.path().join(format!("data-{turn}"));
        run(netraven(&data).arg("device").arg("import").arg(&inventory));
        firsts.push(timed(&mut back_up(&data)));
        seconds.push(timed(&mut back_up(&data)));
        fs::remove_dir_all(&data).unwrap();
    }
    let base = median(&loops).cpu;
    for (name, runs) in
        [("bare loop", &loops), ("first, all stored", &firsts), ("second, unchanged", &seconds)]
    {
        let Cost { cpu, wall, peak } = median(runs);
        println!(
            "| {devices} | {latency} | {name} | {:.0} | {:.2} | {:.2} | {:.0} MB |",
            devices as f64 * 60.0 / wall,
            cpu * 1_000.0 / devices as f64,
            cpu / base,
            peak as f64 / 1024.0
        );
    }
}

struct Fleet(Child);

impl Drop for Fleet {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn fleet(devices: usize, (latency, bytes): (usize, usize), inventory: &Path) -> Fleet {
    let child = Command::new(NETRAVEN)
        .args(["simulate", "cisco_ios", "--count", &devices.to_string()])
        .args(["--latency", &latency.to_string(), "--bytes", &bytes.to_string(), "--inventory"])
        .arg(inventory)
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let fleet = Fleet(child);
    let begin = Instant::now();
    while fs::read_to_string(inventory).map_or(0, |text| text.lines().count()) <= devices {
        assert!(begin.elapsed() < Duration::from_mins(2), "the fleet does not start");
        std::thread::park_timeout(Duration::from_millis(20));
    }
    fleet
}

fn netraven(data: &Path) -> Command {
    let mut command = Command::new(NETRAVEN);
    command.arg("--data-dir").arg(data).stdout(Stdio::null());
    command
}

fn back_up(data: &Path) -> Command {
    let mut command = netraven(data);
    command.args(["backup", "run", "--all", "--json", "--concurrency", &AT_ONCE.to_string()]);
    command
}

fn run(command: &mut Command) {
    assert!(command.status().unwrap().success(), "{command:?}");
}
