//! What a person sees: every page in a real browser.

mod administration;
mod journey;
mod live;
mod pages;
mod photo;
mod screens;
mod walk;
mod world;
mod xss;

use netraven::domain::access::Role;

use crate::support::{
    chromium::Browser,
    house::{House, PASSWORD},
    process::until,
};

/// Signs a new administrator in.
async fn as_admin(browser: &Browser, house: &House) {
    let name = house.person(Role::Admin).await;
    sign_in(browser, house, &name).await;
}

/// Signs somebody who exists in.
async fn sign_in(browser: &Browser, house: &House, name: &str) {
    browser.goto(&house.url("/login")).await;
    browser.fill("#username", name).await;
    browser.fill("#password", PASSWORD).await;
    browser.click("main form .btn-primary").await;
    browser.wait_for(".who").await;
}

/// Waits until the text of an element holds these words, and gives it; loads the page anew each time if `reload`.
async fn shows(browser: &Browser, selector: &str, words: &str, reload: bool) -> String {
    until(
        20,
        async || {
            if reload {
                browser.session().post("refresh", serde_json::json!({})).await;
            }
            // Between two looks the page may be another one: its elements are gone then.
            let element = browser.session().element(selector).await.ok()?;
            let text = browser.session().try_get(&format!("element/{element}/text")).await.ok()?;
            let text = text.as_str()?.to_owned();
            text.contains(words).then_some(text)
        },
        || format!("`{selector}` never showed {words:?}"),
    )
    .await
}

/// Fails with everything that the console, the policy or the network complained about since the last call.
async fn assert_quiet(browser: &Browser, house: &House, what: &str) {
    let problems = browser.console_problems().await;
    assert!(problems.is_empty(), "{what}: {problems:#?}");
    let outside = browser.requests_outside(&house.url("")).await;
    assert!(outside.is_empty(), "{what} asked elsewhere: {outside:#?}");
}
