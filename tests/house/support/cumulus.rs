//! The recording of a Cumulus switch: its files one by one, as root. Put into a folder they are read by our own command, in
//! a real shell, and what that prints is played.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use netraven::{platform::Channel, simulate::Capture};

use super::recorded::{Recorded, SHIPPED};

const RECORDING: &str = "cumulus#VX_5.4.0_frr#custom_simulation.yaml";

/// The file that a recorded command prints, and its text; `None` where it is not there or something else was asked.
fn file(command: &str, answer: &[u8]) -> Option<(String, String)> {
    let text = String::from_utf8(answer.to_vec()).unwrap().replace('\r', "");
    // Without the echo and the prompt behind it.
    let body = text.split_once('\n')?.1;
    let body = &body[..=body.rfind('\n')?];
    if command.starts_with("grep -r") {
        let lines = body.lines().filter_map(|line| line.strip_prefix("interfaces:"));
        return Some(("/etc/network/interfaces".to_owned(), lines.map(|line| format!("{line}\n")).collect()));
    }
    let path = command.strip_prefix("cat ")?.trim_end_matches("; echo");
    (!body.contains("No such file or directory")).then(|| (path.to_owned(), body.to_owned()))
}

/// What the command prints where `/etc` is that of the recording.
fn printed(command: &str, root: &Path) -> String {
    let command = command.replace(" /etc/", &format!(" {}/etc/", root.display()));
    let ran = Command::new("/bin/sh").arg("-c").arg(&command).output().unwrap();
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    String::from_utf8(ran.stdout).unwrap().replace(&root.display().to_string(), "")
}

/// The session in the form that is played, and the recorded files in the order in which our command reads them.
pub fn recorded(folder: &Path) -> (Recorded, Vec<(String, String)>) {
    let platform = SHIPPED.get("cumulus").unwrap();
    assert_eq!(platform.channel(), Channel::Exec);
    let command = platform.config_command(&[]);
    let capture = Capture::load(&folder.join(RECORDING)).unwrap();
    let mut files: Vec<_> =
        capture.exchanges().iter().filter_map(|it| file(it.command.trim(), &it.answer)).collect();
    let asked_for = |path: &str| command.find(&format!(" {path} "));
    // Oxidized asks for the release as well, which is information here.
    files.retain(|(path, _)| asked_for(path).is_some());
    files.sort_by_key(|(path, _)| asked_for(path));
    let root = tempfile::tempdir().unwrap();
    for (path, text) in &files {
        let place: PathBuf = root.path().join(path.trim_start_matches('/'));
        std::fs::create_dir_all(place.parent().unwrap()).unwrap();
        std::fs::write(place, text).unwrap();
    }
    let text = printed(command, root.path());
    let escaped = text.replace('\\', "\\\\").replace('\t', "\\t");
    let session = format!("; origin: {RECORDING}\n> {command}\n{escaped}");
    let place = root.path().join("cumulus");
    std::fs::create_dir(&place).unwrap();
    std::fs::write(place.join("VX_5.4.0_frr.session"), session).unwrap();
    (Recorded::load(&place.join("VX_5.4.0_frr.session")), files)
}
