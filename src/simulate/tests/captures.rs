//! Every recording can be played over a real socket.

use std::path::{Path, PathBuf};

use super::client::{Client, End, PATIENCE, up};
use crate::simulate::{Capture, Device, Fault};

fn recordings() -> Vec<PathBuf> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let found = ["../shared/captures", "../../shared/captures", "tests/captures"]
        .iter()
        .map(|folder| here.join(folder))
        .find(|folder| folder.is_dir());
    let Some(folder) = found else {
        println!("skipped: no recordings at ../shared/captures");
        return Vec::new();
    };
    let names = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    names.filter(|path| path.to_string_lossy().ends_with("simulation.yaml")).collect()
}

fn normal(text: &[u8]) -> String {
    String::from_utf8_lossy(text).replace("\r\n", "\n")
}

#[tokio::test]
async fn each_recorded_dialogue_can_be_held_again() {
    for path in recordings() {
        let capture = Capture::load(&path).unwrap();
        assert!(!capture.exchanges().is_empty(), "{}", path.display());
        let running = up(Device::playing(capture.clone(), "played")).await;
        let client = Client::inside(&running).await;
        if !capture.has_echo() {
            for exchange in capture.exchanges().iter().filter(|e| e.command.trim() != "quit") {
                let expected = (normal(&exchange.answer), Some(0));
                let (text, status) = client.exec(exchange.command.trim()).await;
                assert_eq!((normal(text.as_bytes()), status), expected, "{}", path.display());
            }
            continue;
        }
        let mut terminal = client.shell().await;
        assert!(terminal.equals(&normal(capture.greeting())).await, "{}", path.display());
        for exchange in capture.exchanges() {
            terminal.screen.clear();
            terminal.send(&exchange.command).await;
            let same = terminal.equals(&normal(&exchange.answer)).await;
            assert!(same, "{} {:?}: {:?}", path.display(), exchange.command, terminal.screen);
        }
    }
}

#[tokio::test]
async fn an_unknown_command_gets_the_platforms_own_complaint() {
    let Some(path) = recordings().into_iter().find(|p| p.to_string_lossy().contains("eos#")) else {
        return;
    };
    let running = up(Device::playing(Capture::load(&path).unwrap(), "played")).await;
    assert_eq!(running.device().platform_name(), "eos");
    let client = Client::inside(&running).await;
    let mut terminal = client.shell().await;
    terminal.until("eos-test-01#").await;
    assert_eq!(terminal.ask("bogus", "eos-test-01#").await, "bogus\r\n% Invalid input\r\neos-test-01#");
    assert_eq!(terminal.ask("", "eos-test-01#").await, "\r\neos-test-01#");
    let (text, status) = client.exec("show running-config | no-more | exclude ! Time:").await;
    assert!(text.starts_with("! device: eos-test-01") && text.ends_with("\nend\n"), "{text}");
    assert_eq!(status, Some(0));
    terminal.send("exit\n").await;
    assert_eq!(terminal.read("", PATIENCE).await, End::Closed);
}

#[tokio::test]
async fn a_recorded_configuration_can_be_cut_and_changed() {
    let Some(path) = recordings().into_iter().find(|p| p.to_string_lossy().contains("ios#C9200")) else {
        return;
    };
    let mut capture = Capture::load(&path).unwrap();
    capture.replace("Last configuration change", "Last sweeping change");
    let running = up(Device::playing(capture, "played")).await;
    let client = Client::inside(&running).await;
    let prompt = "LAB-SW123_9200L#";
    let mut terminal = client.shell().await;
    terminal.until(prompt).await;
    let whole = terminal.ask("show running-config", &format!("\r\n{prompt}")).await;
    assert!(whole.contains("\r\nend\r\n") && whole.contains("Last sweeping change"), "{whole}");
    running.set_faults(Fault::CutClean(500));
    let short = terminal.ask("show running-config", &format!("\r\n{prompt}")).await;
    assert!(short.len() < 600 && whole.starts_with(short.trim_end_matches(prompt).trim_end()), "{short}");
    running.set_faults(Fault::Cut(500));
    terminal.send("show running-config\n").await;
    assert_eq!(terminal.read(prompt, PATIENCE).await, End::Closed);
    assert_eq!(terminal.screen.len(), 500);
}
