//! The shapes of vendors' secrets: the letters by which each is found, and the expression that has to hold from there on.

/// How a find is judged once its expression holds.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Test {
    /// The shape is proof enough.
    Shape,
    /// It must look random too: the beginning alone is an everyday word.
    Random,
    /// It must not be made of words: `sk-` begins names of classes too.
    NoWord,
    /// `user:password` in base64.
    Basic,
    /// A password that is not one of the words people write into examples.
    Password,
}

/// One vendor's shape.
#[derive(Debug)]
pub struct Shape {
    /// Whose secret it looks like.
    pub kind: &'static str,
    /// Every find begins with one of these.
    pub anchors: &'static [&'static str],
    /// Holds from the anchor on; group 1, where there is one, is the secret itself.
    pub expression: &'static str,
    pub test: Test,
}

const fn shape(kind: &'static str, anchors: &'static [&'static str], expression: &'static str) -> Shape {
    Shape { kind, anchors, expression, test: Test::Shape }
}

const fn tested(kind: &'static str, anchors: &'static [&'static str], expression: &'static str, test: Test) -> Shape {
    Shape { kind, anchors, expression, test }
}

/// The vendors' shapes, the most telling first: where two hold at one place, the first one names it.
/// Those of Shopify, Supabase, Stripe, Slack, GitHub and Fly.io are published; the others are remembered.
pub const SHAPES: &[Shape] = &[
    shape(
        "a Shopify token",
        &["shpat_", "shpca_", "shppa_", "shpss_", "shpua_"],
        r"shp(?:at|ca|pa|ss|ua)_[0-9a-fA-F]{32}\b",
    ),
    shape("a Supabase secret key", &["sb_secret_"], r"sb_secret_[A-Za-z0-9_-]{16,}"),
    shape("a Supabase access token", &["sbp_"], r"sbp_[0-9a-f]{40}\b"),
    shape("a webhook secret", &["whsec_"], r"whsec_[A-Za-z0-9+/=]{24,}"),
    shape("a Stripe key", &["sk_live_", "sk_test_", "rk_live_", "rk_test_"], r"[rs]k_(?:live|test)_[A-Za-z0-9]{16,}"),
    tested(
        "an OpenAI or Anthropic key",
        &["sk-"],
        r"sk-(?:proj-|svcacct-|admin-|ant-)?[A-Za-z0-9_-]{20,}",
        Test::NoWord,
    ),
    shape(
        "a Slack token",
        &["xoxa-", "xoxb-", "xoxe-", "xoxo-", "xoxp-", "xoxr-", "xoxs-"],
        r"xox[abeoprs]-[A-Za-z0-9-]{10,}",
    ),
    shape("a Slack app token", &["xapp-"], r"xapp-\d-[A-Z0-9]+-\d+-[a-z0-9]{20,}"),
    shape(
        "a Slack webhook address",
        &["hooks.slack.com/services/"],
        r"hooks\.slack\.com/services/(T[A-Z0-9]{6,}/B[A-Z0-9]{6,}/[A-Za-z0-9]{16,})",
    ),
    shape(
        "a Discord webhook address",
        &["discord.com/api/webhooks/"],
        r"discord\.com/api/webhooks/(\d{17,20}/[A-Za-z0-9_-]{40,})",
    ),
    shape(
        "a GitHub token",
        &["gho_", "ghp_", "ghr_", "ghs_", "ghu_", "github_pat_"],
        r"(?:gh[opsur]_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9_]{22,})",
    ),
    shape("a GitLab token", &["glpat-"], r"glpat-[A-Za-z0-9_-]{20,}"),
    shape("an npm token", &["npm_"], r"npm_[A-Za-z0-9]{36}\b"),
    shape("a PyPI token", &["pypi-AgE"], r"pypi-AgE[A-Za-z0-9_-]{50,}"),
    shape("an AWS access key", &["AKIA", "ASIA"], r"(?:AKIA|ASIA)[0-9A-Z]{16}\b"),
    shape("a Google API key", &["AIza"], r"AIza[0-9A-Za-z_-]{35}"),
    shape("a Google OAuth secret", &["GOCSPX-"], r"GOCSPX-[A-Za-z0-9_-]{28}"),
    shape("a Google OAuth token", &["ya29."], r"ya29\.[A-Za-z0-9_-]{30,}"),
    shape("a Google refresh token", &["1//0"], r"1//0[A-Za-z0-9_-]{40,}"),
    shape("a Fly.io token", &["FlyV1 fm"], r"FlyV1 fm[12]_[A-Za-z0-9+/=_,-]{20,}"),
    shape("a Fly.io macaroon", &["fm1_", "fm2_", "fo1_"], r"(?:fm[12]|fo1)_[A-Za-z0-9+/=_-]{40,}"),
    shape("a Klaviyo key", &["pk_"], r"pk_[0-9a-f]{34}\b"),
    shape(
        "a Doppler token",
        &["dp.pt.", "dp.st.", "dp.ct.", "dp.sa.", "dp.scim.", "dp.audit."],
        r"dp\.(?:pt|st|ct|sa|scim|audit)\.(?:[a-z0-9_-]+\.)?[A-Za-z0-9]{40,}",
    ),
    shape("a 1Password service account token", &["ops_eyJ"], r"ops_eyJ[A-Za-z0-9_-]{60,}={0,2}"),
    shape("a HashiCorp Vault token", &["hvs.", "hvb.", "hvr."], r"hv[sbr]\.[A-Za-z0-9_-]{24,}"),
    shape("a SendGrid key", &["SG."], r"SG\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}"),
    shape("a Twilio key", &["SK"], r"SK[0-9a-f]{32}\b"),
    shape("a Meta access token", &["EAA"], r"EAA[A-Za-z0-9]{60,}"),
    shape("an X bearer token", &["AAAAAAAAAAAAAAAAAAAA"], r"A{20,24}[A-Za-z0-9%]{60,}"),
    shape("a Zoho token", &["1000."], r"1000\.[0-9a-f]{32}\.[0-9a-f]{32}\b"),
    shape("a Sentry token", &["sntrys_", "sntryu_"], r"sntry[su]_[A-Za-z0-9+/=_-]{40,}"),
    shape("a Linear key", &["lin_api_"], r"lin_api_[A-Za-z0-9]{32,}"),
    shape("a Notion token", &["ntn_"], r"ntn_[A-Za-z0-9]{40,}"),
    shape("a Hugging Face token", &["hf_"], r"hf_[A-Za-z]{30,}\b"),
    shape("a DigitalOcean token", &["dop_v1_", "doo_v1_", "dor_v1_"], r"do[opr]_v1_[0-9a-f]{64}\b"),
    shape("a Mailgun key", &["key-"], r"key-[0-9a-f]{32}\b"),
    shape("an age key", &["AGE-SECRET-KEY-1"], r"AGE-SECRET-KEY-1[0-9A-Z]{58}"),
    shape("a Telegram bot token", &[":AA"], r":AA[A-Za-z0-9_-]{33}\b"),
    // With the key behind it, over a line's end or its escape: the first line alone is how people speak of one.
    shape(
        "a private key",
        &["-----BEGIN "],
        r#"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----(?:\\[nr]|[\s"'+,])*(?:[A-Za-z0-9+/=]{20,}|Proc-Type)"#,
    ),
    shape("a JSON Web Token", &["eyJ"], r"eyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}"),
    tested(
        "a password in an address",
        &["://"],
        r#"://[^/\s:@"'<>{}]{0,100}:([^/\s:@"'<>{}]{3,200})@"#,
        Test::Password,
    ),
    tested("a Basic authorization", &["Basic ", "basic "], r"[Bb]asic ([A-Za-z0-9+/]{12,}={0,2})", Test::Basic),
    tested("a Bearer authorization", &["Bearer ", "bearer "], r"[Bb]earer ([A-Za-z0-9._~+/=-]{20,})", Test::Random),
];

/// What is found by the name that it is given.
pub const BY_NAME: &str = "a secret by its name";

/// Words in the names of secrets, in small letters. Each is looked for in small, capital and mixed letters.
pub const WORDS: [&str; 12] = [
    "token",
    "secret",
    "password",
    "passwd",
    "passphrase",
    "apikey",
    "_key",
    "-key",
    "hmac",
    "credential",
    "service_role",
    "auth_pass",
];

/// What a name ends with that is about a secret and is none.
pub const ABOUT: [&str; 24] = [
    "url",
    "uri",
    "name",
    "id",
    "ids",
    "path",
    "file",
    "type",
    "header",
    "length",
    "count",
    "expiry",
    "expires",
    "at",
    "ttl",
    "hash",
    "digest",
    "fingerprint",
    "version",
    "prefix",
    "endpoint",
    "scheme",
    "vault",
    "ref",
];
