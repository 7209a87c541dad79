//! A look at a device that nobody knows yet.

use super::{Notes, Script, target};
use crate::{
    engine::{
        dialogue::{Setting, look::look, terminal::Terminal},
        transport::Pace,
    },
    platform::{AUTO, Platforms},
};

#[tokio::test]
async fn a_prompt_that_is_another_after_each_answer_does_not_keep_the_device_from_being_found_out() {
    let platforms = Platforms::shipped().unwrap();
    let (auto, target, log) = (platforms.get(AUTO).unwrap(), target(), Notes::default());
    let answers = [
        ("", "\nr1(2)#"),
        ("", "\nr1(3)#"),
        ("", "\nr1(4)#"),
        ("", "\nr1(5)#"),
        (
            "show version",
            "show version\nCisco Nexus Operating System (NX-OS) Software\n|not the prompt>|\nr1(6)#",
        ),
        ("exit", "exit\n"),
    ];
    let script = Script::new("\nHello\nr1(1)#", &answers);
    let sent = script.sent.clone();
    let pace = Pace::new(&target.deadlines, &auto);
    let mut terminal = Terminal::new(script, Setting { target: &target, platform: &auto, pace, log: &log });
    let seen = look(&mut terminal, &platforms, String::new()).await.unwrap();
    assert_eq!(seen.answers[0].text, "Cisco Nexus Operating System (NX-OS) Software\nnot the prompt>\n");
    assert_eq!(sent.lock().unwrap().last().unwrap(), "exit\n");
    assert_eq!(crate::platform::guesses(&platforms, &seen)[0].platform, "cisco_nxos");
}
