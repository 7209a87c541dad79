//! What a history takes on the disk: the same texts in NetRaven's database and, committed one by one, in a git repository
//! after `git gc`.

use std::{fs, path::Path, process::Command};

use netraven::{
    app::{self, Places},
    config::Config,
    service::Core,
    simulate::{
        Platform,
        configuration::{self, Wanted},
    },
};

use super::{sql, stock};

/// So many devices have a history.
const DEVICES: usize = 20;

/// Prints the table: `versions` of each device, of which each changes some lines of the one before.
#[tokio::main]
pub async fn compare(versions: usize, bytes: usize) {
    let folder = tempfile::tempdir().unwrap();
    let (data, repository) = (folder.path().join("data"), folder.path().join("repository"));
    fs::create_dir(&repository).unwrap();
    git(&repository, &["init", "--quiet"]);
    let core = app::open(&Places::new(&data, &Config::default())).await.unwrap();
    let mut devices = Vec::new();
    for device in 0..DEVICES {
        devices.push(stock::device(&core, &format!("device-{device}")).await);
    }
    let before = database(&core, &data).await;
    let mut plain = 0;
    for version in 0..versions {
        for (device, id) in devices.iter().enumerate() {
            let text = text(device, version, bytes);
            plain += text.len();
            stock::version(&core, *id, &text).await;
            fs::write(repository.join(format!("device-{device}")), text).unwrap();
            // As the tools that keep configurations in git do: a commit for each device that changed.
            git(&repository, &["add", "--all"]);
            git(&repository, &["commit", "--quiet", "--message", "changed"]);
        }
    }
    git(&repository, &["gc", "--quiet"]);
    let count = (versions * DEVICES) as f64;
    let sealed = sql::number(&core, "SELECT sum(length(sealed)) FROM contents").await;
    let grown = database(&core, &data).await - before;
    drop(core);
    println!(
        "{DEVICES} devices with {versions} versions each, every one with two lines changed and one added.\n"
    );
    println!("| kept as | bytes per version |");
    println!("|---|--:|");
    println!("| plain text | {:.0} |", plain as f64 / count);
    println!("| NetRaven, the sealed text | {:.0} |", sealed as f64 / count);
    println!("| NetRaven, the database with jobs, logs and audit trail | {:.0} |", grown as f64 / count);
    println!(
        "| git after `git gc`, in clear | {:.0} |",
        size(&repository.join(".git/objects")) as f64 / count
    );
}

/// A device's configuration at one time: the one it had at first, with what has been changed since.
fn text(device: usize, version: usize, bytes: usize) -> String {
    let hostname = format!("device-{device}");
    let seed = u64::try_from(device).unwrap();
    let wanted = Wanted { platform: Platform::CiscoIos, hostname: &hostname, seed, bytes };
    let mut lines: Vec<String> = configuration::generate(&wanted).lines().map(str::to_owned).collect();
    for change in 1..=version {
        // Spread over the whole text, the same for both who keep it.
        let free: Vec<usize> =
            (0..lines.len()).filter(|at| lines.get(*at).unwrap().starts_with(" description")).collect();
        for n in [0, 1] {
            let at = free.get((change * 37 + device * 11 + n * 101) % free.len().max(1));
            if let Some(line) = at.and_then(|at| lines.get_mut(*at)) {
                *line = format!(" description changed in {change}-{n}");
            }
        }
        let end = lines.len() - 1;
        lines.insert(
            end,
            format!(
                "ip route 10.{}.{}.0 255.255.255.0 192.0.2.{}",
                change % 256,
                device % 256,
                change % 250 + 1
            ),
        );
    }
    lines.join("\n") + "\n"
}

fn git(repository: &Path, arguments: &[&str]) {
    let who = ["-c", "user.name=bench", "-c", "user.email=bench@example.net"];
    let done = Command::new("git").arg("-C").arg(repository).args(who).args(arguments).status().unwrap();
    assert!(done.success(), "git {arguments:?}");
}

/// The size of the database's files, its log written back.
async fn database(core: &Core, data: &Path) -> u64 {
    sql::run(core, "PRAGMA wal_checkpoint(TRUNCATE)").await;
    let files = ["netraven.db", "netraven.db-wal"];
    files.iter().filter_map(|name| fs::metadata(data.join(name)).ok()).map(|meta| meta.len()).sum()
}

/// All files below a folder.
fn size(folder: &Path) -> u64 {
    let entries = fs::read_dir(folder).unwrap().map(Result::unwrap);
    entries
        .map(
            |entry| if entry.path().is_dir() { size(&entry.path()) } else { entry.metadata().unwrap().len() },
        )
        .sum()
}
