use std::collections::BTreeMap;

use super::{Capture, Platform, files::SMALL};
use crate::platform::{InfoOutput, compile};

fn toy(more: &str) -> Platform {
    compile::platform("toy.toml", &format!("{SMALL}{more}")).unwrap()
}

#[test]
fn neighbouring_lines_of_a_kind_come_in_any_order() {
    let toy = toy("[text]\nsort = ['^user ']\n");
    let text = |text: &str| toy.normalised(text.as_bytes());
    assert_eq!(text("user b\nuser a\nend\n"), text("user a\nuser b\nend\n"));
    assert_eq!(text("end\nuser b\nuser a"), text("end\nuser a\nuser b"));
    // A line between them parts them, and other lines keep their order.
    assert_ne!(text("user b\nx\nuser a\nend\n"), text("user a\nx\nuser b\nend\n"));
    assert_ne!(text("permit b\npermit a\nend\n"), text("permit a\npermit b\nend\n"));
}

#[test]
fn a_secret_encrypted_anew_is_no_change_and_another_line_is() {
    let toy = toy("[text]\nreencrypted = ['^key ENC (\\S+)']\n");
    let text = |text: &str| toy.normalised(text.as_bytes());
    assert_eq!(text("key ENC abc\nend\n"), text("key ENC xyz\nend\n"));
    assert_ne!(text("key ENC abc\nend\n"), text("key abc\nend\n"));
    assert_ne!(text("other ENC abc\nend\n"), text("other ENC xyz\nend\n"));
}

#[test]
fn a_text_from_which_the_device_left_secrets_out_is_known() {
    let marked = toy("[text]\nhidden = ['^key \\*+$']\n");
    assert!(marked.hides_secrets(b"a\nkey ****\nend\n"));
    assert!(!marked.hides_secrets(b"a\nkey x\nend\n") && !toy("").hides_secrets(b"key ****\n"));
}

#[test]
fn facts_come_from_where_the_file_says_and_once() {
    let toy = toy("[[facts]]\nname = \"model\"\npattern = '(?m)^model (.*)$'\n\
         [[facts]]\nname = \"model\"\npattern = '(?m)^box (.*)$'\n");
    let told = |raw: &str| {
        let info = vec![InfoOutput { command: "show version".to_owned(), text: "model info\n".to_owned() }];
        let facts = toy.facts(&Capture { raw: raw.as_bytes().to_vec(), info, ..Capture::default() });
        facts.into_iter().map(|(name, value)| (name.to_string(), value)).collect::<BTreeMap<_, _>>()
    };
    let one = |value: &str| BTreeMap::from([("model".to_owned(), value.to_owned())]);
    assert_eq!(told("model A\nbox B\nend\n"), one("A"));
    assert_eq!(told("model \nbox B\nend\n"), one("B"), "an empty one is none");
    assert_eq!(told("end\n"), BTreeMap::new());
    // A device's word cannot steer a terminal, nor fill a log.
    assert!(!told("model a\x1b[2Jb\n")["model"].contains('\x1b'));
    assert_eq!(told(&format!("model {}\n", "x".repeat(5_000)))["model"].len(), 200);
}

#[test]
fn a_wrong_fact_names_its_field() {
    let complaint = |fact: &str| {
        let source = format!("{SMALL}[[facts]]\n{fact}\n");
        compile::platform("toy.toml", &source).unwrap_err().to_string()
    };
    let name = complaint("name = \"colour\"\npattern = '(x)'");
    assert!(name.contains("facts.name") && name.contains("hostname, model"), "{name}");
    let command = complaint("name = \"model\"\ninfo = \"show it\"\npattern = '(x)'");
    assert!(command.contains("facts.info") && command.contains("show it"), "{command}");
    let group = complaint("name = \"model\"\npattern = 'x'");
    assert!(group.contains("facts.pattern") && group.contains("no group"), "{group}");
}

#[test]
fn enter_is_a_line_feed_unless_the_file_says_otherwise() {
    let crlf = SMALL.replace("proof =", "enter = \"crlf\"\nproof =");
    assert_eq!(toy("").enter(), "\n");
    assert_eq!(compile::platform("toy.toml", &crlf).unwrap().enter(), "\r\n");
}
