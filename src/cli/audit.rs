//! `netraven audit`.

use clap::Subcommand;

use super::{CommandError, Context, Exit, grant};
use crate::service::audit::{self, Verdict};

/// The audit trail
#[derive(Debug, Subcommand)]
pub enum Audit {
    /// Check that no line was changed, removed, moved, cut off or written anew; exit code 1 when one was
    Verify {
        /// One JSON object
        #[arg(long)]
        json: bool,
    },
}

impl Audit {
    /// Does it.
    pub async fn run(self, context: &Context) -> Result<Exit, CommandError> {
        let core = context.open().await?;
        let Self::Verify { json } = self;
        let verdict = audit::verify(&core, &grant()?).await?;
        if json {
            println!("{}", object(&verdict));
        } else {
            tell(&verdict);
        }
        Ok(if verdict.is_well() { Exit::Well } else { Exit::Failed })
    }
}

fn object(verdict: &Verdict) -> serde_json::Value {
    serde_json::json!({
        "ok": verdict.is_well(),
        "first_bad": verdict.first_bad.as_ref().map(audit::Break::seq),
        "reason": verdict.first_bad.as_ref().map(ToString::to_string),
        "lines": verdict.lines, "without_seal": verdict.unsealed, "before_the_chain": verdict.before,
        "anchors": verdict.anchors, "unreadable_anchors": verdict.unreadable_anchors,
    })
}

fn tell(verdict: &Verdict) {
    println!("{:>8} lines of the chain checked", verdict.lines);
    println!("{:>8} without a seal, written while NetRaven had no key", verdict.unsealed);
    println!("{:>8} from before there was a chain: nothing can be said about them", verdict.before);
    match &verdict.first_bad {
        None => println!("{:>8} notes of {} agree", verdict.anchors, audit::ANCHORS),
        Some(what) => eprintln!("netraven: the audit trail is not as it was written: {what}"),
    }
    if verdict.unreadable_anchors > 0 {
        println!("{:>8} lines of {} cannot be read", verdict.unreadable_anchors, audit::ANCHORS);
    }
}
