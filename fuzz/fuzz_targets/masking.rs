//! No secret of a line that a rule knows shows, whatever stands around it. The input is the text around the line.
#![no_main]

use libfuzzer_sys::fuzz_target;
use netraven_fuzz::{
    platform::{MaskKey, mask_generic},
    shipped,
};

const SECRET: &str = "Zq9Wv7Kx3Lm5Tn8R";

/// Rules of these platforms look at one line.
const LINES: [(&str, &str); 8] = [
    ("cisco_ios", "username backup privilege 15 secret 9 S3CRET"),
    ("cisco_ios", "snmp-server community S3CRET RO"),
    ("arista_eos", "username admin privilege 15 role network-admin secret sha512 S3CRET"),
    ("cisco_nxos", "snmp-server community S3CRET group network-operator"),
    ("cisco_asa", "enable password S3CRET pbkdf2"),
    ("perle", "tacacs-server key 7 S3CRET"),
    ("vsololt", "user add admin login-password S3CRET"),
    ("frr", " neighbor 192.0.2.1 password S3CRET"),
];

fuzz_target!(|data: &[u8]| {
    let Some((&choice, rest)) = data.split_first() else { return };
    let key = MaskKey::new([7; 32]);
    let around = String::from_utf8_lossy(rest).replace(SECRET, "");
    let (before, behind) = around.split_once('\0').unwrap_or((&around, ""));
    let (platform, line) = LINES[usize::from(choice) % LINES.len()];
    let text = format!("{before}\n{}\n{behind}\n", line.replace("S3CRET", SECRET));
    let masked = shipped().get(platform).expect("shipped").masked(text.as_bytes(), &key);
    assert!(!masked.contains(SECRET), "{masked}");
    let _ = mask_generic(&around, &key);
});
