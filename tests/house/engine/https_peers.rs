//! HTTPS against servers that are none of ours, and against liars.

use std::{
    net::SocketAddr,
    path::Path,
    process::Command,
    sync::{Arc, Mutex},
};

use futures_util::future::BoxFuture;
use netraven::{
    domain::{
        device::{Algorithms, Transport},
        entry::Level,
        failure::{Failure, FailureClass as Class, Stage},
        host_key::{HostKey, HostKeyVerdict},
        secret::Secret,
    },
    engine::{
        dialogue,
        transport::{Deadlines, HostKeys, Log, Place, Target},
    },
    platform::{Capture, Platform, Platforms},
    simulate::{self, Device, Fault},
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        ServerConfig,
        crypto::ring,
        pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer},
        server::{ClientHello, ResolvesServerCert},
        sign::CertifiedKey,
    },
};
use tokio_util::sync::CancellationToken;

use crate::support::{
    fleet::anywhere,
    process::{Daemon, need, open_folder, run, until},
};

const CONFIG: &str = "<?xml version=\"1.0\"?>\n<config>\n  <a/>\n</config>\n";

/// A platform that asks for one file, and proves itself by headers.
const FILE: &str = r#"key = "toy"
title = "Toy"
vendor = "Toys"
transport = ["https"]
channel = "https"
line_ending = "as_sent"
proof = "untested"
[commands]
config = "file"
[[https.ask]]
name = "file"
method = "GET"
path = "/config.xml"
headers = { Authorization = "Basic {basic}" }
[complete]
xml_root = "config"
"#;

/// Keeps what keys were shown and what was said.
#[derive(Default)]
struct Notes {
    shown: Mutex<Vec<HostKey>>,
    said: Mutex<Vec<String>>,
}

impl HostKeys for Notes {
    fn judge<'a>(&'a self, _: &'a Place, shown: HostKey) -> BoxFuture<'a, Result<HostKeyVerdict, String>> {
        self.shown.lock().unwrap().push(shown);
        Box::pin(async { Ok(HostKeyVerdict::Known) })
    }

    fn pinned_algorithms(&self, _: &Place) -> Vec<String> {
        Vec::new()
    }
}

impl Log for Notes {
    fn say(&self, _: Level, _: Stage, text: &str) {
        self.said.lock().unwrap().push(text.to_owned());
    }
}

async fn ask(platform: &str, address: SocketAddr) -> (Result<Capture, Failure>, Arc<Notes>) {
    let platform: Arc<Platform> = Platforms::parse(platform).unwrap();
    let target = Target {
        host: address.ip().to_string(),
        port: address.port(),
        further: Vec::new(),
        way: Vec::new(),
        transport: Transport::Https,
        algorithms: Algorithms::Modern,
        username: "netraven".to_owned(),
        password: Some(Secret::new("simulated")),
        enable: None,
        private_key: None,
        passphrase: None,
        deadlines: Deadlines::default(),
        let_in: CancellationToken::new(),
    };
    let notes = Arc::new(Notes::default());
    let taken = dialogue::collect(&target, &platform, notes.clone(), notes.as_ref()).await;
    (taken, notes)
}

/// OpenSSL's server with an RSA key, which sends files.
async fn openssl(more: &str) -> (Daemon, SocketAddr, String, tempfile::TempDir) {
    let program = need(&["/usr/bin/openssl"], "openssl");
    let folder = open_folder();
    let file = |name: &str| folder.path().join(name);
    std::fs::write(file("config.xml"), CONFIG).unwrap();
    run(Command::new(&program)
        .args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=fw1", "-days", "30"])
        .arg("-keyout")
        .arg(file("key.pem"))
        .arg("-out")
        .arg(file("cert.pem")));
    let script = "openssl x509 -in cert.pem -pubkey -noout | openssl pkey -pubin -outform der | openssl dgst -sha256 -binary | base64";
    let pin = run(Command::new("/bin/sh").args(["-c", script]).current_dir(folder.path()));
    let port = crate::support::process::free_port();
    // It sends what lies in the folder where it was started.
    let serve = format!(
        "cd '{}' && exec openssl s_server -accept 127.0.0.1:{port} -cert cert.pem -key key.pem -WWW {more}",
        folder.path().display()
    );
    let daemon = Daemon::start(Path::new("/bin/sh"), ["-c", &serve], &file("log"));
    let address = SocketAddr::from(([127, 0, 0, 1], port));
    until(10, async || daemon.log().contains("ACCEPT").then_some(()), || daemon.log()).await;
    (daemon, address, pin.trim().trim_end_matches('=').to_owned(), folder)
}

