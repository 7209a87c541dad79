use crate::platform::leaks;

/// Lines with a secret in clear, as the masked text would show them where no rule covered it.
const LEAKING: &[&str] = &[
    "enable secret hunter2x",
    "enable secret 5 $1$abcd$hunter2x",
    "username admin privilege 15 password 0 hunter2x",
    "snmp-server community hunter2x RO",
    "snmp-server community \"hunter2x\" view all",
    "set psk hunter2x",
    "  wpa-psk=hunter2x",
    "    pre-shared-key ascii-text \"hunter2x\";",
    "        set password ENC hunter2x",
    "  \"api_key\": \"hunter2x\",",
    "api-token: hunter2x",
    "  <password>hunter2x</password>",
    "set system login user a authentication plaintext-password 'hunter2x'",
    "add name=x password=hunter2x service=any",
    " key-string 7 hunter2x",
    " ip ospf authentication-key hunter2x",
    "passphrase hunter2x",
    "tacacs-server host 192.0.2.1 shared-secret hunter2x",
];

/// Lines that are about secrets and hold none.
const HARMLESS: &[&str] = &[
    "service password-encryption",
    "security passwords min-length 10",
    "enable secret 5 <secret:3f9a1c>",
    "username admin secret sha512 <secret:3f9a1c> role x",
    "snmp-server community <secret:3f9a1c> RO",
    "super password role network-admin hash <secret:8a55f7>",
    "  <password><secret:dadde2></password>",
    "password policy strong",
    "password history 5",
    "password minimum length 12",
    "ip community-list standard X permit 65000:1",
    " set community 65000:1 additive",
    "neighbor 192.0.2.1 send-community both",
    "  send-community large",
    "aaa authentication login default local",
    "crypto key generate rsa",
    "set system services ssh no-password-authentication",
    "PasswordAuthentication no",
    "password ********",
    "# a comment without anything",
    " description password is hunter2x, ask Bob",
    "token-ring early-release",
    "",
];

#[test]
fn lines_with_a_secret_in_clear_are_flagged_and_the_value_is_not_shown() {
    for line in LEAKING {
        let found = leaks(&format!("hostname r1\n{line}\nend\n"));
        assert_eq!(found.len(), 1, "{line}: {found:?}");
        assert_eq!(found[0].line, 2, "{line}");
        assert!(!found[0].shown.contains("hunter2x") && found[0].shown.contains("<?>"), "{line}: {found:?}");
    }
}

#[test]
fn lines_about_secrets_are_not() {
    for line in HARMLESS {
        assert_eq!(leaks(line), Vec::new(), "{line}");
    }
}
