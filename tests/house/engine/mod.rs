//! Jobs from the queue to the version, against devices that speak the real protocol.

mod back_up;
mod captures;
mod cuts;
mod faults;
mod fixtures;
mod oddities;
mod playing;
mod ways_in;
mod queue;
mod real_peers;
mod live_log;
mod restart;
