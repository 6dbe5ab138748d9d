//! Conversations with MCP servers that are not trusted: over the stdio of a child, or over streamable HTTP.
//!
//! The official SDK (`rmcp`) is made to work with servers. It skips what it cannot read, hides stderr, keeps no bound, and does
//! not say how a server ended; a probe needs just these. So the little that a probe says is said here, and each thing that a
//! server does wrong has a name in [`trouble`].

pub mod http;
pub mod session;
pub mod stdio;
pub mod trouble;
