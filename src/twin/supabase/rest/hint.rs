//! "Perhaps you meant …": the nearest name as PostgREST finds it.
//!
//! PostgREST uses the `fuzzyset` library: names that share pieces of three letters, or else of two, with the word
//! asked for, ranked by edit distance; nothing is suggested below a likeness of 0.33 (0.75 for tables and functions
//! from PostgREST 14 on).

use std::collections::BTreeMap;

/// The likeness below which nothing is suggested.
pub const LEAST: f64 = 0.33;

/// The names most like `word`, best first.
pub fn nearest<'a>(word: &str, names: impl IntoIterator<Item = &'a str>, least: f64) -> Vec<(f64, &'a str)> {
    let names: Vec<&str> = names.into_iter().collect();
    let asked = word.to_lowercase();
    if let Some(same) = names.iter().find(|name| name.to_lowercase() == asked) {
        return vec![(1.0, same)];
    }
    for size in [3, 2] {
        let pieces = grams(&asked, size);
        let mut found: Vec<(f64, &str)> = names
            .iter()
            .filter(|name| cosine(&pieces, &grams(&name.to_lowercase(), size)) > 0.0)
            .map(|name| (strsim::normalized_levenshtein(&asked, &name.to_lowercase()), *name))
            .filter(|(likeness, _)| *likeness >= least)
            .collect();
        found.sort_by(|one, other| other.0.total_cmp(&one.0));
        if !found.is_empty() {
            return found;
        }
    }
    Vec::new()
}

fn grams(word: &str, size: usize) -> BTreeMap<String, u32> {
    let kept = word.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | ','));
    let letters: Vec<char> = std::iter::once('-').chain(kept).chain(std::iter::once('-')).collect();
    let mut counted = BTreeMap::new();
    for piece in letters.windows(size) {
        *counted.entry(piece.iter().collect()).or_insert(0) += 1;
    }
    counted
}

fn cosine(one: &BTreeMap<String, u32>, other: &BTreeMap<String, u32>) -> f64 {
    one.iter().filter_map(|(piece, count)| other.get(piece).map(|more| f64::from(count * more))).sum()
}

#[cfg(test)]
mod tests {
    use super::{LEAST, nearest};

    #[test]
    fn the_nearest_name_is_found_or_none() {
        let names = ["films", "roles", "actors"];
        let first = |word| nearest(word, names, LEAST).first().map(|(_, name)| *name);
        assert_eq!((first("film"), first("role"), first("noclosealternative")), (Some("films"), Some("roles"), None));
    }
}
