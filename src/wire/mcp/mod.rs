//! The Model Context Protocol as a client that believes nothing sees it: what may be said, what an answer must be, and what
//! a broken one is called.
//!
//! Facts are from the specifications 2024-11-05 to 2026-07-28 (modelcontextprotocol.io) and from servers that were run:
//! `@modelcontextprotocol/server-everything` 2026.8.31, `@upstash/context7-mcp` 4.1.1, `mcp-server-time` 2026.10.19 and others.

pub mod call;
pub mod canonical;
pub mod drift;
pub mod greeting;
pub mod harmless;
pub mod http;
pub mod lines;
pub mod message;
pub mod question;
pub mod sse;
pub mod tools;
pub mod version;
