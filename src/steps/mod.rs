//! Every sentence that a contract may use, one file a subject.

pub mod args;
pub mod authentication;
pub mod cue;
pub mod faults;
pub mod flags;
pub mod latency;
pub mod lists;
pub mod pagination;
pub mod promise;
pub mod rates;
pub mod receiving;
pub mod request;
pub mod response;
pub mod run;
pub mod sentence;
pub mod state;
pub mod trial;
pub mod values;
pub mod vocabulary;
pub mod webhooks;
pub mod workshop;
pub mod world;
