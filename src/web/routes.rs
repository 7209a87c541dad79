//! Every route with who may use it: one table, from which the routes are mounted and the tests are generated.

mod gate;
#[macro_use]
mod table;

pub use gate::{confirmed, needs, signed_in};
pub use table::{Access, Route};

use actix_web::{guard, web};

use super::{assets, ops, pages};
use crate::domain::access::Permission;

routes! {
    "/healthz" { GET => ops::healthz : Public }
    "/readyz" { GET => ops::readyz : Public }
    "/metrics" { GET => ops::metrics : Public }
    "/static/{hash}/{name}" { GET => assets::file : Public }
    "/account/theme" { POST => pages::account::theme : Public }
    "/" { GET => pages::dashboard::page : Needs(ViewDevices) }
    "/login" { GET => pages::sign_in::show : Public, POST => pages::sign_in::sign_in : Public }
    "/confirm" { GET => pages::confirm::show : SignedIn, POST => pages::confirm::confirm : SignedIn }
    "/logout" { POST => pages::sign_in::sign_out : SignedIn }
    "/devices" { GET => pages::devices::list::page : Needs(ViewDevices) }
    "/devices/new" {
        GET => pages::devices::form::new : Needs(ManageDevices),
        POST => pages::devices::form::create : Needs(ManageDevices),
    }
    "/devices/check" { POST => pages::devices::run::check : Needs(RunBackups) }
    "/devices/bulk" { POST => pages::devices::bulk::bulk : Needs(ManageDevices) }
    "/devices.csv" { GET => pages::devices::list::csv : Needs(ViewDevices) }
    "/devices/deleted" { GET => pages::devices::deleted::page : Needs(ManageDevices) }
    "/devices/{id}/restore" { POST => pages::devices::deleted::restore : Needs(ManageDevices) }
    "/devices/{id}/purge" {
        GET => pages::devices::deleted::ask : Confirmed(DeleteBackups),
        POST => pages::devices::deleted::purge : Confirmed(DeleteBackups),
    }
    "/devices/{id}" { GET => pages::devices::detail::page : Needs(ViewDevices) }
    "/devices/{id}/noise" { GET => pages::devices::noise::page : Needs(ViewDevices) }
    "/devices/{id}/clone" { GET => pages::devices::form::clone : Needs(ManageDevices) }
    "/devices/{id}/edit" {
        GET => pages::devices::form::edit : Needs(ManageDevices),
        POST => pages::devices::form::update : Needs(ManageDevices),
    }
    "/devices/{id}/delete" {
        GET => pages::devices::delete::ask : Needs(ManageDevices),
        POST => pages::devices::delete::delete : Needs(ManageDevices),
    }
    "/devices/{id}/platform" { POST => pages::devices::proposal::confirm : Needs(ManageDevices) }
    "/devices/{id}/host-key" { POST => pages::devices::host_key::accept : Needs(AcceptHostKeys) }
    "/imports" { GET => pages::imports::list::page : Needs(ManageDevices) }
    "/imports/new" {
        GET => pages::imports::new::show : Needs(ManageDevices),
        POST => pages::imports::new::stage : Needs(ManageDevices),
    }
    "/imports/{id}" {
        GET => pages::imports::detail::page : Needs(ManageDevices),
        POST => pages::imports::waiting::read_as : Needs(ManageDevices),
    }
    "/imports/{id}/apply" { POST => pages::imports::waiting::apply : Needs(ManageDevices) }
    "/imports/{id}/discard" { POST => pages::imports::waiting::discard : Needs(ManageDevices) }
    "/imports/{id}/rejected" { GET => pages::imports::waiting::rejected : Needs(ManageDevices) }
    "/imports/{id}/undo" {
        GET => pages::imports::undo::ask : Needs(ManageDevices),
        POST => pages::imports::undo::undo : Needs(ManageDevices),
    }
    "/backups" { GET => pages::backups::browse::page : Needs(ViewDevices) }
    "/backups/export" {
        GET => pages::backups::export::page : Needs(ViewDevices),
        POST => pages::backups::export::masked : Needs(ViewDevices),
    }
    "/backups/export/raw" {
        GET => pages::backups::export::ask_raw : Confirmed(ReadRaw),
        POST => pages::backups::export::raw : Confirmed(ReadRaw),
    }
    "/backups/run" { POST => pages::devices::run::run : Needs(RunBackups) }
    "/setup" { GET => pages::setup::show : Public, POST => pages::setup::claim : Public }

    "/batches" { GET => pages::batches::list::page : Needs(ViewDevices) }
    "/batches/{id}" { GET => pages::batches::detail::page : Needs(ViewDevices) }
    "/batches/{id}/cancel" {
        GET => pages::batches::cancel::ask : Needs(RunBackups),
        POST => pages::batches::cancel::cancel : Needs(RunBackups),
    }
    "/batches/{id}/again" { POST => pages::batches::again::again : Needs(RunBackups) }
    "/jobs" { GET => pages::jobs::list::page : Needs(ViewDevices) }
    "/jobs/retention" {
        GET => pages::jobs::retention::page : Needs(DeleteJobs),
        POST => pages::jobs::retention::apply : Needs(DeleteJobs),
    }
    "/jobs/older" { POST => pages::jobs::retention::delete_older : Needs(DeleteJobs) }
    "/jobs/{id}" { GET => pages::jobs::detail::page : Needs(ViewDevices) }
    "/jobs/{id}/events" { GET => pages::jobs::events::follow : Needs(ViewDevices) }
    "/jobs/{id}/cancel" { POST => pages::jobs::detail::cancel : Needs(RunBackups) }
    "/jobs/{id}/delete" {
        GET => pages::jobs::delete::ask : Needs(DeleteJobs),
        POST => pages::jobs::delete::delete : Needs(DeleteJobs),
    }
    "/jobs/{id}/transcript" {
        GET => pages::jobs::transcript::page : Confirmed(ReadRaw),
        POST => pages::jobs::transcript::raw : Confirmed(ReadRaw),
    }
    "/devices/{id}/backups" { GET => pages::backups::list::page : Needs(ViewDevices) }
    "/backups/{id}" { GET => pages::backups::detail::page : Needs(ViewDevices) }
    "/backups/{id}/raw" { GET => pages::backups::detail::raw : Needs(ReadRaw) }
    "/backups/{id}/text" { GET => pages::backups::detail::text : Needs(ViewDevices) }
    "/backups/{id}/pin" { POST => pages::backups::care::pin : Needs(NoteBackups) }
    "/backups/{id}/note" { POST => pages::backups::detail::note : Needs(NoteBackups) }
    "/backups/{id}/verify" { POST => pages::backups::care::verify : Needs(NoteBackups) }
    "/backups/{id}/delete" {
        GET => pages::backups::delete::ask : Confirmed(DeleteBackups),
        POST => pages::backups::delete::delete : Confirmed(DeleteBackups),
    }
    "/backups/{id}/diff" { GET => pages::backups::compare::with_previous : Needs(ViewDevices) }
    "/suspects/{id}" { GET => pages::backups::suspect::page : Needs(ViewDevices) }
    "/suspects/{id}/accept" { POST => pages::backups::suspect::accept : Needs(NoteBackups) }
    "/compare" {
        GET => pages::backups::compare::page : Needs(ViewDevices),
        POST => pages::backups::paste::compare : Needs(ViewDevices),
    }
    "/compare.patch" { GET => pages::backups::compare::patch : Needs(ViewDevices) }
    "/schedules" { GET => pages::schedules::list::page : Needs(ViewDevices) }
    "/schedules/new" {
        GET => pages::schedules::form::new : Needs(ManageSchedules),
        POST => pages::schedules::form::create : Needs(ManageSchedules),
    }
    "/schedules/{id}" { GET => pages::schedules::detail::page : Needs(ViewDevices) }
    "/schedules/{id}/edit" {
        GET => pages::schedules::form::edit : Needs(ManageSchedules),
        POST => pages::schedules::form::update : Needs(ManageSchedules),
    }
    "/schedules/{id}/toggle" { POST => pages::schedules::detail::toggle : Needs(ManageSchedules) }
    "/schedules/{id}/run" { POST => pages::schedules::detail::run : Needs(RunBackups) }
    "/blackouts" { GET => pages::schedules::blackouts::list : Needs(ManageSchedules) }
    "/blackouts/new" {
        GET => pages::schedules::blackouts::new : Needs(ManageSchedules),
        POST => pages::schedules::blackouts::create : Needs(ManageSchedules),
    }
    "/blackouts/{id}" {
        GET => pages::schedules::blackouts::edit : Needs(ManageSchedules),
        POST => pages::schedules::blackouts::update : Needs(ManageSchedules),
    }
    "/blackouts/{id}/delete" {
        GET => pages::schedules::blackout_delete::ask : Needs(ManageSchedules),
        POST => pages::schedules::blackout_delete::delete : Needs(ManageSchedules),
    }
    "/schedules/{id}/delete" {
        GET => pages::schedules::delete::ask : Needs(ManageSchedules),
        POST => pages::schedules::delete::delete : Needs(ManageSchedules),
    }
    "/storage" { GET => pages::storage::page : Needs(ManageSettings) }
    "/storage/move" {
        GET => pages::storage::ask : Needs(ManageSettings),
        POST => pages::storage::start : Needs(ManageSettings),
    }
    "/nodes" { GET => pages::nodes::page : Needs(ManageSettings) }
    "/keys" { GET => pages::keys::page : Needs(ManageKeys) }
    "/keys/rotate" {
        GET => pages::keys::ask : Confirmed(ManageKeys),
        POST => pages::keys::rotate : Confirmed(ManageKeys),
    }
    "/keys/{id}/remove" { POST => pages::keys::remove : Confirmed(ManageKeys) }
    "/audit" { GET => pages::audit::list::page : Needs(ViewAudit) }
    "/audit/export" { POST => pages::audit::export::export : Needs(ViewAudit) }
    "/audit/verify" { POST => pages::audit::verify::verify : Needs(ViewAudit) }
    "/audit/{id}" { GET => pages::audit::detail::page : Needs(ViewAudit) }
    "/settings" {
        GET => pages::settings::page::show : Needs(ManageSettings),
        POST => pages::settings::page::save : Needs(ManageSettings),
    }
    "/settings/reset" {
        GET => pages::settings::reset::ask : Needs(ManageSettings),
        POST => pages::settings::reset::reset : Needs(ManageSettings),
    }
    "/credentials" { GET => pages::credentials::list::page : Needs(ViewCredentials) }
    "/credentials/new" {
        GET => pages::credentials::form::new : Needs(ManageCredentials),
        POST => pages::credentials::form::create : Needs(ManageCredentials),
    }
    "/credentials/{id}" { GET => pages::credentials::detail::page : Needs(ViewCredentials) }
    "/credentials/{id}/edit" {
        GET => pages::credentials::form::edit : Needs(ManageCredentials),
        POST => pages::credentials::form::update : Needs(ManageCredentials),
    }
    "/credentials/{id}/tags" { POST => pages::credentials::acts::tags : Needs(ManageCredentials) }
    "/credentials/{id}/test" { POST => pages::credentials::acts::test : Needs(ManageCredentials) }
    "/credentials/{id}/resume" { POST => pages::credentials::acts::resume : Needs(ManageCredentials) }
    "/credentials/{id}/previous" { POST => pages::credentials::acts::drop_previous : Needs(ManageCredentials) }
    "/credentials/{id}/delete" {
        GET => pages::credentials::delete::ask : Needs(ManageCredentials),
        POST => pages::credentials::delete::delete : Needs(ManageCredentials),
    }
    "/jump-hosts" { GET => pages::jump_hosts::list::page : Needs(ViewCredentials) }
    "/jump-hosts/new" {
        GET => pages::jump_hosts::form::new : Needs(ManageCredentials),
        POST => pages::jump_hosts::form::create : Needs(ManageCredentials),
    }
    "/jump-hosts/{id}" {
        GET => pages::jump_hosts::form::edit : Needs(ManageCredentials),
        POST => pages::jump_hosts::form::update : Needs(ManageCredentials),
    }
    "/jump-hosts/{id}/host-key" { POST => pages::jump_hosts::acts::accept : Confirmed(AcceptHostKeys) }
    "/jump-hosts/{id}/delete" {
        GET => pages::jump_hosts::acts::ask : Needs(ManageCredentials),
        POST => pages::jump_hosts::acts::delete : Needs(ManageCredentials),
    }
    "/users" { GET => pages::users::list::page : Needs(ManageUsers) }
    "/users/new" {
        GET => pages::users::form::new : Confirmed(ManageUsers),
        POST => pages::users::form::create : Confirmed(ManageUsers),
    }
    "/users/{id}" { GET => pages::users::detail::page : Needs(ManageUsers) }
    "/users/{id}/edit" {
        GET => pages::users::form::edit : Confirmed(ManageUsers),
        POST => pages::users::form::update : Confirmed(ManageUsers),
    }
    "/users/{id}/toggle" { POST => pages::users::detail::toggle : Needs(ManageUsers) }
    "/users/{id}/link" {
        GET => pages::users::link::ask : Confirmed(ManageUsers),
        POST => pages::users::link::make : Confirmed(ManageUsers),
    }
    "/users/{id}/sessions" { POST => pages::users::detail::end_sessions : Needs(ManageUsers) }
    "/users/{id}/delete" {
        GET => pages::users::delete::ask : Confirmed(ManageUsers),
        POST => pages::users::delete::delete : Confirmed(ManageUsers),
    }
    "/welcome" { GET => pages::welcome::show : Public, POST => pages::welcome::accept : Public }
    "/account" {
        GET => pages::account::show : SignedIn,
        POST => pages::account::save : SignedIn,
    }
    "/account/password" { POST => pages::account::password : SignedIn }
    "/account/notices" { POST => pages::account::notices : SignedIn }
    "/mails" { GET => pages::mails::page : Needs(ManageSettings) }
    "/mails/test" { POST => pages::mails::test : Needs(ManageSettings) }
    "/account/sessions" { POST => pages::account::end_sessions : SignedIn }
    "/platforms" { GET => pages::platforms::list::page : Needs(ViewDevices) }
    "/platforms/new" {
        GET => pages::platforms::form::new : Needs(ManagePlatforms),
        POST => pages::platforms::form::create : Needs(ManagePlatforms),
    }
    "/platforms/propose" {
        GET => pages::platforms::propose::ask : Needs(ManagePlatforms),
        POST => pages::platforms::propose::propose : Needs(ManagePlatforms),
    }
    "/platforms/{key}" { GET => pages::platforms::detail::page : Needs(ViewDevices) }
    "/platforms/{key}/edit" {
        GET => pages::platforms::form::edit : Needs(ManagePlatforms),
        POST => pages::platforms::form::update : Needs(ManagePlatforms),
    }
    "/platforms/{key}/use" { POST => pages::platforms::acts::take_up : Needs(ManagePlatforms) }
    "/platforms/{key}/aside" { POST => pages::platforms::acts::put_aside : Needs(ManagePlatforms) }
    "/platforms/{key}/revisions/{id}" { GET => pages::platforms::revision::page : Needs(ViewDevices) }
    "/tags" { GET => pages::tags::list::page : Needs(ViewDevices) }
    "/tags/new" {
        GET => pages::tags::form::new : Needs(ManageTags),
        POST => pages::tags::form::create : Needs(ManageTags),
    }
    "/tags/{id}" { GET => pages::tags::detail::page : Needs(ViewDevices) }
    "/tags/{id}/edit" {
        GET => pages::tags::form::edit : Needs(ManageTags),
        POST => pages::tags::form::update : Needs(ManageTags),
    }
    "/tags/{id}/delete" {
        GET => pages::tags::delete::ask : Needs(ManageTags),
        POST => pages::tags::delete::delete : Needs(ManageTags),
    }
    "/tags/{id}/attach" { POST => pages::tags::devices::attach : Needs(ManageDevices) }
    "/tags/{id}/detach" { POST => pages::tags::devices::detach : Needs(ManageDevices) }
    "/rules" { GET => pages::rules::list::page : Needs(ViewDevices) }
    "/rules/new" {
        GET => pages::rules::form::new : Needs(ManageTags),
        POST => pages::rules::form::create : Needs(ManageTags),
    }
    "/rules/{id}" {
        GET => pages::rules::form::edit : Needs(ManageTags),
        POST => pages::rules::form::update : Needs(ManageTags),
    }
    "/rules/{id}/delete" {
        GET => pages::rules::delete::ask : Needs(ManageTags),
        POST => pages::rules::delete::delete : Needs(ManageTags),
    }
}
