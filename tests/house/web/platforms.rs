//! The pages of platforms: what there is, what proves it, and how many devices of each one sees.

use netraven::{domain::access::Role, platform::Platforms};
use reqwest::StatusCode;

use super::scope::{MARK, divided, scoped};
use crate::support::house::House;

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
