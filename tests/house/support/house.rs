//! A whole NetRaven for one test: its own database, a clock that stands still, and a browser's view of its pages.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
    time::Duration,
};

use chrono::{DateTime, Utc};
use netraven::{
    app::{self, Places},
    config::Config,
    crypt::password::Passwords,
    domain::{
        access::{Actor, Grant, Permission, Role},
        id::{DeviceId, JobId},
        job::Job,
        secret::Secret,
        user::NewUser,
    },
    engine::{Engine, Options, transport::Deadlines},
    service::{Core, import, jobs, users},
    simulate::{self, Device, Running, inventory_csv},
};
use reqwest::{Client, Response, StatusCode};
use tempfile::TempDir;

use super::{postgres, sql};

/// The password of everybody in a test house.
pub const PASSWORD: &str = "correct horse battery staple";

/// A clock that moves when it is told to.
#[derive(Clone)]
pub struct TestClock(Arc<Mutex<DateTime<Utc>>>);

impl TestClock {
    /// Noon, 1 March 2026.
    pub fn noon() -> Self {
        Self(Arc::new(Mutex::new("2026-03-01T12:00:00Z".parse().unwrap())))
    }

    /// The time.
    pub fn now(&self) -> DateTime<Utc> {
        *self.0.lock().unwrap()
    }

    /// Puts it back, as somebody who corrects the system's clock does.
    pub fn back(&self, by: Duration) {
        *self.0.lock().unwrap() -= by;
    }

    /// Moves it forward.
    pub fn advance(&self, by: Duration) {
        *self.0.lock().unwrap() += by;
    }
}

/// A NetRaven under test.
pub struct House {
    /// What use cases need.
    pub core: Core,
    /// Its clock.
    pub clock: TestClock,
    /// Where its files are.
    pub places: Places,
    address: SocketAddr,
    open: Option<app::House>,
    folder: TempDir,
}

impl House {
    /// A house with open pages and no engine, on `SQLite`, or on `PostgreSQL` where `TEST_DATABASE_URL` is set.
    pub async fn new() -> Self {
        Self::with(Config::default(), None).await
    }

    /// A house whose engine works; devices get two seconds where they would get thirty.
    pub async fn at_work() -> Self {
        Self::with(Config::default(), Some(quick())).await
    }

    /// A house with this configuration, and an engine if there are options for one.
    pub async fn with(config: Config, engine: Option<Options>) -> Self {
        Self::on(postgres::database_url().await, config, engine).await
    }

    /// The same on this database; on a new `SQLite` where there is none.
    pub async fn on(database_url: Option<String>, config: Config, engine: Option<Options>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let config = Config { listen: SocketAddr::from(([127, 0, 0, 1], 0)), database_url, ..config };
        let places = Places::new(folder.path(), &config);
        let clock = TestClock::noon();
        let time = clock.clone();
        let core = app::open_with(&places, Arc::new(move || time.now()), Passwords::cheap()).await.unwrap();
        let open = app::House::start(core.clone(), &config, engine).await.unwrap();
        Self { core, clock, places, address: open.address(), open: Some(open), folder }
    }

    /// Where its pages are, such as `http://127.0.0.1:40001`.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// The console's grant of a permission.
    #[expect(clippy::unused_self, reason = "a test asks the house for everything")]
    pub fn grant<P: Permission>(&self) -> Grant<P> {
        Actor::console().grant().unwrap()
    }

    /// Adds a person with this role, whose name is the role's.
    pub async fn person(&self, role: Role) -> String {
        let name = role.as_str().to_owned();
        let new = NewUser::new(name.parse().unwrap(), role, Secret::new(PASSWORD));
        users::create(&self.core, &self.grant(), new).await.unwrap();
        name
    }

    /// A browser in which nobody is signed in.
    pub fn visitor(&self) -> Visitor {
        Visitor::at(&self.url(""))
    }

    /// A browser in which a new person with this role is signed in.
    pub async fn signed_in(&self, role: Role) -> Visitor {
        let name = self.person(role).await;
        let visitor = self.visitor();
        let reply = visitor.post("/login", &[("username", &name), ("password", PASSWORD)]).await;
        assert_eq!(reply.status(), StatusCode::SEE_OTHER, "sign-in of {name}");
        visitor
    }

    /// Starts a simulated device and adds it to the inventory.
    pub async fn device(&self, device: Device) -> (DeviceId, Running) {
        let running = simulate::start(device, SocketAddr::from(([127, 0, 0, 1], 0))).await.unwrap();
        let csv = inventory_csv(&[(running.device().clone(), running.address())]);
        import::apply(&self.core, &self.grant(), csv.as_bytes()).await.unwrap();
        let name = running.device().hostname.clone();
        let found = netraven::service::devices::find_by_name(&self.core, &self.grant(), &name).await.unwrap();
        (found.unwrap().id, running)
    }

    /// Backs devices up with an engine of its own and gives their jobs, in the order of the devices.
    pub async fn back_up(&self, devices: &[DeviceId]) -> Vec<Job> {
        self.back_up_with(devices, quick()).await
    }

