//! Many devices for one house, and what their jobs left behind.

use std::{net::SocketAddr, path::Path};

use netraven::{
    domain::{
        access::{ReadRaw, ViewDevices},
        backup::Backup,
        credential::{Login, NewCredential},
        device::{NewDevice, Reach, Transport},
        entry::Entry,
        id::{DeviceId, JobId},
        page::PageRequest,
        secret::Secret,
    },
    engine::{Options, transport::Deadlines},
    service::{backups, devices, import, jobs},
    simulate::{self, Device, Running, inventory_csv},
};

use super::house::{House, quick};

/// An engine with the patience of the real one, for what is to succeed.
pub fn patient() -> Options {
    Options { deadlines: Deadlines::default(), ..quick() }
}

/// Where simulated devices listen.
pub fn anywhere() -> SocketAddr {
    SocketAddr::from(([127, 0, 0, 1], 0))
}

impl House {
    /// Starts simulated devices and adds them to the inventory.
    pub async fn fleet(&self, wanted: impl IntoIterator<Item = Device>) -> (Vec<DeviceId>, Vec<Running>) {
        let mut fleet = Vec::new();
        for device in wanted {
            fleet.push(simulate::start(device, anywhere()).await.unwrap());
        }
        let rows: Vec<_> = fleet.iter().map(|it| (it.device().clone(), it.address())).collect();
        import::apply(&self.core, &self.grant(), inventory_csv(&rows).as_bytes()).await.unwrap();
        let mut ids = Vec::new();
        for running in &fleet {
            ids.push(self.id_of(&running.device().hostname).await);
        }
        (ids, fleet)
    }

    /// The device with this name.
    pub async fn id_of(&self, name: &str) -> DeviceId {
        devices::find_by_name(&self.core, &self.grant(), name).await.unwrap().expect(name).id
    }

    /// Adds a device that somebody else runs.
    pub async fn add(
        &self,
        name: &str,
        (address, port): (&str, u16),
        platform: &str,
        credential: Option<NewCredential>,
    ) -> DeviceId {
        let new = NewDevice {
            name: name.parse().unwrap(),
            address: address.parse().unwrap(),
            port: port.to_string().parse().unwrap(),
            platform: platform.to_owned(),
            transport: Transport::Ssh,
            description: String::new(),
            is_enabled: true,
            credential,
            login: Login::Own,
            tags: Vec::new(),
            serial_number: String::new(),
            owner: None,
            time_limit: None,
            reach: Reach::default(),
        };
        devices::create(&self.core, &self.grant(), new).await.unwrap();
        self.id_of(name).await
    }

    /// All lines of a job.
    pub async fn log(&self, job: JobId) -> Vec<Entry> {
        jobs::entries(&self.core, &self.grant(), job, (0, 100_000)).await.unwrap()
    }

    /// The last screen of a failed job.
    pub async fn screen(&self, job: JobId) -> Option<String> {
        jobs::screen(&self.core, &self.grant(), job).await.unwrap()
    }

    /// A device's versions, the newest first.
    pub async fn versions(&self, device: DeviceId) -> Vec<Backup> {
        let by = self.grant::<ViewDevices>();
        backups::list(&self.core, &by, device, PageRequest::first(200)).await.unwrap().rows
    }

    /// The bytes of a version.
    pub async fn raw(&self, version: &Backup) -> Vec<u8> {
        backups::download(&self.core, &self.grant::<ReadRaw>(), version).await.unwrap()
    }

    /// A version as people see it.
    pub async fn masked(&self, version: &Backup) -> String {
        backups::masked(&self.core, &self.grant::<ViewDevices>(), version).await.unwrap()
    }
}

/// A credential with a password.
pub fn password(username: &str, password: &str) -> NewCredential {
    NewCredential {
        username: username.to_owned(),
        password: Some(Secret::new(password)),
        ..NewCredential::default()
    }
}

/// A credential with a private key and perhaps its passphrase.
pub fn key(username: &str, file: &Path, passphrase: Option<&str>) -> NewCredential {
    NewCredential {
        username: username.to_owned(),
        private_key: Some(Secret::new(std::fs::read_to_string(file).unwrap())),
        passphrase: passphrase.map(Secret::new),
        ..NewCredential::default()
    }
}

/// Panics where a text that people see holds a control character.
pub fn assert_visible(what: &str, text: &str) {
    let bad = text.chars().find(|c| c.is_control() && *c != '\n' && *c != '\t');
    assert!(bad.is_none(), "{what} holds {bad:?}: {text:?}");
}

/// The most memory that this process ever had, in MiB.
pub fn most_memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() / 1024
}
