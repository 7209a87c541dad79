//! What a person types about a device, and what it means.

use serde::Deserialize;

use crate::{
    domain::{
        credential::{Credential, Login, NewCredential},
        device::{Algorithms, FurtherAddress, NewDevice, Port, Reach, Transport},
        id::{CredentialId, UserId},
        secret::Secret,
        tag::TagName,
    },
    service::devices::DeviceDetail,
    web::{complaints::Complaints, form::Hidden},
};

/// The fields of the form.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DeviceForm {
    /// Its name.
    pub(super) name: String,
    /// Where it is.
    pub(super) address: String,
    /// Where it listens.
    pub(super) port: String,
    /// Its platform's key.
    pub(super) platform: String,
    /// How it is reached.
    pub(super) transport: String,
    /// Which SSH algorithms it may use; a form without the field means modern ones.
    pub(super) algorithms: String,
    /// Its further addresses, one a line.
    pub(super) further: String,
    /// The id of the jump host that it is reached through; empty for none.
    pub(super) jump_host: String,
    /// Free words.
    pub(super) description: String,
    /// `on` when schedules and "all" take it.
    pub(super) is_enabled: String,
    /// Its tags, separated by commas or spaces.
    pub(super) tags: String,
    /// Its serial number.
    pub(super) serial_number: String,
    /// How long a job may take, in seconds; empty for what its platform or the configuration says.
    pub(super) time_limit: String,
    /// The id of who answers for it; empty for nobody.
    pub(super) owner: String,
    /// The account on it.
    pub(super) username: String,
    /// Where its credential comes from: `own`, `tags`, or the id of a shared one.
    pub(super) login: String,
    /// The version that the edit started from.
    pub(super) version: String,
    password: Hidden,
    enable: Hidden,
    private_key: Hidden,
    passphrase: Hidden,
}

impl DeviceForm {
    /// What a new device begins with.
    pub fn empty() -> Self {
        Self { transport: Transport::Ssh.as_str().to_owned(), is_enabled: "on".to_owned(), ..Self::default() }
    }

    /// What is known of a device.
    pub fn of(known: &DeviceDetail) -> Self {
        let device = &known.device;
        Self {
            name: device.name.clone(),
            address: device.address.clone(),
            port: device.port.to_string(),
            platform: device.platform.clone(),
            transport: device.transport.as_str().to_owned(),
            algorithms: known.reach.algorithms.as_str().to_owned(),
            further: known.reach.further_text("\n"),
            jump_host: known.reach.jump_host.map(|id| id.to_string()).unwrap_or_default(),
            description: device.description.clone(),
            is_enabled: if device.is_enabled { "on" } else { "" }.to_owned(),
            tags: known.tags.join(", "),
            username: own(known.credential.as_ref())
                .map(|credential| credential.username.clone())
                .unwrap_or_default(),
            login: match &known.credential {
                Some(Credential { id, name: Some(_), .. }) => id.to_string(),
                Some(_) => "own".to_owned(),
                None => "tags".to_owned(),
            },
            serial_number: device.serial_number.clone(),
            time_limit: device.time_limit.map(|limit| limit.to_string()).unwrap_or_default(),
            owner: device.owner.map(|id| id.to_string()).unwrap_or_default(),
            version: device.version.to_string(),
            ..Self::default()
        }
    }

    /// Where what was typed and what is kept by now differ: label, typed, kept.
    pub fn differences(&self, now: &Self) -> Vec<(&'static str, String, String)> {
        let on = |form: &Self| if form.is_enabled() { "yes" } else { "no" }.to_owned();
        let fields = [
            ("Name", self.name.clone(), now.name.clone()),
            ("Address", self.address.clone(), now.address.clone()),
            ("Port", self.port.clone(), now.port.clone()),
            ("Platform", self.platform.clone(), now.platform.clone()),
            ("Transport", self.transport.clone(), now.transport.clone()),
            ("Further addresses", self.further.replace('\r', ""), now.further.clone()),
            ("Jump host", self.jump_host.clone(), now.jump_host.clone()),
            ("SSH algorithms", self.algorithms.clone(), now.algorithms.clone()),
            ("Serial number", self.serial_number.clone(), now.serial_number.clone()),
            ("Time limit", self.time_limit.clone(), now.time_limit.clone()),
            ("Tags", self.tags.clone(), now.tags.clone()),
            ("Description", self.description.clone(), now.description.clone()),
            ("Enabled", on(self), on(now)),
            ("Username", self.username.clone(), now.username.clone()),
            ("Credential", self.login.clone(), now.login.clone()),
        ];
        fields.into_iter().filter(|(_, typed, kept)| typed.trim() != kept.trim()).collect()
    }

    /// The name, for messages.
    pub fn name(&self) -> &str {
        self.name.trim()
    }

    /// Whether the box is ticked.
    pub fn is_enabled(&self) -> bool {
        self.is_enabled == "on"
    }

    /// The version that the edit started from.
    pub fn version(&self) -> Option<i32> {
        self.version.parse().ok()
    }

