//! The pages of platforms: what there is, what proves it, and how many devices of each one sees.

use netraven::{domain::access::Role, platform::Platforms};
use reqwest::StatusCode;

use super::scope::{MARK, divided, scoped};
use crate::support::{house::House, stock};

#[tokio::test]
async fn platforms_are_listed_with_what_proves_them_and_shown_with_their_file() {
    let house = House::new().await;
    let viewer = house.signed_in(Role::Viewer).await;
    let page = viewer.page("/platforms").await;
    let shipped = Platforms::shipped().unwrap();
    assert!(page.contains(&format!("{} platforms", shipped.keys().len())), "{page}");
    for platform in shipped.all() {
        assert!(page.contains(&format!("href=\"/platforms/{}\"", platform.key())), "{}", platform.key());
    }
    let page = viewer.page("/platforms?q=ZYXEL").await;
    assert!(page.contains("1 platform<") && page.contains("Untested"), "{page}");
    assert!(!page.contains("/platforms/cisco_ios"), "{page}");
    assert!(viewer.page("/platforms?q=ironware").await.contains("Ruckus ICX"));
    assert!(viewer.page("/platforms?q=no+such+thing").await.contains("No platform like this"));
    let page = viewer.page("/platforms/cisco_ios").await;
    for words in ["Recorded session", "show running-config", "SSH, Telnet", "key = &#34;cisco_ios&#34;"] {
        assert!(page.contains(words), "{words} is not in {page}");
    }
    assert!(viewer.page("/platforms/zyxel_gs").await.contains("Nobody has seen these rules at work yet"));
    assert_eq!(viewer.get("/platforms/nothing").await.status(), StatusCode::NOT_FOUND);
}

// S-37: the number of devices is that of the devices one sees.
#[tokio::test]
async fn devices_are_counted_within_the_scope() {
    let house = divided().await;
    let admin = super::sign_in(&house, "admin").await;
    assert!(admin.page("/platforms/cisco_ios").await.contains("2 devices"));
    for (role, person) in scoped(&house).await {
        let page = person.page("/platforms/cisco_ios").await;
        assert!(page.contains("1 device<") && !page.contains(MARK), "as {role}: {page}");
    }
}

fn field<'a>(page: &'a str, name: &str) -> &'a str {
    let (_, rest) = page.split_once(&format!("name=\"{name}\" value=\"")).unwrap();
    rest.split_once('"').unwrap().0
}

