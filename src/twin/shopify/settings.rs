//! What a scenario may arrange that the API itself cannot be asked for.

use jiff::Timestamp;
use serde_json::Value;

use crate::twin::setting::{Setting, Unarranged};
use crate::twin::shopify::Shopify;
use crate::twin::shopify::access::Scopes;
use crate::twin::shopify::throttle::{Plan, Throttle};
use crate::twin::shopify::version::MODELLED;

/// Every setting, as named in a message.
pub const KNOWN: [Setting; 9] = [
    Setting { name: "version", meaning: "the newest API version" },
    Setting {
        name: "oldest-version",
        meaning: "the oldest API version that is still supported; older requests fall forward to it",
    },
    Setting { name: "plan", meaning: "standard, advanced, plus or enterprise: the sizes of both rate limits" },
    Setting { name: "scopes", meaning: "what the token may do, divided by commas" },
    Setting { name: "points-available", meaning: "GraphQL points that are left now" },
    Setting { name: "calls-used", meaning: "REST calls that are in the bucket now" },
    Setting { name: "store", meaning: "open, frozen, locked or uninstalled" },
    Setting { name: "internal-error", meaning: "true: GraphQL answers 200 with an internal error" },
    Setting { name: "table:TYPE", meaning: "an array of records replaces those of a GraphQL type (`table:Product`)" },
];

/// Whether the shop is open for business; an app meets the others as refusals of every request.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Condition {
    #[default]
    Open,
    /// The merchant has not paid: 402.
    Frozen,
    /// Shopify has locked the shop: 423.
    Locked,
    /// The merchant has uninstalled the app: its tokens are gone.
    Uninstalled,
}

/// Arranges one setting.
///
/// # Errors
/// A setting that there is not, or a value that it cannot have.
pub fn arrange(twin: &mut Shopify, now: Timestamp, setting: &str, value: &Value) -> Result<(), Unarranged> {
    let bad = |reason: &str| Unarranged::bad_value(setting, value, reason);
    let number = || value.as_f64().or_else(|| value.as_str()?.parse().ok()).ok_or_else(|| bad("a number is needed"));
    match setting {
        "version" | "oldest-version" => {
            let version = value.as_str().filter(|version| MODELLED.contains(version));
            let version = version.ok_or_else(|| bad(&format!("the twin models {}", MODELLED.join(", "))))?;
            if setting == "version" {
                version.clone_into(&mut twin.shop.supported.newest);
            } else {
                version.clone_into(&mut twin.shop.supported.oldest);
            }
        }
        "plan" => {
            let plan =
                value.as_str().and_then(Plan::named).ok_or_else(|| bad("standard, advanced, plus or enterprise"))?;
            twin.plan = plan;
            twin.throttle = Throttle::new(plan, now);
        }
        "scopes" => {
            twin.shop.scopes = Scopes::read(value.as_str().ok_or_else(|| bad("a list divided by commas is needed"))?);
        }
        "points-available" => twin.throttle.leave_points(number()?, now),
        "calls-used" => twin.throttle.use_calls(number()?, now),
        "store" => {
            twin.condition = match value.as_str() {
                Some("open") => Condition::Open,
                Some("frozen") => Condition::Frozen,
                Some("locked") => Condition::Locked,
                Some("uninstalled") => Condition::Uninstalled,
                _ => return Err(bad("open, frozen, locked or uninstalled")),
            };
            if twin.condition == Condition::Uninstalled {
                twin.grants.revoke();
            }
        }
        "internal-error" => twin.failing = value.as_bool().ok_or_else(|| bad("true or false"))?,
        _ => match setting.strip_prefix("table:") {
            Some(ty) => table(twin, ty, value).map_err(|reason| bad(&reason))?,
            None => return Err(Unarranged::unknown(setting, &KNOWN)),
        },
    }
    Ok(())
}

fn table(twin: &mut Shopify, ty: &str, value: &Value) -> Result<(), String> {
    if !twin.shop.store.has(ty) {
        return Err(format!("the twin keeps no records of {ty}"));
    }
    let rows = value.as_array().ok_or("a list of records is needed")?;
    let rows = rows.iter().map(|row| row.as_object().cloned().ok_or("a record is no object"));
    let rows = rows.collect::<Result<Vec<_>, _>>()?;
    twin.shop.change().replace(ty, rows)
}
