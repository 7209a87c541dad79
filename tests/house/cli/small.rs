//! The small commands.

use netraven::{
    app::{self, Places},
    config::Config,
};

use crate::support::{program::Program, stock};

#[test]
fn people_are_added_with_a_password_from_standard_input_that_shows_nowhere() {
    let program = Program::new();
    let add = ["user", "add", "olga", "--role", "operator", "--password-stdin"];
    let said = program.run_with(&add, "a rather long pass phrase\nnot this\n");
    assert_eq!((said.code, said.out.as_str()), (0, "olga was added as operator.\n"), "{said:?}");
    assert!(!said.errors.contains("pass phrase"), "{said:?}");
    let list = program.run(&["user", "list", "--json"]);
    assert_eq!(list.json().len(), 1, "{list:?}");
    assert!(
        list.out.contains("olga") && list.out.contains("operator") && !list.out.contains("argon2"),
        "{list:?}"
    );
    program.run_with(&add, "a rather long pass phrase\n").tells(2, &["olga"]);
    let weak = ["user", "add", "emil", "--role", "viewer", "--password-stdin"];
    assert_eq!(program.run_with(&weak, "short\n").code, 2);
    program.run_with(&weak, "").tells(2, &["standard input holds no password"]);
    assert_eq!(program.run(&["user", "add", "emil", "--role", "king"]).code, 2);
    // Without one, a password is made and shown once.
    let made = program.well(&["user", "add", "emil", "--role", "viewer"]);
    assert!(made.contains("Password, shown once: "), "{made}");
    program.well(&["user", "disable", "emil"]);
}

#[test]
fn platforms_are_listed_and_shown_as_files() {
    let program = Program::new();
    let list = program.well(&["platform", "list"]);
    let keys: Vec<&str> = list.lines().map(|line| line.split_whitespace().next().unwrap()).collect();
    let shipped = netraven::platform::Platforms::shipped().unwrap();
    assert_eq!(keys, shipped.keys());
    assert!(list.lines().any(|line| line.starts_with("zyxel_gs") && line.contains("untested")), "{list}");
    for key in ["arista_eos", "cisco_ios", "frr", "juniper_junos", "linux", "mikrotik_routeros"] {
        let file = program.well(&["platform", "show", key]);
        let read: toml::Table = file.parse().unwrap();
        assert_eq!(read["key"].as_str(), Some(key));
    }
}

/// Whoever reads the first line only, as `head -1` does, has enough: no panic, no word, no failure.
#[test]
fn a_reader_that_has_enough_ends_a_command_in_peace() {
    use std::{
        io::{BufRead, BufReader},
        process::Stdio,
    };
    let program = Program::new();
    program.well(&["user", "list"]);
    for args in [["platform", "list"].as_slice(), &["platform", "show", "cumulus"], &["completions", "zsh"]] {
        let mut command = program.command(args);
        let mut child =
            command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut first = String::new();
        BufReader::with_capacity(1, child.stdout.take().unwrap()).read_line(&mut first).unwrap();
        let ended = child.wait_with_output().unwrap();
        let errors = String::from_utf8_lossy(&ended.stderr);
        assert!(!first.is_empty() && ended.status.success() && errors.is_empty(), "{args:?}: {ended:?}");
    }
}

#[tokio::test]
async fn jump_hosts_are_added_and_listed() {
    let program = Program::new();
    let add = ["jump-host", "add", "edge", "--address", "192.0.2.1", "--credential", "jumper"];
    program.run(&add).tells(2, &["there is no shared credential named \"jumper\"", "there is none yet"]);
    let core = app::open(&Places::new(&program.data(), &Config::default())).await.unwrap();
    stock::shared(&core, "jumper").await;
    drop(core);
    assert_eq!(program.well(&add), "edge was added.\n");
    program.run(&add).tells(2, &["there is a jump host named \"edge\" already"]);
    let inner = ["jump-host", "add", "inner", "--address", "192.0.2.2", "--credential", "Jumper", "--via"];
    program.run(&[inner.as_slice(), &["egde"]].concat()).tells(2, &["no jump host named \"egde\"", "edge"]);
    program.well(&[inner.as_slice(), &["Edge"]].concat());
    let list = program.well(&["jump-host", "list"]);
    assert!(
        list.lines().count() == 2 && list.contains("192.0.2.1:22") && list.contains("through edge"),
        "{list}"
    );
    let json = program.run(&["jump-host", "list", "--json"]).json();
    assert_eq!((json[1]["via"].as_str(), json[1]["credential"].as_str()), (Some("edge"), Some("jumper")));
    let add = ["device", "add", "r1", "--address", "192.0.2.9", "--platform", "frr", "--jump-host"];
    program.run(&[add.as_slice(), &["nowhere"]].concat()).tells(2, &["no jump host named \"nowhere\""]);
    program.well(&[add.as_slice(), &["inner"]].concat());
    assert_eq!(program.run(&["device", "list", "--json"]).json()[0]["jump_host"], "inner");
}

