//! Wrong usage and wrong configuration: one line that says what and the way out, exit code 2.

use std::{fs, os::unix::fs::PermissionsExt};

use crate::support::program::Program;

#[test]
fn an_unknown_command_is_told_and_ends_with_2() {
    let program = Program::new();
    let said = program.run(&["fly"]);
    assert_eq!(said.code, 2, "{said:?}");
    assert!(said.errors.contains("unrecognized subcommand 'fly'"), "{said:?}");
    let said = program.run(&["backup", "run", "--everything"]);
    assert_eq!(said.code, 2, "{said:?}");
    assert!(said.errors.contains("--everything"), "{said:?}");
    assert_eq!((program.run(&[]).code, program.run(&["--help"]).code), (2, 0));
    assert!(!program.data().exists(), "help made a data folder");
}

#[test]
fn an_unknown_setting_is_named_with_its_file_and_the_known_ones() {
    let program = Program::new();
    fs::create_dir(program.data()).unwrap();
    let file = program.data().join("netraven.toml");
    fs::write(&file, "lisen = \"127.0.0.1:8080\"\n").unwrap();
    let path = file.display().to_string();
    program
        .run(&["check-config"])
        .tells(2, &[&path, "\"lisen\" is not a setting", "listen"]);
    fs::write(&file, "concurrency = 0\n").unwrap();
    program
        .run(&["check-config"])
        .tells(2, &[&path, "concurrency = \"0\"", "1 to 5000"]);
    fs::remove_file(&file).unwrap();
    let said = program
        .command(&["check-config"])
        .env("NETRAVEN_COLOUR", "red")
        .output()
        .unwrap()
        .into();
    crate::support::program::Said::tells(&said, 2, &["NETRAVEN_COLOUR", "\"colour\" is not a setting"]);
    let said = program.run(&["--config", "/nowhere/x.toml", "check-config"]);
    said.tells(2, &["/nowhere/x.toml", "cannot be read"]);
    fs::write(&file, "listen = \n").unwrap();
    let said = program.run(&["check-config"]);
    assert_eq!(said.code, 2, "{said:?}");
    assert!(
        said.errors.starts_with(&format!("netraven: {path}: ")),
        "{said:?}"
    );
}

#[test]
fn a_data_folder_that_cannot_be_made_is_told() {
    let program = Program::new();
    // Below a file: nobody can make a folder there, not even root.
    let file = program.file("file");
    fs::write(&file, "").unwrap();
    let below = file.join("data").display().to_string();
    for command in [
        &["device", "list"][..],
        &["serve", "--listen", "127.0.0.1:0"],
        &["migrate"],
    ] {
        let mut args = vec!["--data-dir", &below];
        args.extend(command);
        let said = program.run(&args);
        assert_eq!(said.code, 2, "{said:?}");
        assert!(said.errors.contains(&below), "{said:?}");
    }
    let args = ["--data-dir", &below, "device", "list"];
    program.run(&args).tells(2, &["Not a directory"]);
}

#[test]
fn a_key_file_that_others_can_read_is_refused_with_the_remedy() {
    let program = Program::new();
    program.well(&["migrate"]);
    let key = program.data().join("master.key");
    assert_eq!(fs::metadata(&key).unwrap().permissions().mode() & 0o777, 0o600);
    fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).unwrap();
    program
        .run(&["device", "list"])
        .tells(2, &[&key.display().to_string(), "chmod 600"]);
}

#[tokio::test]
async fn a_port_in_use_is_told_with_the_remedy() {
    let program = Program::new();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    program
        .run(&["serve", "--listen", &address])
        .tells(2, &[&address, "another program listens there", "--listen"]);
    let said = program.run(&["serve", "--listen", "0.0.0.0:0"]);
    said.tells(
        2,
        &["passwords would cross the network in clear", "--insecure-http"],
    );
    let said = program.run(&["simulate", "linux", "--listen", &address]);
    said.tells(2, &[&format!("cannot listen on {address}")]);
}

#[test]
fn a_database_that_cannot_be_reached_is_told() {
    let program = Program::new();
    let said = program.run(&[
        "--database-url",
        "postgres://nobody:Geh31m@127.0.0.1:1/none",
        "device",
        "list",
    ]);
    assert_eq!(said.code, 2, "{said:?}");
    assert!(!said.errors.contains("Geh31m"), "{said:?}");
    let said = program.run(&["--database-url", "mysql://x/y", "device", "list"]);
    assert_eq!(said.code, 2, "{said:?}");
    assert!(said.errors.contains("postgres://"), "{said:?}");
}

#[test]
fn unknown_devices_versions_and_platforms_are_told() {
    let program = Program::new();
    program
        .run(&["backup", "run", "nobody", "no-one"])
        .tells(2, &["\"nobody\", \"no-one\"", "netraven device list"]);
    program
        .run(&["backup", "run", "--all"])
        .tells(2, &["no device matches"]);
    program
        .run(&["backup", "list", "nobody"])
        .tells(2, &["no device named \"nobody\""]);
    program
        .run(&["backup", "show", "nobody"])
        .tells(2, &["no device named \"nobody\""]);
    program
        .run(&["backup", "diff", "17"])
        .tells(2, &["no version 17"]);
    program
        .run(&["device", "remove", "nobody"])
        .tells(2, &["no device named \"nobody\""]);
    let add = [
        "device",
        "add",
        "r1",
        "--address",
        "192.0.2.1",
        "--platform",
        "cisco_iso",
    ];
    program
        .run(&add)
        .tells(2, &["\"cisco_iso\" is not a platform", "cisco_ios"]);
    program
        .run(&["platform", "show", "cisco_iso"])
        .tells(2, &["\"cisco_iso\" is not a platform", "cisco_ios"]);
    let port = [
        "device",
        "add",
        "r1",
        "--address",
        "192.0.2.1",
        "--platform",
        "cisco_ios",
        "--port",
        "70000",
    ];
    let said = program.run(&port);
    assert_eq!(said.code, 2, "{said:?}");
    assert!(said.errors.contains("70000"), "{said:?}");
    assert_eq!(program.well(&["device", "list"]), "");
}
