//! A small relational store that refuses what PostgreSQL refuses, in PostgreSQL's words.

pub mod compare;
pub mod database;
pub mod datum;
pub mod ddl;
pub mod error;
pub mod function;
pub mod integrity;
pub mod json;
pub mod numeric;
pub mod policy;
pub mod predicate;
pub mod relation;
pub mod schema;
pub mod types;
pub mod write;
