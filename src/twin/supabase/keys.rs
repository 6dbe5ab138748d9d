//! The keys of a project: what the gateway and PostgREST believe.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::json;

use crate::twin::kit::credentials;
use crate::twin::kit::ids::Ids;
use crate::wire::jwt;

/// A project's name and keys, a function of the seed.
#[derive(Clone, Debug)]
pub struct Keys {
    pub reference: String,
    pub secret: String,
    /// Legacy keys: tokens with a role.
    pub anon: String,
    pub service: String,
    /// New keys, which are no tokens: the gateway exchanges them.
    pub publishable: String,
    pub secret_key: &'static str,
    /// A signed-in user's id and access token.
    pub user_id: String,
    pub user_token: String,
}

/// Legacy keys are made to last ten years.
const KEY_SECONDS: i64 = 10 * 365 * 24 * 3600;
/// A user's token is made to last five, where Supabase allows a week: a twin that is served for long has no one to
/// refresh it.
const TOKEN_SECONDS: i64 = KEY_SECONDS / 2;

impl Keys {
    pub fn new(seed: u64, now: Timestamp) -> Self {
        let mut ids = Ids::new(seed);
        let (reference, secret, user_id) = (ids.hex(20), ids.hex(64), ids.uuid());
        let issued = now.as_second();
        let key = |role: &str| {
            let claims = json!({
                "iss": "supabase", "ref": reference, "role": role, "iat": issued, "exp": issued + KEY_SECONDS,
            });
            jwt::sign(&claims, secret.as_bytes())
        };
        let user = json!({
            "iss": format!("https://{reference}.supabase.co/auth/v1"), "sub": user_id, "aud": "authenticated",
            "role": "authenticated", "email": "operator@hotdash.example", "iat": issued, "exp": issued + TOKEN_SECONDS,
        });
        Self {
            anon: key("anon"),
            service: key("service_role"),
            publishable: format!("sb_publishable_{}", ids.base58(31)),
            secret_key: credentials::SUPABASE_SERVICE_KEY,
            user_token: jwt::sign(&user, secret.as_bytes()),
            reference,
            secret,
            user_id,
        }
    }

    /// The variables that a contract and Supabase's clients read.
    pub fn variables(&self) -> BTreeMap<String, String> {
        [
            ("SUPABASE_PROJECT_REF", self.reference.as_str()),
            ("SUPABASE_JWT_SECRET", &self.secret),
            ("SUPABASE_ANON_KEY", &self.anon),
            ("SUPABASE_SERVICE_ROLE_KEY", &self.service),
            ("SUPABASE_PUBLISHABLE_KEY", &self.publishable),
            ("SUPABASE_SERVICE_KEY", self.secret_key),
            ("SUPABASE_USER_ID", &self.user_id),
            ("SUPABASE_USER_JWT", &self.user_token),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into()
    }
}
