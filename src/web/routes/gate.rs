//! The gates before the routes: who is let through to a handler, and what is told about whoever is not.

use actix_web::{
    Error, HttpResponse, Resource, Route as ActixRoute,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    http::{StatusCode, header},
    middleware::{Next, from_fn},
    web,
};

use super::ROUTES;
use crate::{
    domain::access::Permission,
    web::session::{self, May, SignedIn},
};

/// A path that answers other methods with 405 and the methods it has.
pub(super) fn resource(path: &'static str) -> Resource {
    web::resource(path).default_service(web::to(move || async move {
        let has = |method| ROUTES.iter().any(|route| route.path == path && route.method == method);
        let allow = match (has("GET"), has("POST")) {
            (true, true) => "GET, HEAD, POST",
            (true, false) => "GET, HEAD",
            (false, _) => "POST",
        };
        HttpResponse::MethodNotAllowed().insert_header((header::ALLOW, allow)).finish()
    }))
}

/// `route` for whoever is signed in.
pub fn signed_in(route: ActixRoute) -> ActixRoute {
    route.wrap(from_fn(require_sign_in))
}

/// `route` for whoever has the permission `P`.
pub fn needs<P: Permission>(route: ActixRoute) -> ActixRoute {
    route.wrap(from_fn(require::<P, _>))
}

/// `route` for whoever has the permission `P` and proved again who it is.
pub fn confirmed<P: Permission>(route: ActixRoute) -> ActixRoute {
    route.wrap(from_fn(require_confirmed::<P, _>))
}

async fn require_sign_in<B: MessageBody + 'static>(
    mut req: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse, Error> {
    match req.extract::<SignedIn>().await {
        Ok(_) => Ok(next.call(req).await?.map_into_boxed_body()),
        Err(refusal) => Ok(req.error_response(refusal)),
    }
}

async fn require<P: Permission, B: MessageBody + 'static>(
    mut req: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse, Error> {
    let Err(refusal) = req.extract::<May<P>>().await else {
        return answer(req, next).await;
    };
    session::tell_refusal(req.request(), Some(&refusal)).await;
    Ok(req.error_response(refusal))
}

/// The handler's answer; a "not found" that somebody with a limited sight gets is told in the trail (S-37).
async fn answer<B: MessageBody + 'static>(
    req: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse, Error> {
    let asked = req.request().clone();
    let response = next.call(req).await?.map_into_boxed_body();
    if response.status() == StatusCode::NOT_FOUND {
        session::tell_refusal(&asked, None).await;
    }
    Ok(response)
}

async fn require_confirmed<P: Permission, B: MessageBody + 'static>(
    mut req: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse, Error> {
    let refusal = match req.extract::<May<P>>().await {
        Err(refusal) => refusal,
        Ok(_) => match session::confirmation(req.request()) {
            Ok(()) => return answer(req, next).await,
            Err(refusal) => refusal,
        },
    };
    session::tell_refusal(req.request(), Some(&refusal)).await;
    Ok(req.error_response(refusal))
}
