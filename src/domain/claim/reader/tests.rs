//! What is read of a text, and that any text can be read.

use proptest::prelude::{any, prop_assert, proptest};

use crate::domain::claim::document::{Claim, Document, What};
use crate::domain::claim::reader::read;
use crate::domain::claim::row::Rows;

fn shown(document: &Document) -> Vec<String> {
    let told = |claim: &Claim| {
        let what = match &claim.what {
            What::Cited { at, .. } => format!("cited {}", at.map_or("undated".to_owned(), |at| at.to_string())),
            What::Counted { figure, rows } => {
                format!("{} of {} {:?}", figure.done, figure.of, rows.as_ref().map(Rows::tally))
            }
            What::Happened(moment) => format!("happened {moment}"),
            other => format!("{other:?}"),
        };
        format!("{}:{} {} {}: {what}", claim.spot.line, claim.spot.column, document.title(claim), claim.said)
    };
    document.claims.iter().map(told).collect()
}

#[test]
fn a_claim_has_its_section_its_time_and_its_rows() {
    let text = "# Log\n\n## 2025-10-10 Refresh (06:26 UTC)\n\n- Captured a (`artifacts/a.log`)\n- 06:34 UTC: captured b (`artifacts/b.log`)\n\n\
                ### Results: 1/2 healthy\n\n- ✅ a\n  - ✅ not a row of its own\n- ❌ b\n\n## Later\n\nEvidence: artifacts/c.log\n";
    assert_eq!(
        shown(&read(text)),
        [
            "3:4 2025-10-10 Refresh (06:26 UTC) 2025-10-10: happened 2025-10-10",
            "5:16 2025-10-10 Refresh (06:26 UTC) artifacts/a.log: cited 2025-10-10T06:26:00Z",
            "6:27 2025-10-10 Refresh (06:26 UTC) artifacts/b.log: cited 2025-10-10T06:34:00Z",
            "8:14 Results: 1/2 healthy 1/2: 1 of 2 Some((1, 0, 1))",
            "16:11 Later artifacts/c.log: cited undated",
        ]
    );
}

#[test]
fn a_text_whose_encoding_was_mistaken_is_read_all_the_same() {
    let document = read("### Tasks: 1/2 done\n\n‚úÖ **a**\n\n\u{f8ff}üü° **b**\n");
    assert_eq!(shown(&document), ["1:12 Tasks: 1/2 done 1/2: 1 of 2 Some((1, 1, 0))"]);
}

proptest! {
    #[test]
    fn any_text_is_read_and_every_claim_stands_in_it(text in any::<String>(), tail in "[-#*|`0-9/%:. a-z✅❌\\[\\]()\n]{0,200}") {
        let text = format!("{text}\n{tail}");
        let document = read(&text);
        let lines: Vec<&str> = text.split('\n').collect();
        for claim in &document.claims {
            let line = lines.get(claim.spot.line - 1);
            prop_assert!(line.is_some_and(|line| claim.spot.column <= line.chars().count() + 1), "{claim:?} in {text:?}");
        }
    }
}
