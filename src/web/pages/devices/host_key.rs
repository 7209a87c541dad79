//! Accepting the new host key of a device.

use actix_web::{
    HttpRequest, HttpResponse,
    web::{Data, Path},
};
use serde::Deserialize;

use super::{detail, found, looking};
use crate::{
    domain::{access::AcceptHostKeys, id::DeviceId},
    service::{
        Core, host_keys,
        sign_in::{self, SignInError},
    },
    web::{
        complaints::Complaints,
        error::PageError,
        flash::Flash,
        form::{Form, Hidden},
        href, reply, request,
        session::May,
        shell::Shell,
    },
};

/// The key that was compared, and the person's own password (S-27).
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AcceptForm {
    fingerprint: String,
    password: Hidden,
}

/// `POST /devices/{id}/host-key`: pins the key that was refused.
pub async fn accept(
    req: HttpRequest,
    core: Data<Core>,
    by: May<AcceptHostKeys>,
    path: Path<i64>,
    Form(form): Form<AcceptForm>,
) -> Result<HttpResponse, PageError> {
    let id = DeviceId(*path);
    let wrong = match sign_in::is_oneself(&core, by.actor(), form.password.secret()).await {
        Ok(true) => None,
        Ok(false) | Err(SignInError::Refused) => Some("This is not your password."),
        Err(SignInError::Busy) => Some("Too much is going on at once. Wait a few seconds, then try again."),
        Err(SignInError::Fault(fault)) => return Err(fault.into()),
    };
    if let Some(message) = wrong {
        let complaints = Complaints::on_field("password", message);
        return detail::show(&core, &looking(&by)?, id, (Shell::around(&req)?, complaints)).await;
    }
    // A device that is not there has no key to be old.
    found(&core, &looking(&by)?, id).await?;
    let flash = if host_keys::accept(&core, &by, id, &form.fingerprint).await? {
        Flash::done("The new host key is pinned. The next backup will go through to it.")
    } else {
        Flash::problem("The device has shown another key since. Compare the fingerprints again.")
    };
    Ok(reply::see_other_saying(&href::device(id), &flash, &*request::site(&req)?))
}
