//! Prompts of real devices and texts that are none, as Oxidized samples them (`../shared/captures/*#prompt.yaml`), each by
//! its platform's file.

use netraven::{
    platform::{AUTO, LineEnding, Platform, Screen, shipped_key},
    simulate::Capture,
};
use serde::Deserialize;

use crate::support::{recorded::SHIPPED, shared};

#[derive(Deserialize)]
struct Samples {
    #[serde(default)]
    pass: Vec<String>,
    /// What is a prompt once escape sequences are taken away, which Oxidized leaves to each platform and we do for all.
    #[serde(default)]
    pass_with_expect: Vec<String>,
    #[serde(default)]
    fail: Vec<String>,
}

fn is_prompt(platform: &Platform, sample: &str) -> bool {
    let mut screen = Screen::new(LineEnding::Lf);
    screen.feed(sample.as_bytes());
    platform.prompt().is_match(screen.last_line())
}

#[test]
fn sampled_prompts_are_prompts_and_nothing_else_is() {
    let Some(folder) = shared::captures() else { return };
    let auto = SHIPPED.get(AUTO).unwrap();
    let (mut wrong, mut used) = (Vec::new(), 0);
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if !path.to_string_lossy().ends_with("#prompt.yaml") {
            continue;
        }
        used += 1;
        let capture = Capture::load(&path).unwrap();
        let key =
            shipped_key(capture.model()).unwrap_or_else(|| panic!("no platform for {}", capture.model()));
        let platform = SHIPPED.get(key).unwrap();
        let samples: Samples = serde_saphyr::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
        for sample in samples.pass.iter().chain(&samples.pass_with_expect) {
            // What a device shows must be known before its platform is, too.
            if !is_prompt(&platform, sample) || !is_prompt(&auto, sample) {
                wrong.push(format!("{key}: {sample:?} is a prompt"));
            }
        }
        // One of them is none only as long as its escape sequences are there.
        for sample in samples.fail.iter().filter(|sample| !samples.pass_with_expect.contains(sample)) {
            if is_prompt(&platform, sample) {
                wrong.push(format!("{key}: {sample:?} is no prompt"));
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
    assert_eq!(used, 28);
}
