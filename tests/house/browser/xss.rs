//! S-68: what devices and people write stays text.

use netraven::simulate::{Device, Fault, Platform};

use super::{as_admin, shows, world};
use crate::support::{chromium::Browser, house::House, stock};

/// Markup, the end of an attribute, a template, a reversal of the text.
const MARKUP: &str = "<script>window.__x=1</script>\"><img src=x onerror=window.__x=1>'{{7*7}}\u{202e}abc";
/// The same with the language of terminals: a title, a colour, a bell, a step back.
const TERMINAL: &str = "\u{1b}]0;owned\u{7}\u{1b}[31m\u{8}";

/// Says what a page has run, and what it shows that nobody can see. Fields give back what was typed.
const FOUND: &str = "const copy = document.documentElement.cloneNode(true);
copy.querySelectorAll('input, textarea').forEach(one => one.remove());
const text = copy.outerHTML;
return [window.__x, text.match(/[\\u0000-\\u0008\\u000b-\\u001f\\u007f\\u202a-\\u202e\\u2066-\\u2069]/)?.[0].codePointAt(0) ?? null,
  document.querySelectorAll('img[src=x], main script').length]";

async fn assert_harmless(browser: &Browser, what: &str) {
    let found = browser.execute(FOUND).await;
    assert_eq!(
        found,
        serde_json::json!([null, null, 0]),
        "{what}: what ran, what is invisible, what was built"
    );
    let problems = browser.console_problems().await;
    let problems: Vec<_> =
        problems.iter().filter(|line| !line.contains("422") && !line.contains("401")).collect();
    assert!(problems.is_empty(), "{what}: {problems:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_words_stay_words() {
    let house = House::with(netraven::config::Config::default(), Some(world::options())).await;
    let mut good = Device::new(Platform::CiscoIos, "good-1");
    let hostile = format!(
        "hostname good-1\n!\nbanner motd ^C\n{MARKUP}{TERMINAL}\n^C\n!\ninterface Loopback0\n description {MARKUP}\n!\n"
    );
    good.configuration = good.configuration.replace("hostname good-1\n!\n", &hostile).into();
    good.description = MARKUP.to_owned();
    let mut rude = Device::new(Platform::CiscoIos, "rude-1");
    rude.faults = Fault::ErrorText(Some(format!("% Invalid input {MARKUP}{TERMINAL}"))).into();
    let mut hung = Device::new(Platform::CiscoIos, "hung-1");
    hung.faults = [
        Fault::ErrorText(Some(format!("% Invalid input {MARKUP}{TERMINAL}"))),
        Fault::Slow(std::time::Duration::from_millis(400)),
    ]
    .into_iter()
    .collect();
    let (ids, fleet) = house.fleet([good, rude, hung]).await;
    let (_, ended) = world::run(&house, &ids[..2]).await;
    fleet[0].set_config(&fleet[0].config().replace("'{{7*7}}", "'{{8*8}}<b>"));
    world::run(&house, &ids[..1]).await;
    stock::schedule(&house.core, "<b>\"'{{7*7}}", "60").await;

    let browser = Browser::start().await;
    browser.goto(&house.url("/login")).await;
    browser.fill("#username", "<img src=x onerror=window.__x=1>\"'").await;
    browser.fill("#password", "wrong").await;
    browser.click("main form .btn-primary").await;
    browser.wait_for("#complaints").await;
    assert_harmless(&browser, "refused sign-in").await;
    as_admin(&browser, &house).await;
    let versions = house.versions(ids[0]).await;
    let (new, old) = (versions[0].id, versions[1].id);
    let mut paths = vec![
        "/".to_owned(),
        "/devices".to_owned(),
        "/devices?q=%22%3E%3Cscript%3Ewindow.__x%3D1%3C%2Fscript%3E%E2%80%AE".to_owned(),
        "/jobs?state=%22%3E%3Cscript%3Ewindow.__x%3D1%3C%2Fscript%3E".to_owned(),
        "/jobs".to_owned(),
        "/schedules".to_owned(),
        "/schedules/1".to_owned(),
        "/schedules/1/edit".to_owned(),
        "/schedules/1/delete".to_owned(),
        "/audit".to_owned(),
        format!("/backups/{new}"),
        format!("/backups/{old}"),
        format!("/compare?old={old}&new={new}"),
        format!("/compare?old={old}&new={new}&mode=split"),
        format!("/jobs/{}", ended[0].id),
        format!("/jobs/{}", ended[1].id),
    ];
    for id in &ids {
        paths.extend(["", "/edit", "/delete", "/backups"].map(|page| format!("/devices/{id}{page}")));
    }
    for path in &paths {
        browser.goto(&house.url(path)).await;
        assert_harmless(&browser, path).await;
    }
    browser.goto(&house.url(&format!("/backups/{new}"))).await;
    let text = browser.text("#text").await;
    assert!(
        text.contains("<script>window.__x=1</script>\"><img src=x onerror=window.__x=1>'{{8*8}}"),
        "{text}"
    );
    assert!(text.contains("<U+202E>abc"), "what turns the text round has no mark: {text}");
    // Lines that arrive while the page is open are built by the script, not by a template.
    let running = world::start(&house, ids[2]).await;
    browser.goto(&house.url(&format!("/jobs/{}", running.id))).await;
    browser.execute("window.__same = true").await;
    shows(&browser, ".log", "Invalid input", false).await;
    assert_harmless(&browser, "live log").await;
    shows(&browser, "#job", "Failed", false).await;
    assert_harmless(&browser, "ended job").await;
    house.close().await;
}
