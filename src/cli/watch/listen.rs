//! Where the live page of a monitor is to be found, and who may see it there.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use anyhow::Context as _;
use clap::Args;

use crate::adapter::environment::secret;
use crate::adapter::page::access::{Access, Policy};
use crate::adapter::page::socket::{self, Bound};
use crate::cli::exit::Advice;

/// The port that is tried where none is named.
const PORT: u16 = 7117;

/// The live page.
#[derive(Args, Clone, Debug)]
pub struct Listen {
    /// Where the live page is served, `none` for nowhere [default: 127.0.0.1:7117, or another port where that is taken]
    #[arg(long = "listen", value_name = "ADDRESS:PORT", value_parser = place)]
    pub at: Option<Place>,
    /// The variable with the token: it acknowledges incidents, and reads where other machines reach the page
    #[arg(long, value_name = "NAME")]
    pub token_env: Option<String>,
    /// Lets anybody read who reaches the page; nobody acknowledges, and no answers of services are shown
    #[arg(long, conflicts_with = "token_env")]
    pub read_only: bool,
    /// A name under which the page is asked for, besides localhost and addresses; may be repeated
    #[arg(long = "host", value_name = "NAME")]
    pub hosts: Vec<String>,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Place {
    Nowhere,
    At(SocketAddr),
}

fn place(text: &str) -> Result<Place, String> {
    if text == "none" {
        return Ok(Place::Nowhere);
    }
    let told = "it is an address with a port (127.0.0.1:7117, 0.0.0.0:7117, [::1]:7117), or `none`";
    text.parse().map(Place::At).map_err(|_| told.to_owned())
}

impl Listen {
    /// Binds the socket, and says who may see what; None where no page is wanted.
    ///
    /// # Errors
    /// The address is taken, other machines reach it and nobody says who may read, or the token is not set or too short.
    pub async fn open(&self) -> anyhow::Result<Option<(Bound, Arc<Access>)>> {
        let wanted = match self.at {
            Some(Place::Nowhere) => return Ok(None),
            Some(Place::At(address)) => Some(address),
            None => None,
        };
        let is_near = wanted.is_none_or(|address| address.ip().is_loopback());
        let token = self.token_env.as_deref().map(token).transpose()?;
        let policy = match (self.read_only, is_near, &token) {
            (true, _, _) => Policy::Public,
            (false, true, _) => Policy::Loopback,
            (false, false, Some(_)) => Policy::Guarded,
            (false, false, None) => {
                let told = "other machines reach the page there, and nothing says who may read it";
                let hint = "name the variable of a token with --token-env, or let anybody read with --read-only";
                return Err(Advice::new(told, hint).into());
            }
        };
        let access = Access::new(policy, token.as_ref(), self.hosts.clone())?;
        let bound = match wanted {
            Some(address) => socket::bind(address).await?,
            None => match socket::bind((Ipv4Addr::LOCALHOST, PORT).into()).await {
                Ok(bound) => bound,
                Err(_) => socket::bind((Ipv4Addr::LOCALHOST, 0).into()).await?,
            },
        };
        Ok(Some((bound, Arc::new(access))))
    }
}

/// Characters of the shortest token that takes long to guess.
const LEAST: usize = 16;

fn token(name: &str) -> anyhow::Result<secrecy::SecretString> {
    use secrecy::ExposeSecret as _;

    let value = secret(name).with_context(|| format!("{name} is not set, or empty"));
    let value = value.map_err(|error| Advice::new(error.to_string(), format!("{name}=$(openssl rand -hex 32)")))?;
    if value.expose_secret().chars().count() < LEAST {
        let told = format!("the token in {name} has fewer than {LEAST} characters");
        return Err(Advice::new(told, "make one with `openssl rand -hex 32`").into());
    }
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::{Place, place};

    #[test]
    fn a_place_is_an_address_with_a_port_or_none() {
        assert_eq!(place("none"), Ok(Place::Nowhere));
        assert_eq!(place("[::1]:80"), Ok(Place::At("[::1]:80".parse().unwrap())));
        for wrong in ["", "7117", "localhost:7117", "127.0.0.1", "none:1"] {
            assert!(place(wrong).is_err(), "{wrong}");
        }
    }
}