#[tokio::test]
async fn a_platform_is_looked_at_saved_tried_and_taken_up_on_its_pages() {
    let house = House::new().await;
    let device = stock::device(&house.core, "core-1").await;
    for n in 1..=2 {
        stock::version(&house.core, device, &format!("hostname core-1\nwobble {n}\nend\n")).await;
    }
    let admin = house.signed_in(Role::Admin).await;
    let edit = "/platforms/cisco_ios/edit";
    let page = admin.page(edit).await;
    assert!(page.contains("All at once (1 device)") && field(&page, "seen") == "0", "{page}");
    let source = stock::changed_ios("^wobble ");
    let form = |act| {
        vec![("source", source.as_str()), ("seen", "0"), ("reach", "one"), ("device", "core-1"), ("act", act)]
    };
    let page = admin.post(edit, &form("check")).await;
    assert_eq!(page.status(), StatusCode::OK);
    let page = page.text().await.unwrap();
    for words in ["What it does", "nothing but noise changed", "wobble 1", "^wobble "] {
        assert!(page.contains(words), "{words} is not in {page}");
    }
    // Without a word about what it is for, with what was typed kept.
    let page = admin.post(edit, &form("save")).await;
    assert_eq!(page.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let page = page.text().await.unwrap();
    assert!(page.contains("Say what the change is for") && page.contains("^wobble "), "{page}");
    let with_note = |act| [form(act), vec![("note", "Wobbles.")]].concat();
    let broken = [("source", "key = 3"), ("note", "x"), ("act", "save"), ("reach", "all"), ("seen", "0")];
    let page = admin.post(edit, &broken).await;
    assert_eq!(page.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.text().await.unwrap().contains("line 1"));
    let reply = admin.post(edit, &with_note("save")).await;
    assert_eq!(super::location(&reply), "/platforms/cisco_ios");
    let page = admin.page("/platforms/cisco_ios").await;
    for words in [
        "Revision 1 is saved and on trial",
        "is tried on",
        "core-1",
        "Wobbles.",
        "Not tried yet",
        "Back it up now",
    ] {
        assert!(page.contains(words), "{words} is not in {page}");
    }
    assert!(!page.contains("&#39;^wobble "), "the rules of all others are shown: {page}");
    let page = admin.page("/platforms/cisco_ios/revisions/1").await;
    assert!(page.contains("^wobble ") && page.contains("Use for all devices"), "{page}");
    let reply = admin.post("/platforms/cisco_ios/use", &[("revision", "1")]).await;
    assert_eq!(super::location(&reply), "/platforms/cisco_ios");
    let page = admin.page("/platforms/cisco_ios").await;
    assert!(page.contains("These rules were changed here") && page.contains("^wobble "), "{page}");
    admin.post("/platforms/cisco_ios/aside", &[("state", "in_use")]).await;
    let page = admin.page("/platforms/cisco_ios").await;
    assert!(!page.contains("These rules were changed here") && page.contains("Put aside"), "{page}");
    assert_eq!(admin.get("/platforms/frr/revisions/1").await.status(), StatusCode::NOT_FOUND);
    // One of its own.
    let own = admin.page("/platforms/new").await;
    assert!(own.contains("my_switch"), "{own}");
    let new = source.replacen("key = \"cisco_ios\"", "key = \"own\"", 1);
    let reply = admin.post("/platforms/new", &[("source", &new), ("act", "save"), ("seen", "0")]).await;
    assert_eq!(super::location(&reply), "/platforms/own");
    assert!(admin.page("/devices/new").await.contains("value=\"own\""));
    let viewer = house.signed_in(Role::Viewer).await;
    assert!(!viewer.page("/platforms/own").await.contains("/edit"));
}

#[tokio::test]
async fn a_pasted_session_gives_a_file_that_can_be_looked_at_and_saved() {
    let house = House::new().await;
    let admin = house.signed_in(Role::Admin).await;
    let session = "sw-7#terminal length 0\nsw-7#show version\nFlux OS 3.1\nsw-7#show running-config\n\
                   ! Last configuration change at 10:11:12 UTC Mon Mar 2 2026\nhostname sw-7\n\
                   username admin password 7 0822455D0A16\ninterface Gi0/1\nend\nsw-7#exit\n";
    let reply = admin.post("/platforms/propose", &[("session", "nothing of it")]).await;
    assert_eq!(reply.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let page = reply.text().await.unwrap();
    assert!(page.contains("No prompt was found") && page.contains("nothing of it"), "{page}");
    let page = admin.post("/platforms/propose", &[("session", session)]).await;
    assert_eq!(page.status(), StatusCode::OK);
    let page = page.text().await.unwrap();
    for words in
        ["show running-config", "terminal length 0", "Last configuration change at", "This was made of"]
    {
        assert!(page.contains(words), "{words} is not in {page}");
    }
    assert!(!page.contains("0822455D0A16"), "{page}");
    let (_, file) = page.split_once("wrap=\"off\"").unwrap();
    let (_, file) = file.split_once('>').unwrap();
    let file = file.split_once("</textarea>").unwrap().0.replace("&#39;", "'").replace("&#34;", "\"");
    let file = file.replace("&#62;", ">").replace("&#60;", "<").replace("&#38;", "&");
    let reply = admin.post("/platforms/new", &[("source", &file), ("act", "save"), ("seen", "0")]).await;
    assert_eq!(super::location(&reply), "/platforms/my_device");
    assert!(house.core.platforms.get("my_device").unwrap().judge_kept(b"hostname x\nvlan 3\nend\n").is_ok());
}

#[tokio::test]
async fn noise_in_a_history_leads_to_rules_that_fold_it() {
    let house = House::new().await;
    let device = stock::device(&house.core, "core-1").await;
    for n in 1..=5 {
        let text =
            format!("hostname core-1\nsnmp-server community s3cret{n} RO\nfan speed is {n}000 rpm\nend\n");
        stock::version(&house.core, device, &text.replace(&format!("s3cret{n}"), "s3cret")).await;
    }
    let admin = house.signed_in(Role::Admin).await;
    assert!(admin.page(&format!("/devices/{device}")).await.contains("Noise?"));
    let page = admin.page(&format!("/devices/{device}/noise")).await;
    for words in ["fan speed is 1000 rpm", "Changed", "4 times", "^fan speed is", "Without them 4 versions"] {
        assert!(page.contains(words), "{words} is not in {page}");
    }
    assert!(!page.contains("s3cret"), "{page}");
    let (_, rest) = page.split_once("/platforms/cisco_ios/edit?").unwrap();
    let edit = format!("/platforms/cisco_ios/edit?{}", rest.split_once('"').unwrap().0.replace("&#38;", "&"));
    let form = admin.page(&edit).await;
    assert!(form.contains("&#39;^fan speed is&#39;"), "{form}");
    // A viewer sees the noise, and no way to change rules.
    let viewer = house.signed_in(Role::Viewer).await;
    let page = viewer.page(&format!("/devices/{device}/noise")).await;
    assert!(page.contains("^fan speed is") && !page.contains("/edit?"), "{page}");
    let quiet = stock::device(&house.core, "core-2").await;
    assert!(viewer.page(&format!("/devices/{quiet}/noise")).await.contains("No noise found"));
}
