//! What devices push in between, ask in between, and the modes in between.

use std::sync::Arc;

use super::{Script, failed, hold, talk_as, target, with};
use crate::{
    domain::failure::{FailureClass, Stage},
    engine::transport::Target,
    platform::{Platform, Platforms},
};

const SMALL_SWITCH: &str = "show running-config\nconfig-file-header\nsw1\nv2.5.9.54 / RCBS3.1\nCLI v1.0\nfile SSD indicator encrypted\n@\n!\nhostname sw1\nip ssh server\nsnmp-server server\nclock timezone J 2\nip name-server 192.0.2.1\ninterface vlan 1\n no ip address dhcp\n!\nexit\nsw1#";
const WIPED: &str =
    "\x08\x08\x08\x08\x08\x08\x08\x08\x08\x08          \x08\x08\x08\x08\x08\x08\x08\x08\x08\x08";
const ALARM: &str = "2026/05/25 18:51:46   ONU Port Los                 PON 0/3 ONU 63 LAN1 LINK DOWN";

fn shipped(key: &str) -> Arc<Platform> {
    Platforms::shipped().unwrap().get(key).unwrap()
}

fn olt(config: &'static str) -> Vec<(&'static str, &'static str)> {
    vec![
        ("", "\no-1>"),
        ("enable", "enable\no-1#"),
        ("configure terminal", "configure terminal\no-1(config)#"),
        ("show version", "show version\n  Olt Device Model:  V1600\no-1(config)#"),
        ("show pon transceiver-info all", "show pon transceiver-info all\n\no-1(config)#"),
        ("show running-config", config),
        ("end", "end\no-1#"),
        ("exit", "exit\n"),
    ]
}

const PAGE: &str = "show running-config\n\nCurrent configuration:\n!\nhostname o-1\nip a.b.c.d m";

async fn kept(behind_the_pager: &str, piece: usize) -> String {
    let page: &'static str = Box::leak(format!("{PAGE} --More-- \0{behind_the_pager}").into_boxed_str());
    let rest: &'static str = Box::leak(
        format!("{WIPED}ask 255.0.0.0\n\n{ALARM}\nexit\n{ALARM}\n!\no-1(config)#").into_boxed_str(),
    );
    let mut answers = olt(page);
    answers.push((" ", rest));
    let told = talk_as(&shipped("vsololt"), Script::new("\no-1>", &answers).in_pieces(piece)).await;
    assert_eq!(told.sent.iter().filter(|sent| *sent == " ").count(), 1, "{:?}", told.sent);
    assert!(told.sent.ends_with(&["end\n".to_owned(), "exit\n".to_owned()]), "{:?}", told.sent);
    String::from_utf8(told.result.unwrap().raw).unwrap()
}

#[tokio::test]
async fn alarms_and_a_pager_in_the_middle_of_a_line_leave_nothing_behind() {
    let wanted = "\nCurrent configuration:\n!\nhostname o-1\nip a.b.c.d mask 255.0.0.0\nexit\n!\n";
    for piece in [1, 7, 1000] {
        for behind in
            ["", &format!("\n{ALARM}\n"), &format!("\n{ALARM}\r"), &format!("\n{ALARM}\n\n{ALARM}\n")]
        {
            assert_eq!(kept(behind, piece).await, wanted, "{behind:?} in pieces of {piece}");
        }
    }
}

#[tokio::test]
async fn an_alarm_behind_the_prompt_hides_it_from_nobody() {
    let config = "show running-config\n\nCurrent configuration:\n!\nhostname o-1\n!\no-1(config)#";
    let mut answers = olt(config);
    answers[3].1 = "show version\n  Olt Device Model:  V1600\no-1(config)#\n2026/05/25 18:51:46   ONU Online      PON 0/1\n";
    let told = talk_as(&shipped("vsololt"), Script::new("\no-1>", &answers)).await;
    let capture = told.result.unwrap();
    assert_eq!(capture.info[0].text, "  Olt Device Model:  V1600\n");
    assert_eq!(String::from_utf8(capture.raw).unwrap(), "\nCurrent configuration:\n!\nhostname o-1\n!\n");
}

