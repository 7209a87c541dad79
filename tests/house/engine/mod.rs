//! Jobs from the queue to the version, against devices that speak the real protocol.

mod addresses;
mod algorithms;
mod back_up;
mod cancel;
mod captures;
mod credentials;
mod cuts;
mod facts;
mod faults;
mod fixtures;
mod jump_hosts;
mod live_log;
mod live_settings;
mod nodes;
mod oddities;
mod outage;
mod playing;
mod queue;
mod real_peers;
mod restart;
mod retries;
mod telnet;
mod time;
mod transcripts;
mod ways_in;
