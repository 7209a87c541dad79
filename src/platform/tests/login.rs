use super::files::SMALL;
use crate::{
    domain::device::Transport,
    platform::{Platforms, compile},
};

/// Seen on devices (`reference/platforms.md` 0.2).
const NAMES: &[&str] =
    &["Username: ", "User Name:", "User:", "login: ", "Login:", ">>User name:", "sw1 login: "];
const PASSWORDS: &[&str] =
    &["Password: ", "password:", ">>User password:", "Password for nr:", "Passphrase: "];
const REFUSALS: &[&str] = &[
    "% Login invalid",
    "% Authentication failed",
    "% Authentication failed.",
    "Login incorrect",
    "Access denied",
    "% Bad password",
    "% Bad passwords",
    "Login failed, incorrect username or password",
    "Error: Authentication failed.",
];

fn by_telnet(platforms: &Platforms) -> usize {
    platforms.all().filter(|it| it.transports().contains(&Transport::Telnet)).count()
}

#[test]
fn questions_are_told_apart_on_every_platform() {
    let platforms = Platforms::shipped().unwrap();
    assert_eq!(by_telnet(&platforms), 36);
    for platform in platforms.all() {
        let (login, key) = (platform.login(), platform.key());
        for other in
            ["Enter new password: ", "Old Password:", "(current) UNIX password: ", "Confirm new password:"]
        {
            assert!(
                !login.password.is_match(other.as_bytes()) || login.asks_for_another(other.as_bytes()),
                "{key}: {other}"
            );
        }
        for own in ["Password:", "new-york-1 Password: ", "old.example.net password:"] {
            assert!(!login.asks_for_another(own.as_bytes()), "{key}: {own}");
        }
        for name in NAMES {
            assert!(login.username.is_match(name.as_bytes()), "{key}: {name}");
            assert!(!login.password.is_match(name.as_bytes()), "{key}: {name}");
            assert!(!platform.prompt().is_match(name.as_bytes()), "{key}: {name}");
        }
        for password in PASSWORDS.iter().take(if key == "ruckus_icx" { 3 } else { usize::MAX }) {
            assert!(login.password.is_match(password.as_bytes()), "{key}: {password}");
            assert!(!platform.prompt().is_match(password.as_bytes()), "{key}: {password}");
        }
        for no in REFUSALS {
            assert_eq!(login.refusal(&format!("\r\n{no}\r\n")), Some(*no), "{key}");
            assert!(!platform.prompt().is_match(no.as_bytes()), "{key}: {no}");
        }
        assert_eq!(login.refusal("Last login: Fri Nov 20\nNo access denied here\nr1#"), None, "{key}");
    }
}

#[test]
fn a_platform_may_ask_in_its_own_words() {
    let icx = Platforms::shipped().unwrap().get("ruckus_icx").unwrap();
    assert!(icx.login().username.is_match(b"Please Enter Login Name: "));
    assert!(icx.login().password.is_match(b"Please Enter Password: "));
    assert!(icx.login().password.is_match(b"Please Enter Password"));
    let login = "[login]\nusername = '^Who:$'\nrefused = ['^Go away']\n";
    let toy =
        compile::platform("toy.toml", &SMALL.replace("[commands]", &format!("{login}[commands]"))).unwrap();
    assert!(toy.login().username.is_match(b"Who:") && !toy.login().username.is_match(b"login:"));
    assert_eq!(toy.login().refusal("Go away, you"), Some("Go away"));
    assert_eq!(toy.login().refusal("Login incorrect"), Some("Login incorrect"));
}

#[test]
fn telnet_needs_a_shell() {
    let exec = SMALL.replace("\"ssh\"", "\"telnet\"").replace("\"shell\"", "\"exec\"");
    let said = compile::platform("toy.toml", &exec).unwrap_err().to_string();
    assert!(said.contains("transport") && said.contains("telnet has a shell only"), "{said}");
}