#[tokio::test]
async fn a_device_may_have_no_password_of_privileged_mode() {
    let config = "show running-config\n\nCurrent configuration:\n!\nhostname o-1\n!\no-1(config)#";
    let mut answers = olt(config);
    answers[1].1 = "enable\nPassword: ";
    answers.push(("", "\n2026/05/25 18:50:59   User Login      User admin log in.\n\n\no-1#"));
    let target = Target { enable: None, ..target() };
    let told = hold(&shipped("vsololt"), Script::new("\no-1>", &answers), &target).await;
    assert!(told.result.is_ok(), "{:?}", told.result);
    // Elsewhere nothing is given that is not kept.
    let refused = hold(
        &shipped("cisco_ios"),
        Script::new("r1>", &[("", "\nr1>"), ("enable", "enable\nPassword: ")]),
        &target,
    )
    .await;
    assert_eq!(failed(&refused), (FailureClass::EnableFailed, Stage::Enable));
}

/// Switches of Ruckus and HP may ask for a name before the password of privileged mode (platforms.md, 2.13).
#[tokio::test]
async fn a_device_may_ask_for_a_name_on_the_way_to_privileged_mode() {
    let answers = |end: &'static str| {
        let mut answers = vec![
            ("", "\nicx>"),
            ("enable", "enable\nUser Name:"),
            ("nr", "nr\nPassword:"),
            ("enable-secret", "\nicx#"),
            ("login-secret", end),
            ("skip-page-display", "skip-page-display\nicx#"),
            ("show running-config", "show running-config\nver 09.0.10\n!\nhostname icx\n!\nend\nicx#"),
            ("exit", "exit\n"),
        ];
        for asked in ["show version", "show module", "show media", "show flash", "show stack"] {
            answers.push((asked, "Invalid input -> \nicx#"));
        }
        answers
    };
    let (icx, none) = (shipped("ruckus_icx"), Target { enable: None, ..target() });
    let given = |sent: &[String]| {
        sent.iter().filter(|it| it.contains("secret") || *it == "nr\n").cloned().collect::<Vec<_>>()
    };
    let told = hold(&icx, Script::new("icx>", &answers("\nicx#")), &target()).await;
    assert!(told.result.is_ok(), "{:?}", told.result);
    assert_eq!(given(&told.sent), ["nr\n", "enable-secret\n"]);
    // It means the account: where no other password is kept, that is the account's.
    let told = hold(&icx, Script::new("icx>", &answers("\nicx#")), &none).await;
    assert!(told.result.is_ok(), "{:?}", told.result);
    assert_eq!(given(&told.sent), ["nr\n", "login-secret\n"]);
    // Neither is tried twice.
    for no in ["\nUser Name:", "\nPassword:"] {
        let told = hold(&icx, Script::new("icx>", &answers(no)), &none).await;
        assert_eq!(failed(&told), (FailureClass::EnableFailed, Stage::Enable));
        assert_eq!(given(&told.sent), ["nr\n", "login-secret\n"], "{no:?}");
    }
    // A device that asks for no name never gets the account's password there.
    let script = [("", "\nicx>"), ("enable", "enable\nPassword:")];
    let told = hold(&icx, Script::new("icx>", &script), &none).await;
    assert_eq!((failed(&told), given(&told.sent)), ((FailureClass::EnableFailed, Stage::Enable), Vec::new()));
}

