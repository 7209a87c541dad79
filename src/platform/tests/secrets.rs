use super::{mask_key, platform};
use crate::platform::{InfoOutput, MaskKey, Platforms, mask_generic};

/// Everything marked `S3CRET` has to go, everything else has to stay.
pub(super) const VECTORS: &[(&str, &str)] = &[
    ("cisco_ios", "snmp-server community S3CRET RW 5"),
    ("cisco_ios", "snmp-server host 10.0.0.1 vrf Mgmt-vrf informs version 2c S3CRET  tty vtp"),
    ("cisco_ios", "snmp-server user u g v3 auth sha S3CRET priv aes 128 S3CRET"),
    ("cisco_ios", "username admin privilege 15 secret 9 S3CRET"),
    ("cisco_ios", "username admin password 0 S3CRET"),
    ("cisco_ios", "enable secret 5 S3CRET"),
    ("cisco_ios", "enable password S3CRET"),
    (
        "cisco_ios",
        "aaa group server tacacs+ T\n server-private 1.1.1.1 key 7 S3CRET\n ip tacacs source-interface Lo9",
    ),
    (
        "cisco_ios",
        "tacacs server T\n address ipv4 1.1.1.1\n key 7 S3CRET\n!\nkey chain K\n key 1\n  key-string S3CRET",
    ),
    ("cisco_ios", "radius-server host 1.1.1.1 auth-port 1812 key S3CRET"),
    ("cisco_ios", " client 10.10.10.10 server-key S3CRET\n client 10.10.10.11 server-key 7 S3CRET"),
    ("cisco_ios", "router bgp 1\n neighbor 10.0.0.1 password 7 S3CRET\n neighbor 10.0.0.1 remote-as 2"),
    (
        "cisco_ios",
        "interface Gi1\n ip ospf message-digest-key 1 md5 7 S3CRET\n standby 1 authentication md5 key-string S3CRET",
    ),
    ("cisco_ios", "crypto isakmp key S3CRET address 10.0.0.1"),
    ("cisco_ios", "line vty 0 4\n password 7 S3CRET\n login"),
    ("cisco_ios", "crypto pki certificate chain X\n certificate 01\n  30820229 30820192\n  quit"),
    ("cisco_ios", "service password-encryption\nsecurity passwords min-length 8\naaa new-model"),
    ("cisco_ios", " archive\n  path scp://backup:S3CRET@10.0.0.1/file"),
    ("arista_eos", "snmp-server community S3CRET ro\nsnmp-server host 10.1.2.3 version 1 S3CRET"),
    ("arista_eos", "username admin privilege 15 role network-admin secret sha512 S3CRET"),
    ("arista_eos", "snmp-server user u g v3 localized f5717f auth sha S3CRET priv aes S3CRET"),
    ("arista_eos", "tacacs-server host 1.1.1.1 key 7 S3CRET\nenable password sha512 S3CRET"),
    (
        "arista_eos",
        "router bgp 1\n   neighbor 10.0.0.1 password 7 S3CRET\n   neighbor 10.0.0.1 maximum-routes 0",
    ),
    ("juniper_junos", "    encrypted-password \"S3CRET\"; ## SECRET-DATA\n    uid 2002;"),
    ("juniper_junos", "snmp {\n    community S3CRET {\n        authorization read-only;\n    }\n}"),
    ("juniper_junos", "class x {\n    permissions [ secret view ];\n}"),
    (
        "juniper_junos",
        "    pre-shared-key ascii-text \"S3CRET\"; ## SECRET-DATA\n    md5 1 key \"S3CRET\"; ## SECRET-DATA",
    ),
    ("juniper_junos", "    \"ftp://user:S3CRET@10.0.0.1/\";\n    community NO members 65000:1;"),
    ("mikrotik_routeros", "/ppp secret\nadd name=bob password=S3CRET service=l2tp"),
    ("mikrotik_routeros", "add passphrase=\"S3CRET\" name=wlan wpa2-pre-shared-key=\"S3CRET\""),
    ("mikrotik_routeros", "add comment=x name=wg private-key=\\\n    \"S3CRET\" mtu=1420"),
    (
        "mikrotik_routeros",
        "/snmp community\nset [ find default=yes ] authentication-password=S3CRET name=S3CRET\nadd name=S3CRET\n/interface\nadd name=lan",
    ),
    ("mikrotik_routeros", "set always-allow-password-login=yes"),
    ("frr", "password S3CRET\nenable password 8 S3CRET\nrouter bgp 1\n neighbor 10.0.0.2 password S3CRET"),
    ("linux", "rocommunity S3CRET default\n[wifi-security]\npsk=S3CRET\nPasswordAuthentication no"),
    ("linux", "-----BEGIN OPENSSH PRIVATE KEY-----\nS3CRET\nS3CRET\n-----END OPENSSH PRIVATE KEY-----\nkept"),
];

#[test]
fn only_the_secrets_are_covered() {
    for (key, template) in VECTORS {
        let text = template.replace("S3CRET", "hunter2x");
        let masked = platform(key).masked(text.as_bytes(), &mask_key());
        assert!(!masked.contains("hunter2x"), "{key}: {text}\n=> {masked}");
        let mut rest = masked.as_str();
        for public in template.split("S3CRET").flat_map(str::split_whitespace) {
            let at = rest.find(public).unwrap_or_else(|| panic!("{key}: {public:?} is gone from\n{masked}"));
            rest = rest.get(at + public.len()..).unwrap();
        }
        let tags = masked.matches("<secret:").count();
        let expected = template.matches("S3CRET").count();
        assert!(tags == expected || template.contains("-----BEGIN"), "{key}: {tags} tags in\n{masked}");
    }
}

