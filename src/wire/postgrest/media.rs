//! Media types that PostgREST reads and writes, and the `Accept` header.

/// A media type as PostgREST tells them apart.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Media {
    Json,
    /// `application/vnd.pgrst.array+json;nulls=stripped`
    StrippedArray,
    /// `application/vnd.pgrst.object+json`: exactly one row, as an object.
    Object {
        stripped: bool,
    },
    Csv,
    OpenApi,
    Text,
    Xml,
    Bytes,
    Form,
    GeoJson,
    Any,
    Plan(String),
    Other(String),
}

impl Media {
    pub fn read(text: &str) -> Self {
        let mut parts = text.split(';');
        let kind = parts.next().unwrap_or_default();
        let rest: Vec<&str> = parts.collect();
        let stripped = rest == ["nulls=stripped"];
        match kind {
            "application/geo+json" => Self::GeoJson,
            "text/csv" => Self::Csv,
            "text/plain" => Self::Text,
            "text/xml" => Self::Xml,
            "application/openapi+json" => Self::OpenApi,
            "application/x-www-form-urlencoded" => Self::Form,
            "application/octet-stream" => Self::Bytes,
            "application/vnd.pgrst.object+json" | "application/vnd.pgrst.object" => Self::Object { stripped },
            "application/vnd.pgrst.array+json" | "application/vnd.pgrst.array" if stripped => Self::StrippedArray,
            "application/json" | "application/vnd.pgrst.array+json" | "application/vnd.pgrst.array" => Self::Json,
            "*/*" => Self::Any,
            "application/vnd.pgrst.plan" | "application/vnd.pgrst.plan+text" | "application/vnd.pgrst.plan+json" => {
                Self::Plan(kind.trim_start_matches("application/vnd.pgrst.plan").trim_start_matches('+').to_owned())
            }
            other => Self::Other(other.to_owned()),
        }
    }

    /// `Accept`, best first, as `wai` sorts it: by quality, then by how specific the type is.
    pub fn accepted(header: Option<&str>) -> Vec<Self> {
        let Some(header) = header else { return vec![Self::Any] };
        let mut ranked: Vec<(String, i64, u8)> = header
            .split(',')
            .map(|part| {
                let mut quality = 1000;
                let kept: Vec<&str> = part
                    .split(';')
                    .map(str::trim)
                    .filter(|parameter| match parameter.strip_prefix("q=") {
                        Some(value) => {
                            quality = thousandths(value);
                            false
                        }
                        None => true,
                    })
                    .collect();
                let name = kept.join(";");
                let wild = if name.starts_with("*/*") { 2 } else { u8::from(name.contains("/*")) };
                (name, quality, wild)
            })
            .collect();
        ranked.sort_by_key(|(_, quality, wild)| (-quality, *wild));
        ranked.iter().map(|(name, ..)| Self::read(name)).collect()
    }

    /// The name without character set.
    pub fn name(&self) -> String {
        match self {
            Self::Json => "application/json".into(),
            Self::StrippedArray => "application/vnd.pgrst.array+json;nulls=stripped".into(),
            Self::Object { stripped: true } => "application/vnd.pgrst.object+json;nulls=stripped".into(),
            Self::Object { stripped: false } => "application/vnd.pgrst.object+json".into(),
            Self::Csv => "text/csv".into(),
            Self::OpenApi => "application/openapi+json".into(),
            Self::Text => "text/plain".into(),
            Self::Xml => "text/xml".into(),
            Self::Bytes => "application/octet-stream".into(),
            Self::Form => "application/x-www-form-urlencoded".into(),
            Self::GeoJson => "application/geo+json".into(),
            Self::Any => "*/*".into(),
            Self::Plan(format) => {
                let format = if format.is_empty() { "text" } else { format };
                format!("application/vnd.pgrst.plan+{format}; for=\"application/json\"")
            }
            Self::Other(name) => name.clone(),
        }
    }

    /// The value of `Content-Type`.
    pub fn content_type(&self) -> String {
        match self {
            Self::Bytes | Self::Other(_) => self.name(),
            _ => format!("{}; charset=utf-8", self.name()),
        }
    }
}

fn thousandths(text: &str) -> i64 {
    let (whole, part) = text.trim().split_once('.').unwrap_or((text.trim(), ""));
    let digits: String = part.chars().chain("000".chars()).take(3).collect();
    whole.parse::<i64>().unwrap_or(1).saturating_mul(1000).saturating_add(digits.parse::<i64>().unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::Media;

    #[test]
    fn media_types_are_read_and_written() {
        let object = Media::Object { stripped: false };
        assert_eq!(Media::read("application/vnd.pgrst.object+json"), object);
        assert_eq!(object.content_type(), "application/vnd.pgrst.object+json; charset=utf-8");
        assert_eq!(Media::read("text/foo"), Media::Other("text/foo".into()));
    }

    #[test]
    fn accept_is_sorted_by_quality() {
        assert_eq!(Media::accepted(None), [Media::Any]);
        assert_eq!(
            Media::accepted(Some("*/*, text/csv;q=0.5, application/json")),
            [Media::Json, Media::Any, Media::Csv]
        );
    }
}
