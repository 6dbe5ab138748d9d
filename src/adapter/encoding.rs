//! Bytes to text: UTF-8 without a byte order mark, or the byte where it is something else.

/// Why bytes are not the text that we read.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum NotText {
    #[error("is {encoding} (byte order mark {mark} at byte 0), not UTF-8")]
    OtherEncoding { encoding: &'static str, mark: &'static str },
    #[error("begins with a UTF-8 byte order mark (EF BB BF at byte 0)")]
    ByteOrderMark,
    #[error("holds a NUL at byte {at}: it is binary, or UTF-16 without a byte order mark, not UTF-8")]
    Nul { at: usize, line: usize },
    #[error("holds {byte:#04X} at byte {at}, which no UTF-8 text can hold there: it is probably Latin-1")]
    Invalid { at: usize, line: usize, byte: u8 },
}

impl NotText {
    /// The line of the offending byte, counted from 1.
    pub fn line(&self) -> usize {
        match self {
            Self::OtherEncoding { .. } | Self::ByteOrderMark => 1,
            Self::Nul { line, .. } | Self::Invalid { line, .. } => *line,
        }
    }

    pub fn hint(&self) -> &'static str {
        match self {
            Self::ByteOrderMark => "save the file as UTF-8 without a byte order mark",
            _ => "save the file as UTF-8",
        }
    }
}

const MARKS: [(&[u8], &str, &str); 4] = [
    (&[0xFF, 0xFE, 0, 0], "UTF-32 (little endian)", "FF FE 00 00"),
    (&[0, 0, 0xFE, 0xFF], "UTF-32 (big endian)", "00 00 FE FF"),
    (&[0xFF, 0xFE], "UTF-16 (little endian)", "FF FE"),
    (&[0xFE, 0xFF], "UTF-16 (big endian)", "FE FF"),
];

/// Reads bytes as UTF-8.
pub fn text(bytes: &[u8]) -> Result<&str, NotText> {
    if let Some((_, encoding, mark)) = MARKS.iter().find(|(mark, ..)| bytes.starts_with(mark)) {
        return Err(NotText::OtherEncoding { encoding, mark });
    }
    if bytes.starts_with(&[0xEF, 0xBB, 0xBF]) {
        return Err(NotText::ByteOrderMark);
    }
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let at = error.valid_up_to();
        NotText::Invalid { at, line: line_of(bytes, at), byte: bytes.get(at).copied().unwrap_or_default() }
    })?;
    match text.bytes().position(|byte| byte == 0) {
        Some(at) => Err(NotText::Nul { at, line: line_of(bytes, at) }),
        None => Ok(text),
    }
}

fn line_of(bytes: &[u8], at: usize) -> usize {
    1 + bytes.iter().take(at).filter(|byte| **byte == b'\n').count()
}

#[cfg(test)]
mod tests {
    use super::text;

    #[test]
    fn text_in_another_encoding_says_which_and_where() {
        let utf16: Vec<u8> = "Feature: x\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let with_mark = [&[0xFF, 0xFE][..], &utf16].concat();
        let table: [(&[u8], &str, usize); 5] = [
            (
                b"Feature: caf\xE9\n",
                "holds 0xE9 at byte 12, which no UTF-8 text can hold there: it is probably Latin-1",
                1,
            ),
            (b"ok\n\n\xFF", "holds 0xFF at byte 4, which no UTF-8 text can hold there: it is probably Latin-1", 3),
            (&with_mark, "is UTF-16 (little endian) (byte order mark FF FE at byte 0), not UTF-8", 1),
            (&utf16, "holds a NUL at byte 1: it is binary, or UTF-16 without a byte order mark, not UTF-8", 1),
            (b"\xEF\xBB\xBFFeature: x", "begins with a UTF-8 byte order mark (EF BB BF at byte 0)", 1),
        ];
        for (bytes, message, line) in table {
            let error = text(bytes).unwrap_err();
            assert_eq!(error.to_string(), message);
            assert_eq!(error.line(), line, "{message}");
        }
        assert_eq!(text("Funktionalität: ü\n".as_bytes()), Ok("Funktionalität: ü\n"));
    }
}
