//! Pages and forms. Every page goes through the guard (headers, limits, tokens) and the table of routes (who may).
//!
//! `App::new().configure(web::configure(core, site)).wrap(from_fn(guard::guard))` is the whole of it.

pub mod assets;
pub mod complaints;
pub mod csrf;
pub mod diff;
pub mod error;
pub mod flash;
pub mod form;
pub mod guard;
pub mod href;
pub mod lists;
pub mod live;
pub mod next;
pub mod ops;
pub mod pages;
pub mod parts;
pub mod reply;
pub mod request;
pub mod routes;
pub mod session;
pub mod shell;
pub mod site;
pub mod upload;
pub mod words;

use actix_web::web::{Data, PayloadConfig, ServiceConfig};

use crate::service::Core;

/// Everything an actix `App` needs besides [`guard::guard`] around it.
pub fn configure(core: Data<Core>, site: Data<site::Site>) -> impl FnOnce(&mut ServiceConfig) {
    move |cfg| {
        cfg.app_data(core)
            .app_data(site)
            .app_data(PayloadConfig::new(guard::UPLOAD_LIMIT))
            .configure(routes::mount)
            .default_service(actix_web::web::to(|| async { Err::<String, _>(error::PageError::NotFound) }));
    }
}
