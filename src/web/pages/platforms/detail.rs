//! One platform: how it is reached, what is asked, what proves it, and its file.

use actix_web::{
    HttpResponse,
    web::{Data, Path},
};
use askama::Template;

use crate::{
    domain::access::ViewDevices,
    service::{
        Core,
        platforms::{self, Detail},
    },
    web::{error::PageError, href, parts::Badge, reply, session::May, shell::Shell, words},
};

#[derive(Template)]
#[template(path = "platforms/detail.html")]
struct DetailPage {
    shell: Shell,
    title: String,
    key: String,
    vendor: String,
    ways: String,
    proof: Badge,
    proof_by: Option<String>,
    is_untested: bool,
    config: Vec<String>,
    info: Vec<String>,
    devices: String,
    of: String,
    source: String,
}

/// `GET /platforms/{key}`.
pub async fn page(
    core: Data<Core>,
    by: May<ViewDevices>,
    key: Path<String>,
    shell: Shell,
) -> Result<HttpResponse, PageError> {
    let found = platforms::find(&core, &by, &key).await?.ok_or(PageError::NotFound)?;
    let Detail { known, proof_by, commands: (config, info), source } = found;
    reply::html(&DetailPage {
        shell,
        ways: super::ways(&known.transports),
        proof: super::proof(&known.proof),
        proof_by,
        is_untested: known.proof == "untested",
        config,
        info,
        devices: words::count(known.devices, "device"),
        of: href::with(href::devices(), &[("platform", &known.key)]),
        title: known.title,
        key: known.key,
        vendor: known.vendor,
        source,
    })
}
