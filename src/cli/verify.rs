//! `netraven verify`.

use std::{
    io::{IsTerminal, Write},
    time::{Duration, Instant},
};

use clap::Args;
use tokio_util::sync::CancellationToken;

use super::{CommandError, Context, Exit};
use crate::{
    app,
    domain::access::Actor,
    service::storage::verify::{self, Report, Share},
};

/// Read kept contents back and compare them with their hashes; exit code 1 when one is damaged or out of reach
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  netraven verify --all\n  netraven verify --sample 10 --max-duration 30m\n\n\
    Those come first that were read longest ago. What is damaged is marked on its versions and told on the pages."
)]
pub struct Verify {
    /// So many percent of the contents
    #[arg(long, value_name = "PERCENT", default_value = "5", value_parser = percent, conflicts_with = "all")]
    sample: f64,
    /// All contents
    #[arg(long)]
    all: bool,
    /// Stop after so long, such as 90s, 30m or 2h
    #[arg(long, value_name = "TIME", value_parser = duration)]
    max_duration: Option<Duration>,
    /// One JSON object for each damaged content, then one with the numbers
    #[arg(long)]
    json: bool,
}

fn percent(raw: &str) -> Result<f64, String> {
    let number: Option<f64> = raw.trim_end_matches('%').parse().ok();
    number
        .filter(|number| *number > 0.0 && *number <= 100.0)
        .ok_or_else(|| "give a number above 0, up to 100".to_owned())
}

fn duration(raw: &str) -> Result<Duration, String> {
    let unit = [("s", 1), ("m", 60), ("h", 3_600)];
    let found = unit.iter().find_map(|(unit, seconds)| {
        raw.strip_suffix(unit)?
            .parse::<u32>()
            .ok()
            .map(|number| Duration::from_secs(u64::from(number) * seconds))
    });
    found.filter(|time| !time.is_zero()).ok_or_else(|| "give a number with s, m or h, such as 30m".to_owned())
}

impl Verify {
    /// Does it.
    pub async fn run(self, context: &Context) -> Result<Exit, CommandError> {
        let core = context.open().await?;
        let share = if self.all { Share::All } else { Share::Percent(self.sample) };
        let until = self.max_duration.and_then(|time| Instant::now().checked_add(time));
        let stop = CancellationToken::new();
        let shows = !self.json && std::io::stderr().is_terminal();
        let progress = |report: &Report| {
            if shows {
                eprint!("\r{} of {}, {} damaged ", report.checked, report.total, report.damaged.len());
                let _ = std::io::stderr().flush();
            }
        };
        let by = Actor::console();
        let work = verify::run(&core, &by, (share, until), &stop, progress);
        tokio::pin!(work);
        let report = tokio::select! {
            report = &mut work => report?,
            () = app::told_to_stop() => {
                // What was read so far is written down.
                stop.cancel();
                (&mut work).await?
            }
        };
        if shows {
            eprintln!();
        }
        if self.json {
            print(&report);
        } else {
            tell(&report);
        }
        Ok(if report.is_well() { Exit::Well } else { Exit::Failed })
    }
}

fn print(report: &Report) {
    for (content, reason) in &report.damaged {
        println!("{}", serde_json::json!({ "content": content, "damaged": true, "reason": reason }));
    }
    let summary = serde_json::json!({
        "total": report.total, "checked": report.checked, "damaged": report.damaged.len(),
        "mended": report.mended, "unreachable": report.unreachable.0, "reason": report.unreachable.1,
        "complete": !report.is_cut,
    });
    println!("{}", serde_json::json!({ "summary": summary }));
}

fn tell(report: &Report) {
    println!("{:>8} contents read back, of {} that were to be", report.checked, report.total);
    println!("{:>8} damaged", report.damaged.len());
    for (content, reason) in &report.damaged {
        println!("         {content}: {reason}");
    }
    if report.mended > 0 {
        println!("{:>8} were damaged before and are whole again", report.mended);
    }
    if let (count, Some(why)) = &report.unreachable {
        println!("{count:>8} out of reach: {why}");
    }
    if report.is_cut {
        println!("The time was over before all were read; those that are left come first the next time.");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_and_times_are_read() {
        assert_eq!(percent("5%"), Ok(5.0));
        assert!(["0", "-1", "101", "NaN", "x", ""].iter().all(|raw| percent(raw).is_err()));
        assert_eq!(duration("30m"), Ok(Duration::from_mins(30)));
        assert!(["", "0s", "5", "5d", "-1s", "m"].iter().all(|raw| duration(raw).is_err()));
    }
}
