//! What only SQL can get wrong: transactions, pragmas, the queue, schemas, lists.

mod dropped;
mod entries;
mod lists;
mod pragmas;
mod queue;
mod schema;
mod turns;
mod tx;
