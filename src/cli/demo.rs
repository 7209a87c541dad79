//! `netraven demo`: everything at work on a fleet that lives in the same process.

use std::{net::SocketAddr, time::Duration};

use clap::Args;

use super::{CommandError, Context, Exit, grant};
use crate::{
    app::{self, House, Places},
    crypt::token,
    domain::{
        access::Role,
        schedule::{NewSchedule, Recurrence},
        secret::Secret,
        user::{NewUser, Username},
    },
    engine::Options,
    service::{
        Core,
        import::{self, ImportError},
        jobs::{self, Which},
        schedules, users,
    },
    simulate::{self, Running, fleet, inventory_csv},
};

/// How many devices the demo talks to at once: enough to be watched.
const AT_ONCE: usize = 50;

/// The data folder of the demo.
pub const FOLDER: &str = "netraven-demo";

const ADMIN: &str = "admin";

/// Serve with a simulated fleet, in a data folder of its own
#[derive(Debug, Args)]
#[command(
    after_help = "The folder ./netraven-demo is made anew at each start.\nExample: netraven demo --devices 50"
)]
pub struct Demo {
    /// Address and port of the pages; default 127.0.0.1:8080
    #[arg(long, value_name = "ADDR")]
    listen: Option<SocketAddr>,
    /// How many devices to simulate
    #[arg(long, default_value_t = 16, value_parser = clap::value_parser!(u16).range(12..=5_000))]
    devices: u16,
}

impl Demo {
    /// Serves until told to stop.
    pub async fn run(self, mut context: Context) -> Result<Exit, CommandError> {
        if let Some(listen) = self.listen {
            context.config.listen = listen;
        }
        // Devices that hang should not hold the demo's attention for long.
        context.config.read_timeout_seconds =
            context.config.read_timeout_seconds.min(Duration::from_secs(15));
        let folder = context.data_dir(FOLDER);
        let places = Places::new(&folder, &context.config);
        if context.config.database_url.is_none() {
            empty(&folder)?;
        }
        let core = app::open(&places).await?;
        let fleet = fleet(usize::from(self.devices)).await?;
        let password = furnish(&core, &fleet).await?;
        // Nobody wants to wait for a simulated device that hangs.
        let engine = context.config.engine();
        let engine = Options {
            grace: Duration::from_secs(2),
            concurrency: engine.concurrency.or(Some(AT_ONCE)),
            ..engine
        };
        let house = House::start(core.clone(), &context.config, Some(engine)).await?;
        println!("NetRaven's demo serves http://{}", house.address());
        println!("Sign in as {ADMIN} with the password {}", password.expose());
        println!("{} simulated devices are being backed up; Ctrl-C ends it all.", fleet.len());
        jobs::back_up(&core, &grant()?, Which::All).await?;
        app::told_to_stop().await;
        app::unless_told_again(house.stop()).await;
        drop(fleet);
        Ok(Exit::Well)
    }
}

/// Removes an earlier demo's data, and nothing that is not one's.
fn empty(folder: &std::path::Path) -> Result<(), CommandError> {
    let failed = |e: std::io::Error| CommandError::Usage(format!("the demo's folder cannot be emptied: {e}"));
    for name in ["netraven.db", "netraven.db-wal", "netraven.db-shm", "netraven.db.lock", "master.key"] {
        match std::fs::remove_file(folder.join(name)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(failed(error)),
            _ => {}
        }
    }
    Ok(())
}

async fn fleet(count: usize) -> Result<Vec<Running>, CommandError> {
    let mut fleet = Vec::with_capacity(count);
    for device in fleet::demo(count) {
        let any = SocketAddr::from(([127, 0, 0, 1], 0));
        let running = simulate::start(device, any).await;
        fleet.push(
            running.map_err(|e| CommandError::Failed(format!("a simulated device does not start: {e}")))?,
        );
    }
    Ok(fleet)
}

/// An admin, the fleet as inventory, and a schedule; gives the admin's password.
async fn furnish(core: &Core, fleet: &[Running]) -> Result<Secret, CommandError> {
    let password = Secret::new(format!("demo-{}", token::new_name().map_err(crate::service::Fault::from)?));
    let username: Username = ADMIN.parse().map_err(|e| CommandError::Failed(format!("{e}")))?;
    let admin = NewUser::new(username, Role::Admin, password.clone());
    match users::create(core, &grant()?, admin).await {
        Ok(_) => {}
        // On a database of one's own the demo may have been before.
        Err(users::SaveUserError::NameTaken(_)) => {
            let username: Username = ADMIN.parse().map_err(|e| CommandError::Failed(format!("{e}")))?;
            users::reset_password(core, &grant()?, &username, &password).await.map_err(failed)?;
        }
        Err(other) => return Err(failed(other)),
    }
    let devices: Vec<_> = fleet.iter().map(|running| (running.device().clone(), running.address())).collect();
    match import::apply(core, &grant()?, inventory_csv(&devices).as_bytes()).await {
        Ok(_) => {}
        Err(ImportError::Rows(rows)) => {
            let told: Vec<String> = rows.iter().map(ToString::to_string).collect();
            return Err(CommandError::Failed(told.join("\n")));
        }
        Err(ImportError::Fault(fault)) => return Err(fault.into()),
    }
    let recurrence = Recurrence::every("5").map_err(failed)?;
    let schedule = NewSchedule::new("Every five minutes", recurrence);
    match schedules::create(core, &grant()?, &schedule).await {
        Ok(_) | Err(schedules::SaveScheduleError::NameTaken) => Ok(password),
        Err(other) => Err(failed(other)),
    }
}

fn failed(error: impl std::fmt::Display) -> CommandError {
    CommandError::Failed(error.to_string())
}