/// `AireOS` before 8.10 and many small business switches let everybody in by SSH and ask then.
#[tokio::test]
async fn a_device_may_ask_for_name_and_password_within_ssh() {
    let answers = |end: &'static str| {
        let mut answers = vec![
            ("nr", "nr\nPassword:"),
            ("login-secret", end),
            ("", "\nsw1#"),
            ("show running-config", SMALL_SWITCH),
            ("exit", "exit\n"),
        ];
        for asked in ["terminal datadump", "terminal width 0", "terminal length 0"] {
            answers.push((asked, "\nsw1#"));
        }
        for asked in ["show version", "show system", "show inventory", "show bootvar"] {
            answers.push((asked, "% Unrecognized command\nsw1#"));
        }
        answers
    };
    let smb = shipped("cisco_smb");
    let told = hold(&smb, Script::new("\n\nUser Name:", &answers("*****\n\nsw1#")), &target()).await;
    assert!(told.result.is_ok(), "{:?}", told.result);
    assert!(told.log.contains("let in by password in"), "{}", told.log);
    assert_eq!(told.sent[..2], ["nr\n", "login-secret\n"]);
    // The first no is the last try, as by telnet, and whoever waits for us to be let in hears nothing.
    let target = target();
    let no = "\nauthentication failed\nUser Name:";
    let told = hold(&smb, Script::new("\nUser Name:", &answers(no)), &target).await;
    assert_eq!((failed(&told), told.sent.len()), ((FailureClass::AuthFailed, Stage::Auth), 2));
    assert!(!target.let_in.is_cancelled());
    // A question for another password is none for ours, and speaks against no credential.
    for asks in ["\nEnter old password:", "\nYour password has expired.\nEnter new Password: "] {
        let told = hold(&smb, Script::new(asks, &answers("")), &target).await;
        assert_eq!((failed(&told), told.sent.len()), ((FailureClass::PermissionDenied, Stage::Auth), 0));
        assert!(told.result.unwrap_err().message.contains("wants the password changed"));
    }
    // One that shows its prompt is given nothing, and any other platform's greeting that asks is given nothing.
    let told = hold(&smb, Script::new("\nsw1#", &answers("")), &target).await;
    assert!(told.result.is_ok() && !told.log.contains("let in by"), "{:?} {}", told.result, told.log);
    let told = hold(&shipped("cisco_ios"), Script::new("\nUsername: ", &answers("")), &target).await;
    assert_eq!((failed(&told).1, told.sent.len()), (Stage::Prompt, 0));
}

#[tokio::test]
async fn a_mode_that_is_refused_ends_the_conversation() {
    let mut answers = olt("show running-config\n");
    answers[2].1 = "configure terminal\n% Unknown command.\no-1#";
    let told = talk_as(&shipped("vsololt"), Script::new("\no-1>", &answers)).await;
    assert_eq!(failed(&told), (FailureClass::ErrorOutput, Stage::Command));
    let message = told.result.unwrap_err().message;
    assert!(message.contains("`configure terminal` is refused: % Unknown command."), "{message}");
    assert!(!told.sent.iter().any(|sent| sent.contains("show")), "{:?}", told.sent);
}

#[tokio::test]
async fn a_question_is_answered_and_is_no_part_of_the_answer() {
    let question = "showconfig\n\nChoose the passphrase option:\n1. Mask passphrases (Files with masked passphrases cannot be loaded using\nloadconfig command)\n2. Encrypt passphrases\n3. Plain passphrases\n[1]> ";
    let answers = [
        ("", "\n(mail.example.com)> "),
        ("version", "version\nModel: C100V\n(mail.example.com)> "),
        ("showconfig", question),
        (
            "3",
            "3\n<?xml version=\"1.0\"?>\n<config>\n  <hostname>mail</hostname>\n</config>\n\n(mail.example.com)> ",
        ),
        ("exit", "exit\n"),
    ];
    let told = talk_as(&shipped("asyncos"), Script::new("\n(mail.example.com)> ", &answers)).await;
    let raw = String::from_utf8(told.result.unwrap().raw).unwrap();
    assert_eq!(raw, "<?xml version=\"1.0\"?>\n<config>\n  <hostname>mail</hostname>\n</config>\n\n");
    assert_eq!(told.sent, ["\n", "version\n", "showconfig\n", "3\n", "exit\n"]);
}

#[tokio::test]
async fn a_device_that_does_not_know_the_command_is_asked_in_other_words() {
    let other = "show running-config view full";
    let talk = async |refusal: &'static str| {
        let mut answers = with(&[("show running-config", refusal)]);
        answers.push((other, "show running-config view full\nversion 17.9\n!\nhostname r1\n!\nend\nr1#"));
        talk_as(&shipped("cisco_ios"), Script::new("r1#", &answers)).await
    };
    let unknown = "show running-config\n         ^\n% Invalid input detected at '^' marker.\n\nr1#";
    let told = talk(unknown).await;
    let raw = String::from_utf8(told.result.unwrap().raw).unwrap();
    assert_eq!(raw, "version 17.9\n!\nhostname r1\n!\nend\n");
    assert!(told.log.contains("the device does not know `show running-config`"), "{}", told.log);

    // An account that may not is not asked twice.
    let told = talk("show running-config\n% Authorization failed.\n\nr1#").await;
    assert!(!told.sent.contains(&format!("{other}\n")), "{:?}", told.sent);
}
