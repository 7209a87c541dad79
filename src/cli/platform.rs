//! `netraven platform`.

mod check;

use std::{path::PathBuf, sync::Arc};

use clap::Subcommand;

use super::{CommandError, Context, Exit};
use crate::platform::{self, Platforms};

/// The kinds of devices that NetRaven knows
#[derive(Debug, Subcommand)]
pub enum Platform {
    /// List the platforms, and what proves each
    List,
    /// Print a platform's file
    Show {
        /// The platform's key
        name: String,
    },
    /// Play a recorded session against a platform's rules, and tell what they make of it
    ///
    /// Says what would be kept, what would be masked and ignored, whether a second fetch is unchanged, and whether a
    /// session that is cut short is ever taken for a whole one.
    Check {
        /// A platform file, or a platform's key
        platform: PathBuf,
        /// The recorded session: MODEL#DEVICE#simulation.yaml as Oxidized keeps them, or a session by hand, PLATFORM/NAME.session
        #[arg(long, value_name = "SESSION")]
        capture: PathBuf,
    },
}

impl Platform {
    /// Does it.
    pub async fn run(self, context: &Context) -> Result<Exit, CommandError> {
        let known = Platforms::shipped()
            .and_then(|platforms| platforms.with_site_files(&context.places().data_dir.join("platforms")))
            .map_err(|e| CommandError::Usage(e.to_string()))?;
        match self {
            Self::List => {
                for head in known.heads() {
                    let proof = match head.proof {
                        "untested" => "untested".to_owned(),
                        proof => format!("proven by a {proof}"),
                    };
                    let ways: Vec<&str> = head.transports.iter().map(|way| way.as_str()).collect();
                    println!("{:<24} {:<36} {:<12} {proof}", head.key, head.title, ways.join(", "));
                }
            }
            Self::Show { name } => print!("{}", named(&known, &name)?.source()),
            Self::Check { platform, capture } => {
                let platform = if platform.is_file() {
                    Platforms::read(&platform).map_err(|e| CommandError::Usage(e.to_string()))?
                } else {
                    named(&known, &platform.to_string_lossy())?
                };
                return check::run(platform, &capture).await;
            }
        }
        Ok(Exit::Well)
    }
}

fn named(known: &Platforms, name: &str) -> Result<Arc<platform::Platform>, CommandError> {
    known.named(name).and_then(|key| known.get(&key)).ok_or_else(|| {
        let instead = known.instead_of(name);
        CommandError::Usage(format!("\"{name}\" is not a platform; {instead}"))
    })
}
