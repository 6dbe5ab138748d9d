//! Ranges of rows: `limit`, `offset`, the `Range` header, and the `Content-Range` that answers them.

/// Rows from `lower` (counted from 0) to `upper`, both included; without end when None.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Range {
    pub lower: i64,
    pub upper: Option<i64>,
}

impl Range {
    pub const ALL: Self = Self { lower: 0, upper: None };
    /// `limit=0`, which asks for no rows and is no error.
    pub const NONE: Self = Self { lower: 0, upper: Some(-1) };

    pub fn limited(limit: i64) -> Self {
        Self { lower: 0, upper: Some(limit.saturating_sub(1)) }
    }

    pub fn from(offset: i64) -> Self {
        Self { lower: offset, upper: None }
    }

    /// At most `limit` rows of this range.
    #[must_use]
    pub fn restricted(self, limit: i64) -> Self {
        self.and(Self { lower: i64::MIN, upper: Some(self.lower.saturating_add(limit).saturating_sub(1)) })
    }

    #[must_use]
    pub fn and(self, other: Self) -> Self {
        let upper = match (self.upper, other.upper) {
            (Some(one), Some(two)) => Some(one.min(two)),
            (one, two) => one.or(two),
        };
        Self { lower: self.lower.max(other.lower), upper }
    }

    pub fn is_empty(self) -> bool {
        self.upper.is_some_and(|upper| upper < self.lower)
    }

    pub fn is_none_asked(self) -> bool {
        self.upper == Some(-1)
    }

    pub fn limit(self) -> Option<i64> {
        self.upper.map(|upper| upper.saturating_sub(self.lower).saturating_add(1))
    }

    /// Cuts a list to this range.
    pub fn cut<T>(self, mut items: Vec<T>) -> Vec<T> {
        let offset = usize::try_from(self.lower.max(0)).unwrap_or(usize::MAX).min(items.len());
        let mut rest = items.split_off(offset);
        if let Some(limit) = self.limit() {
            rest.truncate(usize::try_from(limit.max(0)).unwrap_or(usize::MAX));
        }
        rest
    }
}

/// Reads a `Range` header (`0-24`, `10-`). What is no range is all rows.
pub fn parse_range(text: &str) -> Range {
    let Some((lower, upper)) = text.split_once('-') else { return Range::ALL };
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if lower.is_empty() || !digits(lower) || !digits(upper) {
        return Range::ALL;
    }
    Range { lower: lower.parse().unwrap_or(i64::MAX), upper: upper.parse().ok() }
}

/// `Content-Range`, from the first row, the last row, and the number of all when it was counted.
pub fn content_range(lower: i64, upper: i64, total: Option<i64>) -> String {
    let rows = if total != Some(0) && lower <= upper { format!("{lower}-{upper}") } else { "*".to_owned() };
    match total {
        Some(total) => format!("{rows}/{total}"),
        None => format!("{rows}/*"),
    }
}

/// 200, 206 or 416: whether the rows answered are all, some, or lie past the end.
pub fn range_status(lower: i64, upper: i64, total: Option<i64>) -> u16 {
    match total {
        Some(total) if lower > total => 416,
        Some(total) if 1 + upper - lower < total => 206,
        _ => 200,
    }
}

#[cfg(test)]
mod tests {
    use super::{Range, content_range, parse_range, range_status};

    #[test]
    fn a_range_header_is_read_or_ignored() {
        let all = Range::ALL;
        let cases = [
            ("0-4", Range { lower: 0, upper: Some(4) }),
            ("10-", Range { lower: 10, upper: None }),
            ("items=0-4", all),
            ("x", all),
        ];
        for (text, range) in cases {
            assert_eq!(parse_range(text), range, "{text}");
        }
        assert!(parse_range("4-2").is_empty());
    }

    #[test]
    fn content_ranges_are_written_as_postgrest_writes_them() {
        assert_eq!(content_range(0, 1, Some(30)), "0-1/30");
        assert_eq!(content_range(0, -1, Some(0)), "*/0");
        assert_eq!(content_range(100, 99, None), "*/*");
        assert_eq!((range_status(0, 1, Some(30)), range_status(100, 99, Some(30))), (206, 416));
        assert_eq!(range_status(100, 99, None), 200);
    }

    #[test]
    fn a_list_is_cut() {
        assert_eq!(Range { lower: 1, upper: Some(2) }.cut(vec![1, 2, 3, 4]), [2, 3]);
        assert_eq!(Range::from(3).cut(vec![1, 2, 3, 4]), [4]);
        assert!(Range::NONE.cut(vec![1]).is_empty());
    }
}
