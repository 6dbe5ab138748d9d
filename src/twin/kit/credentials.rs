//! Synthetic credentials that more than one twin must know. None of them opens anything.

/// The Supabase service key: what the idea pool sends and the Supabase twin accepts.
pub const SUPABASE_SERVICE_KEY: &str = "sb_secret_twin_service_key_of_preflight";

/// The client secret of the app that Shopify signs webhooks with.
pub const SHOPIFY_API_SECRET: &str = "shpss_twin_client_secret_of_preflight";

/// The shop that the app is installed in.
pub const SHOPIFY_SHOP_DOMAIN: &str = "preflight-twin.myshopify.com";

/// The secret of Chatwoot's account webhook: 24 base 58 letters, as `has_secure_token` makes them.
pub const CHATWOOT_WEBHOOK_SECRET: &str = "twinTwinTwinTwinTwinTw1n";

/// The Chatwoot account that the app answers for.
pub const CHATWOOT_ACCOUNT_ID: &str = "1";
