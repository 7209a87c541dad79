//! The real parts that tests meet, each started on loopback in a folder of its own and stopped when dropped.

pub mod accounts;
pub mod axe;
pub mod bird;
pub mod chromium;
pub mod events;
pub mod fleet;
pub mod frr;
pub mod house;
pub mod log_server;
pub mod openssh;
pub mod openvswitch;
pub mod postgres;
pub mod postgres_server;
pub mod process;
pub mod program;
pub mod recorded;
pub mod s3;
pub mod second;
pub mod shared;
pub mod smtp;
pub mod source;
pub mod sql;
pub mod stock;
pub mod telnetd;
pub mod tls;
pub mod webdriver;
