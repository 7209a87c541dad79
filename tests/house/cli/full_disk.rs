//! A disk that fills up under the real program: told, nothing half-written, pages go on, and so does the work
//! when there is room again.

use std::{fs, path::PathBuf, process::Command};

use reqwest::{Client, StatusCode};

use crate::support::{
    process::{Daemon, free_port, need_root, run, until},
    program::Program,
};

/// A disk of 64 MB where the data folder is, gone with the test.
struct Disk(PathBuf);

impl Disk {
    fn under(folder: PathBuf) -> Self {
        need_root("a small disk");
        fs::create_dir_all(&folder).unwrap();
        run(Command::new("mount").args(["-t", "tmpfs", "-o", "size=64m,mode=700", "tmpfs"]).arg(&folder));
        Self(folder)
    }

    fn free(&self) -> u64 {
        let disk = rustix::fs::statvfs(&self.0).unwrap();
        disk.f_bavail * disk.f_frsize
    }

    /// Fills it until so many bytes are left.
    fn fill(&self, left: u64) {
        let ballast = vec![0_u8; usize::try_from(self.free().saturating_sub(left)).unwrap()];
        // The last pages may not fit; then it is as full as it gets.
        let _ = fs::write(self.0.join("ballast"), ballast);
    }

    fn clear(&self) {
        fs::remove_file(self.0.join("ballast")).unwrap();
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

struct Pages {
    client: Client,
    base: String,
}

impl Pages {
    async fn sign_in(port: u16) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder().cookie_store(true).build().unwrap();
        let pages = Self { client, base: format!("http://127.0.0.1:{port}") };
        let login =
            until(20, async || pages.get("/login").await.ok(), || "no sign-in page".to_owned()).await.1;
        let token = login.split_once("name=\"csrf\" value=\"").unwrap().1.split('"').next().unwrap();
        let form = [("username", "olga"), ("password", "a rather long pass phrase"), ("csrf", token)];
        pages.client.post(format!("{}/login", pages.base)).form(&form).send().await.unwrap();
        pages
    }

    /// Whether a page is there and says this.
    async fn says(&self, path: &str, text: &str) -> Option<()> {
        let (status, page) = self.get(path).await.ok()?;
        (status == StatusCode::OK && page.contains(text)).then_some(())
    }

    async fn get(&self, path: &str) -> reqwest::Result<(StatusCode, String)> {
        let reply = self.client.get(format!("{}{path}", self.base)).send().await?;
        Ok((reply.status(), reply.text().await?))
    }
}

async fn ends(child: &mut Daemon) {
    let log = child.log();
    until(90, async || child.has_ended().then_some(()), || log).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_is_told_survived_and_recovered_from() {
    let program = Program::new();
    let disk = Disk::under(program.data());
    let (_fleet, csv) = program.fleet(&["cisco_ios", "--count", "8"], "fleet").await;
    program.well(&["device", "import", &csv.display().to_string()]);
    program.run_with(
        &["user", "add", "olga", "--role", "admin", "--password-stdin"],
        "a rather long pass phrase\n",
    );
    program.well(&["backup", "run", "--all", "--json"]);
    let port = free_port();
    let _server = program.start(&["serve", "--listen", &format!("127.0.0.1:{port}")], "server.log");
    let pages = Pages::sign_in(port).await;
    let page = pages.get("/").await.unwrap().1;
    assert!(page.contains("Dashboard") && !page.contains("degraded"), "{page}");
    // Nearly full: jobs wait, everybody is told, reading goes on.
    disk.fill(4_000_000);
    until(10, async || pages.says("/", "NetRaven is degraded").await, || "no banner".to_owned()).await;
    let mut waiting = program.start(&["backup", "run", "--all", "--json"], "waiting.log");
    until(
        10,
        async || pages.says("/jobs?state=queued", "href=\"/jobs/9\"").await,
        || "no job waits".to_owned(),
    )
    .await;
    assert!(pages.get("/backups/1").await.unwrap().1.contains("hostname"));
    assert!(!waiting.has_ended(), "{}", waiting.log());
    disk.clear();
    ends(&mut waiting).await;
    assert_eq!(waiting.log().matches("\"state\":\"succeeded\"").count(), 8, "{}", waiting.log());
    until(
        10,
        async || pages.get("/").await.ok().filter(|(_, page)| !page.contains("degraded")).map(|_| ()),
        || "still degraded".to_owned(),
    )
    .await;
    // Full to the last byte, with nobody watching for it.
    program.well(&["settings", "set", "system.storage.least_free_megabytes", "0"]);
    let mut cut = program.start(&["backup", "run", "--all", "--json"], "cut.log");
    disk.fill(0);
    for _ in 0..100 {
        assert_eq!(pages.get("/devices").await.unwrap().0, StatusCode::OK, "reading goes on");
    }
    disk.clear();
    ends(&mut cut).await;
    println!("on a full disk: {}", cut.log());
    assert_eq!(
        program.well(&["backup", "run", "--all", "--json"]).matches("\"state\":\"succeeded\"").count(),
        8
    );
    let said = program.run(&["verify", "--all"]);
    assert_eq!(said.code, 0, "nothing is half there: {said:?}");
    program.well(&["audit", "verify"]);
}
