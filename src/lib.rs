//! NetRaven keeps the configurations of a company's network devices: taken, proven whole, kept, compared, shown.
//!
//! # Where to start reading
//!
//! [`domain`] says what things are. [`service`] says what can be done with them; each use case there is one function with
//! its permission, its transaction and its line in the audit trail. Then follow one of the two ways through the house:
//!
//! * **A request:** [`web`] → [`service`] → [`store`] → a view model → a template. `web::routes` lists every page with
//!   who may see it; a page that is not in that list cannot be reached.
//! * **A capture:** [`engine`] claims a job, [`engine::dialogue`] talks to the device as its [`platform`] file says,
//!   the platform judges the text, and [`service::capture`] records version, job and log in one transaction.
//!
//! # What holds everywhere
//!
//! * Imports go downwards: `app`, `cli` → `web`, `engine`, `simulate` → `service` → `store`, `archive`, `crypt`,
//!   `platform` → `domain`. Pages cannot reach a query; `domain` knows no clock and no framework. A test holds this.
//! * A use case asks for a [`Grant`](domain::access::Grant), which only a role that has the permission can mint.
//! * Store functions never commit. Nothing outward happens inside a transaction.
//! * A [`Secret`](domain::secret::Secret) has no `Display`, no `Serialize`, and a `Debug` that shows nothing.
//! * What failed its proof is in another table than what did not: a doubtful capture cannot become current.
//!
//! `ARCHITECTURE.md` beside this crate holds the decisions and their reasons.

pub mod domain;
pub mod platform;

pub mod archive;
pub mod crypt;
pub mod store;

pub mod service;

pub mod engine;
pub mod simulate;
pub mod web;

pub mod app;
pub mod cli;
pub mod config;
pub mod telemetry;