    /// The device that was typed, or everything that is wrong with it; `kept` is its credential so far.
    pub fn parse(&self, kept: Option<&Credential>) -> Result<NewDevice, Complaints> {
        let mut complaints = Complaints::default();
        let name = complaints.parse("name", &self.name);
        let address = complaints.parse("address", &self.address);
        let transport = complaints.parse("transport", &self.transport);
        let port = complaints.parse_optional("port", &self.port);
        let port = port.map(|port| port.unwrap_or(transport.map_or(Port::SSH, Transport::port)));
        let tags = TagName::list(&self.tags).map_err(|error| complaints.add("tags", error)).ok();
        if self.platform.is_empty() {
            complaints.add("platform", "Choose a platform.");
        }
        if self.description.chars().count() > 1_000 {
            complaints.add("description", "Use at most 1,000 characters.");
        }
        if self.serial_number.chars().count() > 100 || self.serial_number.chars().any(char::is_control) {
            complaints.add("serial_number", "Use at most 100 characters.");
        }
        let time_limit = complaints.parse_optional("time_limit", &self.time_limit).flatten();
        let owner = match self.owner.as_str() {
            "" => None,
            id => id.parse().map(UserId).map_err(|_| complaints.add("owner", "Choose a person.")).ok(),
        };
        let login = match self.login.as_str() {
            "" | "own" => Login::Own,
            "tags" => Login::Tags,
            id => id.parse().map_or_else(
                |_| {
                    complaints.add("login", "Choose where the credential comes from.");
                    Login::Own
                },
                |id| Login::Shared(CredentialId(id)),
            ),
        };
        let credential = match login {
            Login::Own => self.credential(own(kept), &mut complaints),
            Login::Shared(_) | Login::Tags => None,
        };
        let reach = self.reach(&mut complaints);
        match (name, address, port, transport, tags, reach) {
            (Some(name), Some(address), Some(port), Some(transport), Some(tags), Some(reach))
                if complaints.is_empty() =>
            {
                Ok(NewDevice {
                    name,
                    address,
                    port,
                    platform: self.platform.clone(),
                    transport,
                    description: self.description.trim().to_owned(),
                    is_enabled: self.is_enabled(),
                    credential,
                    login,
                    tags,
                    serial_number: self.serial_number.trim().to_owned(),
                    owner,
                    time_limit,
                    reach,
                })
            }
            _ => Err(complaints),
        }
    }

    /// How it is reached beyond its address.
    fn reach(&self, complaints: &mut Complaints) -> Option<Reach> {
        let algorithms = complaints.parse_optional("algorithms", &self.algorithms);
        let further =
            FurtherAddress::list(&self.further).map_err(|error| complaints.add("further", error)).ok();
        let jump_host = match self.jump_host.as_str() {
            "" => Some(None),
            id => id.parse().map(Some).map_err(|_| complaints.add("jump_host", "Choose a jump host.")).ok(),
        };
        let (algorithms, further): (Option<Algorithms>, _) = algorithms.zip(further)?;
        Some(Reach { algorithms: algorithms.unwrap_or_default(), further, jump_host: jump_host? })
    }

    /// The credential to keep; `None` when nothing about it was typed or changed.
    fn credential(&self, kept: Option<&Credential>, complaints: &mut Complaints) -> Option<NewCredential> {
        let new = NewCredential {
            username: self.username.trim().to_owned(),
            password: self.password.given(),
            enable: self.enable.given(),
            private_key: self.private_key.given().map(|key| unix_lines(&key)),
            passphrase: self.passphrase.given(),
        };
        let has_secret = [&new.password, &new.enable, &new.private_key, &new.passphrase]
            .iter()
            .any(|secret| secret.is_some());
        let same_name = kept.is_some_and(|kept| kept.username == new.username);
        if !has_secret && (same_name || (kept.is_none() && new.username.is_empty())) {
            return None;
        }
        let has_key = new.private_key.is_some() || kept.is_some_and(|kept| kept.has_private_key);
        let has_password = new.password.is_some() || kept.is_some_and(|kept| kept.has_password);
        if new.username.is_empty() {
            complaints.add("username", "Enter the name of the account on the device.");
        } else if new.username.chars().count() > 255 || new.username.chars().any(char::is_control) {
            complaints.add("username", "Use at most 255 characters on one line.");
        }
        if !has_key && !has_password {
            complaints.add("password", "Enter a password or a private key.");
        }
        if new.passphrase.is_some() && !has_key {
            complaints.add("passphrase", "There is no private key that this passphrase could open.");
        }
        Some(new)
    }
}

/// The device's own credential; one that others share is not changed here.
fn own(credential: Option<&Credential>) -> Option<&Credential> {
    credential.filter(|credential| credential.name.is_none())
}

/// Browsers send the lines of a text field with CR LF; key files have LF.
pub(in crate::web::pages) fn unix_lines(key: &Secret) -> Secret {
    let mut text = key.expose().trim().replace("\r\n", "\n");
    text.push('\n');
    Secret::new(text)
}

#[cfg(test)]
mod tests;
