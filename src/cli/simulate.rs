//! `netraven simulate`.

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use clap::Args;

use super::{CommandError, Exit};
use crate::{
    app,
    domain::{UnknownWord, device::Transport, secret::Secret},
    simulate::{
        self, Capture, Device, Fault, Faults, Platform, Record,
        configuration::{self, Wanted},
        fault, inventory_csv,
    },
};

/// Simulate devices that speak SSH, telnet or HTTPS
#[derive(Debug, Args)]
#[command(after_help = format!(
    "The account is netraven with the password simulated.\nFaults: {}\nExample: netraven simulate cisco_ios --count 3 --fault cut=4000 --inventory fleet.csv",
    fault::names()
))]
pub struct Simulate {
    /// A platform's key: one of those that can be simulated; not needed where a session is played
    #[arg(required_unless_present = "capture")]
    platform: Option<String>,
    /// Address of the first device; the others take the ports after it. Port 0: any free ones
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// How they are reached; without it, as such devices are
    #[arg(long)]
    transport: Option<Transport>,
    /// How many devices
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=10_000))]
    count: u16,
    /// Play a recorded session
    #[arg(long, value_name = "FILE")]
    capture: Option<PathBuf>,
    /// What is wrong with them; may be given several times
    #[arg(long = "fault", value_name = "NAME[=VALUE]")]
    faults: Vec<Fault>,
    /// Milliseconds before every answer
    #[arg(long, value_name = "MS", default_value_t = 0)]
    latency: u64,
    /// Size of each configuration in bytes
    #[arg(long, value_name = "BYTES", default_value_t = 12_000)]
    bytes: usize,
    /// Write down when each connection was opened and closed
    #[arg(long, value_name = "FILE")]
    record: Option<PathBuf>,
    /// Write a CSV that `netraven device import` takes
    #[arg(long, value_name = "FILE.csv")]
    inventory: Option<PathBuf>,
}

/// What a device says.
enum Talk {
    /// What was recorded.
    Played(Capture),
    /// What such devices say.
    Made(Platform),
}

impl Simulate {
    /// Runs the devices until told to stop.
    pub async fn run(self) -> Result<Exit, CommandError> {
        let capture = match &self.capture {
            Some(path) => Some(Capture::load(path).map_err(|e| CommandError::Usage(e.to_string()))?),
            None => None,
        };
        let talk = match (capture, &self.platform) {
            (Some(capture), _) => Talk::Played(capture),
            (None, word) => {
                let word = word.as_deref().unwrap_or_default();
                Talk::Made(word.parse().map_err(|e: UnknownWord| CommandError::Usage(e.to_string()))?)
            }
        };
        let record = self.record.as_deref().map(Record::create).transpose();
        let record = record.map_err(|e| CommandError::Usage(format!("the record cannot be written: {e}")))?;
        let mut running = Vec::new();
        for number in 0..self.count {
            let port = if self.listen.port() == 0 { 0 } else { self.listen.port().saturating_add(number) };
            let listen = SocketAddr::new(self.listen.ip(), port);
            let device = Device { record: record.clone(), ..self.device(number + 1, &talk) };
            let started = simulate::start(device, listen).await;
            running
                .push(started.map_err(|e| CommandError::Usage(format!("cannot listen on {listen}: {e}")))?);
        }
        for device in &running {
            println!("{} {}", device.device().hostname, device.address());
        }
        if let Some(path) = &self.inventory {
            let fleet: Vec<_> = running.iter().map(|r| (r.device().clone(), r.address())).collect();
            std::fs::write(path, inventory_csv(&fleet))
                .map_err(|e| CommandError::Usage(format!("{}: {e}", path.display())))?;
        }
        app::told_to_stop().await;
        Ok(Exit::Well)
    }

    fn device(&self, number: u16, talk: &Talk) -> Device {
        let fit = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
        let name = |of: &str| format!("sim-{}-{number}", of.chars().map(fit).collect::<String>());
        let mut device = match talk {
            Talk::Played(capture) => {
                let name = name(&format!("{}-{}", capture.model(), capture.name()));
                // Where a recording asks for the password of privileged mode, any will do.
                Device::playing(capture.clone(), &name).with_enable("simulated-enable")
            }
            Talk::Made(platform) => {
                let (platform, hostname) = (*platform, name(platform.as_str()));
                let mut device = Device::new(platform, &hostname);
                let wanted =
                    Wanted { platform, hostname: &hostname, seed: u64::from(number), bytes: self.bytes };
                device.configuration = configuration::generate(&wanted).into();
                device
            }
        };
        // A wrong enable secret shows only where one is asked for.
        if self.faults.iter().any(|fault| {
            matches!(fault, Fault::WrongEnable | Fault::Stall(crate::domain::failure::Stage::Enable))
        }) {
            device.enable = Some(Secret::new("simulated-enable"));
        }
        device.transport = self.transport.unwrap_or(device.transport);
        device.latency = Duration::from_millis(self.latency);
        device.tags = vec!["simulated".to_owned()];
        device.with_faults(self.faults.iter().cloned().collect::<Faults>())
    }
}
