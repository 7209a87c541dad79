//! Configurations that are files, fetched from real OpenSSH servers by SFTP and by `scp`.

use std::{
    collections::BTreeMap,
    io::Write,
    net::SocketAddr,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
};

use netraven::{
    domain::{
        failure::{FailureClass as Class, Stage},
        job::{Job, Outcome},
    },
    platform::{Changed, Platforms},
};
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use crate::support::{
    fleet::{password, patient},
    house::House,
    openssh::{Sshd, SshdOptions},
    process::{open_folder, set_mode},
};

/// One server, one file, and the platform that fetches it.
struct Place {
    house: House,
    server: Sshd,
    folder: TempDir,
}

const TOY: &str = r#"key = "toy"
title = "Toy"
vendor = "Toys"
transport = ["ssh"]
channel = "file"
line_ending = "as_sent"
proof = "untested"
[commands]
config = "PATH"
[complete]
last_line = '^end$'
"#;

impl Place {
    /// With SFTP, or with `scp` alone.
    async fn new(has_sftp: bool) -> Self {
        let lines = if has_sftp { vec!["Subsystem sftp internal-sftp".to_owned()] } else { Vec::new() };
        let server = Sshd::start(SshdOptions { lines, ..SshdOptions::default() }).await;
        Self { house: House::new().await, server, folder: open_folder() }
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join("config.boot")
    }

    fn write(&self, bytes: &[u8]) {
        std::fs::write(self.file(), bytes).unwrap();
        set_mode(&self.file(), 0o644);
    }

    /// Backs the file up; `change` changes the platform's file before that.
    async fn take(&self, name: &str, change: impl Fn(String) -> String) -> Job {
        self.take_at(name, self.server.port(), change).await
    }

    async fn take_at(&self, name: &str, port: u16, change: impl Fn(String) -> String) -> Job {
        let source = change(TOY.replace("PATH", self.file().to_str().unwrap()));
        let in_use = BTreeMap::from([("toy".to_owned(), Platforms::parse(&source).unwrap())]);
        self.house.core.platforms.change(Changed { in_use, ..Changed::default() });
        let account = self.server.account();
        let credential = password(account.name(), account.password());
        let id = self.house.add(name, ("127.0.0.1", port), "toy", Some(credential)).await;
        self.house.back_up_with(&[id], patient()).await.remove(0)
    }

    async fn log(&self, job: &Job) -> String {
        self.house.log(job.id).await.iter().map(|entry| format!("{}\n", entry.text)).collect()
    }
}

fn ended(job: &Job) -> (Option<Class>, Option<Stage>) {
    (job.class, job.stage)
}

fn same(source: String) -> String {
    source
}

