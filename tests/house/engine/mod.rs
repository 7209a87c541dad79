//! Jobs from the queue to the version, against devices that speak the real protocol.

mod back_up;
mod cancel;
mod captures;
mod credentials;
mod cuts;
mod every_cut;
mod facts;
mod faults;
mod finding_out;
mod fixtures;
mod flagged;
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
mod unconfirmed;
mod ways_in;
