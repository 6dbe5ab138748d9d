//! What a scenario may arrange that Chatwoot's own API cannot be asked for.

use serde_json::Value;

use crate::twin::chatwoot::version::Version;
use crate::twin::setting::{Setting, Unarranged};

/// The state of the installation around the application.
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the installation, independent of the others")]
#[derive(Clone, Debug)]
pub struct Settings {
    pub version: Version,
    /// Redis answers.
    pub queue_services: bool,
    /// Postgres answers.
    pub data_services: bool,
    /// nginx without `underscores_in_headers on` drops `api_access_token` (discussions 8112, 5270).
    pub header_stripped: bool,
    pub account_suspended: bool,
    /// The client's address is in `RACK_ATTACK_ALLOWED_IPS` or is the loopback: no throttle counts it.
    pub safelisted: bool,
    /// `SAFE_FETCH_ALLOW_PRIVATE_NETWORK` (4.14.1 and later). A real installation starts with false and then
    /// delivers nothing to a private or loopback address; the twin starts with true, to be of use on one machine.
    pub allow_private_network: bool,
    /// The plan includes transcripts by e-mail.
    pub email_transcripts: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            version: Version::default(),
            queue_services: true,
            data_services: true,
            header_stripped: false,
            account_suspended: false,
            safelisted: false,
            allow_private_network: true,
            email_transcripts: true,
        }
    }
}

/// The names that [`Settings::set`] knows.
pub const NAMES: [Setting; 8] = [
    Setting { name: "version", meaning: "4.15.1 or 4.6.0" },
    Setting { name: "queue_services", meaning: "ok or failing, as /api says; the status stays 200" },
    Setting { name: "data_services", meaning: "ok or failing, as /api says; the status stays 200" },
    Setting { name: "header-stripped", meaning: "true: a proxy drops the header api_access_token" },
    Setting { name: "account-suspended", meaning: "true: the account is suspended" },
    Setting { name: "safelisted", meaning: "true: no throttle counts this client" },
    Setting {
        name: "allow-private-network",
        meaning: "false: webhooks to private addresses are not delivered, as 4.14 and later do by default",
    },
    Setting { name: "email-transcripts", meaning: "false: the plan has no transcripts by e-mail" },
];

impl Settings {
    /// Sets one by name.
    ///
    /// # Errors
    /// The name is unknown, or the value is none that it takes.
    pub fn set(&mut self, name: &str, value: &Value) -> Result<(), Unarranged> {
        match name {
            "version" => self.version = version(name, value)?,
            "queue_services" => self.queue_services = service(name, value)?,
            "data_services" => self.data_services = service(name, value)?,
            "header-stripped" => self.header_stripped = switch(name, value)?,
            "account-suspended" => self.account_suspended = switch(name, value)?,
            "safelisted" => self.safelisted = switch(name, value)?,
            "allow-private-network" => self.allow_private_network = switch(name, value)?,
            "email-transcripts" => self.email_transcripts = switch(name, value)?,
            _ => return Err(Unarranged::unknown(name, &NAMES)),
        }
        Ok(())
    }
}

fn version(name: &str, value: &Value) -> Result<Version, Unarranged> {
    let known = Version::ALL.map(Version::as_str).join(" or ");
    value
        .as_str()
        .and_then(Version::parse)
        .ok_or_else(|| Unarranged::bad_value(name, value, format!("the twin models {known}")))
}

fn service(name: &str, value: &Value) -> Result<bool, Unarranged> {
    match value.as_str() {
        Some("ok") => Ok(true),
        Some("failing") => Ok(false),
        _ => Err(Unarranged::bad_value(name, value, "Chatwoot says \"ok\" or \"failing\"")),
    }
}

fn switch(name: &str, value: &Value) -> Result<bool, Unarranged> {
    match value {
        Value::Bool(on) => Ok(*on),
        Value::String(word) if matches!(word.as_str(), "true" | "on") => Ok(true),
        Value::String(word) if matches!(word.as_str(), "false" | "off") => Ok(false),
        _ => Err(Unarranged::bad_value(name, value, "it is true or false")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::Settings;

    #[test]
    fn a_setting_takes_only_what_it_knows() {
        let mut settings = Settings::default();
        assert!(settings.set("version", &json!("4.6.0")).is_ok());
        assert_eq!(settings.version.as_str(), "4.6.0");
        let refused = [("version", json!("3.1.0")), ("data_services", json!("down")), ("safelisted", json!(1))];
        for (name, value) in refused {
            assert!(settings.set(name, &value).is_err(), "{name} {value}");
        }
        let unknown = settings.set("speed", &json!(1)).unwrap_err().to_string();
        assert!(unknown.contains("allow-private-network"), "{unknown}");
    }
}