    /// The same with other options.
    pub async fn back_up_with(&self, devices: &[DeviceId], options: Options) -> Vec<Job> {
        let started = jobs::back_up(&self.core, &self.grant(), jobs::Which::These(devices.to_vec()))
            .await
            .unwrap()
            .unwrap();
        let engine = Engine::start(self.core.clone(), options).await.unwrap();
        let ids: Vec<JobId> = started.jobs.iter().map(|(job, _)| *job).collect();
        let ended = self.ended(&ids).await;
        engine.stop().await;
        devices
            .iter()
            .map(|device| ended.iter().find(|job| job.device == Some(*device)).unwrap().clone())
            .collect()
    }

    /// Waits until these jobs are over.
    pub async fn ended(&self, ids: &[JobId]) -> Vec<Job> {
        let deadline = tokio::time::Instant::now() + Duration::from_mins(1);
        loop {
            let over = jobs::over(&self.core, &self.grant(), ids).await.unwrap();
            if over.len() == ids.len() {
                return over;
            }
            if tokio::time::Instant::now() > deadline {
                let open = "SELECT device_name || ': ' || state || ', attempt ' || attempt || ', ' || coalesce(message, '') \
                     AS value FROM jobs WHERE finished_at IS NULL";
                let open = sql::texts(&self.core, open).await;
                panic!("{} of {} jobs ended, not {open:#?}", over.len(), ids.len());
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Closes the house and gives the folder with its files, which goes when that is dropped.
    pub async fn close_and_keep(mut self) -> TempDir {
        if let Some(open) = self.open.take() {
            open.stop().await;
        }
        self.folder
    }

    /// Closes the house, leaves it closed until `meanwhile` is over, and opens it again at the same address.
    pub async fn reopened(mut self, engine: Option<Options>, meanwhile: impl Future<Output = ()>) -> Self {
        if let Some(open) = self.open.take() {
            open.stop().await;
        }
        meanwhile.await;
        let config = Config { listen: self.address, ..Config::default() };
        let time = self.clock.clone();
        let clock = Arc::new(move || time.now());
        self.core = app::open_with(&self.places, clock, Passwords::cheap()).await.unwrap();
        self.open = Some(app::House::start(self.core.clone(), &config, engine).await.unwrap());
        self
    }

    /// Closes the house; what is left of it is the database.
    pub async fn close(mut self) {
        if let Some(open) = self.open.take() {
            open.stop().await;
        }
    }
}

/// An engine that plans nothing and loses patience after two seconds.
pub fn quick() -> Options {
    let short = Duration::from_secs(2);
    let deadlines = Deadlines {
        connect: short,
        handshake: short,
        auth: short,
        shell: short,
        silence: short,
        total: Duration::from_secs(20),
        ..Deadlines::default()
    };
    Options { concurrency: Some(50), deadlines, is_planning: false, ..Options::default() }
}

/// A browser without a window: keeps cookies, follows no redirect, fills in the form token of the page it is on.
pub struct Visitor {
    client: Client,
    base: String,
}

impl Visitor {
    /// A browser for the pages at this address, in which nobody is signed in.
    pub fn at(base: &str) -> Self {
        let client = Client::builder()
            .cookie_store(true)
            .redirect(reqwest::redirect::Policy::none())
            // The server ends a connection that nothing came over for 5 seconds, perhaps while something is on its way.
            .pool_idle_timeout(Duration::from_secs(2))
            .build()
            .unwrap();
        Self { client, base: base.to_owned() }
    }

    /// Asks for a page.
    pub async fn get(&self, path: &str) -> Response {
        self.client.get(format!("{}{path}", self.base)).send().await.unwrap()
    }

    /// A page's text, which must be there.
    pub async fn page(&self, path: &str) -> String {
        let reply = self.get(path).await;
        assert_eq!(reply.status(), StatusCode::OK, "{path}");
        reply.text().await.unwrap()
    }

    /// Sends a form as a browser does: with the token of a page that this visitor can see.
    pub async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Response {
        let token = self.token().await;
        let mut form: Vec<(&str, &str)> = fields.to_vec();
        form.push(("csrf", &token));
        self.post_bare(path, &form).await
    }

    /// Sends a form with exactly these fields.
    pub async fn post_bare(&self, path: &str, fields: &[(&str, &str)]) -> Response {
        self.client.post(format!("{}{path}", self.base)).form(fields).send().await.unwrap()
    }

    /// Proves again who it is, as the pages ask for before what cannot be taken back.
    pub async fn confirm(&self) {
        let reply = self.post("/confirm", &[("password", PASSWORD), ("next", "/")]).await;
        assert_eq!(reply.status(), StatusCode::SEE_OTHER, "confirmation");
    }

    /// The form token of this visitor's session, or of the visit where nobody is signed in.
    pub async fn token(&self) -> String {
        for path in ["/", "/login"] {
            let text = self.get(path).await.text().await.unwrap();
            if let Some((_, rest)) = text.split_once("name=\"csrf\" value=\"") {
                return rest.split('"').next().unwrap().to_owned();
            }
        }
        panic!("no page of this visitor has a form token");
    }

    /// The whole address of a path.
    pub fn address(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    /// The HTTP client, for requests that no browser sends.
    pub fn client(&self) -> &Client {
        &self.client
    }
}
