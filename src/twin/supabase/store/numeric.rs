//! `numeric`: decimal digits kept as written.

use std::cmp::Ordering;
use std::fmt;

/// A decimal number of up to 38 digits; its scale is kept (`1.10` is not `1.1`, but equals it).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Numeric {
    units: i128,
    scale: u32,
}

impl Numeric {
    /// Reads digits with an optional sign, point and exponent; None when it is none or is too long for us.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
        let exponent: i32 = exponent.strip_prefix('+').unwrap_or(exponent).parse().ok()?;
        let (negative, digits) = match mantissa.as_bytes().first()? {
            b'-' => (true, &mantissa[1..]),
            b'+' => (false, &mantissa[1..]),
            _ => (false, mantissa),
        };
        let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
        if (whole.is_empty() && part.is_empty()) || !(whole.bytes().chain(part.bytes())).all(|b| b.is_ascii_digit()) {
            return None;
        }
        let mut units: i128 = format!("{whole}{part}").parse().ok()?;
        let scale = i32::try_from(part.len()).ok()? - exponent;
        if scale < 0 {
            units = units.checked_mul(10_i128.checked_pow(scale.unsigned_abs())?)?;
        }
        let scale = u32::try_from(scale.max(0)).ok().filter(|scale| *scale <= 38)?;
        Some(Self { units: if negative { -units } else { units }, scale })
    }

    pub fn compare(&self, other: &Self) -> Ordering {
        let scale = self.scale.max(other.scale);
        let widen = |number: &Self| number.units.checked_mul(10_i128.checked_pow(scale - number.scale)?);
        match (widen(self), widen(other)) {
            (Some(one), Some(two)) => one.cmp(&two),
            _ => self.to_f64().total_cmp(&other.to_f64()),
        }
    }

    pub fn to_f64(self) -> f64 {
        self.to_string().parse().unwrap_or(f64::NAN)
    }

    /// Rounded half away from zero.
    pub fn round(self) -> Option<i64> {
        let unit = 10_i128.checked_pow(self.scale)?;
        let half = unit / 2 * self.units.signum();
        i64::try_from((self.units + if self.scale == 0 { 0 } else { half }) / unit).ok()
    }
}

impl fmt::Display for Numeric {
    fn fmt(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        let scale = self.scale as usize;
        let digits = format!("{:0>width$}", self.units.unsigned_abs(), width = scale + 1);
        let (whole, part) = digits.split_at(digits.len() - scale);
        let sign = if self.units < 0 { "-" } else { "" };
        if part.is_empty() { write!(formatter, "{sign}{whole}") } else { write!(formatter, "{sign}{whole}.{part}") }
    }
}

#[cfg(test)]
mod tests {
    use std::cmp::Ordering;

    use super::Numeric;

    #[test]
    fn digits_are_kept() {
        for (text, written) in [("1.10", "1.10"), ("-0.5", "-0.5"), (".5", "0.5"), ("1e3", "1000"), ("1.5e-2", "0.015")]
        {
            assert_eq!(Numeric::parse(text).unwrap().to_string(), written);
        }
        for text in ["", ".", "x", "1.2.3", "--1"] {
            assert!(Numeric::parse(text).is_none(), "{text}");
        }
        let number = |text| Numeric::parse(text).unwrap();
        assert_eq!(number("1.10").compare(&number("1.1")), Ordering::Equal);
        assert_eq!(
            (number("2.5").round(), number("-2.5").round(), number("2.4").round()),
            (Some(3), Some(-3), Some(2))
        );
    }
}
