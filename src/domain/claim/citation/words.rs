//! The words by which a path is known, and what is said of it.

/// Endings by which a word in code is a file.
pub const ENDINGS: &str = "\
    md mdx markdown json jsonl ndjson log txt yaml yml toml sql ts tsx js mjs cjs jsx sh py rs go rb java kt \
    feature html xml csv tsv png jpg jpeg svg gif webp pdf har zip gz env tap lock prisma css sig pem ipynb";

/// Endings by which a word without a folder, and outside code, is a file; `Node.js` is none.
pub const PLAIN_ENDINGS: &str = "\
    md mdx markdown json jsonl ndjson log txt yaml yml csv html xml pdf har png sh sql";

/// First parts of media types: `application/json` is no path.
pub const MEDIA: &str = "\
    application text image audio video multipart font";

/// Words before a colon by which what follows is evidence.
pub const LABELS: &str = "\
    evidence artifact artifacts artefact artefacts document documents script report proof log logs transcript \
    screenshot output results deliverable";

/// Verbs of what was done.
pub const DONE: &str = "\
    captured stored logged saved recorded exported committed updated created drafted wrote written verified \
    attached published posted added generated produced documented uploaded archived delivered sent ran re-ran \
    confirmed refreshed staged completed collected measured signed forwarded enriched implemented prepared \
    mirrored shown proven";

/// Verbs of what is to be done, at the beginning of a sentence.
pub const TO_DO: &str = "\
    implement write log create add build update keep maintain expose document run deploy make set use follow \
    open put move rename copy place store save generate produce capture attach publish post record draft prepare \
    name configure commit populate replace remove delete ensure once if when execute stage coordinate track \
    monitor provide notify drop grab enable define extend fix";

/// Words of what is not there yet, and verbs of what a program does each time.
pub const NOT_YET: &str = "\
    will planned todo should must shall would could can may expected missing absent never not no draws writes \
    leaves prints makes creates saves stores appends generates produces reads needs expects looks takes removed \
    deleted once if when until awaiting pending after please";

/// Tells whether a list holds a word.
pub fn holds(list: &str, word: &str) -> bool {
    list.split_ascii_whitespace().any(|known| known == word)
}

#[cfg(test)]
mod tests {
    use super::{ENDINGS, PLAIN_ENDINGS, holds};

    #[test]
    fn a_list_holds_its_words_and_no_parts_of_them() {
        assert!(holds(ENDINGS, "md") && holds(ENDINGS, "ipynb") && holds(ENDINGS, "jsx"));
        assert!(!holds(ENDINGS, "m") && !holds(ENDINGS, "md json") && !holds(ENDINGS, ""));
        assert!(PLAIN_ENDINGS.split_ascii_whitespace().all(|ending| holds(ENDINGS, ending)));
    }
}
