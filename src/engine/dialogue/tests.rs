mod by_telnet;
mod in_between;
mod looking;

use std::{
    collections::VecDeque,
    future::pending,
    sync::{Arc, Mutex},
    time::Duration,
};

use super::{Setting, steps, terminal::Terminal, welcomed};
use crate::{
    domain::{
        device::{Algorithms, Transport},
        entry::Level,
        failure::{Failure, FailureClass, Stage},
        secret::Secret,
    },
    engine::transport::{Deadlines, Line, LineError, Log, Pace, Target},
    platform::{Capture, Platform, Platforms, Screen},
};

/// A device that answers what it knows, in pieces of a given size, and then ends the line or falls silent.
struct Script {
    answers: Vec<(&'static str, String)>,
    piece: usize,
    ends: bool,
    coming: VecDeque<Vec<u8>>,
    sent: Arc<Mutex<Vec<String>>>,
}

impl Script {
    fn new(greeting: &str, answers: &[(&'static str, &str)]) -> Self {
        let answers =
            answers.iter().map(|&(command, answer)| (command, answer.replace('\n', "\r\n"))).collect();
        let mut script =
            Self { answers, piece: 1000, ends: false, coming: VecDeque::new(), sent: Arc::default() };
        script.say(&greeting.replace('\n', "\r\n"));
        script
    }

    fn in_pieces(mut self, piece: usize) -> Self {
        self.piece = piece;
        let all: Vec<u8> = self.coming.drain(..).flatten().collect();
        self.coming = all.chunks(piece).map(<[u8]>::to_vec).collect();
        self
    }

    /// `|` in an answer is the end of a packet.
    fn say(&mut self, text: &str) {
        for packet in text.split('|') {
            self.coming.extend(packet.as_bytes().chunks(self.piece).map(<[u8]>::to_vec));
        }
    }
}

impl Line for Script {
    async fn send(&mut self, bytes: &[u8]) -> Result<(), LineError> {
        let text = String::from_utf8_lossy(bytes).into_owned();
        self.sent.lock().unwrap().push(text.clone());
        // Each answer is given once, so that a question asked twice shows.
        if let Some(at) = self.answers.iter().position(|(command, _)| *command == text.trim_end_matches('\n'))
        {
            let (_, answer) = self.answers.remove(at);
            self.say(&answer);
        }
        Ok(())
    }

    async fn read_more(&mut self, screen: &mut Screen) -> Result<usize, LineError> {
        match self.coming.pop_front() {
            Some(piece) => {
                screen.feed(&piece);
                Ok(piece.len())
            }
            None if self.ends => Err(LineError::Closed("the script ended".to_owned())),
            None => pending().await,
        }
    }

    async fn ended(&mut self) {}
}

#[derive(Default)]
struct Notes(Mutex<Vec<String>>);

impl Log for Notes {
    fn say(&self, level: Level, stage: Stage, text: &str) {
        self.0.lock().unwrap().push(format!("{level} {stage} {text}"));
    }
}

const CONFIG: &str =
    "show running-config\nBuilding configuration...\n\nversion 17.9\n!\nhostname r1\n!\nend\n\nr1#";
const RAW: &str = "Building configuration...\n\nversion 17.9\n!\nhostname r1\n!\nend\n\n";

fn usual() -> Vec<(&'static str, &'static str)> {
    vec![
        ("", "\nr1#"),
        ("terminal length 0", "terminal length 0\nr1#"),
        ("terminal width 0", "terminal width 0\nr1#"),
        ("show version", "show version\nCisco IOS\nr1#"),
        ("show inventory", "show inventory\nPID: x\nr1#"),
        ("show vtp status", "show vtp status\n         ^\n% Invalid input detected at '^' marker.\n\nr1#"),
        ("show running-config", CONFIG),
        ("exit", "exit\n"),
    ]
}

fn with(changed: &[(&'static str, &'static str)]) -> Vec<(&'static str, &'static str)> {
    let rest = usual().into_iter().filter(|(command, _)| changed.iter().all(|(other, _)| other != command));
    changed.iter().copied().chain(rest).collect()
}

struct Told {
    result: Result<Capture, Failure>,
    sent: Vec<String>,
    log: String,
}

fn target() -> Target {
    let short = Duration::from_millis(500);
    Target {
        host: String::new(),
        port: 22,
        further: Vec::new(),
        way: Vec::new(),
        transport: Transport::Ssh,
        algorithms: Algorithms::Modern,
        username: "nr".to_owned(),
        password: Some(Secret::new("login-secret")),
        enable: Some(Secret::new("enable-secret")),
        private_key: None,
        passphrase: None,
        let_in: tokio_util::sync::CancellationToken::new(),
        deadlines: Deadlines { handshake: short, auth: short, silence: short, ..Deadlines::default() },
    }
}

async fn talk_as(platform: &Arc<Platform>, script: Script) -> Told {
    hold(platform, script, &target()).await
}

/// Holds a conversation; by telnet it begins with signing in.
async fn hold(platform: &Arc<Platform>, script: Script, target: &Target) -> Told {
    let (sent, log) = (script.sent.clone(), Notes::default());
    let pace = Pace::new(&target.deadlines, platform);
    let terminal = Terminal::new(script, Setting { target, platform, pace, log: &log });
    let result = match welcomed(terminal).await {
        Ok(terminal) => steps::converse(terminal).await,
        Err(failure) => Err(failure),
    };
    let sent = sent.lock().unwrap().clone();
    let log = log.0.lock().unwrap().join("\n");
    assert!(!log.contains("-secret"), "{log}");
    Told { result, sent, log }
}

async fn talk(script: Script) -> Told {
    talk_as(&Platforms::shipped().unwrap().get("cisco_ios").unwrap(), script).await
}

fn failed(told: &Told) -> (FailureClass, Stage) {
    let failure = told.result.as_ref().unwrap_err();
    (failure.class, failure.stage)
}

#[tokio::test]
async fn the_configuration_comes_home_whatever_the_packets_are() {
    for piece in [1, 2, 3, 7, 1000] {
        let told = talk(Script::new("\nWelcome to core#1\nr1#", &usual()).in_pieces(piece)).await;
        let capture = told.result.unwrap();
        assert_eq!(String::from_utf8(capture.raw).unwrap(), RAW, "pieces of {piece}");
        assert!(capture.reached_prompt);
        assert_eq!(capture.info.first().unwrap().text, "Cisco IOS\n");
        assert_eq!(capture.info.len(), 2, "a refused command is no information");
        assert!(told.log.contains("warning command `show vtp status` is refused"), "{}", told.log);
        assert_eq!(told.sent.last().unwrap(), "exit\n");
    }
}

#[tokio::test]
async fn a_line_like_the_prompt_does_not_end_the_configuration() {
    let config =
        "show running-config\nbanner motd ^C\nr1#|\nr1#|still the banner\n^C\nhostname r1\n!\nend\nr1#";
    let told = talk(Script::new("r1#", &with(&[("show running-config", config)]))).await;
    let raw = String::from_utf8(told.result.unwrap().raw).unwrap();
    assert_eq!(raw, "banner motd ^C\nr1#\nr1#still the banner\n^C\nhostname r1\n!\nend\n");
}

#[tokio::test]
async fn a_greeting_like_a_prompt_and_a_prompt_drawn_too_often_do_no_harm() {
    let answers = with(&[("show version", "r1#|show version\nCisco IOS\nr1#"), ("", "\nr1#|\nr1#")]);
    let told = talk(Script::new("\nnot-a-prompt#|\nr1#", &answers)).await;
    assert_eq!(String::from_utf8(told.result.unwrap().raw).unwrap(), RAW);
    assert!(told.log.contains("the prompt is `r1#`"), "{}", told.log);
}

#[tokio::test]
async fn a_device_that_ignores_an_empty_line_is_taken_at_its_word() {
    let told = talk(Script::new("r1#", &with(&[("", "")]))).await;
    assert_eq!(String::from_utf8(told.result.unwrap().raw).unwrap(), RAW);
}

#[tokio::test]
async fn hanging_information_is_interrupted_and_no_failure() {
    let answers = with(&[("show inventory", "show inventory\nPID: x\n"), ("\x03", "^C\nr1#")]);
    let told = talk(Script::new("r1#", &answers)).await;
    let capture = told.result.unwrap();
    assert_eq!((capture.info.len(), String::from_utf8(capture.raw).unwrap().as_str()), (1, RAW));
}

#[tokio::test]
async fn the_pager_is_answered_and_leaves_nothing_behind() {
    let first = "show running-config\nversion 17.9\n!\n --More-- ";
    let rest = "\x08\x08\x08\x08\x08\x08\x08\x08\x08\x08          \x08\x08\x08\x08\x08\x08\x08\x08\x08\x08!\nx\n!\nend\nr1#";
    let told = talk(Script::new("r1#", &with(&[("show running-config", first), (" ", rest)]))).await;
    assert_eq!(String::from_utf8(told.result.unwrap().raw).unwrap(), "version 17.9\n!\n!\nx\n!\nend\n");
}

#[tokio::test]
async fn privileged_mode_is_reached_with_its_own_password() {
    let mut answers = with(&[("", "\nr1>"), ("enable", "enable\nPassword: ")]);
    answers.push(("enable-secret", "\nr1#"));
    let told = talk(Script::new("r1>", &answers)).await;
    assert_eq!(String::from_utf8(told.result.unwrap().raw).unwrap(), RAW);
    assert!(told.log.contains("privileged mode reached"));

    let at_once = with(&[("", "\nr1>"), ("enable", "enable\nr1#")]);
    let told = talk(Script::new("r1>", &at_once)).await;
    assert!(told.result.is_ok() && !told.sent.contains(&"enable-secret\n".to_owned()));
}

#[tokio::test]
async fn a_refused_password_is_not_tried_again() {
    for refusal in ["\nPassword: ", "enable-secret\n% Access denied\n\nr1>"] {
        let mut answers = with(&[("", "\nr1>"), ("enable", "enable\nPassword: ")]);
        answers.push(("enable-secret", refusal));
        let told = talk(Script::new("r1>", &answers)).await;
        assert_eq!(failed(&told), (FailureClass::EnableFailed, Stage::Enable), "{refusal:?}");
        assert_eq!(told.sent.iter().filter(|text| text.contains("secret")).count(), 1);
        assert!(!format!("{:?}", told.result).contains("enable-secret"));
    }
}

#[tokio::test]
async fn a_greeting_that_asks_for_a_password_gets_nothing() {
    let told = talk(Script::new("\nUser Access Verification\nPassword: ", &usual())).await;
    assert_eq!(failed(&told), (FailureClass::Timeout, Stage::Prompt));
    assert!(told.sent.is_empty());
    let failure = told.result.unwrap_err();
    assert!(failure.message.contains("the last line is `Password:`"), "{}", failure.message);
    assert!(failure.screen.unwrap().contains("User Access Verification"));
}

#[tokio::test]
async fn a_stall_and_a_broken_line_name_their_stage() {
    let half = with(&[("show running-config", "show running-config\nversion 17.9\n!\nhostn")]);
    let stalled = talk(Script::new("r1#", &half)).await;
    assert_eq!(failed(&stalled), (FailureClass::Timeout, Stage::Command));
    assert!(stalled.result.unwrap_err().screen.unwrap().ends_with("hostn"));

    let mut script = Script::new("r1#", &half);
    script.ends = true;
    assert_eq!(failed(&talk(script).await), (FailureClass::ConnectionLost, Stage::Command));

    let silent = talk(Script::new("", &usual())).await;
    assert_eq!(failed(&silent), (FailureClass::Timeout, Stage::Prompt));
}

#[tokio::test]
async fn a_device_that_prints_for_ever_is_stopped() {
    let line = "x".repeat(1_100_000);
    let answer: &'static str = Box::leak(line.into_boxed_str());
    let told = talk(Script::new("r1#", &with(&[("show running-config", answer)]))).await;
    assert_eq!(failed(&told), (FailureClass::OutputLimit, Stage::Command));
}

#[tokio::test]
async fn a_greeting_that_waits_for_a_key_gets_it() {
    let folder = tempfile::tempdir().unwrap();
    let shipped = Platforms::shipped().unwrap();
    let source = shipped
        .get("cisco_ios")
        .unwrap()
        .source()
        .replace("[paging]", "[[banner]]\nwhen = '^Press any key'\nanswer = ' '\n[paging]");
    std::fs::write(folder.path().join("mine.toml"), source).unwrap();
    let platform = shipped.with_site_files(folder.path()).unwrap().get("cisco_ios").unwrap();
    let mut answers = usual();
    answers.push((" ", "\nr1#"));
    let told = talk_as(&platform, Script::new("\nHello\nPress any key to continue", &answers)).await;
    assert_eq!(String::from_utf8(told.result.unwrap().raw).unwrap(), RAW);
}
