//! What the form for a device lets choose from.

use super::looking;
use crate::{
    domain::{
        access::{AllowClearText, ManageDevices},
        device::{Algorithms, Transport},
        id::{CredentialId, JumpHostId, UserId},
    },
    service::{Core, credentials, devices, jump_hosts},
    web::{error::PageError, lists, parts::Choice, session::May},
};

/// What the form lets choose from.
pub(super) struct Choices {
    pub(super) owners: Vec<(UserId, String)>,
    pub(super) credentials: Vec<(CredentialId, String)>,
    pub(super) jump_hosts: Vec<(JumpHostId, String)>,
    pub(super) transports: Transports,
}

/// How a device may be reached as far as this person may say so.
pub(super) struct Transports {
    /// Whether telnet may be chosen where it is not there already (S-62).
    may_telnet: bool,
}

impl Transports {
    /// The choices; what a device has already stays one.
    pub(super) fn offered(&self, chosen: &str) -> Vec<Choice> {
        let is_offered = |it: &&Transport| self.may_telnet || !it.is_clear_text() || it.as_str() == chosen;
        let offered = Transport::ALL.iter().filter(is_offered).map(|transport| Choice {
            value: transport.as_str().to_owned(),
            label: match transport {
                Transport::Ssh => "SSH".to_owned(),
                Transport::Telnet => "Telnet (clear text)".to_owned(),
                Transport::Https => "HTTPS".to_owned(),
            },
            chosen: transport.as_str() == chosen,
        });
        offered.collect()
    }

    /// Whether one of the choices sends passwords in clear text.
    pub(super) fn has_clear_text(&self, chosen: &str) -> bool {
        self.may_telnet || chosen.parse().is_ok_and(Transport::is_clear_text)
    }
}

impl Choices {
    pub(super) async fn load(core: &Core, by: &May<ManageDevices>) -> Result<Self, PageError> {
        let looking = looking(by)?;
        Ok(Self {
            owners: devices::owners(core, &looking).await?,
            credentials: credentials::names(core, &looking).await?,
            jump_hosts: jump_hosts::names(core, &looking).await?,
            transports: Transports {
                may_telnet: core.settings.now().allow_telnet && by.actor().may::<AllowClearText>(),
            },
        })
    }
}

/// Which SSH algorithms the device may use.
pub(super) fn algorithms(chosen: &str) -> Vec<Choice> {
    let all = Algorithms::ALL.iter().map(|it| Choice {
        value: it.as_str().to_owned(),
        label: match it {
            Algorithms::Modern => "Modern".to_owned(),
            Algorithms::Legacy => "Also legacy (SHA-1, CBC)".to_owned(),
        },
        chosen: it.as_str() == chosen,
    });
    all.collect()
}

/// Through which jump host it may be reached.
pub(super) fn jump_hosts_of(known: &[(JumpHostId, String)], chosen: &str) -> Vec<Choice> {
    let named: Vec<(String, String)> =
        known.iter().map(|(id, name)| (id.to_string(), name.clone())).collect();
    lists::choices(
        "None, straight from here",
        chosen,
        named.iter().map(|(id, name)| (id.as_str(), name.clone())),
    )
}

/// Where the credential may come from.
pub(super) fn logins(chosen: &str, shared: &[(CredentialId, String)]) -> Vec<Choice> {
    let choice = |value: String, label: String| Choice { chosen: chosen == value, value, label };
    let fixed = [("own", "Its own, entered below"), ("tags", "Those that are tried through its tags")];
    let fixed = fixed.into_iter().map(|(value, label)| choice(value.to_owned(), label.to_owned()));
    let shared = shared.iter().map(|(id, name)| choice(id.to_string(), format!("Shared: {name}")));
    fixed.chain(shared).collect()
}
