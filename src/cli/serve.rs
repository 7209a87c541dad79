//! `netraven serve`.

use std::net::SocketAddr;

use clap::Args;

use super::{CommandError, Context, Exit};
use crate::app::{self, House};

/// Serve the pages, plan schedules and work off jobs
#[derive(Debug, Args)]
#[command(after_help = "Example: netraven serve --listen 127.0.0.1:8080")]
pub struct Serve {
    /// Address and port of the pages; default 127.0.0.1:8080
    #[arg(long, value_name = "ADDR")]
    listen: Option<SocketAddr>,
    /// Serve plain HTTP beyond this machine, with a banner on every page
    #[arg(long)]
    insecure_http: bool,
}

impl Serve {
    /// Serves until told to stop.
    pub async fn run(self, mut context: Context) -> Result<Exit, CommandError> {
        if let Some(listen) = self.listen {
            context.config.listen = listen;
        }
        context.config.insecure_http |= self.insecure_http;
        let core = context.open().await?;
        let engine = context.config.engine();
        let house = House::start(core, &context.config, Some(engine)).await?;
        let base = base(&context, house.address());
        println!("NetRaven serves {base}");
        if let Some(address) = app::setup_address(&house.core, &base).await? {
            println!("Nobody can sign in yet. Within the hour, make the first admin here:\n  {address}");
            let kept = app::keep_setup_address(&context.places().data_dir, &address);
            let path =
                kept.map_err(|e| CommandError::Usage(format!("the data folder cannot be written: {e}")))?;
            println!("The address is also in {}.", path.display());
        }
        app::told_to_stop().await;
        println!("Stopping.");
        app::unless_told_again(house.stop()).await;
        Ok(Exit::Well)
    }
}

fn base(context: &Context, address: SocketAddr) -> String {
    context.config.public_url.clone().unwrap_or_else(|| format!("http://{address}"))
}
