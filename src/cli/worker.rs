//! `netraven worker`.

use clap::Args;

use super::{CommandError, Context, Exit};
use crate::{
    app::{self, StartError},
    domain::{node::NodeKind, setting::Storage},
    engine::{Engine, Options},
};

/// Work off jobs beside a `serve`, without pages, on the same `PostgreSQL`
#[derive(Debug, Args)]
#[command(after_help = "Needs the database and a copy of the master key of the node that serves.\n\
    Example: netraven worker --database-url postgres://netraven:…@db.example.net/netraven")]
pub struct Worker {
    /// How many devices to talk to at once; over the setting on the page
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=5_000))]
    concurrency: Option<u16>,
}

impl Worker {
    /// Works until told to stop.
    pub async fn run(self, context: &Context) -> Result<Exit, CommandError> {
        let places = context.places();
        if places.database_url.starts_with("sqlite:") {
            return Err(CommandError::Usage(
                "a worker shares its database with other nodes, and SQLite is a file of one machine; give all of them \
                 the same PostgreSQL with --database-url, or use `netraven serve` alone, which works off jobs as well"
                    .to_owned(),
            ));
        }
        let core = context.open().await?;
        if let Some(why) = core.keyring.why_sealed() {
            return Err(CommandError::Usage(format!(
                "{why}; copy the master.key of the node that serves to {} (0600), or name it with master_key_file",
                places.master_key.display()
            )));
        }
        if core.settings.now().storage == Storage::Directory {
            tracing::warn!(
                folder = %places.data_dir.display(),
                "contents are kept as files: the data folder must be the same on every node"
            );
        }
        let options = Options { kind: NodeKind::Worker, ..context.config.engine() };
        let concurrency = self.concurrency.map(usize::from).or(options.concurrency);
        let engine = Engine::start(core.clone(), Options { concurrency, ..options }).await;
        let engine = engine.map_err(StartError::from)?;
        println!("NetRaven works off jobs.");
        app::told_to_stop().await;
        println!("Stopping.");
        app::unless_told_again(app::stop(&core, Some(engine))).await;
        Ok(Exit::Well)
    }
}
