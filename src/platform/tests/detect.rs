use super::{files::SMALL, platform, prompts::VECTORS};
use crate::platform::{LineEnding, Screen, compile};

/// Whatever a device shows that is a prompt of some platform, is one where the platform is yet to be found out.
#[test]
fn every_prompt_is_known_before_the_platform_is() {
    for &(key, is_prompt, sample) in VECTORS.iter().filter(|(_, is_prompt, _)| *is_prompt) {
        let mut screen = Screen::new(LineEnding::Lf);
        screen.feed(sample.as_bytes());
        assert_eq!(platform("auto").prompt().is_match(screen.last_line()), is_prompt, "{key}: {sample:?}");
    }
    for question in ["login: ", "Password: ", "Are you sure? ", "Press any key to continue", "-- More --"] {
        assert!(!platform("auto").prompt().is_match(question.as_bytes()), "{question}");
    }
}

#[test]
fn no_text_is_a_configuration_before_the_platform_is_known() {
    let auto = platform("auto");
    for text in ["version 17.9\nhostname r1\nend\n", "", "\n", "a\n"] {
        assert!(auto.judge(&super::ended_well(&auto, text)).is_err(), "{text:?}");
    }
}

#[test]
fn what_a_file_says_of_telling_its_devices_is_checked() {
    let complaint = |table: &str| {
        let source = format!("{SMALL}\n[detect]\n{table}");
        compile::platform("toy.toml", &source).unwrap_err().to_string()
    };
    let wrong = complaint("command = \"reload\"\nsays = 'x'");
    assert!(
        wrong.contains("`detect.command`: `reload` is none of those that may be sent: show version"),
        "{wrong}"
    );
    assert!(complaint("command = \"show version\"").contains("`detect.says`"));
    assert!(complaint("says = 'x'").contains("`detect.command`"));
    assert!(
        complaint("greeting = '('").contains("line 15, field `detect.greeting`"),
        "{}",
        complaint("greeting = '('")
    );
    assert!(complaint("sure = 100").contains("`detect.sure`"));
    assert!(complaint("likely = 'x'").contains("likely"));
}