#[tokio::test(flavor = "multi_thread")]
async fn openssl_gives_its_file_by_both_versions_and_its_key_is_known_as_openssl_tells_it() {
    for (version, told) in [("-tls1_3", "TLS 1.3"), ("-tls1_2", "TLS 1.2")] {
        let (_server, address, pin, _folder) = openssl(version).await;
        let (taken, notes) = ask(FILE, address).await;
        assert_eq!(taken.unwrap().raw, CONFIG.as_bytes());
        let shown = notes.shown.lock().unwrap().clone();
        assert_eq!((shown.len(), shown[0].fingerprint.as_str()), (1, format!("SHA256:{pin}").as_str()));
        assert!(notes.said.lock().unwrap().iter().any(|line| line.starts_with(told)), "{told}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_with_old_ciphers_only_is_told_as_one() {
    let (_server, address, ..) = openssl("-tls1_2 -cipher AES128-SHA").await;
    let failure = ask(FILE, address).await.0.unwrap_err();
    assert_eq!((failure.class, failure.stage), (Class::NoCommonAlgorithm, Stage::KeyExchange), "{failure}");
    assert!(failure.message.contains("TLS 1.2 and 1.3"), "{failure}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_tls_is_told_as_such() {
    let ssh = simulate::start(Device::new(simulate::Platform::CiscoIos, "r1"), anywhere()).await.unwrap();
    let failure = ask(FILE, ssh.address()).await.0.unwrap_err();
    assert_eq!((failure.class, failure.stage), (Class::ConnectionLost, Stage::KeyExchange), "{failure}");
    assert!(failure.message.contains("does not speak TLS"), "{failure}");
}

/// Shows one key's certificate and signs with another.
#[derive(Debug)]
struct Liar(Arc<CertifiedKey>);

impl ResolvesServerCert for Liar {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.0.clone())
    }
}

/// A certificate is public: who shows the pinned one without its key gets nothing, and nobody is asked about it.
#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_without_its_key_proves_nothing() {
    for version in [&tokio_rustls::rustls::version::TLS13, &tokio_rustls::rustls::version::TLS12] {
        let made = |name: &str| rcgen::generate_simple_self_signed(vec![name.to_owned()]).unwrap();
        let (shown, own) = (made("device"), made("liar"));
        let certificate: CertificateDer<'static> = shown.cert.der().clone();
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(own.signing_key.serialize_der()));
        let key = ring::sign::any_supported_type(&key).unwrap();
        let liar = Liar(Arc::new(CertifiedKey::new(vec![certificate], key)));
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_protocol_versions(&[version])
            .unwrap()
            .with_no_client_auth()
            .with_cert_resolver(Arc::new(liar));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let serving = tokio::spawn(async move {
            let (stream, _) = listener.accept().await.unwrap();
            TlsAcceptor::from(Arc::new(config)).accept(stream).await.is_ok()
        });
        let (taken, notes) = ask(FILE, address).await;
        let failure = taken.unwrap_err();
        assert_eq!((failure.class, failure.stage), (Class::ConnectionLost, Stage::KeyExchange), "{failure}");
        assert!(notes.shown.lock().unwrap().is_empty(), "its key was judged");
        assert!(!serving.await.unwrap());
    }
}

/// What signing in gave is given back, whatever came in between.
#[tokio::test(flavor = "multi_thread")]
async fn the_sign_out_is_asked_for_after_good_and_after_bad() {
    let shipped = Platforms::shipped().unwrap().get("paloalto_panos_api").unwrap();
    let out = "\n[[https.sign_out]]\nname = \"out\"\nmethod = \"POST\"\npath = \"/api/\"\nheaders = { x-pan-key = \"{token}\" }\nform = { type = \"out\" }\n\n[complete]";
    let platform = shipped.source().replacen("\n[complete]", out, 1);
    for (fault, asked, good) in [
        ("slow=1", 3, true),
        ("cut=400", 3, false),
        ("http-status=500", 3, false),
        ("wrong-password", 0, false),
    ] {
        let device = Device::new(simulate::Platform::PaloaltoPanosApi, "fw-1")
            .with_faults(fault.parse::<Fault>().unwrap());
        let running = simulate::start(device, anywhere()).await.unwrap();
        let (taken, _) = ask(&platform, running.address()).await;
        assert_eq!(taken.is_ok(), good, "{fault}: {taken:?}");
        assert_eq!(running.seen().commands, asked, "{fault}");
    }
}

/// A file says where secrets go, and cannot say: into the address.
#[test]
fn a_file_that_would_not_work_is_refused_with_its_field() {
    let complaint = |from: &str, to: &str| {
        assert!(FILE.contains(from), "{from}");
        Platforms::parse(&FILE.replacen(from, to, 1)).unwrap_err().to_string()
    };
    for (from, to, told) in [
        ("/config.xml", "/api/?user={username}&password={password}", "`https.ask.path`: holds a secret"),
        ("/config.xml", "//elsewhere/x", "`https.ask.path`: begins with one `/`"),
        ("name = \"file\"", "name = \"other\"", "`commands`: `file` is the name of no request"),
        ("{basic}", "{token}", "`https.sign_in.token`: is missing"),
        ("path =", "form = { a = \"b\" }\npath =", "`https.ask.method`: GET has no body"),
        ("path =", "token = '(x)'\npath =", "`https.ask.token`"),
        ("Basic {basic}", "a\\nb", "`https.ask.headers`"),
        ("transport = [\"https\"]", "transport = [\"https\", \"ssh\"]", "`transport`: the channel `https`"),
        ("channel = \"https\"", "channel = \"shell\"\nprompt = '#$'", "`transport`: https wants"),
        ("\"GET\"", "\"PUT\"", "PUT"),
    ] {
        let said = complaint(from, to);
        assert!(said.contains(told), "{to}: {said}");
    }
}
