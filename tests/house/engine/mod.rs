//! Jobs from the queue to the version, against devices that speak the real protocol.

mod back_up;
mod cuts;
mod faults;
mod oddities;
mod ways_in;
