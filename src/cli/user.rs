//! `netraven user`.

use clap::Subcommand;

use super::{CommandError, Context, Exit, grant, secret_from_stdin};
use crate::{
    crypt::token,
    domain::{
        access::Role,
        page::PageRequest,
        secret::Secret,
        user::{Email, NewUser, UserFilter, Username},
    },
    service::{
        Core, Fault,
        users::{self, SaveUserError},
    },
};

/// People who sign in
#[derive(Debug, Subcommand)]
pub enum User {
    /// Add a person; without --password-stdin a password is made and shown once
    #[command(
        after_help = "Example: echo 'a long password' | netraven user add olga --role operator --password-stdin"
    )]
    Add {
        /// Sign-in name
        name: Username,
        /// viewer, operator, admin or auditor
        #[arg(long)]
        role: Role,
        /// Mail address
        #[arg(long)]
        email: Option<Email>,
        /// Read the password from standard input
        #[arg(long)]
        password_stdin: bool,
    },
    /// List people
    List {
        /// One JSON object per line
        #[arg(long)]
        json: bool,
    },
    /// Let a person no longer in, and end that person's sessions
    Disable {
        /// Sign-in name
        name: Username,
    },
    /// Let a person in again
    Enable {
        /// Sign-in name
        name: Username,
    },
    /// Make a link, good once and for a day, through which a person chooses a password
    Invite {
        /// Sign-in name
        name: Username,
    },
    /// Set a person's password, and end that person's sessions
    ResetPassword {
        /// Sign-in name
        name: Username,
        /// Read the password from standard input
        #[arg(long)]
        password_stdin: bool,
    },
}

impl User {
    /// Does it.
    pub async fn run(self, context: &Context) -> Result<Exit, CommandError> {
        let core = context.open().await?;
        match self {
            Self::Add { name, role, email, password_stdin } => {
                let password = password(password_stdin)?;
                let shown = (!password_stdin).then(|| password.clone());
                let mut new = NewUser::new(name, role, password);
                new.edit.email = email;
                let user = users::create(&core, &grant()?, new).await.map_err(told)?;
                println!("{} was added as {}.", user.username, user.role);
                if let Some(password) = shown {
                    println!("Password, shown once: {}", password.expose());
                }
            }
            Self::List { json } => {
                let everybody = PageRequest::all();
                let found = users::list(&core, &grant()?, &UserFilter::default(), everybody).await?;
                for user in found.rows {
                    if json {
                        let line = serde_json::json!({
                            "name": user.username, "role": user.role.as_str(), "email": user.email,
                            "enabled": user.is_enabled, "last_sign_in": user.last_sign_in_at.map(|at| at.to_rfc3339()),
                        });
                        println!("{line}");
                    } else {
                        let state = if user.is_enabled { "" } else { "  (disabled)" };
                        println!("{:<24} {:<10}{state}", user.username, user.role);
                    }
                }
            }
            Self::Disable { name } => {
                users::disable(&core, &grant()?, &name).await.map_err(told)?;
                println!("{} can no longer sign in.", name.as_str());
            }
            Self::Enable { name } => {
                users::enable(&core, &grant()?, &name).await.map_err(told)?;
                println!("{} can sign in again.", name.as_str());
            }
            Self::Invite { name } => invite(&core, &name, context.config.public_url.as_deref()).await?,
            Self::ResetPassword { name, password_stdin } => {
                let password = password(password_stdin)?;
                users::reset_password(&core, &grant()?, &name, &password).await.map_err(told)?;
                println!("{} has a new password; all sessions have ended.", name.as_str());
                if !password_stdin {
                    println!("Password, shown once: {}", password.expose());
                }
            }
        }
        Ok(Exit::Well)
    }
}

async fn invite(core: &Core, name: &Username, public_url: Option<&str>) -> Result<(), CommandError> {
    let Some(user) = users::find_by_name(core, &grant()?, name.as_str()).await? else {
        return Err(told(SaveUserError::Unknown(name.as_str().to_owned())));
    };
    let (_, token) = users::invite(core, &grant()?, user.id).await.map_err(told)?;
    let base = public_url.unwrap_or("").trim_end_matches('/');
    println!("For {}, once and within 24 hours: {base}/welcome?token={}", user.username, token.expose());
    Ok(())
}

fn password(from_stdin: bool) -> Result<Secret, CommandError> {
    if from_stdin { secret_from_stdin() } else { Ok(token::new().map_err(Fault::from)?) }
}

fn told(error: SaveUserError) -> CommandError {
    match error {
        SaveUserError::Fault(fault) => CommandError::Fault(fault),
        SaveUserError::Busy => CommandError::Failed(error.to_string()),
        SaveUserError::NameTaken(_)
        | SaveUserError::EmailTaken(_)
        | SaveUserError::Unknown(_)
        | SaveUserError::Gone
        | SaveUserError::Changed
        | SaveUserError::Password(_)
        | SaveUserError::LastAdmin(_)
        | SaveUserError::Oneself
        | SaveUserError::Scope
        | SaveUserError::OwnsDevices(_)
        | SaveUserError::WrongLink => CommandError::Usage(error.to_string()),
    }
}
