//! Mutations of an answer: derived from it, applied to it, and what a contract has to say of them.
//!
//! Nothing here knows who judges: an exchange comes in, wrong exchanges come out.

pub mod apply;
mod dates;
pub mod derive;
mod head;
pub mod place;
pub mod reach;
pub mod remedy;
mod value;
