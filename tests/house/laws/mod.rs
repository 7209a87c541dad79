//! The laws: what must hold for every file, whoever wrote it.

mod floors;
mod manifest;
mod migrations;
mod platforms;
mod settings;
mod sizes;
mod templates;
