//! What a backup costs: `netraven backup run --all` beside a bare SSH loop that asks the same and keeps nothing.
//!
//! `cargo bench --bench fleet [-- DEVICES [BYTES [CYCLES]]]` runs a simulated fleet in a process of its own, then, in
//! turns, the loop and NetRaven in a fresh data folder each: a first cycle in which every configuration is stored and a
//! second one in which none has changed. CPU is the child process's own, from the kernel's accounting.

#![expect(clippy::unwrap_used, reason = "a benchmark that cannot run should say so and stop")]
#![expect(clippy::as_conversions, clippy::cast_precision_loss, reason = "figures for a table of three digits")]

use std::{
    env,
    fs,
    path::Path,
    process::{Child, Command, Stdio},
    sync::Arc,
    time::{Duration, Instant},
};

use futures_util::StreamExt;
use russh::{ChannelMsg, client, keys::PublicKeyOrCertificate};

const NETRAVEN: &str = env!("CARGO_BIN_EXE_netraven");
const AT_ONCE: usize = 50;

fn main() {
    let arguments: Vec<String> = env::args().skip(1).filter(|argument| argument != "--bench").collect();
    if let [word, inventory] = arguments.as_slice()
        && word == "bare"
    {
        return bare(Path::new(inventory));
    }
    let number = |at: usize, usual: usize| arguments.get(at).and_then(|text| text.parse().ok()).unwrap_or(usual);
    let (devices, bytes, cycles) = (number(0, 200), number(1, 50_000), number(2, 5));
    let folder = tempfile::tempdir().unwrap();
    let inventory = folder.path().join("fleet.csv");
    let _fleet = fleet(devices, bytes, &inventory);
    println!("{devices} simulated cisco_ios devices of {bytes} bytes, {AT_ONCE} at once, {cycles} turns\n");
    let (mut loops, mut firsts, mut seconds) = (Vec::new(), Vec::new(), Vec::new());
    for turn in 0..cycles {
        loops.push(timed(Command::new(env::current_exe().unwrap()).arg("bare").arg(&inventory)));
        let data = folder.path().join(format!("data-{turn}"));
        run(netraven(&data).arg("device").arg("import").arg(&inventory));
        firsts.push(timed(&mut back_up(&data)));
        seconds.push(timed(&mut back_up(&data)));
        if turn + 1 == cycles {
            let size: u64 = ["netraven.db", "netraven.db-wal"]
                .iter()
                .filter_map(|name| fs::metadata(data.join(name)).ok())
                .map(|meta| meta.len())
                .sum();
            println!("database after both cycles: {:.1} KiB per device", size as f64 / 1024.0 / devices as f64);
        }
    }
    let base = median(&loops).0;
    println!("\n| cycle | CPU ms per device | ratio to the bare loop | devices per minute | peak memory |");
    println!("|---|--:|--:|--:|--:|");
    for (name, runs) in [("bare loop", &loops), ("first, all stored", &firsts), ("second, unchanged", &seconds)] {
        let (cpu, wall, peak) = median(runs);
        println!(
            "| {name} | {:.2} | {:.2} | {:.0} | {:.0} MB |",
            cpu * 1_000.0 / devices as f64,
            cpu / base,
            devices as f64 * 60.0 / wall,
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

fn fleet(devices: usize, bytes: usize, inventory: &Path) -> Fleet {
    let child = Command::new(NETRAVEN)
        .args(["simulate", "cisco_ios", "--count", &devices.to_string(), "--bytes", &bytes.to_string(), "--inventory"])
        .arg(inventory)
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let fleet = Fleet(child);
    let begin = Instant::now();
    while fs::read_to_string(inventory).map_or(0, |text| text.lines().count()) <= devices {
        assert!(begin.elapsed() < Duration::from_mins(1), "the fleet does not start");
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

/// CPU seconds and wall seconds of a program, and the most memory it took in KiB.
type Cost = (f64, f64, u64);

fn timed(command: &mut Command) -> Cost {
    let (before, begin) = (children_cpu(), Instant::now());
    let mut child = command.spawn().unwrap();
    let status = format!("/proc/{}/status", child.id());
    let mut peak = 0;
    let ended = loop {
        if let Ok(text) = fs::read_to_string(&status) {
            let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
            peak = line.and_then(|line| line.trim().split(' ').next()?.parse().ok()).unwrap_or(peak);
        }
        if let Some(ended) = child.try_wait().unwrap() {
            break ended;
        }
        std::thread::park_timeout(Duration::from_millis(5));
    };
    assert!(ended.success(), "{command:?}");
    (children_cpu() - before, begin.elapsed().as_secs_f64(), peak)
}

/// CPU seconds of all children that have ended: `cutime` and `cstime` of proc(5), in ticks of 10 ms.
fn children_cpu() -> f64 {
    let stat = fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
    let ticks = |at: usize| fields.get(at).and_then(|text| text.parse::<f64>().ok()).unwrap();
    (ticks(13) + ticks(14)) / 100.0
}

fn median(runs: &[Cost]) -> Cost {
    let mut sorted = runs.to_vec();
    sorted.sort_by(|a, b| a.0.total_cmp(&b.0));
    *sorted.get(sorted.len() / 2).unwrap()
}

// ---- the bare loop

struct AnyKey;

impl client::Handler for AnyKey {
    type Error = russh::Error;

    async fn check_server_key(&mut self, _: &PublicKeyOrCertificate) -> Result<bool, russh::Error> {
        Ok(true)
    }
}

/// What NetRaven's `cisco_ios` platform asks, in its order.
const COMMANDS: [&str; 8] = [
    "",
    "terminal length 0",
    "terminal width 0",
    "show version",
    "show inventory",
    "show vtp status",
    "show running-config",
    "exit",
];

#[tokio::main]
async fn bare(inventory: &Path) {
    let text = fs::read_to_string(inventory).unwrap();
    let places = text.lines().skip(1).map(|line| {
        let mut fields = line.split(',').skip(1);
        let (address, port) = (fields.next().unwrap(), fields.next().unwrap());
        format!("{address}:{port}")
    });
    // The library's own choice of algorithms, which is NetRaven's with such a peer: a hybrid with ML-KEM.
    let config = Arc::new(client::Config { nodelay: true, ..client::Config::default() });
    let talks = places.map(|place| {
        let config = config.clone();
        async move { tokio::spawn(talk(config, place)).await }
    });
    let mut done = futures_util::stream::iter(talks).buffer_unordered(AT_ONCE);
    while let Some(bytes) = done.next().await {
        assert!(bytes.unwrap() > 1_000);
    }
}

async fn talk(config: Arc<client::Config>, place: String) -> usize {
    let mut session = client::connect(config, place.as_str(), AnyKey).await.unwrap();
    assert!(session.authenticate_password("netraven", "simulated").await.unwrap().success());
    let mut channel = session.channel_open_session().await.unwrap();
    channel.request_pty(false, "vt100", 511, 1000, 0, 0, &[]).await.unwrap();
    channel.request_shell(false).await.unwrap();
    let mut sum = 0;
    for command in COMMANDS {
        sum += until_prompt(&mut channel).await;
        channel.data(format!("{command}\n").as_bytes()).await.unwrap();
    }
    sum
}

async fn until_prompt(channel: &mut russh::Channel<client::Msg>) -> usize {
    let mut sum = 0;
    while let Some(message) = channel.wait().await {
        if let ChannelMsg::Data { data } = message {
            sum += data.len();
            if data.ends_with(b"#") || data.ends_with(b"# ") {
                break;
            }
        }
    }
    sum
}
