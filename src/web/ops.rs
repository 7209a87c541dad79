//! For those who run the server.

use actix_web::{HttpResponse, http::header::ContentType};

/// `GET /healthz`: the process answers. Says nothing about devices, versions or load.
pub async fn healthz() -> HttpResponse {
    HttpResponse::Ok()
        .content_type(ContentType::plaintext())
        .body("ok\n")
}
