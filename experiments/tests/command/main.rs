//! The `regret` command from end to end: the same bytes however it runs, whatever interrupts it;
//! clear words for whatever is wrong.

mod catalogue;
mod compare;
mod damage;
mod export;
mod faults;
#[cfg(unix)]
mod hostile;
#[cfg(unix)]
mod interrupted;
mod mistakes;
mod plot;
mod replay;
mod reproduce;
mod same_bytes;
mod schema;
mod shards;
#[path = "../support/mod.rs"]
mod shared;
mod support;
#[cfg(unix)]
mod system;
mod verify;
