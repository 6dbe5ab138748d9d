//! What documents say against each other.

use std::collections::BTreeMap;

use crate::domain::claim::citation::{Citation, Extent};
use crate::domain::claim::document::What;
use crate::domain::claim::finding::{Code, Finding};
use crate::domain::claim::judge::Subject;

/// Each finding with the index of the document that it is in: the later one of the two.
pub fn judge(subjects: &[Subject]) -> Vec<(usize, Finding)> {
    let mut known: BTreeMap<&str, (Extent, usize, usize)> = BTreeMap::new();
    let mut found = Vec::new();
    for (index, subject) in subjects.iter().enumerate() {
        for claim in &subject.document.claims {
            let What::Cited { citation: Citation { path, extent: Some(extent), .. }, .. } = &claim.what else {
                continue;
            };
            match known.get(path.as_str()) {
                Some((other, at, line)) if *at != index && !other.agrees(*extent) => {
                    let file = subjects.get(*at).map_or("", |subject| subject.file.as_str());
                    let actual = format!("here it has {} lines, in {file}:{line} it has {}", extent.lines, other.lines);
                    found.push((index, subject.finding(Code::ContradictsDocument, claim, actual)));
                }
                Some(_) => {}
                None => drop(known.insert(path, (*extent, index, claim.spot.line))),
            }
        }
    }
    found
}
