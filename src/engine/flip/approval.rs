//! Who allows a flip: an approval in the ledger, or nobody where everything is on this machine.

use std::time::Duration;

use jiff::Timestamp;
use url::{Host, Url};

use crate::adapter::environment::Environment;
use crate::adapter::workspace::Workspace;
use crate::domain::declaration::standing::Court;
use crate::domain::entry::History;
use crate::domain::flag::Declared;
use crate::domain::flag::change::Permit;
use crate::domain::flag::keeper::Keeper;
use crate::domain::integration::Name;
use crate::domain::inventory::Inventory;
use crate::engine::flip::gate::Approval;

/// How long a flip on this machine may take.
const LOCAL: Duration = Duration::from_hours(24);

/// The approval, and the permit that a store asks for; a permit that nobody gave has ended. The history's signatures are
/// checked already, as for a judgement: one that is not is believed by nobody.
pub fn look(
    inventory: &Inventory,
    history: &History,
    flag: &str,
    environment: &str,
    local: bool,
    now: Timestamp,
) -> (Approval, Permit) {
    if local {
        return (Approval::Loopback, Permit::grant("this machine", flag, environment, now + LOCAL));
    }
    let court = Court { inventory, history, environment, now };
    match court.opens_flip(flag) {
        Ok(sequence) => {
            let declared = history.declarations().find(|(number, _)| *number == sequence);
            let (digest, until) = declared
                .map_or((String::new(), now), |(_, approval)| (approval.digest(), approval.until.unwrap_or(now)));
            (Approval::Entry(sequence), Permit::grant(&digest, flag, environment, until))
        }
        Err(doubts) => (Approval::None(doubts), way_back(flag, environment, now)),
    }
}

/// The permit to take a flip back, which no approval that has ended or was revoked may stand against.
pub fn way_back(flag: &str, environment: &str, now: Timestamp) -> Permit {
    Permit::grant("", flag, environment, now)
}

/// Whether stores and consumer are all on this machine, and the environment is none of production.
pub fn is_local(workspace: &Workspace, environment: &Environment, declared: &Declared, consumer: &Name) -> bool {
    let name = environment.name();
    let production = workspace.inventory.environments.get(name).is_none_or(|declared| declared.production);
    let consumer_here = environment.base_url(consumer).is_ok_and(|url| is_loopback(&url));
    let store_here = |place: &String| match Keeper::parse(place, name) {
        Ok(Keeper::Ofrep { url, .. } | Keeper::Unleash { url, .. }) => {
            let text = environment.expand(crate::adapter::workspace::FILE, "flags", &url);
            text.is_ok_and(|text| {
                use secrecy::ExposeSecret as _;
                Url::parse(text.expose_secret()).is_ok_and(|url| is_loopback(&url))
            })
        }
        Ok(Keeper::Flagd { .. } | Keeper::Dotenv { .. } | Keeper::Env) => true,
        _ => false,
    };
    !production && consumer_here && declared.kept_in(name).iter().all(store_here)
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::is_loopback;

    #[test]
    fn only_this_machine_is_this_machine() {
        for (url, here) in [
            ("http://127.0.0.1:3000", true),
            ("http://localhost", true),
            ("http://[::1]:1", true),
            ("http://localhost.example", false),
            ("https://127.0.0.1.example", false),
            ("http://10.0.0.1", false),
        ] {
            assert_eq!(is_loopback(&url.parse().expect("a URL")), here, "{url}");
        }
    }
}
