//! Sessions written by hand (`tests/fixtures`), one at least for each platform; their format is in `README.md` there.

use netraven::platform::{MaskKey, Platforms};

use super::playing::{cuts_are_not_believed, kept_masked_and_unchanged, log};
use crate::support::{
    house::House,
    recorded::{SHIPPED, by_hand, read, sessions},
};

#[tokio::test(flavor = "multi_thread")]
async fn every_platform_has_a_session_that_is_kept_as_it_says() {
    let (house, mut fleet) = (House::new().await, Vec::new());
    for (recorded, path) in by_hand() {
        let public = recorded
            .words
            .fail
            .iter()
            .filter(|secret| !recorded.lines.iter().any(|line| line.contains(*secret)));
        assert_eq!(
            public.collect::<Vec<_>>(),
            Vec::<&String>::new(),
            "{}: not in the configuration",
            recorded.name
        );
        let (raw, _, device) = kept_masked_and_unchanged(&house, &recorded).await;
        fleet.extend(device);
        // Byte for byte, line ends too.
        let wanted = std::fs::read(path.with_extension("config")).unwrap();
        assert_eq!(raw, String::from_utf8_lossy(&wanted), "{}", recorded.name);
    }
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_cut_anywhere_are_never_promoted() {
    let (house, mut fleet) = (House::new().await, Vec::new());
    for (recorded, _) in by_hand() {
        fleet.extend(cuts_are_not_believed(&house, &recorded).await);
    }
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_device_says_of_itself_and_that_it_hides_secrets_is_in_the_log() {
    let house = House::new().await;
    let platforms = Platforms::shipped().unwrap();
    let mut logs = Vec::new();
    for key in ["cisco_ios", "cisco_ftd"] {
        let platform = platforms.get(key).unwrap();
        let path = sessions(&platform).remove(0);
        logs.push(log(&house, &read(&path, &platform)).await);
    }
    let hides = |log: &Vec<String>| log.iter().any(|line| line.contains("itself left secrets out"));
    assert!(!hides(&logs[0]) && hides(&logs[1]), "{logs:#?}");
    let said: Vec<&String> = logs[0].iter().filter(|line| line.contains("says of itself")).collect();
    assert_eq!(said.len(), 1, "{logs:#?}");
    for fact in ["hostname sw-access-7, ", "version 15.2(7)E4, ", "changed by "] {
        assert!(said[0].contains(fact), "{fact}: {said:?}");
    }
    house.close().await;
}

/// Lists that come from Oxidized call a firewall of Fortinet by the name of the other Fortinet platform.
#[test]
fn what_is_secret_on_a_fortigate_is_covered_by_the_rules_of_its_namesakes() {
    let (own, other) = (SHIPPED.get("fortinet_fortigate").unwrap(), SHIPPED.get("fortinet_fortios").unwrap());
    for path in sessions(&own) {
        let recorded = read(&path, &own);
        let masked = other.masked(recorded.lines.join("\n").as_bytes(), &MaskKey::new([7; 32]));
        let shown: Vec<_> = recorded.words.fail.iter().filter(|secret| masked.contains(*secret)).collect();
        assert_eq!(shown, Vec::<&String>::new(), "{}", recorded.name);
    }
}
