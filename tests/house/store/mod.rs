//! What only SQL can get wrong: transactions, pragmas, the queue, schemas, lists.

mod dropped;
mod entries;
mod filters;
mod hops;
mod lists;
mod migrations;
mod pragmas;
mod queue;
mod rollback;
mod schema;
mod together;
mod turns;
mod tx;
