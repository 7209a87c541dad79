//! `netraven platform`.

use clap::Subcommand;

use super::{CommandError, Context, Exit};
use crate::platform::Platforms;

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
}

impl Platform {
    /// Does it.
    pub fn run(self, context: &Context) -> Result<Exit, CommandError> {
        let known = Platforms::shipped()
            .and_then(|platforms| platforms.with_site_files(&context.places().data_dir.join("platforms")))
            .map_err(|e| CommandError::Usage(e.to_string()))?;
        match self {
            Self::List => {
                for platform in known.all() {
                    let proof = match platform.proof() {
                        "untested" => "untested".to_owned(),
                        proof => format!("proven by a {proof}"),
                    };
                    let ways: Vec<&str> = platform.transports().iter().map(|way| way.as_str()).collect();
                    println!(
                        "{:<24} {:<36} {:<12} {proof}",
                        platform.key(),
                        platform.title(),
                        ways.join(", ")
                    );
                }
            }
            Self::Show { name } => {
                let Some(platform) = known.get(&name) else {
                    let instead = known.instead_of(&name);
                    return Err(CommandError::Usage(format!("\"{name}\" is not a platform; {instead}")));
                };
                print!("{}", platform.source());
            }
        }
        Ok(Exit::Well)
    }
}
