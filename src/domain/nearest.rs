//! The nearest known word, for every error that says "unknown".

/// Returns the candidate that is most like `word`, if one is alike enough to be worth suggesting.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    candidates
        .into_iter()
        .map(|candidate| (strsim::jaro_winkler(word, candidate), candidate))
        .filter(|(likeness, _)| *likeness >= 0.7)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn a_typo_finds_its_word_and_nonsense_finds_none() {
        let known = ["environments", "integrations", "flags"];
        assert_eq!(nearest("enviroments", known), Some("environments"));
        assert_eq!(nearest("flag", known), Some("flags"));
        assert_eq!(nearest("zzz", known), None);
    }
}
