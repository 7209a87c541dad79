use super::*;

fn keys(allowed: Algorithms, pinned: &[&str]) -> Vec<String> {
    let pinned: Vec<_> = pinned.iter().map(|&name| name.to_owned()).collect();
    host_keys(allowed, &pinned).iter().map(ToString::to_string).collect()
}

#[test]
fn pinned_types_come_first_and_sha1_never() {
    let names = |pinned: &[&str]| keys(Algorithms::Modern, pinned);
    assert_eq!(names(&[]).first().unwrap(), "ssh-ed25519");
    assert_eq!(names(&["ssh-rsa"]).get(..3).unwrap(), ["rsa-sha2-512", "rsa-sha2-256", "ssh-ed25519"]);
    assert_eq!(names(&["ecdsa-sha2-nistp384"]).first().unwrap(), "ecdsa-sha2-nistp384");
    for names in offered(&preferred(Algorithms::Modern, &["ssh-rsa".to_owned()])) {
        assert!(!names.iter().any(|name| is_legacy(name)), "{names:?}");
    }
}

/// Each kind in two parts: first all that modern devices are offered, in the same order, then the old ones.
#[test]
fn old_algorithms_come_after_every_modern_one() {
    let modern = offered(&preferred(Algorithms::Modern, &[]));
    let legacy = offered(&preferred(Algorithms::Legacy, &[]));
    for (modern, legacy) in modern.iter().zip(&legacy) {
        let (first, rest) = legacy.split_at(modern.len());
        assert_eq!(first, modern);
        assert!(!rest.is_empty() && rest.iter().all(|name| is_legacy(name)), "{rest:?}");
    }
    let expected = ["rsa-sha2-512", "rsa-sha2-256", "ssh-rsa"];
    assert_eq!(keys(Algorithms::Legacy, &["ssh-rsa"]).get(..3).unwrap(), expected);
}

#[test]
fn strict_key_exchange_is_asked_for_whatever_is_allowed() {
    for allowed in Algorithms::ALL {
        let ours = preferred(*allowed, &[]);
        assert!(ours.kex.contains(&kex::EXTENSION_OPENSSH_STRICT_KEX_AS_CLIENT), "{allowed}");
    }
}

#[test]
fn what_is_agreed_on_is_the_first_of_ours_that_they_have() {
    let offer = |kex: &str, keys: &str, ciphers: &str, macs: &str| {
        let list = |names: &str| names.split(' ').map(str::to_owned).collect();
        Offer { kex: list(kex), keys: list(keys), ciphers: list(ciphers), macs: list(macs) }
    };
    let both = |offer: &Offer| {
        [Algorithms::Modern, Algorithms::Legacy].map(|allowed| agreed(&preferred(allowed, &[]), offer).ok())
    };
    let old = "diffie-hellman-group1-sha1";
    let [modern, legacy] = both(&offer(old, "ssh-dss", "3des-cbc aes128-cbc", "hmac-md5 hmac-sha1"));
    assert_eq!(modern, None);
    assert_eq!(legacy.unwrap(), [old, "ssh-dss", "aes128-cbc", "hmac-sha1"]);
    let mixed = format!("{old} curve25519-sha256");
    let [modern, legacy] =
        both(&offer(&mixed, "ssh-rsa ssh-ed25519", "aes128-cbc aes128-gcm@openssh.com", "x"));
    assert_eq!(modern.as_deref().unwrap(), ["curve25519-sha256", "ssh-ed25519", "aes128-gcm@openssh.com"]);
    assert_eq!(modern, legacy);
    let lost = agreed(&preferred(Algorithms::Legacy, &[]), &offer(old, "ssh-rsa", "aes128-cbc", "hmac-md5"));
    assert_eq!(kind(&lost.unwrap_err()), "MAC");
}
