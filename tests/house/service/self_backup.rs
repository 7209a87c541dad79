//! Copies of NetRaven itself: taken while it works, restored on an empty machine, the same afterwards.

use std::{
    fs,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use netraven::{
    app::{self, Places, restore},
    config::Config,
    crypt::password::Passwords,
    domain::{access::Role, device::DeviceFilter, page::PageRequest, setting::Storage},
    service::{Core, audit, backups, devices, self_backup, storage::relocate},
};
use tempfile::TempDir;

use crate::support::{house::House, postgres, sql, stock};

/// An empty machine with the master key of a house, and the database that it is to use.
struct Machine {
    folder: TempDir,
    places: Places,
}

impl Machine {
    fn new(house: &House, database_url: Option<String>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        let config = Config { database_url, ..Config::default() };
        let key = folder.path().join("key");
        fs::copy(&house.places.master_key, &key).unwrap();
        let places = Places { master_key: key, ..Places::new(&data, &config) };
        Self { folder, places }
    }

    async fn open(&self, house: &House) -> Core {
        let clock = house.clock.clone();
        app::open_with(&self.places, Arc::new(move || clock.now()), Passwords::cheap()).await.unwrap()
    }

    fn is_untouched(&self) -> bool {
        !self.places.data_dir.exists() && fs::read_dir(self.folder.path()).unwrap().count() == 1
    }
}

/// Something in nearly every table: devices with versions in both kinds of archive, a suspect, shared credentials, tags.
async fn furnish(house: &House) {
    let core = &house.core;
    house.person(Role::Admin).await;
    for n in 0..12 {
        let device = stock::device(core, &format!("core-{n}")).await;
        stock::version(core, device, &format!("hostname core-{n}\n! it's \u{fc}\nend\n")).await;
        stock::suspect(core, device, "hostname").await;
        if n == 5 {
            stock::set(core, "system.backup.storage_type", "directory").await;
        }
        stock::version(core, device, &format!("hostname core-{n}\nline {n}\nend\n")).await;
    }
    stock::shared(core, "shared").await;
    stock::schedule(core, "hourly", "60").await;
    stock::rule(core, "cores", "of-a-rule", "name starts core-").await;
    // The highest number that was ever given is higher than the highest there is.
    let gone = stock::device(core, "gone").await;
    sql::run(core, &format!("DELETE FROM devices WHERE id = {}", gone.0)).await;
    audit::anchor(core).await.unwrap();
    fs::create_dir_all(core.data_dir.join("platforms")).unwrap();
    let own = include_str!("../../../src/platform/files/frr.toml").replace("key = \"frr\"", "key = \"own\"");
    fs::write(core.data_dir.join("platforms/own.toml"), own).unwrap();
}

async fn copy(house: &House, to: &Path) -> self_backup::Made {
    self_backup::make(&house.core, &stock::grant(), to).await.unwrap()
}

/// Every version of every device reads back as what it was; gives how many there are.
async fn every_version_opens(core: &Core) -> usize {
    let all = devices::list(core, &stock::grant(), &DeviceFilter::default(), PageRequest::first(200)).await;
    let mut count = 0;
    for device in all.unwrap().0.rows {
        let versions =
            backups::list(core, &stock::grant(), device.id, PageRequest::first(200)).await.unwrap().rows;
        for version in versions {
            let text = backups::download(core, &stock::grant(), &version).await.unwrap();
            assert_eq!(netraven::crypt::token::sha256(&text), version.sha256);
            count += 1;
        }
    }
    count
}

/// The parts whose hashes say that two houses hold the same; the restored one's trail goes on.
fn same(manifest: &self_backup::Manifest) -> Vec<self_backup::Part> {
    let parts = manifest.parts.iter().filter(|part| !part.name.starts_with("audit_"));
    parts.filter(|part| part.name != "files of the data folder").cloned().collect()
}

async fn restored_is_the_same(house: &House, database_url: Option<String>) {
    let core = &house.core;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("all.netraven");
    let made = copy(house, &file).await;
    let machine = Machine::new(house, database_url);
    let (manifest, verdict) = restore::run(&machine.places, &file).await.unwrap();
    assert_eq!(manifest, made.manifest);
    assert!(verdict.is_well() && verdict.anchors > 0, "{verdict:?}");
    let again = machine.open(house).await;
    let second = folder.path().join("again.netraven");
    let remade = self_backup::make(&again, &stock::grant(), &second).await.unwrap();
    assert_eq!(same(&remade.manifest), same(&made.manifest));
    assert_eq!(every_version_opens(&again).await, every_version_opens(core).await);
    assert!(again.platforms.get("own").is_some());
    // It goes on: numbers are not given twice, and the trail still holds.
    let (here, there) = (stock::device(core, "next").await, stock::device(&again, "next").await);
    assert_eq!(here, there);
    assert!(audit::verify(&again, &stock::grant()).await.unwrap().is_well());
    let told = "SELECT count(*) FROM audit_events WHERE event = 'restored'";
    assert_eq!(sql::number(&again, told).await, 1);
    sql::run(core, "DELETE FROM devices WHERE name = 'next'").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_restored_on_an_empty_machine_is_the_same_house() {
    let house = House::new().await;
    furnish(&house).await;
    restored_is_the_same(&house, postgres::database_url().await).await;
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_of_either_database_goes_into_the_other() {
    let Some(url) = postgres::database_url().await else { return };
    let small = House::on(None, Config::default(), None).await;
    furnish(&small).await;
    restored_is_the_same(&small, Some(url)).await;
    small.close().await;
    let large = House::new().await;
    furnish(&large).await;
    restored_is_the_same(&large, None).await;
    large.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_is_of_one_moment_while_fifty_writes_a_second_go_on() {
    let house = House::new().await;
    furnish(&house).await;
    let (stop, count) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let writing = {
        let (core, stop, count) = (house.core.clone(), stop.clone(), count.clone());
        tokio::spawn(async move {
            let mut beat = tokio::time::interval(Duration::from_millis(20));
            while !stop.load(Ordering::Relaxed) {
                beat.tick().await;
                // A device with its credential, its tag and its line in the trail: all or nothing.
                stock::device(&core, &format!("w-{}", count.fetch_add(1, Ordering::Relaxed))).await;
            }
        })
    };
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("all.netraven");
    while count.load(Ordering::Relaxed) < 5 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let made = copy(&house, &file).await;
    stop.store(true, Ordering::Relaxed);
    writing.await.unwrap();
    let machine = Machine::new(&house, postgres::database_url().await);
    let (_, verdict) = restore::run(&machine.places, &file).await.unwrap();
    assert!(verdict.is_well(), "{verdict:?}");
    let again = machine.open(&house).await;
    let part = |name: &str| made.manifest.parts.iter().find(|part| part.name == name).unwrap().count;
    let rows = async |sql: &str| u64::try_from(sql::number(&again, sql).await).unwrap();
    assert_eq!(part("devices"), rows("SELECT count(*) FROM devices").await);
    // Each device came with what belongs to it.
    let halves = "SELECT count(*) FROM devices WHERE credential_id IS NULL OR credential_id NOT IN (SELECT id FROM credentials)";
    assert_eq!(rows(halves).await, 0);
    assert_eq!(
        rows("SELECT count(*) FROM audit_events WHERE event = 'device_created'").await,
        rows("SELECT count(*) + 1 FROM devices").await
    );
    house.close().await;
}

async fn refused(machine: &Machine, file: &Path) -> String {
    restore::run(&machine.places, file).await.unwrap_err().to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_restored_is_refused_before_anything_is_touched() {
    let house = House::on(None, Config::default(), None).await;
    furnish(&house).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("all.netraven");
    let made = copy(&house, &file).await;
    let machine = Machine::new(&house, None);
    // Damaged anywhere, cut anywhere, something else.
    let whole = fs::read(&file).unwrap();
    assert_eq!(made.bytes, u64::try_from(whole.len()).unwrap());
    let other = folder.path().join("other.netraven");
    for at in [20, 60, 200, whole.len() / 2, whole.len() - 1] {
        let mut changed = whole.clone();
        changed[at] ^= 1;
        for bytes in [changed.as_slice(), &whole[..at]] {
            fs::write(&other, bytes).unwrap();
            let said = refused(&machine, &other).await;
            assert!(said.contains("damaged") || said.contains("does not open"), "{at}: {said}");
            assert!(machine.is_untouched());
        }
    }
    fs::write(&other, "CREATE TABLE users").unwrap();
    assert!(refused(&machine, &other).await.contains("no copy that NetRaven made"));
    assert!(refused(&machine, &folder.path().join("none")).await.contains("cannot be read"));
    assert!(machine.is_untouched());
    // Another key, no key.
    let key = &machine.places.master_key;
    let right = fs::read(key).unwrap();
    fs::remove_file(key).unwrap();
    netraven::crypt::master::create(key).unwrap();
    assert!(refused(&machine, &file).await.contains("the master key does not open it"));
    assert!(machine.is_untouched());
    fs::remove_file(key).unwrap();
    assert!(refused(&machine, &file).await.contains("is not there"));
    assert!(!machine.places.data_dir.exists() && !key.exists(), "no key is made");
    fs::write(key, right).unwrap();
    fs::set_permissions(key, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    // A house in which somebody lives.
    let said = restore::run(&house.places, &file).await.unwrap_err().to_string();
    assert!(said.contains("the database is not empty"), "{said}");
    assert!(restore::check(&machine.places, &file).await.is_ok());
    assert!(machine.is_untouched());
    // A newer schema.
    sql::run(&house.core, "INSERT INTO __diesel_schema_migrations (version) VALUES ('29990101000000')").await;
    let newer = folder.path().join("newer.netraven");
    copy(&house, &newer).await;
    let said = refused(&machine, &newer).await;
    assert!(said.contains("newer version") && machine.is_untouched(), "{said}");
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_holds_no_key_no_session_and_nothing_in_clear() {
    let house = House::on(None, Config::default(), None).await;
    furnish(&house).await;
    house.signed_in(Role::Viewer).await;
    stock::node(&house.core, "one", 1).await;
    relocate::begin(&house.core, &stock::grant(), Storage::Directory).await.unwrap();
    let file = house.core.data_dir.join("all.netraven");
    let written = copy(&house, &file).await;
    let bytes = String::from_utf8_lossy(&fs::read(&file).unwrap()).into_owned();
    let key = fs::read_to_string(&house.places.master_key).unwrap();
    for canary in ["hostname", "core-1", "devices", "device password", key.lines().last().unwrap()] {
        assert!(!bytes.contains(canary), "{canary}");
    }
    let mode = std::os::unix::fs::PermissionsExt::mode(&fs::metadata(&file).unwrap().permissions());
    assert_eq!(mode & 0o777, 0o600);
    let machine = Machine::new(&house, None);
    restore::run(&machine.places, &file).await.unwrap();
    let again = machine.open(&house).await;
    // Nor who was at work, and a move that was under way does not go on elsewhere.
    for table in ["sessions", "nodes", "duties", "storage_work"] {
        assert!(written.manifest.left_out.contains(&table.to_owned()), "{table}");
        assert!(written.manifest.parts.iter().all(|part| part.name != table), "{table}");
        let count = format!("SELECT count(*) FROM {table}");
        let counts = (sql::number(&house.core, &count).await, sql::number(&again, &count).await);
        assert!(counts.0 > 0 && counts.1 == 0, "{table}: {counts:?}");
    }
    house.close().await;
}