#[test]
fn tags_follow_the_value_and_the_key() {
    let ios = platform("cisco_ios");
    let tag = |text: &str| ios.masked(text.as_bytes(), &mask_key()).rsplit(' ').next().unwrap().to_owned();
    let first = tag("enable secret 5 abc");
    assert_eq!(first.len(), "<secret:3f9a1c>".len());
    assert_eq!(first, tag(" password 7 abc"));
    assert_ne!(first, tag("enable secret 5 abd"));
    let other_key = crate::platform::MaskKey::new([8; 32]);
    assert_ne!(first, ios.masked(b"enable secret 5 abc", &other_key).rsplit(' ').next().unwrap());
    assert_eq!(mask_generic("secret abc", &mask_key()), format!("secret {first}"));
}

#[test]
fn texts_of_unknown_kind_are_covered_by_the_words_before_the_secret() {
    for said in [
        "password: hunter2x",
        "set psk=hunter2x",
        "community hunter2x ro",
        "http://u:hunter2x@h/",
        "\"token\": \"hunter2x\"",
    ] {
        assert!(!mask_generic(said, &mask_key()).contains("hunter2x"), "{said}");
    }
    assert_eq!(mask_generic("service password-encryption", &mask_key()), "service password-encryption");
    let once = platform("cisco_ios").masked(b"tacacs-server key 7 abc\nenable secret 9 abc\n", &mask_key());
    assert_eq!(once.matches("<secret:").count(), 2);
    assert_eq!(mask_generic(&once, &mask_key()), once, "what is masked stays as it is");
}

#[test]
fn what_moves_by_itself_is_no_change() {
    let ios = platform("cisco_ios");
    let first = "Building configuration...\n\nCurrent configuration : 20 bytes\n!\n! Last configuration change at 09:37\nhostname a\nend\n";
    let second = "Building configuration...\n\nCurrent configuration : 21 bytes\r\n!\r\n! Last configuration change at 10:00 by x\r\nhostname a\r\nend\r\n\r\n";
    assert_eq!(ios.normalised(first.as_bytes()), "!\nhostname a\nend\n");
    assert_eq!(ios.normalised(first.as_bytes()), ios.normalised(second.as_bytes()));
    assert_ne!(ios.normalised(b"description \xe4"), ios.normalised(b"description \xf6"));

    let routeros = platform("mikrotik_routeros");
    let text = "# 2024-10-25 06:08:35 by RouterOS 7.10.1\n# software id = X\n# poe-out status: off\n/ip\n";
    assert_eq!(routeros.normalised(text.as_bytes()), "# software id = X\n/ip\n");
}

#[test]
fn secrets_are_covered_in_the_forms_that_devices_write_them() {
    let platforms = Platforms::shipped().unwrap();
    let key = MaskKey::new([7; 32]);
    for (platform, text) in [
        ("cisco_ios", "crypto isakmp client configuration group VPN\n key CANARY\n dns 192.0.2.1\n"),
        ("cisco_ios", "sip-ua\n authentication username u password 7 CANARY realm r\n"),
        ("cisco_ios", "sip-ua\n credentials username u password 7 CANARY realm r\n"),
        ("cisco_ios", "ldap server x\n bind authenticate root-dn cn=x password 7 CANARY\n"),
        ("cisco_ios", "voice register pool 1\n username 1001 password CANARY\n"),
        ("cisco_ios", "crypto keyring k\n  pre-shared-key address ipv6 2001:DB8::/64 key CANARY\n"),
        ("cisco_ios", "crypto ikev2 keyring k\n  pre-shared-key local hex CANARY\n"),
        ("juniper_junos", "snmp {\n    community CANARY;\n}\n"),
        ("juniper_junos", "system {\n    authentication-key \"$9$CANARY/cd"),
        ("juniper_junos", "    encrypted-password \"$6$CANARY/cd"),
        ("arista_eos", "   key 0abc 7 CANARY\n"),
        ("mikrotik_routeros", "/interface macsec\nadd cak=CANARY name=m1\n"),
        ("mikrotik_routeros", "/user\nadd name=u password=\"CANARY x"),
        ("frr", " pcc\n  tcp-md5-auth CANARY\n"),
        ("linux", "### /etc/fstab\n//srv/x /mnt cifs username=u,password=CANARY,uid=1 0 0\n"),
        ("linux", "### /etc/netplan/a.yaml\n      password: \"my CANARY pass\"\n"),
        ("linux", "[wifi-security]\npsk=my CANARY pass\n[802-1x]\nprivate-key-password=CANARY\n"),
        ("linux", "[vpn]\nXauth password=CANARY\nIPSec secret=CANARY\n"),
        ("linux", "iface wlan0 inet dhcp\n    wpa-psk my CANARY\n"),
    ] {
        let masked = platforms.get(platform).unwrap().masked(text.as_bytes(), &key);
        assert!(!masked.contains("CANARY"), "{platform}: {masked}");
        assert!(masked.contains("<secret:"), "{platform}: {masked}");
    }
}

#[test]
fn a_value_that_was_cut_inside_its_quotes_is_covered_on_a_screen() {
    let masked = mask_generic("set password=\"CANARY and mo", &MaskKey::new([7; 32]));
    assert!(!masked.contains("CANARY"), "{masked}");
}

#[test]
fn the_configuration_command_is_not_guessed_where_a_version_decides() {
    let routeros = Platforms::shipped().unwrap().get("mikrotik_routeros").unwrap();
    assert_eq!(routeros.undecided(&[]), Some("/system resource print"));
    let told =
        InfoOutput { command: "/system resource print".to_owned(), text: "version: 7.10.1".to_owned() };
    assert_eq!(routeros.undecided(&[told]), None);
}
