use std::time::Duration;

use super::Platforms;
use crate::{
    domain::failure::Stage,
    platform::{Head, compile},
};

#[test]
fn the_shipped_files_load_sorted_and_say_what_proves_them() {
    let platforms = Platforms::shipped().unwrap_or_else(|error| panic!("{error}"));
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/platform/files");
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<String> =
        files.map(|path| path.file_stem().unwrap().to_string_lossy().into_owned()).collect();
    files.sort();
    // That one stands for all of them, and is none.
    files.retain(|key| key != crate::platform::AUTO);
    assert!(platforms.get(crate::platform::AUTO).is_some_and(|auto| auto.is_auto()));
    assert_eq!(platforms.keys(), files);
    // One that cannot be compiled would be missing here.
    assert_eq!(platforms.all().count(), platforms.keys().len());
    for platform in platforms.all() {
        assert_eq!(
            platforms.get(platform.key()).map(|found| found.key().to_owned()).as_deref(),
            Some(platform.key())
        );
        assert!(platform.proof_by().is_some(), "{}: what shows it?", platform.key());
        assert!(platform.source().contains("Sources:"), "{} names no source", platform.key());
    }
}

#[test]
fn a_wrong_name_leads_to_those_of_the_maker_or_to_the_list() {
    let platforms = Platforms::shipped().unwrap();
    assert_eq!(platforms.instead_of("arista"), "alike are: arista_eos");
    assert!(platforms.instead_of("cisco_iso").contains("cisco_ios, "));
    for word in ["", "wrong"] {
        let told = format!(
            "{} are known: see the page Platforms, or `netraven platform list`",
            platforms.keys().len()
        );
        assert_eq!(platforms.instead_of(word), told);
    }
}

pub(super) const SMALL: &str = r#"key = "toy"
title = "Toy"
vendor = "Toys"
transport = ["ssh"]
channel = "shell"
line_ending = "lf"
proof = "untested"
prompt = '^toy#$'
[commands]
config = "show"
[complete]
last_line = '^end$'
"#;

#[test]
fn errors_name_file_line_and_field() {
    let complaint = |source: &str| compile::platform("toy.toml", source).unwrap_err().to_string();

    let unknown = complaint(&SMALL.replace("[complete]", "wrong = 1\n[complete]"));
    assert!(
        unknown.contains("toy.toml") && unknown.contains("line 11") && unknown.contains("wrong"),
        "{unknown}"
    );

    let pattern = complaint(&SMALL.replace("'^end$'", "'^end('"));
    assert!(pattern.starts_with("toy.toml, line 12, field `complete.last_line`"), "{pattern}");

    let no_group = complaint(&format!("{SMALL}[text]\nsecrets = [\n  'password',\n]\n"));
    assert!(no_group.starts_with("toy.toml, line 15, field `text.secrets`: has no group"), "{no_group}");

    let stage = complaint(&format!("{SMALL}[timeouts]\nlunch = 5\n"));
    assert!(stage.contains("timeouts.lunch"), "{stage}");

    let exec = SMALL.replace("\"shell\"", "\"exec\"").replace("config = ", "enter = [\"conf t\"]\nconfig = ");
    let modes = complaint(&exec);
    assert!(modes.contains("commands.enter") && modes.contains("only a shell does"), "{modes}");

    let nothing = complaint(&format!("{SMALL}[timeouts]\ntotal = 0\n"));
    assert!(nothing.contains("timeouts.total") && nothing.contains("longer than 0"), "{nothing}");
}

#[test]
fn a_file_may_limit_stages_and_the_whole_job() {
    let toy =
        compile::platform("toy.toml", &format!("{SMALL}[timeouts]\ncommand = 90\ntotal = 1800\n")).unwrap();
    assert_eq!(toy.timeout(Stage::Command), Some(Duration::from_secs(90)));
    assert_eq!((toy.timeout(Stage::Auth), toy.time_limit()), (None, Some(Duration::from_mins(30))));
    assert_eq!(compile::platform("toy.toml", SMALL).unwrap().time_limit(), None);
}

#[test]
fn site_files_add_and_override() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("toy.toml"), SMALL).unwrap();
    std::fs::write(folder.path().join("mine.toml"), SMALL.replace("\"toy\"", "\"cisco_ios\"")).unwrap();
    std::fs::write(folder.path().join("notes.txt"), "not a platform").unwrap();

    let shipped = Platforms::shipped().unwrap().keys().len();
    let platforms = Platforms::shipped().unwrap().with_site_files(folder.path()).unwrap();

    assert_eq!(platforms.keys().len(), shipped + 1);
    assert_eq!(platforms.get("cisco_ios").unwrap().title(), "Toy");
    let absent = folder.path().join("absent");
    assert_eq!(platforms.with_site_files(&absent).unwrap().keys().len(), shipped + 1);
}

/// A file that cannot be read to its end must not leave a text that looks whole.
#[test]
fn the_linux_command_fails_where_reading_a_file_fails() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let cat = folder.path().join("cat");
    std::fs::write(&cat, "#!/bin/sh\nexit 5\n").unwrap();
    std::fs::set_permissions(&cat, std::fs::Permissions::from_mode(0o755)).unwrap();
    let linux = Platforms::shipped().unwrap().get("linux").unwrap();
    let run = |path: String| {
        let mut shell = std::process::Command::new("/bin/sh");
        shell.arg("-c").arg(linux.config_command(&[])).env("PATH", path).output().unwrap()
    };
    assert!(run("/usr/bin:/bin".to_owned()).status.success());
    let failed = run(format!("{}:/usr/bin:/bin", folder.path().display()));
    assert!(!failed.status.success(), "{}", String::from_utf8_lossy(&failed.stdout));
}

#[test]
fn the_head_of_each_file_is_that_of_its_platform() {
    let platforms = Platforms::shipped().unwrap();
    let compiled: Vec<Head> = platforms.all().map(|platform| Head::from(&*platform)).collect();
    assert_eq!(platforms.heads(), compiled);
}
