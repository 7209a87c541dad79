//! For those who run the server.

use actix_web::{HttpResponse, http::header::ContentType, web::Data};

use crate::service::Core;

/// `GET /healthz`: the process answers; `sealed` when it has no keys and so backs nothing up (S-45). Says nothing
/// about devices, versions or load.
pub async fn healthz(core: Data<Core>) -> HttpResponse {
    let word = if core.keyring.why_sealed().is_some() {
        "sealed\n"
    } else {
        "ok\n"
    };
    HttpResponse::Ok()
        .content_type(ContentType::plaintext())
        .body(word)
}