/// A text of some size with both line ends and a byte that is no UTF-8.
fn text() -> Vec<u8> {
    let mut text = b"first\r\nsecond \xff\n".to_vec();
    for line in 0..20_000 {
        text.extend_from_slice(format!("line {line}\n").as_bytes());
    }
    text.extend_from_slice(b"end\n");
    text
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_kept_byte_for_byte_by_sftp_and_by_scp() {
    for (has_sftp, how) in [(true, "by SFTP: "), (false, "by scp: ")] {
        let place = Place::new(has_sftp).await;
        place.write(&text());
        let job = place.take("r1", same).await;
        let told = place.log(&job).await;
        assert_eq!(job.outcome, Some(Outcome::Stored), "{job:#?}\n{told}{}", place.server.log());
        assert!(told.contains(how), "{told}");
        let version = place.house.versions(job.device.unwrap()).await.remove(0);
        assert!(place.house.raw(&version).await == text(), "{how}: other bytes");
        let again = place.house.back_up_with(&[job.device.unwrap()], patient()).await.remove(0);
        assert_eq!(again.outcome, Some(Outcome::Unchanged), "{again:#?}");
        place.house.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_had_has_its_class_by_both_ways() {
    for has_sftp in [true, false] {
        let place = Place::new(has_sftp).await;
        let command = Some(Stage::Command);
        let missing = place.take("r1", same).await;
        assert_eq!(ended(&missing), (Some(Class::ErrorOutput), command), "{missing:#?}");
        assert!(missing.message.unwrap().starts_with("there is no file `"));
        let id = missing.device.unwrap();
        let again = async || place.house.back_up_with(&[id], patient()).await.remove(0);

        place.write(b"end\n");
        set_mode(&place.file(), 0o600);
        let denied = again().await;
        assert_eq!(ended(&denied), (Some(Class::PermissionDenied), command), "{denied:#?}");

        // As long as the device says, and still no configuration.
        place.write(b"first\n");
        let cut = again().await;
        assert_eq!(ended(&cut), (Some(Class::Truncated), Some(Stage::Check)), "{cut:#?}");

        std::fs::File::create(place.file()).unwrap().set_len(65 << 20).unwrap();
        let huge = again().await;
        assert_eq!(ended(&huge), (Some(Class::OutputLimit), command), "{huge:#?}");
        assert!(place.house.versions(id).await.is_empty());
        place.house.close().await;
    }
}

/// Whoever writes it has not finished: a file that has another size each time is none to keep.
#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_being_written_is_read_again_and_not_kept() {
    for has_sftp in [true, false] {
        let place = Place::new(has_sftp).await;
        place.write(&text());
        let (stop, file) = (Arc::new(AtomicBool::new(false)), place.file());
        let stopped = stop.clone();
        let writer = tokio::task::spawn_blocking(move || {
            let mut file = std::fs::File::options().append(true).open(file).unwrap();
            // Not so long that a limit ends it.
            for _ in 0..8_000_000 {
                if stopped.load(Relaxed) {
                    break;
                }
                file.write_all(b"end\n").unwrap();
            }
        });
        let job = place.take("r1", same).await;
        stop.store(true, Relaxed);
        writer.await.unwrap();
        assert_eq!(ended(&job), (Some(Class::Truncated), Some(Stage::Command)), "{job:#?}");
        let message = job.message.as_deref().unwrap();
        assert!(message.ends_with("changed each of the 3 times that it was read"), "{message}");
        assert_eq!(place.log(&job).await.matches("it is being written").count(), 3);
        // Left alone, it is taken.
        place.write(&text());
        let again = place.house.back_up_with(&[job.device.unwrap()], patient()).await.remove(0);
        assert_eq!(again.outcome, Some(Outcome::Stored), "{again:#?}");
        place.house.close().await;
    }
}

/// Lets so many bytes of the server's through, then drops the connection.
async fn cable(port: u16, most: u64) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let own = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            let server = TcpStream::connect(SocketAddr::from(([127, 0, 0, 1], port))).await.unwrap();
            tokio::spawn(async move {
                let (mut from, mut to) = client.into_split();
                let (server_from, mut server_to) = server.into_split();
                let mut limited = server_from.take(most);
                tokio::select! {
                    _ = tokio::io::copy(&mut from, &mut server_to) => {}
                    _ = tokio::io::copy(&mut limited, &mut to) => {}
                }
                let _ = to.shutdown().await;
            });
        }
    });
    own
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_breaks_in_the_middle_gives_no_version() {
    for has_sftp in [true, false] {
        let place = Place::new(has_sftp).await;
        place.write(&text());
        for most in [60_000_u64, 120_000, 200_000] {
            let port = cable(place.server.port(), most).await;
            let job = place.take_at(&format!("r-{most}"), port, same).await;
            assert_eq!(ended(&job), (Some(Class::ConnectionLost), Some(Stage::Command)), "{most}: {job:#?}");
            assert!(place.house.versions(job.device.unwrap()).await.is_empty());
        }
        place.house.close().await;
    }
}

/// A command that writes the file first, and must say that it did.
#[tokio::test(flavor = "multi_thread")]
async fn a_file_may_have_to_be_written_first() {
    let place = Place::new(true).await;
    place.write(b"old\n");
    set_mode(&place.file(), 0o666);
    let prepared = |command: String| {
        let line = format!("[commands]\nprepare = '''{command}'''\n");
        move |source: String| source.replacen("[commands]\n", &line, 1)
    };
    let write = format!("printf 'new\\nend\\n' > {}", place.file().display());
    let job = place.take("r1", prepared(write)).await;
    assert_eq!(job.outcome, Some(Outcome::Stored), "{job:#?}\n{}", place.log(&job).await);
    let version = place.house.versions(job.device.unwrap()).await.remove(0);
    assert_eq!(place.house.raw(&version).await, b"new\nend\n");
    let port = cable(place.server.port(), u64::MAX).await;
    let job = place.take_at("r2", port, prepared("echo full >&2; exit 3".to_owned())).await;
    assert_eq!(ended(&job), (Some(Class::ErrorOutput), Some(Stage::Command)), "{job:#?}");
    assert!(job.message.unwrap().ends_with("did not write the file: exit status 3"));
    place.house.close().await;
}

#[test]
fn a_path_that_a_shell_would_read_is_refused() {
    for path in ["/config/a;reboot", "$(reboot)", "-oProxyCommand", "", "/a b", "~/x", "/a*"] {
        let said = Platforms::parse(&TOY.replace("PATH", path)).unwrap_err().to_string();
        assert!(said.contains("`commands.config`"), "{path}: {said}");
    }
    for path in ["/config/config.boot", "sys_config", "flash:/vrpcfg.cfg"] {
        assert!(Platforms::parse(&TOY.replace("PATH", path)).is_ok(), "{path}");
    }
    let toy = TOY.replace("PATH", "x");
    let by_exec =
        toy.replace("\"file\"", "\"exec\"\nprompt = '#$'").replace("config =", "prepare = 'x'\nconfig =");
    assert!(Platforms::parse(&by_exec).unwrap_err().to_string().contains("`commands.prepare`"));
    let by_telnet = toy.replace("[\"ssh\"]", "[\"ssh\", \"telnet\"]");
    assert!(Platforms::parse(&by_telnet).unwrap_err().to_string().contains("`transport`"));
}
