//! Real sockets and russh's own client against simulated devices.

mod captures;
mod client;
mod dialogues;
mod faults;
mod oddities;