#[test]
fn completions_and_the_configuration_in_force_are_printed() {
    let program = Program::new();
    let script = program.well(&["completions", "bash"]);
    assert!(script.contains("complete -F") && script.contains("netraven"), "{script}");
    std::fs::create_dir(program.data()).unwrap();
    let toml =
        "listen = \"127.0.0.1:9001\"\ndatabase_url = \"postgres://raven:Geh31m@db.example/netraven\"\n";
    std::fs::write(program.data().join("netraven.toml"), toml).unwrap();
    let said = program.well(&["check-config"]);
    assert!(said.contains("127.0.0.1:9001") && said.contains("master.key"), "{said}");
    assert!(said.contains("db.example") && !said.contains("Geh31m"), "{said}");
}

// What a recording makes of a platform's file: kept, masked, never believed when it is cut; and where a rule is wrong, what.
#[test]
fn a_platform_file_is_checked_against_a_recorded_session() {
    let program = Program::new();
    let session = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/cisco_ios/access-switch.session");
    let said = program.well(&["platform", "check", "cisco_ios", "--capture", session]);
    let has = |words: &str| assert!(said.contains(words), "{words} is not in\n{said}");
    has("Platform      cisco_ios (Cisco IOS");
    has("Again         unchanged");
    has("Cut           at 20 places: never taken for a whole one");
    has("<secret:");
    has("that the session names is shown");
    // A file of one's own, whose prompt no device of this kind has.
    let shipped = program.well(&["platform", "show", "cisco_ios"]);
    let prompt = shipped.lines().find(|line| line.starts_with("prompt = ")).unwrap();
    let file = program.file("mine.toml");
    std::fs::write(&file, shipped.replace(prompt, "prompt = '^nothing:$'")).unwrap();
    let own = program.run(&["platform", "check", file.to_str().unwrap(), "--capture", session]);
    assert_eq!(own.code, 1, "{own:?}");
    assert!(own.out.contains("Failed        timeout at prompt"), "{own:?}");
    assert!(own.out.contains("Hint") && own.out.contains("Screen"), "{own:?}");
    // A secret that the session names and no rule covers is told, and is a failure.
    std::fs::create_dir(program.file("cisco_ios")).unwrap();
    let leaky = program.file("cisco_ios/leaky.session");
    let text = std::fs::read_to_string(session).unwrap();
    let host = text.lines().find_map(|line| line.strip_prefix("hostname ")).unwrap().trim_end_matches("\\r");
    std::fs::write(&leaky, format!("; secret: hostname {host}\n{text}")).unwrap();
    let told = program.run(&["platform", "check", "cisco_ios", "--capture", leaky.to_str().unwrap()]);
    assert_eq!(told.code, 1, "{told:?}");
    assert!(told.out.contains("ONE IS SHOWN in line "), "{told:?}");
    std::fs::write(&leaky, format!("; secret: nowhere-to-be-seen\n{text}")).unwrap();
    let told = program.run(&["platform", "check", "cisco_ios", "--capture", leaky.to_str().unwrap()]);
    assert!(told.code == 1 && told.out.contains("DID NOT COME"), "{told:?}");
    // What the comparison ignores is shown, and a secret in it is not.
    let ignoring = shipped.replacen("volatile = [", "volatile = [\n  '^enable secret ',", 1);
    std::fs::write(&file, ignoring).unwrap();
    let said = program.well(&["platform", "check", file.to_str().unwrap(), "--capture", session]);
    let (_, ignored) = said.split_once("Ignored").unwrap();
    assert!(ignored.contains("enable secret 5 <secret:"), "{said}");
    program.run(&["platform", "check", "cisco_oops", "--capture", session]).tells(2, &["is not a platform"]);
    program.run(&["platform", "check", "cisco_ios", "--capture", "no-such-file"]).tells(2, &["no-such-file"]);
}
