//! How often a wrong token may be tried before everybody from that address has to wait.

use std::collections::BTreeMap;
use std::net::IpAddr;

use jiff::{SignedDuration, Timestamp};

/// Wrong tokens of one address within the time.
const MOST: u32 = 10;
const WITHIN: SignedDuration = SignedDuration::from_mins(1);
/// Addresses that are remembered. When more come, none is let through that is not known.
const ADDRESSES: usize = 4096;

/// Wrong tokens, by address.
#[derive(Debug, Default)]
pub struct Attempts(BTreeMap<IpAddr, (Timestamp, u32)>);

impl Attempts {
    /// How many seconds this address has to wait before a token of it is looked at; None where it need not.
    pub fn wait(&mut self, address: IpAddr, now: Timestamp) -> Option<i64> {
        self.0.retain(|_, (since, _)| (SignedDuration::ZERO..WITHIN).contains(&now.duration_since(*since)));
        match self.0.get(&address) {
            Some((since, count)) if *count >= MOST => Some((WITHIN - now.duration_since(*since)).as_secs().max(1)),
            Some(_) => None,
            None => (self.0.len() >= ADDRESSES).then_some(WITHIN.as_secs()),
        }
    }

    /// A wrong token came from there.
    pub fn failed(&mut self, address: IpAddr, now: Timestamp) {
        let (_, count) = self.0.entry(address).or_insert((now, 0));
        *count = count.saturating_add(1);
    }
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr};

    use jiff::{SignedDuration, Timestamp};

    use super::{ADDRESSES, Attempts, MOST};

    fn address(number: u32) -> IpAddr {
        Ipv4Addr::from(number).into()
    }

    #[test]
    fn an_address_waits_after_ten_wrong_tokens_and_others_do_not() {
        let (mut attempts, now) = (Attempts::default(), Timestamp::from_second(1_800_000_000).unwrap());
        for _ in 0..MOST {
            assert_eq!(attempts.wait(address(1), now), None);
            attempts.failed(address(1), now);
        }
        assert_eq!(attempts.wait(address(1), now), Some(60));
        assert_eq!(attempts.wait(address(2), now), None);
        assert_eq!(attempts.wait(address(1), now + SignedDuration::from_secs(59)), Some(1));
        assert_eq!(attempts.wait(address(1), now + SignedDuration::from_secs(60)), None);
    }

    #[test]
    fn many_addresses_do_not_fill_the_memory_nor_get_more_tries() {
        let (mut attempts, now) = (Attempts::default(), Timestamp::from_second(1_800_000_000).unwrap());
        for number in 0..u32::try_from(ADDRESSES).unwrap() {
            attempts.failed(address(number), now);
        }
        assert_eq!(attempts.wait(address(1), now), None);
        assert_eq!(attempts.wait(address(u32::MAX), now), Some(60));
        assert_eq!(attempts.wait(address(u32::MAX), now + SignedDuration::from_mins(1)), None);
        // A clock that jumped back does not lock anybody out for longer.
        attempts.failed(address(7), now);
        assert_eq!(attempts.wait(address(7), now - SignedDuration::from_hours(1)), None);
    }
}
