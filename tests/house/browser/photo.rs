//! Pictures of pages, as somebody in front of them sees them.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::json;

use crate::support::{chromium::Browser, source};

/// How a page is looked at.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Look {
    Light,
    Dark,
    Phone,
}

/// Whether `docs/screens` is to be made anew.
pub fn is_kept() -> bool {
    std::env::var_os("NETRAVEN_SCREENS").is_some_and(|value| value == "1")
}

/// Makes the clock of the pages opened from now on stand still.
pub async fn stop_clock(browser: &Browser, now_ms: i64) {
    let source = format!("Date.now = () => {now_ms};");
    browser.session().devtools("Page.addScriptToEvaluateOnNewDocument", json!({ "source": source })).await;
}

/// Photographs a page; keeps the picture in `docs/screens` if pictures are kept.
pub async fn take(browser: &Browser, url: &str, name: &str, look: Look) {
    let (width, suffix) = match look {
        Look::Light => (1280, ""),
        Look::Dark => (1280, "-dark"),
        Look::Phone => (390, "-phone"),
    };
    let (least, most) = if look == Look::Phone { (844, 1800) } else { (720, 1300) };
    browser.dark(look == Look::Dark).await;
    browser.viewport(width, least).await;
    browser.goto(url).await;
    let height = browser.execute("return document.documentElement.scrollHeight").await.as_u64().unwrap();
    browser.viewport(width, u32::try_from(height).unwrap().clamp(least, most)).await;
    let picture = browser.session().get("screenshot").await;
    let png = STANDARD.decode(picture.as_str().unwrap()).unwrap();
    assert_eq!(&png[..8], b"\x89PNG\r\n\x1a\n", "{name}");
    assert_eq!(png[16..20], width.to_be_bytes(), "{name}: its width");
    assert!(png.len() > 8_000, "{name} is blank: {} bytes", png.len());
    if is_kept() {
        let folder = source::root().join("docs/screens");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join(format!("{name}{suffix}.png")), png).unwrap();
    }
}
