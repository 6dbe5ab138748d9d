//! What a document claims, and what is true of it: claims read from Markdown and text, findings judged from facts that are passed in.
//!
//! [`markdown`] cuts a text, [`segment`] by segment, into [`block`]s; [`citation`], [`figure`], [`amount`], [`date`] and [`mark`] recognise claims in a block's
//! prose; [`reader`] joins them, with their time and their rows, to a [`document`]; [`judge`] holds them against [`fact`]s and the
//! [`testimony`] of the ledger and returns [`finding`]s; an [`audit`] is all of that for many documents.

pub mod amount;
pub mod audit;
pub mod block;
pub mod citation;
pub mod date;
pub mod document;
pub mod fact;
pub mod figure;
pub mod finding;
pub mod judge;
pub mod mark;
pub mod markdown;
pub mod reader;
pub mod row;
pub mod segment;
pub mod testimony;
